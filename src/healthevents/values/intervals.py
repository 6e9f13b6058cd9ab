"""Closed intervals of calendar days: months, quarters, seasons, weeks, and moving from one to another."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import NamedTuple

from healthevents.schema import Precision


class Span(NamedTuple):
    """An interval of days, both ends inclusive."""

    start: dt.date
    end: dt.date
    precision: Precision


def day_of(year: int, month: int, day: int) -> Span:
    """Return one day."""
    date = dt.date(year, month, day)
    return Span(date, date, "day")


def month_of(year: int, month: int) -> Span:
    """Return a calendar month."""
    return Span(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]), "month")


def months_of(year: int, first: int, last: int, last_year: int | None = None) -> Span:
    """Return whole months from `first` of `year` to `last` of `last_year` (or the same)."""
    last_year = year if last_year is None else last_year
    span = Span(dt.date(year, first, 1), month_of(last_year, last).end, "range")
    return named(span)


def year_of(year: int) -> Span:
    """Return a calendar year."""
    return Span(dt.date(year, 1, 1), dt.date(year, 12, 31), "year")


def years_of(first: int, last: int) -> Span:
    """Return whole years."""
    return Span(dt.date(first, 1, 1), dt.date(last, 12, 31), "year" if first == last else "range")


def quarter_of(year: int, quarter: int) -> Span:
    """Return a calendar quarter, 1 to 4."""
    return months_of(year, 3 * quarter - 2, 3 * quarter)


def half_of(year: int, half: int) -> Span:
    """Return a half-year, 1 or 2."""
    return months_of(year, 6 * half - 5, 6 * half)


def season_of(year: int, season: int) -> Span:
    """Spring (0) is March to May, … winter (3) December to February of the next year, as the northern press means it."""
    first = 3 * season + 3
    return Span(dt.date(year, first, 1), month_of(year + (season == 3), (first + 1) % 12 + 1).end, "season")


def part_of_month(year: int, month: int, part: str) -> Span:
    """Return the first ten days of a month, the second ten, or what is left ("early", "mid", "late")."""
    whole = month_of(year, month)
    first, last = {"early": (1, 10), "mid": (11, 20), "late": (21, whole.end.day)}[part]
    return Span(dt.date(year, month, first), dt.date(year, month, last), "range")


def week_of(date: dt.date, weeks: int = 0) -> Span:
    """Return the week of a day, Monday to Sunday, moved by `weeks`."""
    monday = date - dt.timedelta(days=date.weekday()) + dt.timedelta(weeks=weeks)
    return Span(monday, monday + dt.timedelta(days=6), "week")


def week_number(year: int, number: int) -> Span | None:
    """Return the week of that number in a year (ISO 8601); None where the year has none."""
    if not dt.MINYEAR < year < dt.MAXYEAR or number > dt.date(year, 12, 28).isocalendar().week:
        return None
    return week_of(dt.date.fromisocalendar(year, number, 1))


def named(span: Span) -> Span:
    """Give an interval of whole months its precision: quarter, half and year where it is one of the calendar's."""
    start, end = span.start, span.end
    if start.day != 1 or (end + dt.timedelta(days=1)).day != 1:
        return span._replace(precision="day" if start == end else "range")
    length = (end.year - start.year) * 12 + end.month - start.month + 1
    names: dict[int, Precision] = {1: "month", 3: "quarter", 6: "half", 12: "year"}
    fits = length in names and (start.month - 1) % length == 0
    return span._replace(precision=names[length] if fits else "range")


def shift_months(date: dt.date, months: int) -> dt.date:
    """Move a day by months; to the last day where the month is shorter."""
    place = date.year * 12 + date.month - 1 + months
    year, month = divmod(place, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def shift_years(span: Span, years: int) -> Span:
    """Move an interval by years; one that ends with a month still does (29 February)."""
    start, end = shift_months(span.start, 12 * years), shift_months(span.end, 12 * years)
    if (span.end + dt.timedelta(days=1)).day == 1 and span.start != span.end:
        end = month_of(end.year, end.month).end
    return Span(start, end, span.precision)


def back_from(date: dt.date, months: int) -> Span:
    """Return the `months` whole months that end with the month of `date`."""
    last = month_of(date.year, date.month)
    return named(Span(shift_months(last.start, 1 - months), last.end, "range"))


def last_day(span: Span) -> Span:
    """Return the last day of an interval."""
    return Span(span.end, span.end, "day")


def unit_around(base: dt.date, unit: str, step: int) -> Span | None:
    """Return the week, weekend, month, quarter, half, year or decade of a day, moved by `step` of them."""
    if unit in ("week", "weekend"):
        week = week_of(base, step)
        return week if unit == "week" else Span(week.end - dt.timedelta(days=1), week.end, "range")
    if unit == "month":
        date = shift_months(base.replace(day=1), step)
        return month_of(date.year, date.month)
    if unit == "quarter":
        date = shift_months(base.replace(day=1), 3 * step)
        return quarter_of(date.year, (date.month - 1) // 3 + 1)
    if unit == "half":
        date = shift_months(base.replace(day=1), 6 * step)
        return half_of(date.year, (date.month - 1) // 6 + 1)
    if unit == "decade":
        start = base.year - base.year % 10 + 10 * step
        return Span(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), "decade")
    return year_of(base.year + step)
