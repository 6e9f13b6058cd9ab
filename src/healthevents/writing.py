"""Write records as JSON Lines, whole or not at all.

Everything goes to temporary files beside the output and is moved into place only when all of it is on disk, so that a run that fails, is
stopped or finds the disk full leaves nothing half-written under the final name, and an earlier output stays as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from healthevents.documents import Rejected
from healthevents.schema import AnyRecord


def record_line(record: AnyRecord) -> str:
    """Return a record on the wire, one line of JSON without its line end."""
    return record.model_dump_json()


def sidecar_of(out: Path | str) -> Path:
    """Return where the rejected inputs of a run are listed: `out.jsonl` has `out.rejected.jsonl` beside it.

    >>> sidecar_of("runs/events.jsonl").as_posix()
    'runs/events.rejected.jsonl'
    """
    return Path(out).parent / f"{Path(out).stem}.rejected.jsonl"


class _Aside:
    """A file that is written aside and moved to its name when it is done."""

    def __init__(self, path: Path) -> None:
        # Through a link the file behind it is replaced, not the link.
        self.path = Path(os.path.realpath(path))
        self._temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        self._file: TextIO = self._temporary.open("w", encoding="utf-8", newline="\n")

    def line(self, text: str) -> None:
        self._file.write(text + "\n")

    def finish(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self.path)

    def discard(self) -> None:
        # Closing flushes what is left, which a full disk refuses once more.
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)


class LineWriter:
    """Writes records to an open stream as they come, such as standard output; rejected inputs are only counted."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream, which stays open."""
        self._stream = stream
        self.rejected = 0

    def write(self, records: Iterable[AnyRecord]) -> None:
        """Write the records of a document."""
        for record in records:
            self._stream.write(record_line(record) + "\n")

    def reject(self, rejected: Rejected) -> None:
        """Count an input that was set aside."""
        self.rejected += 1


class RecordWriter:
    """Writes records to OUT and rejected inputs to its sidecar, in the order given; both appear when the `with` block ends without an error.

    The sidecar is made only when something was rejected; one left by an earlier run to the same OUT is removed otherwise.

    Raises:
        OSError: the folder is missing, the output is a folder or cannot be written, the disk is full.
    """

    def __init__(self, out: Path | str) -> None:
        """Open the temporary file, so that an output that cannot be written is found before the work begins."""
        self.out = Path(out)
        self.sidecar = sidecar_of(out)
        if self.out.is_dir():
            raise IsADirectoryError(f"{self.out} is a folder: name a file in it")
        if not self.out.parent.is_dir():
            raise FileNotFoundError(f"the folder {self.out.parent} does not exist: make it first")
        self.rejected = 0
        self._records = _Aside(self.out)
        self._rejected: _Aside | None = None

    def write(self, records: Iterable[AnyRecord]) -> None:
        """Add the records of a document."""
        for record in records:
            self._records.line(record_line(record))

    def reject(self, rejected: Rejected) -> None:
        """Add an input that was set aside."""
        if self._rejected is None:
            self._rejected = _Aside(self.sidecar)
        self._rejected.line(rejected.model_dump_json())
        self.rejected += 1

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Move the files into place, or remove them after an error. The sidecar goes first: a new OUT is never without its own."""
        try:
            if error is None:
                if self._rejected is not None:
                    self._rejected.finish()
                else:
                    self.sidecar.unlink(missing_ok=True)
                self._records.finish()
        finally:
            self._records.discard()
            if self._rejected is not None:
                self._rejected.discard()
