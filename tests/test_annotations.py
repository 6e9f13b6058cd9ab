import json
from pathlib import Path

import pytest

from healthevents.annotations import ROLES, AnnotatedDocument, parse_annotated, read_annotations, role_mentions
from healthevents.schema import Document, DocumentError, parse_record

ANNOTATIONS = Path(__file__).parents[1] / "annotations"

TEXT = "甲科技获乙资本、丙基金1亿元B轮融资。乙资本领投，甲科技称此轮（B轮）用于研发。"


def at(text: str, quote: str, nth: int = 0) -> dict[str, object]:
    start = -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    return {"start": start, "end": start + len(quote), "text": quote}


def funding() -> dict[str, object]:
    return {
        "type": "funding",
        "company": {"name": "甲科技", "mention": at(TEXT, "甲科技"), "mentions": [at(TEXT, "甲科技"), at(TEXT, "甲科技", 1)]},
        "investors": [
            {"name": "乙资本", "mention": at(TEXT, "乙资本", 1), "mentions": [at(TEXT, "乙资本", 1), at(TEXT, "乙资本")], "lead": True},
            {"name": "丙基金", "mention": at(TEXT, "丙基金")},
        ],
        "amount": {"value": "100000000", "currency": "CNY", "mention": at(TEXT, "1亿元")},
        "round": "b",
        "round_mention": at(TEXT, "B轮"),
        "round_mentions": [at(TEXT, "B轮"), at(TEXT, "B轮", 1)],
        "use": {"text": "研发", "mention": at(TEXT, "研发")},
    }


def write(path: Path, *documents: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(document, ensure_ascii=False) for document in documents) + "\n", "utf-8")
    return path


def test_role_mentions_lists_every_mention_in_role_order() -> None:
    record = parse_record(funding(), Document(id="a", text=TEXT))
    assert [(role, mention.start) for role, mention in role_mentions(record)] == [
        ("company", 0), ("company", TEXT.index("甲科技", 1)),
        ("investor", TEXT.index("乙资本", 10)), ("investor", 4), ("investor", 8),
        ("amount", 11), ("round", 14), ("round", TEXT.index("B轮", 15)),
        ("use", TEXT.index("研发")),
    ]  # fmt: skip


def test_ids_and_doc_ids_are_filled_where_absent() -> None:
    document = parse_annotated(
        {"id": "a", "text": TEXT, "genre": "wire", "records": [funding(), {**funding(), "id": "own"}], "clusters": [[at(TEXT, "甲科技")]]}
    )
    assert [(record.id, record.doc_id) for record in document.records] == [("a:0", "a"), ("own", "a")]
    assert document.genre == "wire"
    assert document.clusters[0][0].text == "甲科技"


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (
            {"records": [{**funding(), "company": {"name": "甲", "mention": {"start": 1, "end": 2, "text": "甲"}}}]},
            ["gold.jsonl:1", "'a'", "company.mention", "'科'"],
        ),
        ({"records": [{**funding(), "round": "zz"}]}, ["gold.jsonl:1", "'a'", "'a:0'", "round"]),
        ({"records": "none"}, ["gold.jsonl:1", "'a'", "records: must be a list"]),
        ({"clusters": [[{"start": 0, "end": 1, "text": "x"}]]}, ["gold.jsonl:1", "'a'", "clusters"]),
        ({"text": None}, ["gold.jsonl:1", "'a'", "text"]),
    ],
)
def test_errors_name_file_line_document_and_field(tmp_path: Path, change: dict[str, object], parts: list[str]) -> None:
    path = write(tmp_path / "gold.jsonl", {"id": "a", "text": TEXT, "records": [], **change})
    with pytest.raises(DocumentError) as caught:
        list(read_annotations(path))
    for part in parts:
        assert part in str(caught.value)


def test_a_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    for line, message in [("{", "not JSON"), ("[]", "must be a JSON object, is list")]:
        path.write_text('\n{"id": "a", "text": "b"}\n' + line, "utf-8")
        with pytest.raises(DocumentError, match=f"gold.jsonl:3: {message}"):
            list(read_annotations(path))


def test_a_split_is_read_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", *({"id": name, "text": "x"} for name in "abc"))
    splits = tmp_path / "splits.json"
    splits.write_text('{"train": ["c", "a"], "test": ["b"]}', "utf-8")
    assert [document.id for document in read_annotations(path)] == ["a", "b", "c"]
    assert [document.id for document in read_annotations(path, splits=splits, split="train")] == ["a", "c"]
    with pytest.raises(DocumentError, match="no split 'dev', only train, test"):
        list(read_annotations(path, splits=splits, split="dev"))
    with pytest.raises(ValueError, match="together"):
        list(read_annotations(path, split="train"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("split", ["train", "dev"])
def test_every_annotated_mention_has_a_known_role(lang: str, split: str) -> None:
    documents: list[AnnotatedDocument] = list(read_annotations(ANNOTATIONS / f"{lang}.jsonl", splits=ANNOTATIONS / "splits.json", split=split))
    assert documents
    for document in documents:
        for record in document.records:
            roles = [role for role, _ in role_mentions(record)]
            assert set(roles) <= set(ROLES[record.type])
            assert roles == sorted(roles, key=ROLES[record.type].index)
