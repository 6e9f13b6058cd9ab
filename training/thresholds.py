"""Fit how sure the model must be of a mention; writes `thresholds.json` to the model folder.

    python -m training.thresholds src/healthevents/model

Tries shifts of each head on the development documents and keeps those with the best record F1 (and a tenth of field F1), from text; a shift counts for
what it and its neighbours reach on average, since one of them may be best by chance, and of all that come within CHANCE of the best the smallest is taken.
Run it after `training.links` and before `training.confidence`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from healthevents.annotations import ROLES, AnnotatedDocument
from healthevents.assembly import assemble
from healthevents.evaluation import Row, evaluate
from healthevents.schema import AnyRecord
from healthevents.tagging import Tagger
from healthevents.thresholds import Thresholds
from training.data import ANNOTATIONS, load_split
from training.evaluate import open_extractor, without_gold

OUTSIDE = (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)
# What a shift of 1 must gain: small sets of documents reward far shifts by chance.
PRICE = 0.01
SHARED = (0.5, 0.3, 0.2, 0.1, 0.05)
# Half a point on some hundred documents is chance.
CHANCE = 0.005
# And what sharing names must gain.
LEAST_GAIN = 0.003


def scored(tagger: Tagger, documents: Sequence[AnnotatedDocument], thresholds: Sequence[Thresholds]) -> list[dict[str, float]]:
    """Return record F1 plus a tenth of field F1 (0 to 1.1) by record type for each of the thresholds; the model reads each document once."""
    found: list[list[list[AnyRecord]]] = [[] for _ in thresholds]
    for document in without_gold(documents):
        for records, taggings in zip(found, tagger.tag_at(document, thresholds), strict=True):
            records.append([record for tagging in taggings for record in assemble(tagging)])
    return [{row.type: _total(row) for row in evaluate(documents, records, bootstrap=0).rows if row.language == "all"} for records in found]


def _total(row: Row) -> float:
    return (row.record.f1 or 0.0) + (row.field.f1 or 0.0) / 10


def smoothed(values: Sequence[float]) -> list[float]:
    """Return the means of each value and its neighbours; at the ends the value counts for the missing one."""
    padded = np.pad(np.array(values), 1, mode="edge")
    return list((padded[:-2] + padded[1:-1] + padded[2:]) / 3)


def smallest(values: npt.NDArray[np.float64]) -> float:
    """Return the shift nearest to 0 whose value is within CHANCE of the best; `values` go with OUTSIDE."""
    return min((shift for shift, value in zip(OUTSIDE, values, strict=True) if value >= values.max() - CHANCE), key=abs)


def fit(tagger: Tagger, documents: Sequence[AnnotatedDocument]) -> Thresholds:
    """Return the best thresholds of a model on documents that it has not seen."""
    scores = scored(tagger, documents, [Thresholds(outside=dict.fromkeys(ROLES, shift)) for shift in OUTSIDE])
    best = {name: np.array(smoothed([score[name] for score in scores])) - PRICE * np.abs(OUTSIDE) for name in ROLES}
    outside = {name: smallest(values) for name, values in best.items()}
    scores = scored(tagger, documents, [Thresholds(outside=outside), *(Thresholds(outside=outside, shared=dict.fromkeys(ROLES, p)) for p in SHARED)])
    shared = {}
    for name in ROLES:
        alone, *gained = (score[name] for score in scores)
        best_gain = int(np.argmax(smoothed(gained)))
        if smoothed(gained)[best_gain] - alone > LEAST_GAIN:
            shared[name] = SHARED[best_gain]
    return Thresholds(outside={name: shift for name, shift in outside.items() if shift}, shared=shared)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--annotations", type=Path, default=ANNOTATIONS)
    options = parser.parse_args()
    thresholds = fit(open_extractor(options.model).tagger, load_split("dev", options.annotations))
    (options.model / "thresholds.json").write_text(thresholds.model_dump_json() + "\n", encoding="utf-8")
    print(thresholds)


if __name__ == "__main__":
    main()
