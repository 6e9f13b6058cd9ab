"""Numbers with their measure word, unit or counted noun."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from healthevents.schema import Mention, Money, Quantity
from healthevents.values.amounts import Amount, find_amounts, load_data
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.folding import fold_value
from healthevents.values.money import as_money
from healthevents.values.numbers import ratio, read_numeral

_UNITS = load_data("units.json")
_STOP = frozenset(_UNITS["en_stop"])
_LATIN_UNIT = re.compile(r"(?:\s|&nbsp;){0,2}-?(?P<unit>[A-Za-z°μΩ‰℃Å²³'-]{1,30}(?:/[A-Za-z0-9]{1,8})?)")
_PER = re.compile(r" per [a-z]{2,12}(?:-[a-z]{2,10})?(?![a-z])")
_HAN_REST = re.compile(r"\s{0,2}(?P<unit>[\u4e00-\u9fff（）()/]{1,8})\s{0,2}\Z")
_HAN = re.compile("[\u4e00-\u9fff]")
_FRACTION = re.compile(r"(\d{1,2})/(\d{1,2})")
_LEAST_ORDINAL = 1000  # 第10000台: from here on an ordinal tells how many there are.
_WHOLE = re.compile(r"(?:全资|全部(?:股权|股份)|wholly[ -]owned|all(?: of)? the shares|outright)", re.IGNORECASE)
_OF_THE_TIME = re.compile(r" of the time", re.IGNORECASE)


@lru_cache(maxsize=1024)
def parse_quantity(text: str, counted_noun: str | None = None, after: str = "") -> Quantity | None:
    """Read the first quantity in a text: a number that is no money, with its unit as the text writes it.

    In English the unit is often the noun that is counted, which a metric's name gives rather than its value: pass that
    name as `counted_noun`, and it fills the unit where the text holds none (see `counted_unit`). Else the words after the mention
    may give it (`after`: "1.1 million" before " rings", "45" before " of its 120 employees").

    >>> parse_quantity("3.8万家").unit
    '家'
    """
    folded = fold_value(text)
    for amount in find_amounts(text, folded):
        if amount.is_money:
            continue
        found = as_quantity(text, folded, amount, counted_noun, after)
        if found is not None:
            return found
    whole = _WHOLE.search(folded)
    if whole is not None:
        return Quantity(value=Decimal(100), unit="%", mention=Mention.of(text, whole.start(), whole.end()))
    return None


def as_quantity(text: str, folded: str, amount: Amount, counted_noun: str | None = None, after: str = "") -> Quantity | None:
    """Make a Quantity of an amount, with the unit that follows it; None where a bare Chinese numeral is part of a word."""
    unit, end = amount.unit, amount.end
    if not amount.is_money and amount.low < _LEAST_ORDINAL and folded[max(0, amount.start - 1) : amount.start] == "第":
        return None  # 第三家 counts nothing; 第10000台 does.
    if amount.modifier == "exact" and amount.high is None and folded[amount.start] in "百千万亿" and unit != "%":
        return None  # 百度, 万人空巷: a magnitude alone counts nothing without "near" or "over".
    if unit is None and (parts := _FRACTION.fullmatch(folded, amount.start, amount.end)) is not None:
        share = ratio(Decimal(parts[1]), Decimal(parts[2]))
        if share is not None:
            return Quantity(value=share, unit="%", mention=Mention.of(text, amount.start, end))
    if unit is None:
        rest = _HAN_REST.match(folded, end)
        if rest is not None:
            if not amount.in_figures and amount.modifier == "exact" and amount.high is None:
                return None  # 一直: no measure word, so no count.
            if not amount.in_figures and not amount.scaled and _HAN.match(folded, max(0, amount.start - 1)) is not None and amount.start:
                return None  # 统一平台: the numeral is a piece of a word.
            unit, end = text[rest.start("unit") : rest.end("unit")], rest.end("unit")
        else:
            unit, end = _read_counted(text, end)
        if unit is None and not (amount.in_figures or amount.scaled) and _continues_word(folded, amount):
            return None
    if unit is None and after and not text[end:].strip():
        unit = _shared_unit(after, _GOES_ON if counted_noun is None else _MOVES_ON)
    if unit is None and counted_noun is not None:
        unit = counted_unit(counted_noun)
    if unit is None and after and not text[end:].strip():
        unit = _counted_after(after)
    mention = Mention.of(text, amount.start, end)
    if amount.high is not None:
        return Quantity(low=amount.low, high=amount.high, modifier="range", unit=unit, mention=mention)
    return Quantity(value=amount.low, modifier=amount.modifier, unit=unit, mention=mention)


def _continues_word(folded: str, amount: Amount) -> bool:
    """Tell whether a Chinese numeral without unit is a piece of another word (统一, 百度)."""
    around = folded[max(0, amount.start - 1) : amount.start] + folded[amount.end : amount.end + 1]
    return any("\u4e00" <= char <= "\u9fff" for char in around)


def _read_counted(text: str, end: int) -> tuple[str | None, int]:
    """Read the unit or counted noun that follows: up to the first plural, at most four words, none of them a preposition."""
    words_end, count, position = end, 0, end
    start = -1
    while count < 4 and (word := _LATIN_UNIT.match(text, position)) is not None:
        plain = word["unit"].lower()
        if plain in _STOP or (plain.endswith("ly") and count == 0):
            break
        start = word.start("unit") if start < 0 else start
        words_end = position = word.end()
        count += 1
        if (plain.endswith("s") and not plain.endswith(("ss", "us", "is"))) or plain in _PLURALS:
            break
    if start >= 0 and (per := _PER.match(text, words_end)) is not None:
        words_end = per.end()
    return (None, end) if start < 0 else (text[start:words_end], words_end)


# 45 of its 120 employees, nine of 31 patients, two of five states: what is counted stands after the whole.
_OF_WHOLE = re.compile(
    r" of (?:(?:its|the|their|all|some|about|top|more than) ){0,3}(?:\d[\d,.]{0,12}(?: (?:million|thousand))?|[a-z]{3,9}(?:-[a-z]{3,5})?)(?= )", re.IGNORECASE
)


# "fell from 171 to 118 percent", "77 and 64 weeks": the unit stands at the last.
_GOES_ON = re.compile(r"\s(?:to|and|or|versus|against) (?=\d)")
# Where a noun is counted, what follows "and" may be another thing.
_MOVES_ON = re.compile(r"\s(?:to|versus|against) (?=\d)")


def _shared_unit(after: str, goes_on: re.Pattern[str]) -> str | None:
    """Return the unit of the figure that a bare one is told together with."""
    joined = goes_on.match(after)
    last = None if joined is None else parse_quantity(after[joined.end() : joined.end() + 40])
    return last.unit if last is not None and last.mention.start == 0 else None


def _counted_after(after: str) -> str | None:
    """Return the counted noun that follows a bare figure, if it is a plural; what stands there else is a verb or another clause."""
    whole = _OF_WHOLE.match(after)
    if whole is not None and read_numeral(fold_value(whole[0].rsplit(" ", 1)[-1]).lower(), 0) is None:
        whole = None
    if "\n" in after[:2]:
        return None
    unit, _ = _read_counted(after, 0 if whole is None else whole.end())
    return unit if unit is not None and counted_unit(unit) == unit else None


_NUMBER_OF = re.compile(r"(?:the )?(?:total |cumulative |average )?numbers? of (?:the )?", re.IGNORECASE)
_MEASURES = re.compile(r"(?:rate|ratio|index|force|list|size|count|volume|list|membership|enroll?ment|headcount|score|share|sales)\Z", re.IGNORECASE)
# "left the exchanges" is a deed; "number of the beds" counts.
_WITH_OBJECT = re.compile(r"\A(?!(?:the )?(?:total |average )?numbers? )\S{1,24} (?:the|its|their|his|her|an?) ", re.IGNORECASE)
_VERBS = frozenset(_UNITS["en_verbs"])
_NARROWED = re.compile(r" (?:per|in|with|on|for|from|at|who|that|across) ", re.IGNORECASE)


def counted_unit(name: str) -> str | None:
    """Return what a metric of this name counts, for a figure that comes without a unit of its own.

    A verb counts nothing ("employs", "left the exchanges").
    A name whose head is a plural is the counted noun itself ("urban branches", "staff"), after "number of" too, and up to
    what only narrows it ("pumps in use"). Any other name measures and counts nothing ("hazard ratio", "sold"): null.
    """
    if _WITH_OBJECT.search(name) or name.strip().lower() in _VERBS:
        return None
    counted = _NARROWED.split(_NUMBER_OF.sub("", name.strip(), count=1), maxsplit=1)[0]
    words = counted.split(" of ", maxsplit=1)[0].split()
    if not words or _MEASURES.search(words[-1]):
        return None
    head = words[-1].strip(",.;")
    plain = head.lower()
    if plain in _SINGULARS:
        return " ".join([*words[:-1], _SINGULARS[plain]])
    plural = plain.endswith("s") and (not plain.endswith(("ss", "us", "is")) or head.endswith("Us"))
    return counted if plural or plain in _PLURALS else None


_SINGULARS: dict[str, str] = _UNITS["en_singulars"]
_PLURALS = frozenset(_UNITS["en_plurals"])


@lru_cache(maxsize=1024)
def parse_value(text: str, counted_noun: str | None = None, conventions: Conventions = DEFAULT, after: str = "") -> Money | Quantity | None:
    """Read the first amount of a text, and decide whether it is money (its currency is stated) or a quantity (see `parse_quantity`)."""
    folded = fold_value(text)
    for amount in find_amounts(text, folded):
        if amount.is_money:
            return as_money(text, amount, conventions)
        found = as_quantity(text, folded, amount, counted_noun, after)
        if found is not None:
            return found
    return parse_quantity(text, counted_noun, after)


_STANDARD: dict[str, str] = _UNITS["standard"]


def standard_unit(unit: str) -> str | None:
    """Return the English name of the unit that a unit of either language stands for, null where the table has none.

    >>> standard_unit("分鐘"), standard_unit("mins"), standard_unit("家医院")
    ('minute', 'minute', None)
    """
    plain = fold_value(unit).strip()
    return _STANDARD.get(plain) or _STANDARD.get(plain.lower())
