"""Assemble records from tagged mentions: one pass with named steps for each record type.

Each type has anchors: the mentions that make a record one record (an amount or a round, a product, a figure, a set of parties). Other mentions join the
anchor that the model links them to; an argument may serve several records ("respectively", one date for two deals). Records that state one fact twice
are merged, and keep all their mentions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np

from healthevents.coreference import NamedEntity, resolve
from healthevents.labels import ATTRIBUTES, CORE_ROLES
from healthevents.schema import (
    AnyRecord,
    Change,
    DateValue,
    Filler,
    Funding,
    Investor,
    LaunchAction,
    Mention,
    Metric,
    Money,
    Partnership,
    PartnershipKind,
    Phrase,
    ProductLaunch,
    Quantity,
)
from healthevents.sentences import sentence_around
from healthevents.tagging import Tagging
from healthevents.values import anchor_for, find_dates, parse_change, parse_date, parse_money, parse_quantity, parse_round, parse_value, read_conventions

# A mention joins a record if the model gives the link at least this probability.
LINKED = 0.5
# An argument that a record cannot do without (a figure's name, a deal's company) is taken from the best link above this.
NEEDED = 0.05

# Cliques can be many in a graph made to have many; no document names more partners or states more agreements than this.
MOST_PARTIES = 200
MOST_AGREEMENTS = 500
# Rounds that only say what manner of deal a lettered round is.
MANNERS = {"strategic", "growth", "unspecified", None}
EXCLUSIVE = ("独家", "獨家", "exclusive", "sole ")
LEAD = {"lead": True, "participant": False, "unknown": None}

T = TypeVar("T", bound=Filler)


class _Assembler:
    """The mentions of one document, by type and role, with the questions that every record type asks of them."""

    def __init__(self, tagging: Tagging) -> None:
        self.tagging = tagging
        self.document = tagging.document
        self.entities = resolve(tagging)
        published = self.document.published
        self._conventions = read_conventions(self.document.text, published.year if published else None)
        self._by_role: dict[tuple[str, str], list[int]] = {}
        for i, mention in enumerate(tagging.mentions):
            self._by_role.setdefault((mention.type, mention.role), []).append(i)

    def having(self, record_type: str, *roles: str) -> list[int]:
        return sorted(i for role in roles for i in self._by_role.get((record_type, role), ()))

    def text(self, i: int) -> str:
        return self.tagging.mentions[i].mention.text

    def mention(self, i: int) -> Mention:
        return self.tagging.mentions[i].mention

    def link(self, anchors: Sequence[int], i: int) -> float:
        """Return the mean probability that mention i belongs to the record of these anchors."""
        others = [a for a in anchors if a != i]
        return float(self.tagging.links[others, i].mean()) if others else 1.0

    def linked(self, anchors: Sequence[int], candidates: Iterable[int], least: float = LINKED) -> list[int]:
        """Return the candidates linked to the anchors, the surest first."""
        scored = [(self.link(anchors, i), i) for i in candidates if i not in anchors]
        return [i for score, i in sorted(scored, key=lambda pair: (-pair[0], pair[1])) if score >= least]

    def attribute(self, anchors: Sequence[int], name: str) -> str:
        """Return the most probable value of an attribute, summed over the mentions at which it is read."""
        record_type = name.split(".")[0]
        core = [i for i in anchors if self.tagging.mentions[i].role in CORE_ROLES.get(record_type, ())] or list(anchors)
        total = np.sum([self.tagging.mentions[i].attributes[name] for i in core], axis=0)
        return ATTRIBUTES[name][int(total.argmax())]

    @cached_property
    def _dates(self) -> list[DateValue]:
        return find_dates(self.document.text, self.document.published, self._conventions)

    def filler(self, candidates: Sequence[int], parse: Callable[[str], T | None]) -> T | None:
        """Return the value of the first candidate that can be read, pointing at all candidates of that value."""
        values = [(i, value) for i in candidates if (value := parse(self.text(i))) is not None]
        if not values:
            return None
        best = values[0][1]
        same = [self.mention(i) for i, value in values if _content(value) == _content(best)]
        return best.at(*same)

    def phrase(self, candidates: Sequence[int]) -> Phrase | None:
        if not candidates:
            return None
        text = self.text(candidates[0])
        same = [self.mention(i) for i in candidates if self.text(i) == text]
        return Phrase(text=text, mention=same[0], mentions=tuple(same) if len(same) > 1 else ())

    def money(self, text: str) -> Money | None:
        return parse_money(text, self._conventions)

    def figure(self, i: int, name: str) -> Money | Quantity | None:
        """Read a metric's value; in English the unit of "61" in "61 hospitals" stands in its name."""
        english = (self.document.lang or "en") == "en"
        value = parse_value(self.text(i), name if english else None, self._conventions)
        return value.at(self.mention(i)) if value is not None else None

    def date(self, candidates: Sequence[int]) -> DateValue | None:
        """Read the first date, which may count from another one in front of it ("a year earlier")."""
        for i in candidates:
            mention = self.mention(i)
            anchor = anchor_for(mention.text, self._dates, mention.start, self.document.published) if mention.in_ == "text" else None
            date = parse_date(mention.text, self.document.published, anchor, self._conventions)
            if date is not None:
                return date.at(mention)
        return None

    def words_around(self, i: int) -> tuple[str, str]:
        """Return the words of a mention's sentence before and after it."""
        mention = self.mention(i)
        sentence, source = sentence_around(self.document, mention), self.document.part(mention.in_)
        return source[sentence.start : mention.start], source[mention.end : sentence.end]

    def changes(self, candidates: Sequence[int], as_of: DateValue | None) -> Iterator[Change]:
        """Read the changes of a figure; a bare one shares direction and basis with the one before it."""
        like: Change | None = None
        for i in candidates:
            change = parse_change(self.text(i), like, as_of, self.words_around(i))
            if change is not None:
                like = change
                yield change.at(self.mention(i))

    def entity_mentions(self, candidates: Sequence[int], entity: NamedEntity) -> list[Mention]:
        return [self.mention(i) for i in candidates if self.entities[i] is entity]

    def meta(self, record_type: str, core: Sequence[int], arguments: Sequence[int]) -> dict[str, Any]:
        """Return what every record has: id, document, status, confidence and evidence."""
        mentions = [self.tagging.mentions[i] for i in core]
        links = [self.link(core, i) for i in arguments] or [1.0]
        confidence = float(np.mean([m.score for m in mentions])) * float(np.mean(links))
        evidence: list[Mention] = []
        for i in core:
            sentence = sentence_around(self.document, self.mention(i))
            if sentence not in evidence:
                evidence.append(sentence)
        where = ",".join(f"{m.mention.in_}{m.mention.start}-{m.mention.end}" for m in mentions)
        digest = hashlib.blake2s(f"{self.document.id}|{record_type}|{where}".encode(), digest_size=8).hexdigest()
        return {
            "id": digest,
            "doc_id": self.document.id,
            "status": self.attribute(core, f"{record_type}.status"),
            "confidence": round(min(max(confidence, 0.0), 1.0), 4),
            "evidence": tuple(evidence),
        }


def _content(filler: Filler) -> str:
    return repr(filler.model_dump(exclude={"mention", "mentions"}))


def _funding(a: _Assembler) -> Iterator[Funding]:
    companies = a.having("funding", "company")
    for group in _deals(a):
        found = a.linked(group, companies, NEEDED)
        found = [i for i in group if i in companies] or found
        if not found:
            continue
        company = a.entities[found[0]]
        near = [i for i in found if i in group or a.link(group, i) >= LINKED] or found[:1]

        def role(name: str, group: list[int] = group) -> list[int]:
            inside = [i for i in group if a.tagging.mentions[i].role == name]
            return inside + a.linked(group, a.having("funding", name))

        rounds = [(i, code) for i in role("round") if (code := parse_round(a.text(i)))]
        rounds.sort(key=lambda found: found[1] in MANNERS)
        same_round = [a.mention(i) for i, code in rounds if code == rounds[0][1]]
        arguments = [i for i in near if i not in group]
        investors = [i for i in a.linked(group, a.having("funding", "investor")) if a.entities[i] is not company]
        yield Funding(
            company=company.at(*a.entity_mentions(near, company)),
            investors=tuple(_investors(a, sorted(investors))),
            amount=a.filler([i for i in group if a.tagging.mentions[i].role == "amount"], a.money),
            round=rounds[0][1] if rounds else None,
            round_mention=same_round[0] if same_round else None,
            round_mentions=tuple(same_round) if len(same_round) > 1 else (),
            valuation=a.filler(role("valuation"), a.money),
            stake=a.filler(role("stake"), parse_quantity),
            use=a.phrase(role("use")),
            date=a.date(role("date")),
            **a.meta("funding", group, arguments),
        )


def _deals(a: _Assembler) -> list[list[int]]:
    """Group the anchors of deals: amounts and rounds that the model links, then companies that no such deal has taken.

    Two amounts share a deal only if they are the same sum, two rounds only if they are the same round.
    """
    groups: list[list[int]] = []
    for i in a.having("funding", "amount", "round"):
        fits = [(a.link(group, i), n) for n, group in enumerate(groups) if _same_deal(a, group, i)]
        best = max(fits, default=(0.0, -1))
        if best[0] >= LINKED:
            groups[best[1]].append(i)
        else:
            groups.append([i])
    companies = a.having("funding", "company")
    taken = {i for group in groups for i in a.linked(group, companies)} | {i for group in groups for i in a.linked(group, companies, NEEDED)[:1]}
    alone: dict[int, list[int]] = {}
    for i in companies:
        if i not in taken and a.linked([i], a.having("funding", "investor", "stake", "valuation")):
            alone.setdefault(id(a.entities[i]), []).append(i)
    return groups + list(alone.values())


def _same_deal(a: _Assembler, group: list[int], i: int) -> bool:
    for other in group:
        if a.tagging.mentions[other].role != a.tagging.mentions[i].role:
            continue
        if a.tagging.mentions[i].role == "round":
            codes = {parse_round(a.text(other)), parse_round(a.text(i))}
            # "E轮战略融资" is one deal; two letters are two.
            if len(codes - MANNERS) > 1:
                return False
        else:
            first, second = a.money(a.text(other)), a.money(a.text(i))
            if first is None or second is None or (first.value, first.low, first.high) != (second.value, second.low, second.high):
                return False
    return True


def _investors(a: _Assembler, candidates: Sequence[int]) -> Iterator[Investor]:
    done: list[NamedEntity] = []
    for i in candidates:
        entity = a.entities[i]
        if entity in done:
            continue
        done.append(entity)
        own = [k for k in candidates if a.entities[k] is entity]
        filler = entity.at(*(a.mention(k) for k in own))
        yield Investor(**filler.model_dump(), lead=LEAD[a.attribute(own, "funding.lead")])


def _partnerships(a: _Assembler) -> Iterator[Partnership]:
    parties = a.having("partnership", "party")
    entities: list[NamedEntity] = []
    for i in parties:
        if a.entities[i] not in entities:
            entities.append(a.entities[i])
    del entities[MOST_PARTIES:]
    own = [[i for i in parties if a.entities[i] is entity] for entity in entities]
    linked = np.array(
        [[bool(x != y and a.tagging.links[np.ix_(own[x], own[y])].max() >= LINKED) for y in range(len(own))] for x in range(len(own))], dtype=bool
    )
    for clique in maximal_cliques(linked):
        if len(clique) < 2:
            continue
        # Of each party, the mentions that stand in this agreement: those linked to a mention of another party.
        mentions = {x: [i for i in own[x] if any(a.tagging.links[i, k] >= LINKED for y in clique if y != x for k in own[y])] or own[x][:1] for x in clique}
        core = sorted(i for found in mentions.values() for i in found)
        scopes = a.linked(core, a.having("partnership", "scope"))
        dates = a.linked(core, a.having("partnership", "date"))
        meta = a.meta("partnership", core, [])
        exclusive = any(word in sentence.text.lower() for sentence in meta["evidence"] for word in EXCLUSIVE)
        yield Partnership(
            parties=tuple(entities[x].at(*(a.mention(i) for i in mentions[x])) for x in sorted(clique, key=lambda x: (-int(linked[x].sum()), x))),
            kind=cast(PartnershipKind, a.attribute(core, "partnership.kind")),
            scope=a.phrase(scopes),
            exclusive=True if exclusive else None,
            date=a.date(dates),
            **meta,
        )


def maximal_cliques(linked: Any) -> list[list[int]]:
    """Return the maximal sets of mutually linked nodes (Bron and Kerbosch 1973, with pivoting), in order of their first node; at most MOST_AGREEMENTS.

    Args:
        linked: a symmetric boolean matrix, shape (nodes, nodes).
    """
    neighbours = [set(np.flatnonzero(row).tolist()) - {n} for n, row in enumerate(linked)]
    found: list[list[int]] = []

    def grow(clique: list[int], candidates: set[int], excluded: set[int]) -> None:
        if len(found) >= MOST_AGREEMENTS:
            return
        if not candidates and not excluded:
            found.append(sorted(clique))
            return
        pivot = max(candidates | excluded, key=lambda node: len(candidates & neighbours[node]))
        for node in sorted(candidates - neighbours[pivot]):
            grow([*clique, node], candidates & neighbours[node], excluded & neighbours[node])
            candidates = candidates - {node}
            excluded = excluded | {node}

    grow([], set(range(len(neighbours))), set())
    return sorted(clique for clique in found if clique)


def _launches(a: _Assembler) -> Iterator[ProductLaunch]:
    groups: list[list[int]] = []
    for i in a.having("product_launch", "product"):
        for group in groups:
            if a.entities[group[0]] is a.entities[i] and a.link(group, i) >= LINKED:
                group.append(i)
                break
        else:
            groups.append([i])
    for group in groups:
        product = a.entities[group[0]]
        makers = a.linked(group, a.having("product_launch", "organisation"))
        maker = a.entities[makers[0]] if makers else None
        arguments = [*makers[:1], *a.linked(group, a.having("product_launch", "date"))[:1]]
        yield ProductLaunch(
            product=product.at(*(a.mention(i) for i in group)),
            organisation=maker.at(*a.entity_mentions(makers, maker)) if maker else None,
            action=cast(LaunchAction, a.attribute(group, "product_launch.action")),
            version=a.phrase(a.linked(group, a.having("product_launch", "version"))),
            category=a.phrase(a.linked(group, a.having("product_launch", "category"))),
            date=a.date(a.linked(group, a.having("product_launch", "date"))),
            **a.meta("product_launch", group, arguments),
        )


def _metrics(a: _Assembler) -> Iterator[Metric]:
    values = a.having("metric", "value")
    changes: dict[int, list[int]] = {}
    alone: list[int] = []
    for i in a.having("metric", "change"):
        owners = a.linked([i], values)
        if owners:
            changes.setdefault(owners[0], []).append(i)
        else:
            alone.append(i)
    for anchor in sorted([*values, *alone]):
        names = a.linked([anchor], a.having("metric", "name"), NEEDED)
        if not names:
            continue
        subjects = a.linked([anchor], a.having("metric", "subject"), NEEDED)
        subject = a.entities[subjects[0]] if subjects else None
        name = a.text(names[0])
        value = None if anchor in alone else a.figure(anchor, name)
        moved = [anchor] if anchor in alone else changes.get(anchor, [])
        as_of = a.date(a.linked([anchor], a.having("metric", "as_of")))
        parsed = tuple(a.changes(moved, as_of))
        if value is None and not parsed:
            continue
        yield Metric(
            subject=subject.at(a.mention(subjects[0])) if subject else None,
            name=Phrase(text=name, mention=a.mention(names[0])),
            value=value,
            changes=parsed,
            as_of=as_of,
            **a.meta("metric", [anchor], [names[0], *subjects[:1]]),
        )


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
            changes = [tuple(map(_content, r.changes)) for r in (mine, other)]
            values = [r.value and _content(r.value) for r in (mine, other)]
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
    return _content(mine) == _content(other)


def _once(records: Iterable[AnyRecord]) -> list[AnyRecord]:
    kept: list[AnyRecord] = []
    for record in records:
        for n, other in enumerate(kept):
            if _one_fact(other, record):
                kept[n] = _merge(other, record)
                break
        else:
            kept.append(record)
    return kept


def _position(record: AnyRecord) -> tuple[bool, int]:
    first = min(record.evidence, key=lambda m: (m.in_ == "text", m.start))
    anchor = {"funding": "company", "partnership": "parties", "product_launch": "product", "metric": "name"}[record.type]
    filler = getattr(record, anchor)
    mention = (filler[0] if isinstance(filler, tuple) else filler).mention
    return first.in_ == "text", mention.start


def assemble(tagging: Tagging) -> list[AnyRecord]:
    """Build the records that a document's mentions state, in text order, each fact once."""
    assembler = _Assembler(tagging)
    steps: tuple[Callable[[_Assembler], Iterator[AnyRecord]], ...] = (_funding, _partnerships, _launches, _metrics)
    return sorted(_once(record for step in steps for record in step(assembler)), key=_position)
