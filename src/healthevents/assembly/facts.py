"""One fact once: records of a document that state the same thing become one, with the mentions of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from healthevents.assembly.mentions import content
from healthevents.schema import AnyRecord, Filler, Funding, Investor, Metric, Partnership, ProductLaunch


def _agree(mine: object, other: object) -> bool:
    """Tell whether two fillers say the same, or at least one says nothing."""
    if mine is None or other is None:
        return True
    return _same_filler(mine, other) if isinstance(mine, Filler) and isinstance(other, Filler) else mine == other


def _one_fact(mine: AnyRecord, other: AnyRecord) -> bool:
    """Tell whether two records of a document state one fact: the same key, and nothing that speaks against it."""
    if mine.status != other.status:
        return False
    match mine, other:
        case Funding(), Funding():
            bare = [not (r.amount or r.round) for r in (mine, other)]
            # A deal named again without its sum or round is the same one, if it brings no new investor.
            known = {i.canonical for i in (other if bare[0] else mine).investors} >= {i.canonical for i in (mine if bare[0] else other).investors}
            stated = (mine.amount and other.amount) or (mine.round and other.round) or (any(bare) and known)
            same = all(_agree(getattr(mine, name), getattr(other, name)) for name in ("amount", "round", "date", "stake", "valuation"))
            return bool(stated) and same and mine.company.canonical == other.company.canonical
        case Partnership(), Partnership():
            return {p.canonical for p in mine.parties} == {p.canonical for p in other.parties} and _agree(mine.date, other.date)
        case ProductLaunch(), ProductLaunch():
            same = all(_agree(getattr(mine, name), getattr(other, name)) for name in ("version", "date"))
            return same and mine.product.canonical == other.product.canonical and mine.action == other.action
        case Metric(), Metric():
            subjects = [r.subject.canonical if r.subject else None for r in (mine, other)]
            changes = [tuple(map(content, r.changes)) for r in (mine, other)]
            values = [r.value and content(r.value) for r in (mine, other)]
            same = subjects[0] == subjects[1] and values[0] == values[1] and (changes[0] == changes[1] or (bool(mine.value) and not all(changes)))
            return same and mine.name.text == other.name.text and _agree(mine.as_of, other.as_of)
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


def once(records: Iterable[AnyRecord]) -> list[AnyRecord]:
    kept: list[AnyRecord] = []
    for record in records:
        for n, other in enumerate(kept):
            if _one_fact(other, record):
                kept[n] = _merge(other, record)
                break
        else:
            kept.append(record)
    return kept
