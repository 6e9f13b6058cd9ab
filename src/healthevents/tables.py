"""Records as a table for a terminal: what an analyst wants to see of each at a glance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from rich import box
from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from healthevents.schema import (
    AnyRecord,
    Change,
    DateValue,
    Document,
    Entity,
    Funding,
    Mention,
    Metric,
    Modifier,
    Money,
    Partnership,
    ProductLaunch,
    Quantity,
    format_decimal,
)

_TYPE_NAMES = {"funding": ("Funding", "green"), "partnership": ("Partnership", "cyan"), "product_launch": ("Launch", "magenta"), "metric": ("Metric", "blue")}
_STATUS_STYLES = {"done": "", "planned": "yellow", "reported": "yellow", "denied": "red", "ended": "red"}
_SIGNS: dict[Modifier, str] = {"exact": "", "about": "≈", "nearly": "↗", "over": ">", "under": "<", "at_least": "≥", "at_most": "≤", "range": ""}
_ARROWS = {"up": "▲", "down": "▼", "flat": "＝"}
_BASES = {"year_on_year": "yoy", "quarter_on_quarter": "qoq", "month_on_month": "mom", "since": "since", "unspecified": ""}
_MAGNITUDES = ((12, "T"), (9, "B"), (6, "M"))
_QUOTE_WIDTH = 56
# A line never begins with one of these, nor ends with one of those.
_NOT_FIRST = frozenset("，。、；：？！”’）》」』】…·％%,.;:?!)]}")
_NOT_LAST = frozenset("“‘（《「『【￥$([{")


class _Wrapped:
    """A text that breaks between Chinese characters as well as at spaces, where rich alone breaks at spaces."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.split(allow_blank=True):
            for piece in line.divide(_breaks(line.plain, options.max_width)):
                piece.rstrip()
                yield piece

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widest = max((cell_len(line) for line in self._text.plain.splitlines()), default=1)
        return Measurement(min(4, options.max_width), min(widest, options.max_width))


def _breaks(line: str, width: int) -> list[int]:
    """Return the offsets at which a line is broken so that no piece is wider than `width` cells."""
    breaks: list[int] = []
    start, chance, used = 0, 0, 0
    for offset, character in enumerate(line):
        wide = cell_len(character) > 1
        previous = line[offset - 1] if offset else ""
        if offset > start and (previous == " " or wide or cell_len(previous) > 1) and character not in _NOT_FIRST and previous not in _NOT_LAST:
            chance = offset
        used += cell_len(character)
        if used > width and character != " ":
            start = chance if chance > start else offset
            breaks.append(start)
            used = cell_len(line[start : offset + 1])
    return breaks


def number_text(value: Decimal) -> str:
    """Write a number short and exact: with M, B or T where few digits remain, else with separators.

    >>> number_text(Decimal("311500000000")), number_text(Decimal("12000")), number_text(Decimal("43.6"))
    ('311.5B', '12,000', '43.6')
    """
    for power, letter in _MAGNITUDES:
        if abs(value) >= 10**power:
            short = format_decimal(value.scaleb(-power))
            if len(short) <= 8:
                return short + letter
    return f"{value:,f}" if "." not in f"{value:f}" else f"{value.normalize():,f}"


def value_text(number: Money | Quantity) -> str:
    """Write an amount or quantity with its modifier and unit ("≈1.5B CNY", "10M–100M CNY", ">700 家", "39%")."""
    if number.low is not None and number.high is not None:
        figure = f"{number_text(number.low)}–{number_text(number.high)}"
    else:
        figure = _SIGNS[number.modifier] + number_text(number.value or Decimal(0))
    unit = (number.currency if isinstance(number, Money) else number.unit) or ""
    return f"{figure}{unit}" if unit == "%" else f"{figure} {unit}".strip()


def change_text(change: Change) -> str:
    """Write a change with its direction and basis ("▲39% yoy")."""
    figure = "" if change.value is None else _SIGNS[change.modifier] + number_text(change.value)
    unit = change.unit or ""
    unit = unit if unit in ("", "%") else f" {unit}"
    return f"{_ARROWS[change.direction]}{figure}{unit} {_BASES[change.basis]}".strip()


def date_text(date: DateValue | None) -> str:
    """Write the interval at its precision ("2021-03-04", "2017-08", "2021 Q1", "2021"); an unsettled one as the text says it."""
    if date is None:
        return ""
    if date.start is None or date.end is None:
        return f"“{date.mention.text}”"
    start = date.start
    match date.precision:
        case "day":
            return start.isoformat()
        case "month":
            return f"{start:%Y-%m}"
        case "quarter":
            return f"{start.year} Q{(start.month + 2) // 3}"
        case "half":
            return f"{start.year} H{(start.month + 5) // 6}"
        case "year":
            return str(start.year)
        case "decade":
            return f"{start.year}s"
        case _:
            return _range_text(start, date.end)


def _range_text(start: dt.date, end: dt.date) -> str:
    """Write an interval as short as it can be ("2019-07…2020-06", "2021-03-04…11")."""
    whole_months = start.day == 1 and (end + dt.timedelta(days=1)).day == 1
    first, last = (f"{start:%Y-%m}", f"{end:%Y-%m}") if whole_months else (str(start), str(end))
    common = 0 if start.year != end.year else 5 if start.month != end.month or whole_months else 8
    return f"{first}…{last[common:]}"


def round_text(name: str) -> str:
    """Write a round as it is usually written ("B+", "pre-A", "post ipo equity")."""
    words = name.replace("_", " ")
    return words.upper().replace("PRE ", "pre-").replace(" PLUS", "+") if words.removeprefix("pre ").removesuffix(" plus") in "abcdefgh" else words


def _entity(entity: Entity) -> Text:
    return Text(entity.name, style="bold")


def _lines(*parts: Text | str | None) -> Text:
    return Text("\n").join([part if isinstance(part, Text) else Text(part) for part in parts if part])


def _who(record: AnyRecord) -> Text:
    match record:
        case Funding():
            investors = ", ".join(f"{investor.name}{' (lead)' if investor.lead else ''}" for investor in record.investors)
            return _lines(_entity(record.company), f"← {investors}" if investors else None)
        case Partnership():
            return Text(" + ").join(_entity(party) for party in record.parties)
        case ProductLaunch():
            version = f" {record.version.text}" if record.version else ""
            return _lines(_entity(record.product) + version, f"by {record.organisation.name}" if record.organisation else None)
        case Metric():
            return _lines(_entity(record.subject) if record.subject else Text("–"), record.name.text)


def _what(record: AnyRecord) -> Text:
    match record:
        case Funding():
            deal = " · ".join(part for part in (value_text(record.amount) if record.amount else "", round_text(record.round) if record.round else "") if part)
            return _lines(
                deal,
                f"valuation {value_text(record.valuation)}" if record.valuation else None,
                f"stake {value_text(record.stake)}" if record.stake else None,
                f"for {record.use.text}" if record.use else None,
            )
        case Partnership():
            return _lines(record.kind.replace("_", " ") + (", exclusive" if record.exclusive else ""), record.scope.text if record.scope else None)
        case ProductLaunch():
            return _lines(record.action, record.category.text if record.category else None)
        case Metric():
            return _lines(value_text(record.value) if record.value else None, *(change_text(change) for change in record.changes))


def _key_mention(record: AnyRecord) -> Mention:
    """Return the mention to quote a record by: its figure, else who it is about."""
    match record:
        case Funding():
            return (record.amount or record.company).mention
        case Partnership():
            return record.parties[-1].mention
        case ProductLaunch():
            return record.product.mention
        case Metric():
            return (record.value or record.changes[0]).mention


def _quote(record: AnyRecord, document: Document | None) -> Text:
    """Quote the key mention within its sentence, the mention itself in bold."""
    mention = _key_mention(record)
    around = next((part for part in record.evidence if part.in_ == mention.in_ and part.start <= mention.start and mention.end <= part.end), None)
    if around is not None:
        source, start = around.text, mention.start - around.start
    elif document is not None:
        source, start = document.part(mention.in_), mention.start
    else:
        source, start = mention.text, 0
    end = start + len(mention.text)
    room = max(_QUOTE_WIDTH - cell_len(mention.text), 0)
    before = " ".join(source[max(0, start - room) : start].splitlines()[-1:]).lstrip()
    after = " ".join(source[end : end + room].splitlines()[:1]).rstrip()
    # The context is cut to the width, two parts before the mention to one after it.
    kept = _last_cells(before, max(room * 2 // 3, room - cell_len(after)))
    left = Text(("…" if len(kept) < len(before) or source[:start].strip() != before.strip() else "") + kept, style="dim")
    shown = next(iter(chop_cells(after, max(room - cell_len(kept), 1))), "")
    right = Text(shown + ("…" if len(shown) < len(after) or source[end:].strip() != after.strip() else ""), style="dim")
    return left + Text(mention.text, style="bold") + right


def _last_cells(text: str, width: int) -> str:
    while cell_len(text) > width:
        text = text[1:]
    return text


def records_table(records: Iterable[AnyRecord], document: Document | None = None) -> RenderableType:
    """Return the records of a document as a table, one row a record, made for 100 columns and more; the document gives the quotes their context."""
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    if document is not None:
        facts = (document.id, document.title, str(document.published or "date unknown"))
        table.title = Text(" · ".join(fact for fact in facts if fact), style="bold", justify="left")
    table.add_column("type", width=11, no_wrap=True)
    table.add_column("who / what", ratio=28)
    table.add_column("value", ratio=22)
    table.add_column("date", width=13)
    table.add_column("status", width=8, no_wrap=True)
    table.add_column("conf", width=4, justify="right", no_wrap=True)
    table.add_column("quote", ratio=30)
    for record in records:
        name, style = _TYPE_NAMES[record.type]
        when = record.as_of if isinstance(record, Metric) else record.date
        table.add_row(
            Text(name, style=style),
            _Wrapped(_who(record)),
            _Wrapped(_what(record)),
            _Wrapped(Text(date_text(when))),
            Text(record.status, style=_STATUS_STYLES[record.status]),
            f"{record.confidence:.2f}",
            _Wrapped(_quote(record, document)),
        )
    if not table.row_count:
        table.add_row(Text("no records", style="dim"))
    return table
