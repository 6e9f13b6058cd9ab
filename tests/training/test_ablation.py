"""Ablation: every variant with every seed, once, and a table of what each is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("datasets")

from training.ablation import WHOLE, Outcome, merged, outcomes, read_outcomes, table


def test_a_variant_changes_only_what_it_names() -> None:
    settings: dict[str, Any] = {"data": {"window": 510, "places": True}, "training": {"loss": {"tags": 3.0, "links": 0.8}}}
    changed = merged(settings, {"training": {"loss": {"links": 0.5}}, "data": {"window": 254}})
    assert changed == {"data": {"window": 254, "places": True}, "training": {"loss": {"tags": 3.0, "links": 0.5}}}
    assert settings["data"]["window"] == 510


def test_the_table_compares_runs_of_the_same_seed() -> None:
    found = [Outcome(WHOLE, 1, 50, 40, 80), Outcome("less", 1, 48, 37, 80), Outcome(WHOLE, 2, 52, 44, 82), Outcome("less", 2, 52, 43, 81)]
    rows = table(found).splitlines()
    assert rows[2] == f"| {WHOLE} | 2 | 51.0 (50.0-52.0) | 42.0 (40.0-44.0) | 81.0 (80.0-82.0) |  |"
    assert rows[3] == "| less | 2 | 50.0 (48.0-52.0) | 40.0 (37.0-43.0) | 80.5 (80.0-81.0) | -2.0 (-3.0 to -1.0) |"


def test_runs_are_trained_once_and_go_on_where_they_stopped(tmp_path: Path, tiny_config: dict[str, Any]) -> None:
    small = {**tiny_config, "training": {**tiny_config["training"], "epochs": 1}}
    config = {**small, "seeds": [1], "variants": {"half": {"data": {"every": 2}}}}
    path = tmp_path / "outcomes.jsonl"
    first = list(outcomes(config, path))
    assert [(o.variant, o.seed) for o in first] == [(WHOLE, 1), ("half", 1)]
    assert all(0 <= value <= 100 for o in first for value in o[2:])
    written = path.read_text("utf-8")
    assert read_outcomes(path) == first
    assert list(outcomes(config, path)) == first
    assert path.read_text("utf-8") == written
    assert list(tmp_path.iterdir()) == [path]
