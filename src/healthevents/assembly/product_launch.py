"""Launches: what happened to a product, each event once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from healthevents.assembly.mentions import LINKED, Mentions
from healthevents.schema import LaunchAction, ProductLaunch

# A date or version linked with a product at least so surely may begin a further event, unless it is linked with an earlier one's at least so.
SURE = 0.6
SAME_EVENT = 0.3


def launches(a: Mentions) -> Iterator[ProductLaunch]:
    """Yield the launches of a document."""
    groups: list[list[int]] = []
    for i in a.having("product_launch", "product"):
        for group in groups:
            if a.entities[group[0]] is a.entities[i] and a.link(group, i) >= LINKED:
                group.append(i)
                break
        else:
            groups.append([i])
    for group in groups:
        events = _events(a, group)
        for event in events:
            yield _launch(a, group, event, told_by=event if len(events) > 1 else [*group, *event])


def _events(a: Mentions, group: Sequence[int]) -> list[list[int]]:
    """Part the dates and versions of a product into those of its events: "launched in 2016, upgraded to 3.0 in 2018"; one empty event if there are none.

    One that is surely the product's and not linked with those before is another event; a less sure one only adds to an event.
    """
    events: list[list[int]] = []
    for i in a.linked(group, a.having("product_launch", "date", "version")):
        sure = a.surest(group, i) >= SURE
        best, where = max(((a.link(event, i), n) for n, event in enumerate(events)), default=(0.0, -1))
        if events and best >= (SAME_EVENT if sure else LINKED):
            events[where].append(i)
        elif sure or not events:
            events.append([i])
    return sorted(map(sorted, events)) or [[]]


def _launch(a: Mentions, group: list[int], event: list[int], told_by: list[int]) -> ProductLaunch:
    """Make the record of one event; `told_by` are the mentions at which what happened is read: of several events, their own dates and versions."""
    product = a.entities[group[0]]
    makers = a.linked(group, a.having("product_launch", "organisation"))
    maker = a.entities[makers[0]] if makers else None
    dates = [i for i in event if a.role(i) == "date"]
    return ProductLaunch(
        product=product.at(*(a.mention(i) for i in group)),
        organisation=maker.at(*a.entity_mentions(makers, maker)) if maker else None,
        action=cast(LaunchAction, a.attribute(told_by, "product_launch.action")),
        version=a.phrase([i for i in event if a.role(i) == "version"]),
        category=a.phrase(a.linked(group, a.having("product_launch", "category"))),
        date=a.date(dates),
        **a.meta("product_launch", [*group, *event], [*makers[:1], *dates[:1]], told_by=told_by),
    )
