"""Agreements: sets of parties that are all linked with one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from healthevents.assembly.mentions import LINKED, Mentions
from healthevents.coreference import NamedEntity
from healthevents.schema import Partnership, PartnershipKind

# Cliques can be many in a graph made to have many; no document names more partners or states more agreements than this.
MOST_PARTIES = 200
MOST_AGREEMENTS = 500
EXCLUSIVE = ("独家", "獨家", "exclusive", "sole ")


def partnerships(a: Mentions) -> Iterator[Partnership]:
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
