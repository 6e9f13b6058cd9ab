"""The schema: what is wrong cannot be built, what is right survives the wire, and errors name document and field."""

import copy
import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from healthevents.schema import (
    ROUNDS,
    AnyRecord,
    Change,
    DateValue,
    Document,
    DocumentError,
    Entity,
    Funding,
    Investor,
    Mention,
    Metric,
    Money,
    Partnership,
    Phrase,
    ProductLaunch,
    Quantity,
    Record,
    format_decimal,
    parse_document,
    parse_record,
    record_schema,
)

TEXT = "🩺甲科技完成3亿元B轮融资，乙资本领投。\r\n安糖3.0进入700多家医院。"
DOCUMENT = Document(id="a1", text=TEXT, title="甲科技获投", published=dt.date(2021, 3, 5), lang="zh")


def at(text: str) -> dict[str, Any]:
    start = TEXT.index(text)
    return {"start": start, "end": start + len(text), "text": text, "in": "text"}


def entity(name: str) -> dict[str, Any]:
    return {"name": name, "mention": at(name)}


WIRE: dict[str, dict[str, Any]] = {
    "funding": {
        "type": "funding",
        "company": entity("甲科技"),
        "investors": [{**entity("乙资本"), "lead": True}],
        "amount": {"value": "300000000", "modifier": "exact", "currency": "CNY", "mention": at("3亿元")},
        "round": "b",
        "date": {"start": "2021-03-04", "end": "2021-03-04", "precision": "day", "mention": at("完成")},
        "status": "done",
        "confidence": 0.94,
    },
    "partnership": {"type": "partnership", "parties": [entity("甲科技"), entity("乙资本")], "kind": "strategic"},
    "launch": {"type": "product_launch", "product": entity("安糖"), "action": "launched", "version": {"text": "3.0", "mention": at("3.0")}},
    "metric": {
        "type": "metric",
        "subject": entity("安糖"),
        "name": {"text": "医院", "mention": at("医院")},
        "value": {"value": "700", "modifier": "over", "unit": "家", "mention": at("700多家")},
    },
}

# The record, the path of a field, a value that is wrong for it, and words of the message.
WRONG: dict[str, tuple[str, str, Any, str]] = {
    "mention beside its text": ("funding", "company.mention", {**at("甲科技"), "start": 0, "end": 3}, "text[0:3] of document 'a1' is '🩺甲科', not '甲科技'"),
    "mention of another length": ("funding", "company.mention", {**at("甲科技"), "end": 9}, "its text '甲科技' has 3"),
    "mention outside of the text": ("funding", "company.mention", {"start": 900, "end": 903, "text": "甲科技"}, "of document 'a1' is ''"),
    "mention outside of the title": ("funding", "company.mention", {"start": 5, "end": 8, "text": "甲科技", "in": "title"}, "title[5:8]"),
    "mention before the text": ("funding", "company.mention", {"start": -3, "end": 0, "text": "甲科技"}, "start"),
    "empty mention": ("funding", "company.mention", {"start": 1, "end": 1, "text": ""}, "text"),
    "mention of another part": ("funding", "company.mention", {**at("甲科技"), "in": "footer"}, "in"),
    "a float": ("funding", "amount.value", 0.1, "0.1 is a float and may not be exact"),
    "not a number": ("funding", "amount.value", "NaN", "finite"),
    "infinite": ("funding", "amount.value", "Infinity", "finite"),
    "words for a number": ("funding", "amount.value", "three", "decimal"),
    "a range with a value": ("funding", "amount.modifier", "range", "a range has low and high, and no value"),
    "a value and an end": ("funding", "amount.low", "1", "neither low nor high"),
    "no value": ("funding", "amount.value", None, "neither low nor high"),
    "low above high": ("funding", "amount", {"low": "2", "high": "1", "modifier": "range", "currency": None, "mention": at("3亿元")}, "low 2 is above high 1"),
    "a currency's sign": ("funding", "amount.currency", "¥", "amount.currency"),
    "no such round": ("funding", "round", "series_b", "no known round"),
    "no company": ("funding", "company", None, "funding.company"),
    "an entity without a name": ("funding", "company.name", "", "name"),
    "no such kind of entity": ("funding", "company.kind", "firm", "kind"),
    "an end before the start": ("funding", "date.end", "2021-03-03", "start 2021-03-04 is after end 2021-03-03"),
    "half an interval": ("funding", "date.end", None, "both dates or both null"),
    "no such day": ("funding", "date.start", "2021-02-30", "date.start"),
    "no such status": ("funding", "status", "rumoured", "status"),
    "confidence above 1": ("funding", "confidence", 1.01, "confidence"),
    "confidence below 0": ("funding", "confidence", -0.01, "confidence"),
    "a field that is none": ("funding", "amonut", None, "amonut"),
    "a partnership of one": ("partnership", "parties", [entity("甲科技")], "parties"),
    "no such kind of partnership": ("partnership", "kind", "friendly", "kind"),
    "a launch without an action": ("launch", "action", None, "action"),
    "a metric of nothing": ("metric", "value", None, "a metric has a value or at least one change"),
    "a metric without a name": ("metric", "name", None, "name"),
    "no such type": ("metric", "type", "merger", "type"),
}


def wrong(name: str) -> dict[str, Any]:
    kind, path, value, _ = WRONG[name]
    record = copy.deepcopy(WIRE[kind])
    *steps, last = path.split(".")
    holder = record
    for step in steps:
        holder = holder[step]
    holder[last] = value
    return record


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_record_cannot_be_built_and_the_message_names_document_and_field(name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_record(wrong(name), DOCUMENT)
    message = str(caught.value)
    assert message.startswith("document 'a1', record ")
    assert WRONG[name][3] in message
    field = WRONG[name][1].split(".")[0]
    assert field in message or name in ("a metric of nothing", "no such type")


@pytest.mark.parametrize("kind", WIRE)
def test_a_right_record_survives_the_wire(kind: str) -> None:
    record = parse_record(WIRE[kind], DOCUMENT)
    wire = record.model_dump_json()
    assert parse_record(json.loads(wire), DOCUMENT) == record
    assert TypeAdapter(Record).validate_json(wire) == record


@pytest.mark.parametrize("kind", WIRE)
def test_records_are_frozen(kind: str) -> None:
    record = parse_record(WIRE[kind], DOCUMENT)
    with pytest.raises(ValidationError, match="frozen"):
        record.confidence = 0.5


def test_what_the_wire_form_says() -> None:
    wire = parse_record(WIRE["funding"]).model_dump(mode="json")
    assert wire["amount"]["value"] == "300000000"
    assert (wire["amount"]["low"], wire["valuation"], wire["use"]) == (None, None, None)
    assert wire["company"]["canonical"] == "甲科技"
    assert wire["company"]["mention"] == at("甲科技")
    assert wire["date"]["start"] == "2021-03-04"
    assert {"type", "id", "doc_id", "status", "confidence", "evidence"} <= wire.keys()


# ---- any record ----

names = st.text(alphabet="甲乙丙丁科技资本ABC 🩺é", min_size=1, max_size=6)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**13)
modifiers = st.sampled_from(["exact", "about", "nearly", "over", "under", "at_least", "at_most"])
dates = st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    start = draw(st.integers(0, len(TEXT) - 1))
    return Mention.of(TEXT, start, draw(st.integers(start + 1, len(TEXT))))


def fillers(model: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(model, mention=mentions(), mentions=st.just(()), **fields)


def numeric(model: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    exact = fillers(model, value=numbers, low=st.none(), high=st.none(), modifier=modifiers, **fields)
    ranges = st.tuples(numbers, numbers).flatmap(
        lambda ends: fillers(model, value=st.none(), low=st.just(min(ends)), high=st.just(max(ends)), modifier=st.just("range"), **fields)
    )
    return exact | ranges


entities = fillers(Entity, name=names)
phrases = fillers(Phrase, text=names)
money = numeric(Money, currency=st.sampled_from(["CNY", "USD", None]))
quantities = numeric(Quantity, unit=st.none() | names)
intervals = st.tuples(dates, dates).flatmap(lambda ends: fillers(DateValue, start=st.just(min(ends)), end=st.just(max(ends)), precision=st.just("range")))
changes = fillers(Change, value=st.none() | numbers, modifier=modifiers)
base = {"confidence": st.floats(0, 1), "evidence": st.lists(mentions(), max_size=2).map(tuple)}
records: st.SearchStrategy[AnyRecord] = st.one_of(
    st.builds(
        Funding,
        company=entities,
        investors=st.lists(fillers(Investor, name=names, lead=st.none() | st.booleans()), max_size=2).map(tuple),
        amount=st.none() | money,
        round=st.none() | st.sampled_from(sorted(ROUNDS)),
        stake=st.none() | quantities,
        date=st.none() | intervals,
        round_mentions=st.just(()),
        **base,
    ),
    st.builds(Partnership, parties=st.lists(entities, min_size=2, max_size=3).map(tuple), scope=st.none() | phrases, date=st.none() | intervals, **base),
    st.builds(ProductLaunch, product=entities, organisation=st.none() | entities, version=st.none() | phrases, date=st.none() | intervals, **base),
    st.builds(
        Metric,
        subject=st.none() | entities,
        name=phrases,
        value=money | quantities,
        changes=st.lists(changes, max_size=2).map(tuple),
        as_of=st.none() | intervals,
        **base,
    ),
)


@given(records)
def test_any_record_survives_the_wire_and_fits_its_document(record: AnyRecord) -> None:
    assert parse_record(json.loads(record.model_dump_json()), DOCUMENT) == record


@given(records)
def test_any_record_fits_the_json_schema(record: AnyRecord) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(record_schema()).validate(json.loads(record.model_dump_json()))


@pytest.mark.parametrize("name", ["no such status", "a partnership of one", "no such round", "a currency's sign", "a field that is none", "no company"])
def test_the_json_schema_refuses_wrong_records(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    full = parse_record(WIRE[WRONG[name][0]]).model_dump(mode="json")
    *steps, last = WRONG[name][1].split(".")
    holder = full
    for step in steps:
        holder = holder[step]
    holder[last] = WRONG[name][2]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(record_schema()).validate(full)


def test_the_json_schema_says_how_it_is_told_apart() -> None:
    schema = record_schema()
    assert set(schema["discriminator"]["mapping"]) == {"funding", "partnership", "product_launch", "metric"}
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema)


@given(numbers)
def test_decimals_are_written_without_exponent_or_loss(value: Decimal) -> None:
    text = format_decimal(value)
    assert Decimal(text) == value
    assert "E" not in text.upper()
    assert not ("." in text and text.endswith("0"))


@given(st.integers(-5, len(TEXT) + 5), st.integers(-5, len(TEXT) + 5))
def test_a_mention_is_a_slice_or_an_error(start: int, end: int) -> None:
    if 0 <= start < end <= len(TEXT):
        assert Mention.of(TEXT, start, end).text == TEXT[start:end]
    else:
        with pytest.raises(ValueError, match="is no span"):
            Mention.of(TEXT, start, end)


# ---- documents ----


def test_a_document_takes_what_it_knows() -> None:
    document = parse_document({"id": "a", "text": TEXT, "title": None, "published": "2021-03-05", "records": [], "genre": "wire"})
    assert document == Document(id="a", text=TEXT, published=dt.date(2021, 3, 5))
    assert (document.part("text"), document.part("title")) == (TEXT, "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": "t"}, "gold.jsonl:3: id: Field required"),
        ({"id": "a"}, "gold.jsonl:3 (id 'a'): text: Field required"),
        ({"id": "a", "text": 5}, "(id 'a'): text: Input should be a valid string"),
        ({"id": "a", "text": "t", "published": "soon"}, "(id 'a'): published: "),
        ({"id": "a", "text": "t", "lang": "fr"}, "(id 'a'): lang: "),
    ],
)
def test_a_wrong_document_is_named(data: dict[str, Any], words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(data, "gold.jsonl:3")
    assert words in str(caught.value)


def test_a_merged_record_keeps_its_sources_and_says_whose_mentions_it_quotes() -> None:
    source = {**WIRE["funding"], "doc_id": "a1", "id": "1"}
    other = {"type": "funding", "doc_id": "a2", "id": "2", "company": {"name": "甲", "mention": {"start": 0, "end": 1, "text": "甲"}}}
    quoted = {**source["date"], "mention": {**at("完成"), "doc_id": "a2"}}
    merged = parse_record({**source, "date": quoted, "sources": [source, other]}, DOCUMENT)
    wire = json.loads(merged.model_dump_json())
    assert [found["doc_id"] for found in wire["sources"]] == ["a1", "a2"]
    assert wire["date"]["mention"]["doc_id"] == "a2"
    assert "doc_id" not in wire["company"]["mention"]
    assert parse_record(wire) == merged
    plain = json.loads(parse_record(source, DOCUMENT).model_dump_json())
    assert "sources" not in plain


@pytest.mark.parametrize("number", [1, 3])
def test_sources_are_two_plain_records_or_more(number: int) -> None:
    merged = {**WIRE["metric"], "sources": [WIRE["metric"], WIRE["metric"]]}
    with pytest.raises(DocumentError, match="two records or more"):
        parse_record({**WIRE["metric"], "sources": [WIRE["metric"]] if number == 1 else [merged] * number})
