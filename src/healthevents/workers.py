"""Extraction in several processes: the same results in the same order, and a process that dies takes no document with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Self

from healthevents.batch import Extracts, extract_all
from healthevents.documents import Found, Located, Rejected
from healthevents.schema import AnyRecord

Records = list[AnyRecord]

# So many inputs, or characters of text, are handed to a worker at a time: enough that handing over costs nothing beside the model.
_BATCH_INPUTS = 4
_BATCH_CHARACTERS = 20_000
# So many batches for each worker may wait for one before them that takes long; what lies beyond is not read yet.
_MOST_WAITING = 16


class WorkerError(RuntimeError):
    """The worker processes cannot be started, or none is left; the message says why and what to do."""


@dataclass
class _Batch:
    """Some inputs in a row, and what came of each; `left` counts those without an outcome."""

    inputs: list[Found]
    outcomes: list[Records | Rejected | None]
    left: int


@dataclass(frozen=True)
class _Task:
    """Documents of a batch for one worker, by their places in it."""

    batch: _Batch
    places: list[int]

    def documents(self) -> list[Found]:
        return [self.batch.inputs[place] for place in self.places]


class _Worker:
    """A process with an extractor of its own; `task` is what it is at work on."""

    def __init__(self, make: Callable[[], Extracts]) -> None:
        # A fresh process: one that is forked would share the model's threads and locks with this one.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, make), name="healthevents worker", daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.task: _Task | None = None

    def end(self) -> str:
        """End the process, if it has not ended, and say how it did."""
        self.connection.close()
        self.process.join(timeout=1)
        code = self.process.exitcode
        if code is None:
            self.process.kill()
            self.process.join()
        if code is None or code >= 0:
            return f"exit status {code}"
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            return f"{name}, as happens when memory runs out" if name == "SIGKILL" else name
        return f"signal {-code}"


class Workers:
    """Processes that extract; used in a `with` block, which waits until each has loaded its model.

    Args:
        make: makes a worker's extractor; is pickled.
        number: how many processes.

    Raises:
        WorkerError: a process died while it loaded its model.
        Exception: whatever `make` raised.
    """

    def __init__(self, make: Callable[[], Extracts], number: int) -> None:
        self._make, self._number = make, number
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Start the processes."""
        try:
            self._workers = [_Worker(self._make) for _ in range(self._number)]
            while not all(worker.ready for worker in self._workers):
                self._listen()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the processes."""
        self._end()

    def _end(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.end()
        self._workers = []

    def extract_all(self, found: Iterable[Found]) -> Iterator[tuple[Located, Records] | Rejected]:
        """Yield what was found, in order: documents with their records, and what was rejected; as `batch.extract_all` does, from all processes.

        What a process was at work on when it died is done again document by document; a document with which a process dies alone is rejected.

        Raises:
            WorkerError: no process is left, since new ones die while they load the model.
        """
        batches = _batches(found)
        waiting: deque[_Batch] = deque()
        tasks: deque[_Task] = deque()
        exhausted = False
        while True:
            while waiting and not waiting[0].left:
                batch = waiting.popleft()
                for item, outcome in zip(batch.inputs, batch.outcomes, strict=True):
                    if isinstance(outcome, Rejected):
                        yield outcome
                    else:
                        assert isinstance(item, Located)
                        assert outcome is not None
                        yield item, outcome
            # Reading may take time, so no more is read than keeps the workers busy.
            while not exhausted and len(tasks) < self._number and len(waiting) < _MOST_WAITING * self._number:
                self._deal(tasks)
                if (next_batch := next(batches, None)) is None:
                    exhausted = True
                    break
                waiting.append(next_batch)
                places = [place for place, outcome in enumerate(next_batch.outcomes) if outcome is None]
                if places:
                    tasks.append(_Task(next_batch, places))
                elif waiting[0] is next_batch:
                    break
            self._deal(tasks)
            if not waiting:
                if exhausted:
                    return
            elif waiting[0].left:
                self._listen(tasks)

    def _deal(self, tasks: deque[_Task]) -> None:
        for worker in self._workers:
            if worker.ready and worker.task is None and tasks:
                worker.task = tasks.popleft()
                # A worker that has died is found out when it is listened to.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    worker.connection.send(worker.task.documents())

    def _listen(self, tasks: deque[_Task] | None = None) -> None:
        """Wait until a worker has something to say, and take it down."""
        heard = wait([worker.connection for worker in self._workers])
        for worker in [worker for worker in self._workers if worker.connection in heard]:
            try:
                message = worker.connection.recv()
            except (EOFError, ConnectionResetError):
                self._replace(worker, tasks)
                continue
            if isinstance(message, Exception):
                raise message
            worker.ready = True
            if worker.task is not None:
                for place, outcome in zip(worker.task.places, message, strict=True):
                    worker.task.batch.outcomes[place] = outcome
                    worker.task.batch.left -= 1
                worker.task = None

    def _replace(self, worker: _Worker, tasks: deque[_Task] | None) -> None:
        self._workers.remove(worker)
        how, task = worker.end(), worker.task
        if worker.ready:
            self._workers.append(_Worker(self._make))
        elif tasks is None or not self._workers:
            raise WorkerError(f"a worker process died while it loaded the model ({how}): use fewer workers, or a machine with more memory")
        if task is None:
            return
        assert tasks is not None
        if len(task.places) > 1:
            tasks.extendleft(_Task(task.batch, [place]) for place in reversed(task.places))
            return
        (place,) = task.places
        item = task.batch.inputs[place]
        assert isinstance(item, Located)
        reason = f"the process that extracted it died ({how}), and so it did with this document alone; please report it with the document"
        task.batch.outcomes[place] = Rejected(file=item.file, line=item.line, id=item.document.id, reason=reason)
        task.batch.left -= 1


def _batches(found: Iterable[Found]) -> Iterator[_Batch]:
    inputs: list[Found] = []
    characters = 0
    for item in found:
        inputs.append(item)
        characters += len(item.document.text) if isinstance(item, Located) else 0
        if len(inputs) == _BATCH_INPUTS or characters >= _BATCH_CHARACTERS:
            yield _batch(inputs)
            inputs, characters = [], 0
    if inputs:
        yield _batch(inputs)


def _batch(inputs: list[Found]) -> _Batch:
    outcomes: list[Records | Rejected | None] = [item if isinstance(item, Rejected) else None for item in inputs]
    return _Batch(inputs, outcomes, outcomes.count(None))


def _work(connection: Connection, make: Callable[[], Extracts]) -> None:
    """Be a worker: load the model and say so, then turn batches of documents into batches of records until the connection ends."""
    # Ctrl-C reaches every process of the terminal; the first of them decides what becomes of the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            extractor = make()
            connection.send(None)
            while True:
                documents: Sequence[Found] = connection.recv()
                connection.send([outcome if isinstance(outcome, Rejected) else outcome[1] for outcome in extract_all(extractor, documents)])
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            connection.send(error)
