"""Extract records: the whole flow from documents to records behind one class and one function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self

from healthevents.assembly import assemble
from healthevents.confidence import ConfidenceCurves
from healthevents.schema import AnyRecord, Document
from healthevents.tagging import Tagger, Tagging

# Calibrated, so a record at this edge is right about one time in five. A higher edge scores a little better, but drops plainly stated deals too.
LEAST_CONFIDENCE = 0.2
BUNDLED_MODEL = Path(__file__).with_name("model")


class Extractor:
    """Loads a model once and extracts records from any number of documents.

    Several threads may use one extractor at the same time. Pickled, for other processes, it holds only its arguments and loads the model anew there.
    `close`, or the end of a `with` block, frees the model's memory.

    Args:
        model: a model folder; the bundled model if None.
        backend: "onnx", or "torch" for a freshly trained checkpoint.
        threads: how many windows of text the model reads at the same time; as many as there are cores if None. With 1 nothing is read ahead.
        least_confidence: records below it are left out; 0 keeps all.

    Raises:
        ModelError: the folder lacks a file; the message says which and how to make it.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        backend: Literal["onnx", "torch"] = "onnx",
        threads: int | None = None,
        least_confidence: float = LEAST_CONFIDENCE,
    ) -> None:
        folder = Path(model) if model is not None else BUNDLED_MODEL
        self._arguments = {"model": model, "backend": backend, "threads": threads, "least_confidence": least_confidence}
        self._tagger: Tagger | None = Tagger(folder, backend=backend, threads=threads)
        self._curves = ConfidenceCurves.read(folder)
        self._least = least_confidence if self._curves.curves else 0.0  # raw confidence knows no such edge

    @property
    def tagger(self) -> Tagger:
        """The first step alone.

        Raises:
            ValueError: the extractor is closed.
        """
        if self._tagger is None:
            raise ValueError("this extractor is closed: make a new one")
        return self._tagger

    def close(self) -> None:
        """Free the model's memory, as soon as no thread is in a document any more; a closed extractor extracts nothing."""
        self._tagger = None

    def __enter__(self) -> Self:
        """Return the extractor itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the extractor."""
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Return what makes an equal extractor."""
        if self._tagger is None:
            raise ValueError("this extractor is closed: only an open one can be pickled")
        return self._arguments

    def __setstate__(self, arguments: dict[str, Any]) -> None:
        """Load the model anew."""
        self.__init__(**arguments)  # type: ignore[misc]

    def extract(self, document: Document) -> list[AnyRecord]:
        """Return the records of one document, in text order."""
        ((_, records),) = self.stream([document])
        return records

    def records(self, tagging: Tagging) -> list[AnyRecord]:
        """Assemble the records of tagged mentions: the step after `tagger.tag`, for those who look in between."""
        calibrated = (self._curves.apply(record) for record in assemble(tagging))
        return [record for record in calibrated if record.confidence >= self._least]

    def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
        """Yield each document with its records, in the order given, in constant memory; with more than one thread, some documents are read ahead.

        Raises:
            ValueError: the extractor is closed.
        """
        records: list[AnyRecord] = []
        for tagging in self.tagger.tag(documents):
            records += self.records(tagging)
            if tagging.last:
                yield tagging.document, records
                records = []


_ONE_AT_A_TIME = Lock()


def _bundled() -> Extractor:
    # Threads that extract for the first time at the same moment load one model, not one each.
    with _ONE_AT_A_TIME:
        return _load_bundled()


@lru_cache(maxsize=1)
def _load_bundled() -> Extractor:
    return Extractor()


def extract(
    text: str | Document,
    *,
    published: str | dt.date | None = None,
    title: str | None = None,
    lang: Literal["zh", "en"] | None = None,
) -> list[AnyRecord]:
    """Return the typed records that a news item states, with the bundled model (loaded at the first call, then kept).

    Args:
        text: the news item, or a Document (then the other arguments stay out).
        published: the publication date ("2021-07-12"), from which words such as "last Friday" count; found in the text's head if None.
        title: the title where it is not part of the text.
        lang: "zh" or "en"; found by the share of Han characters if None.

    Raises:
        ValueError: `published` is no date.
    """
    if isinstance(text, Document):
        return _bundled().extract(text)
    from healthevents.documents import language_of, published_from_text

    if isinstance(published, str):
        published = dt.date.fromisoformat(published)
    document = Document(id="text", text=text, title=title, published=published or published_from_text(text), lang=lang or language_of(text))
    return _bundled().extract(document)
