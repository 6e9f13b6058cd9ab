"""No text fails, every mention is a slice of its text, and time grows with the length of the text and not faster."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthevents.schema import Change, DateValue, Money, Quantity
from healthevents.values import (
    canonical_name,
    defined_aliases,
    find_dates,
    parse_change,
    parse_date,
    parse_money,
    parse_quantity,
    parse_round,
    parse_value,
    read_conventions,
    same_name,
)

PIECES = [
    "1",
    ",",
    ".",
    "-",
    "~",
    "/",
    "%",
    "$",
    "¥",
    "€",
    "亿",
    "万",
    "元",
    "年",
    "月",
    "日",
    "号",
    "至",
    "到",
    "多",
    "余",
    "几",
    "数",
    "半",
    "成",
    "分之",
    "个",
    "十",
    "一",
    "二",
    "三",
    "两",
    "百",
    "千",
    "同比",
    "环比",
    "增长",
    "下降",
    "去年",
    "今年",
    "上",
    "下",
    "周",
    "季度",
    "近",
    "约",
    "不超过",
    "以上",
    "a",
    "one",
    "two",
    "hundred",
    "million",
    "billion",
    "percent",
    "half",
    "third",
    "in",
    "of",
    "to",
    "up",
    "down",
    "rose",
    "from",
    "between",
    "Series",
    "A",
    "B+",
    "Pre-",
    "round",
    "Jan",
    "February",
    "2018",
    "30",
    "Q3",
    "FY",
    "first",
    "quarter",
    "last",
    "next",
    "Friday",
    "ended",
    "June",
    "(",
    ")",
    "“",
    "”",
    "有限公司",
    "Inc.",
    "轮",
    "收购",
    "0",
    "00",
    "99",
    "9999",
    "１",
    "％",
    "－",
    "〇",
    "&nbsp;",
    "\u3000",
    "🚀",
    "\n",
]
texts = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)
)
dates = st.one_of(st.none(), st.dates())


@settings(max_examples=80, deadline=None)
@given(texts, dates)
def test_any_text_gives_a_value_whose_mention_is_its_slice_or_none(text: str, published: dt.date | None) -> None:
    values: list[Money | Quantity | DateValue | Change | None] = [
        parse_money(text),
        parse_quantity(text),
        parse_value(text),
        parse_change(text),
        parse_date(text, published),
        *find_dates(text, published),
    ]
    for value in values:
        if value is not None:
            assert text[value.mention.start : value.mention.end] == value.mention.text
    parse_round(text)
    read_conventions(text)
    for alias in defined_aliases(text):
        assert text[alias.start : alias.end] == alias.name
        assert text[alias.alias_start : alias.alias_end] == alias.alias


@settings(max_examples=80, deadline=None)
@given(texts, texts)
def test_sameness_of_names_is_symmetric_and_canonical_forms_are_stable(a: str, b: str) -> None:
    assert same_name(a, b) == same_name(b, a)
    assert same_name(a, a)
    assert canonical_name(canonical_name(a)) == canonical_name(a) or same_name(canonical_name(a), a)


@settings(max_examples=50, deadline=None)
@given(st.integers(min_value=1, max_value=10**12), st.sampled_from(["元", "美元", " yuan", " million euros"]))
def test_figures_of_any_size_are_read_exactly(number: int, currency: str) -> None:
    scale = 1_000_000 if "million" in currency else 1
    assert parse_money(f"{number}{currency}").value == number * scale
    assert parse_money(f"{number:,}{currency}").value == number * scale


HOSTILE = [
    "1" * 30, "1,", "1.", "亿", "十百千万", "3万", "多", "年", "1月", "2018-", "2018年1月1日至", "-", "(", "“", "$", "a third of ", "one hundred ", "up to ", "between ",
    "from 1 to ", "同比", "增", "Series ", "Pre-", "有限公司", "(下称“", "January ", "the three months ended ", "每1人中有", "百分之", " ", "\u3000", "\n",
]  # fmt: skip
PARSERS: list[Callable[[str], object]] = [
    parse_money.__wrapped__,
    parse_quantity.__wrapped__,
    parse_change.__wrapped__,
    parse_round.__wrapped__,
    lambda text: parse_date.__wrapped__(text, dt.date(2018, 11, 5)),
    lambda text: find_dates(text, dt.date(2018, 11, 5)),
    defined_aliases,
    read_conventions.__wrapped__,
]


def seconds(text: str) -> float:
    start = time.process_time()
    for parse in PARSERS:
        parse(text)
    return time.process_time() - start


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    small, large = (piece * (size // len(piece)) for size in (1_000, 8_000))
    seconds(small)
    # Eight times the text: eight times the time, and not sixty-four times; the constant absorbs a slow clock.
    assert seconds(large) < 24 * seconds(small) + 0.15


@pytest.mark.parametrize("piece", ["1,"])
def test_a_million_characters(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    parse_money.__wrapped__(text)
    parse_date.__wrapped__(text, dt.date(2018, 11, 5))
    assert time.process_time() - start < 60
