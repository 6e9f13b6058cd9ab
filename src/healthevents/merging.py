"""Merge records of several documents: one for each event, every source kept.

Three steps: records that say the same are grouped, the groups are clustered into events (`same_event` decides), and each cluster of more than one record
becomes one. Records are put in an order of their own first, so that the order in which they come changes nothing; and as a merged record holds its sources
unchanged, merging it again, alone or with more records, begins anew from them: `merge(merge(a) + b) == merge(a + b)`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from healthevents.same_event import GENERAL_KINDS, MANNERS, STATUSES, Facts, facts, likeness, organisation, same_organisation
from healthevents.schema import AnyRecord, DateValue, Entity, Filler, Funding, Investor, Mention, Money, Quantity

# So many clusters of one company (or product …) are compared with a record, the first by order; no real one has more, and hostile input is not quadratic.
_MOST_CANDIDATES = 200

# What stands for the id of a document that was given without one: records of two such documents are told apart by nothing.
_NO_IDS = frozenset({"", "text"})

_Filler = TypeVar("_Filler", bound=Filler)
_Entity = TypeVar("_Entity", bound=Entity)


def merge(records: Iterable[AnyRecord], *, published: Mapping[str, dt.date] | None = None) -> list[AnyRecord]:
    """Return one record for each event that the records report, in the order of their documents' ids.

    Records of different documents (and languages) are joined where they surely report one event; two rounds of one company never are. A record that nothing
    is joined to comes back as it is. A joined one has the latest status, of each value the most precise statement, all investors and parties, the highest
    confidence, and the records it is made of in `sources`; a mention in another document than its `doc_id` names that document.

    The result depends neither on the order of the records nor on how often they were merged before.

    Args:
        records: records of any documents, merged ones among them or not. Their documents' ids have to differ.
        published: publication dates by document id, where they are known; they help with records that give no date.
    """
    by_wire: dict[str, AnyRecord] = {}
    for record in records:
        by_wire.update({source.model_dump_json(): source for source in (record.sources or (record,))})
    merged = [_joined([record for group in cluster for record in group.records]) for cluster in _clusters(_groups(by_wire, published or {}))]
    return sorted(merged, key=lambda record: (record.doc_id, min((part.start for part in record.evidence), default=0), record.id, record.model_dump_json()))


# ---- clusters ----


class _Group(NamedTuple):
    """Records that say the same in all that is compared, and the documents that they are of."""

    facts: Facts
    records: list[AnyRecord]

    def documents(self) -> set[str]:
        return {record.doc_id for record in self.records} - _NO_IDS


def _groups(by_wire: Mapping[str, AnyRecord], published: Mapping[str, dt.date]) -> list[_Group]:
    """Group records that surely are one event because they say the same, in an order that their content alone decides: those that say most first."""
    groups: dict[Hashable, _Group] = {}
    for wire in sorted(by_wire):
        found = facts(by_wire[wire], published)
        # Where facts are not even likely one with themselves (a bare deal), equal ones are not one either.
        groups.setdefault(found if likeness(found, found) else wire, _Group(found, [])).records.append(by_wire[wire])
    return sorted(groups.values(), key=lambda group: -_stated(group.records[0]))


def _clusters(groups: Iterable[_Group]) -> list[list[_Group]]:
    """Put groups that report one event together.

    A group joins a cluster if nothing in it speaks against it and something in it speaks for it. Where several clusters are equally likely, it joins none.
    """
    clusters: list[list[_Group]] = []
    index: dict[Hashable, list[int]] = {}
    for group in groups:
        keys = dict.fromkeys(group.facts.keys())
        candidates = dict.fromkeys(number for key in keys for number in index.get(key, ())[:_MOST_CANDIDATES])
        scored = [(score, number) for number in candidates if (score := _likeness(group, clusters[number]))]
        best = max((score for score, _ in scored), default=0)
        at_best = [number for score, number in scored if score == best]
        number = at_best[0] if len(at_best) == 1 else len(clusters)
        if number == len(clusters):
            clusters.append([])
        clusters[number].append(group)
        for key in keys:
            known = index.setdefault(key, [])
            if len(known) < _MOST_CANDIDATES and number not in known:
                known.append(number)
    return clusters


def _likeness(group: _Group, cluster: Sequence[_Group]) -> int:
    """Return the best likeness of a group to those of a cluster, 0 where one of them speaks against it.

    What a document states as two different facts is two events, however alike they are.
    """
    best = 0
    documents = group.documents()
    for other in cluster[:_MOST_CANDIDATES]:
        if not documents.isdisjoint(other.documents()):
            return 0
        found = likeness(group.facts, other.facts)
        if found is None:
            return 0
        best = max(best, found)
    return best


def _stated(record: AnyRecord) -> int:
    """Count the fields that a record states."""
    values = (getattr(record, name) for name in type(record).model_fields)
    return sum(bool(value) and not (isinstance(value, str) and value == "unspecified") for value in values)


# ---- one record of many ----


def _joined(records: Sequence[AnyRecord]) -> AnyRecord:
    """Make one record of those that report one event.

    The first is that with the latest status, and of these the one that states most; what it does not state is taken from the others. Figures and dates are
    taken where they are most precise.
    """
    if len(records) == 1:
        return records[0]
    sources = sorted(records, key=lambda record: (record.doc_id, record.id, record.model_dump_json()))
    ranked = sorted(sources, key=lambda record: (STATUSES.index(record.status), -_stated(record), -record.confidence))
    first = ranked[0]
    values = {
        name: _best(name, ranked) for name in type(first).model_fields if name not in ("type", "id", "doc_id", "status", "confidence", "evidence", "sources")
    }
    if isinstance(first, Funding):
        values |= _round(cast(Sequence[Funding], ranked))
    digest = hashlib.blake2s("|".join(f"{record.doc_id}/{record.id}" for record in sources).encode(), digest_size=8).hexdigest()
    joined = type(first)(
        id=digest,
        doc_id=first.doc_id,
        status=first.status,
        confidence=max(record.confidence for record in sources),
        evidence=tuple(dict.fromkeys(_from(part, record, first) for record in ranked for part in record.evidence)),
        sources=cast(Any, tuple(sources)),
        **values,
    )
    return joined


def _best(name: str, ranked: Sequence[AnyRecord]) -> Any:
    """Return what the records, best first, say of a field."""
    first = ranked[0]
    stated = [(getattr(record, name), record) for record in ranked if getattr(record, name) not in (None, ())]
    if not stated:
        return getattr(first, name)
    match name:
        case "investors" | "parties":
            return _united(stated, first)
        case "changes":
            by_content = {(c.direction, c.value, c.unit, c.basis): _moved(c, record, first) for changes, record in reversed(stated) for c in changes}
            return tuple(reversed(by_content.values()))
        case "kind":
            return min((kind for kind, _ in stated), key=lambda kind: (kind == "unspecified", kind in GENERAL_KINDS))
        case "action":
            return min((action for action, _ in stated), key=lambda action: action == "announced")
        case "exclusive":
            return any(value for value, _ in stated)
    if not isinstance(stated[0][0], Filler):
        return stated[0][0]
    settled = [(value, record) for value, record in stated if record.status == first.status] or stated
    value, record = min(settled, key=lambda found: _vagueness(found[0]))
    return _moved(value, record, first)


def _vagueness(value: Filler) -> tuple[float, ...]:
    """Return how little a value says: an exact figure with many digits before a rounded one, a day before a year."""
    match value:
        case Money() | Quantity():
            width = ("exact", "about", "nearly", "over", "under", "at_least", "at_most", "range").index(value.modifier)
            measure = value.currency if isinstance(value, Money) else value.unit
            return min(width, 2), measure is None, -len(value.value.normalize().as_tuple().digits if value.value is not None else ())
        case DateValue():
            return (float("inf") if value.start is None or value.end is None else (value.end - value.start).days,)
    return ()


def _round(ranked: Sequence[Funding]) -> dict[str, Any]:
    """Return the round of a deal with where it is stated: a lettered one rather than one that tells only the manner."""
    named = [record for record in ranked if record.round is not None]
    if not named:
        return {}
    record = min(named, key=lambda record: record.round in MANNERS)
    mentions = tuple(_from(mention, record, ranked[0]) for mention in record.round_mentions)
    return {
        "round": record.round,
        "round_mention": _from(record.round_mention, record, ranked[0]) if record.round_mention else None,
        "round_mentions": mentions,
    }


def _united(stated: Sequence[tuple[Sequence[_Entity], AnyRecord]], first: AnyRecord) -> tuple[_Entity, ...]:
    """Name each organisation of several lists once, with its part in the deal where any of them states it."""
    found: list[_Entity] = []
    for entities, record in stated:
        # What a record names twice it tells apart.
        known = list(range(len(found)))
        for entity in entities:
            names = organisation(entity).forms
            same = next((n for n in known if same_organisation(names, organisation(found[n]).forms)), None)
            if same is None:
                found.append(_moved(entity, record, first))
                continue
            known.remove(same)
            if isinstance(entity, Investor) and entity.lead is not None and getattr(found[same], "lead", None) is None:
                found[same] = found[same].model_copy(update={"lead": entity.lead})
    return tuple(found)


def _moved(value: _Filler, record: AnyRecord, to: AnyRecord) -> _Filler:
    """Return a filler whose mentions say which document they are in, if it is not that of the record it goes to."""
    return value if record.doc_id == to.doc_id else value.at(*(_from(mention, record, to) for mention in value.all_mentions()))


def _from(mention: Mention, record: AnyRecord, to: AnyRecord) -> Mention:
    return mention if record.doc_id == to.doc_id else mention.model_copy(update={"doc_id": record.doc_id})
