"""Extraction over everything that a reader finds: no document is lost or reordered, whatever happens to one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

from healthevents.documents import Located, Rejected
from healthevents.schema import AnyRecord, Document


class Extracts(Protocol):
    """What the functions here need of an extractor (`healthevents.Extractor` has it)."""

    def extract(self, document: Document) -> list[AnyRecord]:
        """Return the records of one document."""

    def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
        """Yield each document with its records, in the order given."""


class _BrokenExtractorError(RuntimeError):
    """The extractor does not keep to `Extracts`; going on would lose or mix up documents."""


def extract_all(extractor: Extracts, found: Iterable[Located | Rejected]) -> Iterator[tuple[Located, list[AnyRecord]] | Rejected]:
    """Yield what was found, in order: documents with their records, and what was rejected.

    A batch in which the extractor raises is done again document by document; those that raise alone are rejected too.
    """
    source = iter(found)
    pending: deque[Located | Rejected] = deque()
    reader_failed: list[BaseException] = []
    exhausted = False

    def feed() -> Iterator[Document]:
        nonlocal exhausted
        while True:
            try:
                item = next(source, None)
            except BaseException as error:
                reader_failed.append(error)
                raise
            if item is None:
                exhausted = True
                return
            pending.append(item)
            if isinstance(item, Located):
                yield item.document

    while not exhausted:
        try:
            for document, records in extractor.stream(feed()):
                while isinstance(item := pending.popleft(), Rejected):
                    yield item
                if item.document.id != document.id:
                    raise _BrokenExtractorError(f"the extractor returned document {document.id!r} where {item.document.id!r} was due")
                yield item, records
            if not exhausted:
                raise _BrokenExtractorError("the extractor stopped before the last document")
        except _BrokenExtractorError:
            raise
        except Exception:
            if reader_failed:
                raise
            while pending:
                yield _alone(extractor, pending.popleft())
    while pending:
        yield _alone(extractor, pending.popleft())


def _alone(extractor: Extracts, item: Located | Rejected) -> tuple[Located, list[AnyRecord]] | Rejected:
    if isinstance(item, Rejected):
        return item
    try:
        return item, extractor.extract(item.document)
    except Exception as error:
        reason = f"extraction failed ({type(error).__name__}: {error}); please report it with the document"
        return Rejected(file=item.file, line=item.line, id=item.document.id, reason=reason)
