"""Strict IOB2 span scores with seqeval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqeval.metrics import f1_score
from seqeval.scheme import IOB2


def span_report(gold: Mapping[str, Sequence[list[str]]], found: Mapping[str, Sequence[list[str]]]) -> dict[str, float]:
    """Return the micro F1 of each head, and under "all" over all heads (their labels kept apart by the head's name)."""
    report = {name: round(float(f1_score(gold[name], found[name], mode="strict", scheme=IOB2, zero_division=0)), 4) for name in gold}

    def qualified(sequences: Mapping[str, Sequence[list[str]]]) -> list[list[str]]:
        return [[label if label == "O" else f"{label}@{name}" for label in row] for name, rows in sequences.items() for row in rows]

    report["all"] = round(float(f1_score(qualified(gold), qualified(found), mode="strict", scheme=IOB2, zero_division=0)), 4)
    return report
