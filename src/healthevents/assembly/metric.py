"""Figures: a value or a change, with what it measures and of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from healthevents.assembly.mentions import NEEDED, Mentions
from healthevents.schema import Change, Mention, Metric, Phrase


def metrics(a: Mentions) -> Iterator[Metric]:
    """Yield the figures of a document."""
    names = a.having("metric", "name")
    values = _one_currency(a, a.having("metric", "value"))
    name_of = {i: found[0] for i in (*values, *a.having("metric", "change")) if (found := a.linked([i], names, NEEDED))}
    changes = _changes_of(a, values, name_of)
    said: tuple[Mention, Change] | None = None
    for anchor in sorted(name_of):
        if anchor in values:
            value, moved = a.figure(anchor, a.text(name_of[anchor])), changes.get(anchor, [])
        elif anchor in changes.get(anchor, []):
            value, moved = None, [anchor]
        else:
            continue  # a change that belongs to a value
        subjects = a.linked([anchor], a.having("metric", "subject"), NEEDED)
        subject = a.entities[subjects[0]] if subjects else None
        as_of = a.date(a.linked([anchor], a.having("metric", "as_of")), anchor)
        sentence = a.sentence(anchor)
        # "sales rose 11% and orders 6%": the second shares the direction of the first.
        parsed = tuple(a.changes(moved, as_of, said[1] if said and said[0] == sentence else None))
        if parsed:
            said = sentence, parsed[-1]
        if value is None and not parsed:
            continue
        yield Metric(
            subject=subject.at(a.mention(subjects[0])) if subject else None,
            name=Phrase(text=a.text(name_of[anchor]), mention=a.mention(name_of[anchor])),
            value=value,
            changes=parsed,
            as_of=as_of,
            **a.meta("metric", [anchor], [name_of[anchor], *subjects[:1]]),
        )


def _one_currency(a: Mentions, values: Sequence[int]) -> list[int]:
    """Leave out sums that repeat the one before them in another currency."""
    return [j for n, j in enumerate(values) if not n or not a.converted(values[n - 1], j)]


def _changes_of(a: Mentions, values: Sequence[int], name_of: Mapping[int, int]) -> dict[int, list[int]]:
    """Return the changes of each value, and of each change that stands alone itself.

    A change belongs to the value that it is linked to, or else to the best one of the same name.
    """
    changes: dict[int, list[int]] = {}
    for i in a.having("metric", "change"):
        owners = a.linked([i], values) or a.linked([i], [v for v in values if i in name_of and name_of.get(v) == name_of[i]], 0.0)
        changes.setdefault(owners[0] if owners else i, []).append(i)
    return changes
