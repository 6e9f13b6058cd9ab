"""Kill runs of the command line and go on with them: what `test_runs` starts, in a process of its own that forks quickly and has no threads.

    python -m tests.killing random FOLDER KILLS     # kills at random moments
    python -m tests.killing each FOLDER             # kills before each operation on a file

Prints as JSON how many runs were killed and what was wrong: a final name with something half-written, an output unlike that of an undisturbed run, or
anything left over.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from healthevents import backends, batch, cli, runs  # all that a run loads: a fork need not load it again
from tests.extractors import TEXT, FakeExtractor, SlowExtractor, use

MOST_SECONDS = 300
LOADED = (backends, batch)


class Killing:
    """Runs from one input to one output, and what an undisturbed one makes."""

    def __init__(self, folder: Path, documents: int) -> None:
        self.folder, self.input, self.out = folder / "runs", folder / "in.jsonl", folder / "runs" / "out.jsonl"
        self.folder.mkdir()
        rows = [{"id": f"d{n}", "text": "raise" if n % 7 == 3 else f"{TEXT}{'第二段。' * (n % 50)}" if n % 3 else "nothing"} for n in range(documents)]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        lines[documents // 2] = "not JSON"
        self.input.write_text("\n".join(lines), encoding="utf-8")
        self.wrong: list[str] = []
        started = time.monotonic()
        assert self.run() == (3 << 8), "the undisturbed run failed"
        self.seconds = time.monotonic() - started
        self.whole = self.files()
        self.clear()

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() if path.is_file() else b"" for path in self.folder.iterdir()}

    def clear(self) -> None:
        for path in self.folder.iterdir():
            path.unlink()

    def run(self, *options: str, kill_after: float | None = None, kill_before: int | None = None) -> int:
        """Fork a run, kill it after some seconds or before an operation, and return its wait status."""
        child = os.fork()
        if child == 0:
            try:
                if kill_before is not None:
                    kill_before_operation(kill_before, str(self.folder))
                os._exit(cli.main(["extract", str(self.input), "-o", str(self.out), "-q", *options]))
            finally:
                os._exit(99)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1]

    def judge(self, when: str, *, ended: bool) -> None:
        files = self.files()
        if ended and files != self.whole:
            self.wrong.append(f"{when}: {sorted(files)} unlike the undisturbed run's")
        for name, data in files.items():
            if not name.startswith(".") and data != self.whole[name]:
                self.wrong.append(f"{when}: {name} is not whole")


def kill_before_operation(number: int, folder: str) -> None:
    """Kill this process before its n-th operation that changes something in the folder."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        changes = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate") or (event == "open" and str(arguments[1]) not in ("r", "rb"))
        if changes and folder in str(arguments[0]):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def kill_at_random(folder: Path, kills: int) -> dict[str, object]:
    """Go on with runs that are killed at random moments until so many were."""
    killing, chance, killed, ended = Killing(folder, documents=80), random.Random(5), 0, 0
    begun = time.monotonic()
    while killed < kills and time.monotonic() - begun < MOST_SECONDS:
        if os.WIFSIGNALED(killing.run("--resume", kill_after=chance.uniform(0, killing.seconds))):
            killed += 1
            killing.judge(f"after kill {killed}", ended=False)
        else:
            ended += 1
            killing.judge(f"end {ended}", ended=True)
            killing.clear()
    killing.run("--resume")
    killing.judge("last end", ended=True)
    return {"killed": killed, "ended": ended + 1, "wrong": killing.wrong}


def kill_at_each(folder: Path) -> dict[str, object]:
    """Kill one run before each of its operations, and go on with it."""
    killing, number = Killing(folder, documents=5), 1
    while os.WIFSIGNALED(killing.run(kill_before=number)):
        killing.judge(f"killed before operation {number}", ended=False)
        killing.run("--resume")
        killing.judge(f"gone on after a kill before operation {number}", ended=True)
        killing.clear()
        number += 1
    return {"killed": number - 1, "wrong": killing.wrong}


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as patch:
        mode, place = sys.argv[1], Path(sys.argv[2])
        use(patch, SlowExtractor if mode == "random" else FakeExtractor)
        patch.setattr(runs, "CHECKPOINT_SECONDS", 0.01 if mode == "random" else 0.0)
        print(json.dumps(kill_at_random(place, int(sys.argv[3])) if mode == "random" else kill_at_each(place)))
