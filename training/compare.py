"""Compare two models on the same documents: F1 of records, fields and mentions, and whether the difference is more than chance.

    python -m training.compare src/healthevents/model runs/mine --annotations mine.jsonl            # on what training kept back: every fifth document
    python -m training.compare src/healthevents/model runs/mine --annotations fresh.jsonl --whole   # on all documents of a file that nothing trained on
    python -m training.compare src/healthevents/model runs/mine                                     # on the project's development documents

Documents are drawn with replacement, the same for both models, and each draw gives a difference of F1; the interval holds 95% of them. Where it holds 0, the
documents do not tell which model is better.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.table import Table

from healthevents.annotations import ROLES, AnnotatedDocument, read_annotations, role_spans
from healthevents.evaluation import ALL, tally
from healthevents.tagging import Tagging
from training.data import ANNOTATIONS, load_split
from training.evaluate import open_extractor, without_gold

Counts = dict[tuple[str, str], tuple[int, int, int]]


class Difference(BaseModel):
    """What two models score on one kind of item ("record", "field", "mention") of one record type, and by how much the new one is better."""

    model_config = ConfigDict(frozen=True)

    what: str
    type: str
    old: float | None  # F1; null where there is nothing to count
    new: float | None
    interval: tuple[float, float] | None  # of the difference of F1, 95%

    @property
    def change(self) -> float | None:
        """The new F1 less the old one."""
        return None if self.old is None or self.new is None else self.new - self.old


def tagged(document: AnnotatedDocument, taggings: Sequence[Tagging]) -> Counts:
    """Count a document's annotated, tagged and rightly tagged mentions by record type: right in place and role, as seqeval's strict IOB2 counts."""
    counts: Counts = {}
    for record_type in ROLES:
        gold = set(role_spans(document.records, record_type))
        found = {
            (m.mention.start, m.mention.end, m.role) for tagging in taggings for m in tagging.mentions if m.type == record_type and m.mention.in_ == "text"
        }
        counts["mention", record_type] = (len(gold), len(found), len(gold & found))
    gold_sum, found_sum, right_sum = (sum(column) for column in zip(*counts.values(), strict=True))
    return {**counts, ("mention", ALL): (gold_sum, found_sum, right_sum)}


def score(model: Path, documents: Sequence[AnnotatedDocument]) -> list[Counts]:
    """Extract from documents and count what is right in each."""
    counts: list[Counts] = []
    with open_extractor(model) as extractor:
        for gold, plain in zip(documents, without_gold(documents), strict=True):
            taggings = list(extractor.tagger.tag([plain]))
            records = [record for tagging in taggings for record in extractor.records(tagging)]
            counts.append({**tally(gold, records), **tagged(gold, taggings)})
    return counts


def _f1(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return F1 over the last axis (annotated, predicted, right); NaN where there is neither an annotated nor a predicted item."""
    items = sums[..., 0] + sums[..., 1]
    return np.asarray(np.divide(2 * sums[..., 2], items, out=np.full(items.shape, np.nan), where=items > 0))


def differences(old: Sequence[Counts], new: Sequence[Counts], *, bootstrap: int = 2000, seed: int = 0) -> list[Difference]:
    """Compare the counts of two models on the same documents.

    Args:
        old: the counts of each document under the old model.
        new: those under the new model, in the same order.
        bootstrap: how many times documents are drawn.
        seed: of the draws.

    Raises:
        ValueError: there are no documents, or the models did not read the same number of them.
    """
    if not old or len(old) != len(new):
        raise ValueError(f"both models must have read the same documents, at least one: {len(old)} and {len(new)}")
    draws = np.random.default_rng(seed).multinomial(len(old), np.full(len(old), 1 / len(old)), size=bootstrap)
    rows = []
    for what, type_ in old[0]:
        sides = [np.array([counts[what, type_] for counts in side], dtype=np.int64) for side in (old, new)]
        totals = [float(_f1(side.sum(axis=0))) for side in sides]
        drawn = _f1(draws @ sides[1]) - _f1(draws @ sides[0])
        defined = drawn[~np.isnan(drawn)]
        low, high = np.percentile(defined, (2.5, 97.5)).tolist() if defined.size else (0.0, 0.0)
        f1 = [None if np.isnan(total) else total for total in totals]
        rows.append(Difference(what=what, type=type_, old=f1[0], new=f1[1], interval=(low, high) if defined.size else None))
    return rows


def difference_table(rows: Sequence[Difference], documents: int) -> Table:
    """Return the differences as a table for a terminal, in percent."""
    table = Table("F1 of", "type", title=f"{documents} documents", title_justify="left")
    for heading in ("old", "new", "difference", "95%"):
        table.add_column(heading, justify="right")
    for row, following in zip(rows, (*rows[1:], None), strict=True):
        cells = ["–" if value is None else f"{100 * value:{form}}" for value, form in ((row.old, ".1f"), (row.new, ".1f"), (row.change, "+.1f"))]
        interval = "–" if row.interval is None else f"{100 * row.interval[0]:+.1f} to {100 * row.interval[1]:+.1f}"
        table.add_row(f"{row.what}s", row.type, *cells, interval, end_section=following is None or following.what != row.what)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path, help="a model folder: exported, or a checkpoint")
    parser.add_argument("new", type=Path, help="another")
    parser.add_argument("--annotations", type=Path, nargs="+", default=[ANNOTATIONS], metavar="PATH", help="as of training.train")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--whole", action="store_true", help="compare on all documents of the annotation files, not on a split")
    options = parser.parse_args()
    if options.whole:
        documents = [document for path in options.annotations for document in read_annotations(path)]
    else:
        documents = load_split(options.split, *options.annotations)
    rows = differences(score(options.old, documents), score(options.new, documents))
    Console().print(difference_table(rows, len(documents)))


if __name__ == "__main__":
    main()
