"""One fact once: records of a document that state the same thing become one, with the mentions of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from healthevents.assembly.mentions import content
from healthevents.schema import AnyRecord, Document, Filler, Funding, Investor, Metric, Money, Partnership, ProductLaunch, Quantity
from healthevents.values import in_time

# How far a rounded figure of a headline may lie from the exact one in the body.
_ROUNDED = Decimal("0.05")


def once(records: Iterable[AnyRecord], document: Document) -> list[AnyRecord]:
    """Join the records of a document that state one fact; the order of first mention stays."""
    headline = document.text.find("\n") if not document.title else 0
    kept: list[AnyRecord] = []
    for record in records:
        for n, other in enumerate(kept):
            rough = _in_headline(other, headline) or _in_headline(record, headline)
            if _one_fact(other, record, rough=rough):
                # A headline rounds: the body's words are the better ones.
                kept[n] = _merge(record, other) if _in_headline(other, headline) and not _in_headline(record, headline) else _merge(other, record)
                break
        else:
            kept.append(record)
    return kept


# Of these records nothing planned lies behind its publication; a planned deal is dated by its announcement, a forecast by its period.
_PLANNED_AHEAD = {"partnership", "product_launch"}


def in_their_time(records: Iterable[AnyRecord], document: Document) -> Iterator[AnyRecord]:
    """Settle by each record's status which year a date means that names none: "First units: March" of what is planned is the next March."""
    for record in records:
        name = "as_of" if isinstance(record, Metric) else "date"
        date = getattr(record, name)
        planned = record.status == "planned" and record.type in _PLANNED_AHEAD
        if date is not None and (planned or record.status == "done"):
            moved = in_time(date, document.published, ahead=planned)
            record = record.model_copy(update={name: moved}) if moved is not date else record
        yield record


def _in_headline(record: AnyRecord, end: int) -> bool:
    first = record.evidence[0]
    return first.in_ == "title" or first.end <= end


def _agree(mine: object, other: object) -> bool:
    """Tell whether two fillers say the same, or at least one says nothing."""
    if mine is None or other is None:
        return True
    return _same_filler(mine, other) if isinstance(mine, Filler) and isinstance(other, Filler) else mine == other


def _one_value(mine: Money | Quantity | None, other: Money | Quantity | None, *, rough: bool) -> bool:
    """Tell whether two values are the same, or, if `rough`, one may be the other rounded or without its unit."""
    if mine is None or other is None or not rough:
        return mine == other if mine is None or other is None else _same_filler(mine, other)
    units = {v.currency if isinstance(v, Money) else v.unit for v in (mine, other)} - {None}
    if len(units) > 1:
        return False
    if mine.value is None or other.value is None:
        return (mine.low, mine.high, mine.value) == (other.low, other.high, other.value)
    exact, rounded = sorted((mine, other), key=lambda v: (v.modifier == "exact", _digits(v.value)), reverse=True)
    assert exact.value is not None
    assert rounded.value is not None
    if exact.value == rounded.value:
        return True
    if rounded.modifier == "exact" and _digits(rounded.value) >= _digits(exact.value):
        return False
    rightly = {"over": exact.value > rounded.value, "nearly": exact.value < rounded.value, "under": exact.value < rounded.value}
    return rightly.get(rounded.modifier, True) and abs(exact.value - rounded.value) <= _ROUNDED * abs(exact.value)


def _digits(value: Decimal | None) -> int:
    """Count the significant digits of a number."""
    return len(value.normalize().as_tuple().digits) if value is not None else 0


def _one_fact(mine: AnyRecord, other: AnyRecord, *, rough: bool) -> bool:
    """Tell whether two records of a document state one fact: the same key, and nothing that speaks against it."""
    if mine.status != other.status:
        return False
    match mine, other:
        case Funding(), Funding():
            bare = [not (r.amount or r.round) for r in (mine, other)]
            # A deal named again without its sum or round is the same one, if it brings no new investor.
            again, full = (mine, other) if bare[0] else (other, mine)
            known = {i.canonical for i in full.investors} >= {i.canonical for i in again.investors}
            # What a buyer held before ("already owns 9.6 per cent", "bought last autumn") is no part of the deal in which it buys all.
            held = again.stake is not None and full.stake is None
            stated = (mine.amount and other.amount) or (mine.round and other.round) or (any(bare) and known and not held)
            same = all(_agree(getattr(mine, name), getattr(other, name)) for name in ("round", "date", "stake", "valuation"))
            sums = mine.amount is None or other.amount is None or _one_value(mine.amount, other.amount, rough=rough)
            return bool(stated) and same and sums and mine.company.canonical == other.company.canonical
        case Partnership(), Partnership():
            return {p.canonical for p in mine.parties} == {p.canonical for p in other.parties} and _agree(mine.date, other.date)
        case ProductLaunch(), ProductLaunch():
            same = all(_agree(getattr(mine, name), getattr(other, name)) for name in ("version", "date"))
            return same and mine.product.canonical == other.product.canonical and mine.action == other.action
        case Metric(), Metric():
            subjects = [r.subject.canonical if r.subject else None for r in (mine, other)]
            changes = [tuple(map(content, r.changes)) for r in (mine, other)]
            moved = changes[0] == changes[1] or (bool(mine.value) and not all(changes))
            names = [r.name.text for r in (mine, other)]
            named = names[0] == names[1] or (rough and (names[0] in names[1] or names[1] in names[0]))
            return named and subjects[0] == subjects[1] and moved and _one_value(mine.value, other.value, rough=rough) and _agree(mine.as_of, other.as_of)
    return False


def _merge(first: AnyRecord, second: AnyRecord) -> AnyRecord:
    """Join two records of one fact: the first's values, the second's where the first has none, the mentions of both."""
    update: dict[str, Any] = {}
    for name in type(first).model_fields:
        mine, other = getattr(first, name), getattr(second, name)
        if mine is None or mine == ():
            update[name] = other
        elif isinstance(mine, Filler) and isinstance(other, Filler) and _same_filler(mine, other):
            update[name] = mine.at(*dict.fromkeys((*mine.all_mentions(), *other.all_mentions())))
    if isinstance(first, Funding) and isinstance(second, Funding):
        update["investors"] = tuple(_joined_investors([*first.investors, *second.investors]))
        rounds = tuple(dict.fromkeys(m for r in (first, second) for m in (r.round_mentions or (r.round_mention,)) if m is not None))
        update["round_mentions"] = rounds if len(rounds) > 1 else ()
    update["evidence"] = tuple(dict.fromkeys((*first.evidence, *second.evidence)))
    update["confidence"] = max(first.confidence, second.confidence)
    return first.model_copy(update=update)


def _joined_investors(investors: Sequence[Investor]) -> Iterator[Investor]:
    """Name each investor once, with all mentions and whatever is stated of its part."""
    by_name: dict[str, list[Investor]] = {}
    for investor in investors:
        by_name.setdefault(investor.canonical, []).append(investor)
    for same in by_name.values():
        mentions = dict.fromkeys(mention for investor in same for mention in investor.all_mentions())
        leads = [investor.lead for investor in same if investor.lead is not None]
        yield same[0].at(*mentions).model_copy(update={"lead": leads[0] if leads else None})


def _same_filler(mine: Filler, other: Filler) -> bool:
    return content(mine) == content(other)
