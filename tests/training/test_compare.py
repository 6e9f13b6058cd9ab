"""Differences between two models are counted on the same documents and drawn together."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.annotations import AnnotatedDocument
from training.compare import Counts, Difference, difference_table, differences, score

SCORES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20)


def counts(rows: list[tuple[int, int, int]]) -> list[Counts]:
    return [{("record", "all"): (gold, found, min(gold, found, right))} for gold, found, right in rows]


@given(SCORES)
def test_a_model_does_not_differ_from_itself(rows: list[tuple[int, int, int]]) -> None:
    (row,) = differences(counts(rows), counts(rows), bootstrap=50)
    assert (row.change, row.interval) == (0, (0, 0))


@given(SCORES, st.integers(0, 3))
def test_the_interval_turns_with_the_models(rows: list[tuple[int, int, int]], seed: int) -> None:
    worse = counts([(gold, found, right // 2) for gold, found, right in rows])
    (there,), (back,) = (differences(*pair, bootstrap=50, seed=seed) for pair in ((worse, counts(rows)), (counts(rows), worse)))
    assert there.interval is not None
    assert back.interval is not None
    assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]))
    assert there.interval[0] >= 0  # better on each document, so on every draw


def test_f1_and_interval_of_a_known_case() -> None:
    old, new = counts([(10, 10, 5)] * 8), counts([(10, 10, 9)] * 4 + [(10, 10, 5)] * 4)
    (row,) = differences(old, new)
    assert (row.what, row.type, row.old, row.new) == ("record", "all", 0.5, pytest.approx(0.7))
    assert row.interval is not None
    assert 0 < row.interval[0] < 0.2 < row.interval[1] < 0.4


def test_what_neither_model_has_is_null() -> None:
    nothing: list[Counts] = [{("field", "funding"): (0, 0, 0)}]
    (row,) = differences(nothing, nothing, bootstrap=10)
    assert row == Difference(what="field", type="funding", old=None, new=None, interval=None)
    assert difference_table([row], 1).row_count == 1


@pytest.mark.parametrize(("old", "new"), [([], []), ([(1, 1, 1)], [(1, 1, 1)] * 2)])
def test_models_that_read_other_documents_are_not_compared(old: list[tuple[int, int, int]], new: list[tuple[int, int, int]]) -> None:
    with pytest.raises(ValueError, match="both models must have read the same documents"):
        differences(counts(old), counts(new))


def test_scores_of_a_model(onnx_folder: Path, checkpoint: Path, tiny_annotated: list[AnnotatedDocument]) -> None:
    documents = tiny_annotated[:4]
    exported = score(onnx_folder, documents)
    assert exported == score(checkpoint, documents)
    for document, found in zip(documents, exported, strict=True):
        assert found["record", "all"][0] == len(document.records)
        assert {what for what, _ in found} == {"record", "field", "mention"}
        assert all(right <= min(gold, predicted) for gold, predicted, right in found.values())
