"""Thresholds: a head that is too sure or too shy is shifted back, and names are shared only where that helps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from taggings import Said, tagging

from healthevents.annotations import parse_annotated
from healthevents.schema import Document
from healthevents.tagging import Tagging
from healthevents.thresholds import Thresholds

pytest.importorskip("datasets")

from training.thresholds import OUTSIDE, fit, smallest, smoothed

TEXT = "甲科技获3亿元融资"
GOLD = parse_annotated(
    {
        "id": "one",
        "text": TEXT,
        "lang": "zh",
        "records": [
            {
                "type": "funding",
                "company": {"name": "甲科技", "mention": {"start": 0, "end": 3, "text": "甲科技"}},
                "amount": {"value": "300000000", "currency": "CNY", "mention": {"start": 4, "end": 7, "text": "3亿元"}},
            }
        ],
    }
)


class Shy:
    """A tagger that finds the document's mentions once its shift is at most `edge`, and nothing else."""

    def __init__(self, edge: float) -> None:
        self._edge = edge

    def tag_at(self, document: Document, thresholds: Iterable[Thresholds]) -> list[list[Tagging]]:
        right = tagging(document, {"c": Said("funding", "company", "甲科技"), "a": Said("funding", "amount", "3亿元")}, links=["c a"])
        nothing = Tagging(document, (), np.zeros((0, 0), dtype=np.float32), np.zeros((0, 0), dtype=np.float32))
        return [[right if t.outside.get("funding", 0.0) <= self._edge else nothing] for t in thresholds]


@pytest.mark.parametrize(("edge", "lowest", "highest"), [(-0.4, -1.0, -0.5), (0.9, -0.25, 0.25)])
def test_a_shy_head_is_shifted_until_it_finds_its_mentions(edge: float, lowest: float, highest: float) -> None:
    found = fit(Shy(edge), [GOLD])  # type: ignore[arg-type]
    assert lowest <= found.outside.get("funding", 0.0) <= highest
    assert set(found.outside) <= {"funding"}
    assert found.shared == {}  # nothing to gain


def test_smoothing_keeps_a_level_and_lowers_a_lonely_peak() -> None:
    assert smoothed([2.0, 2.0, 2.0]) == pytest.approx([2.0, 2.0, 2.0])
    assert smoothed([0.0, 3.0, 0.0]) == pytest.approx([1.0, 1.0, 1.0])


def test_of_shifts_that_do_as_well_the_smallest_is_taken() -> None:
    level = np.full(len(OUTSIDE), 0.8)
    assert smallest(level) == 0.0
    level[OUTSIDE.index(1.0)], level[OUTSIDE.index(0.5)] = 0.83, 0.826
    assert smallest(level) == 0.5
    level[OUTSIDE.index(1.0)] = 0.9
    assert smallest(level) == 1.0
