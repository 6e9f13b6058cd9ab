"""Dates and periods as closed calendar intervals, absolute or counted from a publication date or another date.

A point in time is read at a place of the text by the first rule that fits, rules being found by their first
character; then a second end ("至", "to") or an open one ("以来", "since then") may extend it. Every pattern is bounded.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from healthevents.schema import DateValue, Mention, Precision
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.folding import fold_value
from healthevents.values.numbers import read_numeral


class _Span(NamedTuple):
    """An interval of days, both ends inclusive."""

    start: dt.date
    end: dt.date
    precision: Precision


class _Context(NamedTuple):
    """What a relative date counts from."""

    published: dt.date | None
    anchor: _Span | None
    conventions: Conventions = DEFAULT


class _Found(NamedTuple):
    end: int
    span: _Span | None
    # Whether the words fix the year themselves, so that a second end of a range may borrow it.
    has_year: bool = True


Rule = Callable[[re.Match[str], _Context], "_Span | None"]


# ------------------------------------------------------------------------------------------------ calendar intervals


def _day(year: int, month: int, day: int) -> _Span:
    date = dt.date(year, month, day)
    return _Span(date, date, "day")


def _month(year: int, month: int) -> _Span:
    return _Span(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]), "month")


def _months(year: int, first: int, last: int, last_year: int | None = None) -> _Span:
    last_year = year if last_year is None else last_year
    span = _Span(dt.date(year, first, 1), _month(last_year, last).end, "range")
    return _name(span)


def _year(year: int) -> _Span:
    return _Span(dt.date(year, 1, 1), dt.date(year, 12, 31), "year")


def _years(first: int, last: int) -> _Span:
    return _Span(dt.date(first, 1, 1), dt.date(last, 12, 31), "year" if first == last else "range")


def _quarter(year: int, quarter: int) -> _Span:
    return _months(year, 3 * quarter - 2, 3 * quarter)


def _fiscal_year(year: int, context: _Context) -> _Span:
    """Return the fiscal year of that name, under the document's conventions."""
    end = context.conventions.fiscal_end
    if end == 12:
        return _year(year)
    return _back_from(_month(year + context.conventions.fiscal_by_start, end).end, 12)


def _fiscal_part(year: int, first: int, last: int, context: _Context) -> _Span:
    """Return the months `first` to `last` (1 to 12) of a fiscal year."""
    start = _shift_months(_fiscal_year(year, context).start, first - 1)
    end = _shift_months(start, last - first)
    return _name(_Span(start, _month(end.year, end.month).end, "range"))


def _current_fiscal_year(context: _Context) -> int | None:
    """Return the name of the fiscal year in which the document was published."""
    if context.published is None:
        return None
    year = context.published.year + (context.published.month > context.conventions.fiscal_end)
    return year - context.conventions.fiscal_by_start


def _half(year: int, half: int) -> _Span:
    return _months(year, 6 * half - 5, 6 * half)


def _season(year: int, season: int) -> _Span:
    """Spring (0) is March to May, … winter (3) December to February of the next year, as the northern press means it."""
    first = 3 * season + 3
    return _Span(dt.date(year, first, 1), _month(year + (season == 3), (first + 1) % 12 + 1).end, "season")


def _part_of_month(year: int, month: int, part: str) -> _Span:
    whole = _month(year, month)
    first, last = {"early": (1, 10), "mid": (11, 20), "late": (21, whole.end.day)}[part]
    return _Span(dt.date(year, month, first), dt.date(year, month, last), "range")


def _week(date: dt.date, weeks: int = 0) -> _Span:
    monday = date - dt.timedelta(days=date.weekday()) + dt.timedelta(weeks=weeks)
    return _Span(monday, monday + dt.timedelta(days=6), "week")


def _name(span: _Span) -> _Span:
    """Give an interval of whole months its precision: quarter, half and year where it is one of the calendar's."""
    start, end = span.start, span.end
    if start.day != 1 or (end + dt.timedelta(days=1)).day != 1:
        return span._replace(precision="day" if start == end else "range")
    length = (end.year - start.year) * 12 + end.month - start.month + 1
    names: dict[int, Precision] = {1: "month", 3: "quarter", 6: "half", 12: "year"}
    fits = length in names and (start.month - 1) % length == 0
    return span._replace(precision=names[length] if fits else "range")


def _shift_months(date: dt.date, months: int) -> dt.date:
    place = date.year * 12 + date.month - 1 + months
    year, month = divmod(place, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def _shift_years(span: _Span, years: int) -> _Span:
    """Move an interval by years; one that ends with a month still does (29 February)."""
    start, end = _shift_months(span.start, 12 * years), _shift_months(span.end, 12 * years)
    if (span.end + dt.timedelta(days=1)).day == 1 and span.start != span.end:
        end = _month(end.year, end.month).end
    return _Span(start, end, span.precision)


def _back_from(date: dt.date, months: int) -> _Span:
    """Return the `months` whole months that end with the month of `date`."""
    last = _month(date.year, date.month)
    return _name(_Span(_shift_months(last.start, 1 - months), last.end, "range"))


# --------------------------------------------------------------------------------------- which year a date belongs to


def _near_year(month: int, context: _Context, *, chinese: bool = False) -> int | None:
    """Return the year of a month without one: that of publication, but of a month far ahead the year before.

    News in January means by "December" the month just gone. The other way round, English news late in the year means by
    "January" the one to come, where Chinese news says 明年.
    """
    published = context.published
    if published is None:
        return None if context.anchor is None else context.anchor.start.year
    ahead = month - published.month
    if ahead > _FURTHEST_AHEAD:
        return published.year - 1
    return published.year + (not chinese and ahead < -_FURTHEST_BACK)


# In months, from the dates without a year of the annotated train and dev documents.
_FURTHEST_AHEAD = 7
_FURTHEST_BACK = 8


def _anchor_year(context: _Context) -> int | None:
    return None if context.anchor is None else context.anchor.start.year


# ------------------------------------------------------------------------------------------------------------ Chinese

_HAN_NUMBER = "[一二三四五六七八九十]"
_M = rf"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_D = rf"(?:[12]\d|3[01]|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_N = r"(?:\d{1,3}|[一二两三四五六七八九十百半]{1,4})"
_ZH_YEAR = re.compile(
    r"(?:(?P<full>[12]\d{3}|[一二][零一二三四五六七八九]{3})\s?年(?!代)"
    r"|(?P<roc>民国\s?\d{1,3}|1\d{2})\s?年(?!代)(?![前后内以之来多])"
    r"|(?P<short>[0-4]\d)年(?!代)(?![前后内以之来多])"
    r"|(?P<relative>大前年|今年|去年|前年|明年|后年|来年|本年度?|上一?年度?|当年|同年|同一年|次年|翌年|隔年|那年|该年|第二年|下一年|今(?=夏|秋|冬|春)|去(?=夏|秋|冬|春)|明(?=夏|秋|冬|春))"
    r")(?:的)?\s?"
)
_ZH_RELATIVE_YEARS = {"今年": 0, "今": 0, "本年": 0, "本年度": 0, "去年": -1, "去": -1, "上年": -1, "上年度": -1, "上一年": -1, "上一年度": -1, "前年": -2, "大前年": -3, "明年": 1, "明": 1, "来年": 1, "后年": 2}
_ZH_ANCHOR_YEARS = {"当年": 0, "同年": 0, "同一年": 0, "那年": 0, "该年": 0, "次年": 1, "翌年": 1, "隔年": 1, "第二年": 1, "下一年": 1}
_TIME = r"(?:\s?(?:凌晨|清晨|早上|早间|上午|中午|下午|午后|傍晚|晚间|晚上|晚|夜间|早|晨))?(?:\s?\d{1,2}\s?(?:时|点|:\d{2}(?::\d{2})?)(?:\d{1,2}分|半)?|[零一二三四五六七八九十]{1,3}[时点])?"
_ZH_MD_RANGE = re.compile(rf"(?P<m>{_M})\s?月\s?(?P<d>{_D})\s?[日号]?\s?(?:-|~|至|到)\s?(?:(?:(?P<y2>\d{{4}})年)?(?P<m2>{_M})\s?月\s?)?(?P<d2>{_D})\s?[日号]")
_ZH_MD = re.compile(rf"(?P<m>{_M})\s?月\s?(?P<d>{_D})\s?(?:日|号)(?:{_TIME})")
_ZH_ENDED = re.compile(
    rf"(?P<m>{_M})\s?月(?:份|底|末|\s?(?P<d>{_D})\s?[日号])?(?:止的?|的|止)(?:过去)?(?:(?P<n>{_N})个月|(?P<half>半年|上半年|中期)|(?P<quarter>(?:第[一二三四])?季度?)|(?P<year>(?:财政?)?年度?|财年|全年))"
)
_ZH_M_PART = re.compile(rf"(?P<m>{_M})\s?月(?:份)?\s?(?P<part>上旬|中旬|下旬|初|底|末|中(?![国医]))")
_ZH_M_RANGE = re.compile(rf"(?P<m>{_M})\s?月?(?:份)?\s?(?:-|~|至|到)\s?(?:(?P<y2>[12]\d{{3}})\s?年)?(?P<m2>{_M})\s?月(?:份)?(?!\s?\d{{1,2}}\s?[日号])")
_ZH_M = re.compile(rf"(?P<m>{_M})\s?月(?:份)?(?!球)")
_ZH_QUARTER = re.compile(r"(?:(?P<first>首季度?|头季)|第?(?P<q>[一二三四1234])\s?季(?:度|报)?|[Qq](?P<digit>[1-4]))(?:单季)?(?P<end>末|底)?")
_ZH_FIRST_N = re.compile(rf"(?:前|头)(?P<n>{_N})(?:个)?(?P<unit>季度?|月)(?:份)?")
_ZH_HALF = re.compile(r"(?P<half>上|下|前|后)半(?:财)?年(?:度)?|H(?P<h>[12])(?!\w)")
_ZH_SEASON = re.compile(r"(?P<season>[春夏秋冬])(?:天|季|日|初|末)?(?![节雨医])")
_ZH_YEAR_POINT = re.compile(r"(?:年)?(?P<point>底|末|初|中(?![国医心]))|(?P<whole>全年|整年|年内|年度|财年|财政年度|内(?![部科])|度(?!过))")
_ZH_NUMERIC = re.compile(r"(?P<y>(?:19|20)\d{2})\s?(?P<sep>[-/.])\s?(?P<m>0?[1-9]|1[0-2])(?:(?P=sep)(?P<d>[12]\d|3[01]|0?[1-9]))?(?:[T\s]\d{1,2}:\d{2}(?::\d{2})?)?(?![\d%])(?!\.\d)(?!\s?(?:倍|亿|万|个|家|%))")
_ZH_YEAR_PART = re.compile(r"(?P<y>(?:19|20)\d{2})\s?(?:Q(?P<q>[1-4])|H(?P<h>[12]))(?!\w)", re.IGNORECASE)
_ZH_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")
_ZH_YEARS = re.compile(r"(?P<y1>(?:19|20)\d{2})\s?年?(?:度)?\s?(?:-|~|至|到|和|与)\s?(?P<y2>(?:19|20)\d{2})\s?年(?:度)?(?:间|期间)?(?!\s?\d{1,2}\s?月)(?![上下初底末前第])")
_ZH_SPLIT_YEAR = re.compile(r"(?P<y>(?:19|20)\d{2})\s?[-/]\s?(?P<next>\d{2})(?:财年|财政年度|年度)")
_ZH_DECADE = re.compile(r"(?:(?P<century>上世纪|本世纪|二十世纪|20世纪)|(?P<y>(?:19|20)\d0))?(?P<ten>[1-9]0|[一二三四五六七八九]十)?年代(?P<part>初|末|中)?")
_ZH_PLAN = re.compile(r"[\"“]?(?P<n>十[一二三四五六]?)五[\"”]?(?:规划)?(?P<part>期间|时期|末|初|期末|规划)")
_ZH_WEEKDAY = re.compile(r"(?P<week>本|这|上上|上|下下|下)?(?:个)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])" + _TIME)
_ZH_DAYS = re.compile(
    r"(?:(?P<bracket>[今昨前明])\s?[(]\s?\d{1,2}\s?[)]\s?[日天]|(?P<word>今天|今日|今晨|今早|今晚|今夜|今午|昨天|昨日|昨晚|昨夜|昨早|昨晨|前天|前日|前晚|明天|明日|明晚|明早|后天|后日|大前天|当天|当日|当晚|同日|同一天|当天|次日|翌日|第二天|隔天|当天))"
    + _TIME
)
_ZH_DAY_OFFSETS = {"今": 0, "昨": -1, "前": -2, "明": 1, "后": 2, "大": -3}
_ZH_WEEK = re.compile(r"(?P<week>本|这|上上|上|下下|下|同一?|当)(?:个|一)?(?:周|星期|礼拜)(?!年|期|[一二三四五六日])(?P<part>末|初)?")
_ZH_MONTH = re.compile(
    rf"(?P<month>本|这个|上上个?|上个?|下下个?|下个?|当|同|同一个?|次|翌)月(?:份)?(?:(?P<part>上旬|中旬|下旬|初|底|末)|(?P<d>{_D})[日号])?|(?P<bare>月)(?P<bare_part>底|末|初|中旬|中(?=[,，。])|上旬|下旬)"
)
_ZH_THIS_QUARTER = re.compile(r"(?P<which>本|这个?|上一?个?|下一?个?|当|同)季(?:度)?(?P<end>末)?|(?P<bare>季)末")
_ZH_AGO = re.compile(
    rf"(?P<n>{_N})\s?(?:多)?(?P<unit>天|日|周|星期|个星期|个月|月|年|个季度)(?:之)?(?P<way>前|以前|后|以后|内|以内|之内|来|以来)(?!夕|台|期|列|沿|端|半|景|三|两|[一二四五六七八九])|(?P<half>半年|半个月)(?:之)?(?P<half_way>前|以前|后|以后|内|来|以来)(?!期)"
)
_ZH_SPAN = re.compile(rf"(?P<which>近|最近|过去|此前|未来|今后|接下来|此后|往后)(?:的)?(?P<n>{_N})(?P<unit>天|周|个星期|个月|年|个季度)(?:来|间|内|里|中)?")
_ZH_SAME = re.compile(r"(?P<base>去年|上年|上一年|前年|(?P<y>(?:19|20)\d{2})年)?(?:的)?(?:同期|同季度?|同月|同一时期|同一季度)")
_ZH_PERIOD = re.compile(r"(?:报告期|期|该期|本期|当期|上述期间)(?P<end>末|内)|报告期|该期间|当期|同一时期|本期(?!间)")
_ZH_MOVED = re.compile(rf"(?:(?P<way>早|晚|又过|再过)了?|(?P<before>此?前)|(?P<after>再隔|后))(?P<n>{_N})(?P<unit>天|年|个月)(?!内|里|间|来)")
_ZH_BARE_DAY = re.compile(r"(?P<d>[12]\d|3[01]|0?[1-9])\s?[日号](?!均|常|[元本])" + _TIME)
_ZH_HOLIDAY = re.compile(r"[\"“]?(?P<day>元旦|双十一|双11|双十二|双12|618|国庆节?|劳动节|五一|圣诞节?|平安夜|情人节|除夕前)[\"”]?(?:节|当天|当日)?")
_HOLIDAYS = {"元旦": (1, 1), "双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "618": (6, 18), "国庆": (10, 1), "劳动节": (5, 1), "五一": (5, 1), "圣诞": (12, 25), "平安夜": (12, 24), "情人节": (2, 14)}
_ZH_SINCE = re.compile(r"\s?(?:以来|至今|到现在|到目前|迄今|起至今|起(?![步诉源草]))")
_ZH_FISCAL = re.compile(r"(?P<which>本|上一?个?|下一?个?|当前?)(?:财年|财政年度)|(?:第)?(?P<q>[一二三四1-4])财季|(?P<y>(?:19|20)\d{2})\s?(?:财年|财政年度)")
_JOIN = re.compile(r"\s?(?:-|~|至|到|to|through|until|and)\s?")


def _number(words: str) -> int:
    numeral = read_numeral(words, 0)
    return 0 if numeral is None else int(numeral.low)


def _zh_year(match: re.Match[str], context: _Context) -> int | None:
    if match["full"]:
        return _number(match["full"]) if match["full"].isdigit() else int("".join(str("零一二三四五六七八九".index(char)) for char in match["full"]))
    if match["roc"]:
        return 1911 + int(match["roc"].removeprefix("民国").strip())
    if match["short"]:
        return 2000 + int(match["short"])
    word = match["relative"]
    if word in _ZH_RELATIVE_YEARS:
        return None if context.published is None else context.published.year + _ZH_RELATIVE_YEARS[word]
    year = _anchor_year(context)
    return None if year is None else year + _ZH_ANCHOR_YEARS[word]


def _read_zh(text: str, at: int, context: _Context) -> _Found | None:
    """Read the Chinese date at a place: a year with what refines it, or one of the relative expressions."""
    for pattern, rule in _ZH_FIRST.get(text[at], ()):
        if (match := pattern.match(text, at)) is not None:
            return _Found(match.end(), rule(match, context))
    year_match = _ZH_YEAR.match(text, at)
    if year_match is not None:
        year = _zh_year(year_match, context)
        within = _read_zh_within(text, year_match.end(), year, context, True)
        if within is not None:
            return within
        if year_match["relative"] in ("今", "去", "明"):
            return None
        trailing = len(year_match[0]) - len(year_match[0].rstrip(" 的"))
        return _Found(year_match.end() - trailing, None if year is None else _year(year))
    within = _read_zh_within(text, at, None, context, False)
    if within is not None:
        return within
    for pattern, rule in _ZH_RULES.get(text[at], ()):
        if (match := pattern.match(text, at)) is not None:
            return _Found(match.end(), rule(match, context))
    return None


def _read_zh_within(text: str, at: int, year: int | None, context: _Context, stated: bool) -> _Found | None:
    """Read what lies within a year: months and days, quarters, halves, seasons, its end; `stated` tells whether a year was."""
    if at >= len(text):
        return None
    first = text[at]
    if first in "1234567890一二三四五六七八九十":
        for pattern, read in _ZH_MONTHS:
            if (match := pattern.match(text, at)) is not None:
                where = year
                if not stated:
                    month = _number(match["m"])
                    where = _near_year(month, context, chinese=True)
                return _Found(match.end(), None if where is None else read(match, where), stated)
    if (match := _ZH_QUARTER.match(text, at)) is not None:
        quarter = 1 if match["first"] else _number(match["q"] or match["digit"])
        where = year if stated else _quarter_year(quarter, context)
        span = None if where is None else _quarter(where, quarter)
        if span is not None and match["end"]:
            span = _Span(span.end, span.end, "day")
        return _Found(match.end(), span, stated)
    if first in "前头" and (match := _ZH_FIRST_N.match(text, at)) is not None:
        count = _number(match["n"]) * (3 if match["unit"].startswith("季") else 1)
        where = year if stated else _period_year(count, context)
        return _Found(match.end(), None if where is None or not 0 < count <= 12 else _months(where, 1, count), stated)
    if first in "上下前后H" and (match := _ZH_HALF.match(text, at)) is not None:
        half = int(match["h"]) if match["h"] else 1 if match["half"] in "上前" else 2
        where = year if stated else None if context.published is None else context.published.year
        return _Found(match.end(), None if where is None else _half(where, half), stated)
    if first in "春夏秋冬" and (match := _ZH_SEASON.match(text, at)) is not None:
        season = "春夏秋冬".index(match["season"])
        if stated:
            return _Found(match.end(), None if year is None else _season(year, season), stated)
        if match[0][1:] in ("天", "季"):
            return _Found(match.end(), _near_season(season, context), stated)
    if stated and first in "同" and (match := _ZH_SAME.match(text, at)) is not None:
        if year is None or context.anchor is None:
            return _Found(match.end(), None)
        return _Found(match.end(), _shift_years(context.anchor, year - context.anchor.start.year))
    if stated and first in "今" and (match := _ZH_DAYS.match(text, at)) is not None and context.published is not None and year is not None:
        return _Found(match.end(), _shift_years(_Span(context.published, context.published, "day"), year - context.published.year))
    if stated and first in "双6国五元圣平情\"" and (match := _ZH_HOLIDAY.match(text, at)) is not None and year is not None:
        return _Found(match.end(), _day(year, *_HOLIDAYS[match["day"].removesuffix("节") if match["day"] not in _HOLIDAYS else match["day"]]))
    if (stated or first in "年全整") and (match := _ZH_YEAR_POINT.match(text, at)) is not None:
        point = match["point"]
        if not stated and not (text[at] == "年" or match["whole"]):
            return None
        if not stated and text[at : at + 2] in ("年度", "年中"):
            return None
        where = year if stated else _point_year(point or match["whole"], context)
        if where is None:
            return _Found(match.end(), None, stated)
        spans = {"底": _month(where, 12), "末": _month(where, 12), "初": _month(where, 1), "中": _month(where, 6)}
        return _Found(match.end(), spans[point] if point else _year(where), stated)
    return None


def _quarter_year(quarter: int, context: _Context) -> int | None:
    """Return the year of a quarter without one: the fourth named in the first months of a year is last year's."""
    if context.published is None:
        return _anchor_year(context)
    return context.published.year - (quarter == 4 and context.published.month <= 4) + (quarter == 1 and context.published.month >= 10)


def _period_year(months: int, context: _Context) -> int | None:
    if context.published is None:
        return _anchor_year(context)
    return context.published.year - (context.published.month < min(months, 10) - 1)


def _half_year(half: int, context: _Context) -> int | None:
    if context.published is None:
        return _anchor_year(context)
    return context.published.year - (half == 2 and context.published.month <= 3)


def _point_year(point: str, context: _Context) -> int | None:
    """Return the year of 年底, 年末, 年初, 全年 … that names none: figures as of 年末 are those of the year last closed."""
    if context.published is None:
        return _anchor_year(context)
    closed = {"末": 6, "全年": 5, "整年": 5}.get(point, 0)
    return context.published.year - (context.published.month <= closed)


def _near_season(season: int, context: _Context) -> _Span | None:
    """Return the season of that name whose middle is nearest to publication."""
    if context.published is None:
        return None
    published = context.published
    candidates = [_season(published.year + step, season) for step in (-1, 0, 1)]
    return min(candidates, key=lambda span: abs((span.start + (span.end - span.start) / 2 - published).days))


def _zh_md_range(match: re.Match[str], year: int) -> _Span:
    month, last_month = _number(match["m"]), _number(match["m2"]) if match["m2"] else None
    start = dt.date(year, month, _number(match["d"]))
    last_year = int(match["y2"]) if match["y2"] else year
    end = dt.date(last_year, last_month or month, _number(match["d2"]))
    if end < start and not match["y2"]:
        end = dt.date(year + 1, end.month, end.day)
    return _Span(start, end, "range")


def _zh_ended(match: re.Match[str], year: int) -> _Span:
    end = _month(year, _number(match["m"])).end
    months = _number(match["n"]) if match["n"] else 6 if match["half"] else 3 if match["quarter"] else 12
    return _back_from(end, months)


def _zh_m_part(match: re.Match[str], year: int) -> _Span:
    part = {"上旬": "early", "初": "early", "中旬": "mid", "中": "mid"}.get(match["part"], "late")
    return _part_of_month(year, _number(match["m"]), part)


def _zh_m_range(match: re.Match[str], year: int) -> _Span | None:
    first, last = _number(match["m"]), _number(match["m2"])
    last_year = int(match["y2"]) if match["y2"] else year + (last < first)
    return _months(year, first, last, last_year)


_ZH_MONTHS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], _Span | None]], ...] = (
    (_ZH_MD_RANGE, _zh_md_range),
    (_ZH_ENDED, _zh_ended),
    (_ZH_MD, lambda match, year: _day(year, _number(match["m"]), _number(match["d"]))),
    (_ZH_M_RANGE, _zh_m_range),
    (_ZH_M_PART, _zh_m_part),
    (_ZH_M, lambda match, year: _month(year, _number(match["m"]))),
)


def _zh_numeric(match: re.Match[str], context: _Context) -> _Span | None:
    year, month = int(match["y"]), int(match["m"])
    return _day(year, month, int(match["d"])) if match["d"] else _month(year, month)


def _zh_decade(match: re.Match[str], context: _Context) -> _Span | None:
    ten = match["ten"]
    tens = 0 if not ten else int(ten) if ten.isdigit() else _number(ten)
    if match["y"]:
        start = int(match["y"])
    else:
        century = 2000 if match["century"] == "本世纪" or (not match["century"] and tens <= 20) else 1900
        start = century + tens
    return _Span(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), "decade")


def _zh_plan(match: re.Match[str], context: _Context) -> _Span | None:
    start = 1966 + 5 * (_number(match["n"]) - 3)
    part = match["part"]
    return _year(start + 4) if "末" in part else _year(start) if part == "初" else _years(start, start + 4)


def _zh_weekday(match: re.Match[str], context: _Context) -> _Span | None:
    if context.published is None:
        return None
    day = "一二三四五六日".index(match["day"].replace("天", "日"))
    return _weekday(day, {"本": 0, "这": 0, "上": -1, "上上": -2, "下": 1, "下下": 2}.get(match["week"] or ""), context.published)


def _weekday(day: int, week: int | None, published: dt.date) -> _Span:
    """Return a weekday of the week `week` weeks from publication, or the last such day up to publication."""
    if week is None:
        date = published - dt.timedelta(days=(published.weekday() - day) % 7)
    else:
        date = _week(published, week).start + dt.timedelta(days=day)
    return _Span(date, date, "day")


def _zh_days(match: re.Match[str], context: _Context) -> _Span | None:
    word = match["bracket"] or match["word"]
    if word[0] in "当同":
        return _anchor_day(context, 0)
    if word in ("次日", "翌日", "第二天", "隔天"):
        return _anchor_day(context, 1)
    return _days_from(context.published, _ZH_DAY_OFFSETS[word[0]])


def _anchor_day(context: _Context, days: int) -> _Span | None:
    if context.anchor is None or context.anchor.start != context.anchor.end:
        return None
    return _days_from(context.anchor.start, days)


def _days_from(date: dt.date | None, days: int) -> _Span | None:
    if date is None:
        return None
    date += dt.timedelta(days=days)
    return _Span(date, date, "day")


def _zh_week(match: re.Match[str], context: _Context) -> _Span | None:
    if match["week"][0] in "同当":
        return None if context.anchor is None else _week(context.anchor.start)
    if context.published is None:
        return None
    week = _week(context.published, {"本": 0, "这": 0, "上": -1, "上上": -2, "下": 1, "下下": 2}[match["week"]])
    return _Span(week.end - dt.timedelta(days=1), week.end, "range") if match["part"] == "末" else week


def _zh_month(match: re.Match[str], context: _Context) -> _Span | None:
    word = match["month"] or "本"
    if word[0] in "当同次翌":
        base, step = (None if context.anchor is None else context.anchor.start), int(word[0] in "次翌")
    else:
        base, step = context.published, {"本": 0, "这": 0}.get(word[0], (1 if word[0] == "下" else -1) * (2 if word[:2] in ("上上", "下下") else 1))
    if base is None:
        return None
    date = _shift_months(base.replace(day=1), step)
    if match["d"]:
        return _day(date.year, date.month, _number(match["d"]))
    part = match["part"] or match["bare_part"]
    if not part:
        return _month(date.year, date.month)
    return _part_of_month(date.year, date.month, {"上旬": "early", "初": "early", "中旬": "mid", "中": "mid"}.get(part, "late"))


def _zh_this_quarter(match: re.Match[str], context: _Context) -> _Span | None:
    word = match["which"] or "当"
    if word[0] in "当同" or match["bare"]:
        if context.anchor is None:
            return None
        span = _quarter(context.anchor.end.year, (context.anchor.end.month - 1) // 3 + 1)
    else:
        if context.published is None:
            return None
        month = _shift_months(context.published.replace(day=1), {"本": 0, "这": 0, "上": -3, "下": 3}[word[0]])
        span = _quarter(month.year, (month.month - 1) // 3 + 1)
    return _Span(span.end, span.end, "day") if match["end"] or match["bare"] else span


def _zh_ago(match: re.Match[str], context: _Context) -> _Span | None:
    unit, way = match["unit"], match["way"] or match["half_way"]
    if match["half"]:
        count, unit = (6, "个月") if match["half"] == "半年" else (15, "天")
    else:
        count = _number(match["n"])
        if match["n"].startswith("半"):
            count, unit = (6, "个月") if unit == "年" else (0, unit)
    return _counted(count, unit, way, context)


_UNIT_NAMES = {"天": "day", "日": "day", "周": "week", "星期": "week", "个星期": "week", "个月": "month", "月": "month", "年": "year", "个季度": "quarter"}


def _counted(count: int, unit: str, way: str, context: _Context) -> _Span | None:
    """Resolve "N units ago / later / within / over the last N": before counts from publication, after from the anchor."""
    name = _UNIT_NAMES.get(unit, unit)
    if count <= 0 or count > 1000:
        return None
    if "内" in way or way in ("next", "来", "以来", "past"):
        base = context.published
        if base is None:
            return None
        forward = "内" in way or way == "next"
        other = _move(base, count if forward else -count, name)
        return _Span(base, other, "range") if forward else _Span(other, base, "range")
    if "后" in way or way in ("later", "earlier"):
        anchor = context.anchor
        base = anchor.start if anchor is not None else context.published if "后" in way else None
    else:
        anchor, base = None, context.published
    if base is None:
        return None
    if anchor is not None and name == "year" and way == "earlier":
        return _shift_years(anchor, -count)
    if anchor is not None and name in ("day", "week") and anchor.start != anchor.end:
        return None
    date = _move(base, -count if "前" in way or way in ("ago", "earlier") else count, name)
    if name == "day" or (name == "week" and anchor is not None and anchor.start == anchor.end):
        return _Span(date, date, "day")
    if name == "week":
        return _week(date)
    return _month(date.year, date.month) if name in ("month", "quarter") else _year(date.year)


def _move(date: dt.date, count: int, unit: str) -> dt.date:
    if unit in ("day", "week"):
        return date + dt.timedelta(days=count * (7 if unit == "week" else 1))
    return _shift_months(date, count * {"month": 1, "quarter": 3, "year": 12}[unit])


def _zh_span(match: re.Match[str], context: _Context) -> _Span | None:
    count, unit = _number(match["n"]), match["unit"]
    if match["n"].startswith("半"):
        count, unit = 6, "个月"
    return _counted(count, unit, "内" if match["which"] in ("未来", "今后", "接下来", "此后", "往后") else "来", context)


def _zh_same(match: re.Match[str], context: _Context) -> _Span | None:
    if context.anchor is None:
        return None
    anchor = context.anchor
    if "月" in match[0]:
        anchor = _month(anchor.start.year, anchor.start.month)
    elif "季" in match[0]:
        anchor = _quarter(anchor.start.year, (anchor.start.month - 1) // 3 + 1)
    return anchor


def _zh_period(match: re.Match[str], context: _Context) -> _Span | None:
    if context.anchor is None:
        return None
    return _Span(context.anchor.end, context.anchor.end, "day") if match["end"] == "末" else context.anchor


def _zh_moved(match: re.Match[str], context: _Context) -> _Span | None:
    """Return the anchor moved by days, months or years: 晚一年, 又过了三个月, 此前一天."""
    anchor = context.anchor
    if anchor is None:
        return None
    count = _number(match["n"]) * (-1 if match["before"] or match["way"] == "早" else 1)
    unit = _UNIT_NAMES[match["unit"]]
    if unit == "day":
        return _days_from(anchor.start, count) if anchor.start == anchor.end else None
    if unit == "year":
        return _shift_years(anchor, count)
    month = _shift_months(anchor.start.replace(day=1), count)
    return _month(month.year, month.month)


def _zh_bare_day(match: re.Match[str], context: _Context) -> _Span | None:
    """Return the day of a month that only its number names: the last one up to publication."""
    base = context.published
    if base is None:
        return None
    day = _number(match["d"])
    month = base if day <= base.day else _shift_months(base.replace(day=1), -1)
    return _day(month.year, month.month, day)


def _zh_holiday(match: re.Match[str], context: _Context) -> _Span | None:
    name = match["day"]
    month, day = _HOLIDAYS[name if name in _HOLIDAYS else name.removesuffix("节")]
    return _nearest_day(month, day, context)


_LAST_HOLIDAY = 90  # A feast named without a year is the next one, unless it was within these days.


def _nearest_day(month: int, day: int, context: _Context) -> _Span | None:
    """Return the feast of that day which a text means: the next one, or one just gone."""
    published = context.published
    if published is None:
        return None
    days = [_day(published.year + step, month, day) for step in (-1, 0, 1)]
    return next(span for span in days if (published - span.start).days <= _LAST_HOLIDAY)


def _zh_fiscal(match: re.Match[str], context: _Context) -> _Span | None:
    if match["y"]:
        return _fiscal_year(int(match["y"]), context)
    if match["q"]:
        return _last_fiscal_quarter(_number(match["q"]), context)
    step = {"上": -1, "下": 1}.get(match["which"][0], 0)
    if step and context.anchor is not None and _back_from(context.anchor.end, 12) == context.anchor._replace(precision="range"):
        return _shift_years(context.anchor, step)  # 截至3月31日的2021财年 … 上一财年: the one before
    year = _current_fiscal_year(context)
    return None if year is None else _fiscal_year(year + step, context)


def _last_fiscal_quarter(quarter: int, context: _Context) -> _Span | None:
    """Return the fiscal quarter of that number which was the last to end, or else runs, at publication."""
    if context.conventions.fiscal_end == 12:
        year = _quarter_year(quarter, context)
        return None if year is None else _quarter(year, quarter)
    year = _current_fiscal_year(context)
    if year is None or context.published is None:
        return None
    span = _fiscal_part(year, 3 * quarter - 2, 3 * quarter, context)
    return span if span.start <= context.published else _fiscal_part(year - 1, 3 * quarter - 2, 3 * quarter, context)


def _split_year(match: re.Match[str], context: _Context) -> _Span | None:
    """Return the fiscal year 2012-13; null where the document does not say in which month it begins."""
    end, year = context.conventions.fiscal_end, int(match["y"]) + 1
    return None if end == 12 or year % 100 != int(match["next"]) else _back_from(_month(year, end).end, 12)


def _by_first(rules: tuple[tuple[str, re.Pattern[str], Rule], ...]) -> dict[str, tuple[tuple[re.Pattern[str], Rule], ...]]:
    table: dict[str, list[tuple[re.Pattern[str], Rule]]] = {}
    for firsts, pattern, rule in rules:
        for first in dict.fromkeys(firsts):
            table.setdefault(first, []).append((pattern, rule))
    return {first: tuple(found) for first, found in table.items()}


_DIGITS = "0123456789"
_HAN_FIGURES = "一二三四五六七八九十两百半"
# Tried before a year is looked for: these begin with figures, and a year would cut them short.
_ZH_FIRST = _by_first((
    (_DIGITS, _ZH_YEARS, lambda match, context: _years(int(match["y1"]), int(match["y2"]))),
    (_DIGITS, _ZH_SPLIT_YEAR, _split_year),
    (_DIGITS, _ZH_FISCAL, _zh_fiscal),
    (_DIGITS, _ZH_YEAR_PART, lambda match, context: _quarter(int(match["y"]), int(match["q"])) if match["q"] else _half(int(match["y"]), int(match["h"]))),
    (_DIGITS, _ZH_NUMERIC, _zh_numeric),
    (_DIGITS, _ZH_COMPACT, _zh_numeric),
    (_DIGITS + _HAN_FIGURES + "上本二", _ZH_DECADE, _zh_decade),
    ('"“十', _ZH_PLAN, _zh_plan),
    ("第一二三四1234上下本当", _ZH_FISCAL, _zh_fiscal),
    (_DIGITS + _HAN_FIGURES, _ZH_AGO, _zh_ago),
))  # fmt: skip
_ZH_RULES = _by_first((
    ("本这上下周星礼", _ZH_WEEKDAY, _zh_weekday),
    ("今昨前明后大当同次翌第隔", _ZH_DAYS, _zh_days),
    ("本这上下同当", _ZH_WEEK, _zh_week),
    ("本这上下当同次翌月", _ZH_MONTH, _zh_month),
    ("本这上下当同季", _ZH_THIS_QUARTER, _zh_this_quarter),
    ("近最过此未今接往", _ZH_SPAN, _zh_span),
    ("去上前同", _ZH_SAME, _zh_same),
    ("早晚又再此前后", _ZH_MOVED, _zh_moved),
    ("报期该本当上同", _ZH_PERIOD, _zh_period),
    ("届", re.compile("届时"), lambda match, context: context.anchor),
    ("元双6国劳五圣平情\"", _ZH_HOLIDAY, _zh_holiday),
    (_DIGITS + _HAN_FIGURES, _ZH_BARE_DAY, _zh_bare_day),
))  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ English

_EN_MONTHS = {name.lower(): place for place, name in enumerate(calendar.month_name) if name} | {
    name.lower(): place for place, name in enumerate(calendar.month_abbr) if name
} | {"sept": 9}  # fmt: skip
# A full name takes no full stop, which would be that of the sentence.
_MON = r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)(?![a-z])|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?![a-z])\.?)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d.%])"
_Y = r"(?:19|20)\d{2}(?!\d)"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YEAR_WORD = rf"(?:(?:calendar |fiscal |full )?(?:year )?{_Y}|(?:this|last|next|the (?:current|previous|following|same)) (?:fiscal |calendar )?year|the year|this|last fiscal)"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|twenty|thirty|forty|fifty|several)"
_ORDINALS = {"first": 1, "1st": 1, "opening": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "final": 4, "last": 4}
_ORDINAL = r"(?:first|second|third|fourth|final|1st|2nd|3rd|4th)"
_OF_YEAR = rf"(?:(?:,? of|,? in|,)? ?(?P<year>{_YEAR_WORD}))"
_CLAUSE = rf"(?P<m>{_MON})(?: (?P<d>{_DAY}))?(?:,? (?P<y>{_Y}))?|(?P<d2>{_DAY}) (?P<m2>{_MON})(?:,? (?P<y2>{_Y}))?"

_I = re.IGNORECASE
_EN_RULES_SOURCE: list[tuple[str, re.Pattern[str], Rule]] = []


def _rule(firsts: str, pattern: str) -> Callable[[Rule], Rule]:
    """Register a rule for texts that begin with one of `firsts` (small letters)."""

    def register(rule: Rule) -> Rule:
        _EN_RULES_SOURCE.append((firsts, re.compile(rf"(?:{pattern})(?![a-z0-9])", _I), rule))
        return rule

    return register


def _month_number(word: str) -> int:
    return _EN_MONTHS[word.lower().rstrip(".")]


def _day_number(word: str) -> int:
    return int(re.sub(r"\D", "", word))


def _en_year(word: str | None, context: _Context) -> int | None:
    """Return the year that "2019", "last year", "fiscal 2020" or "the year" names."""
    if not word:
        return None
    word = word.lower()
    if (figures := re.search(r"\d{4}", word)) is not None:
        return int(figures[0])
    if "same" in word or "following" in word:
        anchor = _anchor_year(context)
        return None if anchor is None else anchor + ("following" in word)
    if context.published is None:
        return None
    return context.published.year + (-1 if "last" in word or "previous" in word else 1 if "next" in word else 0)


def _count(word: str) -> int:
    word = word.lower()
    if word in ("a", "an"):
        return 1
    if word == "several":
        return 0
    numeral = read_numeral(word, 0)
    return 0 if numeral is None else int(numeral.low)


def _month_or_day(year: int | None, month: int, day: str | None, context: _Context) -> _Span | None:
    year = _near_year(month, context) if year is None else year
    if year is None:
        return None
    return _day(year, month, _day_number(day)) if day else _month(year, month)


@_rule("jfmasond", rf"(?P<m>{_MON}) (?P<d>{_DAY}) ?(?:-|to|through|and) ?(?:(?P<m2>{_MON}) )?(?P<d2>{_DAY})(?:,? (?P<y>{_Y}))?")
def _en_day_range(match: re.Match[str], context: _Context) -> _Span | None:
    month = _month_number(match["m"])
    last = _month_number(match["m2"]) if match["m2"] else month
    year = int(match["y"]) if match["y"] else _near_year(last, context)
    if year is None:
        return None
    end = dt.date(year, last, _day_number(match["d2"]))
    return _Span(dt.date(year - (last < month), month, _day_number(match["d"])), end, "range")


@_rule("0123456789", rf"(?P<d>{_DAY}) ?(?:-|to) ?(?P<d2>{_DAY}) (?P<m>{_MON})(?:,? (?P<y>{_Y}))?")
def _en_day_range_british(match: re.Match[str], context: _Context) -> _Span | None:
    month = _month_number(match["m"])
    year = int(match["y"]) if match["y"] else _near_year(month, context)
    return None if year is None else _Span(dt.date(year, month, _day_number(match["d"])), dt.date(year, month, _day_number(match["d2"])), "range")


@_rule("tjfmasond", rf"(?:the )?(?P<m>{_MON})(?: (?P<y>{_Y}))? ?(?:-|to|through|until) ?(?P<m2>{_MON})(?: (?:period|quarter|half))?(?:,? (?:of )?(?P<y2>{_Y}))?")
def _en_month_range(match: re.Match[str], context: _Context) -> _Span | None:
    first, last = _month_number(match["m"]), _month_number(match["m2"])
    last_year = int(match["y2"]) if match["y2"] else _near_year(last, context)
    if last_year is None:
        return None
    year = int(match["y"]) if match["y"] else last_year - (last < first)
    return _months(year, first, last, last_year)


@_rule("tonlef0123456789q", rf"(?:the )?(?:(?P<q>{_ORDINAL})[ -]?quarter (?:that )?ended|(?:(?P<n>{_COUNT})[ -]months?|(?P<word>(?:fiscal |financial |full |half[ -])?year|quarter|half|week))(?:,? that| period)?(?:[ -](?:ended|ending|to|through|which ended|that ended)))(?: (?:on|in))?(?: the)?(?: end of)? (?:{_CLAUSE})")
def _en_ended(match: re.Match[str], context: _Context) -> _Span | None:
    month = _month_number(match["m"] or match["m2"])
    stated = match["y"] or match["y2"]
    year = int(stated) if stated else _near_year(month, context)
    if year is None:
        return None
    word = (match["word"] or "").lower()
    months = 3 if match["q"] or word == "quarter" else _count(match["n"]) if match["n"] else 6 if "half" in word else 12
    end = _month(year, month).end
    if word == "week":
        day = match["d"] or match["d2"]
        last = dt.date(year, month, _day_number(day)) if day else end
        return _Span(last - dt.timedelta(days=6), last, "week")
    return _back_from(end, months) if months else None


@_rule("tjfmasond", rf"the (?P<m>{_MON}) quarter(?: of (?P<y>{_Y}))?")
def _en_month_quarter(match: re.Match[str], context: _Context) -> _Span | None:
    month = _month_number(match["m"])
    year = int(match["y"]) if match["y"] else _near_year(month, context)
    return None if year is None else _back_from(_month(year, month).end, 3)


@_rule("te", rf"(?:the )?(?:end|close)[ -](?:of )?(?:the )?(?:(?P<m>{_MON})(?:,? (?:of )?(?P<my>{_YEAR_WORD}))?|(?P<year>{_YEAR_WORD}|the (?:fiscal |calendar |financial )?year|year)|(?P<decade>(?:the |this )?decade)|(?P<month>(?:this|last|next|the) month)|(?P<period>(?:the )?(?:reporting )?(?:period|quarter|half))|(?P<q>{_ORDINAL}) quarter(?: of (?P<qy>{_YEAR_WORD}))?)")
def _en_end_of(match: re.Match[str], context: _Context) -> _Span | None:
    if match["m"]:
        month = _month_number(match["m"])
        year = _en_year(match["my"], context) if match["my"] else _near_year(month, context)
        return None if year is None else _last_day(_month(year, month))
    if match["year"]:
        year = _en_year(match["year"], context)
        return None if year is None else _last_day(_year(year))
    if match["q"]:
        quarter = _ORDINALS[match["q"].lower()]
        year = _en_year(match["qy"], context) if match["qy"] else _quarter_year(quarter, context)
        return None if year is None else _last_day(_quarter(year, quarter))
    if match["month"]:
        span = _relative_month(match["month"].split()[0].lower().replace("the", "this"), context)
        return None if span is None else _last_day(span)
    if match["decade"]:
        return None if context.published is None else _year(context.published.year - context.published.year % 10 + 9)
    return None if context.anchor is None else _last_day(context.anchor)


def _last_day(span: _Span) -> _Span:
    return _Span(span.end, span.end, "day")


@_rule("tsb", rf"(?:the )?(?:start|beginning|turn|outset) of (?:(?P<m>{_MON})(?: (?P<my>{_YEAR_WORD}))?|(?P<year>{_YEAR_WORD}|the year))")
def _en_start_of(match: re.Match[str], context: _Context) -> _Span | None:
    if match["m"]:
        month = _month_number(match["m"])
        year = _en_year(match["my"], context) if match["my"] else _near_year(month, context)
        return None if year is None else _part_of_month(year, month, "early")
    year = _en_year(match["year"], context)
    return None if year is None else _month(year, 1)


@_rule("ye", rf"year[ -]end(?:ing)?(?: (?P<y>{_Y}))?|end[ -](?P<y2>{_Y})")
def _en_year_end(match: re.Match[str], context: _Context) -> _Span | None:
    stated = match["y"] or match["y2"]
    if stated:
        return _last_day(_year(int(stated)))
    if context.published is None:
        return None if context.anchor is None else _last_day(_year(context.anchor.end.year))
    return _last_day(_year(context.published.year - (context.published.month <= 4)))


@_rule("eml", rf"(?P<part>early|mid|late)(?:[ -]|(?= ))(?:in )?(?:(?P<m>{_MON})(?:,? (?:of )?(?P<my>{_YEAR_WORD}))?|(?P<year>{_Y}|(?:this|last|next) year)|(?P<month>(?:this|last|next) month))")
def _en_part(match: re.Match[str], context: _Context) -> _Span | None:
    part = match["part"].lower()
    if match["m"]:
        month = _month_number(match["m"])
        year = _en_year(match["my"], context) if match["my"] else _near_year(month, context)
        return None if year is None else _part_of_month(year, month, part)
    if match["month"]:
        span = _relative_month(match["month"].split()[0].lower(), context)
        return None if span is None else _part_of_month(span.start.year, span.start.month, part)
    year = _en_year(match["year"], context)
    if year is None:
        return None
    return {"early": _quarter(year, 1), "mid": _month(year, 6), "late": _quarter(year, 4)}[part]


@_rule("tfsl1234q", rf"(?:the )?(?:corresponding |same )?(?:(?P<o>{_ORDINAL})[ -]quarter|(?P<q>q[1-4])|(?P<dq>[1-4]q))(?: ended (?:{_MON})(?: {_DAY})?(?:,? (?P<ey>{_Y}))?|(?: of| in|,)?[ -']{{0,2}}(?:fy ?)?(?P<year>{_YEAR_WORD}|fiscal {_Y})|[ ']?(?:fy ?)?'?(?P<short>\d{{2}})(?!\d))?")
def _en_quarter(match: re.Match[str], context: _Context) -> _Span | None:
    quarter = _ORDINALS[match["o"].lower()] if match["o"] else int((match["q"] or match["dq"]).lower().strip("q"))
    if context.conventions.fiscal_end != 12:
        named = int(match["ey"]) if match["ey"] else _en_year(match["year"], context) if match["year"] else 2000 + int(match["short"]) if match["short"] else None
        if named is None or match["ey"]:
            return _last_fiscal_quarter(quarter, context)
        return _fiscal_part(named, 3 * quarter - 2, 3 * quarter, context)
    if match["ey"]:
        year: int | None = int(match["ey"])
    elif match["year"]:
        year = _en_year(match["year"], context)
    elif match["short"]:
        year = 2000 + int(match["short"])
    else:
        year = _quarter_year(quarter, context)
    return None if year is None else _quarter(year, quarter)


@_rule("tfshl12", rf"(?:the )?(?:(?P<o>first|second|1st|2nd|latter)[ -]half|h(?P<h>[12])|(?P<dh>[12])h)(?:(?: of| in|,)?[ -']{{0,2}}(?P<year>{_YEAR_WORD})|[ ']?(?P<short>\d{{2}})(?!\d))?")
def _en_half(match: re.Match[str], context: _Context) -> _Span | None:
    half = int(match["h"] or match["dh"] or ("1" if (match["o"] or "").lower() in ("first", "1st") else "2"))
    if context.conventions.fiscal_end != 12 and (match["year"] or match["short"]):
        named = _en_year(match["year"], context) if match["year"] else 2000 + int(match["short"])
        # The half of a fiscal year is named by the year in which its figures are published: H1 2013 runs to September 2013.
        return None if named is None else _half_of_fiscal_year(named, half, context)
    year = _en_year(match["year"], context) if match["year"] else 2000 + int(match["short"]) if match["short"] else _half_year(half, context)
    return None if year is None else _half(year, half)


@_rule("tf", rf"(?:the )?first (?P<n>{_COUNT}) (?P<unit>months|quarters)(?:{_OF_YEAR})?")
def _en_first_months(match: re.Match[str], context: _Context) -> _Span | None:
    months = _count(match["n"]) * (3 if match["unit"].lower() == "quarters" else 1)
    year = _en_year(match["year"], context) if match["year"] else _period_year(months, context)
    return None if year is None or not 0 < months <= 12 else _months(year, 1, months)


def _half_of_fiscal_year(year: int, half: int, context: _Context) -> _Span:
    end = context.conventions.fiscal_end
    last = _month(year, (end + 6 * half - 1) % 12 + 1)
    return _back_from(last.end, 6)


_SEASONS = {"spring": 0, "summer": 1, "autumn": 2, "fall": 2, "winter": 3}


# A bare "fall" is a verb.
@_rule("tlnsafw", rf"(?!fall(?! (?:of )?(?:19|20)\d\d| (?:this|last|next) year))(?P<which>(?:this|last|next|the|this past|this coming) )?(?:(?P<when>early|mid|late)[ -])?(?P<season>spring|summer|autumn|fall|winter)(?:,? (?:of )?(?P<year>{_Y}|this year|last year|next year))?")
def _en_season(match: re.Match[str], context: _Context) -> _Span | None:
    season = _SEASONS[match["season"].lower()]
    if match["year"]:
        year = _en_year(match["year"], context)
        return None if year is None else _season(year, season)
    which = (match["which"] or "").strip().lower()
    if which in ("", "the"):
        return _near_season(season, context)
    published = context.published
    if published is None:
        return None
    near = [_season(published.year + step, season) for step in (-2, -1, 0, 1, 2)]
    if which in ("last", "this past"):
        return max((span for span in near if span.end < published), key=lambda span: span.end)
    if which in ("next", "this coming"):
        return min((span for span in near if span.start > published), key=lambda span: span.start)
    return _season(published.year - (season == 3 and published.month <= 2), season)


@_rule("lnt", rf"(?P<which>last|next|this past|this coming|that) (?P<m>{_MON})")
def _en_which_month(match: re.Match[str], context: _Context) -> _Span | None:
    month, which = _month_number(match["m"]), match["which"].lower()
    if which == "that":
        return None if context.anchor is None else _month(context.anchor.end.year, month)
    published = context.published
    if published is None:
        return None
    if which in ("last", "this past"):
        return _month(published.year - (month >= published.month), month)
    return _month(published.year + (month <= published.month), month)


# In small letters "may" and "march" are words: they are months only before a day or a year.
@_rule("jfmasond", rf"(?:(?-i:(?=[A-Z]))|(?=[a-z.]{{3,10}} \d))(?P<m>{_MON})(?: (?P<d>{_DAY}))?(?:,? (?P<y>{_Y})|,? (?:of )?(?P<year>(?:this|last|next|the (?:same|following|previous)) year))?")
def _en_month_first(match: re.Match[str], context: _Context) -> _Span | None:
    year = int(match["y"]) if match["y"] else _en_year(match["year"], context)
    if match["year"] and year is None:
        return None
    return _month_or_day(year, _month_number(match["m"]), match["d"], context)


@_rule("t0123456789", rf"(?:the )?(?P<d>{_DAY})(?: of)? (?P<m>{_MON})(?:,? (?P<y>{_Y})|,? (?:of )?(?P<year>(?:this|last|next) year))?")
def _en_day_first(match: re.Match[str], context: _Context) -> _Span | None:
    year = int(match["y"]) if match["y"] else _en_year(match["year"], context)
    return _month_or_day(year, _month_number(match["m"]), match["d"], context)


@_rule("bf12", rf"(?:between |from )?(?P<y1>{_Y}) ?(?:-|to|and|through|until) ?(?P<y2>{_Y})")
def _en_years(match: re.Match[str], context: _Context) -> _Span | None:
    return _years(int(match["y1"]), int(match["y2"]))


@_rule("0123456789", r"(?P<a>\d{1,2})(?P<sep>[/.])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d{2})")
def _en_slashed(match: re.Match[str], context: _Context) -> _Span | None:
    """Return a day in figures with the year last; null where month and day could be either way round."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if first == second or second > 12:
        return _day(year, first, second)
    return _day(year, second, first) if first > 12 else None


_rule("12", r"(?P<y>(?:19|20)\d{2}) ?[-/] ?(?P<next>\d{2})")(_split_year)


@_rule("tfc", rf"(?:the )?(?:fy ?'?(?P<short>\d{{2}}|{_Y})|(?:fiscal|financial|full|calendar)(?: year)? (?P<y>{_Y}))")
def _en_fiscal(match: re.Match[str], context: _Context) -> _Span | None:
    figures = match["y"] or match["short"]
    year = int(figures) if len(figures) == 4 else 2000 + int(figures)
    return _year(year) if "calendar" in match[0].lower() else _fiscal_year(year, context)


@_rule("t1290", r"(?:the )?(?P<y>(?:19|20)\d0|[1-9]0)s")
def _en_decade(match: re.Match[str], context: _Context) -> _Span | None:
    figures = match["y"]
    start = int(figures) if len(figures) == 4 else int(figures) + (2000 if int(figures) <= 20 else 1900)
    return _Span(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), "decade")


@_rule("12", rf"(?P<y>{_Y})e?(?![\d.,]\d)(?![%$-]\d)(?!\s?[余多]?[%亿万家人名例元个台张种项件次例床位美欧港日])")
def _en_plain_year(match: re.Match[str], context: _Context) -> _Span | None:
    return _year(int(match["y"]))


@_rule("tynlem", r"(?P<word>today|tonight|this (?:morning|afternoon|evening)|noon today|yesterday(?: (?:morning|afternoon|evening))?|last night|tomorrow|the day before yesterday)")
def _en_near_day(match: re.Match[str], context: _Context) -> _Span | None:
    word = match["word"].lower()
    return _days_from(context.published, -2 if word.startswith("the day") else -1 if "yesterday" in word or word == "last night" else 1 if word == "tomorrow" else 0)


@_rule("mtwfslneoc", rf"(?:(?P<which>last|this|next|on|this past|this coming|coming) )?(?P<day>{'|'.join(_WEEKDAYS)})(?: (?:morning|afternoon|evening|night))?(?: (?P<week>of (?:this|last|next) week|last week|this week|next week))?")
def _en_weekday(match: re.Match[str], context: _Context) -> _Span | None:
    if context.published is None:
        return None
    day = _WEEKDAYS.index(match["day"].lower())
    which, week = (match["which"] or "").lower(), (match["week"] or "").lower()
    if week:
        return _weekday(day, -1 if "last" in week else 1 if "next" in week else 0, context.published)
    if which == "this":
        return _weekday(day, 0, context.published)
    if which in ("next", "coming", "this coming"):
        return _days_from(context.published, (day - context.published.weekday() - 1) % 7 + 1)
    if which in ("last", "this past"):
        return _days_from(context.published, -((context.published.weekday() - day - 1) % 7 + 1))
    return _weekday(day, None, context.published)


@_rule("elstnpfc", r"(?:(?:earlier|later|so far|late|early)(?: in)? )?(?:the )?(?P<which>this|last|next|(?:current|following|coming|past)|previous|prior) (?:fiscal |calendar |financial )?(?P<unit>week|weekend|month|quarter|half|year|decade)(?P<more>['’]s)?")
def _en_which_unit(match: re.Match[str], context: _Context) -> _Span | None:
    which, unit = match["which"].lower(), match["unit"].lower()
    relative_to_anchor = which in ("following", "previous", "prior") and context.anchor is not None
    step = {"last": -1, "previous": -1, "prior": -1, "past": -1, "next": 1, "following": 1, "coming": 1}.get(which, 0)
    if which == "following" and context.anchor is None:
        return None
    if which == "next" and unit == "year" and match[0].lower() == "the next year" and context.anchor is not None:
        return _year(context.anchor.start.year + 1)
    if which == "last" and unit == "year" and match[0].lower().startswith("the ") and context.published is not None:
        return _Span(_shift_months(context.published, -12), context.published, "range")
    base = context.anchor.start if relative_to_anchor and context.anchor is not None else context.published
    if base is None:
        return None
    if unit == "year" and re.search("fiscal|financial", match[0], _I) and (year := _current_fiscal_year(context)) is not None:
        return _fiscal_year(year + step, context)
    span = _unit_around(base, unit, step)
    if "so far" in match[0].lower() and context.published is not None and span is not None:
        return _Span(span.start, context.published, "range")
    return span


def _unit_around(base: dt.date, unit: str, step: int) -> _Span | None:
    if unit in ("week", "weekend"):
        week = _week(base, step)
        return week if unit == "week" else _Span(week.end - dt.timedelta(days=1), week.end, "range")
    if unit == "month":
        date = _shift_months(base.replace(day=1), step)
        return _month(date.year, date.month)
    if unit == "quarter":
        date = _shift_months(base.replace(day=1), 3 * step)
        return _quarter(date.year, (date.month - 1) // 3 + 1)
    if unit == "half":
        date = _shift_months(base.replace(day=1), 6 * step)
        return _half(date.year, (date.month - 1) // 6 + 1)
    if unit == "decade":
        start = base.year - base.year % 10 + 10 * step
        return _Span(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), "decade")
    return _year(base.year + step)


def _relative_month(which: str, context: _Context) -> _Span | None:
    if context.published is None:
        return None
    return _unit_around(context.published, "month", {"last": -1, "next": 1}.get(which, 0))


@_rule("abcdefghijklmnopqrstuvwxyz0123456789", rf"(?P<n>{_COUNT}) (?P<unit>day|week|month|quarter|year)s? (?P<way>ago|later|earlier|before|after|from now|previously)")
def _en_ago(match: re.Match[str], context: _Context) -> _Span | None:
    way = match["way"].lower()
    count, unit = _count(match["n"]), match["unit"].lower()
    if way in ("before", "previously"):
        way = "earlier"
    if way == "after":
        way = "later"
    if way == "from now":
        return None if context.published is None else _counted(count, unit, "后", _Context(context.published, None))
    if way == "ago" and unit == "year" and count == 1 and context.anchor is not None and not _is_news_day(context):
        return _shift_years(context.anchor, -1)
    return _counted(count, unit, way, context)


def _is_news_day(context: _Context) -> bool:
    """Tell whether the anchor is only the day of the news itself, which no figure is compared with."""
    anchor, published = context.anchor, context.published
    return anchor is not None and published is not None and anchor.start == anchor.end and abs((published - anchor.start).days) <= 3


@_rule("toinwpd", rf"(?:(?:over|in|during|within|for) )?(?:the )?(?P<which>past|last|next|coming|following|previous) (?P<n>{_COUNT}) (?P<unit>day|week|month|quarter|year)s")
def _en_span(match: re.Match[str], context: _Context) -> _Span | None:
    way = "next" if match["which"].lower() in ("next", "coming", "following") else "past"
    return _counted(_count(match["n"]), match["unit"].lower(), way, context)


@_rule("tyscp", r"(?:the )?(?:year[ -](?:ago|earlier|before))(?: (?:period|quarter|month|figure|level))?|(?:the )?(?:same|corresponding|comparable|prior[ -]year|prior|previous)[ -](?P<unit>period|quarter|half|month|time|date|week|day)(?: (?:of|in|a) )?(?: ?(?P<year>last year|last fiscal|a year (?:earlier|ago|before)|the (?:previous|prior) year|previous year|year earlier|20\d{2}))?")
def _en_same_period(match: re.Match[str], context: _Context) -> _Span | None:
    anchor = context.anchor
    words = match[0].lower()
    year = match["year"]
    unit = (match["unit"] or "").lower()
    if year and unit in ("date", "day", "time") and context.published is not None and not year.isdigit() and (anchor is None or anchor.start != anchor.end):
        return _shift_years(_Span(context.published, context.published, "day"), -1)
    if anchor is None:
        return None
    if unit == "month":
        anchor = _month(anchor.start.year, anchor.start.month)
    elif unit == "quarter":
        anchor = _quarter(anchor.start.year, (anchor.start.month - 1) // 3 + 1)
    if year and year.isdigit():
        return _shift_years(anchor, int(year) - anchor.start.year)
    back = bool(year) or "year-ago" in words or "year ago" in words or "year-earlier" in words or "year earlier" in words or "prior" in words or "year before" in words
    return _shift_years(anchor, -1) if back else anchor


@_rule("t", r"(?P<which>the same|that|the following|the next|the previous|the) (?P<unit>day|week|month|quarter|half|year|period|morning|evening|night)(?P<before> before| earlier| after| later)?")
def _en_anchored_unit(match: re.Match[str], context: _Context) -> _Span | None:
    which, unit = match["which"].lower(), match["unit"].lower()
    anchor = context.anchor
    step = 1 if which in ("the following", "the next") else -1 if which == "the previous" else 0
    if match["before"]:
        step += -1 if match["before"].strip().lower() in ("before", "earlier") else 1
    if unit == "year" and which == "the" and anchor is None and context.published is not None:
        return _year(context.published.year + step)
    if anchor is None and unit == "week" and which == "the" and context.published is not None:
        return _week(context.published, step)
    if anchor is None:
        return None
    if unit in ("day", "morning", "evening", "night"):
        return _anchor_day(context, step)
    if unit == "period":
        return anchor
    return _unit_around(anchor.start, unit, step)


@_rule("cnltmv", r"(?:midnight on )?(?P<day>christmas(?: day| eve)?|new year['’]s (?:eve|day)|labor day|labour day|thanksgiving|valentine['’]s day|independence day|memorial day)")
def _en_holiday(match: re.Match[str], context: _Context) -> _Span | None:
    published = context.published
    if published is None:
        return None
    name = match["day"].lower().replace("’", "'")
    fixed = {"christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "new year's eve": (12, 31), "new year's day": (1, 1), "valentine's day": (2, 14), "independence day": (7, 4), "labour day": (5, 1)}
    if name in fixed:
        return _nearest_day(*fixed[name], context)
    # The n-th weekday of a month; the last Monday of May is found from the end.
    month, weekday, place = {"labor day": (9, 0, 1), "thanksgiving": (11, 3, 4), "memorial day": (5, 0, -1)}[name]
    days = [day for day in calendar.Calendar().itermonthdates(published.year, month) if day.month == month and day.weekday() == weekday]
    date = days[place - 1 if place > 0 else place]
    return _Span(date, date, "day")


@_rule("t", rf"the (?P<d>{_DAY})(?<=th|st|nd|rd)")
def _en_bare_day(match: re.Match[str], context: _Context) -> _Span | None:
    if context.published is None:
        return None
    day = _day_number(match["d"])
    month = context.published if day <= context.published.day else _shift_months(context.published.replace(day=1), -1)
    return _day(month.year, month.month, day)


@_rule("tf", rf"(?:the )?full[ -]year(?: (?P<y>{_Y}))?|the whole year")
def _en_full_year(match: re.Match[str], context: _Context) -> _Span | None:
    if match["y"]:
        return _year(int(match["y"]))
    return None if context.published is None else _year(context.published.year - (context.published.month <= 5))


_EN_RULES = _by_first(tuple(_EN_RULES_SOURCE))
_START = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z](?=[A-Za-z0-9']|\s)|H(?=[12]))|(?<!\d)(?<!\d[.,])\d|[一二三四五六七八九十两半第首头今昨前明后大去来本这上下当同次翌隔那该近最过此未接往早晚又再届年月季周星礼春夏秋冬全整报期元双国劳五圣平情民\"“]|(?<=[一-鿿])[QH](?=[1-4])"
)


def _read_point(text: str, at: int, context: _Context) -> _Found | None:
    first = text[at]
    try:
        if first.isascii():
            if first.isdigit() or first == '"':
                found = _read_zh(text, at, context)
                if found is not None:
                    return found
            for pattern, rule in _EN_RULES.get(first.lower(), ()):
                if (match := pattern.match(text, at)) is not None:
                    return _Found(match.end(), rule(match, context))
            return _read_zh(text, at, context) if first in "QH" else None
        return _read_zh(text, at, context)
    except (ValueError, OverflowError):
        # An impossible date (30 February, the year 0) is a date expression that cannot be settled.
        return _Found(_unread_end(text, at), None)


_DATE_LIKE = re.compile(r"[\dA-Za-z年月日号.,/\- ]{1,24}")


def _unread_end(text: str, at: int) -> int:
    match = _DATE_LIKE.match(text, at)
    return at + 1 if match is None else at + len(match[0].rstrip(" ,.-/"))


def _date(value: dt.date | str | None) -> dt.date | None:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value.date() if isinstance(value, dt.datetime) else value


@lru_cache(maxsize=4096)
def parse_date(
    text: str, published: dt.date | str | None = None, anchor: DateValue | None = None, conventions: Conventions = DEFAULT
) -> DateValue | None:
    """Read the first date or period in a text.

    Args:
        text: a mention, or a piece of text that holds one.
        published: the document's date, which 去年, last Friday and dates without a year count from.
        anchor: another date of the document, which 同期, 次年, "a year earlier" and "the same month" count from.
        conventions: those of the document, which say when its fiscal year ends.

    Returns:
        The closed interval of days. Both ends are null where the words need a date that was not given, or name one
        that does not exist. None where the text holds no date expression.

    >>> str(parse_date("去年8月", published="2018-11-05").start)
    '2017-08-01'
    """
    return _parse(text, _Context(_date(published), _anchor_span(anchor), conventions))


def _parse(text: str, context: _Context) -> DateValue | None:
    folded = fold_value(text)
    found = _next_date(folded, 0, context)
    if found is None:
        return _unsettled(text, folded, context)
    return _value(text, *found)


def _next_date(folded: str, position: int, context: _Context) -> tuple[int, int, _Span | None] | None:
    """Return where the next date expression stands and what it means."""
    while (place := _START.search(folded, position)) is not None:
        at = place.start()
        found = _read_point(folded, at, context)
        if found is not None:
            return at, *_extend(folded, found, context)
        position = at + 1
    return None


def _value(text: str, start: int, end: int, span: _Span | None) -> DateValue:
    first, last, precision = (None, None, None) if span is None else span
    return DateValue(mention=Mention.of(text, start, end), start=first, end=last, precision=precision)


# Words of time that nothing settles: lengths without an end, feasts of the moon calendar, and "recently".
_UNSETTLED = re.compile(
    r"近日|日前|近期|日内|目前|最近|届时|首[日天周月年季]|[^\s,。;、()]{0,8}(?:流感季|[上开]\w{1,2}之初|起步时|当天|当日|之初|之际)|第[一二三四五六七八九十\d]{1,3}(?:年|个月|天|周|季度?)"
    r"|(?:[一二三四五六七八九十两半]{1,3}|\d{1,3})(?:年|个月|天|周|季度|小时)(?!半|多)|再?隔一天|[^\s,。;、()]{0,6}(?:春节|中秋节?|端午节?|清明节?|元宵节?|除夕)(?:前后?|后|期间)?"
    r"|(?<![a-z])(?:recently|lately|soon|the (?:forecast|coming|same|reporting) (?:period|days|weeks|months)|(?:the )?(?:whole )?\d{1,3}[ -]years?|(?:two|three|four|five|six|seven|eight|nine|ten) (?:days|weeks|months|quarters|years)|easter|ramadan|(?:lunar|chinese) new year|the (?:monsoon|pandemic|period|quarter|month|day|holidays?))(?![a-z])",
    _I,
)


def _unsettled(text: str, folded: str, context: _Context) -> DateValue | None:
    """Keep an expression of time that nothing settles as a date without ends; None where there is none."""
    if folded.strip() == "今" and context.published is not None:
        return _value(text, folded.index("今"), folded.index("今") + 1, _Span(context.published, context.published, "day"))
    found = _UNSETTLED.search(folded)
    return None if found is None else _value(text, found.start(), found.end(), None)


# What compares with an earlier period is no period that later words count from.
_COMPARISON = re.compile(r"同期|同季|上年|去年|一年前|ago|earlier|prior|previous|last year|same|corresponding", _I)
# Which of the dates before it a word counts from: these from the last day, those from the last period.
_FROM_A_DAY = re.compile(r"[当同次翌][日晚]|当天|同一天|第二天|隔天|天(?:之)?后|(?:same|next|following|previous) (?:day|morning|evening|night)|days? later", _I)
_FROM_A_PERIOD = re.compile(r"同期|同季|[当本]季|季末|期末|报告期|期内|该期|period|(?:the|same|corresponding|comparable|year[ -]ago|year[ -]earlier) quarter|year[ -](?:ago|earlier)", _I)
_QUARTER_WORD = re.compile(r"quarter|季", _I)
_LONGEST_QUARTER = 100
_NEWS_DAYS = 7
_REMEMBERED = 12


def _pick_anchor(spans: Sequence[_Span], words: str, published: dt.date | None) -> _Span | None:
    """Choose among the dates before a mention (in order) the one that its words count from."""
    day, period = _FROM_A_DAY.search(words) is not None, _FROM_A_PERIOD.search(words) is not None
    quarter = period and _QUARTER_WORD.search(words) is not None
    for span in reversed(spans):
        single = span.start == span.end
        if day and not single:
            continue
        if quarter and (span.end - span.start).days > _LONGEST_QUARTER:
            continue
        if period and single and published is not None and abs((published - span.start).days) <= _NEWS_DAYS:
            continue
        return span
    return None


def parse_dates(mentions: Iterable[str], published: dt.date | str | None = None, conventions: Conventions = DEFAULT) -> list[DateValue | None]:
    """Read the dates of a document in their order, each counting from those before it where its words do so.

    >>> [str(date.start) for date in parse_dates(["2020年8月", "同年11月", "次年3月"], "2022-01-05")]
    ['2020-08-01', '2020-11-01', '2021-03-01']
    """
    base = _date(published)
    before: deque[_Span] = deque(maxlen=_REMEMBERED)
    dates: list[DateValue | None] = []
    for mention in mentions:
        date = _parse(mention, _Context(base, _pick_anchor(before, mention, base), conventions))
        dates.append(date)
        _remember(before, mention, date)
    return dates


def find_dates(text: str, published: dt.date | str | None = None, conventions: Conventions = DEFAULT) -> list[DateValue]:
    """Find all date expressions of a text, each counting from those before it where its words do so.

    They are also what a mention elsewhere in the text counts from: `anchor_for` picks the one.
    """
    base = _date(published)
    folded = fold_value(text)
    before: deque[_Span] = deque(maxlen=_REMEMBERED)
    dates: list[DateValue] = []
    position = 0
    while (found := _next_date(folded, position, _Context(base, None, conventions))) is not None:
        start, end, span = found
        words = folded[start:end]
        if before and (anchor := _pick_anchor(before, words, base)) is not None:
            again = _next_date(folded, start, _Context(base, anchor, conventions))
            start, end, span = again or found
        date = _value(text, start, end, span)
        dates.append(date)
        _remember(before, words, date)
        position = max(end, start + 1)
    return dates


def _remember(before: deque[_Span], words: str, date: DateValue | None) -> None:
    span = _anchor_span(date)
    if span is not None and not _COMPARISON.search(words):
        before.append(span)


def anchor_for(words: str, dates: Sequence[DateValue], position: int, published: dt.date | str | None = None) -> DateValue | None:
    """Return the date that a mention with these words, at `position` of the text that `dates` were found in, counts from."""
    before = [date for date in dates if date.mention.end <= position and date.start is not None and not _COMPARISON.search(date.mention.text)]
    spans = [span for date in before if (span := _anchor_span(date)) is not None]
    chosen = _pick_anchor(spans, words, _date(published))
    return None if chosen is None else next(date for date, span in zip(reversed(before), reversed(spans), strict=True) if span is chosen)


def _anchor_span(anchor: DateValue | None) -> _Span | None:
    if anchor is None or anchor.start is None or anchor.end is None:
        return None
    return _Span(anchor.start, anchor.end, anchor.precision or "range")


def _extend(text: str, found: _Found, context: _Context) -> tuple[int, _Span | None]:
    """Read a second end ("至2020年9月", "to March 2021") or an open one (以来, 至今) after a point in time."""
    end, span = found.end, found.span
    if (since := _ZH_SINCE.match(text, end)) is not None:
        if span is None or context.published is None or context.published < span.start:
            return since.end(), None if span is None or context.published is None else span
        return since.end(), _Span(span.start, context.published, "range")
    joined = _JOIN.match(text, end)
    if joined is None or joined.end() >= len(text) or joined[0].strip() == "and":
        return end, span
    second = _read_point(text, joined.end(), context._replace(anchor=span or context.anchor))
    if second is None:
        return end, span
    if span is None or second.span is None or second.span.end < span.start:
        return second.end, None
    return second.end, _name(_Span(span.start, second.span.end, "range"))
