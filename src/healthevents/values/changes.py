"""Changes of a figure: direction, size, unit and what it is compared with."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from healthevents.schema import Basis, Change, DateValue, Direction, Mention, Modifier
from healthevents.sentences import FULL_STOP
from healthevents.values.amounts import Amount, find_amounts, load_data, modifier_before
from healthevents.values.folding import fold_value
from healthevents.values.numbers import read_numeral

_TABLE = load_data("changes.json")


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
_EN_TIMES = {"doubl": 2, "tripl": 3, "trebl": 3, "quadrupl": 4, "quintupl": 5, "sextupl": 6}
_TIMES_WORD = re.compile(
    r"(?<![a-z])(?:(?P<more>(?:more than|over|well over) )|(?P<nearly>(?:nearly|almost|close to) )|(?P<about>(?:about|roughly"
    r"|around) ))?(?P<word>doubl|tripl|trebl|quadrupl|quintupl|sextupl)[a-z]*",
    re.IGNORECASE,
)
_HALVED = re.compile(
    r"(?<![a-z])(?:(?P<more>more than |over )|(?P<nearly>nearly |almost )|(?P<about>about |roughly |around ))?(?:halv(?:e|es|ed"
    r"|ing)(?![a-z])|by half|in half|half as (?:much|many|large|high))",
    re.IGNORECASE,
)
_HALVED_ZH = re.compile(r"(?P<near>近乎?|接近|几乎|约|超过?)?(?:遭|被)?(?:腰斩|砍半|减半|折半)(?!导)")
_ZH_NEAR: dict[str, Modifier] = {"近": "nearly", "近乎": "nearly", "接近": "nearly", "几乎": "nearly", "约": "about", "超": "over", "超过": "over"}
_FOLD = re.compile(
    r"(?:(?P<more>more than |over )|(?P<nearly>nearly |almost )|(?P<about>about |roughly "
    r"|around ))?(?<![a-z])(?P<n>\d{1,3}(?:\.\d{1,2})?|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)-?fold",
    re.IGNORECASE,
)
_HALF_AGAIN = re.compile(r"(?<![a-z])half as (?:much|many|large|high) again(?![a-z])", re.IGNORECASE)
_MULTIPLE_OF = re.compile(
    r"(?<![a-z])(?:(?P<more>more than |over )|(?P<less>less than )|(?P<nearly>nearly |almost )|(?P<about>about |roughly |around ))?"
    r"(?P<word>twice|thrice|half) (?:of )?(?:what|that of|(?:as|so) [a-z]{3,12}(?: as)?"
    r"|the (?:figure|level|number|rate|share|total|sum|amount|volume|size|pace|price)(?: (?:of|for|in))?"
    r"|(?:last|the previous) year['’]s)(?![a-z])",
    re.IGNORECASE,
)
_MULTIPLIED = re.compile(r"(?:(?<![a-z])multiplied by |\A\s*x ?)(?P<n>\d{1,3}(?:\.\d{1,2})?)(?= since|\s*[,;.)]?\s*\Z)", re.IGNORECASE)
# What came to less than half of what it was fell by more than half.
_TO_LESS_THAN_HALF = re.compile(r"\A\s*(?:(?:fell|dropped|down|shrank|sank|cut) to |at |is |was )?less than half(?![a-z])(?! an? )", re.IGNORECASE)
# "a point lower", "slipped by half a point".
_ONE_POINT = re.compile(r"(?<![a-z])(?P<half>half )?an? (?P<unit>(?:percentage |basis )?point)(?![a-z])(?! (?:where|when|at|in|of|that))", re.IGNORECASE)
# What takes less time is quicker.
_PACE = {"quicker": "down", "faster": "down", "slower": "up"}
_LENGTHS_OF_TIME = re.compile(r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|秒|分钟|小时|天)", re.IGNORECASE)
_TO_A_PART = re.compile(
    r"(?<![a-z])(?:fall|fell|fallen|falls|drop(?:s|ped)?|cut|down|shr[aiu]nk|reduced|slashed|dwindled|collapsed|sank) to (?:a|one)"
    r"[ -](third|quarter|fifth|tenth|half)(?![a-z])",
    re.IGNORECASE,
)
_TURN_OVER = re.compile(
    r"(?P<before>近乎?|接近|几乎|将近|约|大约|超过?|不止)?(?:再)?翻(?:了)?(?P<near>近|约|超)?(?P<n>[一两二三四五]|\d)?(?P<kind>番|倍)(?P<after>还多|有余|多|以上|左右)?"
)
_TURN_MODIFIERS: dict[str, Modifier] = {"近": "nearly", "接": "nearly", "几": "nearly", "将": "nearly", "约": "about", "大": "about", "左": "about"}
_POINT_UNITS = re.compile(
    r"个?百分点|个点|(?:of a )?percentage[ -]points?|points?|basis[ -]points?|bps?(?![a-z])|p(?:er)?c(?:en)?t[ -]p(?:oin)?ts?(?![a-z])|ppts?(?![a-z])"
    r"|pp(?![a-z])|pts?(?![a-z])|个?基点",
    re.IGNORECASE,
)
_SPACED_POINTS = re.compile(rf"\s(?:{_POINT_UNITS.pattern})(?![a-z])", re.IGNORECASE)
# 分别提高2.7个和1.9个百分点: the unit stands at the last.
_POINTS_FOLLOW = re.compile(r"(?:和|、|与|及|,)[\d.]{1,6}个百分点")
# Points of what is told in percent are percentage points.
_PLAIN_POINTS = re.compile(r"p(?:oin)?ts?", re.IGNORECASE)
_PERCENT = re.compile(r"%|per ?cent(?!age point)|(?<![a-z])pct(?![a-z ]*p)", re.IGNORECASE)
_TO_PERCENT = re.compile(r",? ?(?:to|from) [^.;,]{0,12}?\d[^;,]{0,8}?(?:%|per ?cent|pct)", re.IGNORECASE)
_SHORT_POINTS = re.compile(r"(?:of a )?percentage[ -]point|p(?:er)?c(?:en)?t[ -]p(?:oin)?ts?|ppts?|pp", re.IGNORECASE)
_PCT_POINTS = re.compile(r"(?P<apart> ?)pct(?![a-z])", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]")


# What a figure is measured against by its name: 较2019年, 比二季度, 较8月, "than in 2023", "the 2020 figure", "from the first quarter".
_STATED_YEAR = re.compile(
    r"(?:比|较|是|为|和|与|(?<![a-z])(?:in|than|from|the|on|over|against|versus|with|to) (?:in )?(?:the )?)"
    r"(?:(?!\d)[^\d,;。]{1,9} )?((?:19|20)\d{2})(?!\d)(?!年底|年末)",
    re.IGNORECASE,
)
_STATED_PART = re.compile(
    r"(?:比|较)(?:今年|同年)?(?:第?(?P<q>[一二三四])季度?|(?P<m>1[0-2]|[1-9])月(?!底|末))"
    r"|(?<![a-z])(?:from|on|over|against|than|versus|vs\.?|compared with|above|below)(?: in)? (?:the (?:[a-z]{3,9} )?(?P<o>first|second|third|fourth)"
    r"(?= quarter|\s*(?:[,.;)]|\Z))|(?P<n>q[1-4]|[1-4]q)(?: ?'?(?P<y>(?:20)?\d\d))?(?![a-z\d]))",
    re.IGNORECASE,
)
_ORDINALS = ("first", "second", "third", "fourth")
# 增速放缓至31.5%, "growth slowed to 12%": what slows is a growth, which still is one.
_GROWTH_NOUN = re.compile(r"(?:增速|增幅|增长率|涨幅|growth(?: rate)?)[^,;。]{0,8}\Z", re.IGNORECASE)
_SLOWS = re.compile(r"(?:放缓|放慢|回落|降|收窄|缩小|slow(?:s|ed|ing)?|eas(?:es|ed|ing)|cool(?:s|ed|ing)?)[^\d]{0,8}(?:至|到|为|to)", re.IGNORECASE)
# 降至7.1%, "rose to $5m": the level that was reached, and no size of a change.
_LEVEL = re.compile(r"(?:[\u4e00-\u9fff](?:至|到)|(?<![a-z])[a-z]{3,12} to )\Z", re.IGNORECASE)
_SIZED_LEVEL = re.compile(r"由|从|分别|from|倍|times|double|triple|growth|增速|增幅|涨幅|降幅|跌幅", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,;。]|\.(?=\s)|\n")
_HAN_CLAUSE_END = re.compile(r"[,;。\n]")
_SENTENCE_END = re.compile(rf"[;。]|{FULL_STOP}|\n")
_CONTEXT_BASES = tuple((basis, re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])", re.IGNORECASE)) for basis, words in _TABLE["context_basis"].items())
# What improves by becoming less: a loss ratio, 亏损.
_BETTER = re.compile("improv|better|改善|好转", re.IGNORECASE)
_LOWER_IS_BETTER = re.compile(rf"(?<![a-z])(?:{'|'.join(_TABLE['lower_is_better']['names'])})(?![a-z])", re.IGNORECASE)
_RING = "环比"
# 月订单, 月活: a figure of a month, which 环比 compares with that of the month before.
_MONTHLY = re.compile(r"(?<![\d一二三四五六七八九十个上下本去今前同])月(?=[均活订单销度流收营处问接产])(?!收盘)")
_MONTHLY_NEAR = 20
_SIZE_AFTER = re.compile(r"\d\s?(?:%|per ?cent|个?百分点|个点|倍)")
_ASIDE = re.compile(r"[(][^()]{1,24}[)]")
_IN_BRACKETS = re.compile(r"[(]\s?(?P<value>\d{1,4}(?:\.\d{1,3})?)\s?%\s?[)]")
# A cell of a table: its sign, or accounting brackets, are all that says which way.
_CELL = re.compile(r"(?P<open>[(])?(?P<value>\d{1,3}(?:,\d{3}){0,4}(?:\.\d{1,3})?)\s?%?[)]?\s?%?")
_IN_ROW = re.compile(r"(?:\||  |\t)\s*\Z")
_TIME_UNITS = frozenset({"年", "月", "周", "天", "日", "个月", "季度", "季", "届", "代", "版", "星期", "个季度", "期"})
_EARLIER = re.compile(r"(?:前|上|此前|过去|近)\Z")
_MORE_WORDS = frozenset(
    [
        "more",
        "less",
        "than",
        "since",
        "on",
        "from",
        "in",
        "fewer",
        "higher",
        "lower",
        "over",
        "compared",
        "year",
        "a",
        "better",
        "worse",
        "above",
        "below",
        "the",
        "sequentially",
        "organically",
        "net",
    ]
)
_COUNTED = re.compile(r"\s([a-z]{2,15})", re.IGNORECASE)
# What a unit is counted per: mg/dL, mL/kg/min.
_PER = re.compile(r"(?<=[A-Za-z])(?:/[A-Za-z]{1,5}[23²³]?){1,2}(?![A-Za-z\d])")
_TIMES = re.compile(r"\s?times(?![a-z])|x(?![a-z0-9])", re.IGNORECASE)
_BY_MULTIPLE = re.compile(r"(?:是|为|达到?|相当于)[^,。;]{0,14}\Z|[至到的]\Z")
# 由3.2%升至4.1%, from 38% to 44%: the size is the difference, of two shares in points.
_FROM_TO_ZH = re.compile(r"(?:由|从)(?P<from>[^,。;]{1,24}?)(?:[^\d,。;]{0,8})(?:至|到|为)(?=[^,。;]{1,14})")
_TO_FROM_EN = re.compile(r"(?<![a-z])to (?P<to>[^,;]{1,24}?) from (?=[\d$€£¥a-z])", re.IGNORECASE)
_FROM_TO_EN = re.compile(r"(?<![a-z])from (?P<from>[^,;]{1,24}?) to (?=\S)", re.IGNORECASE)
_CLAUSE = 120  # A change is told within so many characters; what follows in a longer text is another one.


class _Size(NamedTuple):
    start: int
    end: int
    value: Decimal
    unit: str | None
    modifier: Modifier
    direction: Direction | None


@lru_cache(maxsize=1024)
def parse_change(text: str, like: Change | None = None, period: DateValue | None = None, around: tuple[str, str] = ("", "")) -> Change | None:
    """Read the first change in a text: 同比增长39%, 较去年同期下降5.5个百分点, "up 12% year over year", "doubled".

    The value is positive, its sign being the direction; a multiple is what it adds ("doubled" is up 100 %). Of a range of
    changes the lower end stands with the modifier at_least.

    Args:
        text: a mention, or a piece of text that holds one.
        like: the change before it in one enumeration, whose direction and basis a bare figure shares (营收、净利分别增长13%、7%).
        period: what the figure measures: it tells whether 环比 goes by months or quarters, and 较2019年 by the year before.
        around: the words of its sentence before and after the mention, which may say what the mention leaves out: its direction
            ("revenue growth of 14-16%") and what it is compared with (较去年同期的6.6亿元增长41.6%, "rose 12% from a year ago").

    Returns:
        None where neither the text nor what stands around it states a direction, and `like` gives none.

    >>> parse_change("同比增长39%").basis
    'year_on_year'
    """
    folded, whole = fold_value(text), text
    word = (_ZH if _HAN.search(folded) else _EN).search(folded)
    if word is not None and (aside := _ASIDE.search(folded, 0, word.start())) is not None and _SIZE_AFTER.search(folded, word.end()):
        # 较前一周(9.6%)降低1.7个百分点: what it was is no change.
        blank = " " * (aside.end() - aside.start())
        text, folded = (part[: aside.start()] + blank + part[aside.end() :] for part in (text, folded))
    if len(text) > 2 * _CLAUSE:
        # A change is told near its word: read that clause alone.
        at = 0 if word is None else max(0, word.start() - _CLAUSE)
        found = parse_change(text[at : at + 2 * _CLAUSE], like, period, around)
        if found is None:
            return None
        start = at + found.mention.start
        return found.at(Mention.of(text, start, start + len(found.mention.text)))
    before, after = fold_value(around[0][-_CLAUSE:]), fold_value(around[1][:_CLAUSE])
    slows = word is not None and _SLOWS.match(folded, word.start()) is not None and _GROWTH_NOUN.search(before) is not None
    size = _size(text, folded, word, slows)
    stated: Direction | None = None if word is None else word.lastgroup  # type: ignore[assignment]
    direction = stated
    if (
        size is not None
        and size.direction is not None
        and (stated is None or word is None or word[0] in ("+", "-") or (size.unit == "%" and size.start <= word.start()))
    ):
        direction = size.direction
    if slows:
        direction = "up"
    elif word is not None and _BETTER.match(word[0]) and _LOWER_IS_BETTER.search(before):
        direction = "down"
    cell = _CELL.fullmatch(folded.strip()) if _IN_ROW.search(before) else None
    if cell is not None and direction is None and (size is None or cell["open"]):
        size = _Size(0, len(text), Decimal(cell["value"].replace(",", "")), "%" if "%" in folded else None, "exact", None)
    if cell is not None and direction is None:
        direction = "down" if cell["open"] else "up"
    told = _last_word(_last_clause(before)) if direction is None and size is not None else None
    if told is not None:
        direction = told.lastgroup  # type: ignore[assignment]
    inherited = direction is None and like is not None and size is not None
    if inherited and like is not None:
        direction = like.direction
    if direction is None or (size is None and word is None):
        return None
    start, end = (size.start, size.end) if size is not None else (len(text), 0)
    if word is not None and word.start() - end < _CLAUSE:
        start, end = min(start, word.start()), max(end, word.end())
    monthly = not _is_reporting(period) and _MONTHLY.search(before[-_MONTHLY_NEAR:]) is not None
    basis, first, last = _basis(folded, period, monthly)
    if first is not None:
        start, end = min(start, first), max(end, last)
    if basis == "unspecified":
        basis = _basis_around(before, after, period, told is not None)
    if basis == "unspecified" and inherited and like is not None:
        basis = like.basis
    told_of = f"{before} {after}"
    if basis == "unspecified" and _is_reporting(period) and not _HAN.search(folded + before) and not _NO_REPORT.search(told_of):
        basis = "year_on_year"
    if direction == "flat":
        size = None
    value, unit, modifier = (None, None, "exact") if size is None else (size.value, size.unit, size.modifier)
    if modifier == "exact" and size is not None and word is not None and word.start() <= size.start:
        modifier = modifier_before(folded, word.start())  # 至少增长20%, "at least doubled"
    if unit is None and inherited and like is not None:
        unit = like.unit
    if word is not None and unit is not None and word[0].lower() in _PACE and _LENGTHS_OF_TIME.fullmatch(unit):
        direction = _PACE[word[0].lower()]  # type: ignore[assignment]
    if unit == "个" and _POINTS_FOLLOW.match(after):
        unit = "百分点"
    if value == 0 and direction != "flat" and modifier == "exact":
        direction, value, unit = "flat", None, None  # +0.0%
    if unit is not None and (
        _SHORT_POINTS.fullmatch(unit) or (_PLAIN_POINTS.fullmatch(unit) and (_PERCENT.search(f"{before} {folded}") or _TO_PERCENT.match(after)))
    ):
        unit = "percentage points"
    return Change(direction=direction, value=value, unit=unit, modifier=modifier, basis=basis, mention=Mention.of(whole, start, end))


def _size(text: str, folded: str, word: re.Match[str] | None, slows: bool) -> _Size | None:
    """Read how much: a percentage in brackets before the words it explains, a multiple in words, or the first amount.

    `slows` tells that the text says to what a growth slowed, which is the size of that growth.
    """
    amount = _amount(text, folded)
    exact = _IN_BRACKETS.search(folded)
    if exact is not None and word is not None and exact.start() > word.start():
        return _Size(word.start(), exact.end(), Decimal(exact["value"]), "%", "exact", None)
    moved = _difference(text, folded)
    if moved is not None:
        return moved
    if (turned := _TURN_OVER.search(folded)) is not None:
        count = 1 if turned["n"] is None else int(turned["n"]) if turned["n"].isdigit() else "一两三四五".index(turned["n"].replace("二", "两")) + 1
        value = count * 100 if turned["kind"] == "倍" and turned["n"] is not None else (2**count - 1) * 100
        near = turned["near"] or turned["before"] or turned["after"]
        modifier: Modifier = "exact" if not near else _TURN_MODIFIERS.get(near[0], "over")
        return _Size(turned.start(), turned.end(), Decimal(value), "%", modifier, "up")
    if (single := _ONE_POINT.search(folded)) is not None and (amount is None or single.start() <= amount.start < single.end()):
        return _Size(single.start(), single.end(), Decimal("0.5") if single["half"] else Decimal(1), single["unit"], "exact", None)
    if (times := _TIMES_WORD.search(folded)) is not None and (amount is None or amount.unit != "%"):
        return _Size(times.start(), times.end(), Decimal((_EN_TIMES[times["word"].lower()] - 1) * 100), "%", _near(times), "up")
    if (halved := _HALVED_ZH.search(folded)) is not None:
        return _Size(halved.start(), halved.end(), Decimal(50), "%", _ZH_NEAR.get(halved["near"] or "", "exact"), "down")
    if (again := _HALF_AGAIN.search(folded)) is not None:
        return _Size(again.start(), again.end(), Decimal(50), "%", "exact", "up")
    if (halved := _HALVED.search(folded)) is not None and (amount is None or amount.low == 50):
        direction: Direction | None = "down" if "halv" in halved[0].lower() or "half as" in halved[0].lower() or word is None else None
        return _Size(halved.start(), halved.end(), Decimal(50), "%", _near(halved), direction)
    if (compared := _MULTIPLE_OF.search(folded)) is not None:
        value = {"twice": 100, "thrice": 200, "half": 50}[compared["word"].lower()]
        # Less than half of it is a fall by more than half.
        less: Modifier = "over" if value == 50 else "under"
        more: Modifier = "under" if value == 50 else "over"
        how: Modifier = less if compared["less"] else more if compared["more"] else _near(compared)
        return _Size(compared.start(), compared.end(), Decimal(value), "%", how, "down" if value == 50 else "up")
    if (multiplied := _MULTIPLIED.search(folded)) is not None and Decimal(multiplied["n"]) > 1:
        return _Size(multiplied.start(), multiplied.end(), (Decimal(multiplied["n"]) - 1) * 100, "%", "exact", "up")
    if (less_than_half := _TO_LESS_THAN_HALF.search(folded)) is not None:
        return _Size(less_than_half.start(), less_than_half.end(), Decimal(50), "%", "over", "down")
    if (part := _TO_A_PART.search(folded)) is not None:
        value = {"third": Decimal("66.7"), "quarter": Decimal(75), "fifth": Decimal(80), "tenth": Decimal(90), "half": Decimal(50)}[part[1].lower()]
        return _Size(part.start(), part.end(), value, "%", "exact", "down")
    if (fold := _FOLD.search(folded)) is not None:
        count_of = read_numeral(fold["n"].lower(), 0)
        if count_of is not None and count_of.low > 1:
            return _Size(fold.start(), fold.end(), (count_of.low - 1) * 100, "%", _near(fold), None)
    if amount is None or (word is not None and word[0] not in ("+", "-") and not slows and _is_level(folded, amount)):
        return None
    return _amount_size(text, folded, amount)


def _is_level(folded: str, amount: Amount) -> bool:
    """Tell whether an amount is what a figure came to, and not by how much it changed."""
    return _LEVEL.search(folded, max(0, amount.start - 32), amount.start) is not None and _SIZED_LEVEL.search(folded) is None


def _difference(text: str, folded: str) -> _Size | None:
    """Read a change that is told by its two ends; null where they do not count the same."""
    han = _HAN.search(folded) is not None
    match = (_FROM_TO_ZH if han else _FROM_TO_EN).search(folded)
    backwards = None if han or match is not None else _TO_FROM_EN.search(folded)
    if match is None and backwards is None:
        return None
    last = match or backwards
    assert last is not None
    first = next(find_amounts(last.group(1)), None)
    second = next((amount for amount in find_amounts(text[last.end() : last.end() + 24]) if amount.start <= 1), None)
    end = last.end() + (0 if second is None else second.end)
    if backwards is not None:
        first, second = second, first
    if first is None or second is None or first.high is not None or second.high is not None or first.low == second.low:
        return None
    unit, currency = second.unit or first.unit, second.currency or first.currency
    if (first.unit or unit) != unit or (first.currency or currency) != currency:
        return None
    if unit == "%":
        unit = "百分点" if han else "percentage points"
    direction: Direction = "up" if second.low > first.low else "down"
    return _Size(last.start(), end, abs(second.low - first.low), currency or unit, "exact", direction)


def _near(match: re.Match[str]) -> Modifier:
    return "over" if match["more"] else "nearly" if match["nearly"] else "about" if match["about"] else "exact"


def _amount(text: str, folded: str) -> Amount | None:
    """Return the amount of the change: the first share or points, else the first that counts no time and is no year."""
    first: Amount | None = None
    for amount in find_amounts(text, folded):
        following = folded[amount.end : amount.end + 1]
        if amount.unit in _TIME_UNITS and "连" in folded[max(0, amount.start - 4) : amount.start]:
            continue  # 连降三年 says how long, not how much
        if amount.unit in _TIME_UNITS and (_EARLIER.search(folded[: amount.start]) or following not in ("", ",", "。")):
            continue
        if amount.unit is None and ((following in ("年", "月") and following) or following == "." or folded[amount.end : amount.end + 2] == "版"):
            continue
        if (
            amount.unit is None
            and amount.modifier == "exact"
            and not amount.is_money
            and not amount.scaled
            and folded[amount.start : amount.end].isdigit()
            and 1900 < amount.low < 2100
        ):
            continue
        if amount.unit == "%" or (amount.unit is not None and _POINT_UNITS.fullmatch(fold_value(amount.unit))) or _POINT_UNITS.match(folded, amount.end):
            return amount
        first = first or amount
        if amount.end > _CLAUSE:
            break
    return first


def _amount_size(text: str, folded: str, amount: Amount) -> _Size:
    value, unit, modifier, end = amount.low, amount.unit, amount.modifier, amount.end
    direction: Direction | None = None
    before = folded[: amount.start]
    if value < 0:
        value, direction = -value, "down"
        if amount.high is not None:
            value = -amount.high
    elif before.endswith("+"):
        direction = "up"
    if amount.high is not None:
        modifier = "at_least"
    if amount.is_money:
        return _Size(amount.start, end, value, amount.currency, modifier, direction)
    if unit == "%" and direction is not None and (pct := _PCT_POINTS.search(folded, amount.start, end)) and (not pct["apart"] or _HAN.search(folded)):
        unit = "百分点"  # +3.2pct: in Chinese reports pct with a sign counts points; English wires write "+64 pct" of percent.
    elif unit == "倍":
        multiple = _BY_MULTIPLE.search(before) is not None
        return _Size(amount.start, end, (value - multiple) * 100, "%", modifier, direction or ("up" if multiple else None))
    elif unit is not None and fold_value(unit).startswith("个百分"):
        unit = unit[1:]
    elif unit == "个" and folded[end : end + 1] == "点":
        unit, end = "百分点", end + 1
    elif unit is None and (points := _POINT_UNITS.match(folded, end) or _SPACED_POINTS.match(folded, end)) is not None:
        unit, end = text[points.start() : points.end()].strip(), points.end()
    elif unit is None and (times := _TIMES.match(folded, end)) is not None:
        grows = _EN.search(before) is not None and "more than" not in before.lower()
        return _Size(amount.start, times.end(), (value if grows else value - 1) * 100, "%", modifier, direction or "up")
    elif unit is None and (rest := _COUNTED.match(folded, end)) is not None and rest[1].lower() not in _MORE_WORDS:
        unit, end = rest[1], rest.end()
    if unit is not None and (per := _PER.match(folded, end)) is not None:
        unit, end = unit + text[per.start() : per.end()], per.end()
    return _Size(amount.start, end, value, unit, modifier, direction)


def _basis(folded: str, period: DateValue | None, monthly: bool) -> tuple[Basis, int | None, int]:
    """Return what the change is against, and the place of the words that say so."""
    if (stated := _stated_period(folded, period)) is not None:
        return stated
    if (since := _SINCE.search(folded)) is not None:
        return "since", since.start(), since.end()
    for basis, pattern in _PERIODIC:
        if (match := pattern.search(folded)) is not None:
            return basis, match.start(), match.end()
    if (ring := folded.find(_RING)) >= 0:
        return "month_on_month" if monthly else _ring_basis(period), ring, ring + len(_RING)
    return "unspecified", None, 0


def _ring_basis(period: DateValue | None) -> Basis:
    return "month_on_month" if period is not None and period.precision == "month" else "quarter_on_quarter"


def _stated_period(folded: str, period: DateValue | None) -> tuple[Basis, int, int] | None:
    """Read a comparison with a year, quarter or month by its name, which counts from the period measured."""
    if period is None or period.start is None:
        return None
    for stated in _STATED_YEAR.finditer(folded):
        years = period.start.year - int(stated[1])
        if years > 0:
            return "year_on_year" if years == 1 else "since", stated.start(1), stated.end(1)
    part = _STATED_PART.search(folded)
    if part is None or period.precision not in ("quarter", "month"):
        return None
    month = period.start.month
    if part["m"]:
        return "month_on_month" if (month - int(part["m"])) % 12 == 1 else "since", part.start(), part.end()
    named = part["n"] or ""
    if part["y"]:
        gap = 4 * (period.start.year % 100 - int(part["y"][-2:])) + (month + 2) // 3 - int(named.lower().strip("q"))
        against: Basis = "quarter_on_quarter" if gap == 1 else "year_on_year" if gap == 4 else "since"
        return (against, part.start(), part.end()) if gap > 0 else None
    quarter = "一二三四".index(part["q"]) + 1 if part["q"] else int(named.lower().strip("q")) if named else _ORDINALS.index(part["o"].lower()) + 1
    behind = ((month + 2) // 3 - quarter) % 4
    if behind == 0:
        return None  # the quarter measured
    return "quarter_on_quarter" if behind == 1 else "since", part.start(), part.end()


# "Revenue rose 12 percent to $9m in 2010": English reports of a year, half, quarter or so many months of one compare with the year before
# and do not say so; Chinese ones say 同比. A share price does not: its change within a year counts from the start of that year.
# Nor do forecasts and trials.
_NO_REPORT = re.compile(
    r"(?<![a-z])(?:shares?|stock|market (?:value|cap(?:itali[sz]ation)?)|will|expect(?:s|ed)?|forecasts?|sees|think|guid(?:es|ed|ance)|by 20\d\d"
    r"|(?:in a|the) (?:test|trial|study)"
    r"|from last|quarter-on-quarter|than when)(?![a-z])",
    re.IGNORECASE,
)
_REPORTING = 80


def _is_reporting(period: DateValue | None) -> bool:
    """Tell whether a figure is that of a period which is reported on: a quarter, a half, a year, or some months of one."""
    return period is not None and period.start is not None and period.end is not None and _REPORTING <= (period.end - period.start).days <= 366


def _last_clause(before: str) -> str:
    ends = [match.end() for match in _CLAUSE_END.finditer(before)]
    return before[ends[-1] :] if ends else before


def _last_word(text: str) -> re.Match[str] | None:
    """Return the last word of direction in a text."""
    words = list((_ZH if _HAN.search(text) else _EN).finditer(text))
    return words[-1] if words else None


# What opens a sentence holds for it: "Sequentially, it fell 1.8 per cent".
_OPENING_BASIS = re.compile(
    r"\W*(?:(?P<quarter>sequentially|quarter[ -]on[ -]quarter|on a (?:quarterly|sequential) basis|from three months earlier"
    r"|(?:from|compared with|against|on) the (?:[a-z]+ )?(?:previous|prior|preceding|first|second|third|fourth) quarter(?=,))"
    r"|(?P<month>month[ -]on[ -]month|on a monthly basis)"
    r"|year[ -](?:on|over)[ -]year|on an annual basis),",
    re.IGNORECASE,
)


def _basis_around(before: str, after: str, period: DateValue | None, told: bool) -> Basis:
    """Return what the words around a change say it is against: those after it, up to the next change, then those before it.

    `told` says that its direction, too, stands before it; else what stands before another change belongs to that one.
    """
    ends = [match.start() for match in (_HAN_CLAUSE_END if _HAN.search(after) else _SENTENCE_END).finditer(after)]
    after = after[: ends[0]] if ends else after
    next_word = (_ZH if _HAN.search(after) else _EN).search(after)
    after = after if next_word is None else after[: next_word.start()]
    ends = [match.end() for match in _SENTENCE_END.finditer(before)]
    sentence = before[ends[-1] :] if ends else before
    if told:
        before = _last_clause(before)
    else:
        ends = [match.end() for match in (_SENTENCE_END if _HAN.search(before) else _CLAUSE_END).finditer(before)]
        before = before[ends[-1] :] if ends else before
        last = _last_word(before)
        before = before if last is None else before[last.end() :]
    if not _HAN.search(before) and (opened := _OPENING_BASIS.match(sentence)) is not None:
        return "quarter_on_quarter" if opened["quarter"] else "month_on_month" if opened["month"] else "year_on_year"
    for text, nearest in ((after, min), (before, max)):
        found: list[tuple[int, Basis]] = [(match.start(), basis) for basis, pattern in _CONTEXT_BASES for match in pattern.finditer(text)]
        found += [(match.start(), _ring_basis(period)) for match in re.finditer(_RING, text)]
        if (stated := _stated_period(text, period)) is not None:
            found.append((stated[1], stated[0]))
        if found:
            return nearest(found, key=lambda item: item[0])[1]
    return "unspecified"
