"""Stages: what the annotations say takes the model's place, and perfect answers give the annotated records back."""

from __future__ import annotations

import numpy as np
import pytest

from healthevents.annotations import AnnotatedDocument, parse_annotated
from healthevents.assembly import assemble
from healthevents.evaluation import evaluate
from healthevents.labels import ATTRIBUTES
from healthevents.schema import Mention
from healthevents.tagging import TaggedMention, Tagging

pytest.importorskip("datasets")

from training.data import gold_spans
from training.stages import as_annotated, stage_table

TEXT = "甲科技获3亿元B轮融资，乙资本领投；丙健康获2亿元C轮融资，丁基金领投。"


def _mention(words: str) -> dict[str, object]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def _deal(company: str, amount: str, code: str, investor: str) -> dict[str, object]:
    return {
        "type": "funding",
        "company": {"name": company, "mention": _mention(company)},
        "investors": [{"name": investor, "mention": _mention(investor), "lead": True}],
        "amount": {"value": f"{amount[0]}00000000", "currency": "CNY", "mention": _mention(amount)},
        "round": code,
        "round_mention": _mention(f"{code.upper()}轮"),
    }


def _document() -> AnnotatedDocument:
    deals = [_deal("甲科技", "3亿元", "b", "乙资本"), _deal("丙健康", "2亿元", "c", "丁基金")]
    return parse_annotated({"id": "two", "text": TEXT, "lang": "zh", "records": deals})


def _ignorant(document: AnnotatedDocument) -> Tagging:
    """The annotated mentions as a model sees them that knows nothing: even odds everywhere."""
    even = {name: np.full(len(values), 1 / len(values), dtype=np.float32) for name, values in ATTRIBUTES.items()}
    spans = gold_spans(document)
    mentions = tuple(TaggedMention(s.type, s.role, Mention.of(document.text, s.start, s.end), 1.0, even) for s in spans)
    half = np.full((len(spans), len(spans)), 0.3, dtype=np.float32)
    return Tagging(document, mentions, half, half.copy())


def test_all_stages_given_yield_the_annotated_records() -> None:
    document = _document()
    given = as_annotated(_ignorant(document), document, links=True, coreference=True, attributes=True)
    report = evaluate([document], [assemble(given)], bootstrap=0)
    total = next(row for row in report.rows if (row.type, row.language) == ("all", "all"))
    assert (total.record.f1, total.field.f1) == (1.0, 1.0)


def test_only_the_stages_asked_for_are_given() -> None:
    document = _document()
    plain = _ignorant(document)
    linked = as_annotated(plain, document, links=True)
    assert linked.mentions == plain.mentions
    assert np.array_equal(linked.coreference, plain.coreference)
    company, other = (next(i for i, m in enumerate(plain.mentions) if m.mention.text == words) for words in ("甲科技", "丙健康"))
    amount = next(i for i, m in enumerate(plain.mentions) if m.mention.text == "3亿元")
    assert linked.links[company, amount] > 0.9
    assert linked.links[other, amount] < 0.1


def test_a_mention_that_is_not_annotated_is_refused() -> None:
    document = _document()
    with pytest.raises(KeyError):
        as_annotated(_ignorant(document), document.model_copy(update={"records": ()}), links=True)


def test_the_table_has_a_line_for_each_stage() -> None:
    document = _document()
    report = evaluate([document], [document.records], bootstrap=0)
    table = stage_table({"nothing (from text)": report, "mentions": report})
    assert table.row_count == 2
