import shutil
from pathlib import Path

import pytest

from training.agreement import pairs, record_agreement, span_agreement, value_agreement
from training.data import ANNOTATIONS


def test_an_annotator_agrees_with_herself(tmp_path: Path) -> None:
    for path in (ANNOTATIONS / "second").glob("*.jsonl"):
        shutil.copy(path, tmp_path)
    own = pairs(tmp_path, tmp_path)
    assert len(own) >= 15
    assert span_agreement(own) == 1
    report = record_agreement(own, bootstrap=0)
    assert {row.record.f1 for row in report.rows} <= {1, None}
    assert all(same == both > 0 for both, same in value_agreement(own).values())


def test_two_annotators_agree_mostly_and_not_wholly() -> None:
    documents = pairs(ANNOTATIONS / "second")
    assert 0.8 < span_agreement(documents) < 1
    values = {kind: same / both for kind, (both, same) in value_agreement(documents).items()}
    assert values["money", "zh"] > 0.98
    assert values["change", "zh"] < 0.9  # what a bare "up 6%" is compared with is often left open


def test_a_document_of_another_text_is_named(tmp_path: Path) -> None:
    line = (ANNOTATIONS / "second" / "zh.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "changed.jsonl").write_text(line.replace('"text": "', '"text": " ', 1) + "\n", encoding="utf-8")
    with pytest.raises(Exception, match="zh-w"):
        pairs(tmp_path)
