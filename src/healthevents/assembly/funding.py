"""Deals: amounts and rounds that belong together, the company they are for, and who brings the money."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from healthevents.assembly.mentions import LINKED, NEEDED, Mentions
from healthevents.coreference import NamedEntity
from healthevents.schema import Funding, Investor
from healthevents.values import parse_quantity, parse_round
from healthevents.values.rounds import is_of_control

# Sums, rounds and companies are one deal from this mean link on; this and the other edges of assembly are set on the development split.
ONE_DEAL = 0.4
# A company in another line than all sums and rounds of its deal is linked to it at least so much.
ELSEWHERE = 0.3
# Words of a sum over several deals, before it or in its mention.
_TOTAL = re.compile(
    r"(?:combined|altogether|(?:a|in) total(?: of)?|aggregate)"
    r"(?: (?:of|price|sum|consideration|about|around|some|nearly|approximately|over|more than)){0,3}\s*\Z"
    r"|(?:合计|合計|共计|共計|总计|總計|总价|總價|一共)[^,，。;；\d]{0,8}\Z",
    re.IGNORECASE,
)
# Below this share a purchase is no acquisition, unless it is of the rest.
HALF = 50
_REST = re.compile(r"(?<![a-z])(?:remaining|other|rest|further|another|additional)(?![a-z])|剩余|其余|余下|剩下|另外", re.IGNORECASE)
# A number below it without a currency is no sum of money.
LEAST_SUM = 1000
# Rounds that only say what manner of deal a lettered round is.
MANNERS = {"strategic", "growth", "unspecified", None}
LEAD = {"lead": True, "participant": False, "unknown": None}


@dataclass
class _Deal:
    """The mentions that make a deal one deal: sums and rounds, or a company that comes with investors alone; and the company's own mentions."""

    anchors: list[int]
    company: list[int]
    rivals: tuple[int, ...] = ()  # mentions of other companies that share the anchors


def fundings(a: Mentions) -> Iterator[Funding]:
    """Yield the deals of a document."""
    told = list(_told(a))
    buyers = {investor.canonical for deal in told if deal.round == "acquisition" for investor in deal.investors}
    return (deal for deal in told if not (_says_only_who(deal) and deal.company.canonical in buyers))


def _says_only_who(deal: Funding) -> bool:
    """Tell whether an acquisition says no more than a company: "X buys three clinics", where X is the buyer of those that the text names further on."""
    return deal.round == "acquisition" and not deal.investors and deal.amount is None and deal.stake is None and deal.valuation is None


def _told(a: Mentions) -> Iterator[Funding]:
    """Yield a record for each deal that the mentions make."""
    deals = _deals(a)
    # What money is for, a share and a value are told of one deal (or of those that share a verb), however many a round-up holds.
    best = {i: max((a.surest(deal.anchors, i) for deal in deals), default=0.0) for i in a.having("funding", "use", "stake", "valuation")}
    for deal in deals:
        group = deal.anchors
        company = a.entities[deal.company[0]]

        def role(name: str, deal: _Deal = deal) -> list[int]:
            inside = [i for i in deal.anchors if a.role(i) == name]
            return inside + [
                i
                for i in a.linked(deal.anchors, a.having("funding", name))
                if (not a.closer(i, deal.rivals, deal.company) or _is_shared(a, i, deal)) and a.surest(deal.anchors, i) >= best.get(i, 0.0)
            ]

        rounds = [(i, code) for i in role("round") if (code := parse_round(a.text(i)))]
        rounds.sort(key=lambda found: found[1] in MANNERS)
        if _is_minority(a, stakes := role("stake")):
            of_stakes = {a.sentence(i) for i in stakes}
            rounds = [(i, code) for i, code in rounds if code != "acquisition" or is_of_control(a.text(i)) or a.sentence(i) not in of_stakes]
        same_round = [a.mention(i) for i, code in rounds if code == rounds[0][1]]
        # The company's link to what it shares counts for its confidence, though it is an anchor itself.
        arguments = [i for i in deal.company if i not in group or deal.rivals]
        investors = [i for i in _backers(a, group) if a.entities[i] is not company]
        yield Funding(
            company=company.at(*a.entity_mentions(deal.company, company)),
            investors=tuple(_investors(a, sorted(investors))),
            amount=a.filler(sorted((i for i in group if a.role(i) == "amount"), key=lambda i: not _has_currency(a, i)), a.money),
            round=rounds[0][1] if rounds else None,
            round_mention=same_round[0] if same_round else None,
            round_mentions=tuple(same_round) if len(same_round) > 1 else (),
            valuation=a.filler(role("valuation"), a.money),
            stake=a.filler(role("stake"), parse_quantity),
            use=a.phrase(role("use")),
            date=a.date(role("date")),
            **a.meta("funding", group, arguments),
        )


def _is_minority(a: Mentions, stakes: Sequence[int]) -> bool:
    """Tell whether a deal is for less than half of a company, and not for what the buyer does not own yet."""
    return any(
        (share := parse_quantity(a.text(i))) is not None
        and share.unit == "%"
        and (share.high or share.value or HALF) < HALF
        and not _REST.search(a.words_around(i)[0][-24:])
        for i in stakes[:1]
    )


def _is_shared(a: Mentions, i: int, deal: _Deal) -> bool:
    """Tell whether a date is told once for all companies of a list: it is linked to this one too."""
    return a.role(i) == "date" and a.surest(deal.company, i) >= LINKED


def _has_currency(a: Mentions, amount: int) -> bool:
    """Tell whether a sum says its currency; a headline's often leaves it to the body."""
    money = a.money(a.text(amount))
    return money is not None and money.currency is not None


def _is_sum(a: Mentions, amount: int) -> bool:
    """Tell whether a mention tagged as a sum can be one: "three" of "three clinics" is a count."""
    money = a.money(a.text(amount))
    most = None if money is None else money.high if money.value is None else money.value
    return money is None or money.currency is not None or most is None or most >= LEAST_SUM


def _deals(a: Mentions) -> list[_Deal]:
    """Group the anchors of deals, find the companies of each, and add the companies that come with investors or a stake alone."""
    companies = a.having("funding", "company")
    deals: list[_Deal] = []
    anchors = [i for i in a.having("funding", "amount", "round") if a.role(i) == "round" or _is_sum(a, i)]
    for group in _half_deals_joined(a, _grouped(a, anchors), companies):
        found = _companies(a, group, companies)
        if found:
            deals += _shared_out(a, group, found)
        elif (beside := a.organisation_beside(group[0], a.linked(group, a.having("funding", "investor"), NEEDED))) is not None:
            deals.append(_Deal(group, [beside]))
    taken = {i for deal in deals for i in (*deal.company, *a.linked(deal.anchors, companies))}
    alone: dict[int, list[int]] = {}
    for i in companies:
        if i not in taken and a.linked([i], a.having("funding", "investor", "stake", "valuation")):
            alone.setdefault(id(a.entities[i]), []).append(i)
    return deals + [_Deal(own, own) for own in alone.values()]


def _companies(a: Mentions, group: Sequence[int], companies: Sequence[int]) -> list[int]:
    """Return the companies that a group of sums and rounds may be for, the surest first; one in another line has to be surer."""
    lines = {a.line(i) for i in group}
    return [i for i in a.linked(group, companies, NEEDED) if a.line(i) in lines or a.surest(group, i) >= ELSEWHERE]


def _shared_out(a: Mentions, group: list[int], companies: Sequence[int]) -> Iterator[_Deal]:
    """Yield the deal of a group of sums and rounds with the surest of its companies, and one for each company listed with it that shares its round.

    "Acquired A, B and C" is three deals: each of the three is linked to the verb, and not to another. A sum goes to the one that it is linked to most.
    """
    by_entity: dict[int, list[int]] = {}
    for i in companies:
        by_entity.setdefault(id(a.entities[i]), []).append(i)
    first, *others = by_entity.values()
    rounds = [i for i in group if a.role(i) == "round"]

    def member(own: list[int]) -> int | None:
        """The mention of a company that stands in one list with the first one's, linked to the round and not to it."""
        listed = (j for j in own if any(a.listed(i, j) and a.links[i, j] < LINKED for i in first))
        return next((j for j in listed if rounds and a.surest(rounds, j) >= LINKED), None)

    members = [(own, j) for own in others if (j := member(own)) is not None]
    owners = [first, *(own for own, _ in members)]
    if members:
        group = [i for i in group if a.role(i) == "round" or not _is_total(a, i)] or group
    for own, extra in [(first, []), *((own, [j]) for own, j in members)]:
        rivals = tuple(i for other in owners if other is not own for i in other)
        mine = [i for i in group if a.role(i) == "round" or not a.closer(i, rivals, own)]
        yield _Deal([*mine, *extra], [i for i in own if a.link(mine, i) >= ONE_DEAL] or own[:1], rivals)


def _is_total(a: Mentions, amount: int) -> bool:
    """Tell whether a sum is said to be that of several deals together, and so of none of them."""
    words = a.text(amount)
    figure = re.search(r"[\d$€£¥]", words)
    return _TOTAL.search(f"{a.words_around(amount)[0][-48:]}{words[: figure.start()] if figure else ''}") is not None


def _grouped(a: Mentions, anchors: Sequence[int]) -> list[list[int]]:
    """Join sums and rounds, the surest link first, as long as the groups are linked on average and nothing in them contradicts."""
    order = anchors[::-1]  # of pairs that are equally sure, the last in the text is joined first
    groups = [[i] for i in order]
    sizes = np.ones(len(groups))
    # Between each two groups: the sum of their links, whether one repeats a sum of the other's, and whether all in them can be one deal.
    links = a.links[np.ix_(order, order)].astype(np.float64)
    converted = _conversions(a, order)
    fit = _can_be_one_deal(a, order) | converted
    np.fill_diagonal(fit, False)
    near = np.where(fit, np.where(converted, 1.0, links), 0.0)
    while near.size and near.max() >= ONE_DEAL:
        gone, kept = divmod(int(near.argmax()), len(groups))
        groups[kept] += groups[gone]
        groups[gone] = []
        sizes[kept] += sizes[gone]
        links[kept] += links[gone]
        links[:, kept] = links[kept]
        converted[kept] |= converted[gone]
        converted[:, kept] = converted[kept]
        fit[kept] &= fit[gone]
        fit[:, kept] = fit[kept]
        fit[gone] = fit[:, gone] = False
        near[kept] = near[:, kept] = np.where(fit[kept], np.where(converted[kept], 1.0, links[kept] / (sizes * sizes[kept])), 0.0)
        near[gone] = near[:, gone] = 0.0
    return sorted(sorted(group) for group in groups if group)


def _conversions(a: Mentions, anchors: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Tell which sums are one sum in two currencies, shape (anchors, anchors)."""
    converted = np.zeros((len(anchors), len(anchors)), dtype=bool)
    amounts = sorted((i, n) for n, i in enumerate(anchors) if a.role(i) == "amount")
    for (i, n), (j, m) in pairwise(amounts):
        converted[n, m] = converted[m, n] = a.converted(i, j)
    return converted


def _can_be_one_deal(a: Mentions, anchors: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Tell which sums and rounds do not contradict, shape (anchors, anchors): sums of one value, one round, and a sum with a round."""
    said: list[tuple[str, object]] = []
    for i in anchors:
        if a.role(i) == "round":
            said.append(("round", parse_round(a.text(i))))
        else:
            money = a.money(a.text(i))
            # A sum that cannot be read is like no other.
            said.append(("amount", (money.value, money.low, money.high) if money else i))
    number = {value: n for n, value in enumerate(dict.fromkeys(said))}
    which = np.array([number[value] for value in said], dtype=np.int64)
    is_sum = np.array([role == "amount" for role, _ in said], dtype=bool)
    # "E轮战略融资" is one deal; two letters are two.
    is_manner = np.array([role == "round" and value in MANNERS for role, value in said], dtype=bool)
    same_role = is_sum[:, None] == is_sum[None, :]
    return np.asarray(~same_role | (which[:, None] == which[None, :]) | is_manner[:, None] | is_manner[None, :])


def _half_deals_joined(a: Mentions, groups: list[list[int]], companies: Sequence[int]) -> list[list[int]]:
    """Join a sum without a round and a round without a sum that prefer the same company, where each is the only such half of it."""
    halves: dict[tuple[int, str], list[list[int]]] = {}
    for group in groups:
        roles = {a.role(i) for i in group}
        best = _companies(a, group, companies)[:1]
        if len(roles) == 1 and best:
            halves.setdefault((id(a.entities[best[0]]), roles.pop()), []).append(group)
    for (entity, role), own in halves.items():
        others = halves.get((entity, "round"), [])
        if role == "amount" and len(own) == 1 and len(others) == 1 and a.between(own[0], others[0]) >= NEEDED:
            groups = [group for group in groups if group not in (own[0], others[0])] + [sorted(own[0] + others[0])]
    return sorted(groups)


def _backers(a: Mentions, group: Sequence[int]) -> list[int]:
    """Return the investors linked to a deal, but for those in another line who have a deal in their own: the items of a round-up are separate."""
    lines = {a.line(i) for i in group}
    others = a.having("funding", "amount", "round", "company")

    def busy(i: int) -> bool:
        return any(a.line(k) == a.line(i) and a.links[k, i] >= ONE_DEAL for k in others)

    return [i for i in a.linked(group, a.having("funding", "investor")) if a.line(i) in lines or not busy(i)]


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
