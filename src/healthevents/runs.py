"""A run to a file: everything is kept aside until it is whole, and a run that was killed goes on where it stopped.

Beside OUT stands a hidden work folder (`.OUT.run`) with the records, the documents and the rejected inputs so far, one line each, and a checkpoint
that says how far they are good: it is replaced about once a second, after all that it counts is on disk. To go on, what lies beyond the checkpoint is cut
off, the input is read again and what was done is passed over; a digest of all that was read shows whether it is still the same. At the end the
rejected inputs and then the records are moved into place (or, for other formats, converted by `outputs`), and the folder is removed. At every moment the
folder or the finished output is there, so the process may be killed at any of them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from healthevents.documents import Found, Located, Rejected
from healthevents.outputs import CONVERTED, OutputError, RunInfo, check, convert
from healthevents.schema import AnyRecord
from healthevents.writing import aside, document_line, explain_os_error, record_line, remove_leftovers, sidecar_of

# Checkpoints are this far apart, and farther where writing one takes long: at most a twentieth of the time is spent on them.
CHECKPOINT_SECONDS = 1.0
_MOST_TIME = 1 / 20
_RECORDS, _DOCUMENTS, _REJECTED = _SPOOLS = ("records.jsonl", "documents.jsonl", "rejected.jsonl")
_CHECKPOINT, _BEGUN, _LOCK = "checkpoint.json", "begun.json", "lock"


class RunError(RuntimeError):
    """A run cannot begin, go on or end; the message says why, what is left and what to do."""


class _Begun(BaseModel):
    """What a run was begun with. Without the same settings it cannot be gone on with."""

    model_config = ConfigDict(frozen=True)

    settings: dict[str, str]
    arguments: tuple[str, ...]
    started: dt.datetime


class _Checkpoint(BaseModel):
    """How far a run has got: inputs by kind, the records, the bytes of each spool, a digest of all inputs; `done` after the last of them."""

    model_config = ConfigDict(frozen=True)

    documents: int = 0
    rejected: int = 0
    records: int = 0
    sizes: tuple[int, int, int] = (0, 0, 0)
    digest: str = ""
    done: bool = False

    @property
    def inputs(self) -> int:
        return self.documents + self.rejected


def settings_digest(settings: Mapping[str, str]) -> str:
    """Return a digest of settings, whatever their order."""
    return hashlib.blake2b(json.dumps(sorted(settings.items()), ensure_ascii=False).encode(), digest_size=16).hexdigest()


def model_digest(folder: Path) -> str:
    """Return the folder's name and a digest of all in it that has an effect; the name alone where there is no such folder."""
    if not folder.is_dir():
        return folder.name
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(path for path in folder.iterdir() if path.suffix in (".json", ".onnx", ".safetensors")):
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return f"{folder.name}-{digest.hexdigest()}"


def _digest_of(found: Found) -> bytes:
    place = (found.file, found.line)
    what = found.document.model_dump_json() if isinstance(found, Located) else found.model_dump_json()
    return hashlib.blake2b(f"{place}\0{what}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Run:
    """The run that makes OUT; used in a `with` block, at whose end OUT and its sidecar of rejected inputs appear whole.

    The sidecar is made only when something was rejected; one left by an earlier run to the same OUT is removed otherwise. When the block ends with an
    error, what was done is kept for a run with `resume`; if nothing was, all is as it was before.

    Args:
        out: what to make; its suffix says in which format (see `outputs.CONVERTED`), JSON Lines if none of those.
        settings: all that has an effect on the records besides the documents: a run can only be gone on with under the same.
        arguments: what was asked for, for the account of runs that some outputs keep.
        resume: go on with an unfinished run to OUT; otherwise one is thrown away.

    Attributes:
        before: how many inputs an earlier attempt had done.
        note: what was made of an earlier attempt, a sentence for the user; None where there was none and none was asked for.

    Raises:
        RunError: the folder is missing, the output is a folder or cannot be written, the disk is full, another run writes to OUT at this moment; with
            `resume`: the settings or inputs are not those of the unfinished run.
    """

    def __init__(self, out: Path | str, settings: Mapping[str, str], *, arguments: Sequence[str] = (), resume: bool = False) -> None:
        self.out = Path(out)
        # Through a link the file behind it is replaced, not the link.
        self._target = Path(os.path.realpath(out))
        self._folder = self._target.with_name(f".{self._target.name}.run")
        self._converts = self._target.suffix.lower() in CONVERTED
        self._begun = _Begun(settings=dict(settings), arguments=tuple(arguments), started=dt.datetime.now(dt.UTC))
        self._hash = hashlib.blake2b(settings_digest(settings).encode(), digest_size=16)
        self._state = self._saved = _Checkpoint(digest=self._hash.hexdigest())
        self._ahead: deque[bytes] = deque()
        self._spools: list[BinaryIO] = []
        self._lock: BinaryIO | None = None
        # An earlier attempt was killed while it moved its files into place: there is nothing left to write, only the rest to move.
        self._moving = False
        self.note: str | None = None
        if self.out.is_dir():
            raise RunError(f"cannot write {out}: {out} is a folder: name a file in it")
        if not self.out.parent.is_dir():
            raise RunError(f"cannot write {out}: the folder {self.out.parent} does not exist: make it first")
        try:
            check(self._target)
            self._hold()
            self._open(resume)
        except (OSError, OutputError) as error:
            self._close()
            raise self._failure(error) from None
        except BaseException:
            self._close()
            raise
        self.before = self._state.inputs
        self._due = time.monotonic() + CHECKPOINT_SECONDS

    @property
    def documents(self) -> int:
        """How many documents were read and extracted from, those of an earlier attempt included."""
        return self._state.documents

    @property
    def records(self) -> int:
        """How many records they gave."""
        return self._state.records

    @property
    def rejected(self) -> int:
        """How many inputs were set aside."""
        return self._state.rejected

    @property
    def kept(self) -> int:
        """With how many inputs done a run with `resume` would go on, if this one ended now."""
        return self._saved.inputs

    # ---- begin, or go on ----

    def _hold(self) -> None:
        """Make the work folder and hold it as long as this process lives; where the system has no such locks, only make it."""
        path = self._folder / _LOCK
        while self._lock is None:
            self._folder.mkdir(exist_ok=True)
            # It may be gone again already, or be another file soon: the run that had the folder ends at this moment.
            with contextlib.suppress(FileNotFoundError):
                lock = path.open("ab")
                if not _is_free(lock):
                    lock.close()
                    raise RunError(f"another run is writing {self.out} at this moment: wait for its end, or name another output")
                if path.stat().st_ino == os.fstat(lock.fileno()).st_ino:
                    self._lock = lock

    def _open(self, resume: bool) -> None:
        earlier = self._earlier()
        usable = isinstance(earlier, tuple) and earlier[1].inputs > 0
        if isinstance(earlier, tuple) and usable and resume:
            self._go_on(*earlier)
        else:
            if resume:
                what = earlier if isinstance(earlier, str) else f"there is no unfinished run to {self.out}"
                self.note = f"{what}: starting from the beginning"
            elif isinstance(earlier, tuple) and usable:
                self.note = f"an unfinished run to {self.out} with {_inputs(earlier[1].inputs)} done was thrown away; --resume would have gone on with it"
            self._wipe()
            _write(self._folder / _BEGUN, self._begun)
        if not self._moving:
            for name, size in zip(_SPOOLS, self._state.sizes, strict=True):
                spool = (self._folder / name).open("ab")
                self._spools.append(spool)
                spool.truncate(size)

    def _earlier(self) -> tuple[_Begun, _Checkpoint] | str | None:
        """Return what is left of an unfinished run, why it cannot be used, or None where there is none."""
        damaged = f"what is left of the unfinished run to {self.out} is damaged"
        try:
            begun = _Begun.model_validate_json((self._folder / _BEGUN).read_bytes())
            state = _Checkpoint.model_validate_json((self._folder / _CHECKPOINT).read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            return damaged
        places = (None if self._converts else self._target, None, sidecar_of(self._target))
        for name, size, place in zip(_SPOOLS, state.sizes, places, strict=True):
            spool = self._folder / name
            if state.done and place is not None and not spool.exists() and place.is_file() and place.stat().st_size == size:
                self._moving = True
            elif not spool.exists() or spool.stat().st_size < size:
                return damaged
        return begun, state

    def _go_on(self, begun: _Begun, state: _Checkpoint) -> None:
        self._saved = state
        new = self._begun.settings
        for name in sorted({*begun.settings, *new}):
            was, now = begun.settings.get(name), new.get(name)
            if was != now:
                raise RunError(f"cannot go on: the unfinished run to {self.out} was begun with {name} {was}, not {now}: {_REMEDY}")
        self._begun, self._state = begun, state
        self.note = f"going on after {_inputs(state.inputs)} of the unfinished run to {self.out}"

    def remaining(self, found: Iterable[Found]) -> Iterator[Found]:
        """Yield what of the input is still to be done; for each, in the same order, comes one call of `write` or `reject`.

        Raises:
            RunError: what was done before is not what the input begins with.
        """
        source = iter(found)
        for item in islice(source, self.before):
            self._hash.update(_digest_of(item))
        changed = RunError(f"cannot go on: the inputs are not those that the unfinished run to {self.out} had read: {_REMEDY}")
        if self._hash.hexdigest() != self._state.digest:
            raise changed
        for item in source:
            if self._moving:
                raise changed
            self._ahead.append(_digest_of(item))
            yield item

    # ---- write ----

    def write(self, located: Located, records: Sequence[AnyRecord]) -> None:
        """Add a document and its records.

        Raises:
            RunError: the disk is full, or the output cannot be written any more.
        """
        lines = "".join(f"{record_line(record)}\n" for record in records)
        self._add(lines, f"{document_line(located, len(records))}\n" if self._converts else "", "", documents=1, records=len(records))

    def reject(self, rejected: Rejected) -> None:
        """Add an input that was set aside.

        Raises:
            RunError: the disk is full, or the output cannot be written any more.
        """
        self._add("", "", f"{rejected.model_dump_json()}\n", rejected=1)

    def _add(self, *lines: str, documents: int = 0, records: int = 0, rejected: int = 0) -> None:
        state, encoded = self._state, [line.encode("utf-8") for line in lines]
        try:
            for spool, line in zip(self._spools, encoded, strict=True):
                spool.write(line)
            self._hash.update(self._ahead.popleft())
            # Only now, and at once, is the input done: stopped before, what was written of it is cut off again.
            self._state = _Checkpoint(
                documents=state.documents + documents,
                rejected=state.rejected + rejected,
                records=state.records + records,
                sizes=tuple(size + len(line) for size, line in zip(state.sizes, encoded, strict=True)),
                digest=self._hash.hexdigest(),
            )
            if time.monotonic() >= self._due:
                self._save()
        except OSError as error:
            raise self._failure(error) from None

    def _save(self, *, done: bool = False) -> None:
        begin = time.monotonic()
        for spool in self._spools:
            spool.flush()
            os.fsync(spool.fileno())
        state = self._state.model_copy(update={"done": done})
        _write(self._folder / _CHECKPOINT, state)
        self._saved = state
        self._due = time.monotonic() + max(CHECKPOINT_SECONDS, (time.monotonic() - begin) / _MOST_TIME)

    # ---- end ----

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Put OUT and its sidecar in place; after an error keep what was done."""
        try:
            if error is None:
                self._publish()
            elif not isinstance(error, RunError) and self._state.inputs > self._saved.inputs:
                with contextlib.suppress(OSError):
                    self._save()
        except (OSError, OutputError) as refused:
            raise self._failure(refused) from None
        finally:
            self._close()

    def _publish(self) -> None:
        """Move what was made into place. Killed at any point of it, all of it can be done again."""
        if not self._moving:
            self._save(done=True)
        records, documents, rejected = (self._folder / name for name in _SPOOLS)
        # The sidecar goes first: a new OUT is never without its own.
        sidecar = sidecar_of(self._target)
        if not self._state.rejected:
            sidecar.unlink(missing_ok=True)
        elif rejected.exists():
            rejected.replace(sidecar)
        if self._converts:
            from importlib.metadata import version

            begun = self._begun
            info = RunInfo(
                id=self._state.digest,
                started=begun.started,
                version=version("healthevents"),
                model=begun.settings.get("model", ""),
                arguments=begun.arguments,
            )
            convert(records, documents, self._target, info)
        elif records.exists():
            records.replace(self._target)
        _sync(self._target.parent)
        self._saved = _Checkpoint()
        remove_leftovers(self._target)

    def _wipe(self) -> None:
        for name in (_CHECKPOINT, _BEGUN, *_SPOOLS):
            (self._folder / name).unlink(missing_ok=True)
            remove_leftovers(self._folder / name)

    def _close(self) -> None:
        """Let go of the work folder, and remove it if nothing in it is worth keeping."""
        for spool in self._spools:
            # Closing flushes what is left, which a full disk refuses once more.
            with contextlib.suppress(OSError):
                spool.close()
        self._spools = []
        if self._lock is not None:
            if not self._saved.inputs:
                with contextlib.suppress(OSError):
                    self._wipe()
                    (self._folder / _LOCK).unlink(missing_ok=True)
                    self._folder.rmdir()
            self._lock.close()
            self._lock = None

    def _failure(self, error: OSError | OutputError) -> RunError:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        kept = f" What was done ({_inputs(self.kept)}) is kept aside: put this right and go on with --resume." if self.kept else ""
        return RunError(f"cannot write {self.out}: {reason.rstrip('.')}. Nothing was written under that name.{kept}")


_REMEDY = "give the same, or leave out --resume to start from the beginning"


def _inputs(number: int) -> str:
    return f"{number:,} input{'' if number == 1 else 's'}"


def _is_free(lock: BinaryIO) -> bool:
    """Take the lock for as long as the file is open, and tell whether that went; where the system has no locks, it always does."""
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        pass
    return True


def _write(path: Path, model: BaseModel) -> None:
    with aside(path) as temporary:
        temporary.write_text(model.model_dump_json(), encoding="utf-8")


def _sync(folder: Path) -> None:
    """Make the names in a folder outlast a power cut, where the system can."""
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
