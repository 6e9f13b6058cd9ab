"""Dates and periods as closed calendar intervals, absolute or counted from a publication date or another date.

A point in time is read at a place of the text by the first rule that fits, rules being found by their first character; then
a second end ("至", "to") or an open one ("以来") may extend it. Every pattern is bounded, so reading takes time in the
length of the text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache

from healthevents.schema import DateValue, Mention
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.dates_en import EN_RULES
from healthevents.values.dates_zh import ZH_SINCE, read_zh
from healthevents.values.folding import fold_value
from healthevents.values.intervals import Span, named
from healthevents.values.reference import Context, Found

_JOIN = re.compile(r"\s?(?:-|~|至|到|to|through|until|and)\s?")


_START = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z](?=[A-Za-z0-9']|\s)|H(?=[12]))|(?<!\d)(?<!\d[.,])\d"
    r"|[一二三四五六七八九十两半第首头今昨前明后大去来本这上下当同次翌隔那该近最过此未接往早晚又再届年月季周星礼春夏秋冬全整报期元双国劳五圣平情民即\"“]|(?<=[一-鿿])[QH](?=[1-4])"
)


def _read_point(text: str, at: int, context: Context) -> Found | None:
    first = text[at]
    try:
        if first.isascii():
            if first.isdigit() or first == '"':
                found = read_zh(text, at, context)
                if found is not None:
                    return found
            for pattern, rule in EN_RULES.get(first.lower(), ()):
                if (match := pattern.match(text, at)) is not None:
                    return Found(match.end(), rule(match, context))
            return read_zh(text, at, context) if first in "QH" else None
        return read_zh(text, at, context)
    except (ValueError, OverflowError):
        # An impossible date (30 February, the year 0) is a date expression that cannot be settled.
        return Found(_unread_end(text, at), None)


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
    alone = anchor is not None and _MONTH_ALONE.fullmatch(fold_value(text)) is not None
    return _parse(text, Context(_date(published), _anchor_span(anchor), conventions, ahead, alone))


def _parse(text: str, context: Context) -> DateValue | None:
    folded = fold_value(text)
    found = _next_date(folded, 0, context)
    if found is None:
        return _unsettled(text, folded, context)
    return _value(text, *found)


def _next_date(folded: str, position: int, context: Context) -> tuple[int, int, Span | None] | None:
    """Return where the next date expression stands and what it means."""
    while (place := _START.search(folded, position)) is not None:
        at = place.start()
        found = _read_point(folded, at, context)
        if found is not None:
            return at, *_extend(folded, found, context)
        position = at + 1
    return None


def _value(text: str, start: int, end: int, span: Span | None) -> DateValue:
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
        return _value(text, folded.index("今"), folded.index("今") + 1, Span(context.published, context.published, "day"))
    found = _UNSETTLED.search(folded)
    return None if found is None else _value(text, found.start(), found.end(), None)


_AHEAD = re.compile(
    r"(?<![a-z])(?:will|would|plans?|planned|planning|expect(?:s|ed)?|scheduled?|aims?|due|by|next|upcoming|set to|slated|to open|until|intends?|hopes?"
    r"|targets?|shall|forecasts?|guid(?:es|ed|ance)|outlook|projects|projected|predicts?)(?![a-z])"
    r"|['’]ll |将(?!军)|拟|计划|预[计期测]|指引|展望|有望|定于|即将|届时|目标",
    re.IGNORECASE,
)
_AHEAD_BEFORE, _AHEAD_AFTER = 60, 40
_SENTENCE_END = re.compile(r"[。;!?\n]|\.(?=\s)")


def looks_ahead(before: str, after: str = "") -> bool:
    """Tell whether the words around a date speak of what is to come: will, by, 将, 预计."""
    near = before[-_AHEAD_BEFORE:]
    ends = [match.end() for match in _SENTENCE_END.finditer(near)]
    following = _SENTENCE_END.split(after[:_AHEAD_AFTER], maxsplit=1)[0]
    return _AHEAD.search(near[ends[-1] if ends else 0 :] + " " + following) is not None


# A month or day without its year, which counts from the date told last, if that stands near.
_MONTH_ALONE = re.compile(
    r"(?:(?:early|mid|late|on|in)[ -])?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?(?: \d{1,2}(?:st|nd|rd|th)?)?"
    r"|(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|[初底中末]|[上中下]旬|\d{1,2}[日号])?",
    re.IGNORECASE,
)
_TOLD_NEAR = 30


# What compares with an earlier period is no period that later words count from.
_COMPARISON = re.compile(
    r"同期|同季|上年|去年(?!\d|[一二三四五六七八九十]{1,3}月|[年春夏秋冬上下第前]|[一二三四]季|底)"
    r"|一年前|ago|earlier|prior|previous|last year|same|corresponding",
    re.IGNORECASE,
)


# Which of the dates before it a word counts from: these from the last day, those from the last period.
_FROM_A_DAY = re.compile(
    r"[当同次翌][日晚]|当天|同一天|第二天|隔天|天(?:之)?后|(?:same|next|following|previous) (?:day|morning|evening|night)|days? later", re.IGNORECASE
)


_FROM_A_PERIOD = re.compile(
    r"同期|同季|the half|[当本]季|季末|期末|报告期|期内|该期|period|(?:the|same|corresponding|comparable|year[ -]ago|year[ -]earlier) quarter"
    r"|year[ -](?:ago|earlier)",
    re.IGNORECASE,
)


# Words of a period that the text told before, and the days that such a period has: "the quarter", "the half", 报告期.
_TOLD_PERIODS = (
    (re.compile(r"quarter|季", re.IGNORECASE), 80, 100),
    (re.compile(r"the half|half[ -]year|半年", re.IGNORECASE), 170, 190),
    (re.compile(r"报告期|期内|期末|该期|(?:the|reporting) period\Z|end of the (?:reporting )?period", re.IGNORECASE), 80, 400),
)
_NEWS_DAYS = 7


_REMEMBERED = 12


def _pick_anchor(spans: Sequence[Span], words: str, published: dt.date | None) -> Span | None:
    """Choose among the dates before a mention (in order) the one that its words count from."""
    day, period = _FROM_A_DAY.search(words) is not None, _FROM_A_PERIOD.search(words) is not None
    least, most = next(((least, most) for pattern, least, most in _TOLD_PERIODS if period and pattern.search(words)), (0, 10**6))
    told = [span for span in spans if least <= (span.end - span.start).days <= most and (published is None or span.start <= published)] if least else []
    for span in reversed(told or spans):
        single = span.start == span.end
        if day and not single:
            continue
        if most == 100 and (span.end - span.start).days > most:
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
    before: deque[Span] = deque(maxlen=_REMEMBERED)
    dates: list[DateValue | None] = []
    for mention in mentions:
        date = _parse(mention, Context(base, _pick_anchor(before, mention, base), conventions))
        dates.append(date)
        _remember(before, mention, date)
    return dates


def find_dates(text: str, published: dt.date | str | None = None, conventions: Conventions = DEFAULT) -> list[DateValue]:
    """Find all date expressions of a text, each counting from those before it where its words do so.

    They are also what a mention elsewhere in the text counts from: `anchor_for` picks the one.
    """
    base = _date(published)
    folded = fold_value(text)
    before: deque[Span] = deque(maxlen=_REMEMBERED)
    dates: list[DateValue] = []
    position = 0
    while (found := _next_date(folded, position, Context(base, None, conventions))) is not None:
        start, end, span = found
        words = folded[start:end]
        alone = base is not None and _MONTH_ALONE.fullmatch(words) is not None
        anchor = _told_near(dates, start) if alone else _pick_anchor(before, words, base) if before else None
        ahead = looks_ahead(folded[max(0, start - _AHEAD_BEFORE) : start], folded[end : end + _AHEAD_AFTER])
        if anchor is not None or ahead:
            start, end, span = _next_date(folded, start, Context(base, anchor, conventions, ahead, alone)) or found
        date = _value(text, start, end, span)
        dates.append(date)
        _remember(before, words, date)
        position = max(end, start + 1)
    return dates


def _told_near(dates: Sequence[DateValue], position: int) -> Span | None:
    """Return the date that stands last before a place of the text, if it is near and settled."""
    if not dates or position - dates[-1].mention.end > _TOLD_NEAR:
        return None
    return _anchor_span(dates[-1])


def _remember(before: deque[Span], words: str, date: DateValue | None) -> None:
    span = _anchor_span(date)
    if span is not None and not _COMPARISON.search(words):
        before.append(span)


def anchor_for(words: str, dates: Sequence[DateValue], position: int, published: dt.date | str | None = None) -> DateValue | None:
    """Return the date that a mention with these words, at `position` of the text that `dates` were found in, counts from."""
    if published is not None and _MONTH_ALONE.fullmatch(fold_value(words)) is not None:
        last = [date for date in dates if date.mention.end <= position][-1:]
        return last[0] if last and _told_near(last, position) is not None else None
    before = [date for date in dates if date.mention.end <= position and date.start is not None and not _COMPARISON.search(date.mention.text)]
    spans = [span for date in before if (span := _anchor_span(date)) is not None]
    chosen = _pick_anchor(spans, words, _date(published))
    return None if chosen is None else next(date for date, span in zip(reversed(before), reversed(spans), strict=True) if span is chosen)


def _anchor_span(anchor: DateValue | None) -> Span | None:
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
    second = _read_point(text, joined.end(), context._replace(anchor=span or context.anchor, tells_year=False))
    if second is None:
        return end, span
    if span is None or second.span is None or second.span.end < span.start:
        return second.end, None
    return second.end, named(Span(span.start, second.span.end, "range"))
