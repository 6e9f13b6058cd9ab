"""Extractors that stand in for the model: one record for each document that says so, and all that can go wrong on demand."""

from __future__ import annotations

import os
import signal
import sys
import time
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from healthevents.schema import AnyRecord, Document, Entity, Mention, Metric, Phrase, Quantity

if TYPE_CHECKING:
    import pytest

TEXT = "甲科技进入700家医院。"


class FakeExtractor:
    """One Metric for each document with "700家" in it; raises on a document with "raise" in it."""

    def __init__(self, model: object = None, *, backend: str = "onnx", threads: int | None = None) -> None:
        if model is not None:
            raise FileNotFoundError(2, "No such file or directory", str(model))

    def extract(self, document: Document) -> list[AnyRecord]:
        if "raise" in document.text:
            raise ValueError("no good")
        at = document.text.find("700家")
        if at < 0:
            return []
        value = Quantity(value="700", unit="家", mention=Mention.of(document.text, at, at + 4))  # type: ignore[arg-type]
        subject = Entity(name="甲科技", mention=Mention.of(document.text, 0, 3))
        name = Phrase(text="医院", mention=Mention.of(document.text, at + 4, at + 6))
        return [Metric(id=f"{document.id}:0", doc_id=document.id, subject=subject, name=name, value=value)]

    def stream(self, documents: Iterable[Document]) -> Iterator[tuple[Document, list[AnyRecord]]]:
        for document in documents:
            yield document, self.extract(document)


class SlowExtractor(FakeExtractor):
    """Takes two milliseconds for a document."""

    def extract(self, document: Document) -> list[AnyRecord]:
        time.sleep(0.002)
        return super().extract(document)


class DeadlyExtractor(FakeExtractor):
    """Its process is killed, as if memory had run out, by a document with "kill" in it, and exits on one with "exit"."""

    def extract(self, document: Document) -> list[AnyRecord]:
        if "kill" in document.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "exit" in document.text:
            os._exit(7)
        return super().extract(document)


class StillbornExtractor(FakeExtractor):
    """Its process is killed while the model is loaded."""

    def __init__(self, *_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def use(monkeypatch: pytest.MonkeyPatch, extractor: type) -> None:
    """Put an extractor in the place of the real one, whose module is not even imported."""
    module = types.ModuleType("healthevents.extraction")
    module.Extractor = extractor  # type: ignore[attr-defined]
    module.BUNDLED_MODEL = Path("no model")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "healthevents.extraction", module)
