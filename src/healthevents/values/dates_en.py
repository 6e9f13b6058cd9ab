"""English dates: the rules, by the letter they begin with, and what each means."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from dateutil.easter import easter

from healthevents.values.intervals import (
    Span,
    back_from,
    day_of,
    half_of,
    last_day,
    month_of,
    months_of,
    part_of_month,
    quarter_of,
    season_of,
    shift_months,
    shift_years,
    unit_around,
    week_of,
    year_of,
    years_of,
)  # fmt: skip
from healthevents.values.numbers import read_numeral
from healthevents.values.reference import (
    Context,
    Rule,
    anchor_day,
    anchor_year,
    by_first,
    counted,
    current_fiscal_year,
    days_from,
    fiscal_part,
    fiscal_year,
    half_of_fiscal_year,
    half_year,
    is_news_day,
    last_fiscal_quarter,
    near_season,
    near_year,
    nearest_day,
    nearest_of,
    period_year,
    quarter_year,
    relative_month,
    split_year,
    weekday_near,
)  # fmt: skip

_EN_MONTHS = {name.lower(): place for place, name in enumerate(calendar.month_name) if name} | {
    name.lower(): place for place, name in enumerate(calendar.month_abbr) if name
} | {"sept": 9}  # fmt: skip


# A full name takes no full stop, which would be that of the sentence.
_MON = (
    r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)(?![a-z])|(?:jan|feb|mar|apr|jun|jul"
    r"|aug|sept?|oct|nov|dec)(?![a-z])\.?)"
)


_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d.%])"


_Y = r"(?:19|20)\d{2}(?!\d)"


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


_YEAR_WORD = (
    rf"(?:(?:calendar |fiscal |full )?(?:year )?{_Y}|(?:this|last|next|the (?:current|previous|following|same)) (?:fiscal "
    rf"|calendar )?year|the year|this|last fiscal)"
)


_COUNT = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|twenty|thirty|forty|fifty|several)"
)


_ORDINALS = {"first": 1, "1st": 1, "opening": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "final": 4, "closing": 4, "last": 4}


_ORDINAL = r"(?:first|second|third|fourth|final|opening|closing|1st|2nd|3rd|4th)"


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


def _is_of_the_calendar(match: re.Match[str]) -> bool:
    """Tell whether a quarter or half is one of the calendar, whatever the company's year: "the first quarter of 2016", not "Q1 2016"."""
    return match["o"] is not None and re.search(rf" (?:of|in) {_Y}", match[0], _I) is not None


def _month_number(word: str) -> int:
    return _EN_MONTHS[word.lower().rstrip(".")]


def _day_number(word: str) -> int:
    return int(re.sub(r"\D", "", word))


def _en_year(word: str | None, context: Context) -> int | None:
    """Return the year that "2019", "last year", "fiscal 2020" or "the year" names."""
    if not word:
        return None
    word = word.lower()
    if (figures := re.search(r"\d{4}", word)) is not None:
        return int(figures[0])
    if "same" in word or "following" in word or "that" in word:
        anchor = anchor_year(context)
        return None if anchor is None else anchor + ("following" in word)
    if context.published is None:
        return None
    return context.published.year + (-1 if "last" in word or "previous" in word else 1 if "next" in word else 0)


def count_of(word: str) -> int:
    """Return how many units "a", "three" or "12" are; 0 for "several", which cannot be settled."""
    word = word.lower()
    if word in ("a", "an"):
        return 1
    if word == "several":
        return 0
    numeral = read_numeral(word, 0)
    return 0 if numeral is None else int(numeral.low)


def _month_or_day(year: int | None, month: int, day: str | None, context: Context) -> Span | None:
    year = near_year(month, context) if year is None else year
    if year is None:
        return None
    return day_of(year, month, _day_number(day)) if day else month_of(year, month)


@_rule("jfmasond", rf"(?P<m>{_MON}) (?P<d>{_DAY}) ?(?:-|to|through|and) ?(?:(?P<m2>{_MON}) )?(?P<d2>{_DAY})(?:,? (?P<y>{_Y}))?")
def _en_day_range(match: re.Match[str], context: Context) -> Span | None:
    month = _month_number(match["m"])
    last = _month_number(match["m2"]) if match["m2"] else month
    year = int(match["y"]) if match["y"] else near_year(last, context)
    if year is None:
        return None
    end = dt.date(year, last, _day_number(match["d2"]))
    return Span(dt.date(year - (last < month), month, _day_number(match["d"])), end, "range")


@_rule("0123456789", rf"(?P<d>{_DAY}) ?(?:-|to) ?(?P<d2>{_DAY}) (?P<m>{_MON})(?:,? (?P<y>{_Y}))?")
def _en_day_range_british(match: re.Match[str], context: Context) -> Span | None:
    month = _month_number(match["m"])
    year = int(match["y"]) if match["y"] else near_year(month, context)
    return None if year is None else Span(dt.date(year, month, _day_number(match["d"])), dt.date(year, month, _day_number(match["d2"])), "range")


@_rule(
    "tjfmasond",
    rf"(?:the )?(?P<m>{_MON})(?: (?P<y>{_Y}))? ?(?:-|to|through|until|and) ?(?P<m2>{_MON})(?: (?:period|quarter|half))?(?:,? (?:of )?(?P<y2>{_Y}))?",
)
def _en_month_range(match: re.Match[str], context: Context) -> Span | None:
    first, last = _month_number(match["m"]), _month_number(match["m2"])
    last_year = int(match["y2"]) if match["y2"] else int(match["y"]) + (last < first) if match["y"] else near_year(last, context)
    if last_year is None:
        return None
    first_year = last_year - (last < first)
    if not (match["y"] or match["y2"]) and context.published is not None and not context.ahead and month_of(first_year, first).start > context.published:
        last_year -= 1  # "Oct-Dec net profit", told in May
    year = int(match["y"]) if match["y"] else last_year - (last < first)
    return months_of(year, first, last, last_year)


@_rule(
    "tonlefs0123456789q",
    rf"(?:the )?(?:(?P<q>{_ORDINAL})[ -]?quarter (?:that )?ended|(?:(?P<n>{_COUNT})[ -]months?|(?P<word>(?:fiscal |financial |full "
    rf"|half[ -])?year|half-year|quarter|half|week))(?:,? that| period)?(?:[ -](?:ended|ending|to|through|which ended|that ended)))(?: (?:on"
    rf"|in))?(?: the)?(?: end of)? (?:{_CLAUSE})",
)
def _en_ended(match: re.Match[str], context: Context) -> Span | None:
    month = _month_number(match["m"] or match["m2"])
    stated = match["y"] or match["y2"]
    year = int(stated) if stated else near_year(month, context)
    if year is None:
        return None
    if not stated and context.published is not None and not context.ahead and month_of(year, month).start > context.published:
        year -= 1  # "in the year to June", told in February
    word = (match["word"] or "").lower()
    months = 3 if match["q"] or word == "quarter" else count_of(match["n"]) if match["n"] else 6 if "half" in word else 12
    end = month_of(year, month).end
    if word == "week":
        day = match["d"] or match["d2"]
        last = dt.date(year, month, _day_number(day)) if day else end
        return Span(last - dt.timedelta(days=6), last, "week")
    return back_from(end, months) if months else None


@_rule("tjfmasond", rf"(?:the )?(?P<m>{_MON}) (?P<y1>{_Y} )?quarter(?:,? (?:of )?(?P<y>{_Y}))?")
def _en_month_quarter(match: re.Match[str], context: Context) -> Span | None:
    month, stated = _month_number(match["m"]), match["y"] or match["y1"]
    year = int(stated) if stated else near_year(month, context)
    if year is None:
        return None
    quarter = back_from(month_of(year, month).end, 3)
    # The December quarter, told in June, is last year's.
    if not stated and not context.ahead and context.published is not None and quarter.start > context.published:
        return shift_years(quarter, -1)
    return quarter


@_rule(
    "tfsl",
    rf"(?:the )?(?P<which>first|second|third|fourth|last) (?P<day>{'|'.join(_WEEKDAYS)}) (?:of|in) (?P<m>{_MON})(?:,? (?:of )?(?P<year>{_YEAR_WORD}))?",
)
def _en_weekday_of_month(match: re.Match[str], context: Context) -> Span | None:
    """Return the n-th or last day of the week in a month: "the last Tuesday of March"."""
    month = _month_number(match["m"])
    year = _en_year(match["year"], context) if match["year"] else near_year(month, context)
    return None if year is None else _weekday_of(year, month, _WEEKDAYS.index(match["day"].lower()), match["which"].lower())


def _weekday_of(year: int, month: int, weekday: int, which: str) -> Span:
    days = [day for day in calendar.Calendar().itermonthdates(year, month) if day.month == month and day.weekday() == weekday]
    date = days[-1 if which == "last" else _ORDINALS[which] - 1]
    return Span(date, date, "day")


@_rule("tfsl", rf"(?:the )?(?P<which>first|second|last|final) (?P<unit>half|week) (?:of|in) (?P<m>{_MON})(?:,? (?:of )?(?P<year>{_YEAR_WORD}))?")
def _en_part_of_month(match: re.Match[str], context: Context) -> Span | None:
    month, first = _month_number(match["m"]), match["which"].lower() == "first"
    year = _en_year(match["year"], context) if match["year"] else near_year(month, context)
    if year is None or (match["unit"].lower() == "week" and match["which"].lower() == "second"):
        return None
    whole = month_of(year, month)
    if match["unit"].lower() == "week":
        return Span(whole.start, whole.start.replace(day=7), "week") if first else Span(whole.end.replace(day=whole.end.day - 6), whole.end, "week")
    return Span(whole.start, whole.start.replace(day=15), "range") if first else Span(whole.start.replace(day=16), whole.end, "range")


@_rule(
    "tflq19",
    rf"(?:the )?(?:q1 ?(?:-|to) ?q(?P<q>[234])|(?P<nine>9)m|(?P<which>first|last|final) (?P<n>{_COUNT}) (?P<unit>months|quarters))(?: of| in|,)?"
    rf" ?(?:fy ?)?(?P<year>{_YEAR_WORD})|9m ?'?(?P<short>\d{{2}})(?!\d)",
)
def _en_months_of_year(match: re.Match[str], context: Context) -> Span | None:
    """Return the first or last months of a stated year: Q1-Q3 2022, 9M22, the last three months of 2022."""
    year = 2000 + int(match["short"]) if match["short"] else _en_year(match["year"], context)
    months = 3 * int(match["q"]) if match["q"] else 9 if match["n"] is None else count_of(match["n"]) * (3 if match["unit"].lower() == "quarters" else 1)
    if year is None or not 0 < months <= 12:
        return None
    return months_of(year, 13 - months, 12) if (match["which"] or "").lower() in ("last", "final") else months_of(year, 1, months)


@_rule("12jfmasond", rf"(?-i:(?=[A-Z\d]))(?:(?P<m>{_MON})(?: (?P<my>{_Y}))?|(?P<y>{_Y}))[ -](?:so far|to[ -]date)")
def _en_so_far(match: re.Match[str], context: Context) -> Span | None:
    """Return a month or year up to publication: "February so far", "2020 to date"."""
    whole = year_of(int(match["y"])) if match["y"] else _month_or_day(int(match["my"]) if match["my"] else None, _month_number(match["m"]), None, context)
    if whole is None or context.published is None or not whole.start <= context.published:
        return whole
    ends = context.published if "date" in match[0].lower() else min(whole.end, context.published)
    return Span(whole.start, ends, "range")


@_rule("y", r"ytd|year[ -]to[ -]date")
def _en_year_to_date(match: re.Match[str], context: Context) -> Span | None:
    return None if context.published is None else Span(year_of(context.published.year).start, context.published, "range")


@_rule("atpol", r"(?:a decade (?P<ago>ago)|(?:(?:over|in|during) )?the (?:past|last) decade)")
def _en_decade_back(match: re.Match[str], context: Context) -> Span | None:
    """Return the year ten years ago, or the ten years up to publication."""
    if context.published is None:
        return None
    start = shift_months(context.published, -120)
    return year_of(start.year) if match["ago"] else Span(start, context.published, "range")


@_rule(
    "te",
    rf"(?:the )?(?:end|close)[ -](?:of )?(?:the )?(?:(?P<m>{_MON})(?:,? (?:of )?(?P<my>{_YEAR_WORD}))?|(?P<month>(?:this|last|next|the) month)"
    rf"|(?P<year>{_YEAR_WORD}|the (?:fiscal |calendar |financial )?year|year)|(?P<decade>(?:the |this )?decade)"
    rf"|(?P<period>(?:the )?(?:reporting )?(?:period|quarter|half))|(?:the )?(?:(?P<q>{_ORDINAL})[ -]quarter|(?P<qn>q[1-4]))"
    rf"(?:(?: of| in|,)? (?P<qy>{_YEAR_WORD}))?)",
)
def _en_end_of(match: re.Match[str], context: Context) -> Span | None:
    if match["m"]:
        month = _month_number(match["m"])
        year = _en_year(match["my"], context) if match["my"] else near_year(month, context)
        return None if year is None else last_day(month_of(year, month))
    if match["year"]:
        year = _en_year(match["year"], context)
        if year is not None and match["year"].lower().endswith(("the year", "year")) and " " not in match["year"].removeprefix("the "):
            year -= not context.ahead and context.published is not None and context.published.month <= 4
        return None if year is None else last_day(year_of(year))
    if match["q"] or match["qn"]:
        quarter = _ORDINALS[match["q"].lower()] if match["q"] else int(match["qn"][1])
        year = _en_year(match["qy"], context) if match["qy"] else quarter_year(quarter, context)
        return None if year is None else last_day(quarter_of(year, quarter))
    if match["month"]:
        span = relative_month(match["month"].split()[0].lower().replace("the", "this"), context)
        return None if span is None else last_day(span)
    if match["decade"]:
        return None if context.published is None else last_day(year_of(context.published.year - context.published.year % 10 + 9))
    return None if context.anchor is None else last_day(context.anchor)


@_rule("tsb", rf"(?:the )?(?:start|beginning|turn|outset) of (?:(?P<m>{_MON})(?: (?P<my>{_YEAR_WORD}))?|(?P<year>{_YEAR_WORD}|the year))")
def _en_start_of(match: re.Match[str], context: Context) -> Span | None:
    if match["m"]:
        month = _month_number(match["m"])
        year = _en_year(match["my"], context) if match["my"] else near_year(month, context)
        return None if year is None else part_of_month(year, month, "early")
    year = _en_year(match["year"], context)
    return None if year is None else month_of(year, 1)


@_rule("ye", rf"year[ -]end(?:ing)?(?: (?P<y>{_Y}))?|end[ -](?P<y2>{_Y})")
def _en_year_end(match: re.Match[str], context: Context) -> Span | None:
    stated = match["y"] or match["y2"]
    if stated:
        return last_day(year_of(int(stated)))
    if context.published is None:
        return None if context.anchor is None else last_day(year_of(context.anchor.end.year))
    return last_day(year_of(context.published.year - (context.published.month <= 4)))


@_rule(
    "eml",
    rf"(?P<part>early|mid|late)(?:[ -]|(?= ))(?:in )?(?:(?P<m>{_MON})(?:,? (?:of )?(?P<my>{_YEAR_WORD}))?|(?P<year>{_Y}|(?:this|last"
    rf"|next) year)|(?P<month>(?:this|last|next) month))",
)
def _en_part(match: re.Match[str], context: Context) -> Span | None:
    part = match["part"].lower()
    if match["m"]:
        month = _month_number(match["m"])
        year = _en_year(match["my"], context) if match["my"] else near_year(month, context)
        return None if year is None else part_of_month(year, month, part)
    if match["month"]:
        span = relative_month(match["month"].split()[0].lower(), context)
        return None if span is None else part_of_month(span.start.year, span.start.month, part)
    year = _en_year(match["year"], context)
    if year is None:
        return None
    return {"early": quarter_of(year, 1), "mid": month_of(year, 6), "late": quarter_of(year, 4)}[part]


@_rule(
    "tfsl1234q",
    rf"(?:the )?(?:corresponding |same )?(?P<fiscal>fiscal[ -])?(?:(?P<o>{_ORDINAL})[ -]quarter|(?P<q>q[1-4])"
    rf"|(?P<dq>[1-4]q))(?: ended (?:{_MON})(?: {_DAY})?(?:,? (?P<ey>{_Y}))?|(?: of| in|,)?[ -']{{0,2}}(?:fy ?)?(?P<year>{_YEAR_WORD}"
    rf"|fiscal {_Y})|[ ']?(?:fy ?)?'?(?P<short>\d{{2}})(?!\d))?",
)
def _en_quarter(match: re.Match[str], context: Context) -> Span | None:
    quarter = _ORDINALS[match["o"].lower()] if match["o"] else int((match["q"] or match["dq"]).lower().strip("q"))
    if context.conventions.fiscal_end != 12 and not _is_of_the_calendar(match):
        named = (
            int(match["ey"]) if match["ey"] else _en_year(match["year"], context) if match["year"] else 2000 + int(match["short"]) if match["short"] else None
        )
        if named is None or match["ey"]:
            return last_fiscal_quarter(quarter, context)
        return fiscal_part(named, 3 * quarter - 2, 3 * quarter, context)
    if match["ey"]:
        year: int | None = int(match["ey"])
    elif match["year"]:
        year = _en_year(match["year"], context)
    elif match["short"]:
        year = 2000 + int(match["short"])
    elif match["fiscal"] and context.published is not None and not context.ahead:
        # Which months it has is not told; it is the last one that has ended.
        return quarter_of(*_last_quarter(context.published))
    else:
        year = quarter_year(quarter, context)
    return None if year is None else quarter_of(year, quarter)


def _last_quarter(published: dt.date) -> tuple[int, int]:
    """Return the year and number of the last quarter that has ended."""
    number = (published.month - 1) // 3
    return (published.year, number) if number else (published.year - 1, 4)


@_rule(
    "tfshl12",
    rf"(?:the )?(?:(?P<o>first|second|1st|2nd|latter)[ -](?:half|semester)|h(?P<h>[12])|(?P<dh>[12])h)(?:(?: of| in"
    rf"|,)?[ -']{{0,2}}(?:fy ?)?(?P<year>{_YEAR_WORD})|(?:(?: of)? ?fy ?'?|[ ']?)(?P<short>\d{{2}})(?!\d))?",
)
def _en_half(match: re.Match[str], context: Context) -> Span | None:
    half = int(match["h"] or match["dh"] or ("1" if (match["o"] or "").lower() in ("first", "1st") else "2"))
    if context.conventions.fiscal_end != 12 and (match["year"] or match["short"]) and not _is_of_the_calendar(match):
        named = _en_year(match["year"], context) if match["year"] else 2000 + int(match["short"])
        if named is not None and "fy" in match[0].lower():
            return fiscal_part(named, 6 * half - 5, 6 * half, context)
        # The half of a fiscal year is named by the year in which its figures are published: H1 2013 runs to September 2013.
        return None if named is None else half_of_fiscal_year(named, half, context)
    year = _en_year(match["year"], context) if match["year"] else 2000 + int(match["short"]) if match["short"] else half_year(half, context)
    return None if year is None else half_of(year, half)


@_rule("tf", rf"(?:the )?first (?P<n>{_COUNT}) (?P<unit>months|quarters)(?:{_OF_YEAR})?")
def _en_first_months(match: re.Match[str], context: Context) -> Span | None:
    months = count_of(match["n"]) * (3 if match["unit"].lower() == "quarters" else 1)
    year = _en_year(match["year"], context) if match["year"] else period_year(months, context)
    return None if year is None or not 0 < months <= 12 else months_of(year, 1, months)


_SEASONS = {"spring": 0, "summer": 1, "autumn": 2, "fall": 2, "winter": 3}


# A bare "fall" is a verb.
@_rule(
    "tlnsafw",
    rf"(?!fall(?! (?:of )?(?:19|20)\d\d| (?:this|last|next) year))(?P<which>(?:this|last|next|the|that|the same|this past"
    rf"|this coming) )?(?:(?P<when>early|mid|late)[ -])?(?P<season>spring|summer|autumn|fall|winter)(?:,? (?:of )?(?P<year>{_Y}"
    rf"|this year|last year|next year))?",
)
def _en_season(match: re.Match[str], context: Context) -> Span | None:
    season = _SEASONS[match["season"].lower()]
    if match["year"]:
        year = _en_year(match["year"], context)
        return None if year is None else season_of(year, season)
    which = (match["which"] or "").strip().lower()
    if which in ("", "the"):
        return near_season(season, context)
    if which in ("that", "the same"):
        return None if context.anchor is None else season_of(context.anchor.start.year, season)
    published = context.published
    if published is None:
        return None
    near = [season_of(published.year + step, season) for step in (-2, -1, 0, 1, 2)]
    if which in ("last", "this past"):
        return max((span for span in near if span.end < published), key=lambda span: span.end)
    if which in ("next", "this coming"):
        return min((span for span in near if span.start > published), key=lambda span: span.start)
    # In spring, this winter is the one just over, unless something is to come.
    return season_of(published.year - (season == 3 and published.month <= (2 if context.ahead else 5)), season)


@_rule("lnt", rf"(?P<which>last|next|this past|this coming|that) (?P<m>{_MON})")
def _en_which_month(match: re.Match[str], context: Context) -> Span | None:
    month, which = _month_number(match["m"]), match["which"].lower()
    if which == "that":
        return None if context.anchor is None else month_of(context.anchor.end.year, month)
    published = context.published
    if published is None:
        return None
    if which in ("last", "this past"):
        return month_of(published.year - (month >= published.month), month)
    return month_of(published.year + (month <= published.month), month)


# In small letters "may" and "march" are words: they are months only before a day or a year.
@_rule(
    "jfmasond",
    rf"(?:(?-i:(?=[A-Z]))|(?=[a-z.]{{3,10}} \d))(?P<m>{_MON})(?: (?P<d>{_DAY}))?(?:,? (?:of )?(?P<y>{_Y})|,? (?:of )?(?P<year>(?:(?:this|last|next"
    rf"|that|the (?:same|following|previous)) year|that same year)))?",
)
def _en_month_first(match: re.Match[str], context: Context) -> Span | None:
    year = int(match["y"]) if match["y"] else _en_year(match["year"], context)
    if match["year"] and year is None:
        return None
    return _month_or_day(year, _month_number(match["m"]), match["d"], context)


@_rule("t0123456789", rf"(?:the )?(?P<d>{_DAY})(?: of)? (?P<m>{_MON})(?:,? (?P<y>{_Y})|,? (?:of )?(?P<year>(?:this|last|next) year))?")
def _en_day_first(match: re.Match[str], context: Context) -> Span | None:
    year = int(match["y"]) if match["y"] else _en_year(match["year"], context)
    return _month_or_day(year, _month_number(match["m"]), match["d"], context)


@_rule("bf12", rf"(?:between |from )?(?P<y1>{_Y}) ?(?:-|to|and|through|until) ?(?P<y2>{_Y})")
def _en_years(match: re.Match[str], context: Context) -> Span | None:
    return years_of(int(match["y1"]), int(match["y2"]))


@_rule("0123456789", r"(?P<a>\d{1,2})(?P<sep>[/.])(?P<b>\d{1,2})(?P=sep)(?P<y>(?:19|20)\d{2})")
def _en_slashed(match: re.Match[str], context: Context) -> Span | None:
    """Return a day in figures with the year last; null where month and day could be either way round."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if first == second or second > 12:
        return day_of(year, first, second)
    return day_of(year, second, first) if first > 12 else None


_rule("12", r"(?P<y>(?:19|20)\d{2}) ?[-/] ?(?P<next>\d{2})")(split_year)


# Two years in a row: 2023-24, 23/24, 2023/2024.
_TWO_YEARS = "|".join(rf"(?:20)?{year:02d}[-/–](?:20)?{year + 1:02d}" for year in range(99))


@_rule(
    "tf",
    rf"(?:the )?(?:fye? ?|(?:fiscal|financial)(?: year)? )'?(?P<years>{_TWO_YEARS})(?!\d)",
)
def _en_split_fiscal(match: re.Match[str], context: Context) -> Span | None:
    """Return the fiscal year that both its calendar years name: FY 2023-24."""
    first = re.match(r"(?:20)?(\d\d)[-/–]", match["years"])
    assert first is not None
    year = 2000 + int(first[1])
    end = context.conventions.fiscal_end
    # Where nothing else is told, April to March, as in India and Japan.
    return back_from(month_of(year + 1, 3 if end == 12 else end).end, 12)


@_rule("369", rf"(?P<n>[369])m ?fy ?'?(?P<y>{_Y}|\d{{2}}(?!\d))")
def _en_months_of_fiscal(match: re.Match[str], context: Context) -> Span | None:
    """Return the first months of a fiscal year: 6M FY19."""
    year = int(match["y"]) if len(match["y"]) == 4 else 2000 + int(match["y"])
    return fiscal_part(year, 1, int(match["n"]), context)


# At the beginning of a line or cell, or after "in": elsewhere it may number a law.
@_rule("01", r"(?:(?<![^\n(|])|(?<=in )|(?<=since ))(?P<m>0[1-9]|1[0-2])/(?P<y>20\d{2})(?!\d|/)")
def _en_month_in_figures(match: re.Match[str], context: Context) -> Span | None:
    return month_of(int(match["y"]), int(match["m"]))


@_rule("tfc", rf"(?:the )?(?:fye? ?'?(?P<short>\d{{2}}|{_Y})[eaf]?|(?:fiscal|financial|full|calendar)(?: year)? (?P<y>{_Y}))")
def _en_fiscal(match: re.Match[str], context: Context) -> Span | None:
    figures = match["y"] or match["short"]
    year = int(figures) if len(figures) == 4 else 2000 + int(figures)
    return year_of(year) if "calendar" in match[0].lower() else fiscal_year(year, context)


@_rule("t1290", r"(?:the )?(?P<y>(?:19|20)\d0|[1-9]0)s")
def _en_decade(match: re.Match[str], context: Context) -> Span | None:
    figures = match["y"]
    start = int(figures) if len(figures) == 4 else int(figures) + (2000 if int(figures) <= 20 else 1900)
    return Span(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), "decade")


@_rule("12", rf"(?P<y>{_Y})[eaf]?(?![\d.,]\d)(?![%$-]\d)(?!\s?[余多]?[%亿万家人名例元个台张种项件次例床位美欧港日])")
def _en_plain_year(match: re.Match[str], context: Context) -> Span | None:
    return year_of(int(match["y"]))


@_rule(
    "tynlem",
    r"(?P<word>today|tonight|this (?:morning|afternoon|evening)|noon today|yesterday(?: (?:morning|afternoon|evening))?|last night"
    r"|tomorrow|the day before yesterday)",
)
def _en_near_day(match: re.Match[str], context: Context) -> Span | None:
    word = match["word"].lower()
    return days_from(
        context.published, -2 if word.startswith("the day") else -1 if "yesterday" in word or word == "last night" else 1 if word == "tomorrow" else 0
    )


@_rule(
    "mtwfslneoc",
    rf"(?:(?P<which>last|this|next|on|this past|this coming|coming) )?(?P<day>{'|'.join(_WEEKDAYS)})(?: (?:morning|afternoon|evening"
    rf"|night))?(?: (?P<week>of (?:this|last|next) week|last week|this week|next week))?",
)
def _en_weekday(match: re.Match[str], context: Context) -> Span | None:
    if context.published is None:
        return None
    day = _WEEKDAYS.index(match["day"].lower())
    which, week = (match["which"] or "").lower(), (match["week"] or "").lower()
    if week:
        return weekday_near(day, -1 if "last" in week else 1 if "next" in week else 0, context.published)
    if which == "this":
        return weekday_near(day, 0, context.published)
    if which in ("next", "coming", "this coming"):
        return days_from(context.published, (day - context.published.weekday() - 1) % 7 + 1)
    if which in ("last", "this past"):
        return days_from(context.published, -((context.published.weekday() - day - 1) % 7 + 1))
    if context.due and which in ("", "on"):
        return days_from(context.published, (day - context.published.weekday()) % 7)
    return weekday_near(day, None, context.published)


@_rule(
    "elstnpfc",
    r"(?:(?:earlier|later|so far|late|early)(?: in)? )?(?:the )?(?P<which>this|last|next|(?:current|following|coming|past)|previous"
    r"|prior) (?:fiscal |calendar |financial )?(?P<unit>week|weekend|month|quarter|half|year|decade)"
    r"(?!['’]s (?:first|second|third|fourth|final) (?:quarter|half))(?P<more>['’]s)?",
)
def _en_which_unit(match: re.Match[str], context: Context) -> Span | None:
    which, unit = match["which"].lower(), match["unit"].lower()
    relative_to_anchor = which in ("following", "previous", "prior") and context.anchor is not None
    step = {"last": -1, "previous": -1, "prior": -1, "past": -1, "next": 1, "following": 1, "coming": 1}.get(which, 0)
    if which == "following" and context.anchor is None:
        return None
    if which == "next" and unit == "year" and match[0].lower() == "the next year" and context.anchor is not None:
        return year_of(context.anchor.start.year + 1)
    if which == "last" and unit == "year" and match[0].lower().startswith("the ") and context.published is not None:
        return Span(shift_months(context.published, -12), context.published, "range")
    base = context.anchor.start if relative_to_anchor and context.anchor is not None else context.published
    if base is None:
        return None
    if unit == "year" and re.search("fiscal|financial", match[0], _I) and (year := current_fiscal_year(context)) is not None:
        return fiscal_year(year + step, context)
    if unit == "weekend" and not step and context.past and base.weekday() < 5:
        step = -1
    span = unit_around(base, unit, step)
    if "so far" in match[0].lower() and context.published is not None and span is not None:
        return Span(span.start, context.published, "range")
    return span


@_rule(
    "abcdefghijklmnopqrstuvwxyz0123456789",
    rf"(?P<n>{_COUNT}) (?P<unit>day|week|month|quarter|year)s? (?P<way>ago|back|later|earlier|before|after|from now|previously|on(?=\W*\Z|,))",
)
def _en_ago(match: re.Match[str], context: Context) -> Span | None:
    way = match["way"].lower()
    count, unit = count_of(match["n"]), match["unit"].lower()
    if way in ("before", "previously"):
        way = "earlier"
    if way == "back":
        way = "ago"
    if way in ("after", "on"):
        way = "later"
    if way == "from now":
        return None if context.published is None else counted(count, unit, "后", Context(context.published, None))
    if way == "ago" and unit == "year" and count == 1:
        # A figure of "a year ago" is that of the period told, a year before, or else of that month.
        return counted(12, "month", way, context) if context.anchor is None or is_news_day(context) else shift_years(context.anchor, -1)
    return counted(count, unit, way, context)


@_rule(
    "toinwpd",
    rf"(?:(?:over|in|during|within|for) )?(?:the )?(?P<which>past|last|next|coming|following|previous) (?P<n>{_COUNT}) (?P<unit>day"
    rf"|week|month|quarter|year)s",
)
def _en_span(match: re.Match[str], context: Context) -> Span | None:
    way = "next" if match["which"].lower() in ("next", "coming", "following") else "past"
    return counted(count_of(match["n"]), match["unit"].lower(), way, context)


@_rule(
    "tyscp",
    r"(?:the )?(?:year[ -](?:ago|earlier|before(?! last)))(?: (?:period|quarter|month|figure|level))?|(?:the )?(?:same|corresponding|comparable"
    r"|prior[ -]year|prior|previous)[ -](?P<unit>period|quarter|half|months?|time|date|weeks?|day|days|fortnight|stretch|span)(?: (?:of|in"
    r"|a) )?(?: ?(?P<year>last year|last fiscal|a year (?:earlier|ago|before)|the (?:previous|prior) year|previous year|year earlier|20\d{2}))?",
)
def _en_same_period(match: re.Match[str], context: Context) -> Span | None:
    anchor = context.anchor
    words = match[0].lower()
    year = match["year"]
    unit = (match["unit"] or "").lower()
    if year and unit in ("date", "day", "time") and context.published is not None and not year.isdigit() and (anchor is None or anchor.start != anchor.end):
        return shift_years(Span(context.published, context.published, "day"), -1)
    if anchor is None:
        return None
    if unit == "date":
        anchor = last_day(anchor)
    elif unit == "month":
        anchor = month_of(anchor.start.year, anchor.start.month)
    elif unit == "quarter":
        anchor = quarter_of(anchor.start.year, (anchor.start.month - 1) // 3 + 1)
    if year and year.isdigit():
        return shift_years(anchor, int(year) - anchor.end.year)
    back = (
        bool(year)
        or "year-ago" in words
        or "year ago" in words
        or "year-earlier" in words
        or "year earlier" in words
        or "prior" in words
        or "year before" in words
        or words.removeprefix("the ").startswith(("corresponding", "comparable"))
    )
    return shift_years(anchor, -1) if back else anchor


@_rule(
    "tsf",
    r"(?P<which>the same|that same|same(?= year)|that|the following|following(?= (?:year|month|day|quarter))|the next|the previous"
    r"|the) (?P<unit>day|week|month|quarter|half|year|(?:reporting |review )?period|morning"
    r"|evening|night)(?! before last)(?! after next)(?! (?:of|beginning|commencing|starting)(?: on)? (?-i:[A-Z\d]))(?P<before> before| earlier| after| later)?",
)
def _en_anchored_unit(match: re.Match[str], context: Context) -> Span | None:
    which, unit = (match["which"] or "").lower().replace("that same", "the same"), match["unit"].lower()
    anchor = context.anchor
    step = 1 if which in ("the following", "the next") else -1 if which == "the previous" else 0
    if match["before"]:
        step += -1 if match["before"].strip().lower() in ("before", "earlier") else 1
    if unit == "year" and which == "the" and anchor is None and context.published is not None:
        # "It ended the year with 500 staff", in January.
        return year_of(context.published.year + step - (not step and context.past and context.published.month <= 2))
    if anchor is None and unit == "week" and which == "the" and context.published is not None:
        return week_of(context.published, step)
    if anchor is None:
        return None
    if unit in ("day", "morning", "evening", "night"):
        return anchor_day(context, step)
    if unit.endswith("period"):
        return anchor
    return unit_around(anchor.start, unit, step)


@_rule(
    "tw", rf"(?:the )?week (?:of|(?:beginning|commencing|starting)(?: on)?) (?:(?P<m>{_MON}) (?P<d>{_DAY})|(?P<d2>{_DAY}) (?P<m2>{_MON}))(?:,? (?P<y>{_Y}))?"
)
def _en_week_of(match: re.Match[str], context: Context) -> Span | None:
    month, day = _month_number(match["m"] or match["m2"]), _day_number(match["d"] or match["d2"])
    year = int(match["y"]) if match["y"] else near_year(month, context)
    return None if year is None else week_of(dt.date(year, month, day))


@_rule("tymwq", r"(?:the )?(?P<unit>year|month|week|quarter) (?:before last|(?P<after>after next))")
def _en_two_away(match: re.Match[str], context: Context) -> Span | None:
    return None if context.published is None else unit_around(context.published, match["unit"].lower(), 2 if match["after"] else -2)


@_rule("aotfn", r"(?:a year|(?P<n>one|two|three|four) years?) and a half (?:ago|back)")
def _en_years_and_a_half_ago(match: re.Match[str], context: Context) -> Span | None:
    months = 12 * (count_of(match["n"]) if match["n"] else 1) + 6
    return None if context.published is None else counted(months, "month", "ago", Context(context.published, None))


@_rule("h", r"half a year (?:ago|back)")
def _en_half_year_ago(match: re.Match[str], context: Context) -> Span | None:
    return None if context.published is None else counted(6, "month", "ago", Context(context.published, None))


@_rule("tfn", rf"(?:the )?(?:following|next) (?:(?P<m>{_MON})|(?P<season>spring|summer|autumn|fall|winter))")
def _en_following(match: re.Match[str], context: Context) -> Span | None:
    """Return the month or season of that name that follows the date told before, or publication."""
    base = context.anchor.end if context.anchor is not None and "next" not in match[0].lower() else context.published
    if base is None:
        return None
    if match["m"]:
        month = _month_number(match["m"])
        return month_of(base.year + (month <= base.month), month)
    return next(span for span in (season_of(base.year + step, _SEASONS[match["season"].lower()]) for step in (0, 1, 2)) if span.start > base)


@_rule("t", rf"the (?P<y>{_Y}) (?P<unit>quarter|half|period)")
def _en_told_period_of_year(match: re.Match[str], context: Context) -> Span | None:
    """Return the quarter or period told before, of another year: "the 1997 quarter"."""
    return None if context.anchor is None else shift_years(context.anchor, int(match["y"]) - context.anchor.start.year)


@_rule("pqth", r"(?:the )?(?P<unit>quarter|period|half)[ -]end")
def _en_period_end(match: re.Match[str], context: Context) -> Span | None:
    return None if context.anchor is None else last_day(context.anchor)


@_rule(
    "tonlefs0123456789",
    rf"(?:the )?(?P<n>{_COUNT}) weeks(?:,? that)? (?:to|ended|ending|through)(?: on)?"
    rf" (?:(?P<weekday>{'|'.join(_WEEKDAYS)})|(?P<day>christmas(?: day| eve)?|new year['’]s (?:eve|day))|{_CLAUSE})",
)
def _en_weeks_to(match: re.Match[str], context: Context) -> Span | None:
    """Return so many weeks that end on the day told: "the eight weeks to New Year's Eve"."""
    count, last = count_of(match["n"]), _last_told_day(match, context)
    return None if last is None or not count else Span(last - dt.timedelta(days=7 * count - 1), last, "range")


def _last_told_day(match: re.Match[str], context: Context) -> dt.date | None:
    """Return the last day up to publication of the weekday, feast or day of a month that a match holds."""
    if context.published is None:
        return None
    if match["weekday"]:
        return weekday_near(_WEEKDAYS.index(match["weekday"].lower()), None, context.published).end
    if match["day"]:
        feast = _en_holiday(match, context._replace(past=True))
        return None if feast is None else feast.end
    day, month, stated = match["d"] or match["d2"], _month_number(match["m"] or match["m2"]), match["y"] or match["y2"]
    if day is None:
        return None
    year = int(stated) if stated else context.published.year
    date = day_of(year, month, _day_number(day)).end
    return date if stated or date <= context.published else day_of(year - 1, month, _day_number(day)).end


@_rule(
    "tf",
    rf"(?:the )?(?:fiscal|financial) year (?:that |which )?(?:begins|began|starts|started|beginning|starting)(?: on| in)? (?:{_CLAUSE})",
)
def _en_fiscal_year_from(match: re.Match[str], context: Context) -> Span | None:
    """Return the twelve months from the month told: "the fiscal year that begins July 1"."""
    month = _month_number(match["m"] or match["m2"])
    stated = match["y"] or match["y2"]
    year = int(stated) if stated else None if context.published is None else context.published.year
    if year is None:
        return None
    if not stated and re.search("began|started", match[0], re.IGNORECASE) and month_of(year, month).start > context.published:  # type: ignore[operator]
        year -= 1
    return back_from(shift_months(month_of(year, month).end, 11), 12)


@_rule("ltn", rf"(?P<which>last|this|next) year['’]s (?P<o>{_ORDINAL}|final|last) (?P<unit>quarter|half)")
def _en_part_of_relative_year(match: re.Match[str], context: Context) -> Span | None:
    """Return a quarter or half of last, this or next year: "last year's second quarter"."""
    if context.published is None:
        return None
    year = context.published.year + {"last": -1, "next": 1}.get(match["which"].lower(), 0)
    of = {"quarter": ("first", "second", "third", "fourth"), "half": ("first", "second")}[match["unit"].lower()]
    word = match["o"].lower()
    number = len(of) if word in ("final", "last") else of.index(word) + 1 if word in of else 0
    return None if not number else quarter_of(year, number) if len(of) == 4 else half_of(year, number)


@_rule("t", r"the new year(?!['’])")
def _en_new_year(match: re.Match[str], context: Context) -> Span | None:
    """Return the January of the year that begins next, or that has just begun."""
    return None if context.published is None else month_of(context.published.year + (context.published.month > 3 or context.ahead), 1)


@_rule("ao", r"(?:at|on|over) the weekend")
def _en_weekend(match: re.Match[str], context: Context) -> Span | None:
    """Return the last weekend up to publication; null where it is ahead of a day in the week."""
    if context.published is None:
        return None
    return unit_around(context.published, "weekend", 0 if context.published.weekday() >= 5 else -1)


_FROM_EASTER = {"easter": 0, "easter sunday": 0, "easter monday": 1, "good friday": -2}


@_rule(
    "cnltmveg",
    r"(?:midnight on )?(?P<day>christmas(?: day| eve)?|new year['’]s (?:eve|day)|labor day|labour day|thanksgiving|valentine['’]s day"
    r"|independence day|memorial day|(?<!lunar )(?<!chinese )new year|easter(?: sunday| monday)?(?! (?-i:[A-Z]))"
    r"|good friday)",
)
def _en_holiday(match: re.Match[str], context: Context) -> Span | None:
    published = context.published
    if published is None:
        return None
    name = match["day"].lower().replace("’", "'")
    fixed = {
        "christmas": (12, 25),
        "christmas day": (12, 25),
        "christmas eve": (12, 24),
        "new year's eve": (12, 31),
        "new year's day": (1, 1),
        "new year": (1, 1),
        "valentine's day": (2, 14),
        "independence day": (7, 4),
        "labour day": (5, 1),
    }
    if name in fixed:
        return nearest_day(*fixed[name], context)
    if name in _FROM_EASTER:
        sundays = (easter(published.year + step) + dt.timedelta(days=_FROM_EASTER[name]) for step in (-1, 0, 1))
        return nearest_of([Span(day, day, "day") for day in sundays], context)
    month, weekday, which = {"labor day": (9, 0, "first"), "thanksgiving": (11, 3, "fourth"), "memorial day": (5, 0, "last")}[name]
    return _weekday_of(published.year, month, weekday, which)


# "The 6th Conference" counts no days.
@_rule("t", rf"the (?P<d>{_DAY})(?<=th|st|nd|rd)(?! (?-i:[A-Z]))(?! (?:annual|anniversary|edition|time|floor|year|century|session|round|place|percentile))")
def _en_bare_day(match: re.Match[str], context: Context) -> Span | None:
    if context.published is None:
        return None
    day = _day_number(match["d"])
    month = context.published if day <= context.published.day else shift_months(context.published.replace(day=1), -1)
    return day_of(month.year, month.month, day)


@_rule("tfwe", rf"(?:the )?full[ -]year(?: (?P<y>{_Y}))?|(?:the )?(?:whole|entire)[ -]year")
def _en_full_year(match: re.Match[str], context: Context) -> Span | None:
    if match["y"]:
        return year_of(int(match["y"]))
    return None if context.published is None else year_of(context.published.year - (not context.ahead and context.published.month <= 5))


EN_RULES = by_first(tuple(_EN_RULES_SOURCE))
