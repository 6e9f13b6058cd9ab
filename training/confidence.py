"""Fit the curves that turn a record's raw confidence into a calibrated one; writes `confidence.json` to the model folder.

    python -m training.confidence src/healthevents/model

Fitted on the records found in the development documents, by type; run it after `training.links`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from healthevents.annotations import ROLES
from healthevents.assembly import assemble
from healthevents.confidence import ConfidenceCurves, logit
from healthevents.evaluation import judge
from training.data import ANNOTATIONS, load_split
from training.evaluate import open_extractor, without_gold
from training.links import fit_logistic

# Types with fewer records than this keep their raw confidence.
FEWEST_RECORDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--annotations", type=Path, default=ANNOTATIONS)
    options = parser.parse_args()
    documents = load_split("dev", options.annotations)
    tagger = open_extractor(options.model).tagger
    outcomes: dict[str, list[tuple[float, bool]]] = {name: [] for name in ROLES}
    for document, tagging in zip(documents, tagger.tag(without_gold(documents)), strict=True):
        records = assemble(tagging)
        for record, is_right in zip(records, judge(document, records), strict=True):
            outcomes[record.type].append((logit(record.confidence), is_right))
    curves = {}
    for name, pairs in outcomes.items():
        if len(pairs) >= FEWEST_RECORDS:
            raw, right = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
            slope, constant = fit_logistic(np.stack([raw, np.ones_like(raw)], axis=1), right)
            curves[name] = (round(float(slope), 4), round(float(constant), 4))
    (options.model / "confidence.json").write_text(ConfidenceCurves(curves=curves).model_dump_json() + "\n", encoding="utf-8")
    print(curves)


if __name__ == "__main__":
    main()
