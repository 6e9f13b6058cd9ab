"""Deals: amounts and rounds that belong together, the company they are for, and who brings the money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from healthevents.assembly.mentions import LINKED, NEEDED, Mentions
from healthevents.coreference import NamedEntity
from healthevents.schema import Funding, Investor
from healthevents.values import parse_quantity, parse_round

# Rounds that only say what manner of deal a lettered round is.
MANNERS = {"strategic", "growth", "unspecified", None}
LEAD = {"lead": True, "participant": False, "unknown": None}


def fundings(a: Mentions) -> Iterator[Funding]:
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


def _deals(a: Mentions) -> list[list[int]]:
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


def _same_deal(a: Mentions, group: list[int], i: int) -> bool:
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


def _investors(a: Mentions, candidates: Sequence[int]) -> Iterator[Investor]:
    done: list[NamedEntity] = []
    for i in candidates:
        entity = a.entities[i]
        if entity in done:
            continue
        done.append(entity)
        own = [k for k in candidates if a.entities[k] is entity]
        filler = entity.at(*(a.mention(k) for k in own))
        yield Investor(**filler.model_dump(), lead=LEAD[a.attribute(own, "funding.lead")])
