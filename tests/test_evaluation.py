import io
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from healthevents.annotations import ROLES, AnnotatedDocument, read_annotations, role_mentions
from healthevents.evaluation import Report, errors, evaluate
from healthevents.schema import RECORD_TYPES, AnyRecord, parse_record

ANNOTATIONS = Path(__file__).parents[1] / "annotations"
WORDS = ("甲科技", "乙资本", "丙医院", "Link", "丁", "1亿元", "B轮", "3%", "去年", "灵犀")
TEXT = "".join(WORDS)


def read(split: str, langs: Sequence[str] = ("zh", "en")) -> list[AnnotatedDocument]:
    return [document for lang in langs for document in read_annotations(ANNOTATIONS / f"{lang}.jsonl", splits=ANNOTATIONS / "splits.json", split=split)]


@st.composite
def mentions(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.integers(0, len(TEXT) - 1))
    end = draw(st.integers(start + 1, min(len(TEXT), start + 6)))
    return {"start": start, "end": end, "text": TEXT[start:end]}


@st.composite
def entities(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.lists(mentions(), min_size=1, max_size=2))
    return {"name": draw(st.sampled_from(WORDS)), "mention": found[0], "mentions": found}


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


PHRASES = mentions().map(lambda mention: {"text": mention["text"], "mention": mention})
NUMBERS = st.tuples(st.integers(1, 3), mentions()).map(lambda pair: {"value": pair[0], "mention": pair[1]})
MONEY = st.tuples(NUMBERS, st.sampled_from(["CNY", "USD", None])).map(lambda pair: {**pair[0], "currency": pair[1]})
QUANTITIES = st.tuples(NUMBERS, st.sampled_from(["家", "%", None])).map(lambda pair: {**pair[0], "unit": pair[1]})
DATES = st.tuples(st.sampled_from(["2020-01-01", "2021-01-01"]), mentions()).map(
    lambda pair: {"start": pair[0], "end": pair[0], "precision": "day", "mention": pair[1]}
)
CHANGES = st.tuples(NUMBERS, st.sampled_from(["up", "down"])).map(lambda pair: {**pair[0], "direction": pair[1], "unit": "%"})
COMMON = {"status": st.sampled_from(["done", "planned"]), "confidence": st.sampled_from([0.2, 0.5, 0.9])}
RECORDS = st.one_of(
    st.fixed_dictionaries({
        "type": st.just("funding"), "company": entities(), "investors": st.lists(entities(), max_size=2), "amount": optional(MONEY),
        "round": st.sampled_from([None, "unspecified", "b"]), "use": optional(PHRASES), "date": optional(DATES), **COMMON,
    }),
    st.fixed_dictionaries({
        "type": st.just("partnership"), "parties": st.lists(entities(), min_size=2, max_size=3), "scope": optional(PHRASES), "date": optional(DATES), **COMMON,
    }),
    st.fixed_dictionaries({
        "type": st.just("product_launch"), "product": entities(), "organisation": optional(entities()),
        "action": st.sampled_from(["launched", "discontinued"]), "version": optional(PHRASES), **COMMON,
    }),
    st.fixed_dictionaries({
        "type": st.just("metric"), "subject": optional(entities()), "name": PHRASES, "value": MONEY | QUANTITIES,
        "changes": st.lists(CHANGES, max_size=2), "as_of": optional(DATES), **COMMON,
    }),
)  # fmt: skip
RECORD_LISTS = st.lists(RECORDS.map(parse_record), max_size=5)


def document(records: Sequence[AnyRecord], doc_id: str = "a", lang: Any = "zh") -> AnnotatedDocument:
    return AnnotatedDocument(id=doc_id, text=TEXT, lang=lang, records=tuple(records))


def characters(records: Sequence[AnyRecord], type_: str, length: int) -> list[str]:
    """Paint the mentions on a sequence of characters, the longest first, and none over another."""
    tags = ["O"] * length
    order = ROLES[type_]
    painted = [(mention, role) for record in records if record.type == type_ for role, mention in role_mentions(record)]
    for mention, role in sorted(painted, key=lambda item: (-len(item[0].text), item[0].start, order.index(item[1]))):
        if set(tags[mention.start : mention.end]) == {"O"}:
            tags[mention.start : mention.end] = [f"B-{role}", *[f"I-{role}"] * (len(mention.text) - 1)]
    return tags


def assert_spans_agree_with_seqeval(documents: Sequence[AnnotatedDocument], predicted: Sequence[Sequence[AnyRecord]]) -> None:
    report = evaluate(documents, predicted, bootstrap=0)
    for type_ in RECORD_TYPES:
        gold_tags = [characters(document.records, type_, len(document.text)) for document in documents]
        tags = [characters(records, type_, len(document.text)) for document, records in zip(documents, predicted, strict=True)]
        if any(set(sequence) - {"O"} for sequence in gold_tags + tags):
            assert report.span(type_).f1 == pytest.approx(f1_score(gold_tags, tags, mode="strict", scheme=IOB2, zero_division=0))
        else:
            assert report.span(type_).f1 is None


@given(st.lists(st.tuples(RECORD_LISTS, RECORD_LISTS), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_span_f1_is_that_of_seqeval(sides: list[tuple[list[AnyRecord], list[AnyRecord]]]) -> None:
    assert_spans_agree_with_seqeval([document(gold, str(index)) for index, (gold, _) in enumerate(sides)], [predicted for _, predicted in sides])


def test_span_f1_is_that_of_seqeval_on_annotated_documents() -> None:
    rng = random.Random(5)
    documents = read("dev")[:12]
    # Some records are lost, and some metrics' names cut to one character.
    predicted = []
    for found in documents:
        kept = []
        for record in found.records:
            if rng.random() < 0.7:
                if record.type == "metric" and rng.random() < 0.3:
                    mention = record.name.mention
                    shorter = mention.model_copy(update={"end": mention.start + 1, "text": mention.text[:1]})
                    record = record.model_copy(update={"name": record.name.at(shorter)})
                kept.append(record)
        predicted.append(kept)
    assert_spans_agree_with_seqeval(documents, predicted)


@given(st.lists(RECORD_LISTS, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_gold_against_itself_is_perfect(lists: list[list[AnyRecord]]) -> None:
    documents = [document(records, str(index)) for index, records in enumerate(lists)]
    report = evaluate(documents, lists, bootstrap=0)
    assert {score.f1 for row in report.rows for score in (row.record, row.field)} <= {1.0, None}
    assert {part.score.f1 for part in (*report.spans, *report.fields)} <= {1.0, None}
    assert list(errors(documents, lists)) == []


@given(RECORD_LISTS, RECORD_LISTS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_records_never_matters(gold: list[AnyRecord], predicted: list[AnyRecord], rng: random.Random) -> None:
    before = evaluate([document(gold)], [predicted], bootstrap=3)
    rng.shuffle(gold)
    rng.shuffle(predicted)
    assert evaluate([document(gold)], [predicted], bootstrap=3) == before


@given(RECORD_LISTS, RECORD_LISTS)
@settings(max_examples=60, deadline=None)
def test_counts_are_possible(gold: list[AnyRecord], predicted: list[AnyRecord]) -> None:
    report = evaluate([document(gold)], [predicted], bootstrap=0)
    for score in [row.record for row in report.rows] + [row.field for row in report.rows] + [part.score for part in (*report.spans, *report.fields)]:
        assert 0 <= score.right <= min(score.gold, score.predicted)
    mistakes = list(errors([document(gold)], [predicted]))
    record = report.row().record
    assert record.gold - record.right == sum(mistake.kind in ("missed", "wrong") for mistake in mistakes)
    assert record.predicted - record.right == sum(mistake.kind in ("spurious", "wrong") for mistake in mistakes)


def record(**fields: Any) -> AnyRecord:
    def at(text: str) -> dict[str, Any]:
        return {"start": TEXT.index(text), "end": TEXT.index(text) + len(text), "text": text}

    base = {
        "type": "funding",
        "company": {"name": "甲科技", "mention": at("甲科技")},
        "amount": {"value": 100000000, "currency": "CNY", "mention": at("1亿元")},
    }
    return parse_record({**base, **fields})


def printed(report: Report) -> str:
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(report.table())
    return console.export_text()


def test_scores_by_type_and_language() -> None:
    documents = [document([record()], "a", "zh"), document([record(), record(round="b")], "b", "en"), document([], "c", None)]
    predicted = [[record()], [record(round="b", use={"text": "丁", "mention": {"start": 13, "end": 14, "text": "丁"}})], [record()]]
    report = evaluate(documents, predicted, bootstrap=200)
    everything = report.row().record
    assert (everything.gold, everything.predicted, everything.right) == (3, 3, 2)
    assert (everything.precision, everything.recall, everything.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert report.row("funding", "zh").record.f1 == 1
    english = report.row("funding", "en")
    assert (english.documents, english.record.gold, english.record.predicted, english.record.right) == (1, 2, 1, 1)
    assert (english.field.gold, english.field.predicted, english.field.right) == (5, 4, 3)
    assert report.row("metric", "zh").record.f1 is None
    assert report.row("metric").record.interval is None
    low, high = everything.interval or (1, 0)
    assert 0 <= low < 2 / 3 < high <= 1
    assert report.span("funding", "use").precision == 0
    with pytest.raises(KeyError):
        report.row("fundings")
    with pytest.raises(KeyError):
        report.span("funding", "party")


def test_bootstrap_is_repeatable_and_can_be_left_out() -> None:
    documents = read("dev", ["zh"])
    predicted = [found.records[::2] for found in documents]
    report = evaluate(documents, predicted, bootstrap=100, seed=7)
    assert evaluate(documents, predicted, bootstrap=100, seed=7) == report
    assert evaluate(documents, predicted, bootstrap=100, seed=8) != report
    assert evaluate(documents, predicted, bootstrap=0).row().record.interval is None
    low, high = report.row().record.interval or (1, 0)
    assert low < (report.row().record.f1 or 0) < high


def test_lengths_have_to_fit() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate([document([])], [])
    with pytest.raises(ValueError, match="shorter"):
        list(errors([document([])], []))


def test_no_documents_give_an_empty_report() -> None:
    report = evaluate([], [])
    assert report.documents == 0
    assert report.row().record.f1 is None
    assert report.calibration.error is None
    assert "record F1" in printed(report)


def test_calibration() -> None:
    right, wrong = record(confidence=0.9), record(confidence=0.7, round="a")
    report = evaluate([document([record()], str(index)) for index in range(4)], [[right], [right], [wrong], [wrong, record(confidence=0, round="c")]])
    bins = [(item.low, item.high, item.count, item.confidence, item.right) for item in report.calibration.bins]
    assert bins == [pytest.approx(item) for item in [(0, 0.1, 1, 0, 0), (0.6, 0.7, 2, 0.7, 0), (0.8, 0.9, 2, 0.9, 1)]]
    assert report.calibration.error == pytest.approx((0 + 2 * 0.7 + 2 * 0.1) / 5)


def test_mistakes_name_the_fields_that_differ() -> None:
    gold = [record(id="g0", round="b"), record(id="g1", company={"name": "丙医院", "mention": {"start": 6, "end": 9, "text": "丙医院"}}, amount=None)]
    predicted = [
        record(id="p0", round="b", amount={"value": 100000000, "modifier": "over", "currency": "CNY", "mention": {"start": 14, "end": 17, "text": "1亿元"}}),
        record(id="p1", company={"name": "乙资本", "mention": {"start": 3, "end": 6, "text": "乙资本"}}, amount=None),
    ]
    mistakes = list(errors([document(gold)], [predicted]))
    assert [(item.kind, item.gold, item.predicted) for item in mistakes] == [("nearly", "g0", "p0"), ("missed", "g1", None), ("spurious", None, "p1")]
    (difference,) = mistakes[0].differences
    assert (difference.field, difference.gold, difference.predicted) == ("amount", "exact 100000000 CNY", "over 100000000 CNY")
    assert str(mistakes[1]) == "a funding missed g1 | –  company: 丙医院 | –"
    (mistake,) = errors([document([record(round="b")])], [[record(round="a")]])
    assert (mistake.kind, [item.field for item in mistake.differences]) == ("wrong", ["round"])


def test_report_is_readable_and_reads_back() -> None:
    report = evaluate([document([record()])], [[record()]], bootstrap=10)
    shown = printed(report)
    assert "record F1" in shown
    assert "100.0–100.0" in shown
    lines = report.markdown().splitlines()
    assert lines[0].startswith("| type | language |")
    assert "| funding | zh | 1 | 1 | 100.0 | 100.0 | 100.0 | 100.0–100.0 | 100.0 | 100.0–100.0 |" in lines
    assert len({line.count("|") for line in lines}) == 1
    assert '"f1":1.0' in report.model_dump_json()
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_the_whole_corpus_against_itself_is_perfect_and_quick() -> None:
    documents = read("train") + read("dev")
    started = time.perf_counter()
    report = evaluate(documents, [found.records for found in documents])
    assert time.perf_counter() - started < 10
    for row in report.rows:
        assert (row.record.f1, row.field.f1) == (1, 1)
        assert row.record.interval == row.field.interval == (1, 1)
    for part in (*report.spans, *report.fields):
        assert part.score.f1 == 1
