"""What a run writes: records and documents as lines, and files that appear whole or not at all.

A file is written aside, beside its place, and moved into it only when all of it is on disk, so that a run that fails, is killed or finds the disk
full leaves nothing half-written under the final name, and an earlier output stays as it was. `runs` does this for all that a run makes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from healthevents.documents import Found, Located, Rejected
from healthevents.schema import AnyRecord


def record_line(record: AnyRecord) -> str:
    """Return a record on the wire, one line of JSON without its line end."""
    return record.model_dump_json()


def document_line(located: Located, records: int) -> str:
    """Return what is kept of a document from which `records` records were extracted, one line of JSON without its line end; its text is not."""
    document = located.document
    fields = {
        **document.model_dump(mode="json", exclude={"text"}),
        "characters": len(document.text),
        "file": located.file,
        "line": located.line,
        "records": records,
    }
    return json.dumps(fields, ensure_ascii=False)


def sidecar_of(out: Path | str) -> Path:
    """Return where the rejected inputs of a run are listed: `out.jsonl` has `out.rejected.jsonl` beside it.

    >>> sidecar_of("runs/events.jsonl").as_posix()
    'runs/events.rejected.jsonl'
    """
    return Path(out).parent / f"{Path(out).stem}.rejected.jsonl"


def explain_os_error(error: OSError) -> str:
    """Say what an operating system error means and about which file, without its number."""
    return f"{error.strerror}{f' ({error.filename})' if error.filename else ''}" if error.strerror else str(error)


@contextlib.contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; move it to `path` once it is on disk, or remove it after an error.

    Raises:
        OSError: the folder cannot be written to, or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def remove_leftovers(path: Path) -> None:
    """Remove what `aside`, and DuckDB with its log, left beside `path` in processes that were killed."""
    leftover = re.compile(rf"\.{re.escape(path.name)}\.\d+\.part(\.wal)?")
    with contextlib.suppress(OSError):
        for other in path.parent.iterdir():
            if leftover.fullmatch(other.name):
                other.unlink(missing_ok=True)


class Sink(Protocol):
    """Takes what comes out of a run, in input order."""

    @property
    def documents(self) -> int:
        """How many documents were taken."""

    @property
    def records(self) -> int:
        """How many records they gave."""

    @property
    def rejected(self) -> int:
        """How many inputs were set aside."""

    def remaining(self, found: Iterable[Found]) -> Iterator[Found]:
        """Yield what of the input is to be extracted and then handed to `write` or `reject`, in that order."""

    def write(self, located: Located, records: Sequence[AnyRecord]) -> None:
        """Take the records of a document."""

    def reject(self, rejected: Rejected) -> None:
        """Take an input that was set aside."""


class LineWriter:
    """Writes records to an open stream as they come, such as standard output; rejected inputs are only counted."""

    def __init__(self, stream: TextIO | None) -> None:
        """Take the stream, which stays open; with None everything is only counted."""
        self._stream = stream
        self.documents = self.records = self.rejected = 0

    def remaining(self, found: Iterable[Found]) -> Iterator[Found]:
        """Yield everything: a stream cannot be gone on with."""
        return iter(found)

    def write(self, located: Located, records: Sequence[AnyRecord]) -> None:
        """Write the records of a document."""
        self.documents += 1
        self.records += len(records)
        if self._stream is not None:
            for record in records:
                self._stream.write(record_line(record) + "\n")

    def reject(self, rejected: Rejected) -> None:
        """Count an input that was set aside."""
        self.rejected += 1
