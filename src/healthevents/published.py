"""Find out when a text was published, from what stands in its head.

Only whole calendar dates count, and only where a page puts them: front matter and labels ("发布时间:", "date:"), a dateline
("SEATTLE, March 5, 2021 --"), a byline ("作者: … 2020-03-12 08:00"), or a date that signs off the last line. A date in running
prose is an event's date, never taken for the publication's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

# How much of a text may be head: navigation, title, standfirst and byline come first on a page.
_HEAD_CHARACTERS = 1500
# An announcement is signed and dated in its last three lines.
_FOOT_CHARACTERS = 200
# A cell of a byline longer than this, beside its date, is prose.
_LONGEST_BYLINE = 80
_EARLIEST_YEAR, _LATEST_YEAR = 1950, 2100

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_DATE = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y1>\d{4})\s*年\s*(?P<m1>\d{1,2})\s*月\s*(?P<d1>\d{1,2})\s*[日号號]"
    r"|(?P<y2>\d{4})(?P<sep>[-/.])(?P<m2>\d{1,2})(?P=sep)(?P<d2>\d{1,2})(?!\d|[-/.]\d)"
    rf"|(?<![^\W\d_])(?P<m3>{_MONTH})\s*(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y3>\d{{4}})(?!\d)"
    rf"|(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<m4>{_MONTH})[\s,-]+(?P<y4>\d{{4}})(?!\d)"
    r"|(?P<a5>\d{1,2})(?P<sep5>[-/.])(?P<b5>\d{1,2})(?P=sep5)(?P<y5>\d{4})(?!\d)"
    r")",
    re.IGNORECASE,
)
_TIME = r"(?:[T,]?\s*(?:at\s+)?\d{1,2}[:：.]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?(?:\s*(?:Z|[A-Z]{2,4}\b|[+-]\d{2}:?\d{2}))?)"
_WEEKDAY = r"(?:[（(]?\s*(?:星期|周|週)[一二三四五六日天]\s*[）)]?|(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?)"

# Labels that a page or front matter puts before its date. The plain words count only where they begin a line or a cell.
_PUBLISHED = (
    r"(?:发布时间|发布日期|发布于|发表时间|发表日期|发表于|发稿时间|发稿日期|发稿|刊发时间|刊登日期|公告日期|發布時間|發佈時間|發布日期|發佈日期|發表於"
    r"|(?:date[ _-]?)?publish(?:ed)?(?:[ _-]?(?:on|at|date|time))?|pub_?date|posted(?:\s+on)?|release\s+date"
    r"|(?:(?<=^)|(?<=[\s|>\"'（(【]))(?:日期|时间|時間|date|(?:article:)?published_time|issued|created))"
)
_UPDATED = r"(?:更新时间|更新日期|更新于|更新時間|最后更新|(?:last[ _-]?)?(?:updated|modified)(?:[ _-]?(?:on|at))?|lastmod)"
_AFTER_LABEL = rf"[\"']?\s*(?:content=|[:：=])?\s*[\"']?\s*(?:{_WEEKDAY}\s*)?$"
_PUBLISHED_LABEL = re.compile(_PUBLISHED + _AFTER_LABEL, re.IGNORECASE)
_UPDATED_LABEL = re.compile(_UPDATED + _AFTER_LABEL, re.IGNORECASE)

# Words that make the date after them an event's, a deadline's or a period's.
_NOT_OURS = re.compile(
    r"(?:截至|截止|至|到|自|从|從|于|於|在|由|\b(?:as of|of|until|till|through|since|by|before|after|from|to|in|dated|ended|ending|and))[\s:：]*$", re.I
)
# A dateline: a short run of places before the date; after it a dash, a wire's name in slashes or brackets, a closing bracket, 讯 or 电.
_DATELINE_START = re.compile(r"^[^\n。！？；!?;:：]{0,60}$")
_DATELINE_END = re.compile(r"\s*(?:[/(（][^/()（）\n]{2,50}[/)）]\s*)?(?:-{1,3}|[—–―]|[/／]|[）)\]】]|讯|電|电|訊)")
# The form with a full stop ("Zurich and Malmö, 2 May 2018. A company …") needs a start of nothing but names.
_NAMES = re.compile(r"^(?:(?:[A-Z][\w.'’-]*|and|&)[\s,]+){1,6}$")
_FULL_STOP = re.compile(r"\.\s")

# A byline is a row of cells; the date ends or begins its cell, or has a clock time.
_CELL = re.compile(r"[|｜·•‧∙\t　]|\s{2,}")
_CELL_START = re.compile(
    rf"(?:^|[/:：、>》」】）)\]（(\[【~*_,，—–―-]|\b(?:by|文|作者|记者|記者|编辑|編輯|来源|來源)\b[^。，,.]{{0,40}})\s*(?:{_WEEKDAY}\s*)?$", re.I
)
_CELL_END = re.compile(rf"^\s*(?:{_WEEKDAY}\s*)?(?:$|[/<>》）)\]】（(\[【~*_—–―-])", re.I)
_CLOCK = re.compile(rf"^\s*(?:{_WEEKDAY}\s*)?{_TIME}", re.I)
_PROSE = re.compile(r"[。！？；!?;，]|[a-z]{3}\.\s+[A-Z]")
_YEAR = re.compile(r"\d{4}")
_HALF_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0xFF0F: "/", 0xFF0D: "-", 0xFF0E: ".", 0xFF1A: ":"}


def _calendar(match: re.Match[str]) -> dt.date | None:
    """Return the date that a match of `_DATE` names; None where there is no such day or its order is ambiguous (03/05/2021)."""
    part = match.groupdict()
    if part["y5"]:
        first, second = int(part["a5"]), int(part["b5"])
        # 27.05.2021 is day first everywhere; with a slash only a number above 12 tells day from month.
        if part["sep5"] == "." or first > 12:
            day, month = first, second
        elif second > 12:
            month, day = first, second
        else:
            return None
        year = int(part["y5"])
    else:
        form = next(n for n in "1234" if part[f"y{n}"])
        year, day = int(part[f"y{form}"]), int(part[f"d{form}"])
        name = part[f"m{form}"].lower()
        month = int(name) if name.isdigit() else _MONTHS.index(name[:3]) + 1
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _dates(line: str) -> Iterator[tuple[str, dt.date, str]]:
    """Yield what stands before each whole date of a line, the date, and what stands after it."""
    for match in _DATE.finditer(line):
        date = _calendar(match)
        if date is not None:
            yield line[: match.start()], date, line[match.end() :]


def _labelled(label: re.Pattern[str], line: str) -> dt.date | None:
    return next((date for before, date, _ in _dates(line) if label.search(before)), None)


def _dateline(line: str) -> dt.date | None:
    for before, date, after in _dates(line):
        if not _DATELINE_START.match(before) or _NOT_OURS.search(before) or before.endswith(" on "):
            continue
        if _DATELINE_END.match(after) or (_NAMES.match(before) and _FULL_STOP.match(after)):
            return date
    return None


def _byline(line: str) -> dt.date | None:
    for cell in _CELL.split(line):
        for before, date, after in _dates(cell):
            if len(before) + len(after) > _LONGEST_BYLINE or _PROSE.search(before + after) or _NOT_OURS.search(before):
                continue
            if _CLOCK.match(after) or (_CELL_START.search(before) and _CELL_END.match(after)):
                return date
    return None


def _signature(line: str) -> dt.date | None:
    return next((date for before, date, after in _dates(line) if not before.strip(" 　\t(（") and not after.strip(" 　\t)）.。")), None)


def published_from_text(text: str) -> dt.date | None:
    """Return the day on which a text says that it was published; None where it does not say.

    >>> published_from_text("某平台获投\\n发布时间:2018-11-05 16:20:53 来源:健康网")
    datetime.date(2018, 11, 5)
    >>> published_from_text("SEATTLE, March 5, 2021 -- A company said on March 1, 2021 that ...")
    datetime.date(2021, 3, 5)
    >>> published_from_text("2020年3月12日,一家公司成立。")
    """
    head = [line.strip() for line in text[:_HEAD_CHARACTERS].translate(_HALF_WIDTH).splitlines() if _YEAR.search(line)]
    foot = [line.strip() for line in text[-_FOOT_CHARACTERS:].translate(_HALF_WIDTH).splitlines() if line.strip()][-3:]
    rules = (
        (head, lambda line: _labelled(_PUBLISHED_LABEL, line)),
        (head, _dateline),
        (head, _byline),
        (head, lambda line: _labelled(_UPDATED_LABEL, line)),
        (foot, _signature),
    )
    for lines, rule in rules:
        for line in lines:
            if (date := rule(line)) is not None:
                return date
    return None


def parse_published(value: str) -> dt.date | None:
    """Return the date that a metadata value means ("2021-07-12T01:47:00Z", "Mon, 12 Jul 2021 01:47:00 GMT", "2021年7月12日").

    >>> parse_published("Mon, 12 Jul 2021 01:47:00 GMT")
    datetime.date(2021, 7, 12)
    """
    return next((date for _, date, _ in _dates(value.translate(_HALF_WIDTH))), None)
