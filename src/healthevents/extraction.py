"""Extract records: the whole flow from documents to records behind one class and one function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from healthevents.assembly import assemble
from healthevents.confidence import ConfidenceCurves
from healthevents.schema import AnyRecord, Document
from healthevents.tagging import Tagger, Tagging

# Calibrated, so a record at this edge is right about one time in five. A higher edge scores a little better, but drops plainly stated deals too.
LEAST_CONFIDENCE = 0.2
BUNDLED_MODEL = Path(__file__).with_name("model")


class Extractor:
    """Loads a model once and extracts records from any number of documents.

    Args:
        model: a model folder; the bundled model if None.
        backend: "onnx", or "torch" for a freshly trained checkpoint.
        threads: threads of the model's runtime; all cores if None.
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
        self.tagger = Tagger(folder, backend=backend, threads=threads)
        self._curves = ConfidenceCurves.read(folder)
        self._least = least_confidence if self._curves.curves else 0.0  # raw confidence knows no such edge

    def extract(self, document: Document) -> list[AnyRecord]:
        """Return the records of one document, in text order."""
        ((_, records),) = self.stream([document])
        return records

    def records(self, tagging: Tagging) -> list[AnyRecord]:
        """Assemble the records of tagged mentions: the step after `tagger.tag`, for those who look in between."""
        calibrated = (self._curves.apply(record) for record in assemble(tagging))
        return [record for record in calibrated if record.confidence >= self._least]

    def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
        """Yield each document with its records, in the order given, in constant memory."""
        records: list[AnyRecord] = []
        for tagging in self.tagger.tag(documents):
            records += self.records(tagging)
            if tagging.last:
                yield tagging.document, records
                records = []


@lru_cache(maxsize=1)
def _bundled() -> Extractor:
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
