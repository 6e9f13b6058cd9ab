"""Evaluate a model folder on a split: spans as tagged, records and fields, and what assembly loses from gold mentions.

    python -m training.evaluate runs/tagger --split dev
    python -m training.evaluate src/healthevents/model --split test --card src/healthevents/model/README.md --readme README.md

The test split is for the final table alone; tune on dev.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from healthevents.annotations import ROLES, AnnotatedDocument, role_spans
from healthevents.evaluation import Report, evaluate
from healthevents.extraction import Extractor
from healthevents.spans import Span
from healthevents.tagging import Tagging
from training.card import model_card
from training.data import ANNOTATIONS, gold_spans, load_split
from training.train import CONFIG


def character_labels(length: int, spans: Sequence[tuple[int, int, str]]) -> list[str]:
    """Lay non-overlapping spans on characters as IOB2, so that no tokenization takes part in the score."""
    labels = ["O"] * length
    for start, end, role in spans:
        labels[start:end] = [f"B-{role}"] + [f"I-{role}"] * (end - start - 1)
    return labels


def span_scores(documents: Sequence[AnnotatedDocument], taggings: Sequence[Tagging]) -> dict[str, float]:
    """Return seqeval's strict IOB2 F1 of the tagged mentions, by record type and role ("funding.amount") and micro over all ("all")."""
    gold: list[list[str]] = []
    found: list[list[str]] = []
    scores: dict[str, float] = {}
    for record_type, roles in ROLES.items():
        ours = [role_spans(document.records, record_type) for document in documents]
        theirs = [
            [(m.mention.start, m.mention.end, m.role) for m in tagging.mentions if m.type == record_type and m.mention.in_ == "text"] for tagging in taggings
        ]
        for role in (None, *roles):
            rows = [
                [character_labels(len(d.text), [s for s in spans if role in (None, s[2])]) for d, spans in zip(documents, side, strict=True)]
                for side in (ours, theirs)
            ]
            scores[f"{record_type}.{role}" if role else record_type] = float(f1_score(*rows, mode="strict", scheme=IOB2, zero_division=0))
            if role is None:
                gold += [[label if label == "O" else f"{label}@{record_type}" for label in row] for row in rows[0]]
                found += [[label if label == "O" else f"{label}@{record_type}" for label in row] for row in rows[1]]
    scores["all"] = float(f1_score(gold, found, mode="strict", scheme=IOB2, zero_division=0))
    return scores


def open_extractor(folder: Path) -> Extractor:
    """Open a model folder with the backend that its files are for."""
    return Extractor(folder, backend="onnx" if (folder / "model.onnx").is_file() else "torch")


def without_gold(documents: Sequence[AnnotatedDocument]) -> list[AnnotatedDocument]:
    """Return the documents as an extractor should see them: without their records and clusters."""
    return [document.model_copy(update={"records": (), "clusters": ()}) for document in documents]


def evaluate_model(folder: Path, documents: Sequence[AnnotatedDocument], bootstrap: int = 1000) -> tuple[Report, dict[str, float], Report]:
    """Return the report from text, the span scores, and the report from gold mentions (with the model's links and attributes)."""
    extractor = open_extractor(folder)
    plain = without_gold(documents)
    taggings = list(extractor.tagger.tag(plain))
    given = [
        extractor.records(extractor.tagger.tag_spans(document, [Span(s.start, s.end, s.type, s.role) for s in gold_spans(gold)]))
        for document, gold in zip(plain, documents, strict=True)
    ]
    report = evaluate(documents, [extractor.records(tagging) for tagging in taggings], bootstrap=bootstrap)
    return report, span_scores(documents, taggings), evaluate(documents, given, bootstrap=bootstrap)


def fill_scores(page: str, scores: str) -> str:
    """Return a Markdown page with the scores between its markers `<!-- scores -->` and `<!-- /scores -->` replaced.

    Raises:
        ValueError: the page lacks the markers.
    """
    before, opening, rest = page.partition("<!-- scores -->")
    _, closing, after = rest.partition("<!-- /scores -->")
    if not opening or not closing:
        raise ValueError("the page has no <!-- scores --> and <!-- /scores --> to write between")
    return f"{before}{opening}\n{scores}\n{closing}{after}"


def span_table(scores: dict[str, float]) -> Table:
    """Return the span scores as a table for a terminal."""
    table = Table("mentions", "strict F1", title="Spans as tagged (seqeval, strict IOB2)", title_justify="left")
    for name, score in scores.items():
        table.add_row(name, f"{100 * score:.1f}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--annotations", type=Path, default=ANNOTATIONS)
    parser.add_argument("--card", type=Path, help="write a model card with these scores here")
    parser.add_argument("--readme", type=Path, help="write the record scores between this page's score markers")
    parser.add_argument("--config", type=Path, default=CONFIG, help="the training configuration that the card tells of")
    parser.add_argument("--json", type=Path, help="write the reports here")
    options = parser.parse_args()
    documents = load_split(options.split, options.annotations)
    report, spans, given = evaluate_model(options.model, documents)
    console = Console(width=max(Console().width, 120))  # a narrower table would cut its headings
    console.print(report.table(), span_table(spans))
    console.print("From gold mentions (what grouping, coreference and values lose):", given.table())
    if options.json:
        content = {"end_to_end": report.model_dump(mode="json"), "spans": spans, "gold_mentions": given.model_dump(mode="json")}
        options.json.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.readme:
        page = options.readme.read_text(encoding="utf-8")
        tagged = f"span F1 of mentions as tagged {100 * spans['all']:.1f} (seqeval, strict IOB2, micro over roles)"
        note = f"{report.documents} documents; in percent, with 95% intervals; {tagged}."
        options.readme.write_text(fill_scores(page, f"{report.markdown()}\n{note}"), encoding="utf-8")
    if options.card:
        config = tomllib.loads(options.config.read_text(encoding="utf-8"))
        options.card.write_text(model_card(options.model, config, options.split, report, spans, given), encoding="utf-8")


if __name__ == "__main__":
    main()
