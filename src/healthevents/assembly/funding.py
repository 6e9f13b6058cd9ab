"""Deals: amounts and rounds that belong together, the company they are for, and who brings the money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from healthevents.assembly.mentions import NEEDED, Mentions
from healthevents.coreference import NamedEntity
from healthevents.schema import Funding, Investor
from healthevents.values import parse_quantity, parse_round

# Sums, rounds and companies are one deal from this mean link on; this and the other edges of assembly are set on the development split.
ONE_DEAL = 0.4
# Rounds that only say what manner of deal a lettered round is.
MANNERS = {"strategic", "growth", "unspecified", None}
LEAD = {"lead": True, "participant": False, "unknown": None}


@dataclass
class _Deal:
    """The mentions that make a deal one deal: sums and rounds, or a company that comes with investors alone; and the company's own mentions."""

    anchors: list[int]
    company: list[int]


def fundings(a: Mentions) -> Iterator[Funding]:
    """Yield the deals of a document."""
    for deal in _deals(a):
        group = deal.anchors
        company = a.entities[deal.company[0]]

        def role(name: str, group: list[int] = group) -> list[int]:
            inside = [i for i in group if a.role(i) == name]
            return inside + a.linked(group, a.having("funding", name))

        rounds = [(i, code) for i in role("round") if (code := parse_round(a.text(i)))]
        rounds.sort(key=lambda found: found[1] in MANNERS)
        same_round = [a.mention(i) for i, code in rounds if code == rounds[0][1]]
        arguments = [i for i in deal.company if i not in group]
        investors = [i for i in a.linked(group, a.having("funding", "investor")) if a.entities[i] is not company]
        yield Funding(
            company=company.at(*a.entity_mentions(deal.company, company)),
            investors=tuple(_investors(a, sorted(investors))),
            amount=a.filler([i for i in group if a.role(i) == "amount"], a.money),
            round=rounds[0][1] if rounds else None,
            round_mention=same_round[0] if same_round else None,
            round_mentions=tuple(same_round) if len(same_round) > 1 else (),
            valuation=a.filler(role("valuation"), a.money),
            stake=a.filler(role("stake"), parse_quantity),
            use=a.phrase(role("use")),
            date=a.date(role("date")),
            **a.meta("funding", group, arguments),
        )


def _deals(a: Mentions) -> list[_Deal]:
    """Group the anchors of deals, find the companies of each, and add the companies that come with investors or a stake alone."""
    companies = a.having("funding", "company")
    deals: list[_Deal] = []
    for group in _half_deals_joined(a, _grouped(a, a.having("funding", "amount", "round")), companies):
        found = a.linked(group, companies, NEEDED)
        if found:
            company = a.entities[found[0]]
            deals.append(_Deal(group, [i for i in found if a.entities[i] is company and a.link(group, i) >= ONE_DEAL] or found[:1]))
        elif (beside := a.organisation_beside(group[0], a.linked(group, a.having("funding", "investor"), NEEDED))) is not None:
            deals.append(_Deal(group, [beside]))
    taken = {i for deal in deals for i in (*deal.company, *a.linked(deal.anchors, companies))}
    alone: dict[int, list[int]] = {}
    for i in companies:
        if i not in taken and a.linked([i], a.having("funding", "investor", "stake", "valuation")):
            alone.setdefault(id(a.entities[i]), []).append(i)
    return deals + [_Deal(own, own) for own in alone.values()]


def _grouped(a: Mentions, anchors: Sequence[int]) -> list[list[int]]:
    """Join sums and rounds, the surest link first, as long as the groups are linked on average and nothing in them contradicts."""
    groups = [[i] for i in anchors]
    while True:
        pairs = ((_nearness(a, x, y), n, m) for n, x in enumerate(groups) for m, y in enumerate(groups[:n]))
        best = max((pair for pair in pairs if pair[0] >= ONE_DEAL and _one_deal(a, groups[pair[1]], groups[pair[2]])), default=None)
        if best is None:
            return sorted(map(sorted, groups))
        groups[best[2]] += groups.pop(best[1])


def _nearness(a: Mentions, mine: Sequence[int], other: Sequence[int]) -> float:
    """Return the mean link of two groups, or 1 where one repeats the other's sum in another currency."""
    return 1.0 if any(a.converted(*sorted((i, j))) for i in mine for j in other) else a.between(mine, other)


def _one_deal(a: Mentions, mine: Sequence[int], other: Sequence[int]) -> bool:
    """Tell whether two groups of sums and rounds can be one deal: the same sum or its conversion, the same round."""
    rounds = {parse_round(a.text(i)) for i in (*mine, *other) if a.role(i) == "round"}
    # "E轮战略融资" is one deal; two letters are two.
    if len(rounds - MANNERS) > 1:
        return False
    sums = [[i for i in group if a.role(i) == "amount"] for group in (mine, other)]
    return all(_one_sum(a, i, j) for i in sums[0] for j in sums[1])


def _one_sum(a: Mentions, i: int, j: int) -> bool:
    first, second = (a.money(a.text(k)) for k in sorted((i, j)))
    if first is None or second is None:
        return False
    return (first.value, first.low, first.high) == (second.value, second.low, second.high) or a.converted(*sorted((i, j)))


def _half_deals_joined(a: Mentions, groups: list[list[int]], companies: Sequence[int]) -> list[list[int]]:
    """Join a sum without a round and a round without a sum that prefer the same company, where each is the only such half of it."""
    halves: dict[tuple[int, str], list[list[int]]] = {}
    for group in groups:
        roles = {a.role(i) for i in group}
        best = a.linked(group, companies, NEEDED)[:1]
        if len(roles) == 1 and best:
            halves.setdefault((id(a.entities[best[0]]), roles.pop()), []).append(group)
    for (entity, role), own in halves.items():
        others = halves.get((entity, "round"), [])
        if role == "amount" and len(own) == 1 and len(others) == 1 and a.between(own[0], others[0]) >= NEEDED:
            groups = [group for group in groups if group not in (own[0], others[0])] + [sorted(own[0] + others[0])]
    return sorted(groups)


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
