"""Documents in, records out: order, memory, the arguments of `extract`, and the bundled model on news of our own."""

import datetime as dt
import pickle
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import healthevents
from healthevents import extraction
from healthevents.annotations import role_mentions
from healthevents.backends import ModelError
from healthevents.extraction import BUNDLED_MODEL, Extractor
from healthevents.schema import RECORD_TYPES, AnyRecord, Document, parse_record

needs_model = pytest.mark.skipif(not (BUNDLED_MODEL / "model.onnx").is_file(), reason="the bundled model (src/healthevents/model) is not here yet")


def check(document: Document, records: list[AnyRecord]) -> None:
    """Assert what holds of the records of any document."""
    assert len({record.id for record in records}) == len(records)
    for record in records:
        assert record.doc_id == document.id
        for mention in (*record.evidence, *(mention for _, mention in role_mentions(record))):
            assert document.part(mention.in_)[mention.start : mention.end] == mention.text
        assert parse_record(record.model_dump(mode="json"), document) == record


def stated(records: list[AnyRecord]) -> list[dict[str, Any]]:
    """Return all but the confidence, whose last digits depend on how sums are taken."""
    return [record.model_dump(exclude={"confidence"}) for record in records]


@pytest.fixture(scope="module")
def extractor(onnx_folder: Path) -> Extractor:
    return Extractor(onnx_folder, threads=1)


def test_the_tiny_model_gives_records(extractor: Extractor, tiny_documents: list[Document]) -> None:
    found = dict(zip((document.id for document in tiny_documents), (extractor.extract(document) for document in tiny_documents), strict=True))
    for document in tiny_documents:
        check(document, found[document.id])
    assert {record.type for records in found.values() for record in records} >= {"funding", "partnership", "metric"}


def test_stream_gives_each_document_with_its_records_in_order(extractor: Extractor, tiny_documents: list[Document]) -> None:
    streamed = list(extractor.stream(tiny_documents))
    assert [document for document, _ in streamed] == tiny_documents
    assert [[record.id for record in records] for _, records in streamed] == [
        [record.id for record in extractor.extract(document)] for document in tiny_documents
    ]


def test_stream_reads_nothing_ahead(extractor: Extractor, tiny_documents: list[Document]) -> None:
    read = 0

    def endless() -> Iterator[Document]:
        nonlocal read
        while True:
            read += 1
            yield tiny_documents[read % len(tiny_documents)].model_copy(update={"id": str(read)})

    stream = extractor.stream(endless())
    assert read == 0
    for number in range(1, 20):
        document, _ = next(stream)
        assert document.id == str(number) == str(read)


def test_one_document_twice_in_a_row_comes_twice(extractor: Extractor, tiny_documents: list[Document]) -> None:
    streamed = list(extractor.stream([tiny_documents[0], tiny_documents[0]]))
    assert len(streamed) == 2
    assert stated(streamed[0][1]) == stated(streamed[1][1])


def test_a_book_comes_as_one_document(extractor: Extractor, monkeypatch: pytest.MonkeyPatch, tiny_documents: list[Document]) -> None:
    from healthevents import tagging

    monkeypatch.setattr(tagging, "SECTION_TOKENS", 300)
    body = next(document.text for document in tiny_documents if document.id == "zh-t02")
    book = Document(id="book", text=f"{body}\n" * 20)
    streamed = list(extractor.stream([tiny_documents[0], book, tiny_documents[1]]))
    assert [document.id for document, _ in streamed] == [tiny_documents[0].id, "book", tiny_documents[1].id]
    check(book, streamed[1][1])


def test_both_backends_give_the_same_records(extractor: Extractor, checkpoint: Path, tiny_documents: list[Document]) -> None:
    fresh = Extractor(checkpoint, backend="torch", threads=1)
    for document in tiny_documents:
        exact, trained = extractor.extract(document), fresh.extract(document)
        assert stated(exact) == stated(trained)


@pytest.mark.parametrize("text", ["", " \n", "\x00", "😀", "。"])
def test_next_to_nothing_gives_nothing_that_is_wrong(extractor: Extractor, text: str) -> None:
    document = Document(id="d", text=text)
    check(document, extractor.extract(document))


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"labels\.json"):
        Extractor(tmp_path)


# ---- threads, other processes, closing ----


def test_threads_share_an_extractor(extractor: Extractor, tiny_documents: list[Document]) -> None:
    alone = list(extractor.stream(tiny_documents))
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda _: list(extractor.stream(tiny_documents)), range(8)))
    assert all(found == alone for found in together)


def test_two_streams_of_one_extractor_do_not_mix(extractor: Extractor, tiny_documents: list[Document]) -> None:
    alone = list(extractor.stream(tiny_documents))
    pairs = list(zip(extractor.stream(tiny_documents), extractor.stream(tiny_documents), strict=True))
    assert [first for first, _ in pairs] == [second for _, second in pairs] == alone


def test_the_bundled_model_is_loaded_once_by_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Slow:
        def __init__(self) -> None:
            time.sleep(0.05)
            made.append(self)

        def extract(self, document: Document) -> list[AnyRecord]:
            return []

    monkeypatch.setattr(extraction, "Extractor", Slow)
    extraction._load_bundled.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(healthevents.extract, ["a"] * 8))
    extraction._load_bundled.cache_clear()
    assert len(made) == 1


def test_a_pickled_extractor_extracts_the_same(onnx_folder: Path, tiny_documents: list[Document]) -> None:
    extractor = Extractor(onnx_folder, threads=1, least_confidence=0.5)
    data = pickle.dumps(extractor)
    assert len(data) < 1000
    assert list(pickle.loads(data).stream(tiny_documents)) == list(extractor.stream(tiny_documents))


def test_a_closed_extractor_says_so(onnx_folder: Path, tiny_documents: list[Document]) -> None:
    with Extractor(onnx_folder, threads=1) as extractor:
        begun = extractor.stream(tiny_documents)
        first = next(begun)
    assert [first, *begun] == list(Extractor(onnx_folder, threads=1).stream(tiny_documents))
    for use in (lambda: extractor.extract(tiny_documents[0]), lambda: list(extractor.stream([])), lambda: pickle.dumps(extractor)):
        with pytest.raises(ValueError, match="this extractor is closed"):
            use()
    extractor.close()


def test_closing_frees_the_model(onnx_folder: Path) -> None:
    extractor = Extractor(onnx_folder, threads=1)
    tagger = weakref.ref(extractor.tagger)
    extractor.close()
    assert tagger() is None


# ---- the function ----


@pytest.fixture
def bundled(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """Puts the tiny model in the bundled one's place and collects the documents that reach it."""
    seen: list[Document] = []

    class Recorder:
        def extract(self, document: Document) -> list[AnyRecord]:
            seen.append(document)
            return extractor.extract(document)

    monkeypatch.setattr(extraction, "_bundled", Recorder)
    return seen


def test_extract_takes_a_text(bundled: list[Document]) -> None:
    records = healthevents.extract("松萤医疗完成2亿元B轮融资", published="2021-03-05", title="快讯")
    (document,) = bundled
    assert (document.published, document.title, document.lang) == (dt.date(2021, 3, 5), "快讯", "zh")
    check(document, records)


def test_extract_takes_a_document_as_it_is(bundled: list[Document]) -> None:
    document = Document(id="mine", text="松萤医疗完成2亿元B轮融资")
    check(document, healthevents.extract(document))
    assert bundled == [document]


def test_extract_finds_the_publication_date_in_the_text(bundled: list[Document]) -> None:
    healthevents.extract("发布时间:2018-11-05 16:20:53\n松萤医疗完成融资")
    healthevents.extract("Brackenmoor raises $25 million", published=dt.date(2020, 1, 2), lang="en")
    assert [(document.published, document.lang) for document in bundled] == [(dt.date(2018, 11, 5), "zh"), (dt.date(2020, 1, 2), "en")]


def test_a_wrong_publication_date_is_an_error(bundled: list[Document]) -> None:
    with pytest.raises(ValueError, match="last week"):
        healthevents.extract("松萤医疗完成融资", published="last week")
    assert bundled == []


# ---- the bundled model ----

NEWS = [
    Document(
        id="zh",
        text="橡溪医疗完成1.2亿元B轮融资，由北岸资本领投，湖心创投跟投。\n橡溪医疗成立于2016年，主营便携式呼吸机。该公司表示，资金将用于扩建无锡工厂。"
        "截至2020年底，橡溪医疗的产品已进入600多家医院，全年收入3.4亿元，同比增长27%。",
        published=dt.date(2021, 6, 8),
    ),
    Document(
        id="en",
        text="Hazelmere Bio and Quillstone Hospital said on Monday that they had signed a strategic partnership on gene-therapy trials. "
        "Hazelmere also launched HazelScan 2, an imaging platform 🩻, which is used by more than 40 clinics.",
        published=dt.date(2022, 5, 10),
    ),
    Document(id="mixed", text="😀　 Ｈａｚｅｌｍｅｒｅ　Ｂｉｏ完成 3 亿元 C 轮融资👨‍👩‍👧！\r\n\r\n——转载请注明出处——", published=dt.date(2022, 5, 10)),
    Document(id="opinion", text="看病为什么还是这么难？这不是一篇讲融资的文章。"),
    Document(id="empty", text=""),
]


@pytest.fixture(scope="module")
def shipped() -> Extractor:
    return Extractor(threads=1)


@needs_model
def test_the_bundled_model_gives_exact_valid_records(shipped: Extractor) -> None:
    found = {document.id: (document, records) for document, records in shipped.stream(NEWS)}
    for document, records in found.values():
        check(document, records)
    assert found["empty"][1] == []
    types = {record.type for _, records in found.values() for record in records}
    assert types == set(RECORD_TYPES)
    deals = [record for record in found["zh"][1] if record.type == "funding"]
    assert [(deal.company.name, deal.amount and deal.amount.value, deal.round) for deal in deals] == [("橡溪医疗", 120_000_000, "b")]


@needs_model
def test_the_bundled_model_says_the_same_again(shipped: Extractor) -> None:
    first = [records for _, records in shipped.stream(NEWS)]
    assert first == [records for _, records in shipped.stream(NEWS)]
    assert first == [records for _, records in Extractor(threads=1).stream(NEWS)]


# A run of the command line over NEWS, each document many times, with the bundled model.
RUN = """
import sys
from healthevents import cli, runs
if __name__ == "__main__":
    runs.CHECKPOINT_SECONDS = 0.05
    sys.exit(cli.main(["extract", *sys.argv[1:], "-q"]))
"""


@needs_model
def test_the_bundled_model_in_a_killed_run_and_in_workers_makes_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(RUN, encoding="utf-8")
    rows = [document.model_copy(update={"id": f"{document.id}{n}"}).model_dump_json() for n in range(6) for document in NEWS]
    (tmp_path / "in.jsonl").write_text("\n".join(rows), encoding="utf-8")

    def start(*options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "run.py", "in.jsonl", *options], cwd=tmp_path)

    assert start("-o", "whole.jsonl", "--threads", "1").wait(300) == 3  # one document has no text
    killed = start("-o", "out.jsonl")
    while not (tmp_path / ".out.jsonl.run" / "checkpoint.json").exists():
        assert killed.poll() is None
        time.sleep(0.001)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert start("-o", "out.jsonl", "--resume").wait(300) == 3
    assert start("-o", "workers.jsonl", "--workers", "2").wait(300) == 3
    for name in ("out", "workers"):
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
        assert (tmp_path / f"{name}.rejected.jsonl").read_bytes() == (tmp_path / "whole.rejected.jsonl").read_bytes()
