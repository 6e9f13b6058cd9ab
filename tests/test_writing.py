"""Writing: whole or not at all."""

import json
import os
import resource
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from healthevents.documents import Rejected
from healthevents.schema import AnyRecord, Entity, Funding, Mention, Money, parse_record
from healthevents.writing import RecordWriter, record_line, sidecar_of

TEXT = "甲科技完成3亿元\u2028B轮融资🩺"
RECORD: AnyRecord = Funding(
    id="1",
    doc_id="a",
    company=Entity(name="甲科技", mention=Mention.of(TEXT, 0, 3)),
    amount=Money(value=Decimal("300000000.50"), currency="CNY", mention=Mention.of(TEXT, 5, 8)),
    evidence=(Mention.of(TEXT, 0, len(TEXT)),),
)
REJECTED = Rejected(file="a.txt", reason="it has no text")


def test_a_line_is_one_line_and_reads_back_equal() -> None:
    line = record_line(RECORD)
    assert "\n" not in line
    assert "甲科技" in line
    assert '"in":"text"' in line
    assert '"value":"300000000.5"' in line
    assert parse_record(json.loads(line)) == RECORD


def test_records_and_rejected_inputs_appear_when_the_work_is_done(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with RecordWriter(out) as writer:
        writer.write([RECORD, RECORD])
        writer.reject(REJECTED)
        assert not out.exists()
    assert out.read_text("utf-8") == 2 * (record_line(RECORD) + "\n")
    assert json.loads((tmp_path / "out.rejected.jsonl").read_text("utf-8")) == {"file": "a.txt", "line": None, "id": None, "reason": "it has no text"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.rejected.jsonl"]


def test_no_sidecar_without_rejected_inputs_and_an_old_one_goes(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    sidecar_of(out).write_text("of an earlier run", encoding="utf-8")
    with RecordWriter(out):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert out.read_bytes() == b""


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_after_an_error_all_is_as_before(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("earlier", encoding="utf-8")
    sidecar_of(out).write_text("earlier", encoding="utf-8")

    def fail() -> None:
        with RecordWriter(out) as writer:
            writer.write([RECORD])
            writer.reject(REJECTED)
            raise error

    with pytest.raises(error):
        fail()
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"out.jsonl": "earlier", "out.rejected.jsonl": "earlier"}


@pytest.mark.parametrize(("out", "words"), [("no/such/out.jsonl", "does not exist: make it first"), (".", "is a folder")])
def test_an_output_that_cannot_be_written_is_found_at_once(tmp_path: Path, out: str, words: str) -> None:
    with pytest.raises(OSError, match=words):
        RecordWriter(tmp_path / out)


def test_a_link_stays_a_link_and_modes_follow_the_umask(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to(tmp_path / "real" / "out.jsonl")
    mask = os.umask(0o022)
    try:
        with RecordWriter(link) as writer:
            writer.write([RECORD])
    finally:
        os.umask(mask)
    assert link.is_symlink()
    assert stat.S_IMODE((tmp_path / "real" / "out.jsonl").stat().st_mode) == 0o644


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    code = """
import sys
from healthevents.writing import RecordWriter
from tests.test_writing import RECORD
try:
    with RecordWriter(sys.argv[1]) as writer:
        writer.write([RECORD] * 1000)
except OSError as error:
    print(type(error).__name__)
"""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    run = subprocess.run(
        [sys.executable, "-B", "-c", code, str(tmp_path / "out.jsonl")],
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert run.stdout.strip() == "OSError", run.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("out", "sidecar"), [("out.jsonl", "out.rejected.jsonl"), ("a/out", "a/out.rejected.jsonl"), ("events.2021.jsonl", "events.2021.rejected.jsonl")]
)
def test_the_sidecar_stands_beside_the_output(out: str, sidecar: str) -> None:
    assert sidecar_of(out) == Path(sidecar)
