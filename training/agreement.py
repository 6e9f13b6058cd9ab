"""Measure how far two annotators agree: the ceiling that a model is measured against.

    python -m training.agreement annotations/second

The documents of the folder were annotated a second time by somebody who saw the text and the guide alone; they are scored against the first
annotation as an extractor would be.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from healthevents.annotations import ROLES, AnnotatedDocument, read_annotations, role_spans
from healthevents.evaluation import Report, evaluate
from training.data import ANNOTATIONS
from training.evaluate import character_labels


def pairs(second: Path, first: Path = ANNOTATIONS) -> list[tuple[AnnotatedDocument, AnnotatedDocument]]:
    """Return the documents of both folders, first and second annotation, in the order of the second.

    Raises:
        ValueError: a document has no first annotation, or another text.
    """
    known = {document.id: document for path in sorted(first.glob("*.jsonl")) for document in read_annotations(path)}
    found = []
    for path in sorted(second.glob("*.jsonl")):
        for document in read_annotations(path):
            if document.id not in known or known[document.id].text != document.text:
                raise ValueError(f"{path}: document {document.id} has no first annotation of the same text in {first}")
            found.append((known[document.id], document))
    return found


def span_agreement(documents: Sequence[tuple[AnnotatedDocument, AnnotatedDocument]]) -> float:
    """Return the strict IOB2 F1 of the second annotators' mentions, micro over roles of all types."""
    rows: tuple[list[list[str]], list[list[str]]] = ([], [])
    for record_type in ROLES:
        for pair in documents:
            for row, document in zip(rows, pair, strict=True):
                labels = character_labels(len(document.text), role_spans(document.records, record_type))
                row.append([label if label == "O" else f"{label}@{record_type}" for label in labels])
    return float(f1_score(*rows, mode="strict", scheme=IOB2, zero_division=0))


def record_agreement(documents: Sequence[tuple[AnnotatedDocument, AnnotatedDocument]], bootstrap: int = 1000) -> Report:
    """Score the second annotators' records against the first's."""
    return evaluate([first for first, _ in documents], [list(second.records) for _, second in documents], bootstrap=bootstrap)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("second", type=Path, nargs="?", default=ANNOTATIONS / "second")
    options = parser.parse_args()
    documents = pairs(options.second)
    console = Console(width=max(Console().width, 120))
    console.print(record_agreement(documents).table())
    console.print(f"{len(documents)} documents; strict span F1 {100 * span_agreement(documents):.1f}")


if __name__ == "__main__":
    main()
