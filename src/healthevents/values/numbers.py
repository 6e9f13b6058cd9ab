"""Read one numeral, Chinese, English or in figures, at a given place of a folded text.

A numeral is figures with their magnitude (3.8万, 1.2bn, 4亿5千万, two dozen, 六千四, 数千万, 十几, several million), as an
exact decimal or as the two ends of what a vague word means. What stands around it (modifiers, currencies, units,
second ends of ranges) is read by `amounts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from healthevents.schema import Modifier

ONE = Decimal(1)
TEN = Decimal(10)

# A blank between the parts of an amount; an HTML entity that a page's text has kept counts as one.
BLANK = r"(?:\s|&nbsp;){0,3}"

FIGURES = r"(?:\d{1,3}(?:,\d{3}){1,7}(?!\d)|\d{1,24}(?!\d))(?:\.\d{1,12}(?![\d]))?"
_FIGURES = re.compile(FIGURES)
_HAN = re.compile("[\u4e00-\u9fff]")
# "+9,3%", as most of Europe writes it.
_COMMA_DECIMALS = re.compile(r",(\d{1,2})(?=\s?%)")
_FRACTION = re.compile(r"[-\s]?(\d{1,2})/(\d{1,2})(?![\d万])(?!/)")
_FRACTION_DENOMINATORS = frozenset({2, 3, 4, 5, 8, 10, 16, 32, 64})

_HAN_DIGITS = {char: Decimal(value) for value, char in enumerate("零一二三四五六七八九")} | {"两": Decimal(2)}
_HAN_SMALL = {"十": TEN, "百": Decimal(100), "千": Decimal(1000), "廿": Decimal(20), "卅": Decimal(30)}
_HAN_BIG = {"万": Decimal(10**4), "亿": Decimal(10**8), "兆": Decimal(10**12)}
_HAN_MAGNITUDES = _HAN_SMALL | _HAN_BIG
HAN_START = "零一二三四五六七八九两十百千万亿兆廿卅数几"
_HAN_INSIDE = HAN_START + "多余来个点半"
_HAN_NUMERAL = re.compile(f"[{HAN_START}][{_HAN_INSIDE}]{{0,23}}")
_HAN_TAIL = re.compile(rf"{BLANK}([百千万亿兆十多余来几个]{{1,7}})")
_HAN_SECTION = re.compile(rf"({FIGURES})([百千万]{{1,2}})")
_REST_OF_WAN = re.compile(r"(?:[1-9],\d{3}|[1-9]\d{3})(?![\d.,年百千万亿-])")
_OVER = "多余几"

_SMALL_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS_WORDS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORD_VALUES = {word: Decimal(value) for value, word in enumerate(_SMALL_WORDS)} | {word: Decimal(10 * (place + 2)) for place, word in enumerate(_TENS_WORDS)}
_MAGNITUDE_WORDS = {
    "k": 10**3, "thousand": 10**3, "thousands": 10**3, "hundred": 100, "hundreds": 100, "dozen": 12, "dozens": 12, "score": 20,
    "m": 10**6, "mn": 10**6, "mln": 10**6, "mil": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6,
    "b": 10**9, "bn": 10**9, "bln": 10**9, "bil": 10**9, "billion": 10**9, "billions": 10**9,
    "t": 10**12, "tn": 10**12, "trn": 10**12, "trillion": 10**12, "trillions": 10**12,
    "lakh": 10**5, "lakhs": 10**5, "lac": 10**5, "crore": 10**7, "crores": 10**7, "cr": 10**7, "lakh crore": 10**12,
}  # fmt: skip
_FULL_MAGNITUDES = r"lakh crore|thousands?|hundreds?|dozens?|score|millions?|billions?|trillions?|lakhs?|lac|crores?"
_SHORT_MAGNITUDES = r"k|mn|mln|mil|mio|m|bn|bln|bil|b|tn|trn|t|cr"
# A short magnitude stands right after its figures or one blank off, and no letter follows: 5 mm and 11 kg are units.
_MAGNITUDE = re.compile(rf"(?:{BLANK}-?({_FULL_MAGNITUDES})|[ ]?({_SHORT_MAGNITUDES}))(?![a-z0-9])", re.IGNORECASE)
COUNTING_WORD = "|".join(sorted((*_SMALL_WORDS, *_TENS_WORDS), key=len, reverse=True))
WORD_START = (
    rf"(?:{COUNTING_WORD}|an?(?=[ -](?:{_FULL_MAGNITUDES}|couple))|half(?= an? (?:{_FULL_MAGNITUDES}))|several|a few|tens|dozens|hundreds"
    rf"|thousands|millions|billions|hundred|thousand|million|billion)(?![a-z])"
)
_WORD_NUMERAL = re.compile(
    rf"(?:{COUNTING_WORD}|an?|hundred|thousand|million|billion)(?![a-z])(?:(?:-|\s|\sand\s)(?:{COUNTING_WORD}|{_FULL_MAGNITUDES})(?![a-z])){{0,11}}",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_HALF_A = re.compile(rf"half[ -]an?[ -]({_FULL_MAGNITUDES})(?![a-z])", re.IGNORECASE)
# A quarter of a billion, three quarters of a million.
_PART_OF_A = re.compile(rf"(an?|one|two|three)[ -](half|third|quarter)s? of an? ({_FULL_MAGNITUDES})(?![a-z])", re.IGNORECASE)
_PARTS = {"half": 2, "third": 3, "quarter": 4}
_AND_A_HALF = re.compile(r" and a half(?![a-z])", re.IGNORECASE)
_COUPLE = re.compile(rf"a couple(?: of)?(?: ({_FULL_MAGNITUDES}))?(?![a-z])", re.IGNORECASE)
_SEVERAL = re.compile(rf"(?:several|a few)[ -]({_FULL_MAGNITUDES})(?:[ -]({_FULL_MAGNITUDES}))?(?![a-z])", re.IGNORECASE)
_TENS_OF = re.compile(r"(tens|dozens|hundreds|thousands|millions|billions)(?: of (thousands|millions|billions))?(?![a-z])(?: of(?= ))?", re.IGNORECASE)


class Numeral(NamedTuple):
    """What a numeral means: the exact `low`, or from `low` to `high` where the word is vague.

    `modifier` is what the numeral itself says (余 and 多 say over, 来 says about), `scale` the magnitude written with
    it, which the first end of a range borrows from the second (2至3亿), and `end` where it stops.
    """

    end: int
    low: Decimal
    high: Decimal | None = None
    modifier: Modifier = "exact"
    scale: Decimal = ONE
    in_figures: bool = False


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return `part / whole` in percent: exact where it ends within six places, else with one place (a third is 33.3)."""
    if not whole:
        return None
    percent = part * 100 / whole
    exact = percent.quantize(Decimal("0.000001"))
    if exact * whole != part * 100:
        return percent.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()


def read_numeral(text: str, start: int) -> Numeral | None:
    """Read the numeral that begins at `start` of a folded text; None where there is none."""
    figures = _FIGURES.match(text, start)
    if figures is not None:
        return _finish_figures(text, figures)
    if start < len(text) and text[start] in HAN_START:
        return _read_han(text, start)
    return _read_words(text, start)


def _finish_figures(text: str, figures: re.Match[str]) -> Numeral:
    value = Decimal(figures[0].replace(",", ""))
    end = figures.end()
    following = text[end : end + 1]
    if not following:
        return Numeral(end, value, in_figures=True)
    if (
        following == ","
        and len(figures[0]) <= 2
        and not _HAN.search(text, max(0, figures.start() - 12), end + 12)
        and (decimals := _COMMA_DECIMALS.match(text, end)) is not None
    ):
        return Numeral(decimals.end(), value + Decimal(f"0.{decimals[1]}"), in_figures=True)
    if following in "-/ " and (fraction := _FRACTION.match(text, end)) is not None:
        parts = int(fraction[1]), int(fraction[2])
        if 0 < parts[0] < parts[1] and parts[1] in _FRACTION_DENOMINATORS and fraction[0][0] != "/":
            return Numeral(fraction.end(), value + Decimal(parts[0]) / parts[1], in_figures=True)
        if fraction[0][0] == "/" and "." not in figures[0]:
            # 7/8: the figures are the numerator and the match holds "/8" only where no second figure pair follows.
            return Numeral(end, value, in_figures=True)
    if following == "/" and (simple := re.compile(r"/(\d{1,2})(?![\d万/])").match(text, end)) is not None:
        denominator = int(simple[1])
        if denominator in _FRACTION_DENOMINATORS and value < denominator and value == value.to_integral_value():
            return Numeral(simple.end(), value / denominator, in_figures=True)
    tail = _HAN_TAIL.match(text, end)
    if tail is not None:
        return _finish_han_tail(text, value, tail, figures.end())
    magnitude = _MAGNITUDE.match(text, end)
    if magnitude is not None:
        scale = Decimal(_MAGNITUDE_WORDS[(magnitude[1] or magnitude[2]).lower()])
        return Numeral(magnitude.end(), value * scale, scale=scale, in_figures=True)
    return Numeral(end, value, in_figures=True)


def _finish_han_tail(text: str, value: Decimal, tail: re.Match[str], figures_end: int) -> Numeral:
    marks = _trim(tail[1], text[tail.end() : tail.end() + 2])
    if not marks:
        return Numeral(figures_end, value, in_figures=True)
    end = tail.start(1) + len(marks)
    scale = ONE
    modifier: Modifier = "exact"
    for mark in marks:
        if mark in _HAN_MAGNITUDES:
            scale *= _HAN_MAGNITUDES[mark]
        elif mark in _OVER:
            modifier = "over"
        elif mark == "来":
            modifier = "about"
    total = value * scale
    # 1亿2000万: further sections, each of a smaller magnitude.
    last = scale
    while last >= 10**4 and modifier == "exact" and (section := _HAN_SECTION.match(text, end)) is not None:
        size = ONE
        for mark in section[2]:
            size *= _HAN_MAGNITUDES[mark]
        if size >= last:
            break
        total += Decimal(section[1].replace(",", "")) * size
        last, end = size, section.end()
        if text[end : end + 1] in ("多", "余"):
            modifier, end = "over", end + 1
    if last == 10**4 and modifier == "exact" and (rest := _REST_OF_WAN.match(text, end)) is not None:
        total, end = total + Decimal(rest[0].replace(",", "")), rest.end()  # 2万4,800
    return Numeral(end, total, None, modifier, scale, in_figures=True)


def _trim(marks: str, following: str) -> str:
    """Drop from the end of a run what belongs to the next word: 个 of 三个, 来 of 3年来, the 百 of 个百分点."""
    if following == "分点" and marks.endswith("百"):
        marks = marks[:-1]
    while marks and (marks[-1] in "个点半数几" or (marks[-1] in "多余来" and len(marks) > 1 and marks[-2] == "个")):
        if marks[-1] == "几" and len(marks) > 1 and marks[-2] == "十":
            break
        if len(marks) == 1 and marks in "数几":
            break
        marks = marks[:-1]
    return marks


def _read_han(text: str, start: int) -> Numeral | None:
    match = _HAN_NUMERAL.match(text, start)
    if match is None:
        return None
    numeral = _trim(match[0], text[match.end() : match.end() + 2])
    while numeral:
        found = _evaluate_han(numeral)
        if found is not None:
            return found._replace(end=start + len(numeral))
        numeral = _trim(numeral[:-1], "")
    return None


def _evaluate_han(numeral: str) -> Numeral | None:
    modifier: Modifier = "exact"
    body = numeral
    for marks, meaning in (("多余", "over"), ("来", "about")):
        if any(mark in body[1:] for mark in marks):
            modifier = meaning  # type: ignore[assignment]
            body = body[0] + "".join(char for char in body[1:] if char not in marks)
    body = body.replace("个", "")
    scale = ONE
    for char in reversed(body):
        if char not in _HAN_BIG:
            break
        scale *= _HAN_BIG[char]
    if scale == ONE and body[-1:] in _HAN_SMALL:
        scale = _HAN_SMALL[body[-1]]
    if body[0] in "数几":
        rest = body[1:]
        if not rest or rest[0] not in _HAN_MAGNITUDES:
            return None
        low = _han_value("一" + rest if rest[0] not in "廿卅" else rest)
        return None if low is None else Numeral(0, low, low * 10, "range", scale)
    if "几" in body:
        low, high = _han_value(body.replace("几", "一")), _han_value(body.replace("几", "九"))
        return None if low is None or high is None else Numeral(0, low, high, "range", scale)
    for place in range(len(body) - 1):
        first, second = body[place], body[place + 1]
        # 五六百万, 十二三, 三五年: two neighbouring digits are the ends of a range (二零一九 is not).
        if first in _HAN_DIGITS and second in _HAN_DIGITS and _HAN_DIGITS[second] > _HAN_DIGITS[first] > 0 and "点" not in body:
            if sum(char in _HAN_DIGITS for char in body) > 2 and not any(char in _HAN_MAGNITUDES for char in body):
                break
            low, high = _han_value(body[: place + 1] + body[place + 2 :]), _han_value(body[:place] + body[place + 1 :])
            return None if low is None or high is None or low >= high else Numeral(0, low, high, "range", scale)
    value = _han_value(body)
    return None if value is None else Numeral(0, value, None, modifier, scale)


def _han_value(body: str) -> Decimal | None:
    """Return the value of a plain Chinese numeral (三千二百, 一点五亿, 六千四, 二零一九, 千万), None where it is none."""
    total = section = Decimal(0)
    digits = ""
    decimals = ""
    in_decimals = False
    last_magnitude = ONE
    after_zero = False
    for char in body:
        if char in _HAN_DIGITS:
            figure = str(_HAN_DIGITS[char])
            if in_decimals:
                decimals += figure
            else:
                after_zero = after_zero or (char == "零" and not digits)
                digits += figure
        elif char == "点":
            if in_decimals or not digits:
                return None
            in_decimals = True
        elif char in _HAN_SMALL:
            if in_decimals and decimals:
                digits, decimals, in_decimals = f"{digits}.{decimals}", "", False
            if char in "廿卅":
                section += _HAN_SMALL[char]
            else:
                section += (Decimal(digits) if digits.strip("0") else ONE) * _HAN_SMALL[char]
            digits, last_magnitude, after_zero = "", _HAN_SMALL[char], False
        elif char in _HAN_BIG:
            if in_decimals and decimals:
                digits, decimals, in_decimals = f"{digits}.{decimals}", "", False
            amount = section + (Decimal(digits) if digits else Decimal(0))
            if not amount:
                if total:
                    total *= _HAN_BIG[char]
                    last_magnitude = _HAN_BIG[char]
                    continue
                amount = ONE
            total += amount * _HAN_BIG[char]
            section, digits, last_magnitude, after_zero = Decimal(0), "", _HAN_BIG[char], False
        else:
            return None
    if in_decimals:
        if not decimals:
            return None
        return total + section + Decimal(f"{digits}.{decimals}")
    if digits:
        value = Decimal(digits)
        # 六千四 is 6400 and 十一亿八 11.8亿: a lone last digit counts the next smaller magnitude.
        if len(digits) == 1 and last_magnitude >= 100 and not after_zero:
            value *= last_magnitude / 10
        return total + section + value
    return total + section


def _read_words(text: str, start: int) -> Numeral | None:
    if half := _HALF_A.match(text, start):
        scale = Decimal(_MAGNITUDE_WORDS[half[1].lower()])
        return Numeral(half.end(), scale / 2, scale=scale)
    if part := _PART_OF_A.match(text, start):
        scale = Decimal(_MAGNITUDE_WORDS[part[3].lower()])
        return Numeral(part.end(), _WORD_VALUES.get(part[1].lower(), ONE) * scale / _PARTS[part[2].lower()], scale=scale)
    if couple := _COUPLE.match(text, start):
        scale = Decimal(_MAGNITUDE_WORDS[(couple[1] or "").lower()]) if couple[1] else ONE
        return Numeral(couple.end(), 2 * scale, scale=scale)
    if several := _SEVERAL.match(text, start):
        scale = Decimal(_MAGNITUDE_WORDS[several[1].lower()]) * _MAGNITUDE_WORDS.get((several[2] or "").lower(), 1)
        return Numeral(several.end(), scale, scale * 10, "range", scale)
    if tens := _TENS_OF.match(text, start):
        if tens[1].lower() == "dozens":  # at least two, less than what "hundreds" would be said of
            return Numeral(tens.end(), Decimal(24), Decimal(100), "range", ONE)
        first = TEN if tens[1].lower() == "tens" else Decimal(_MAGNITUDE_WORDS[tens[1].lower()])
        scale = first * _MAGNITUDE_WORDS.get((tens[2] or "").lower(), 1)
        return Numeral(tens.end(), scale, scale * 10, "range", scale)
    match = _WORD_NUMERAL.match(text, start)
    if match is None:
        return None
    total = section = Decimal(0)
    scale = last_scale = ONE
    seen = False
    end = start
    for word, word_end in _words(match):
        if word in ("a", "an"):
            section, seen = ONE, False
            continue
        if word == "and":
            continue
        if word in _WORD_VALUES:
            value = _WORD_VALUES[word]
            # "two three" are two numerals, "twenty three" is one.
            if seen and section % 100 and not (section % 10 == 0 and value < 10 and section % 100 >= 20):
                break
            section, seen = section + value, True
        elif word == "hundred":
            section, seen, last_scale = (section or ONE) * 100, True, Decimal(100)
        else:
            scale = last_scale = Decimal(_MAGNITUDE_WORDS[word])
            total, section, seen = total + (section or ONE) * scale, Decimal(0), True
        end = word_end
    if end == start or not seen:
        return None
    if (half := _AND_A_HALF.match(text, end)) is not None and total == 0:
        return Numeral(half.end(), section + Decimal("0.5"), scale=last_scale)
    return Numeral(end, total + section, scale=last_scale)


def _words(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    for word in _WORD.finditer(match[0]):
        yield word[0].lower(), match.start() + word.end()
