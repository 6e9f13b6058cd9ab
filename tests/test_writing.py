"""Lines, and files that appear whole or not at all."""

import io
import json
import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from healthevents.documents import Located, Rejected
from healthevents.schema import AnyRecord, Document, Entity, Funding, Mention, Money, parse_record
from healthevents.writing import LineWriter, aside, document_line, record_line, remove_leftovers, sidecar_of

TEXT = "甲科技完成3亿元\u2028B轮融资🩺"
RECORD: AnyRecord = Funding(
    id="1",
    doc_id="a",
    company=Entity(name="甲科技", mention=Mention.of(TEXT, 0, 3)),
    amount=Money(value=Decimal("300000000.50"), currency="CNY", mention=Mention.of(TEXT, 5, 8)),
    evidence=(Mention.of(TEXT, 0, len(TEXT)),),
)
DOCUMENT = Located(Document(id="a", text=TEXT, title="标题", published="2021-03-05", lang="zh"), "news/a.jsonl", 3)  # type: ignore[arg-type]


def test_a_line_is_one_line_and_reads_back_equal() -> None:
    line = record_line(RECORD)
    assert "\n" not in line
    assert "甲科技" in line
    assert '"in":"text"' in line
    assert '"value":"300000000.5"' in line
    assert parse_record(json.loads(line)) == RECORD


def test_a_documents_line_has_all_but_its_text() -> None:
    assert json.loads(document_line(DOCUMENT, 2)) == {
        "id": "a", "title": "标题", "published": "2021-03-05", "lang": "zh", "source": None,
        "characters": len(TEXT), "file": "news/a.jsonl", "line": 3, "records": 2,
    }  # fmt: skip


def test_a_stream_gets_the_records_and_counts_the_rest() -> None:
    stream = io.StringIO()
    writer = LineWriter(stream)
    assert list(writer.remaining([DOCUMENT])) == [DOCUMENT]
    writer.write(DOCUMENT, [RECORD, RECORD])
    writer.reject(Rejected(file="a.txt", reason="it has no text"))
    assert stream.getvalue() == 2 * (record_line(RECORD) + "\n")
    assert (writer.documents, writer.records, writer.rejected) == (1, 2, 1)


def test_a_file_written_aside_appears_at_the_end(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    mask = os.umask(0o022)
    try:
        with aside(out) as path:
            path.write_text("new", encoding="utf-8")
            assert not out.exists()
            assert path.parent == tmp_path
    finally:
        os.umask(mask)
    assert out.read_text("utf-8") == "new"
    assert stat.S_IMODE(out.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_after_an_error_the_file_is_as_before(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "out.csv"
    out.write_text("earlier", encoding="utf-8")

    def fail() -> None:
        with aside(out) as path:
            path.write_text("new", encoding="utf-8")
            raise error

    with pytest.raises(error):
        fail()
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"out.csv": "earlier"}


def test_leftovers_of_killed_processes_go_and_nothing_else(tmp_path: Path) -> None:
    stay = {"out.csv", ".out.csv.x.part", ".out.csv.12.part.txt", ".other.csv.12.part"}
    for name in stay | {".out.csv.12.part", ".out.csv.345.part.wal"}:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "out.csv")
    assert {path.name for path in tmp_path.iterdir()} == stay


@pytest.mark.parametrize(
    ("out", "sidecar"), [("out.jsonl", "out.rejected.jsonl"), ("a/out", "a/out.rejected.jsonl"), ("events.2021.jsonl", "events.2021.rejected.jsonl")]
)
def test_the_sidecar_stands_beside_the_output(out: str, sidecar: str) -> None:
    assert sidecar_of(out) == Path(sidecar)
