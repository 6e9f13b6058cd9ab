"""Extraction in several processes: same results, same order, nothing lost when a process dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healthevents.batch import extract_all
from healthevents.cli import main
from healthevents.documents import Found, Located, Rejected
from healthevents.schema import Document
from healthevents.workers import WorkerError, Workers
from tests.extractors import TEXT, DeadlyExtractor, FakeExtractor, StillbornExtractor, use

ROOT = Path(__file__).parents[1]


def found(*texts: str | None) -> list[Found]:
    return [
        Rejected(file="f", line=n, reason="unreadable") if text is None else Located(Document(id=str(n), text=text), "f", n) for n, text in enumerate(texts)
    ]


def test_workers_give_what_one_process_gives() -> None:
    inputs = found(*(None if n % 11 == 5 else "raise" if n % 7 == 3 else f"{TEXT}{'。' * (9000 if n % 13 == 0 else n % 50)}" for n in range(150)))
    with Workers(FakeExtractor, 2) as workers:
        assert list(workers.extract_all(inputs)) == list(extract_all(FakeExtractor(), inputs))
        # They stay for more, and for nothing.
        assert list(workers.extract_all(inputs[:3])) == list(extract_all(FakeExtractor(), inputs[:3]))
        assert list(workers.extract_all([])) == []
        assert list(workers.extract_all(found(None, None))) == found(None, None)


def test_no_more_is_read_than_keeps_the_workers_busy() -> None:
    read = 0

    def endless() -> Iterator[Found]:
        nonlocal read
        while True:
            yield Located(Document(id=str(read), text=TEXT), "f", read)
            read += 1

    with Workers(FakeExtractor, 2) as workers:
        outcomes = workers.extract_all(endless())
        for n in range(300):
            outcome = next(outcomes)
            assert isinstance(outcome, tuple)
            assert outcome[0].document.id == str(n)
            assert read - n < 200


def test_an_error_of_the_reader_comes_through() -> None:
    def broken() -> Iterator[Found]:
        yield from found(TEXT)
        raise OSError("gone")

    with Workers(FakeExtractor, 1) as workers, pytest.raises(OSError, match="gone"):
        list(workers.extract_all(broken()))


def test_a_worker_that_dies_loses_only_the_document_that_kills_it() -> None:
    texts = [TEXT, TEXT, "kill", TEXT, TEXT, TEXT, "exit", None, TEXT, TEXT]
    with Workers(DeadlyExtractor, 2) as workers:
        outcomes = list(workers.extract_all(found(*texts)))
    assert len(outcomes) == len(texts)
    for n, (text, outcome) in enumerate(zip(texts, outcomes, strict=True)):
        if text == TEXT:
            assert isinstance(outcome, tuple)
            assert (outcome[0].document.id, [record.doc_id for record in outcome[1]]) == (str(n), [str(n)])
        else:
            assert isinstance(outcome, Rejected)
            assert outcome.line == n
    reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, Rejected)]
    assert "died (SIGKILL, as happens when memory runs out)" in reasons[0]
    assert "died (exit status 7)" in reasons[1]
    assert reasons[2] == "unreadable"


def test_a_model_that_cannot_be_loaded_is_said_at_once() -> None:
    with pytest.raises(WorkerError, match=r"died while it loaded the model \(SIGKILL.*use fewer workers"), Workers(StillbornExtractor, 2):
        pass


@pytest.fixture
def one_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in [TEXT, "raise", TEXT, "kill", *[TEXT] * 20]), encoding="utf-8")
    return tmp_path


def test_the_command_line_with_workers(one_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    use(monkeypatch, DeadlyExtractor)
    assert main(["extract", "in.jsonl", "-o", "out.jsonl", "--workers", "2"]) == 3
    assert [json.loads(line)["doc_id"] for line in Path("out.jsonl").read_bytes().splitlines()] == [f"in.jsonl:{n}" for n in (1, 3, *range(5, 25))]
    rejected = [json.loads(line) for line in Path("out.rejected.jsonl").read_bytes().splitlines()]
    assert [(row["file"], row["line"], row["id"]) for row in rejected] == [("in.jsonl", 2, "in.jsonl:2"), ("in.jsonl", 4, "in.jsonl:4")]
    assert "22 records from 22 documents in out.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extractor", "options", "words"),
    [(FakeExtractor, ["--model", "no/model"], "cannot load the model no/model: No such file"), (StillbornExtractor, [], "died while it loaded the model")],
)
def test_the_command_line_says_why_workers_cannot_start(
    one_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], extractor: type, options: list[str], words: str
) -> None:
    use(monkeypatch, extractor)
    assert main(["extract", "in.jsonl", "-o", "out.jsonl", "--workers", "1", *options]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert [path.name for path in one_file.iterdir()] == ["in.jsonl"]


def is_alive(process: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


RUN = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
if __name__ == "__main__":
    import pytest
    from healthevents import cli, runs
    from tests.extractors import SlowExtractor, use
    use(pytest.MonkeyPatch(), SlowExtractor)
    runs.CHECKPOINT_SECONDS = 0.01
    sys.exit(cli.main(["extract", "in.jsonl", "-o", *sys.argv[1:]]))
"""


def start(folder: Path, *arguments: str, documents: int = 1000) -> subprocess.Popen[bytes]:
    """Start a run over many documents in a process of its own."""
    (folder / "run.py").write_text(RUN, encoding="utf-8")
    (folder / "in.jsonl").write_text("".join(json.dumps({"text": f"{TEXT}{n}"}) + "\n" for n in range(documents)), encoding="utf-8")
    return subprocess.Popen([sys.executable, "-B", "run.py", *arguments], cwd=folder, stderr=subprocess.PIPE, start_new_session=True)


def until_something_is_done(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not (folder / ".out.jsonl.run" / "checkpoint.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_killed_with_its_workers_at_work_a_run_goes_on_and_no_worker_stays(tmp_path: Path) -> None:
    run = start(tmp_path, "out.jsonl", "--workers", "2")
    until_something_is_done(tmp_path)
    children = [int(number) for number in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()]
    assert len(children) >= 2
    run.kill()
    run.communicate()
    deadline = time.monotonic() + 60
    while any(is_alive(child) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not (tmp_path / "out.jsonl").exists()
    resumed, whole = start(tmp_path, "out.jsonl", "--workers", "2", "--resume"), start(tmp_path, "whole.jsonl")
    said = resumed.communicate()[1].decode()
    whole.communicate()
    assert (resumed.returncode, whole.returncode) == (0, 0)
    assert said.startswith("going on after ")
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_stopped_by_the_user_with_workers(tmp_path: Path) -> None:
    # More than a busy machine gets done before the signal comes.
    run = start(tmp_path, "out.jsonl", "--workers", "2", documents=30_000)
    until_something_is_done(tmp_path)
    os.killpg(run.pid, signal.SIGINT)
    said = run.communicate()[1].decode()
    assert run.returncode == 1
    assert said.startswith("healthevents: stopped; nothing was written under the output's name; --resume goes on after ")
    assert said.count("\n") == 1
