"""Measure what each stage loses: record F1 from text, then with one stage after the other given from the annotations.

    python -m training.stages src/healthevents/model --split dev

Each line has everything of the line above: mentions, then links, coreference and attributes as annotated. What the last line still lacks, rules
and values lose.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from healthevents.annotations import AnnotatedDocument
from healthevents.evaluation import Report, evaluate
from healthevents.labels import ATTRIBUTES
from healthevents.spans import Span
from healthevents.tagging import Tagging
from training.data import ANNOTATIONS, gold_spans, load_split
from training.evaluate import open_extractor, without_gold

# Annotated links are as sure as a model can be: nearly 1 and nearly 0.
SURE = 0.99


def as_annotated(tagging: Tagging, document: AnnotatedDocument, *, links: bool = False, coreference: bool = False, attributes: bool = False) -> Tagging:
    """Replace what the model says of annotated mentions by what the annotations say.

    Args:
        tagging: the tagging of `document`'s annotated mentions (`Tagger.tag_spans`).
        document: the annotated document.
        links: give which mentions share a record.
        coreference: give which mentions name one entity.
        attributes: give statuses, kinds, actions and who leads; a mention with two values gives each half.

    Raises:
        KeyError: a mention of the tagging is not annotated.
    """
    spans = {(s.type, s.role, s.start, s.end): s for s in gold_spans(document)}
    own = [spans[m.type, m.role, m.mention.start, m.mention.end] for m in tagging.mentions]

    def shared(pairs: list[list[bool]]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        return np.where(np.array(pairs, dtype=bool).reshape(len(own), len(own)), SURE, 1 - SURE).astype(np.float32)

    if links:
        linked = shared([[bool(a.records & b.records) for b in own] for a in own])
        of_one_type = np.array([[a.type == b.type for b in own] for a in own], dtype=bool).reshape(linked.shape)
        tagging = replace(tagging, links=np.where(of_one_type, linked, np.float32(0)))
    if coreference:
        tagging = replace(tagging, coreference=shared([[bool(a.entities & b.entities) for b in own] for a in own]))
    if attributes:
        mentions = tuple(
            replace(m, attributes={**m.attributes, **{name: _shares(name, said) for name, said in span.attributes.items()}})
            for m, span in zip(tagging.mentions, own, strict=True)
        )
        tagging = replace(tagging, mentions=mentions)
    return tagging


def _shares(attribute: str, said: set[str]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array([(value in said) / len(said) for value in ATTRIBUTES[attribute]], dtype=np.float32)


def stage_reports(folder: Path, documents: Sequence[AnnotatedDocument]) -> dict[str, Report]:
    """Return the report of every stage by its name, each with all earlier stages given."""
    extractor = open_extractor(folder)
    plain = without_gold(documents)
    given = [
        extractor.tagger.tag_spans(document, [Span(s.start, s.end, s.type, s.role) for s in gold_spans(gold)])
        for document, gold in zip(plain, documents, strict=True)
    ]
    steps = {
        "mentions": {},
        "mentions, links": {"links": True},
        "mentions, links, coreference": {"links": True, "coreference": True},
        "mentions, links, coreference, attributes": {"links": True, "coreference": True, "attributes": True},
    }
    reports = {"nothing (from text)": evaluate(documents, [records for _, records in extractor.stream(plain)], bootstrap=0)}
    for name, step in steps.items():
        records = [extractor.records(as_annotated(tagging, gold, **step)) for tagging, gold in zip(given, documents, strict=True)]
        reports[name] = evaluate(documents, records, bootstrap=0)
    return reports


def stage_table(reports: dict[str, Report]) -> Table:
    """Return record F1 and field F1 by stage and record type, in percent, as a table for a terminal."""
    first = next(iter(reports.values()))
    table = Table("given as annotated", *(row.type for row in first.rows if row.language == "all"), title="Record F1 / field F1", title_justify="left")
    for name, report in reports.items():
        rows = [row for row in report.rows if row.language == "all"]
        table.add_row(name, *(f"{100 * (row.record.f1 or 0):.1f} / {100 * (row.field.f1 or 0):.1f}" for row in rows))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--annotations", type=Path, default=ANNOTATIONS)
    options = parser.parse_args()
    console = Console(width=max(Console().width, 140))
    console.print(stage_table(stage_reports(options.model, load_split(options.split, options.annotations))))


if __name__ == "__main__":
    main()
