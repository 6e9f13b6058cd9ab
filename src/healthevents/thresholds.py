"""How sure the model must be of a mention, fitted by `training/thresholds.py` on the development documents and stored with the model as `thresholds.json`."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Thresholds(BaseModel):
    """What shifts the model's labels, by record type.

    `outside` is added to the log probability that a token is in no mention: above 0 fewer mentions are found, and surer ones. A name that another head
    tagged is a mention of this head too if its tokens are so at least with probability `shared`; a type without an entry takes no such names.
    """

    model_config = ConfigDict(frozen=True)

    outside: dict[str, float] = {}
    shared: dict[str, float] = {}

    @classmethod
    def read(cls, folder: Path) -> Thresholds:
        """Read `thresholds.json` of a model folder; a fresh checkpoint has none, and each token takes its most probable label."""
        path = folder / "thresholds.json"
        return cls.model_validate_json(path.read_text(encoding="utf-8")) if path.is_file() else cls()
