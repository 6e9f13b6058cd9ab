"""Agreements: sets of parties that are all linked with one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from healthevents.assembly.mentions import NEEDED, Mentions
from healthevents.coreference import NamedEntity
from healthevents.schema import Partnership, PartnershipKind

# Two parties have an agreement if two of their mentions are linked at least so surely.
ONE_AGREEMENT = 0.6
# Cliques can be many in a graph made to have many; no document names more partners or states more agreements than this.
MOST_PARTIES = 200
MOST_AGREEMENTS = 500
EXCLUSIVE = ("独家", "獨家", "exclusive", "sole ")


def partnerships(a: Mentions) -> Iterator[Partnership]:
    """Yield the agreements of a document."""
    parties = a.having("partnership", "party")
    entities: list[NamedEntity] = []
    for i in parties:
        if a.entities[i] not in entities:
            entities.append(a.entities[i])
    del entities[MOST_PARTIES:]
    own = [[i for i in parties if a.entities[i] is entity] for entity in entities]
    linked = _partners(a, own)
    for clique in maximal_cliques(linked):
        # Of each party, the mentions that stand in this agreement: those linked to a mention of another party.
        mentions = {x: [i for i in own[x] if any(a.links[i, k] >= ONE_AGREEMENT for y in clique if y != x for k in own[y])] or own[x][:1] for x in clique}
        core = sorted(i for found in mentions.values() for i in found)
        order = sorted(clique, key=lambda x: (-int(linked[x].sum()), x))
        sides = [entities[x].at(*(a.mention(i) for i in mentions[x])) for x in order]
        beside: list[int] = []
        if len(sides) < 2:
            partner = a.organisation_beside(core[0], [])
            if partner is None:
                continue
            beside = [partner]
            sides.insert(0, a.entities[partner].at(a.mention(partner)))
        meta = a.meta("partnership", core, beside)
        exclusive = any(word in sentence.text.lower() for sentence in meta["evidence"] for word in EXCLUSIVE)
        yield Partnership(
            parties=tuple(sides),
            kind=cast(PartnershipKind, a.attribute(core, "partnership.kind")),
            scope=a.phrase(a.linked(core, a.having("partnership", "scope"), to_all=True)),
            exclusive=True if exclusive else None,
            date=a.date(a.linked(core, a.having("partnership", "date"), to_all=True)),
            **meta,
        )


def _partners(a: Mentions, own: Sequence[Sequence[int]]) -> npt.NDArray[np.bool_]:
    """Tell which parties have an agreement, shape (parties, parties), given each party's mentions.

    Those that are linked have one, unless only over a line break while both have partners in their own lines: the items of a round-up are separate.
    A party without any takes its best: it is tagged because it has a partner, so that even a weak link says who that is.
    """
    n = len(own)
    best, in_line = np.zeros((n, n)), np.zeros((n, n))
    for x in range(n):
        for y in range(x):
            links = a.links[np.ix_(own[x], own[y])]
            best[x, y] = best[y, x] = links.max()
            in_line[x, y] = in_line[y, x] = (links * [[a.line(i) == a.line(k) for k in own[y]] for i in own[x]]).max()
    settled = np.asarray((in_line >= ONE_AGREEMENT).any(axis=1))
    linked = np.asarray((best >= ONE_AGREEMENT) & ((in_line >= ONE_AGREEMENT) | ~(settled[:, None] & settled[None, :])))
    for alone in np.flatnonzero(~linked.any(axis=1)).tolist():
        partner = int(best[alone].argmax())
        if best[alone, partner] >= NEEDED:
            linked[alone, partner] = linked[partner, alone] = True
    return linked


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
