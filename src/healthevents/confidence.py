"""Calibrated confidence: of the records given 0.8, about 80% should be right.

The raw confidence of a record (the mean probability of its mentions times that of its links) is too sure of itself; a logistic curve for each record
type, fitted on the development documents by `training/confidence.py` (Platt scaling), maps it to the share that was right.
"""

from __future__ import annotations

import math
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from healthevents.schema import AnyRecord

_EDGE = 1e-4


def logit(probability: float) -> float:
    """Return the log odds of a probability, kept away from 0 and 1."""
    p = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(p / (1 - p))


class ConfidenceCurves(BaseModel):
    """By record type the slope and the constant of the curve over the raw confidence's log odds."""

    model_config = ConfigDict(frozen=True)

    curves: dict[str, tuple[float, float]] = {}

    @classmethod
    def read(cls, folder: Path) -> ConfidenceCurves:
        """Read `confidence.json` of a model folder; a fresh checkpoint has none, and its confidence stays raw."""
        path = folder / "confidence.json"
        return cls.model_validate_json(path.read_text(encoding="utf-8")) if path.is_file() else cls()

    def apply(self, record: AnyRecord) -> AnyRecord:
        """Return the record with its calibrated confidence."""
        if record.type not in self.curves:
            return record
        slope, constant = self.curves[record.type]
        calibrated = 1 / (1 + math.exp(-(slope * logit(record.confidence) + constant)))
        return record.model_copy(update={"confidence": round(calibrated, 4)})
