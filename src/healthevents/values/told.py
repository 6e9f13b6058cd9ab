"""Dates where they stand: what the rest of a document says about a date that its own words leave open.

The year of a month is told by the tense of its sentence or by the year that the story is in; 同期 and "a year earlier" count from
the period told before; "the quarter" is the one that the document reports on; and of "2018 to 2020 … 3, 8 and 21 million,
respectively" each figure has its own year. What nothing settles stays null.

Only the words near a date and the last dates before it are looked at, so that reading takes time in the length of the text.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from healthevents.schema import DateValue
from healthevents.sentences import FULL_STOP
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.dates import MONTH_ALONE, anchor_span, as_date, date_value, next_date, read_date
from healthevents.values.folding import fold_value
from healthevents.values.intervals import Span, half_of, quarter_of, shift_years, week_number, years_of
from healthevents.values.numbers import read_numeral
from healthevents.values.reference import Context, current_fiscal_year, fiscal_part, quarter_year

_AHEAD = re.compile(
    r"(?<![A-Za-z])(?-i:Expected|Planned|Scheduled|Due|(?:will|would|plans?|planned|planning|expect(?:s|ed)?|scheduled?|aims?|due|next|upcoming|set to"
    r"|slated|to open|intends?|hopes?"
    r"|targets?(?! (?:was|were))|shall|should|forecasts?|guid(?:es|ed|ance)|outlook"
    r"|means to|(?:is|are) to|goes live|go(?:es)? on sale|starts|begins|takes effect|wants? to|[Ss]till to come|projects|projected|predicts?"
    r"|pencill?ed in|won['’]t|promised"
    r"|postponed|(?:delayed|shifted) (?:to|until|into|on)|still to come"
    r"|effective|starting|(?:slip(?:s|ped)?|push(?:es|ed)?(?: back)?|mov(?:es|ed)) to))(?![a-z])"
    r"|['’]ll |将(?!军)|拟|计划|预[计期测]|指引|展望|有望|定于|即将|届时|目标|延[后期迟]|推迟|等到|要到|打算|争取|最快|最早|才能|应该",
    re.IGNORECASE,
)
_AHEAD_BEFORE, _AHEAD_AFTER = 60, 40
# What is told as past: a verb in the past tense that no "to be" turns into a prospect.
_PAST = re.compile(
    r"(?<![a-z])(?:was|were|had|did|took|got|led|bought|won|went|came|sold|sent|put|made|said|fell|rose|began|gave|saw|ran|drew|spent|raised|lost"
    r"|(?<!be )(?<!is )(?<!are )(?:(?!un(?:used|ited|changed|named|specified|disclosed|audited|limited|insured)(?![a-z]))[a-z]{2,14}ed"
    r"|struck|held|grew|paid|told|found|built|brought|stood|kept|wore|drove|chose|wrote|broke))(?![a-z])"
    r"|(?<=[\u4e00-\u9fff])[了过](?!解|去)|拿[到下]|曾",
    re.IGNORECASE,
)
# What has a day set for it is told in the present tense: "the doors close Jan. 15", "in January X takes over".
_SET = re.compile(
    r"(?<![a-z])(?:closes|ends|opens|begins|arrives|follows(?= on )|comes|goes|takes (?:over|effect|place)|expires|disappears|becomes|joins"
    r"|floats|lapses|retires|(?:is|are) (?:being|off|due|out)"
    r"|(?<=[a-z]s )(?<!was )(?<!has )(?<!its )(?:close|end|open|begin|start|go|arrive|expire|disappear|become|ship|stop|take (?:over|effect|place)))(?![a-z])",
    re.IGNORECASE,
)
# A clause that speaks of what is to come up to its date: the month after next is meant rather than the last one of that name.
_PROSPECT = re.compile(
    r"(?<![a-z])(?:will|would|won['’]t|expects?|expected|scheduled|due|slated|set to|aims to|intends to|hopes to|hoped to|wants to|should|shall|plans? to"
    r"|planned for|pencill?ed in|postponed (?:[a-z]+ [a-z]+ )?(?:to|until)|(?:delayed|shifted) (?:to|until|into|on))(?![a-z])",
    re.IGNORECASE,
)
# What will be reported is past: "it will publish its fourth-quarter results next week".
_REPORTS = re.compile(r"(?<![a-z])(?:report|publish|release|announce|present|post|unveil|discuss)(?:s|ed|es)?(?![a-z])", re.IGNORECASE)
_DUE = re.compile(r"(?<![a-z])(?:by|before) (?:the end of |late |mid-?|early )?\Z", re.IGNORECASE)
_SINCE = re.compile(r"(?<![a-z])since (?:(?:its |their |the )?(?:launch|debut|start|opening|approval|listing) (?:in |on )?)?\Z", re.IGNORECASE)
_FROM_THEN = re.compile(r"(?<![a-z])from \Z", re.IGNORECASE)
# A line that heads what a year brought: "2018", "Major events of 2018", 2018年大事记.
_YEAR_HEADING = re.compile(
    r"(?:\A|\n)\W{0,3}(?:(?P<y>(?:19|20)\d\d)(?!\d)年?"
    r"(?:[^\n\d.。,;:]{0,32}(?:events|milestones|highlights|in review|大事记?|回顾|盘点|历程)[^\n\d.。,;:]{0,32})?"
    r"|今年|this year)\W{0,3}(?=\n)",
    re.IGNORECASE,
)
# A line of a chronicle: "2014. Bought in February: …", "2019: …".
_YEAR_LINE = re.compile(r"\W{0,3}(?P<y>(?:19|20)\d\d)(?!\d)(?:[.:]| ?[–—]| -)\s")
_NO_YEAR = re.compile(rf"(?:{MONTH_ALONE.pattern})(?![ ,.]*\d{{4}})", re.IGNORECASE)
_OPENS = re.compile(r"[^a-z\u4e00-\u9fff]*(?:in|on|by|at|from|as of|since|during|于|在|自|从)?\s*(?:the )?", re.IGNORECASE)
_SENTENCE_END = re.compile(rf"[。;!?\n]|{FULL_STOP}")
_NEW_LINE = re.compile(r"[。!?.]\s?\n")
_CLAUSE_BREAK = re.compile(r"[;:()，。\n]|,(?!\d)|\.(?=\s)| (?:and|but|which|who|that) ", re.IGNORECASE)
# What stands before a date that a figure is only compared with, and before a day up to which something is counted.
_COMPARED = re.compile(
    r"(?:(?<![a-z])(?:than|against|versus|vs\.?|compared (?:with|to)|as against|(?:up|down) from|over)"
    r"(?: (?:that|those|[$€£]?\d[\d.,]{0,10}%?(?: (?:million|billion|per ?cent))?))?(?: (?:in|at|for|on|of))?(?: the)?"
    r"|比|较|相比|低于|高于|超过|不及)\s?\Z",
    re.IGNORECASE,
)
_UP_TO = re.compile(r"(?:截[至止]|(?<![a-z])(?:as (?:of|at)|at|ended|ending|through|to))\s?\Z", re.IGNORECASE)
# What compares with an earlier period is no period that later words count from.
_COMPARISON = re.compile(
    r"同期|同季|上一?年|去年(?!\d|\Z|[一二三四五六七八九十]{1,3}月|[年春夏秋冬上下第前]|[一二三四]季|底)"
    r"|一年前|ago|earlier|prior|previous|same|corresponding|period last year",
    re.IGNORECASE,
)
# Which of the dates before it a word counts from: these from the last day, those from the last period.
_FROM_A_DAY = re.compile(
    r"[当同次翌][日晚]|当天|同一天|第二天|隔天|天(?:之)?后|(?:same|next|following|previous) (?:day|morning|evening|night)|days? later", re.IGNORECASE
)
_THAT_DAY = re.compile(r"[当同]日|当天|同一天|(?:the|that) same day", re.IGNORECASE)
_FROM_A_PERIOD = re.compile(
    r"同期|同季|the half|[当本]季|季末|期末|报告期|期内|该期|period|(?:the|same|corresponding|comparable|year[ -]ago|year[ -]earlier) quarter"
    r"|(?:19|20)\d\d quarter|quarter[ -]end|year[ -](?:ago|earlier|before)|一年前",
    re.IGNORECASE,
)
# Words of a period that the text told before, and the days that such a period has: "the quarter", "the half", 报告期.
_TOLD_PERIODS = (
    (re.compile(r"quarter|季", re.IGNORECASE), 80, 100),
    (re.compile(r"the half|half[ -]year|半年", re.IGNORECASE), 170, 190),
    (re.compile(r"the week\Z", re.IGNORECASE), 4, 8),
    (re.compile(r"报告期|期内|期末|该期|(?:the|reporting|review) period\Z|end of the (?:reporting )?period", re.IGNORECASE), 80, 400),
)
_THAT_YEAR = re.compile(r"同年|同一年|次年|翌年")
_NAMED_PART = re.compile(r"第?[一二三四1-4]季度?|首季度?|[上下]半年|(?:the )?(?:first|second|third|fourth)[ -](?:quarter|half)|q[1-4]|h[12]", re.IGNORECASE)
_THE_MONTHS = re.compile(
    r"(?P<the>the (?:same )?)?(?P<n>two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})(?(the)[ -]|-)months?(?: period)?",
    re.IGNORECASE,
)
_THIS_QUARTER = re.compile(r"this quarter|本季度?|[上前]一?个?季度?", re.IGNORECASE)
_A_YEAR_AGO = re.compile(r"(?:a|one) year (?:ago|back)|一年(?:以|之)?前", re.IGNORECASE)
_YEAR_BEFORE = re.compile(r"上一?年度?|(?:the )?(?:previous|prior|preceding) year", re.IGNORECASE)
_PART_OF_MONTH = re.compile(r"月(?:底|末|初|中|中旬|上旬|下旬)")
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
# Characters before a date that say how it is meant ("than in", 截至), between a period and the part of it that it closes, and between two dates
# told in one breath.
_TOLD_NEAR = 30
_BESIDE = 6
_JOINED = 12
# Days around its publication that a story is news of.
_NEWS_DAYS = 7
# Dates before a mention that its words may count from, and how many characters of the sentence and of the paragraph around it are looked at.
_REMEMBERED = 24
_REACH = 160
_PARAGRAPH = 480


class _Told(NamedTuple):
    """A settled date of the text, with its place; `compared` where a figure is only compared with it, `up_to` where something is counted up to it."""

    span: Span
    start: int
    end: int
    compared: bool
    up_to: bool

    @property
    def days(self) -> int:
        return (self.span.end - self.span.start).days


def looks_ahead(before: str, after: str = "") -> bool:
    """Tell whether the words around a date speak of what is to come: will, by, 将, 预计."""
    near = fold_value(before[-_AHEAD_BEFORE:])
    ends = [match.end() for match in _SENTENCE_END.finditer(near)]
    following = _SENTENCE_END.split(fold_value(after[:_AHEAD_AFTER]), maxsplit=1)[0]
    return _AHEAD.search(near[ends[-1] if ends else 0 :] + " " + following) is not None or _DUE.search(near) is not None


def parse_dates(mentions: Iterable[str], published: dt.date | str | None = None, conventions: Conventions = DEFAULT) -> list[DateValue | None]:
    """Read the dates of a document in their order, each counting from those before it where its words do so.

    >>> [str(date.start) for date in parse_dates(["2020年8月", "同年11月", "次年3月"], "2022-01-05")]
    ['2020-08-01', '2020-11-01', '2021-03-01']
    """
    base = as_date(published)
    told: deque[_Told] = deque(maxlen=_REMEMBERED)
    dates: list[DateValue | None] = []
    for mention in mentions:
        date = read_date(mention, Context(base, _anchor(mention, told, 0, base), conventions))
        dates.append(date)
        _remember(told, mention, date, "")
    return dates


def find_dates(text: str, published: dt.date | str | None = None, conventions: Conventions = DEFAULT) -> list[DateValue]:
    """Find all date expressions of a text, each counting from those before it where its words do so.

    They are also what a mention elsewhere in the text counts from (`date_at`).
    """
    base = as_date(published)
    folded = fold_value(text)
    told: deque[_Told] = deque(maxlen=_REMEMBERED)
    dates: list[DateValue] = []
    plain = Context(base, None, conventions)
    position = 0
    while (found := next_date(folded, position, plain)) is not None:
        start, end, span = found
        context = _context(folded, start, end, told, plain)
        if context != plain:
            start, end, span = next_date(folded, start, context) or found
        date = date_value(text, start, end, span)
        dates.append(date)
        _remember(told, folded[start:end], date, folded[max(0, start - _TOLD_NEAR) : start])
        position = max(end, start + 1)
    return dates


def date_at(
    text: str,
    start: int,
    end: int,
    dates: Sequence[DateValue],
    published: dt.date | str | None = None,
    conventions: Conventions = DEFAULT,
    value: int | None = None,
) -> DateValue | None:
    """Read the mention `text[start:end]` with what its document shows.

    Args:
        text: the whole text.
        start: where the mention begins.
        end: where it ends.
        dates: those of the text (`find_dates`).
        published: the document's date.
        conventions: those of the document.
        value: where the figure stands that is dated: of "2018 to 2020 … 3, 8 and 21 million, respectively" each has its own year.

    Returns:
        The date, with its mention counted from `start`, as `parse_date` does. None where the mention holds no date expression.

    >>> text = "2018年至2020年，营收分别为3亿元、5亿元和9亿元"
    >>> str(date_at(text, 0, 11, find_dates(text), value=text.index("5亿")).start)
    '2019-01-01'
    """
    near = max(0, start - _REACH * 4)
    folded = fold_value(text[near : end + _REACH])
    # A line may break within a mention.
    words = folded[start - near : end - near].replace("\n", " ")
    mention = text[start:end].replace("\n", " ")
    told: deque[_Told] = deque(maxlen=_REMEMBERED)
    last = bisect_right(dates, start, key=lambda date: date.mention.end)
    for told_date in dates[max(0, last - 2 * _REMEMBERED) : last]:
        place = told_date.mention.start
        _remember(told, fold_value(told_date.mention.text), told_date, fold_value(text[max(0, place - _TOLD_NEAR) : place]))
    plain = Context(as_date(published), None, conventions)
    context = _context(folded, start - near, end - near, [t._replace(start=t.start - near, end=t.end - near) for t in told], plain)
    before, after = folded[: start - near], folded[end - near :]
    span = _elliptic(words, text, context, dates)
    if span is not None:
        return date_value(text[start:end], 0, end - start, span)
    date: DateValue | None = None
    if MONTH_ALONE.fullmatch(words) is not None:
        if (year := _SHARED_YEAR.match(after)) is not None:
            date = read_date(f"{mention} {year['y']}", context)
        elif (that := _THAT.search(before)) is not None:
            date = read_date(f"{that[1]} {mention}", context)
        if date is not None:
            date = date_value(text[start:end], 0, end - start, anchor_span(date))
    elif _BARE_YEAR.fullmatch(words) is not None and (period := _PERIOD_BEFORE.search(before)) is not None:
        date = read_date(f"{period[1]} {words}", context)
        if date is not None:
            date = date_value(text[start:end], 0, end - start, anchor_span(date))
    elif _SEASON.fullmatch(words) is not None and _THAT.search(before) is not None and told:
        date = read_date(f"{mention} {told[-1].span.start.year}", context)
    if date is None:
        as_written = mention[:1].upper() + mention[1:] if _LOWER_MONTH.match(mention) else mention
        date = read_date(as_written, context)
        if date is not None and as_written != text[start:end]:
            date = date_value(text[start:end], date.mention.start, date.mention.end, anchor_span(date))
    if date is None or date.start is None or date.end is None:
        return date
    if _THROUGH.search(before) is not None and date.precision in ("day", "month"):
        return date.model_copy(update={"start": date.start.replace(month=1, day=1), "precision": "range"})
    if value is not None and value >= end and date.precision == "range":
        own = _own_year(text[end : end + 2 * _REACH], value - end, date)
        if own is not None:
            return date.model_copy(update={"start": own.start, "end": own.end, "precision": own.precision})
    return date


_LOWER_MONTH = re.compile(r"(?:january|february|march|april|may|june|july|august|september|october|november|december)(?=\Z| (?:this|last|next) year| \d)")
# What is planned may be dated by the day, so many days ago at most, on which that was said; and what is dated so many days ahead is not done, whatever a
# model says of it.
_JUST_GONE, _SOON = 31, 120
# A month, day, weekday, season, quarter or half that names no year.
_YEARLESS = re.compile(
    rf"{MONTH_ALONE.pattern}|(?:the )?(?:spring|summer|autumn|fall|winter)|(?:the )?(?:first|second) half|h[12]|[上下]半年"
    r"|(?:the )?(?:first|second|third|fourth) quarter|q[1-4]|第?[一二三四]季度|年[底末初]",
    re.IGNORECASE,
)


def in_time(date: DateValue, published: dt.date | None, *, ahead: bool) -> DateValue:
    """Return a date as what is known of its event asks: what happened lies not far ahead, what is to come (`ahead`) not far behind.

    Only a date that names no year is moved, by the year that its words leave open.

    >>> in_time(parse_dates(["March"], "2023-11-17")[0], dt.date(2023, 11, 17), ahead=True).start
    datetime.date(2024, 3, 1)
    """
    span = anchor_span(date)
    if published is None or span is None or _YEARLESS.fullmatch(fold_value(date.mention.text)) is None:
        return date
    if (published - span.end).days <= _JUST_GONE if ahead else (span.start - published).days <= _SOON:
        return date
    step = 1 if ahead else -1
    if not 1 < span.start.year <= span.end.year < dt.MAXYEAR:
        return date
    moved = shift_years(span, step)
    there = moved.end >= published if ahead else moved.start <= published
    return date.model_copy(update={"start": moved.start, "end": moved.end}) if there and moved.start.day == span.start.day else date


_THROUGH = re.compile(r"(?<![a-z])(?:through|thru) (?:the end of )?\Z", re.IGNORECASE)
_THAT = re.compile(r"(?<![a-z])(that|the same|same|the following) \Z", re.IGNORECASE)
# "in March and December of 2020": the months share the year that stands last.
_SHARED_YEAR = re.compile(
    r"(?:(?:,| and|, and| or) (?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?)*"
    r"(?:,| of|, of)? (?:of )?(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
# "Three months ended September 30: 2012 / 2011": each year stands for that part of it.
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_PERIOD_BEFORE = re.compile(
    r"((?:(?:three|six|nine|twelve) months|quarter|half[ -]year|year|period) end(?:ed|ing)(?: on)? (?:[a-z]{3,9}\.? \d{1,2}|\d{1,2} [a-z]{3,9}))"
    r"(?:[,:]? ?(?:19|20)\d\d,? ?(?:/|\||and|&|vs\.?|versus|compared (?:with|to)))*[,:]? ?\Z",
    re.IGNORECASE,
)
_SEASON = re.compile(r"spring|summer|autumn|fall|winter", re.IGNORECASE)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:s|rs?|nes)?\.?", re.IGNORECASE)
# The columns of Chinese tables write a day as 4/11 or 6.13-6.19.
_TABLE_DAY = re.compile(r"(?P<m>1[0-2]|0?[1-9])[./](?P<d>[12]\d|3[01]|0?[1-9])(?:\s?[-~至]\s?(?P<m2>1[0-2]|0?[1-9])[./](?P<d2>[12]\d|3[01]|0?[1-9]))?")
_HAN_DAY = re.compile(r"(二?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九])日")
_HAN = re.compile("[\u4e00-\u9fff]")
_THE_NTH = re.compile(r"the (?P<n>first|second|third|fourth)", re.IGNORECASE)
_LENGTH = re.compile(r"(?:the )?(?P<n>[一二两三四五六七八九十]{1,2}|\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)(?:年| years?)", re.IGNORECASE)
# As machines translate 17年: "the 17-year operating revenue", "in the whole 19 years".
_SHORT_YEAR = re.compile(r"the (?:whole )?(?P<y>\d\d)[ -]years?", re.IGNORECASE)


_NUMBERED_WEEK = re.compile(r"(?:the )?week (?P<n>5[0-3]|[1-4]\d|[1-9])(?:(?: of|,)? (?P<y>(?:19|20)\d\d))?", re.IGNORECASE)
_APOSTROPHE_YEAR = re.compile(r"['’](?P<y>\d\d)")


def _elliptic(words: str, folded_text: str, context: Context, dates: Sequence[DateValue]) -> Span | None:
    """Read what is a date only beside another: "the third" (quarter), 三年 (of 2019年至2021年)."""
    published = context.published
    if (months := _THE_MONTHS.fullmatch(words)) is not None:
        return context.anchor or _months_reported(months["n"], context)
    if (nth := _THE_NTH.fullmatch(words)) is not None:
        quarter = ("first", "second", "third", "fourth").index(nth["n"].lower()) + 1
        year = quarter_year(quarter, context)
        return None if year is None else quarter_of(year, quarter)
    if (short := _SHORT_YEAR.fullmatch(words)) is not None and published is not None:
        year = 2000 + int(short["y"])
        return years_of(year, year) if published.year - 10 <= year <= published.year + 1 else None
    if (weekday := _SHORT_WEEKDAY.fullmatch(words)) is not None:
        name = next(name for name in _WEEKDAYS if name.startswith(weekday[1].lower()))
        return anchor_span(read_date(name, context))
    if (table := _TABLE_DAY.fullmatch(words)) is not None and published is not None and _HAN.search(folded_text[:_REACH]) is not None:
        days = [read_date(f"{table[m]}月{table[d]}日", context) for m, d in (("m", "d"), ("m2", "d2")) if table[m]]
        spans = [span for day in days if (span := anchor_span(day)) is not None]
        return Span(spans[0].start, spans[-1].end, "day" if len(spans) == 1 else "range") if spans and spans[0].start <= spans[-1].end else None
    if (week := _NUMBERED_WEEK.fullmatch(words)) is not None and published is not None:
        # A mention alone: in running text "week 24" is a point of a trial.
        years = (int(week["y"]),) if week["y"] else (published.year, published.year - 1)
        found = (week_number(year, int(week["n"])) for year in years)
        return next((span for span in found if span is not None and (week["y"] or context.ahead or span.start <= published)), None)
    if (apostrophe := _APOSTROPHE_YEAR.fullmatch(words)) is not None and published is not None:
        year = 2000 + int(apostrophe["y"])
        return years_of(year, year) if published.year - 20 <= year <= published.year + 10 else None
    if words == "昨" and published is not None:
        return Span(published - dt.timedelta(days=1), published - dt.timedelta(days=1), "day")
    if (day := _HAN_DAY.fullmatch(words)) is not None and (numeral := read_numeral(day[1], 0)) is not None:
        return anchor_span(read_date(f"{int(numeral.low)}日", context))
    if (length := _LENGTH.fullmatch(words)) is None:
        return None
    numeral = read_numeral(length["n"].lower(), 0)
    count = 0 if numeral is None else int(numeral.low)
    if count < 2:
        return None
    spans = [span for date in dates if (span := anchor_span(date)) is not None]
    for span in spans:
        if span.start.month == 1 and span.start.day == 1 and span.end.month == 12 and span.end.year - span.start.year + 1 == count:
            return span
    for date in dates:
        # 2023年启动的三年行动: the years from then.
        follows = folded_text[date.mention.end : date.mention.end + _PROGRAMME]
        if date.start is not None and date.precision == "year" and words in follows.split("\n")[0]:
            return years_of(date.start.year, date.start.year + count - 1)
    return None


_PROGRAMME = 16


def _months_reported(numeral: str, context: Context) -> Span | None:
    """Return the first quarters of the fiscal year that have last ended: "the nine months", of which the text tells no dates."""
    count, year = read_numeral(numeral.lower(), 0), current_fiscal_year(context)
    if count is None or year is None or context.published is None or count.low not in (3, 6, 9):
        return None
    if year < 3:
        return None
    spans = (fiscal_part(year - back, 1, int(count.low), context) for back in (0, 1))
    return next((span for span in spans if span.end <= context.published), None)


_FIGURE_NEXT = re.compile(r" (?:[A-Z]{0,3}[$€£¥] ?)?\d")
# What ends an enumeration, and what stands between its members.
_RESPECTIVELY = re.compile(r"分别|依次|各为|respectively", re.IGNORECASE)
_LIST_END = re.compile(r"[;。\n]|\.(?=\s)|,(?! and )(?=[^\d])|respectively", re.IGNORECASE)
_LIST_BREAK = re.compile(r"、|以及|及|和|与|,? and |, ", re.IGNORECASE)


def _own_year(after: str, value: int, date: DateValue) -> Span | None:
    """Return the year of one figure of an enumeration that names one figure for each year of a range."""
    assert date.start is not None
    assert date.end is not None
    count = date.end.year - date.start.year + 1
    whole = (date.start.month, date.start.day, date.end.month, date.end.day) == (1, 1, 12, 31)
    if not whole or not 2 <= count <= 6 or value >= len(after):
        return None
    folded = fold_value(after)
    for listed in _lists(folded):
        first, last = listed
        if first <= value < last:
            breaks = [match.start() for match in _LIST_BREAK.finditer(folded, first, last)]
            if len(breaks) + 1 != count:
                return None
            place = sum(at < value for at in breaks)
            return years_of(date.start.year + place, date.start.year + place)
    return None


def _lists(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the enumerations of figures stand that 分别 opens or "respectively" closes."""
    for word in _RESPECTIVELY.finditer(text):
        if word[0].isascii() and not _FIGURE_NEXT.match(text, word.end()):
            opened = max((match.end() for match in re.finditer(r"(?<![a-z])(?:was|were|of|to|at|is|are) ", text[: word.start()])), default=0)
            yield opened, len(text[: word.start()].rstrip(" ,"))
        else:
            closed = _LIST_END.search(text, word.end())
            yield word.end(), len(text) if closed is None else closed.start()


def anchor_for(words: str, dates: Sequence[DateValue], position: int, published: dt.date | str | None = None) -> DateValue | None:
    """Return the date that a mention with these words, at `position` of the text that `dates` were found in, counts from."""
    told: deque[_Told] = deque(maxlen=_REMEMBERED)
    before = [date for date in dates if date.mention.end <= position]
    for date in before:
        _remember(told, date.mention.text, date, "")
    if published is not None and MONTH_ALONE.fullmatch(fold_value(words)) is not None:
        chosen = told[-1].span if told and position - told[-1].end <= _TOLD_NEAR else None
    else:
        chosen = _anchor(words, told, position, as_date(published))
    return None if chosen is None else next(date for date in reversed(before) if anchor_span(date) == chosen)


def _context(folded: str, start: int, end: int, told: Sequence[_Told], plain: Context) -> Context:
    """Return what a date at this place counts from, and the tense of the words around it."""
    words = folded[start:end]
    before = folded[max(0, start - _REACH) : start]
    ends = [match.end() for match in _SENTENCE_END.finditer(before)]
    sentence = before[ends[-1] :] if ends else before
    after = _SENTENCE_END.split(folded[end : end + _REACH], maxsplit=1)[0]
    clause = _last_clause(sentence)
    # "In June, the version will …": the clause goes on after the comma.
    following = _CLAUSE_BREAK.split(after.lstrip(" ,") if _OPENS.fullmatch(clause) else after, maxsplit=1)[0]
    from_then = _FROM_THEN.search(sentence) is not None
    due = _DUE.search(sentence) is not None
    will = _AHEAD.search(f"{sentence[-_AHEAD_BEFORE:]} {following[:_AHEAD_AFTER]}") is not None or after[:1] in ("前", "会", "将")
    told_past = _PAST.search(f"{clause} {following}") is not None
    # What is to come may stand in the clause before: "won't be there: it ceased production in November".
    will = will and not (_PAST.search(clause) is not None and _AHEAD.search(f"{clause} {following}") is None)
    # "By September the share was a tenth": the limit is past.
    due = due and not (told_past and not will)
    due = (
        due
        or (from_then and will)
        or (_PROSPECT.search(clause) is not None and _REPORTS.search(clause) is None and _PAST.search(f"{_PROSPECT.sub(' ', clause)} {following}") is None)
    )
    is_set = not will and _is_set(clause, following)
    if is_set:
        due, told_past = True, False
    elif not (will or told_past or due or _HAN.search(following)) and clause.strip() and _OPENS.fullmatch(clause) is not None:
        # "It launched a subscription, Tailwag, in September": what stands between commas has no verb of its own.
        told_past = _PAST.search(sentence) is not None
    ahead = due or will
    # "against 400,000 in the fall": what a figure is compared with is past.
    past = not ahead and (told_past or _COMPARED.search(sentence) is not None or _SINCE.search(sentence) is not None)
    if _NO_YEAR.match(words) is not None and (year := _headed(folded[max(0, start - 4 * _REACH) : start], plain.published, will)):
        return plain._replace(published=dt.date(year, 12, 31))
    published = plain.published
    gap = start - told[-1].end if told else _PARAGRAPH
    beside = gap < _REACH or (gap < _PARAGRAPH and "\n" not in folded[max(0, start - gap) : start])
    # A date in the line above, which has ended its sentence, is not near.
    above = bool(told) and _NEW_LINE.search(folded, told[-1].end, start) is not None
    near: Literal["", "near", "paragraph"] = "near" if gap <= _TOLD_NEAR and not above else "paragraph" if beside else ""
    if published is not None and MONTH_ALONE.fullmatch(words) is not None:
        if after[:1] == "起" and sentence[-1:] in ("自", "从"):
            return plain
        if from_then and not past:
            return plain._replace(ahead=True, due=due)
        between = folded[told[-1].end : start] if near == "near" else ""
        if near == "near" and told[-1].span.precision == "year" and gap > _JOINED:
            near = "paragraph"
        elif between[:1] == "," and "月" in words and told[-1].span.precision == "year" and told[-1].span.end < published:
            return plain._replace(published=told[-1].span.end)
        return plain._replace(anchor=told[-1].span if near else None, ahead=ahead, tells_year=near, past=past, due=due)
    if _PART_OF_MONTH.fullmatch(words) is not None and not ahead and near and told[-1].span.precision in ("day", "month") and published is not None:
        return plain._replace(published=min(told[-1].span.start, published), past=past)
    if _WEEKDAY.fullmatch(words) is not None:
        coming = is_set or (_AHEAD.search(clause) is not None and _PAST.search(clause) is None)
        return plain._replace(ahead=ahead or from_then, due=(due and _PAST.search(sentence) is None) or from_then or coming)
    if published is not None and _THIS_QUARTER.fullmatch(words) is not None:
        # In a report on the quarter just closed, this is the one.
        closed = [t for t in told if not t.compared and 80 <= t.days <= 100 and 0 < (published - t.span.end).days <= 100]
        published = closed[-1].span.end if closed else published
        return plain._replace(published=published, ahead=ahead, past=past)
    anchor = _anchor(words, told, start - len(sentence), published)
    if _YEAR_BEFORE.fullmatch(words) is not None:
        anchor = None if anchor is None or anchor.precision != "year" or not near else anchor
    if _A_YEAR_AGO.fullmatch(words) is not None:
        # A year before now, unless the sentence or its neighbours tell of a period.
        stated = [
            t
            for t in told
            if t.span == anchor and (t.start >= start - len(sentence) or (t.days > 31 and start - t.end < 3 * _REACH and _is_recent(t.span, published)))
        ]
        anchor = anchor if stated and not (stated[-1].days <= 31 and words.startswith("一")) else None
    return plain._replace(anchor=anchor, ahead=ahead, past=past, due=due, tells_year="paragraph" if near else "")


def _is_set(clause: str, following: str) -> bool:
    """Tell whether the last verb before a date, or where there is none the first after it, tells of what has a day set for it."""
    for words, place in ((clause, -1), (following, 0)):
        verbs = sorted([(match.start(), True) for match in _SET.finditer(words)] + [(match.start(), False) for match in _PAST.finditer(words)])
        if verbs:
            return verbs[place][1]
    return False


def _headed(before: str, published: dt.date | None, ahead: bool) -> int | None:
    """Return the past year that begins the line of a date or, unless its words look ahead, heads the lines above it."""
    edge = before.rfind("\n") + 1
    # A line of prose may break before a year.
    ended = before[:edge].rstrip()[-1:] in (*".!?。！？:;", "") or before[edge - 2 : edge] == "\n\n"
    if ended and (line := _YEAR_LINE.match(before, edge)) is not None:
        year = int(line["y"])
    else:
        headings = [] if ahead else list(_YEAR_HEADING.finditer(before))
        year = int(headings[-1]["y"] or 0) if headings else 0
    return year if published is not None and 0 < year < published.year else None


def _is_recent(span: Span, published: dt.date | None) -> bool:
    """Tell whether a period can be the one that a document reports on: it ended within the year before its publication."""
    return published is None or (published - span.end).days <= 366


def _last_clause(before: str) -> str:
    breaks = [match.end() for match in _CLAUSE_BREAK.finditer(before)]
    return before[breaks[-1] :] if breaks else before


def _anchor(words: str, told: Sequence[_Told], sentence: int, published: dt.date | None) -> Span | None:
    """Choose among the dates before a mention (in order) the one that its words count from; `sentence` is where its own sentence begins."""
    if not told:
        return None
    begun = [t for t in told if published is None or t.span.start <= published]
    if _FROM_A_DAY.search(words) is not None:
        if _THAT_DAY.search(words) and begun and begun[-1].span.precision == "month" and begun[-1].start >= sentence:
            return begun[-1].span
        return next((t.span for t in reversed(begun) if t.days == 0 and not t.up_to), None) or next((t.span for t in reversed(told) if t.days == 0), None)
    if _THAT_YEAR.match(words) is not None and published is not None:
        # Not the year of the news itself, nor one that lies ahead: 2021年4月发行的转债将于2027年到期；同年10月.
        older = [t.span for t in told if t.span.start <= published and not (t.days <= 31 and 0 <= (published - t.span.end).days <= _NEWS_DAYS)]
        if older:
            return older[-1]
    if _NAMED_PART.fullmatch(words) is not None:
        return next((t.span for t in reversed(told) if not t.compared), None)
    period = _FROM_A_PERIOD.search(words) is not None
    least, most = next(((least, most) for pattern, least, most in _TOLD_PERIODS if pattern.search(words)), (0, 0))
    if (months := _THE_MONTHS.fullmatch(words)) is not None and (numeral := read_numeral(months["n"].lower(), 0)) is not None:
        count = int(numeral.low)
        return max((t.span for t in begun if 30 * count - 4 <= t.days <= 31 * count), key=lambda span: span.end, default=None)
    own = [t for t in begun if least <= t.days <= most] if least else []
    if least == 4:
        own = [t for t in own if published is None or (published - t.span.end).days <= 2 * _NEWS_DAYS]
        if not own:
            return None
    if own and (period or least == 4):
        closed = [t for t in own if published is None or t.span.end <= published] or own
        return max((t for t in closed if not t.compared), key=lambda t: (t.span.end, t.days, t.start), default=closed[-1]).span
    if least == 170 and period and published is not None:
        return half_of(published.year - (published.month <= 6), 2 if published.month <= 6 else 1)
    for t in reversed([t for t in told if not t.compared] or told):
        if most == 100 and t.days > most:
            continue
        running = published is not None and t.days > 31 and (t.span.end - published).days > _NEWS_DAYS
        if period and t is not told[0] and (running or t.span.precision == "season"):
            continue
        if period and t.days == 0:
            if published is not None and abs((published - t.span.start).days) <= _NEWS_DAYS:
                continue
            # 第三财季(截至12月31日): the period that ends on that day.
            ended = (longer.span for longer in told if longer.days and longer.span.end == t.span.end and 0 <= t.start - longer.end <= _BESIDE)
            return next(ended, t.span)
        return t.span
    return None


def _remember(told: deque[_Told], words: str, date: DateValue | None, before: str) -> None:
    span = anchor_span(date)
    if date is not None and span is not None and not _COMPARISON.search(words):
        told.append(_Told(span, date.mention.start, date.mention.end, _COMPARED.search(before) is not None, _UP_TO.search(before) is not None))
