"""Where mentions begin and end."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.spans import (
    Span,
    complete_names,
    is_seat,
    settled,
    single_figures,
    whole_amount,
    whole_date,
    whole_words,
    without_function_words,
    without_marks,
)


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("by Merlion Vaccines", "Mer", "Merlion"),
        ("the Merlion", "lion", "Merlion"),
        ("of $130 million", "$1", "$130"),
        ("of 1,300 beds", "300", "1,300"),
        ("of 3.8万家", "3", "3.8"),
        ("B轮融资", "B", "B"),
        ("in 2021, 40 beds", "2021", "2021"),
        ("in the U.S. and", "U", "U.S."),
        ("Halden N.V. said", "Halden N", "Halden N.V."),
    ],
)
def test_a_mention_is_no_half_word_and_no_half_number(text: str, piece: str, expected: str) -> None:
    start = text.index(piece)
    assert text[slice(*whole_words(text, start, start + len(piece)))] == expected


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("华新、华锦基金", "华新、", "华新"),
        ("“早筛”保险", "“早筛", "早筛"),
        ("“早筛”保险", "“早筛”", "“早筛”"),
        ("甲公司(乙", "(乙", "乙"),
        ("Acme (US) Inc.", "Acme (US) Inc.", "Acme (US) Inc."),
        ("in 2016. Then", "2016.", "2016"),
        ("、", "、", "、"),
    ],
)
def test_marks_at_the_edge_are_no_part_of_a_mention(text: str, piece: str, expected: str) -> None:
    start = text.index(piece)
    assert text[slice(*without_marks(text, start, start + len(piece)))] == expected


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("raised $38.5 million in May", "$38.5", "$38.5 million"),
        ("58 billion won", "58 billion", "58 billion won"),
        ("融资2亿元人民币", "2", "2亿元人民币"),
        ("61 hospitals", "61", "61"),
        ("46家三甲医院", "46家", "46家"),
        ("no figure", "figure", "figure"),
        ("revenue of ARS 44.9 bn", "44.9 bn", "ARS 44.9 bn"),
        ("revenue of ARS 44.9 bn", "ARS", "ARS 44.9 bn"),
        ("users exceeded 3 billion", "exceeded", "exceeded 3 billion"),
        ("a stake of 19.9 per cent", "19.9", "19.9 per cent"),
        ("共3款产品", "3", "3款"),
        ("用户9万多公里", "9万多", "9万多公里"),
        ("up from 42% to 79%", "42%", "42%"),
        ("rose from €157m", "157m", "€157m"),
        ("3,412   +4", "3,412", "3,412"),
        ("12\n万元", "12", "12"),
        ("opened seven hospitals in 15 cities", "seven", "seven"),
        ("eight products in twenty countries", "eight", "eight"),
        ("tens of millions of users", "tens of millions", "tens of millions"),
        ("二十三万", "二", "二十三万"),
        ("margin\n51%\n38%", "51%\n38%", "51%"),
        ("raised $3.8\nmillion", "$3.8\nmillion", "$3.8\nmillion"),
    ],
)
def test_an_amount_takes_its_magnitude_and_currency(text: str, piece: str, expected: str) -> None:
    start = text.index(piece)
    assert text[slice(*whole_amount(text, start, start + len(piece)))] == expected


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("4月30日揭牌", "4月30", "4月30日"),
        ("11月2日凌晨", "11月", "11月2日"),
        ("5月18日起供货", "5月18日", "5月18日"),
        ("2015年全年", "2015年", "2015年"),
        ("in November 2003", "November", "November 2003"),
        ("on Sunday evening", "Sunday", "Sunday"),
        ("on October 12, 2023", "October 12", "October 12, 2023"),
        ("in January and March", "January", "January"),
        ("in the year to March 2025", "the year to", "the year to March 2025"),
        ("今天上午九点", "今天", "今天"),
        ("10月8日上午9时", "10月8", "10月8日"),
        ("last year's sales", "last year", "last year"),
        ("no day", "day", "day"),
    ],
)
def test_a_date_is_no_half_date(text: str, piece: str, expected: str) -> None:
    start = text.index(piece)
    assert text[slice(*whole_date(text, start, start + len(piece)))] == expected


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("rose from 42% to 79%", "42% to 79%", ["42%", "79%"]),
        ("cut from $80 million to $90 million", "$80 million to $90 million", ["$80 million", "$90 million"]),
        ("ranges from 42% to 79%", "42% to 79%", ["42% to 79%"]),
        ("$80 to $90 million", "$80 to $90 million", ["$80 to $90 million"]),
        ("由12家到30家", "12家到30家", ["12家", "30家"]),
        ("从29.8元", "29.8元", ["29.8元"]),
        ("rose from 4 to 8 million", "4 to 8 million", ["4 to 8 million"]),
        ("from $80 to $90 million", "$80 to $90 million", ["$80 to $90 million"]),
        ("aged from 18 to 65", "18 to 65", ["18 to 65"]),
        ("由4.9亿至5.1亿美元", "4.9亿至5.1亿美元", ["4.9亿至5.1亿美元"]),
        ("7至10年", "7至10年", ["7至10年"]),
    ],
)
def test_what_moved_from_one_figure_to_another_has_two(text: str, piece: str, expected: list[str]) -> None:
    start = text.index(piece)
    assert [text[slice(*own)] for own in single_figures(text, start, start + len(piece))] == expected


@pytest.mark.parametrize("widened", [whole_amount, whole_date])
def test_nothing_is_widened_over_the_mention_before(widened: Callable[[str, int, int, int], tuple[int, int]]) -> None:
    text = "in May 2024 USD 3 million"
    for after in range(len(text)):
        for end in range(after + 1, len(text) + 1):
            start, stop = widened(text, after, end, after)
            assert after <= start <= after < end <= stop


@given(st.text("0123456789.,%€ \n年月日万元亿约近上up tofrMayJune-", max_size=40), st.data())
def test_settling_keeps_within_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(min(start + 1, len(text)), len(text)))
    for record_type, role in (("metric", "value"), ("metric", "as_of"), ("funding", "company"), ("partnership", "scope")) if start < end else ():
        edges = [0, *(edge for place in settled(text, start, end, record_type, role) for edge in place), len(text)]
        assert edges == sorted(edges)
        assert all(low < high for low, high in zip(edges[1:-1:2], edges[2:-1:2], strict=True))


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("Sinai and the clinic", "Sinai and the", "Sinai"),
        ("sold to Merrow in May", "Merrow in", "Merrow"),
        ("the clinic", "the", None),
        ("Bank of Osier", "Bank of Osier", "Bank of Osier"),
        ("the Group at", "the Group at", "the Group"),
        ("Merrow\nNext item", "Merrow\nNext", "Merrow"),
        ("Check-in grew", "Check-in", "Check-in"),  # a word with a hyphen is one word
        ("Brand grew", "Brand", "Brand"),
        ("松萤医疗", "松萤医疗", "松萤医疗"),
    ],
)
def test_no_name_ends_in_a_function_word_or_goes_over_a_line(text: str, piece: str, expected: str | None) -> None:
    found = without_function_words(text, text.index(piece), text.index(piece) + len(piece))
    assert (text[slice(*found)] if found else None) == expected


@pytest.mark.parametrize(
    ("text", "name", "seat"),
    [
        ("Rochester, Minn.-based Mayo Clinic", "Rochester", True),
        ("Leeds-based Corvane", "Leeds", True),
        ("Paris-headquartered Merrow", "Paris", True),
        ("Corvane is based in Leeds", "Corvane", False),
        ("Corvane, a Leeds-based firm", "Corvane", False),
    ],
)
def test_a_place_in_front_of_based_is_a_seat(text: str, name: str, seat: bool) -> None:
    assert is_seat(text, text.index(name) + len(name)) is seat


def test_a_name_tagged_in_full_once_is_tagged_in_full_everywhere() -> None:
    text = "松萤医疗融资。松萤医疗称，松萤平台上线，松萤已盈利。"
    spans = [
        Span(0, 4, "funding", "company", 0.9),
        Span(7, 8, "funding", "company", 0.9),  # a piece of the name
        Span(13, 17, "product_launch", "product", 0.9),
        Span(20, 22, "funding", "company", 0.9),  # a short form, not a piece
    ]
    assert [text[s.start : s.end] for s in complete_names(text, spans)] == ["松萤医疗", "松萤医疗", "松萤平台", "松萤"]
