"""Figures: a value or a change, with what it measures and of whom."""

from __future__ import annotations

from collections.abc import Iterator

from healthevents.assembly.mentions import NEEDED, Mentions
from healthevents.schema import Metric, Phrase


def metrics(a: Mentions) -> Iterator[Metric]:
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
