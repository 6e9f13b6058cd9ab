"""Batch extraction: whatever the extractor does with single documents, none is lost and the order stays."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.batch import extract_all
from healthevents.documents import Located, Rejected
from healthevents.schema import AnyRecord, Document, Entity, Mention, Partnership


class FakeExtractor:
    """Finds one record in each document, works in batches, and fails on documents that say so."""

    def __init__(self, batch: int = 3) -> None:
        self.batch = batch

    def extract(self, document: Document) -> list[AnyRecord]:
        if document.text == "bad":
            raise ValueError("no good")
        party = Entity(name="t", mention=Mention.of(document.text, 0, 1))
        return [Partnership(id=f"{document.id}:0", doc_id=document.id, parties=(party, party))]

    def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
        batch: list[Document] = []
        for document in documents:
            batch.append(document)
            if len(batch) == self.batch:
                yield from [(item, self.extract(item)) for item in batch]
                batch = []
        yield from [(item, self.extract(item)) for item in batch]


def found(kinds: Iterable[str]) -> list[Located | Rejected]:
    return [
        Rejected(file="f", line=n, reason="unreadable") if kind == "unreadable" else Located(Document(id=str(n), text=kind), "f", n)
        for n, kind in enumerate(kinds)
    ]


@given(st.lists(st.sampled_from(["good", "bad", "unreadable"])), st.integers(1, 5))
def test_every_input_comes_out_once_in_order(kinds: list[str], batch: int) -> None:
    results = list(extract_all(FakeExtractor(batch), found(kinds)))
    assert len(results) == len(kinds)
    for n, (kind, result) in enumerate(zip(kinds, results, strict=True)):
        if kind == "good":
            assert isinstance(result, tuple)
            assert (result[0].line, [record.doc_id for record in result[1]]) == (n, [str(n)])
        else:
            assert isinstance(result, Rejected)
            assert result.line == n
            assert ("ValueError: no good" in result.reason) == (kind == "bad")


def test_results_come_while_documents_are_read() -> None:
    read = []

    def source() -> Iterator[Located | Rejected]:
        for item in found(["good"] * 100):
            read.append(item)
            yield item

    next(iter(extract_all(FakeExtractor(3), source())))
    assert len(read) == 3


def test_an_error_of_the_reader_is_no_documents_fault() -> None:
    def source() -> Iterator[Located | Rejected]:
        yield from found(["good"])
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(extract_all(FakeExtractor(), source()))


def test_an_extractor_that_breaks_its_promise_is_found_out() -> None:
    class Reversed(FakeExtractor):
        def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
            yield from reversed(list(super().stream(documents)))

    class Short(FakeExtractor):
        def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
            yield from ()

    with pytest.raises(RuntimeError, match="where '0' was due"):
        list(extract_all(Reversed(), found(["good", "good"])))
    with pytest.raises(RuntimeError, match="stopped before the last"):
        list(extract_all(Short(), found(["good", "good"])))
