"""Runs: whole or not at all, killed at any moment and gone on with."""

import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from healthevents import runs
from healthevents.documents import Found, Located, Rejected
from healthevents.runs import Run, RunError, model_digest
from healthevents.schema import Document
from healthevents.writing import record_line, sidecar_of
from tests.test_writing import RECORD

ROOT = Path(__file__).parents[1]
SETTINGS = {"model": "m1", "lang": "None"}
INPUTS: list[Found] = [
    Rejected(file="in.jsonl", line=n, reason="it has no text") if n % 4 == 1 else Located(Document(id=str(n), text=f"text {n}"), "in.jsonl", n)
    for n in range(10)
]


def work(out: Path, inputs: Iterable[Found] = INPUTS, *, stop: int | None = None, settings: dict[str, str] = SETTINGS, resume: bool = False) -> Run:
    """Run over the inputs: a record for each document; with `stop`, end with an error before so many inputs are done."""
    with Run(out, settings, resume=resume) as run:
        for number, found in enumerate(run.remaining(inputs)):
            if number == stop:
                raise KeyboardInterrupt
            if isinstance(found, Rejected):
                run.reject(found)
            else:
                run.write(found, [RECORD.model_copy(update={"doc_id": found.document.id})])
    return run


def stopped(out: Path, after: int, **options: object) -> None:
    with pytest.raises(KeyboardInterrupt):
        work(out, stop=after, **options)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_output_and_sidecar_appear_when_the_work_is_done(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with Run(out, SETTINGS) as run:
        for found in run.remaining(INPUTS[:2]):
            run.reject(found) if isinstance(found, Rejected) else run.write(found, [RECORD, RECORD])
        assert not out.exists()
    assert out.read_text("utf-8") == 2 * (record_line(RECORD) + "\n")
    assert json.loads((tmp_path / "out.rejected.jsonl").read_text("utf-8")) == {"file": "in.jsonl", "line": 1, "id": None, "reason": "it has no text"}
    assert names(tmp_path) == ["out.jsonl", "out.rejected.jsonl"]
    assert (run.documents, run.records, run.rejected) == (1, 2, 1)


def test_no_sidecar_without_rejected_inputs_and_an_old_one_goes(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    sidecar_of(out).write_text("of an earlier run", encoding="utf-8")
    work(out, [])
    assert names(tmp_path) == ["out.jsonl"]
    assert out.read_bytes() == b""


def test_an_error_before_anything_is_done_leaves_all_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    for path in (out, sidecar_of(out)):
        path.write_text("earlier", encoding="utf-8")
    stopped(out, 0)
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"out.jsonl": "earlier", "out.rejected.jsonl": "earlier"}


@pytest.mark.parametrize("stops", [[3], [1, 1, 1], [5, 0, 4], [9]])
def test_what_was_stopped_goes_on_to_the_same_bytes(tmp_path: Path, stops: list[int]) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    work(whole)
    for number, stop in enumerate(stops):
        stopped(out, stop, resume=number > 0)
        assert names(tmp_path) == [".out.jsonl.run", "whole.jsonl", "whole.rejected.jsonl"]
    run = work(out, resume=True)
    assert run.before == sum(stops)
    assert run.note == f"going on after {run.before} input{'s' if run.before > 1 else ''} of the unfinished run to {out}"
    assert (run.documents, run.records, run.rejected) == (7, 7, 3)
    assert out.read_bytes() == whole.read_bytes()
    assert sidecar_of(out).read_bytes() == sidecar_of(whole).read_bytes()
    assert len(names(tmp_path)) == 4


def test_only_what_was_not_done_is_done_again(tmp_path: Path) -> None:
    stopped(tmp_path / "out.jsonl", 4)
    with Run(tmp_path / "out.jsonl", SETTINGS, resume=True) as run:
        assert next(run.remaining(INPUTS)) == INPUTS[4]
        run.write(INPUTS[4], [])  # type: ignore[arg-type]
        assert run.kept == 4


def test_without_resume_an_unfinished_run_is_thrown_away_and_that_is_said(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    stopped(out, 4)
    run = work(out, INPUTS[:1])
    assert run.note == f"an unfinished run to {out} with 4 inputs done was thrown away; --resume would have gone on with it"
    assert (names(tmp_path), run.before, run.documents) == (["out.jsonl"], 0, 1)


def test_resume_without_an_unfinished_run_is_a_whole_run(tmp_path: Path) -> None:
    run = work(tmp_path / "out.jsonl", resume=True)
    assert run.note == f"there is no unfinished run to {tmp_path / 'out.jsonl'}: starting from the beginning"
    assert run.documents == 7


@pytest.mark.parametrize("settings", [{**SETTINGS, "model": "m2"}, {**SETTINGS, "new": "1"}, {"model": "m1"}])
def test_a_run_is_gone_on_with_under_the_same_settings_only(tmp_path: Path, settings: dict[str, str]) -> None:
    out = tmp_path / "out.jsonl"
    stopped(out, 4)
    with pytest.raises(RunError, match=r"cannot go on: .* was begun with (model m1, not m2|new None, not 1|lang None, not None): give the same, or leave out"):
        work(out, settings=settings, resume=True)
    assert work(out, resume=True).before == 4


@pytest.mark.parametrize("change", [lambda inputs: inputs[1:], lambda inputs: inputs[:3], lambda inputs: [*inputs[:2], inputs[3], inputs[2], *inputs[4:]]])
def test_a_run_is_gone_on_with_over_the_same_inputs_only(tmp_path: Path, change: Callable[[list[Found]], list[Found]]) -> None:
    out = tmp_path / "out.jsonl"
    stopped(out, 4)
    with pytest.raises(RunError, match="the inputs are not those that the unfinished run"):
        work(out, change(INPUTS), resume=True)
    assert work(out, resume=True).before == 4


def test_inputs_that_were_added_since_are_done_too(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    stopped(out, 4)
    more = Located(Document(id="x", text="more"), "in.jsonl", 11)
    assert work(out, [*INPUTS, more], resume=True).documents == 8


@pytest.mark.parametrize("damage", ["checkpoint.json", "records.jsonl", "rejected.jsonl"])
def test_what_is_damaged_is_done_again(tmp_path: Path, damage: str) -> None:
    out = tmp_path / "out.jsonl"
    stopped(out, 4)
    (tmp_path / ".out.jsonl.run" / damage).write_bytes(b"")
    run = work(out, resume=True)
    assert run.note == f"what is left of the unfinished run to {out} is damaged: starting from the beginning"
    assert run.documents == 7


def test_a_run_that_was_killed_while_it_moved_its_files_only_moves_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(Run, "_wipe", lambda run: None)
        patch.setattr(runs, "remove_leftovers", lambda path: out.rename(tmp_path / ".out.jsonl.run" / "records.jsonl"))
        work(out)
    assert names(tmp_path) == [".out.jsonl.run", "out.rejected.jsonl"]
    with pytest.raises(RunError, match="the inputs are not those"):
        work(out, [*INPUTS, INPUTS[0]], resume=True)
    assert work(out, resume=True).documents == 7
    assert len(out.read_bytes().splitlines()) == 7
    assert names(tmp_path) == ["out.jsonl", "out.rejected.jsonl"]


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with Run(out, SETTINGS) as run:
        with pytest.raises(RunError, match="another run is writing"):
            Run(out, SETTINGS)
        for found in run.remaining(INPUTS[:1]):
            run.write(found, [RECORD])  # type: ignore[arg-type]
    assert names(tmp_path) == ["out.jsonl"]


@pytest.mark.parametrize(("out", "words"), [("no/such/out.jsonl", "does not exist: make it first"), (".", "is a folder")])
def test_an_output_that_cannot_be_written_is_found_at_once(tmp_path: Path, out: str, words: str) -> None:
    with pytest.raises(RunError, match=words):
        Run(tmp_path / out, SETTINGS)
    assert names(tmp_path) == []


def test_a_link_stays_a_link_and_modes_follow_the_umask(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to(tmp_path / "real" / "out.jsonl")
    mask = os.umask(0o022)
    try:
        work(link)
    finally:
        os.umask(mask)
    assert link.is_symlink()
    assert names(tmp_path / "real") == ["out.jsonl", "out.rejected.jsonl"]
    assert stat.S_IMODE((tmp_path / "real" / "out.jsonl").stat().st_mode) == 0o644


def test_a_full_disk_keeps_what_was_done(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from healthevents import runs
from tests.test_runs import INPUTS, work
runs.CHECKPOINT_SECONDS = float(sys.argv[2])
try:
    work(Path(sys.argv[1]), INPUTS * 100)
except runs.RunError as error:
    print(error)
"""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    out = tmp_path / "out.jsonl"

    def fill(checkpoint_seconds: str) -> str:
        command = [sys.executable, "-B", "-c", code, str(out), checkpoint_seconds]
        run = subprocess.run(command, preexec_fn=small_files, capture_output=True, text=True, check=False, cwd=ROOT)
        assert run.stdout.startswith(f"cannot write {out}: File too large. Nothing was written under that name."), run.stderr
        return run.stdout.strip()

    assert fill("1000").endswith("under that name.")
    assert names(tmp_path) == []
    assert fill("0").endswith("is kept aside: put this right and go on with --resume.")
    assert names(tmp_path) == [".out.jsonl.run"]
    assert work(out, INPUTS * 100, resume=True).before > 0
    work(tmp_path / "whole.jsonl", INPUTS * 100)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_the_same_run_has_the_same_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, list[str], int]] = []

    def convert(records: Path, documents: Path, out: Path, run: runs.RunInfo) -> None:
        made.append((run.id, [json.loads(line)["id"] for line in documents.read_bytes().splitlines()], len(records.read_bytes().splitlines())))

    monkeypatch.setattr(runs, "convert", convert)
    out = tmp_path / "out.csv"
    work(out)
    stopped(out, 5)
    work(out, resume=True)
    work(out, settings={**SETTINGS, "lang": "zh"})
    work(out, INPUTS[1:])
    first, second, other, shorter = made
    assert first == second
    assert first[1:] == (["0", "2", "3", "4", "6", "7", "8"], 7)
    assert len({first[0], other[0], shorter[0]}) == 3


def test_a_conversion_that_fails_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "out.csv"
    with monkeypatch.context() as patch:
        patch.setattr(runs, "convert", convert)
        with pytest.raises(RunError, match=r"No space left on device\. Nothing was written under that name\. What was done \(10 inputs\) is kept"):
            work(out)
    assert work(out, resume=True).before == 10
    assert out.is_file()


def test_the_digest_of_a_model_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text("{}", encoding="utf-8")
    (tmp_path / "README.md").write_text("a", encoding="utf-8")
    digest = model_digest(tmp_path)
    (tmp_path / "README.md").write_text("b", encoding="utf-8")
    assert model_digest(tmp_path) == digest
    (tmp_path / "labels.json").write_text("[]", encoding="utf-8")
    assert model_digest(tmp_path) != digest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forks")
@pytest.mark.parametrize(("arguments", "least"), [(["each"], 25), (["random", "60"], 50)])
def test_killed_runs_go_on_to_the_same_bytes(tmp_path: Path, arguments: list[str], least: int) -> None:
    mode, *rest = arguments
    done = subprocess.run([sys.executable, "-B", "-m", "tests.killing", mode, str(tmp_path), *rest], capture_output=True, text=True, check=False, cwd=ROOT)
    result = json.loads(done.stdout or "null")
    assert result, done.stderr
    assert result["wrong"] == []
    assert result["killed"] >= least
