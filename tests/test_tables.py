"""The table of records: short figures, dates at their precision, Chinese that breaks where it may."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from healthevents.schema import (
    AnyRecord,
    Change,
    DateValue,
    Document,
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
)
from healthevents.tables import change_text, date_text, number_text, records_table, value_text

TEXT = (
    "甲科技（杭州）有限公司宣布完成近1.5亿元人民币B+轮融资，由乙资本领投，丙创投跟投；资金用于血糖仪“安糖”3.0的研发。它去年进入700多家医院，收入同比增长39%。"
)
DOCUMENT = Document(id="a1", text=TEXT, title="一个标题", published=dt.date(2021, 3, 5))


def at(text: str) -> Mention:
    start = TEXT.index(text)
    return Mention.of(TEXT, start, start + len(text))


RECORDS: list[AnyRecord] = [
    Funding(
        company=Entity(name="甲科技（杭州）有限公司", mention=at("甲科技")),
        investors=(Investor(name="乙资本", mention=at("乙资本"), lead=True), Investor(name="丙创投", mention=at("丙创投"))),
        amount=Money(value=Decimal(150_000_000), modifier="nearly", currency="CNY", mention=at("近1.5亿元人民币")),
        round="b_plus",
        valuation=Money(low=Decimal(2_000_000_000), high=Decimal(3_000_000_000), modifier="range", currency=None, mention=at("宣布")),
        date=DateValue(start=None, end=None, precision=None, mention=at("去年")),
        confidence=0.936,
        evidence=(Mention.of(TEXT, 0, TEXT.index("。")),),
    ),
    Partnership(
        parties=(Entity(name="甲科技", mention=at("甲科技")), Entity(name="乙资本", mention=at("乙资本"))),
        kind="joint_venture",
        exclusive=True,
        status="planned",
    ),
    ProductLaunch(product=Entity(name="安糖", mention=at("安糖")), action="upgraded", version=Phrase(text="3.0", mention=at("3.0"))),
    Metric(
        name=Phrase(text="收入", mention=at("收入")),
        changes=(Change(direction="up", value=Decimal(39), unit="%", basis="year_on_year", mention=at("同比增长39%")),),
    ),
]


def shown(width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(records_table(RECORDS, DOCUMENT))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_row_says_who_what_when_and_quotes() -> None:
    out = shown(120)
    for part in (
        "a1 · 一个标题 · 2021-03-05", "甲科技（杭州）有限公司", "← 乙资本 (lead), 丙创投", "↗150M CNY · B+", "valuation 2B–3B", "“去年”", "0.94",
        "甲科技 + 乙资本", "joint venture,", "planned", "安糖 3.0", "upgraded", "▲39% yoy",
    ):  # fmt: skip
        assert part in out


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    assert max(cell_len(line) for line in shown(width).splitlines()) <= width


def test_a_document_without_records_says_so() -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(records_table([], DOCUMENT))
    assert "no records" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("300000000", "300M"),
        ("311500000000", "311.5B"),
        ("73675000000", "73.675B"),
        ("123456789", "123,456,789"),
        ("12000", "12,000"),
        ("0.30", "0.3"),
        ("43.6", "43.6"),
        ("-1870000", "-1.87M"),
        ("0", "0"),
    ],
)
def test_numbers(value: str, text: str) -> None:
    assert number_text(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**15), max_value=10**15))
def test_a_short_number_is_still_exact(value: Decimal) -> None:
    text = number_text(value)
    power = {"T": 12, "B": 9, "M": 6}.get(text[-1], 0)
    assert Decimal(text.rstrip("TBM").replace(",", "")).scaleb(power) == value


def test_values_and_changes() -> None:
    mention = at("700多家")
    assert value_text(Quantity(value=Decimal(700), modifier="over", unit="家", mention=mention)) == ">700 家"
    assert value_text(Quantity(low=Decimal(7), high=Decimal(10), modifier="range", unit="%", mention=mention)) == "7–10%"
    assert value_text(Money(value=Decimal(5), currency=None, mention=mention)) == "5"
    assert change_text(Change(direction="down", mention=mention)) == "▼"
    assert change_text(Change(direction="up", value=Decimal(3), unit="percentage points", modifier="about", mention=mention)) == "▲≈3 percentage points"


@pytest.mark.parametrize(
    ("start", "end", "precision", "text"),
    [
        ("2021-03-04", "2021-03-04", "day", "2021-03-04"),
        ("2017-08-01", "2017-08-31", "month", "2017-08"),
        ("2021-04-01", "2021-06-30", "quarter", "2021 Q2"),
        ("2021-07-01", "2021-12-31", "half", "2021 H2"),
        ("2021-01-01", "2021-12-31", "year", "2021"),
        ("2010-01-01", "2019-12-31", "decade", "2010s"),
        ("2014-06-01", "2014-08-31", "season", "2014-06…08"),
        ("2019-07-01", "2020-06-30", "range", "2019-07…2020-06"),
        ("2013-10-11", "2013-10-20", "range", "2013-10-11…20"),
        ("2013-10-29", "2013-11-04", "week", "2013-10-29…11-04"),
        ("2013-12-30", "2014-01-05", "week", "2013-12-30…2014-01-05"),
    ],
)
def test_dates(start: str, end: str, precision: str, text: str) -> None:
    date = DateValue.model_validate({"start": start, "end": end, "precision": precision, "mention": at("去年")})
    assert date_text(date) == text
