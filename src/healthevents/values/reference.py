"""What relative dates count from: the publication date, another date of the text, the document's fiscal year.

Here stand the rules that choose a year for a date without one. Their thresholds are read off the annotated train and dev
documents; where nothing settles a year, the result is null.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.intervals import (
    Span,
    back_from,
    day_of,
    month_of,
    named,
    quarter_of,
    season_of,
    shift_months,
    shift_years,
    unit_around,
    week_of,
    year_of,
)  # fmt: skip


class Context(NamedTuple):
    """What a relative date counts from."""

    published: dt.date | None
    anchor: Span | None
    conventions: Conventions = DEFAULT
    # Whether the words around speak of what is to come.
    ahead: bool = False
    # How the anchor tells the year of a month that names none: it stands right before it ("near"), or somewhere in its paragraph.
    tells_year: Literal["", "near", "paragraph"] = ""
    # Whether the words around tell what is past, and whether they set a time limit ("by June").
    past: bool = False
    due: bool = False


class Found(NamedTuple):
    """A date expression that ends at `end`; `span` is null where it cannot be settled."""

    end: int
    span: Span | None
    # Whether the words fix the year themselves, so that a second end of a range may borrow it.
    has_year: bool = True


Rule = Callable[[re.Match[str], Context], Span | None]


def fiscal_year(year: int, context: Context) -> Span:
    """Return the fiscal year of that name, under the document's conventions."""
    end = context.conventions.fiscal_end
    if end == 12:
        return year_of(year)
    return back_from(month_of(year + context.conventions.fiscal_by_start, end).end, 12)


def fiscal_part(year: int, first: int, last: int, context: Context) -> Span:
    """Return the months `first` to `last` (1 to 12) of a fiscal year."""
    start = shift_months(fiscal_year(year, context).start, first - 1)
    end = shift_months(start, last - first)
    return named(Span(start, month_of(end.year, end.month).end, "range"))


def current_fiscal_year(context: Context) -> int | None:
    """Return the name of the fiscal year in which the document was published."""
    if context.published is None:
        return None
    year = context.published.year + (context.published.month > context.conventions.fiscal_end)
    return year - context.conventions.fiscal_by_start


def near_year(month: int, context: Context) -> int | None:
    """Return the year of a month without one: that of publication, but of a month far ahead the year before.

    News in January means by "December" the month just gone, and late in the year by "by January" the one to come. In a story
    that tells of an earlier year (2016年3月 … 8月; "in 2018 … in May"), a month that does not point ahead is of that year.
    """
    published, told = context.published, context.anchor
    if published is None:
        return None if told is None else told.start.year
    ahead = month - published.month
    tells = told is not None and bool(context.tells_year) and not context.ahead and told.start.year < published.year
    tells = tells and told is not None and (told.start.year == told.end.year or told.end == published)
    if told is not None and tells:
        # A story of last year goes on through its paragraph; one of an earlier year only where the date stands right before.
        if ahead > 0 and (context.tells_year == "near" or told.start.year == published.year - 1):
            return told.start.year
        if context.tells_year == "near" and told.precision in ("day", "month") and month > told.start.month:
            return told.start.year
    if (ahead > _FURTHEST_AHEAD and not context.ahead) or (ahead > 0 and context.past):
        return published.year - 1
    if context.due and ahead < 0 and not context.past:
        return published.year + 1
    return published.year + (context.ahead and ahead < -_FURTHEST_BACK)


# In months, from the dates without a year of the annotated train and dev documents.
_FURTHEST_AHEAD = 7


_FURTHEST_BACK = 8


def anchor_year(context: Context) -> int | None:
    """Return the year of the date that others count from."""
    return None if context.anchor is None else context.anchor.start.year


def quarter_year(quarter: int, context: Context, *, chinese: bool = False) -> int | None:
    """Return the year of a quarter without one: the fourth named in the first months of a year is last year's."""
    if context.published is None:
        return anchor_year(context)
    if not chinese and context.ahead and month_of(context.published.year, 3 * quarter).end + _LONG_GONE < context.published:
        return context.published.year + 1
    month = context.published.month
    year = context.published.year - (quarter == 4 and month <= 4 and not context.due) + (not chinese and quarter == 1 and month >= 10)
    return _told_year(year, 3 * quarter, context)


_LONG_GONE = dt.timedelta(days=45)
# A period so near to its end is spoken of as one that has ended.
_NEARLY_OVER = dt.timedelta(days=20)


def _told_year(year: int, last_month: int, context: Context) -> int:
    """Return the year before for a period that has not ended by publication, where the story is in that year or tells what is past."""
    published, told = context.published, context.anchor
    if published is None or context.ahead or month_of(year, last_month).end <= published + _NEARLY_OVER:
        return year
    story = bool(context.tells_year) and told is not None and told.end.year == published.year - 1
    return year - (story or context.past)


def period_year(months: int, context: Context) -> int | None:
    """Return the year whose first `months` months a text without a year means."""
    if context.published is None:
        return anchor_year(context)
    return context.published.year - (context.published.month < min(months, 10) - 1 and not context.ahead)


def half_year(half: int, context: Context) -> int | None:
    """Return the year of a half without one: a second half named in the first months of a year is last year's, unless it is ahead."""
    if context.published is None:
        return anchor_year(context)
    return _told_year(context.published.year - (half == 2 and context.published.month <= 3 and not context.ahead), 6 * half, context)


def point_year(point: str, context: Context) -> int | None:
    """Return the year of 年底, 年末, 年初, 全年 … that names none: figures as of 年末 are those of the year last closed."""
    if context.published is None:
        return anchor_year(context)
    # Up to which month of a year the one before it is meant: throughout, for a whole year in a story of an earlier one.
    earlier = context.anchor is not None and context.anchor.end.year < context.published.year
    whole = 11 if earlier else 5
    closed = 0 if context.ahead else {"末": 6, "全年": whole, "整年": whole}.get(point, 0)
    year = context.published.year - (context.published.month <= closed)
    return _told_year(year, 12, context) if closed else year


def near_season(season: int, context: Context) -> Span | None:
    """Return the season of that name whose middle is nearest to publication, or the next one where the text looks ahead."""
    if context.published is None:
        return None
    published = context.published
    candidates = [season_of(published.year + step, season) for step in (-1, 0, 1)]
    if context.ahead:
        return next(span for span in candidates if span.end >= published)
    if context.past:
        return next(span for span in reversed(candidates) if span.start <= published)
    return min(candidates, key=lambda span: abs((span.start + (span.end - span.start) / 2 - published).days))


def weekday_near(day: int, week: int | None, published: dt.date) -> Span:
    """Return a weekday of the week `week` weeks from publication, or the last such day up to publication."""
    date = published - dt.timedelta(days=(published.weekday() - day) % 7)
    if week is not None:
        date = week_of(published, week).start + dt.timedelta(days=day)
    return Span(date, date, "day")


def anchor_day(context: Context, days: int) -> Span | None:
    """Return the day `days` after the day that others count from."""
    if context.anchor is None or context.anchor.start != context.anchor.end:
        return None
    return days_from(context.anchor.start, days)


def days_from(date: dt.date | None, days: int) -> Span | None:
    """Return the day `days` after a date."""
    if date is None:
        return None
    date += dt.timedelta(days=days)
    return Span(date, date, "day")


UNIT_NAMES = {"天": "day", "日": "day", "周": "week", "星期": "week", "个星期": "week", "个月": "month", "月": "month", "年": "year", "个季度": "quarter"}


def counted(count: int, unit: str, way: str, context: Context) -> Span | None:
    """Resolve "N units ago / later / within / over the last N": before counts from publication, after from the anchor."""
    name = UNIT_NAMES.get(unit, unit)
    if count <= 0 or count > 1000:
        return None
    if "内" in way or way in ("next", "来", "以来", "past"):
        base = context.published
        if base is None:
            return None
        forward = "内" in way or way == "next"
        other = _move(base, count if forward else -count, name)
        return Span(base, other, "range") if forward else Span(other, base, "range")
    if "后" in way or way in ("later", "earlier"):
        anchor = context.anchor
        base = anchor.start if anchor is not None else context.published if "后" in way else None
    else:
        anchor, base = None, context.published
    if base is None:
        return None
    if anchor is not None and name == "year" and way == "earlier":
        return shift_years(anchor, -count)
    if anchor is not None and name in ("day", "week") and anchor.start != anchor.end:
        return None
    date = _move(base, -count if "前" in way or way in ("ago", "earlier") else count, name)
    if name == "day" or (name == "week" and anchor is not None and anchor.start == anchor.end):
        return Span(date, date, "day")
    if name == "week":
        return week_of(date)
    if name == "quarter":
        return quarter_of(date.year, (date.month + 2) // 3)
    return month_of(date.year, date.month) if name == "month" else year_of(date.year)


def _move(date: dt.date, count: int, unit: str) -> dt.date:
    if unit in ("day", "week"):
        return date + dt.timedelta(days=count * (7 if unit == "week" else 1))
    return shift_months(date, count * {"month": 1, "quarter": 3, "year": 12}[unit])


_LAST_HOLIDAY = 90  # A feast named without a year is the next one, unless it was within these days.


def nearest_day(month: int, day: int, context: Context) -> Span | None:
    """Return the feast of that day which a text means: the next one, or one just gone."""
    published = context.published
    if published is None:
        return None
    return nearest_of([day_of(published.year + step, month, day) for step in (-1, 0, 1)], context)


def nearest_of(days: Sequence[Span], context: Context) -> Span | None:
    """Return which of a feast's days in the years around publication a text means: the last one where it tells what is past."""
    published = context.published
    if published is None:
        return None
    if context.past:
        return next(span for span in reversed(days) if span.start <= published)
    return next(span for span in days if (published - span.start).days <= _LAST_HOLIDAY)


def last_fiscal_quarter(quarter: int, context: Context) -> Span | None:
    """Return the fiscal quarter of that number which was the last to end, or else runs, at publication."""
    if context.conventions.fiscal_end == 12:
        year = quarter_year(quarter, context)
        return None if year is None else quarter_of(year, quarter)
    year = current_fiscal_year(context)
    if year is None or context.published is None:
        return None
    span = fiscal_part(year, 3 * quarter - 2, 3 * quarter, context)
    return span if span.start <= context.published else fiscal_part(year - 1, 3 * quarter - 2, 3 * quarter, context)


def split_year(match: re.Match[str], context: Context) -> Span | None:
    """Return the fiscal year 2012-13; null where the document does not say in which month it begins."""
    end, year = context.conventions.fiscal_end, int(match["y"]) + 1
    return None if end == 12 or year % 100 != int(match["next"]) else back_from(month_of(year, end).end, 12)


def by_first(rules: tuple[tuple[str, re.Pattern[str], Rule], ...]) -> dict[str, tuple[tuple[re.Pattern[str], Rule], ...]]:
    """Make the table that finds rules by the first character of what they read."""
    table: dict[str, list[tuple[re.Pattern[str], Rule]]] = {}
    for firsts, pattern, rule in rules:
        for first in dict.fromkeys(firsts):
            table.setdefault(first, []).append((pattern, rule))
    return {first: tuple(found) for first, found in table.items()}


def half_of_fiscal_year(year: int, half: int, context: Context) -> Span:
    """Return the half of a fiscal year that is named by the year in which it ends."""
    end = context.conventions.fiscal_end
    last = month_of(year, (end + 6 * half - 1) % 12 + 1)
    return back_from(last.end, 6)


def relative_month(which: str, context: Context) -> Span | None:
    """Return last, this or next month."""
    if context.published is None:
        return None
    return unit_around(context.published, "month", {"last": -1, "next": 1}.get(which, 0))


def is_news_day(context: Context) -> bool:
    """Tell whether the anchor is only the day of the news itself, which no figure is compared with."""
    anchor, published = context.anchor, context.published
    return anchor is not None and published is not None and anchor.start == anchor.end and abs((published - anchor.start).days) <= 3
