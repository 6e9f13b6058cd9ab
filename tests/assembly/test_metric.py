"""Figures from hand-made taggings."""

import datetime as dt
from decimal import Decimal

import pytest
from assembled import only, records
from taggings import Said

from healthevents.schema import AnyRecord, Document, Metric


def metric(found: list[AnyRecord]) -> list[tuple[str | None, str, object, list[tuple[str, object, str | None]]]]:
    return [
        (
            record.subject and record.subject.name, record.name.text, record.value and record.value.value,
            [(change.direction, change.value, change.unit) for change in record.changes],
        )
        for record in found
        if isinstance(record, Metric)
    ]  # fmt: skip


def test_a_list_of_figures_of_one_subject_is_a_record_each() -> None:
    document = Document(id="d", text="2018年，杏林通覆盖357个城市的1.2万家医院，收入4.2亿元。", published=dt.date(2019, 1, 1))
    said = {
        "t": Said("metric", "as_of", "2018年"), "s": Said("metric", "subject", "杏林通"),
        "v": Said("metric", "value", "357个"), "n": Said("metric", "name", "城市"), "w": Said("metric", "value", "1.2万家"),
        "m": Said("metric", "name", "医院"),
        "k": Said("metric", "name", "收入"), "x": Said("metric", "value", "4.2亿元"),
    }  # fmt: skip
    found = records(document, said, ["t s v n", "t s w m", "t s k x"])
    assert sorted(metric(found), key=str) == sorted(
        [("杏林通", "城市", Decimal(357), []), ("杏林通", "医院", Decimal(12_000), []), ("杏林通", "收入", Decimal(420_000_000), [])], key=str
    )
    assert {(record.as_of.start, record.as_of.end) for record in found} == {(dt.date(2018, 1, 1), dt.date(2018, 12, 31))}  # type: ignore[union-attr]
    assert [type(record.value).__name__ for record in sorted(found, key=lambda r: r.name.mention.start)] == ["Quantity", "Quantity", "Money"]  # type: ignore[union-attr]


def test_a_change_belongs_to_its_value() -> None:
    document = Document(id="d", text="收入4.2亿元，同比增长39%；利润1亿元，同比下降5%。")
    said = {
        "n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4.2亿元"), "g": Said("metric", "change", "同比增长39%"),
        "m": Said("metric", "name", "利润"), "w": Said("metric", "value", "1亿元"), "h": Said("metric", "change", "同比下降5%"),
    }  # fmt: skip
    assert metric(records(document, said, ["n v g", "m w h"])) == [
        (None, "收入", Decimal(420_000_000), [("up", Decimal(39), "%")]),
        (None, "利润", Decimal(100_000_000), [("down", Decimal(5), "%")]),
    ]


def test_a_change_alone_is_a_record_of_its_own() -> None:
    document = Document(id="d", text="Wrenfold's net profit fell 12% year on year.")
    said = {"s": Said("metric", "subject", "Wrenfold"), "n": Said("metric", "name", "net profit"), "g": Said("metric", "change", "fell 12% year on year")}
    found = records(document, said, ["s n g"])
    assert metric(found) == [("Wrenfold", "net profit", None, [("down", Decimal(12), "%")])]
    assert only(found).changes[0].basis == "year_on_year"


def test_a_forecast_is_planned() -> None:
    document = Document(id="d", text="预计2030年市场规模达500亿元。")
    said = {"n": Said("metric", "name", "市场规模"), "v": Said("metric", "value", "500亿元", metric__status="planned"), "t": Said("metric", "as_of", "2030年")}
    assert only(records(document, said, ["n v t"])).status == "planned"


def test_a_figure_without_a_name_or_that_cannot_be_read_is_no_record() -> None:
    document = Document(id="d", text="很多，收入不少。")
    assert records(document, {"v": Said("metric", "value", "很多")}) == []
    assert records(document, {"n": Said("metric", "name", "收入"), "v": Said("metric", "value", "不少")}, ["n v"]) == []


# ---- values and changes that belong together ----


@pytest.mark.parametrize(
    ("text", "name", "first", "second", "expected"),
    [
        ("Revenue was Rs 450 crore (around $59 million).", "Revenue", "Rs 450 crore", "$59 million", [("INR", 4_500_000_000)]),
        ("收入1.17亿港元,约合人民币1.03亿元。", "收入", "1.17亿港元", "人民币1.03亿元", [("HKD", 117_000_000)]),
        ("Revenue was $62 million (or $59 million).", "Revenue", "$62 million", "$59 million", [("USD", 62_000_000), ("USD", 59_000_000)]),
    ],
)
def test_a_figure_repeated_in_another_currency_is_one(text: str, name: str, first: str, second: str, expected: list[tuple[str, int]]) -> None:
    said = {"n": Said("metric", "name", name), "v": Said("metric", "value", first), "w": Said("metric", "value", second)}
    found = records(Document(id="d", text=text), said, ["n v", "n w"])
    assert [(record.value.currency, record.value.value) for record in found] == expected  # type: ignore[union-attr]


GROWTH = Document(id="d", text="收入4.2亿元，利润1亿元，收入同比增长39%。")
GROWTH_SAID = {
    "n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4.2亿元"), "m": Said("metric", "name", "利润"), "w": Said("metric", "value", "1亿元"),
    "g": Said("metric", "change", "同比增长39%"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["收入", "利润"])
def test_a_change_linked_with_no_value_joins_the_figure_of_its_name(name: str) -> None:
    own = {"收入": "n", "利润": "m"}[name]
    found = metric(records(GROWTH, GROWTH_SAID, ["n v", "m w", f"{own} g"]))
    assert [(figure[1], figure[3]) for figure in found if figure[3]] == [(name, [("up", Decimal(39), "%")])]
    assert len(found) == 2


def test_a_change_shares_the_direction_of_the_one_before_it_in_its_sentence() -> None:
    said = {
        "n": Said("metric", "name", "Sales"), "g": Said("metric", "change", "fell 11%"), "m": Said("metric", "name", "orders"), "h": Said("metric", "change", "6%"),
    }  # fmt: skip
    found = metric(records(Document(id="d", text="Sales fell 11% and orders 6%."), said, ["n g", "m h"]))
    assert found == [(None, "Sales", None, [("down", Decimal(11), "%")]), (None, "orders", None, [("down", Decimal(6), "%")])]
    chinese = Document(id="d", text="收入同比下降11%，订单6%。")
    said_zh = {
        "n": Said("metric", "name", "收入"), "g": Said("metric", "change", "同比下降11%"), "m": Said("metric", "name", "订单"), "h": Said("metric", "change", "6%"),
    }  # fmt: skip
    assert [figure[3] for figure in metric(records(chinese, said_zh, ["n g", "m h"]))] == [[("down", Decimal(11), "%")], [("down", Decimal(6), "%")]]
    # A full stop ends what is shared.
    apart = metric(records(Document(id="d", text="Sales fell 11%. As for orders 6%."), said, ["n g", "m h"]))
    assert [figure[1] for figure in apart if figure[3] and figure[3][0][0] == "down"] == ["Sales"]
