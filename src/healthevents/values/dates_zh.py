"""Chinese dates: the patterns, by the character they begin with, and what each means."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from healthevents.values.intervals import (
    Span,
    back_from,
    day_of,
    half_of,
    month_of,
    months_of,
    part_of_month,
    quarter_of,
    season_of,
    shift_months,
    shift_years,
    week_of,
    year_of,
    years_of,
)  # fmt: skip
from healthevents.values.numbers import read_numeral
from healthevents.values.reference import (
    UNIT_NAMES,
    Context,
    Found,
    anchor_day,
    anchor_year,
    by_first,
    counted,
    current_fiscal_year,
    days_from,
    fiscal_year,
    half_year,
    last_fiscal_quarter,
    near_season,
    near_year,
    nearest_day,
    period_year,
    point_year,
    quarter_year,
    split_year,
    weekday_near,
)  # fmt: skip

_HAN_NUMBER = "[一二三四五六七八九十]"


_M = r"(?:1[0-2]|0?[1-9]|(?<![\d亿万千百])元(?=月)|十[一二]?|[一二三四五六七八九])"


_D = r"(?:[12]\d|3[01]|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"


_N = r"(?:\d{1,3}|[一二两三四五六七八九十百半]{1,4})"


_ZH_YEAR = re.compile(
    r"(?:(?P<full>[12]\d{3}|[一二][零一二三四五六七八九]{3})\s?年(?!代)"
    r"|(?P<roc>民国\s?\d{1,3}|1\d{2})\s?年(?!代)(?![前后内以之来多])"
    r"|(?P<short>[0-4]\d)年(?!代)(?![前后内以之来多])"
    r"|(?P<relative>大前年|今年|去年|前年|明年|后年|来年|本年度?|上一?年度?|当年|同年|同一年|次年|翌年|隔年|那一?年|这一年|该年|第二年|下一年|今(?=夏|秋|冬|春)|去(?=夏|秋|冬|春)|明(?=夏|秋|冬|春))"
    r")(?:的)?\s?"
)


_ZH_RELATIVE_YEARS = {
    "今年": 0,
    "今": 0,
    "本年": 0,
    "本年度": 0,
    "去年": -1,
    "去": -1,
    "上年": -1,
    "上年度": -1,
    "上一年": -1,
    "上一年度": -1,
    "前年": -2,
    "大前年": -3,
    "明年": 1,
    "明": 1,
    "来年": 1,
    "后年": 2,
}


_ZH_ANCHOR_YEARS = {
    "当年": 0,
    "同年": 0,
    "同一年": 0,
    "那年": 0,
    "那一年": 0,
    "这一年": 0,
    "该年": 0,
    "次年": 1,
    "翌年": 1,
    "隔年": 1,
    "第二年": 1,
    "下一年": 1,
}


_TIME = (
    r"(?:\s?(?:凌晨|清晨|早上|早间|上午|中午|下午|午后|傍晚|晚间|晚上|晚|夜间|早|晨))?"
    r"(?:\s?\d{1,2}\s?(?:时|点|:\d{2}(?::\d{2})?)(?:\d{1,2}分|半)?|[零一二三四五六七八九十]{1,3}[时点])?"
)


_ZH_MD_RANGE = re.compile(rf"(?P<m>{_M})\s?月\s?(?P<d>{_D})\s?[日号]?\s?(?:-|~|至|到)\s?(?:(?:(?P<y2>\d{{4}})年)?(?P<m2>{_M})\s?月\s?)?(?P<d2>{_D})\s?[日号]")


_ZH_MD = re.compile(rf"(?P<m>{_M})\s?月\s?(?P<d>{_D})\s?(?:日|号)(?:{_TIME})")


_ZH_ENDED = re.compile(
    rf"(?P<m>{_M})\s?月(?:份|底|末|\s?(?P<d>{_D})\s?[日号])?(?:止的?|的|止|结束的|(?=首季))(?:过去)?(?:(?P<n>{_N})个月|(?P<half>半年|上半年|中期)"
    rf"|(?P<quarter>(?:第[一二三四]|首|一)?季度?)|(?P<week>(?(d)一(?:周|星期)(?![内里之])|(?!)))|(?P<year>(?:财政?)?年度?|财年|全年))"
)


_ZH_M_PART = re.compile(rf"(?P<m>{_M})\s?月(?:份)?\s?(?P<part>上旬|中旬|下旬|[上下]半月|初|底|末|中(?![国医]))")


_ZH_M_RANGE = re.compile(rf"(?P<m>{_M})\s?月?(?:份)?\s?(?:-|~|至|到)\s?(?:(?P<y2>[12]\d{{3}})\s?年)?(?P<m2>{_M})\s?月(?:份)?(?!\s?\d{{1,2}}\s?[日号])")


_ZH_M = re.compile(rf"(?P<m>{_M})\s?月(?:份)?(?!球)")


_ZH_QUARTER = re.compile(r"(?:(?P<first>首季度?|头季)|第?(?P<q>[一二三四1234])\s?个?季(?:度|报)?|[Qq](?P<digit>[1-4]))(?:单季)?(?P<end>末|底)?")


_ZH_FIRST_N = re.compile(rf"(?:前|头|首|(?P<last>最后|末))(?P<n>{_N})(?:个)?(?P<unit>季度?|月)(?:份)?")


_ZH_HALF = re.compile(r"(?P<half>上|(?<!创)下|前|后)半(?:财)?年(?:度)?|H(?P<h>[12])(?!\w)|(?P<mid>半年度|半年报|中期报告)")


_ZH_SEASON = re.compile(r"(?P<season>[春夏秋冬])(?:天|季|日|初|末)?(?![节雨医])")


_ZH_YEAR_POINT = re.compile(r"(?:年)?(?P<point>底|末|初|中(?![国医心]))|(?P<whole>全年|整年|年内|年度|财年|财政年度|内(?![部科])|度(?!过))")


_ZH_NUMERIC = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s?(?P<sep>[-/.])\s?(?P<m>0?[1-9]|1[0-2])(?:(?P=sep)(?P<d>[12]\d|3[01]"
    r"|0?[1-9]))?(?:[T\s]\d{1,2}:\d{2}(?::\d{2})?)?(?![\d%])(?!\.\d)(?!\s?(?:倍|亿|万|个|家|%))"
)


_ZH_YEAR_PART = re.compile(r"(?P<y>(?:19|20)\d{2})\s?(?:Q(?P<q>[1-4])|H(?P<h>[12]))(?!\w)", re.IGNORECASE)


# 108/08/05 counts from the founding of the Republic of China.
_ZH_ROC_NUMERIC = re.compile(r"(?P<y>1[01]\d)/(?P<m>0?[1-9]|1[0-2])/(?P<d>[12]\d|3[01]|0?[1-9])(?!\d)")


_ZH_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)")


_ZH_YEARS = re.compile(
    r"(?P<y1>(?:19|20)\d{2})\s?年?(?:度)?\s?(?:-|~|至|到|和|与)\s?(?P<y2>(?:19|20)\d{2})\s?年(?:度)?(?:间|期间)?(?!\s?\d{1,2}\s?月)(?![上下初底末前第])"
)


_ZH_SPLIT_YEAR = re.compile(r"(?P<y>(?:19|20)\d{2})\s?[-/]\s?(?P<next>\d{2})(?:财年|财政年度|年度)")


_ZH_DECADE = re.compile(r"(?:(?P<century>上世纪|本世纪|二十世纪|20世纪)|(?P<y>(?:19|20)\d0))?(?P<ten>[1-9]0|[一二三四五六七八九]十)?年代(?P<part>初|末|中)?")


_ZH_PLAN = re.compile(r"[\"“]?(?P<n>十[一二三四五六]?)五[\"”]?(?:规划)?(?P<part>期间|时期|末|初|期末|规划)")


_ZH_WEEKDAY = re.compile(r"(?P<week>本|这|上上|上|下下|下)?(?:个)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])" + _TIME)


_ZH_DAYS = re.compile(
    r"(?:(?P<bracket>[今昨前明])\s?[(]\s?\d{1,2}\s?[)]\s?[日天]|(?P<word>今天|今日|今晨|今早|今晚|今夜|今午|即日|昨天|昨日|昨晚|昨夜|昨早|昨晨|前天|前日|前晚|明天|明日|明晚|明早|后天|后日"
    r"|大前天|当天|当日|当晚|同日|同一天|当天|次日|翌日|第二天|隔天|当天))" + _TIME
)


# The first day, week or month of what was told before: 3月上市，首月卖出4200台.
_ZH_FIRST_OF = re.compile(r"(?:上线|上市|开售|开业|发布)?(?:首(?P<unit>[日周月])|(?:第一|头一?)个?(?P<unit2>天|周|月))(?![期末刊使津坛然台封])")


_ZH_DAY_OFFSETS = {"今": 0, "昨": -1, "前": -2, "明": 1, "后": 2, "大": -3}


_ZH_WEEK = re.compile(r"(?P<week>本|这|上上|上|下下|下|同一?|当)(?:个|一)?(?:周|星期|礼拜)(?!年|期|[一二三四五六日])(?P<part>末|初)?")


_ZH_MONTH = re.compile(
    rf"(?P<month>本|这个|上上个?|上个?|下下个?|下个?|当|同|同一个?|次|翌)月(?:份)?(?:(?P<part>上旬|中旬|下旬|初|底|末)|(?P<d>{_D})[日号])?|(?P<bare>月)(?P<bare_part>底|末|初|中旬|中(?=[,，。])|上旬|下旬)"
)


_ZH_THIS_QUARTER = re.compile(r"(?P<which>本|这个?|上一?个?|下一?个?|当|同)季(?:度)?(?P<end>末)?|(?P<bare>季)末")


_ZH_AGO = re.compile(
    rf"(?P<n>{_N})\s?(?:多)?(?P<unit>天|日|周|星期|个星期|个月|月|年|个季度)(?:之)?(?P<way>前|以前|后|以后|内|以内|之内|来|以来)(?!夕|台|期|列|沿|端|半|景|三|两|[一二四五六七八九])"
    rf"|(?P<half>半年|半个月)(?:之)?(?P<half_way>前|以前|后|以后|内|来|以来)(?!期)"
)


_ZH_SPAN = re.compile(rf"(?P<which>近|最近|过去|此前|未来|今后|接下来|此后|往后)(?:的)?(?P<n>{_N})(?P<unit>天|周|个星期|个月|年|个季度)(?:来|间|内|里|中)?")


_ZH_SAME = re.compile(r"(?P<base>去年|上年|上一年|前年|前一年|(?P<y>(?:19|20)\d{2})年)?(?:的)?(?:同期|同季度?|同月|同一时期|同一季度)")


_ZH_PERIOD = re.compile(r"(?:报告期|期|该期|本期|当期|上述期间)(?P<end>末|内)|报告期|该期间|当期|同一时期|本期(?!间)")


_ZH_MOVED = re.compile(rf"(?:(?P<way>早|晚|又过|再过)了?|(?P<before>此?前)|(?P<after>再隔|后))(?P<n>{_N})(?P<unit>天|年|个月)(?!内|里|间|来)")


_ZH_BARE_DAY = re.compile(r"(?P<d>[12]\d|3[01]|0?[1-9])\s?[日号](?!均|常|[元本])" + _TIME)


_ZH_HOLIDAY = re.compile(r"[\"“]?(?P<day>元旦|双十一|双11|双十二|双12|618|国庆节?|劳动节|五一|圣诞节?|平安夜|情人节|除夕前)[\"”]?(?:节|当天|当日)?")


_HOLIDAYS = {
    "元旦": (1, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "618": (6, 18),
    "国庆": (10, 1),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "圣诞": (12, 25),
    "平安夜": (12, 24),
    "情人节": (2, 14),
}


ZH_SINCE = re.compile(r"\s?(?:以来|至今|到现在|到目前|迄今|起至今|起(?![步诉源草]))")


# Feasts of the moon calendar, which no table here places.
_ZH_MOON_FEAST = re.compile(r"(?:春节|中秋节?|端午节?|清明节?|元宵节?|除夕)(?:前后?|后|期间)?")


_ZH_THIS_TIME = re.compile(r"(?:的)?(?:此时|这个时候|这时候|这会儿)")


_ZH_SCHOOL_BREAK = re.compile(r"暑[假期]")


_ZH_FISCAL = re.compile(r"(?P<which>本|上一?个?|下一?个?|当前?)(?:财年|财政年度)|(?:第)?(?P<q>[一二三四1-4])财季|(?P<y>(?:19|20)\d{2})\s?(?:财年|财政年度)")


def number_of(words: str) -> int:
    """Return the whole number that a numeral of either script names, 0 where it names none."""
    if words == "元":
        return 1  # 元月
    numeral = read_numeral(words, 0)
    return 0 if numeral is None else int(numeral.low)


def _zh_year(match: re.Match[str], context: Context) -> int | None:
    if match["full"]:
        return number_of(match["full"]) if match["full"].isdigit() else int("".join(str("零一二三四五六七八九".index(char)) for char in match["full"]))
    if match["roc"]:
        return 1911 + int(match["roc"].removeprefix("民国").strip())
    if match["short"]:
        return 2000 + int(match["short"])
    word = match["relative"]
    if word.startswith("上") and context.tells_year and context.anchor is not None and context.anchor.precision == "year":
        return context.anchor.start.year - 1  # 2021年营收2.37亿元 … 上一年1.27亿元
    if word in _ZH_RELATIVE_YEARS:
        return None if context.published is None else context.published.year + _ZH_RELATIVE_YEARS[word]
    year = anchor_year(context)
    return None if year is None else year + _ZH_ANCHOR_YEARS[word]


def read_zh(text: str, at: int, context: Context) -> Found | None:
    """Read the Chinese date at a place: a year with what refines it, or one of the relative expressions."""
    for pattern, rule in _ZH_FIRST.get(text[at], ()):
        if (match := pattern.match(text, at)) is not None:
            return Found(match.end(), rule(match, context))
    year_match = _ZH_YEAR.match(text, at)
    if year_match is not None:
        year = _zh_year(year_match, context)
        within = _read_zh_within(text, year_match.end(), year, context, True)
        if within is not None:
            return within
        if year_match["relative"] in ("今", "去", "明"):
            return None
        trailing = len(year_match[0]) - len(year_match[0].rstrip(" 的"))
        return Found(year_match.end() - trailing, None if year is None else year_of(year))
    within = _read_zh_within(text, at, None, context, False)
    if within is not None:
        return within
    for pattern, rule in _ZH_RULES.get(text[at], ()):
        if (match := pattern.match(text, at)) is not None:
            return Found(match.end(), rule(match, context))
    return None


def _read_zh_within(text: str, at: int, year: int | None, context: Context, stated: bool) -> Found | None:
    """Read what lies within a year: months and days, quarters, halves, seasons, its end; `stated` tells whether a year was."""
    if at >= len(text):
        return None
    first = text[at]
    if first in "1234567890一二三四五六七八九十元":
        for pattern, read in _ZH_MONTHS:
            if (match := pattern.match(text, at)) is not None:
                where = year
                if not stated:
                    month = number_of(match["m"])
                    where = near_year(month, context)
                return Found(match.end(), None if where is None else read(match, where), stated)
    if (match := _ZH_QUARTER.match(text, at)) is not None:
        quarter = 1 if match["first"] else number_of(match["q"] or match["digit"])
        where = year if stated else quarter_year(quarter, context, chinese=True)
        span = None if where is None else quarter_of(where, quarter)
        if span is not None and match["end"]:
            span = Span(span.end, span.end, "day")
        return Found(match.end(), span, stated)
    if (first in "前头首" or (stated and first in "最末")) and (match := _ZH_FIRST_N.match(text, at)) is not None:
        count = number_of(match["n"]) * (3 if match["unit"].startswith("季") else 1)
        where = year if stated else period_year(count, context)
        months = (13 - count, 12) if match["last"] else (1, count)
        return Found(match.end(), None if where is None or not 0 < count <= 12 else months_of(where, *months), stated)
    if first in ("上下前后H半中" if stated else "上下前后H") and (match := _ZH_HALF.match(text, at)) is not None:
        half = int(match["h"]) if match["h"] else 1 if match["mid"] or match["half"] in "上前" else 2
        where = year if stated else half_year(half, context)
        return Found(match.end(), None if where is None else half_of(where, half), stated)
    if first in "春夏秋冬" and (match := _ZH_SEASON.match(text, at)) is not None:
        season = "春夏秋冬".index(match["season"])
        if stated:
            return Found(match.end(), None if year is None else season_of(year, season), stated)
        if match[0][1:] in ("天", "季"):
            return Found(match.end(), near_season(season, context), stated)
    if stated and (match := _ZH_MOON_FEAST.match(text, at)) is not None:
        return Found(match.end(), None)
    if stated and first in "同" and (match := _ZH_SAME.match(text, at)) is not None:
        if year is None or context.anchor is None:
            return Found(match.end(), None)
        return Found(match.end(), shift_years(context.anchor, year - context.anchor.start.year))
    if stated and (match := _ZH_THIS_TIME.match(text, at)) is not None and context.published is not None and year is not None:
        return Found(match.end(), month_of(year, context.published.month))
    if stated and (match := _ZH_SCHOOL_BREAK.match(text, at)) is not None and year is not None:
        return Found(match.end(), months_of(year, 7, 8))
    if stated and first in "今" and (match := _ZH_DAYS.match(text, at)) is not None and context.published is not None and year is not None:
        return Found(match.end(), shift_years(Span(context.published, context.published, "day"), year - context.published.year))
    if stated and first in '双6国五元圣平情"' and (match := _ZH_HOLIDAY.match(text, at)) is not None and year is not None:
        return Found(match.end(), day_of(year, *_HOLIDAYS[match["day"].removesuffix("节") if match["day"] not in _HOLIDAYS else match["day"]]))
    if (stated or first in "年全整") and (match := _ZH_YEAR_POINT.match(text, at)) is not None:
        point = match["point"]
        if not stated and not (text[at] == "年" or match["whole"]):
            return None
        if not stated and text[at : at + 2] in ("年度", "年中"):
            return None
        where = year if stated else point_year(point or match["whole"], context)
        if where is None:
            return Found(match.end(), None, stated)
        spans = {"底": month_of(where, 12), "末": month_of(where, 12), "初": month_of(where, 1), "中": month_of(where, 6)}
        return Found(match.end(), spans[point] if point else year_of(where), stated)
    return None


def _zh_md_range(match: re.Match[str], year: int) -> Span:
    month, last_month = number_of(match["m"]), number_of(match["m2"]) if match["m2"] else None
    start = dt.date(year, month, number_of(match["d"]))
    last_year = int(match["y2"]) if match["y2"] else year
    end = dt.date(last_year, last_month or month, number_of(match["d2"]))
    if end < start and not match["y2"]:
        end = dt.date(year + 1, end.month, end.day)
    return Span(start, end, "range")


def _zh_ended(match: re.Match[str], year: int) -> Span:
    if match["week"]:
        last = day_of(year, number_of(match["m"]), number_of(match["d"])).end if match["d"] else month_of(year, number_of(match["m"])).end
        return Span(last - dt.timedelta(days=6), last, "range")
    end = month_of(year, number_of(match["m"])).end
    months = number_of(match["n"]) if match["n"] else 6 if match["half"] else 3 if match["quarter"] else 12
    return back_from(end, months)


def _zh_m_part(match: re.Match[str], year: int) -> Span:
    if match["part"].endswith("半月"):
        whole = month_of(year, number_of(match["m"]))
        return (
            whole._replace(end=whole.start.replace(day=15), precision="range")
            if match["part"] == "上半月"
            else whole._replace(start=whole.start.replace(day=16), precision="range")
        )
    part = {"上旬": "early", "初": "early", "中旬": "mid", "中": "mid"}.get(match["part"], "late")
    return part_of_month(year, number_of(match["m"]), part)


def _zh_m_range(match: re.Match[str], year: int) -> Span | None:
    first, last = number_of(match["m"]), number_of(match["m2"])
    last_year = int(match["y2"]) if match["y2"] else year + (last < first)
    return months_of(year, first, last, last_year)


_ZH_MONTHS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], Span | None]], ...] = (
    (_ZH_MD_RANGE, _zh_md_range),
    (_ZH_ENDED, _zh_ended),
    (_ZH_MD, lambda match, year: day_of(year, number_of(match["m"]), number_of(match["d"]))),
    (_ZH_M_RANGE, _zh_m_range),
    (_ZH_M_PART, _zh_m_part),
    (_ZH_M, lambda match, year: month_of(year, number_of(match["m"]))),
)


def _zh_numeric(match: re.Match[str], context: Context) -> Span | None:
    year, month = int(match["y"]), int(match["m"])
    return day_of(year, month, int(match["d"])) if match["d"] else month_of(year, month)


def _zh_decade(match: re.Match[str], context: Context) -> Span | None:
    ten = match["ten"]
    tens = 0 if not ten else int(ten) if ten.isdigit() else number_of(ten)
    if match["y"]:
        start = int(match["y"])
    else:
        century = 2000 if match["century"] == "本世纪" or (not match["century"] and tens <= 20) else 1900
        start = century + tens
    return Span(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), "decade")


def _zh_plan(match: re.Match[str], context: Context) -> Span | None:
    start = 1966 + 5 * (number_of(match["n"]) - 3)
    part = match["part"]
    return year_of(start + 4) if "末" in part else year_of(start) if part == "初" else years_of(start, start + 4)


def _zh_weekday(match: re.Match[str], context: Context) -> Span | None:
    if context.published is None:
        return None
    day = "一二三四五六日".index(match["day"].replace("天", "日"))
    return weekday_near(day, {"本": 0, "这": 0, "上": -1, "上上": -2, "下": 1, "下下": 2}.get(match["week"] or ""), context.published)


def _zh_days(match: re.Match[str], context: Context) -> Span | None:
    word = match["bracket"] or match["word"]
    if word[0] in "当同":
        return anchor_day(context, 0)
    if word == "即日":
        return days_from(context.published, 0)
    if word in ("次日", "翌日", "第二天", "隔天"):
        return anchor_day(context, 1)
    return days_from(context.published, _ZH_DAY_OFFSETS[word[0]])


def _zh_week(match: re.Match[str], context: Context) -> Span | None:
    if match["week"][0] in "同当":
        return None if context.anchor is None else week_of(context.anchor.start)
    if context.published is None:
        return None
    week = week_of(context.published, {"本": 0, "这": 0, "上": -1, "上上": -2, "下": 1, "下下": 2}[match["week"]])
    return Span(week.end - dt.timedelta(days=1), week.end, "range") if match["part"] == "末" else week


def _zh_month(match: re.Match[str], context: Context) -> Span | None:
    word = match["month"] or "本"
    if word[0] in "当同次翌":
        base, step = (None if context.anchor is None else context.anchor.start), int(word[0] in "次翌")
    else:
        base, step = context.published, {"本": 0, "这": 0}.get(word[0], (1 if word[0] == "下" else -1) * (2 if word[:2] in ("上上", "下下") else 1))
    if base is None:
        return None
    date = shift_months(base.replace(day=1), step)
    if match["d"]:
        return day_of(date.year, date.month, number_of(match["d"]))
    part = match["part"] or match["bare_part"]
    if not part:
        return month_of(date.year, date.month)
    return part_of_month(date.year, date.month, {"上旬": "early", "初": "early", "中旬": "mid", "中": "mid"}.get(part, "late"))


def _zh_this_quarter(match: re.Match[str], context: Context) -> Span | None:
    word = match["which"] or "当"
    if word[0] in "当同" or match["bare"]:
        if context.anchor is None:
            return None
        span = quarter_of(context.anchor.end.year, (context.anchor.end.month - 1) // 3 + 1)
    else:
        if context.published is None:
            return None
        month = shift_months(context.published.replace(day=1), {"本": 0, "这": 0, "上": -3, "下": 3}[word[0]])
        span = quarter_of(month.year, (month.month - 1) // 3 + 1)
    return Span(span.end, span.end, "day") if match["end"] or match["bare"] else span


def _zh_ago(match: re.Match[str], context: Context) -> Span | None:
    unit, way = match["unit"], match["way"] or match["half_way"]
    if match["half"]:
        count, unit = (6, "个月") if match["half"] == "半年" else (15, "天")
    else:
        count = number_of(match["n"])
        if match["n"].startswith("半"):
            count, unit = (6, "个月") if unit == "年" else (0, unit)
    if count == 1 and unit == "年" and way in ("前", "以前") and context.published is not None:
        # A figure of 一年前 is that of the period told, a year before, or else of that month.
        if context.anchor is not None:
            return shift_years(context.anchor, -1)
        return counted(12, "个月", way, context)
    return counted(count, unit, way, context)


def _zh_span(match: re.Match[str], context: Context) -> Span | None:
    count, unit = number_of(match["n"]), match["unit"]
    if match["n"].startswith("半"):
        count, unit = 6, "个月"
    return counted(count, unit, "内" if match["which"] in ("未来", "今后", "接下来", "此后", "往后") else "来", context)


def _zh_same(match: re.Match[str], context: Context) -> Span | None:
    if context.anchor is None:
        return None
    anchor = context.anchor
    if "月" in match[0]:
        anchor = month_of(anchor.start.year, anchor.start.month)
    elif "季" in match[0]:
        anchor = quarter_of(anchor.start.year, (anchor.start.month - 1) // 3 + 1)
    return anchor


def _zh_first_of(match: re.Match[str], context: Context) -> Span | None:
    """Return the first day, week or month from a day or month told before."""
    anchor, unit = context.anchor, match["unit"] or match["unit2"]
    if anchor is None or anchor.precision not in ("day", "month") or (unit != "月" and anchor.start != anchor.end):
        return None
    if unit == "月":
        return month_of(anchor.start.year, anchor.start.month)
    return Span(anchor.start, anchor.start + dt.timedelta(days=6), "range") if unit == "周" else anchor


def _zh_period(match: re.Match[str], context: Context) -> Span | None:
    if context.anchor is None:
        return None
    return Span(context.anchor.end, context.anchor.end, "day") if match["end"] == "末" else context.anchor


def _zh_moved(match: re.Match[str], context: Context) -> Span | None:
    """Return the anchor moved by days, months or years: 晚一年, 又过了三个月, 此前一天."""
    anchor = context.anchor
    if anchor is None:
        return None
    count = number_of(match["n"]) * (-1 if match["before"] or match["way"] == "早" else 1)
    unit = UNIT_NAMES[match["unit"]]
    if unit == "day":
        return days_from(anchor.start, count) if anchor.start == anchor.end else None
    if unit == "year":
        return shift_years(anchor, count)
    month = shift_months(anchor.start.replace(day=1), count)
    return month_of(month.year, month.month)


def _zh_bare_day(match: re.Match[str], context: Context) -> Span | None:
    """Return the day of a month that only its number names: the last one up to publication."""
    base = context.published
    if base is None:
        return None
    day = number_of(match["d"])
    month = base if day <= base.day else shift_months(base.replace(day=1), -1)
    return day_of(month.year, month.month, day)


def _zh_holiday(match: re.Match[str], context: Context) -> Span | None:
    name = match["day"]
    month, day = _HOLIDAYS[name if name in _HOLIDAYS else name.removesuffix("节")]
    return nearest_day(month, day, context)


def _zh_fiscal(match: re.Match[str], context: Context) -> Span | None:
    if match["y"]:
        return fiscal_year(int(match["y"]), context)
    if match["q"]:
        return last_fiscal_quarter(number_of(match["q"]), context)
    step = {"上": -1, "下": 1}.get(match["which"][0], 0)
    if step and context.anchor is not None and back_from(context.anchor.end, 12) == context.anchor._replace(precision="range"):
        return shift_years(context.anchor, step)  # 截至3月31日的2021财年 … 上一财年: the one before
    year = current_fiscal_year(context)
    return None if year is None else fiscal_year(year + step, context)


_DIGITS = "0123456789"


_HAN_FIGURES = "一二三四五六七八九十两百半"


# Tried before a year is looked for: these begin with figures, and a year would cut them short.
_ZH_FIRST = by_first((
    (_DIGITS, _ZH_YEARS, lambda match, context: years_of(int(match["y1"]), int(match["y2"]))),
    (_DIGITS, _ZH_SPLIT_YEAR, split_year),
    (_DIGITS, _ZH_FISCAL, _zh_fiscal),
    (_DIGITS, _ZH_YEAR_PART, lambda match, context: quarter_of(int(match["y"]), int(match["q"])) if match["q"] else half_of(int(match["y"]), int(match["h"]))),
    (_DIGITS, _ZH_NUMERIC, _zh_numeric),
    (_DIGITS, _ZH_COMPACT, _zh_numeric),
    ("1", _ZH_ROC_NUMERIC, lambda match, context: day_of(1911 + int(match["y"]), int(match["m"]), int(match["d"]))),
    (_DIGITS + _HAN_FIGURES + "上本二", _ZH_DECADE, _zh_decade),
    ('"“十', _ZH_PLAN, _zh_plan),
    ("第一二三四1234上下本当", _ZH_FISCAL, _zh_fiscal),
    (_DIGITS + _HAN_FIGURES, _ZH_AGO, _zh_ago),
))  # fmt: skip


_ZH_RULES = by_first((
    ("本这上下周星礼", _ZH_WEEKDAY, _zh_weekday),
    ("今昨前明后大当同次翌第隔即", _ZH_DAYS, _zh_days),
    ("本这上下同当", _ZH_WEEK, _zh_week),
    ("本这上下当同次翌月", _ZH_MONTH, _zh_month),
    ("本这上下当同季", _ZH_THIS_QUARTER, _zh_this_quarter),
    ("近最过此未今接往", _ZH_SPAN, _zh_span),
    ("去上前同", _ZH_SAME, _zh_same),
    ("早晚又再此前后", _ZH_MOVED, _zh_moved),
    ("报期该本当上同", _ZH_PERIOD, _zh_period),
    ("上开发首第头", _ZH_FIRST_OF, _zh_first_of),
    ("届", re.compile("届时"), lambda match, context: context.anchor),
    ("元双6国劳五圣平情\"", _ZH_HOLIDAY, _zh_holiday),
    (_DIGITS + _HAN_FIGURES, _ZH_BARE_DAY, _zh_bare_day),
))  # fmt: skip
