"""Measure how far two annotators agree: the ceiling that a model is measured against.

    python -m training.agreement annotations/second

The documents of the folder were annotated a second time by somebody who saw the text and the guide alone; they are scored against the first
annotation as an extractor would be. Below stands how often both give a mention that both mark the same value, by kind and language: what
`training/evaluate_values.py` can reach, but for luck.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from healthevents.annotations import ROLES, AnnotatedDocument, read_annotations, role_spans
from healthevents.evaluation import Report, evaluate
from training.data import ANNOTATIONS
from training.evaluate import character_labels
from training.evaluate_values import KINDS, Gold, gold_values, score_amount, score_change


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


def same_value(first: Gold, second: Gold) -> bool:
    """Tell whether two annotations of one mention say exactly the same."""
    a, b = first.value, second.value
    if first.kind in ("money", "quantity"):
        return type(a) is type(b) and score_amount(b, a, "").exact
    if first.kind == "change":
        return score_change(b, a, "").exact
    return bool((a.start, a.end) == (b.start, b.end) if first.kind == "date" else a == b)


def value_agreement(documents: Sequence[tuple[AnnotatedDocument, AnnotatedDocument]]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return, by kind and language, of how many mentions both annotators give a value, and of how many the same."""
    both: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for pair in documents:
        first, second = ({(gold.kind, gold.mention.in_, gold.mention.start, gold.mention.end): gold for gold in gold_values(document)} for document in pair)
        for key in first.keys() & second.keys():
            kind = (first[key].kind, str(pair[0].lang))
            both[kind] += 1
            same[kind] += same_value(first[key], second[key])
    return {kind: (count, same[kind]) for kind, count in both.items()}


def value_table(found: dict[tuple[str, str], tuple[int, int]]) -> Table:
    """Return the agreement of values as a table for a terminal."""
    table = Table("kind", "language", "values", "same, %", title="Values of mentions that both mark", title_justify="left")
    for kind in KINDS:
        for lang in ("zh", "en"):
            both, same = found.get((kind, lang), (0, 0))
            table.add_row(kind, lang, str(both), f"{100 * same / both:.1f}" if both else "")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("second", type=Path, nargs="?", default=ANNOTATIONS / "second")
    options = parser.parse_args()
    documents = pairs(options.second)
    console = Console(width=max(Console().width, 120))
    console.print(record_agreement(documents).table())
    console.print(value_table(value_agreement(documents)))
    console.print(f"{len(documents)} documents; strict span F1 {100 * span_agreement(documents):.1f}")


if __name__ == "__main__":
    main()
