"""Launches: what happened to a product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from healthevents.assembly.mentions import LINKED, Mentions
from healthevents.schema import LaunchAction, ProductLaunch


def launches(a: Mentions) -> Iterator[ProductLaunch]:
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
