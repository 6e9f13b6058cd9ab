"""Changes of a figure: direction, size, unit and what it is compared with."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from healthevents.schema import Basis, Change, Direction, Mention, Modifier
from healthevents.values.amounts import Amount, find_amounts, load_data
from healthevents.values.folding import fold_value

_TABLE = load_data("changes.json")
_HUNDRED = Decimal(100)


def _words(table: dict[str, list[str]]) -> str:
    return "|".join(f"(?P<{name}>{'|'.join(sorted(words, key=len, reverse=True))})" for name, words in table.items())


_ZH = re.compile(_words(_TABLE["zh"]))
_EN = re.compile(
    "|".join(
        f"(?P<{name}>{'|'.join(word if not word[0].isalpha() else rf'(?<![a-z])(?:{word})(?![a-z])' for word in sorted(words, key=len, reverse=True))})"
        for name, words in _TABLE["en"].items()
    ),
    re.IGNORECASE,
)
_BASES = tuple(
    (basis, re.compile("|".join(rf"(?<![a-z]){word}(?![a-z])" if word[0].isascii() and word[0] not in "(" else word for word in words), re.IGNORECASE))
    for basis, words in _TABLE["basis"].items()
)
_SINCE, _PERIODIC = next(pattern for basis, pattern in _BASES if basis == "since"), [item for item in _BASES if item[0] != "since"]
_EN_TIMES = {"doubl": 2, "tripl": 3, "trebl": 3, "quadrupl": 4}
_TIMES_WORD = re.compile(r"(?<![a-z])(?:(?P<more>(?:more than|over|well over) )|(?P<nearly>(?:nearly|almost|close to) )|(?P<about>(?:about|roughly|around) ))?(?P<word>doubl|tripl|trebl|quadrupl)[a-z]*", re.IGNORECASE)
_HALVED = re.compile(r"(?<![a-z])(?:(?P<more>more than |over )|(?P<nearly>nearly |almost )|(?P<about>about |roughly |around ))?(?:halv(?:e|es|ed|ing)(?![a-z])|by half|in half)", re.IGNORECASE)
_FOLD = re.compile(r"(?P<n>\d{1,3}(?:\.\d{1,2})?|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)-?fold", re.IGNORECASE)
_TURN_OVER = re.compile(r"翻(?:了)?(?P<near>近|约|超)?(?P<n>[一两二三四五]|\d)?(?P<kind>番|倍)")
_TIMES_OF = re.compile(r"(?:(?:是|为|达(?:到)?|相当于)[^,。;]{0,12}?的?|的)(?=[\d一两二三四五六七八九十近约超])|more than .{0,3}times|times (?:that|the|as)")
_POINT_UNITS = re.compile(r"个?百分点|percentage[ -]points?|points?|basis[ -]points?|bps|个?基点", re.IGNORECASE)
_PCT_POINTS = re.compile(r"pct(?![a-z])", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]")
_TO = re.compile(r"(?:由|从)(?P<from>[^,。;]{1,14}?)(?:上升|提高|提升|增加|增长|上涨|升|增|涨|下降|降低|减少|下滑|下跌|降|减|跌)?(?:至|到)|from (?P<en>.{1,20}?) to ", re.IGNORECASE)


@lru_cache(maxsize=4096)
def parse_change(text: str) -> Change | None:
    """Read the first change in a text: 同比增长39%, 较去年同期下降5.5个百分点, "up 12% year over year", "doubled".

    The value is positive, its sign being the direction; a multiple is what it adds (doubled is up 100 %). Of a range of
    changes the lower end stands with the modifier at_least. None where the text states no direction.

    >>> parse_change("同比增长39%").basis
    'year_on_year'
    """
    folded = fold_value(text)
    pattern = _ZH if _HAN.search(folded) else _EN
    word = pattern.search(folded)
    turned = _TURN_OVER.search(folded)
    times = None if turned is not None else _TIMES_WORD.search(folded)
    halved = None if times is not None or turned is not None else _HALVED.search(folded)
    amount, end = _amount(text, folded)
    value: Decimal | None = None
    unit: str | None = None
    modifier: Modifier = "exact"
    direction: Direction | None = None if word is None else word.lastgroup  # type: ignore[assignment]
    start = len(text)
    if turned is not None:
        count = 1 if turned["n"] is None else "一两三四五".index(turned["n"].replace("二", "两")) + 1 if not turned["n"].isdigit() else int(turned["n"])
        value, unit, direction = Decimal((2**count - 1) * 100 if turned["kind"] == "番" or turned["n"] is None else count * 100), "%", "up"
        modifier = {"近": "nearly", "约": "about", "超": "over"}.get(turned["near"] or "", "exact")  # type: ignore[assignment]
        start, end = turned.start(), turned.end()
    elif times is not None and (amount is None or amount.unit != "%"):
        value, unit, direction = Decimal((_EN_TIMES[times["word"].lower()] - 1) * 100), "%", "up"
        modifier = "over" if times["more"] else "nearly" if times["nearly"] else "about" if times["about"] else "exact"
        start, end = times.start(), times.end()
    elif halved is not None and (amount is None or amount.low == 50):
        value, unit = Decimal(50), "%"
        direction = "down" if direction is None or direction == "down" or "halv" in halved[0].lower() else direction
        modifier = "over" if halved["more"] else "nearly" if halved["nearly"] else "about" if halved["about"] else "exact"
        start, end = halved.start(), halved.end()
    elif amount is not None:
        value, unit, modifier, sign = _size(text, folded, amount)
        start = amount.start
        if sign is not None:
            direction = sign if direction is None or word is None or folded[word.start()] in "+-" else direction
        if direction is None and _TIMES_OF.search(folded):
            direction = "up"
    if direction is None:
        return None
    if direction == "flat" and value is None:
        unit = None
    if word is not None:
        start, end = min(start, word.start()), max(end, word.end())
    basis, first, last = _basis(folded)
    if first is not None:
        start, end = min(start, first), max(end, last)
    return Change(direction=direction, value=value, unit=unit, modifier=modifier, basis=basis, mention=Mention.of(text, start, end))


def _amount(text: str, folded: str) -> tuple[Amount | None, int]:
    """Return the amount of the change: the first that is no year, of 由3.2%升至4.1% none."""
    first: Amount | None = None
    for amount in find_amounts(text, folded):
        following = folded[amount.end : amount.end + 1]
        if amount.unit in ("年", "月", "月底") or (amount.unit is None and following in ("年", "月") and following):
            continue
        if amount.unit is None and not amount.is_money and not amount.scaled and amount.low == amount.low.to_integral_value() and 1900 < amount.low < 2100:
            continue
        if amount.unit == "%" or _POINT_UNITS.match(folded, amount.end):
            return amount, amount.end
        if first is None:
            first = amount
    return first, 0 if first is None else first.end


def _size(text: str, folded: str, amount: Amount) -> tuple[Decimal, str | None, Modifier, Direction | None]:
    value, unit, modifier = amount.low, amount.unit, amount.modifier
    sign: Direction | None = None
    if value < 0:
        value, sign = -value, "down"
    elif folded[max(0, amount.start - 1) : amount.start] == "+":
        sign = "up"
    if amount.high is not None:
        modifier = "at_least"
    if amount.is_money:
        return value, amount.currency, modifier, sign
    if unit == "%" and _PCT_POINTS.search(folded, amount.start, amount.end) and _HAN.search(folded) is None and sign == "up":
        pass
    if unit == "倍":
        times = value
        if _TIMES_OF.search(folded[: amount.start + 1]) or re.search(r"(?:是|为|达).{0,14}的?\Z", folded[: amount.start]) or folded[: amount.start].endswith("的"):
            times -= 1
        return times * 100, "%", modifier, sign
    if unit is None:
        points = _POINT_UNITS.match(folded, amount.end) or re.compile(r"\s" + _POINT_UNITS.pattern, re.IGNORECASE).match(folded, amount.end)
        if points is not None:
            unit = text[points.start() : points.end()].strip()
        elif (more := re.compile(r"\s?times(?![a-z])", re.IGNORECASE).match(folded, amount.end)) is not None:
            increases = _EN.search(folded[: amount.start]) is not None
            return (value if increases else value - 1) * 100, "%", modifier, sign if sign else ("up" if more else None)
        elif (rest := re.compile(r"\s([a-z]{2,15})", re.IGNORECASE).match(folded, amount.end)) is not None and rest[1].lower() not in ("more", "less", "than", "since", "on", "from", "in", "fewer", "higher", "lower", "over", "compared", "year", "a"):
            unit = rest[1]
    return value, unit, modifier, sign


def _basis(folded: str) -> tuple[Basis, int | None, int]:
    if (since := _SINCE.search(folded)) is not None:
        return "since", since.start(), since.end()
    for basis, pattern in _PERIODIC:
        if (match := pattern.search(folded)) is not None:
            return basis, match.start(), match.end()  # type: ignore[return-value]
    if (ring := folded.find("环比")) >= 0:
        return "quarter_on_quarter", ring, ring + 2
    return "unspecified", None, 0


def thirds(value: Decimal) -> Decimal:
    """Round a share to one place."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
