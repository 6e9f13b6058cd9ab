"""Dates and periods as closed calendar intervals, absolute or counted from a publication date or another date.

A point in time is read at a place of the text by the first rule that fits, rules being found by their first character; then
a second end ("至", "to") or an open one ("以来") may extend it. Every pattern is bounded, so reading takes time in the
length of the text.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache

from healthevents.schema import DateValue, Mention
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.dates_en import EN_RULES
from healthevents.values.dates_zh import ZH_SINCE, read_zh
from healthevents.values.folding import fold_value
from healthevents.values.intervals import Span, named, shift_years
from healthevents.values.reference import Context, Found

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_JOIN = re.compile(r"\s?(?:-|~|至|到|to|through|until|and)\s?")


_START = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z](?=[A-Za-z0-9']|\s)|H(?=[12]))|(?<!\d)(?<!\d[.,])\d"
    r"|[一二三四五六七八九十两半第首头今昨前明后大去来本这上下当同次翌隔那该近最过此未接往早晚又再届年月季周星礼春夏秋冬全整报期元双国劳五圣平情民即\"“]|(?<=[一-鿿])[QH](?=[1-4])"
)


@cache
def _begins_date(letter: str) -> re.Pattern[str]:
    """Return what matches where one of the rules for this letter does."""
    rules = [re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern) for pattern, _ in EN_RULES.get(letter, ())]
    return re.compile("|".join(rules) or r"(?!)", re.IGNORECASE)


def _read_point(text: str, at: int, context: Context) -> Found | None:
    first = text[at]
    try:
        if first.isascii():
            if first.isdigit() or first == '"':
                found = read_zh(text, at, context)
                if found is not None:
                    return found
            # Most words begin no date: one pattern rules them out.
            letter = first.lower()
            for pattern, rule in EN_RULES.get(letter, ()) if first.isdigit() or _begins_date(letter).match(text, at) else ():
                if (match := pattern.match(text, at)) is not None:
                    return Found(match.end(), rule(match, context), _YEAR.search(match[0]) is not None)
            return read_zh(text, at, context) if first in "QH" else None
        return read_zh(text, at, context)
    except (ValueError, OverflowError):
        # An impossible date (30 February, the year 0) is a date expression that cannot be settled.
        return Found(_unread_end(text, at), None)


_DATE_LIKE = re.compile(r"[\dA-Za-z年月日号.,/\- ]{1,24}")


def _unread_end(text: str, at: int) -> int:
    match = _DATE_LIKE.match(text, at)
    return at + 1 if match is None else at + len(match[0].rstrip(" ,.-/"))


def as_date(value: dt.date | str | None) -> dt.date | None:
    """Return a date of any form; None where the text is none."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value.date() if isinstance(value, dt.datetime) else value


# A month or day without its year.
MONTH_ALONE = re.compile(
    r"(?:(?:early|mid|late|on|in)[ -])?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?: \d{1,2}(?:st|nd|rd|th)?)?"
    r"|(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|[初底中末]|[上中下]旬|\d{1,2}[日号])?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def parse_date(
    text: str, published: dt.date | str | None = None, anchor: DateValue | None = None, conventions: Conventions = DEFAULT, *, ahead: bool = False
) -> DateValue | None:
    """Read the first date or period in a text.

    Args:
        text: a mention, or a piece of text that holds one.
        published: the document's date, which 去年, last Friday and dates without a year count from.
        anchor: another date of the document, which 同期, 次年, "a year earlier" and "the same month" count from.
        conventions: those of the document, which say when its fiscal year ends.
        ahead: whether the words around speak of what is to come (`looks_ahead`): late in a year, "by January" is next year's.

    Returns:
        The closed interval of days. Both ends are null where the words need a date that was not given, or name one
        that does not exist. None where the text holds no date expression.

    >>> str(parse_date("去年8月", published="2018-11-05").start)
    '2017-08-01'
    """
    alone = anchor is not None and MONTH_ALONE.fullmatch(fold_value(text)) is not None
    return read_date(text, Context(as_date(published), anchor_span(anchor), conventions, ahead, "near" if alone else ""))


def read_date(text: str, context: Context) -> DateValue | None:
    """Read the first date in a text, as `parse_date` does, with all that the words around it tell."""
    folded = fold_value(text)
    found = next_date(folded, 0, context)
    if found is None:
        return _unsettled(text, folded, context)
    return date_value(text, *found)


def next_date(folded: str, position: int, context: Context) -> tuple[int, int, Span | None] | None:
    """Return where the next date expression stands and what it means."""
    while (place := _START.search(folded, position)) is not None:
        at = place.start()
        found = _read_point(folded, at, context)
        if found is not None:
            return at, *_extend(folded, found, context)
        position = at + 1
    return None


def date_value(text: str, start: int, end: int, span: Span | None) -> DateValue:
    """Make the value of an interval, null where nothing settles it."""
    first, last, precision = (None, None, None) if span is None else span
    return DateValue(mention=Mention.of(text, start, end), start=first, end=last, precision=precision)


# Words of time that nothing settles: lengths without an end, feasts of the moon calendar, and "recently".
_UNSETTLED = re.compile(
    r"近日|日前|近期|日内|目前|最近|届时|首[日天周月年季]|[^\s,。;、()]{0,8}(?:流感季|[上开]\w{1,2}之初|起步时|当天|当日|之初|之际)|第[一二三四五六七八九十\d]{1,3}(?:年|个月|天|周|季度?)"
    r"|(?:[一二三四五六七八九十两半]{1,3}|\d{1,3})(?:年|个月|天|周|季度|小时)(?!半|多)|再?隔一天|[^\s,。;、()]{0,6}(?:春节|中秋节?|端午节?|清明节?|元宵节?|除夕)(?:前后?|后|期间)?"
    r"|(?<![a-z])(?:recently|lately|soon|the (?:forecast|coming|same|reporting) (?:period|days|weeks|months)"
    r"|(?:the )?(?:whole )?\d{1,3}[ -]years?|(?:two|three|four|five|six|seven|eight|nine|ten) (?:days|weeks|months|quarters|years)"
    r"|easter|ramadan|(?:lunar|chinese) new year|the (?:monsoon|pandemic|period|quarter|month|day|holidays?))(?![a-z])",
    re.IGNORECASE,
)


def _unsettled(text: str, folded: str, context: Context) -> DateValue | None:
    """Keep an expression of time that nothing settles as a date without ends; None where there is none."""
    if folded.strip() == "今" and context.published is not None:
        return date_value(text, folded.index("今"), folded.index("今") + 1, Span(context.published, context.published, "day"))
    found = _UNSETTLED.search(folded)
    return None if found is None else date_value(text, found.start(), found.end(), None)


def anchor_span(anchor: DateValue | None) -> Span | None:
    """Return the interval of a date that is settled."""
    if anchor is None or anchor.start is None or anchor.end is None:
        return None
    return Span(anchor.start, anchor.end, anchor.precision or "range")


def _extend(text: str, found: Found, context: Context) -> tuple[int, Span | None]:
    """Read a second end ("至2020年9月", "to March 2021") or an open one (以来, 至今) after a point in time."""
    end, span = found.end, found.span
    if (since := ZH_SINCE.match(text, end)) is not None:
        if span is None or context.published is None or context.published < span.start:
            return since.end(), None if span is None or context.published is None else span
        return since.end(), Span(span.start, context.published, "range")
    joined = _JOIN.match(text, end)
    if joined is None or joined.end() >= len(text) or joined[0].strip() == "and":
        return end, span
    second = _read_point(text, joined.end(), context._replace(anchor=span or context.anchor, tells_year=""))
    if second is None:
        return end, span
    if span is not None and second.span is not None and second.span.end < span.start and second.has_year and not found.has_year:
        # "4 March to 28 June 2024": the year stands last.
        span = shift_years(span, second.span.end.year - span.start.year)
    if span is None or second.span is None or second.span.end < span.start:
        return second.end, None
    return second.end, named(Span(span.start, second.span.end, "range"))
