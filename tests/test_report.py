"""The page of records, and the commands `merge` and `report`: nothing loaded, everything escaped, evidence marked, errors by file and line."""

import io
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.cli import main
from healthevents.merging import merge
from healthevents.report import report
from healthevents.schema import AnyRecord, parse_record

TEXT = "甲科技完成3亿元B轮融资，由乙资本领投。"


def at(text: str, source: str = TEXT) -> dict[str, Any]:
    start = source.index(text)
    return {"start": start, "end": start + len(text), "text": text}


def deal(doc_id: str = "a1", **more: Any) -> dict[str, Any]:
    return {
        "type": "funding", "id": f"{doc_id}:0", "doc_id": doc_id, "confidence": 0.94, "company": {"name": "甲科技", "mention": at("甲科技")},
        "investors": [{"name": "乙资本", "lead": True, "mention": at("乙资本")}],
        "amount": {"value": "300000000", "modifier": "exact", "currency": "CNY", "mention": at("3亿元")}, "round": "b", "round_mention": at("B轮"),
        "evidence": [at(TEXT)], **more,
    }  # fmt: skip


def metric(name: str, doc_id: str = "a1", **more: Any) -> dict[str, Any]:
    said = {"start": 0, "end": len(name), "text": name}
    value = {"value": "5", "unit": "家", "mention": {"start": 0, "end": 1, "text": "5"}}
    return {
        "type": "metric",
        "id": f"{doc_id}:1",
        "doc_id": doc_id,
        "subject": {"name": name, "mention": said},
        "name": {"text": name, "mention": said},
        "value": value,
        **more,
    }


def partnership() -> dict[str, Any]:
    parties = [{"name": name, "mention": at(name)} for name in ("甲科技", "乙资本")]
    return {"type": "partnership", "id": "p", "doc_id": "a2", "parties": parties, "kind": "joint_venture", "status": "planned", "evidence": [at(TEXT)]}


def launch() -> dict[str, Any]:
    return {"type": "product_launch", "id": "l", "doc_id": "a3", "product": {"name": "甲科技", "mention": at("甲科技")}, "action": "approved"}


def records(*wires: dict[str, Any]) -> list[AnyRecord]:
    return [parse_record(wire) for wire in wires]


class Page(HTMLParser):
    """What a browser finds in a page: its tags with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.marks: list[str] = []
        self.said = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.said += data
            if self.open[-1] == "mark":
                self.marks.append(data)

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


def test_the_page_shows_every_type_with_its_counts_and_marks_the_mentions() -> None:
    page = Page(report(records(deal(), partnership(), launch(), metric("医院"))))
    for words in (
        "4 records of 3 documents",
        "Deals",
        "Partnerships",
        "Launches",
        "Figures",
        "300M CNY",
        "乙资本 (lead)",
        "甲科技 + 乙资本",
        "joint venture",
        "0.94",
    ):
        assert words in page.said
    assert TEXT in page.said
    assert page.marks[:4] == ["甲科技", "3亿元", "B轮", "乙资本"]
    assert page.open == []
    assert page.count("tbody") == 4
    assert {attributes["data-doc"] for tag, attributes in page.tags if tag == "a" and "data-doc" in attributes} == {"a1", "a2", "a3"}


def test_the_page_loads_nothing() -> None:
    text = report(records(deal()))
    page = Page(text)
    assert not [tag for tag, _ in page.tags if tag in ("link", "img", "iframe", "object", "base")]
    assert not [attributes for _, attributes in page.tags if "src" in attributes]
    assert all(str(attributes["href"]).startswith("#") for _, attributes in page.tags if "href" in attributes)
    assert "default-src 'none'" in text
    assert "http:" not in text
    assert "https:" not in text


HOSTILE = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>', "' onclick='x", "$title", "&lt;", "\x00"]
)


@given(HOSTILE, HOSTILE)
def test_nothing_of_a_record_is_read_as_markup(name: str, doc_id: str) -> None:
    plain = Page(report(records(metric("x", doc_id="y"))))
    page = Page(report(records(metric(name, doc_id=doc_id)), title=name))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_a_merged_record_quotes_each_source() -> None:
    page = Page(report(merge(records(deal("a1"), deal("a2")))))
    assert "1 record of 2 documents" in page.said
    assert "2 sources" in page.said
    assert page.said.count(TEXT) == 2


def test_of_many_records_the_latest_are_shown_and_all_are_counted() -> None:
    dates = [{"start": f"20{n:02}-01-01", "end": f"20{n:02}-12-31", "precision": "year", "mention": at("完成")} for n in range(10, 20)]
    page = Page(report(records(*(deal(f"a{n}", date=date) for n, date in enumerate(dates))), most=3))
    assert "The 3 latest of 10 are shown" in page.said
    assert page.count("tbody") == 3
    assert [year for year in range(2010, 2020) if str(year) in page.said] == [2017, 2018, 2019]
    assert page.said.index("2019") < page.said.index("2018")


def test_no_records_give_a_page_that_says_so() -> None:
    assert "There are no records." in Page(report([])).said


# ---- the commands ----


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "out.jsonl"
    path.write_text("".join(record.model_dump_json() + "\n" for record in records(deal("a1"), deal("a2"), metric("医院"))), encoding="utf-8")
    return path


def test_merge_writes_one_record_for_each_event(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    merged, again = tmp_path / "merged.jsonl", tmp_path / "again.jsonl"
    assert main(["merge", str(out), "-o", str(merged)]) == 0
    assert capsys.readouterr().err == "3 records joined to 2, of which 1 has several sources\n"
    lines = [json.loads(line) for line in merged.read_text("utf-8").splitlines()]
    assert [len(line.get("sources", ())) for line in lines] == [2, 0]
    assert main(["merge", str(merged), str(out), "-o", str(again), "-q"]) == 0
    assert again.read_bytes() == merged.read_bytes()
    assert capsys.readouterr().err == ""


def test_merge_reads_standard_input_and_writes_standard_output(out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.read_bytes())))
    assert main(["merge", "-"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_merge_takes_publication_dates(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = tmp_path / "documents.jsonl"
    documents.write_text('{"id": "a1", "published": "2021-03-05"}\n{"id": "a2"}\n', encoding="utf-8")
    assert main(["merge", str(out), "--published", str(documents), "-o", str(tmp_path / "m.jsonl")]) == 0
    documents.write_text('{"id": "a1", "published": "March"}\n', encoding="utf-8")
    assert main(["merge", str(out), "--published", str(documents)]) == 1
    assert "documents.jsonl, line 1: published: 'March' is no date" in capsys.readouterr().err


BROKEN = {
    "no JSON": (b"{", "line 2: is not JSON"),
    "no object": (b"[]", "line 2: must be a JSON object, is list"),
    "no record": (b'{"id": "a"}', "line 2: is no record"),
    "a field": (b'{"type": "funding", "doc_id": "a9"}', "line 2: document 'a9', record 'funding': funding.company: Field required"),
    "encoding": ("{'名'}".encode("gbk"), "line 2: is not UTF-8"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("command", ["merge", "report"])
def test_a_line_that_is_no_record_is_named(case: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line, message = BROKEN[case]
    path, made = tmp_path / "bad.jsonl", tmp_path / "made"
    path.write_bytes(json.dumps(deal()).encode() + b"\n" + line + b"\n")
    assert main([command, str(path), "-o", str(made)]) == 1
    error = capsys.readouterr().err
    assert f"{path}, {message}" in error
    assert not made.exists()


@pytest.mark.parametrize("command", ["merge", "report"])
def test_outputs_and_inputs_that_cannot_be(command: str, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, str(out), "-o", str(tmp_path)]) == 1
    assert main([command, str(out), "-o", str(tmp_path / "no" / "x")]) == 1
    assert main([command, str(tmp_path / "none.jsonl")]) == 1
    error = capsys.readouterr().err
    for words in ("it is a folder", "does not exist", "cannot read the records: No such file or directory"):
        assert words in error
    with pytest.raises(SystemExit) as stopped:
        main([command])
    assert stopped.value.code == 2


def test_report_writes_the_page(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    assert main(["report", str(out), "-o", str(page), "--title", "Deals & more", "--most", "1"]) == 0
    assert "MB in" in capsys.readouterr().err
    text = page.read_text("utf-8")
    assert "<title>Deals &amp; more</title>" in text
    assert "The 1 latest of 2 are shown" in text
