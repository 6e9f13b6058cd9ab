"""The seed documents, and the articles that they go back to where those are at hand (`../shared/seeds`, other people's text)."""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import healthevents
from healthevents.annotations import AnnotatedDocument, read_annotations
from healthevents.documents import DocumentReader, Located
from healthevents.evaluation import evaluate
from healthevents.matching import fold
from healthevents.schema import RECORD_TYPES, AnyRecord, Document, Entity, Funding, Mention, Metric, Money, Partnership, ProductLaunch, parse_record

SEEDS = Path(__file__).parents[1] / "seeds"
ARTICLES = Path(__file__).parents[2] / "shared" / "seeds"
MANIFEST: list[dict[str, Any]] = json.loads((SEEDS / "manifest.json").read_text("utf-8"))

needs_articles = pytest.mark.skipif(not ARTICLES.is_dir(), reason="the original articles (../shared/seeds) are not here")


class Fact(NamedTuple):
    """What a reader would take away: the type, names that the record must hold, and its figure with currency or unit."""

    type: str
    names: tuple[str, ...] = ()
    figure: str | None = None
    measure: str | None = None
    round: str | None = None
    action: str | None = None

    def states(self, record: AnyRecord) -> bool:
        """Tell whether a record states the fact."""
        if record.type != self.type or (self.round and getattr(record, "round", None) != self.round):
            return False
        if self.action and getattr(record, "action", None) != self.action:
            return False
        forms = {fold(form) for entity in entities(record) for form in (entity.name, entity.canonical)}
        if not all(any(fold(name) in form or form in fold(name) for form in forms) for name in self.names):
            return False
        if self.figure is None:
            return True
        number = record.amount if isinstance(record, Funding) else record.value if isinstance(record, Metric) else None
        if number is None:
            return False
        figure = number.low if number.value is None else number.value
        return figure == Decimal(self.figure) and self.measure in (None, number.currency if isinstance(number, Money) else number.unit)


def entities(record: AnyRecord) -> Iterable[Entity]:
    match record:
        case Funding():
            return (record.company, *record.investors)
        case Partnership():
            return record.parties
        case ProductLaunch():
            return filter(None, (record.product, record.organisation))
        case Metric():
            return filter(None, (record.subject,))


FACTS: dict[str, tuple[Fact, ...]] = {
    "tencent-roche.txt": (
        Fact("partnership", ("Roche", "Tencent")),
        Fact("funding", ("Flatiron Health", "Roche"), "1900000000", "USD", "acquisition"),
        Fact("funding", ("Sipai Network", "Tencent")),
        Fact("product_launch", ("WeChat Wisdom Hospital",), action="launched"),
        Fact("metric", (), "73675000000", "CNY"),
        Fact("metric", (), "17800000000", "CNY"),
        Fact("metric", ("QQ",), "803000000"),
        Fact("metric", (), "437257000000", "USD"),
    ),
    "tencent-medical-dream.txt": (
        Fact("funding", ("水滴公司", "腾讯"), "1000000000", "CNY", "c"),
        Fact("partnership", ("腾讯", "赛诺菲")),
        Fact("product_launch", ("腾爱医生",), action="discontinued"),
        Fact("product_launch", ("微信智慧医院",), action="upgraded"),
        Fact("metric", (), "357", "个"),
        Fact("metric", (), "11637", "家"),
    ),
    "tencent-infrastructure.txt": (
        Fact("partnership", ("腾讯", "WebMD")),
        Fact("product_launch", ("腾讯觅影",), action="launched"),
        Fact("product_launch", ("微信智慧医院",), action="upgraded"),
        Fact("metric", (), "43.6", "分钟"),
        Fact("metric", (), "1300", "家"),
        Fact("metric", (), "100000000", "张"),
        Fact("metric", (), "7000000", "份"),
    ),
    "tencent-hunyuan.txt": (
        Fact("metric", (), "311500000000", "USD"),
        Fact("partnership", ("Tencent", "AstraZeneca")),
        Fact("product_launch", ("Miying",)),
    ),
    "linkdoc-ipo.md": (
        Fact("funding", ("零氪科技", "NEA"), "10000000", "USD"),
        Fact("funding", ("零氪科技",), "1000000000", "CNY", "d"),
        Fact("funding", ("零氪科技",), "700000000", "CNY", "d_plus"),
        Fact("funding", ("零氪科技", "阿里健康"), round="strategic"),
        Fact("metric", (), "499000000", "CNY"),
        Fact("metric", (), "942000000", "CNY"),
        Fact("metric", (), "10", "%"),
    ),
}


# What the shipped model still misses in the real articles; shrink this list. The fourth run's model finds the upgrade of 微信智慧医院, which the third's
# missed, and misses two facts that the third's found (水滴公司, Miying).
KNOWN_MISSES = {
    Fact("funding", ("Sipai Network", "Tencent")),  # "led the tumor big data company", machine-translated, is read as a partnership
    Fact("metric", ("QQ",), "803000000"),  # found, with Tencent as its subject
    Fact("funding", ("零氪科技", "NEA"), "10000000", "USD"),
    Fact("funding", ("零氪科技", "阿里健康"), round="strategic"),  # found as the D+ round of the same paragraph
    Fact("product_launch", ("微信智慧医院",), action="upgraded"),
    Fact("product_launch", ("腾讯觅影",), action="launched"),
}


def mentions(value: Any) -> Iterable[Mention]:
    if isinstance(value, Mention):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from mentions(item)
    elif hasattr(value, "__dict__"):
        yield from mentions(tuple(vars(value).values()))


def read(path: Path) -> list[Document]:
    found = list(DocumentReader([path]))
    assert all(isinstance(item, Located) for item in found), found
    return [item.document for item in found if isinstance(item, Located)]


def gold() -> dict[str, AnnotatedDocument]:
    return {document.id: document for document in read_annotations(SEEDS / "gold.jsonl")}


@pytest.fixture(scope="module")
def extractor() -> Any:
    return healthevents.Extractor()


def test_gold_is_what_the_files_hold() -> None:
    documents = {document.id: document for document in read(SEEDS / "documents")}
    assert documents.keys() == gold().keys() == {entry["document"] for entry in MANIFEST} == FACTS.keys()
    for name, annotated in gold().items():
        document = documents[name]
        assert annotated.text == document.text
        assert (annotated.lang, annotated.published, annotated.title) == (document.lang, document.published, document.title)


def test_every_type_of_record_is_there() -> None:
    types = {record.type for document in gold().values() for record in document.records}
    assert types == set(RECORD_TYPES)
    report = evaluate(gold().values(), [document.records for document in gold().values()], bootstrap=0)
    assert report.row().record.f1 == 1


@pytest.mark.parametrize("name", FACTS)
def test_gold_states_the_known_facts(name: str) -> None:
    records = gold()[name].records
    assert [fact for fact in FACTS[name] if not any(fact.states(record) for record in records)] == []


def test_the_manifest_says_where_each_document_comes_from() -> None:
    for entry in MANIFEST:
        assert entry["original"].keys() == {"file", "title", "outlet", "date", "url", "sha256"}
        assert entry["original"]["title"]
        assert len(entry["original"]["sha256"]) == 64


@needs_articles
@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["document"])
def test_the_original_is_the_one_in_the_manifest(entry: dict[str, Any]) -> None:
    assert hashlib.sha256((ARTICLES / entry["original"]["file"]).read_bytes()).hexdigest() == entry["original"]["sha256"]


@needs_articles
@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["document"])
def test_records_of_the_original_are_exact_and_hold_the_known_facts(entry: dict[str, Any], extractor: Any) -> None:
    (document,) = read(ARTICLES / entry["original"]["file"])
    ((_, records),) = extractor.stream([document])
    for record in records:
        for mention in mentions(record):
            assert document.part(mention.in_)[mention.start : mention.end] == mention.text
        assert parse_record(json.loads(record.model_dump_json()), document) == record
    missed = {fact for fact in FACTS[entry["document"]] if not any(fact.states(record) for record in records)}
    assert missed <= KNOWN_MISSES


@needs_articles
def test_known_misses_are_few() -> None:
    facts = {fact for name in FACTS for fact in FACTS[name]}
    assert facts >= KNOWN_MISSES
    assert len(KNOWN_MISSES) <= len(facts) / 5
