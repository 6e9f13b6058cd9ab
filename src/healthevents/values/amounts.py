"""Find amounts in a text: a numeral with its modifier, sign, currency, unit and, of a range, the second end.

The grammar is one for money, quantities and changes; what an amount is good for is decided by its caller. The search
moves forward from numeral to numeral; every pattern is bounded in length and looks at no more than a short window, so
reading takes time in the length of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from healthevents.schema import Modifier
from healthevents.values.folding import fold, fold_value
from healthevents.values.numbers import BLANK, HAN_START, ONE, WORD_START, Numeral, ratio, read_numeral

_HUNDRED = Decimal(100)
_TEN = Decimal(10)
_WINDOW = 32  # How far before a numeral its modifier, currency and sign may begin.


class Amount(NamedTuple):
    """One amount of a text, `text[start:end]`.

    `high` is set for ranges alone. `unit` is as the text writes it, but "%" for every percent sign or word. `currency`
    is an ISO code, or null with `is_money` true where the text names a currency that several countries use (crowns).
    `mark` is what a document may use for another currency than that: "$", "元", "¥", "¢" (cents), or the name of an open word ("crown").
    """

    start: int
    end: int
    low: Decimal
    high: Decimal | None
    modifier: Modifier
    unit: str | None = None
    currency: str | None = None
    is_money: bool = False
    in_figures: bool = False
    scaled: bool = False
    mark: str | None = None


class _Part(NamedTuple):
    """One end of an amount: a numeral or share with the currency, unit and modifier that follow it."""

    end: int
    low: Decimal
    high: Decimal | None = None
    modifier: Modifier = "exact"
    scale: Decimal = ONE
    unit: str | None = None
    currency: str | None = None
    is_money: bool = False
    in_figures: bool = False
    has_suffix: bool = False
    mark: str | None = None


@cache
def load_data(name: str) -> Any:
    """Read a JSON table of `healthevents/data`, once; it is shared and not to be changed."""
    return json.loads((resources.files("healthevents") / "data" / name).read_text(encoding="utf-8"))


def alternation(words: list[str]) -> str:
    """Make one pattern of many literal words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# ------------------------------------------------------------------------------------------------------- currencies

_CURRENCIES = load_data("currencies.json")
_SHARED_SYMBOLS: dict[str, dict[str, str]] = _CURRENCIES["shared_symbols"]
PREFIX_CODES: dict[str, str] = {fold(prefix): item["code"] for item in _CURRENCIES["currencies"] for prefix in item["prefix"]}
_WORD_CODES: dict[str, tuple[str | None, Decimal]] = {}
for _item in _CURRENCIES["currencies"]:
    _WORD_CODES |= {fold(word): (_item["code"], ONE) for word in (*_item["zh"], *_item["en"])}
    _WORD_CODES |= {fold(word): (_item["code"], Decimal(share)) for word, share in _item.get("minor", {}).items()}
# MSEK, KEUR: a currency with a magnitude.
_SCALED: dict[str, tuple[str, Decimal]] = {
    f"{letter}{code}": (code, Decimal(10) ** zeros)
    for letter, zeros in _CURRENCIES["with_scale"]["scales"].items()
    for code in _CURRENCIES["with_scale"]["codes"]
}
_WORD_CODES |= {word.lower(): scaled for word, scaled in _SCALED.items()}
# The words for the money of several countries, by the name under which `Conventions.open_words` says whose a document means.
OPEN_WORDS: dict[str, str] = {word: item["name"] for item in _CURRENCIES["open_words"] for word in (*item["en"], *item["zh"])}
# Signs before a sum that several countries write, too: Rs, Dh.
OPEN_PREFIXES: dict[str, str] = {fold(prefix): item["name"] for item in _CURRENCIES["open_words"] for prefix in item.get("prefix", ())}
_WORD_CODES = dict.fromkeys(OPEN_WORDS, (None, ONE)) | _WORD_CODES
_SHORT_MINOR = {letter: (code[0], Decimal(code[1])) for letter, code in _CURRENCIES["short_minor"].items() if letter != "source"}
_PREFIX = rf"(?<![A-Za-z$])(?:{alternation([*PREFIX_CODES, *_SHARED_SYMBOLS])})"
# What a document may mean differently: the bare dollar, 元, ¥ and cents.
_MARKS = frozenset({"$", "元", "¥"})
_DOLLAR_WORDS = frozenset({"dollars", "dollar"})
_CENTS = frozenset({"cents", "cent", "cts", "¢"})
# Letters that stand for a currency before what can only be a sum: R60m, P1.2 billion, R58,000.
LETTERS = {"R": "ZAR", "P": "PHP"}
_SUM_IN_FIGURES = re.compile(r"\d[\d,.]{0,15} ?(?:m|bn|million|billion)(?![a-z])|\d{1,3}(?:,\d{3})+(?!\d)")
# A sum with its currency, in a text in Latin letters: its sign or code (`prefix`), or its name (`word`).
SUM_WITH_CURRENCY = re.compile(
    rf"(?P<prefix>(?-i:{_PREFIX}))\s?\d|\d(?: ?(?:million|billion|trillion|thousand|mn?|bn|crore|lakh))?[ -]"
    rf"(?P<word>{alternation([word for word, (_, share) in _WORD_CODES.items() if word.isascii() and share == ONE])})(?![a-z0-9])",
    re.IGNORECASE,
)


def currency_of(prefix: str | None, word: str | None) -> str | None:
    """Return the currency of a prefix or word of SUM_WITH_CURRENCY; null for one that stands for several or none by itself."""
    return PREFIX_CODES.get(prefix) if prefix else _WORD_CODES[word.lower()][0] if word else None


_CURRENCY_WORD = re.compile(
    rf"{BLANK}-?(?:in |of )?(?:(?P<han>{alternation([word for word in _WORD_CODES if not word.isascii()])})"
    rf"|(?P<latin>{alternation([word for word in _WORD_CODES if word.isascii()])})(?![a-z0-9]))",
    re.IGNORECASE,
)
_SHORT_MINOR_WORD = re.compile(rf"[{''.join(_SHORT_MINOR)}](?![A-Za-z0-9])")
# 9块6, 三块五: the figure after the unit counts tenths.
_TENTHS = re.compile(r"([一二三四五六七八九\d])(?:毛钱?|角)?(?![\d一二三四五六七八九十百千万亿.个多余])")

# -------------------------------------------------------------------------------------------------------- modifiers

_MODIFIER_WORDS = load_data("modifiers.json")


def _grouped(table: dict[str, list[str]]) -> str:
    """Make an alternation with one group for each modifier; the words of the data file are patterns."""
    return "|".join(f"(?P<{modifier}>{'|'.join(sorted(words, key=len, reverse=True))})" for modifier, words in table.items())


def _merged(first: str, second: str) -> dict[str, list[str]]:
    names = {*_MODIFIER_WORDS[first], *_MODIFIER_WORDS[second]}
    latin = {
        name: [rf"(?<![a-z]){word}(?![a-z])" if word[0].isascii() and word[0] not in "[<>(" else word for word in words]
        for name, words in _MODIFIER_WORDS[second].items()
    }
    return {name: [*_MODIFIER_WORDS[first].get(name, []), *latin.get(name, [])] for name in sorted(names)}


_BEFORE = re.compile(
    rf"(?:(?:{_grouped(_merged('zh_before', 'en_before'))}){BLANK})?"
    rf"(?:(?P<currency>{_PREFIX}|(?<![A-Za-z&])[RP]|(?<![A-Za-z])(?:{alternation(list(_SCALED))})){BLANK})?(?P<sign>负的?|minus\s|-|\()?\Z",
    re.IGNORECASE,
)


def _after(name: str) -> str:
    """Make the alternation of the words that may follow a figure and give it a modifier."""
    chinese = [BLANK + (word if "(" in word else re.escape(word)) for word in _MODIFIER_WORDS["zh_after"].get(name, [])]
    return "|".join([*chinese, *(rf"{BLANK}{word}(?![a-z0-9])" for word in _MODIFIER_WORDS["en_after"].get(name, []))])


_AFTER = re.compile(
    "(?:" + "|".join(rf"(?P<{name}>{_after(name)})" for name in sorted({*_MODIFIER_WORDS["zh_after"], *_MODIFIER_WORDS["en_after"]})) + ")",
    re.IGNORECASE,
)
_MODIFIERS: tuple[Modifier, ...] = ("at_least", "at_most", "under", "nearly", "about", "over", "range")
_LEVEL = re.compile(rf"{BLANK}(?:级别?|量级|-?level)")

# ---------------------------------------------------------------------------------------------- fractions and parts

_ENGLISH_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "hundredth": 100,
}  # fmt: skip
_PART = re.compile(
    rf"(?P<count>an?|one|two|three|four|five|six|seven|eight|nine)[ -](?P<part>{'|'.join(_ENGLISH_PARTS)})s?(?![a-z])(?! of an? (?:m|b|tr)illion)"
    r"(?!(?:[ -](?:on|over|to))?[ -]quarter)(?! (?:ago|earlier|later|after))",
    re.IGNORECASE,
)
_TIME_AND_HALF = re.compile(r"(?:an?|one) (day|week|month|year|hour) and a half(?![a-z])", re.IGNORECASE)
_HALF = re.compile(r"half(?![a-z-])(?! (?:an?|of an? (?:m|b)illion|year|million|billion)(?![a-z]))", re.IGNORECASE)
_OUT_OF = re.compile(r"(?: [a-z]{2,15})?(?: in| out of) (?=\d|[a-z])", re.IGNORECASE)
_FIGURE_SUM = re.compile(
    r"(?P<level>low|mid|high)?(?:[ -](?:to[ -]high[ -])?)?(?P<size>single|double|triple|three|four|five|six|seven|eight|nine"
    r"|ten)[ -](?:digit|figure)s?(?: sums?| amounts?)?(?![a-z])",
    re.IGNORECASE,
)
# 两位数, 低双位数, 中高个位数: shares by their number of figures, as in English.
_HAN_FIGURES = re.compile(r"(?P<size>[双两个一])位数")
_FIGURE_SIZES = {"single": 1, "double": 2, "triple": 3, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_SINGLE_LEVELS = {"low": (1, 3), "mid": (4, 6), "high": (7, 9)}
_DOUBLE_LEVELS = {"low": (10, 13), "mid": (14, 16), "high": (17, 19)}
_OF_PARTS = re.compile(rf"分之(?=[\d{HAN_START}])")
_TENTHS_OF_WHOLE = re.compile(r"成(?!立|为|本|果|功|员|都|长|分|交|效|绩|熟|人|年|品|型|就|份)(?P<more>[一二三四五六七八九半](?![十百千万个家]))?")
_EACH = re.compile(r"每(?=[\d一二三四五六七八九十百千万])")
_OF_THEM = re.compile(r"(?:个|名|位)?(?:人|例|患者|家|台)?(?:里|中|当中)?就?有(?=[\d一二三四五六七八九十])")
_HALF_UNIT = re.compile(r"(?:个)?(?:年|月|天|日|小时|分钟)")
_UNITS = load_data("units.json")
_POINT_WORDS = r"个?百分点|percentage[ -]points?|basis[ -]points?|bps?(?![a-z])|个?基点"
_PER = rf"(?:/(?:{alternation(_UNITS['per'])}|[a-zA-Z]{{1,5}}))"
_UNIT = re.compile(rf"{BLANK}(?P<unit>(?:{_POINT_WORDS}|{alternation(_UNITS['zh'])}){_PER}?|{_PER}|:\d{{1,4}}(?:\.\d{{1,4}})?(?!\d))")
_COMPOUND_TIME: dict[str, tuple[int, str, str]] = {unit: (size, short, full) for unit, (size, short, full) in _UNITS["compound_time"].items()}
_PERCENT = re.compile(r"\s?(?:%|per\s?cent(?![a-z])|percent(?![a-z])|pct(?![a-z])|pc(?![a-z0-9]))", re.IGNORECASE)

# -------------------------------------------------------------------------------------------------- places to start

# Where a numeral may begin. A word of numbers begins a word, and figures do not continue other figures.
_START = re.compile(
    rf"(?<!\d)(?<!\d[.,])\d|[{HAN_START}半]|[双个](?=位数)"
    rf"|(?<![a-z])(?:{WORD_START}|half|an? (?=[a-z])|(?:low|mid|high)[ -](?=[sdtfen]))",
    re.IGNORECASE,
)
_JOIN = re.compile(rf"{BLANK}(?:-|~|至|到|to(?![a-z])|[且,,]?不超过|(?P<and>and(?![a-z])|与|和)){BLANK}", re.IGNORECASE)
_OPENING = re.compile(rf"(?P<currency>{_PREFIX})?{BLANK}")


def find_amounts(text: str, folded: str | None = None) -> Iterator[Amount]:
    """Yield the amounts of `text` from left to right; none overlaps another."""
    folded = fold_value(text) if folded is None else folded
    position = 0
    while (place := _START.search(folded, position)) is not None:
        amount = _read_amount(text, folded, place.start(), position)
        position = place.end() if amount is None else max(amount.end, place.end())
        if amount is None and place[0].isdigit() and (passed := _read_core(folded, place.start())) is not None:
            position = max(position, passed.end)  # the "million" of "x180 million" is no amount of its own
        if amount is not None:
            yield amount


def _read_amount(text: str, folded: str, at: int, earliest: int) -> Amount | None:
    core = _read_core(folded, at)
    if core is None:
        return None
    before = _look_before(folded, at, earliest, core.in_figures)
    if before is None:
        return None
    begin, modifier, currency, sign, mark, scale = before
    if core.unit == "%" and begin == at and folded[at - 1 : at] == "每":
        begin -= 1
    first = _read_suffix(text, folded, core._replace(currency=currency or None, is_money=currency is not None, mark=mark), plain=modifier == "exact")
    low, high, unit, end, scaled = first.low, first.high, first.unit, first.end, first.scale != ONE
    is_money = first.is_money
    joined = _JOIN.match(folded, end) if high is None and end < len(folded) else None
    if joined is not None and (joined["and"] is None or modifier == "range"):
        second = _read_second(text, folded, joined.end())
        counts_alike = second is not None and (unit is None or (second.unit in (None, unit) and not second.is_money))
        if second is not None and counts_alike and (second.is_money or not first.is_money or currency is not None):
            if not first.has_suffix and second.scale != ONE and first.scale == ONE and low * second.scale < second.low:
                low *= second.scale
            if not first.has_suffix and second.share != ONE:
                low *= second.share
            top = second.high or second.low
            if low < top:
                high, end, unit, scaled = top, second.end, unit or second.unit, scaled or second.scale != ONE
                first = first._replace(currency=first.currency or second.currency, mark=first.mark if first.is_money else second.mark)
                is_money = is_money or second.is_money
    low, high = low * scale, None if high is None else high * scale
    if modifier in ("exact", "range"):
        modifier = first.modifier
    if sign and sign[0] in "-负mM":
        low, high = (-low, None) if high is None else (-high, -low)
    if high is not None:
        modifier = "range"
    elif modifier == "range":
        modifier = "exact"
    return Amount(begin, end, low, high, modifier, unit, first.currency, is_money, core.in_figures, scaled, first.mark)


def _look_before(folded: str, at: int, earliest: int, in_figures: bool) -> tuple[int, Modifier, str | None, str, str | None, Decimal] | None:
    """Return where the amount begins, its modifier, currency, sign, currency mark and the scale of that (MSEK); None where a word runs into it."""
    window = max(earliest, at - _WINDOW)
    if at == window:
        return at, "exact", None, "", None, ONE
    found = _BEFORE.search(folded, window, at)
    assert found is not None
    begin = found.start()
    modifier: Modifier = next((name for name in _MODIFIERS if found[name] is not None), "exact")
    if found["over"] == "上" and folded[at] not in "百千万亿":  # 以上3家, 上3年: the word belongs to what stands before.
        begin, modifier = found.end("over"), "exact"
    prefix, sign = found["currency"], found["sign"] or ""
    code: str | None = None
    scale = ONE
    if prefix is not None and prefix.upper() in LETTERS:
        if prefix.islower() or (prefix == "P" and folded[at - 1] != "P") or _SUM_IN_FIGURES.match(folded, at) is None:
            return None
        code = LETTERS[prefix]
    elif prefix is not None and prefix.upper() in _SCALED:
        code, scale = _SCALED[prefix.upper()]
    elif prefix is not None and prefix in _SHARED_SYMBOLS:
        code = _SHARED_SYMBOLS[prefix]["han" if _HAN.search(folded) else "latin"]
    elif prefix is not None:
        code = PREFIX_CODES.get(prefix)
        if code is None:  # In small letters it is a word ("try 3", "all 5") and no currency.
            return None
    previous = folded[begin - 1 : begin]
    if begin == at and in_figures and previous.isascii() and previous.isalpha():
        return None
    if code is None and sign in ("-", "("):
        # The dash of COVID-19 or of a range is no sign, and a bracket is one around a sum of money alone.
        place = found.end() - 1
        before_sign = folded[place - 1 : place]
        after_word = bool(_HAN.match(before_sign)) and before_sign not in _BEFORE_DASHES
        if sign == "(" or (before_sign.isalnum() and not after_word) or before_sign in (")", "%"):
            if sign == "-" and before_sign.isascii() and before_sign.isalpha():
                return None
            return at, "exact", None, "", None, ONE
    return begin, modifier, code, sign, prefix if prefix in _MARKS else OPEN_PREFIXES.get(prefix or ""), scale


def modifier_before(folded: str, at: int) -> Modifier:
    """Return what the words that end right before a place say of a figure ("at least", 最高), "exact" where they say nothing."""
    found = _BEFORE.search(folded, max(0, at - _WINDOW), at)
    return "exact" if found is None or found["over"] == "上" else next((name for name in _MODIFIERS if found[name] is not None), "exact")


_BEFORE_DASHES = "年月日号元万亿千百十个家人名台张例次天分秒岁期轮第"  # after these a dash joins, after 净利润 it is a sign
_HAN = re.compile("[\u4e00-\u9fff]")


# ------------------------------------------------------------------------------------------------ numerals and shares


def _read_core(folded: str, at: int) -> _Part | None:
    first = folded[at]
    if first.isascii() and first.isalpha():
        part = _read_english_share(folded, at)
        if part is not None:
            return part
    elif first == "半":
        before, after = folded[at - 1 : at] if at else "", folded[at + 1 : at + 2]
        if _HALF_UNIT.match(folded, at + 1) and before not in ("上", "下", "前", "后"):
            return _Part(at + 1, Decimal("0.5"))
        if after == "数" or (before and before in "过近超逾大多" and not after.isalpha()):
            return _Part(at + 2 if after == "数" else at + 1, Decimal(50), unit="%", has_suffix=True)
        return None
    elif folded.startswith("位数", at + 1) and (places := _HAN_FIGURES.match(folded, at)) is not None:
        level = {"低": "low", "中": "mid", "高": "high"}.get(folded[at - 1 : at])
        single = places["size"] in "个一"
        low, high = (_SINGLE_LEVELS if single else _DOUBLE_LEVELS)[level] if level else (1, 9) if single else (10, 99)
        return _Part(places.end(), Decimal(low), Decimal(high), "range", unit="%", has_suffix=True)
    numeral = read_numeral(folded, at)
    return None if numeral is None else _complete_core(folded, at, numeral)


def _complete_core(folded: str, at: int, numeral: Numeral) -> _Part:
    """Turn a numeral into a share of the whole where 成, 分之, 半 or "in five" says so."""
    end = numeral.end
    plain = _Part(end, numeral.low, numeral.high, numeral.modifier, numeral.scale, in_figures=numeral.in_figures)
    following = folded[end : end + 1]
    if following == "成" and numeral.low <= 10 and (tenths := _TENTHS_OF_WHOLE.match(folded, end)) is not None:
        more = tenths["more"]
        extra = Decimal(0) if not more else Decimal(5) if more == "半" else Decimal("一二三四五六七八九".index(more) + 1)
        high = None if numeral.high is None else numeral.high * 10
        return _Part(tenths.end(), numeral.low * 10 + extra, high, numeral.modifier, _TEN, unit="%", has_suffix=True)
    if following == "分" and (parts := _OF_PARTS.match(folded, end)) is not None:
        return _read_share_of(folded, numeral.low, parts.end()) or plain
    if following == "半" and numeral.low == 1 and not numeral.in_figures and folded[end + 1 : end + 2] not in ("个", "导", "径"):
        return _Part(end + 1, Decimal(50), unit="%", has_suffix=True)
    if following == " " and numeral.low < 100 and (out_of := _OUT_OF.match(folded, end)) is not None:
        whole = read_numeral(folded, out_of.end())
        if whole is not None and numeral.low < whole.low <= 10**6 and whole.high is None and not _PERCENT.match(folded, whole.end):
            share = ratio(numeral.low, whole.low)
            if share is not None and ((numeral.low <= 10 and whole.low <= 1000) or whole.low in (100, 1000, 10000, 100000, 1000000)):
                return _Part(whole.end, share, unit="%", has_suffix=True)
    if at > 0 and folded[at - 1] == "每" and (of_them := _OF_THEM.match(folded, end)) is not None:
        count = read_numeral(folded, of_them.end())
        share = None if count is None else ratio(count.low, numeral.low)
        if count is not None and share is not None and share <= 100:
            return _Part(_COUNTED.match(folded, count.end).end(), share, unit="%", has_suffix=True)  # type: ignore[union-attr]
    return plain


_COUNTED = re.compile(r"(?:个|名|位)?(?:人|例|患者|家|台)?")
_UPPER_SHARE = re.compile("[至到~-]")


def _read_share_of(folded: str, whole: Decimal, at: int) -> _Part | None:
    """Read what stands after 百分之 or 三分之: the share, or the two ends of a range of shares."""
    top = read_numeral(folded, at)
    low = None if top is None else ratio(top.low, whole)
    if top is None or low is None:
        return None
    end, high = top.end, None if top.high is None else ratio(top.high, whole)
    joined = _UPPER_SHARE.match(folded, end)
    upper = None if joined is None else read_numeral(folded, joined.end())
    if upper is not None and upper.low > top.low:
        high, end = ratio(upper.low, whole), upper.end
    return _Part(end, low, high, top.modifier if high is None else "range", unit="%", has_suffix=True)


def _read_english_share(folded: str, at: int) -> _Part | None:
    if time := _TIME_AND_HALF.match(folded, at):
        return _Part(time.end(), Decimal("1.5"), unit=time[1] + "s", has_suffix=True)
    if part := _PART.match(folded, at):
        whole = Decimal(_ENGLISH_PARTS[part["part"].lower()])
        numeral = None if part["count"].lower() in ("a", "an") else read_numeral(folded, at)
        share = ratio(ONE if numeral is None else numeral.low, whole)
        if share is not None and share <= _HUNDRED:
            return _Part(part.end(), share, unit="%", has_suffix=True)
    if half := _HALF.match(folded, at):
        return _Part(half.end(), Decimal(50), unit="%", has_suffix=True)
    if figures := _FIGURE_SUM.match(folded, at):
        level, size = (figures["level"] or "").lower(), figures["size"].lower()
        unit = "%" if size in ("single", "double") and not _PERCENT.match(folded, figures.end()) else None
        if unit and level:
            ends = (_SINGLE_LEVELS if size == "single" else _DOUBLE_LEVELS)[level]
        else:
            places = _FIGURE_SIZES[size]
            ends = (10 ** (places - 1), 10**places - (1 if unit else 0))
        return _Part(figures.end(), Decimal(ends[0]), Decimal(ends[1]), "range", unit=unit)
    return None


# ----------------------------------------------------------------------------------------------- currencies and units


class _Second(NamedTuple):
    """The upper end of a range; `share` is what its unit is of the currency's main unit (cents: 0.01)."""

    end: int
    low: Decimal
    high: Decimal | None
    scale: Decimal
    unit: str | None
    currency: str | None
    is_money: bool
    share: Decimal
    mark: str | None


def _read_second(text: str, folded: str, at: int) -> _Second | None:
    opening = _OPENING.match(folded, at)
    assert opening is not None
    at = opening.end()
    if at >= len(folded) or _START.match(folded, at) is None:
        return None
    core = _read_core(folded, at)
    if core is None:
        return None
    code = PREFIX_CODES.get(opening["currency"] or "")
    part = _read_suffix(text, folded, core._replace(currency=code, is_money=opening["currency"] is not None))
    share = part.low / core.low if core.low else ONE
    return _Second(part.end, part.low, part.high, core.scale, part.unit, part.currency, part.is_money, share, part.mark)


# These follow a unit or a currency alone: 468元起 is a lowest price, 19起 counts cases, 500强 is a list.
_AFTER_UNITS_ALONE = frozenset("起内强弱") | {"起步", "打底"}


def _read_suffix(text: str, folded: str, part: _Part, *, plain: bool = True) -> _Part:
    """Read what follows a numeral: a modifier, a level (亿元级), a currency word or unit, and a modifier again.

    `plain` tells that no modifier stands before it.
    """
    size = len(folded)
    modified = False
    end = part.end
    while end < size:
        if not modified and part.high is None:
            if not part.in_figures and part.low >= _TEN and (level := _LEVEL.match(folded, end)) is not None:
                # 亿元级 is of the order of 亿; 近百亿级 says itself where it lies.
                end, modified = level.end(), True
                if plain:
                    part = part._replace(high=part.low * 10, modifier="range")
                continue
            found = _AFTER.match(folded, end)
            if found is not None and (part.unit or part.is_money or found[0] not in _AFTER_UNITS_ALONE):
                modifier: Modifier = found.lastgroup  # type: ignore[assignment]
                part, end, modified = part._replace(modifier=modifier), found.end(), True
                continue
        if part.unit is None and not part.has_suffix:
            read = _read_currency_word(folded, part, end) or (None if part.is_money else _read_unit(text, folded, part, end))
            if read is not None:
                part = read._replace(has_suffix=True)
                end = part.end
                continue
        break
    return part._replace(end=end)


def _read_currency_word(folded: str, part: _Part, end: int) -> _Part | None:
    if (word := _CURRENCY_WORD.match(folded, end)) is not None:
        code, share = _WORD_CODES[word["han"] or word["latin"].lower()]
        end = word.end()
        extra = Decimal(0)
        if word["han"] == "块" and (tenths := _TENTHS.match(folded, end)) is not None:
            extra = Decimal("一二三四五六七八九".find(tenths[1]) + 1 or int(tenths[1])) / 10
            end = tenths.end()
    elif not part.is_money and folded[end - 1].isdigit() and (short := _SHORT_MINOR_WORD.match(folded, end)) is not None:
        (code, share), end, extra = _SHORT_MINOR[short[0]], short.end(), Decimal(0)
    else:
        return None
    high = None if part.high is None else part.high * share
    mark = part.mark
    if part.currency is None and word is not None:
        written = word["han"] or word["latin"].lower()
        mark = written if written in _MARKS else "$" if written in _DOLLAR_WORDS else "¢" if written in _CENTS else OPEN_WORDS.get(written)
    elif part.currency is None:
        mark = "¢" if code == "USD" else None
    return part._replace(end=end, low=part.low * share + extra, high=high, currency=part.currency or code, is_money=True, mark=mark)


def _read_unit(text: str, folded: str, part: _Part, end: int) -> _Part | None:
    if (percent := _PERCENT.match(folded, end)) is not None:
        return part._replace(end=percent.end(), unit="%")
    found = _UNIT.match(folded, end)
    if found is None:
        return None
    unit, end = text[found.start("unit") : found.end("unit")], found.end()
    plain = folded[found.start("unit") : found.end("unit")]
    compound = _COMPOUND_TIME.get(plain)
    if compound is not None and part.high is None:
        size, short, full = compound
        if folded.startswith("半", end):
            return part._replace(end=end + 1, low=part.low + Decimal("0.5"), unit="分钟" if plain == "分" else unit)
        lesser = re.compile(rf"(\d{{1,2}}|[一二三四五六七八九十]{{1,3}})(?:{full}|{short})").match(folded, end)
        value = None if lesser is None else read_numeral(folded, lesser.start())
        if lesser is not None and value is not None and value.low < size:
            return part._replace(end=lesser.end(), low=part.low * size + value.low, unit=full)
    if plain in ("年", "天", "个月", "月", "周", "倍") and part.high is None and folded.startswith("半", end):
        return part._replace(end=end + 1, low=part.low + Decimal("0.5"), unit=unit)
    if plain == "个" and folded.startswith("半", end) and (rest := _UNIT.match(folded, end + 1)) is not None:
        return part._replace(end=rest.end(), low=part.low + Decimal("0.5"), unit=text[found.start("unit") : end] + text[rest.start("unit") : rest.end()])
    if plain == "个人":
        unit = unit[1:]
    if folded.startswith("(", end) and (bracket := re.compile(r"\([\u4e00-\u9fff]\)").match(folded, end)) is not None:
        unit, end = text[found.start("unit") : bracket.end()], bracket.end()
    return part._replace(end=end, unit=unit)
