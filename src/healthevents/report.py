"""Records as one self-contained page: counts, a table of each type, and the sentences that state them with what was found in them marked.

The page loads nothing from anywhere and needs no script to be read; a short one filters. Everything that comes from a record is escaped.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from string import Template
from typing import NamedTuple
from urllib.parse import quote

from healthevents.annotations import role_mentions
from healthevents.schema import RECORD_TYPES, AnyRecord, Entity, Funding, Mention, Metric, Partnership, Phrase, ProductLaunch, Status
from healthevents.tables import change_text, date_text, round_text, value_text

MOST = 2000  # records of a type on a page: some 4 MB in all, which browsers still filter at once
_STATUSES: tuple[Status, ...] = ("done", "planned", "reported", "denied", "ended")
_HEADINGS = {
    "funding": ("Deals", ("company", "round", "amount", "investors", "date")),
    "partnership": ("Partnerships", ("parties", "kind", "scope", "", "date")),
    "product_launch": ("Launches", ("product", "organisation", "action", "category", "date")),
    "metric": ("Figures", ("subject", "figure", "value", "change", "date")),
}
_MOST_SOURCES = 20  # of a merged record that are quoted


class _Row(NamedTuple):
    """A record in the order of its table: the latest first, then the surest, then as read."""

    key: tuple[dt.date, float, int]
    record: AnyRecord


def report(records: Iterable[AnyRecord], *, title: str = "Health-industry events", most: int = MOST) -> str:
    """Return the page for the records, one by one and in memory that does not grow with their number.

    Of each type the `most` latest are shown, and the page says so where there are more; all are counted.

    Args:
        records: records of any documents, merged or not.
        title: the page's title.
        most: so many records of a type are shown.
    """
    counts: Counter[tuple[str, str]] = Counter()
    documents: set[str] = set()
    latest: dict[str, list[_Row]] = {kind: [] for kind in RECORD_TYPES}
    for number, record in enumerate(records):
        counts[record.type, record.status] += 1
        documents.update(source.doc_id for source in record.sources or (record,))
        date = record.as_of if isinstance(record, Metric) else record.date
        row = _Row((date.start if date and date.start else dt.date.min, record.confidence, -number), record)
        (heapq.heappush if len(latest[record.type]) < most else heapq.heappushpop)(latest[record.type], row)
    total = counts.total()
    template = Template((resources.files("healthevents") / "data" / "report.html").read_text("utf-8"))
    return template.substitute(
        title=_text(title),
        summary=f"{total:,} {'record' if total == 1 else 'records'} of {len(documents):,} {'document' if len(documents) == 1 else 'documents'}",
        counts=_counts(counts),
        statuses="".join(f"<option>{status}</option>" for status in _STATUSES if any(counts[kind, status] for kind in RECORD_TYPES)),
        sections="\n".join(_section(kind, sorted(rows, reverse=True), counts) for kind, rows in latest.items() if rows) or "<p>There are no records.</p>",
    )


def _text(value: object) -> str:
    """Return a text escaped for a page, for element and attribute alike; what no page may hold is shown as �."""
    return escape("".join("\ufffd" if (ord(char) < 32 and char not in "\t\n\r") or 0xD800 <= ord(char) < 0xE000 else char for char in str(value)))


def _counts(counts: Counter[tuple[str, str]]) -> str:
    statuses = [status for status in _STATUSES if any(counts[kind, status] for kind in RECORD_TYPES)]
    head = "".join(f"<th>{status}</th>" for status in statuses)
    rows = "".join(
        f'<tr><td><a href="#{kind}">{_HEADINGS[kind][0]}</a></td>'
        + "".join(f"<td>{counts[kind, status]:,}</td>" for status in statuses)
        + f"<td>{sum(counts[kind, status] for status in statuses):,}</td></tr>"
        for kind in RECORD_TYPES
        if any(counts[kind, status] for status in statuses)
    )
    return f'<table class="counts"><tr><th></th>{head}<th>all</th></tr>{rows}</table>' if rows else ""


def _section(kind: str, rows: list[_Row], counts: Counter[tuple[str, str]]) -> str:
    heading, columns = _HEADINGS[kind]
    number = sum(found for (of, _), found in counts.items() if of == kind)
    notice = "" if number == len(rows) else f'<p class="notice">The {len(rows):,} latest of {number:,} are shown; the file has them all.</p>'
    head = "".join(f"<th>{name}</th>" for name in (*columns, "status", "conf."))
    body = "\n".join(_row(row.record, len(columns) + 2) for row in rows)
    return (
        f'<section id="{kind}"><h2>{heading} <small>{number:,}</small></h2>{notice}\n'
        f'<table class="records"><thead><tr>{head}</tr></thead>\n{body}\n</table></section>'
    )


def _row(record: AnyRecord, width: int) -> str:
    cells = "".join(f"<td{' class=key' if n == 0 else ''}>{cell}</td>" for n, cell in enumerate(_cells(record)))
    return (
        f'<tbody data-status="{record.status}" data-confidence="{record.confidence:.4f}"><tr>{cells}'
        f'<td class="status-{record.status}">{record.status}</td><td class="number">{record.confidence:.2f}</td></tr>'
        f'<tr><td class="evidence" colspan="{width}">{_evidence(record)}</td></tr></tbody>'
    )


def _cells(record: AnyRecord) -> tuple[str, ...]:
    """Return the first five cells of a record's row."""
    date = _text(date_text(record.as_of if isinstance(record, Metric) else record.date))
    match record:
        case Funding():
            terms = [f"at a valuation of {value_text(record.valuation)}"] if record.valuation else []
            terms += [f"{value_text(record.stake)} of the shares"] if record.stake else []
            amount = "<br>".join(_text(part) for part in (value_text(record.amount) if record.amount else "", *terms) if part)
            investors = ", ".join(_text(investor.name) + (" (lead)" if investor.lead else "") for investor in record.investors)
            return _name(record.company), _text(round_text(record.round)) if record.round else "", amount, investors, date
        case Partnership():
            kind = record.kind.replace("_", " ") + (", exclusive" if record.exclusive else "")
            return " + ".join(map(_name, record.parties)), kind, _phrase(record.scope), "", date
        case ProductLaunch():
            product = f"{_name(record.product)} {_phrase(record.version)}".strip()
            return product, _name(record.organisation), record.action, _phrase(record.category), date
        case Metric():
            changes = "<br>".join(_text(change_text(change)) for change in record.changes)
            return _name(record.subject), _phrase(record.name), _text(value_text(record.value)) if record.value else "", changes, date


def _name(entity: Entity | None) -> str:
    return _text(entity.name) if entity else ""


def _phrase(phrase: Phrase | None) -> str:
    return _text(phrase.text) if phrase else ""


def _evidence(record: AnyRecord) -> str:
    """Quote the sentences of a record, the first in view; of a merged one those of each source."""
    sources = record.sources or (record,)
    quotes = [f"<div>{_document(source.doc_id)} {' … '.join(_quotes(source))}</div>" for source in sources[:_MOST_SOURCES]]
    more = f"<div>and {len(sources) - _MOST_SOURCES:,} more</div>" if len(sources) > _MOST_SOURCES else ""
    if len(quotes) == 1:
        return quotes[0]
    return f"{quotes[0]}<details><summary>{len(sources):,} sources</summary>{''.join(quotes[1:])}{more}</details>"


def _document(doc_id: str) -> str:
    return f'<a href="#doc={_text(quote(doc_id, safe="", errors="replace"))}" data-doc="{_text(doc_id)}">{_text(doc_id)}</a>'


def _quotes(record: AnyRecord) -> Iterator[str]:
    """Yield each piece of evidence with the record's mentions marked; without any, the mentions themselves."""
    mentions = list(dict.fromkeys(role_mentions(record)))
    for part in record.evidence:
        yield _marked(part, mentions)
    if not record.evidence:
        yield from (_mark(role, mention.text) for role, mention in mentions)


def _marked(part: Mention, mentions: Iterable[tuple[str, Mention]]) -> str:
    """Return a piece of evidence with the mentions within it marked; of two that overlap the longer one."""
    inside = [(role, m.start - part.start, m.end - part.start) for role, m in mentions if m.in_ == part.in_ and part.start <= m.start and m.end <= part.end]
    pieces, at = [], 0
    kept: list[tuple[str, int, int]] = []
    for role, start, end in sorted(inside, key=lambda found: found[1] - found[2]):
        if all(end <= other[1] or other[2] <= start for other in kept):
            kept.append((role, start, end))
    for role, start, end in sorted(kept, key=lambda found: found[1]):
        pieces += [_text(part.text[at:start]), _mark(role, part.text[start:end])]
        at = end
    return "".join(pieces) + _text(part.text[at:])


def _mark(role: str, text: str) -> str:
    return f'<mark title="{role.replace("_", " ")}">{_text(text)}</mark>'
