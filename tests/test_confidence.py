from pathlib import Path

import pytest

from healthevents.confidence import ConfidenceCurves, logit
from healthevents.schema import Mention, Metric, Phrase, Quantity


def metric(confidence: float) -> Metric:
    name, value = Mention(start=0, end=2, text="医生"), Mention(start=2, end=4, text="3名")
    return Metric(name=Phrase(text="医生", mention=name), value=Quantity(value=3, unit="名", mention=value), confidence=confidence)  # type: ignore[arg-type]


@pytest.mark.parametrize(("raw", "curve", "expected"), [(0.9, (1.0, 0.0), 0.9), (0.9, (1.0, -2.1972), 0.5), (0.5, (2.0, 0.0), 0.5), (1.0, (1.0, 0.0), 0.9999)])
def test_the_curve_maps_log_odds(raw: float, curve: tuple[float, float], expected: float) -> None:
    calibrated = ConfidenceCurves(curves={"metric": curve}).apply(metric(raw))
    assert calibrated.confidence == pytest.approx(expected, abs=1e-3)
    assert calibrated.model_copy(update={"confidence": raw}) == metric(raw)


def test_a_type_without_a_curve_and_a_folder_without_curves_keep_it_raw(tmp_path: Path) -> None:
    assert ConfidenceCurves.read(tmp_path).apply(metric(0.7)).confidence == 0.7


def test_order_is_kept() -> None:
    curves = ConfidenceCurves(curves={"metric": (0.7, -0.3)})
    scores = [curves.apply(metric(n / 20)).confidence for n in range(21)]
    assert scores == sorted(scores)
    assert logit(0.5) == 0
