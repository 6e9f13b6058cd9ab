"""One row a record, without nesting: the columns of CSV and of the views in a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import BaseModel

from healthevents.arrow import Slot, slots
from healthevents.schema import Filler, Mention


class Column(NamedTuple):
    """A column of a row without nesting: where its value stands in a record on the wire, and of what type it is."""

    name: str
    path: tuple[str, ...]  # a field of the record, then one of the field's struct
    many: bool
    type: type


# The field of a struct that says what it is; its column has the field's own name.
_MAIN = ("name", "text", "value")
COMMON = ("type", "id", "doc_id", "status", "confidence")
OF_DOCUMENT = ("title", "published", "source", "lang")


@lru_cache
def flat_columns(model: type[BaseModel]) -> tuple[Column, ...]:
    """Return the columns of a record type beyond the common ones: the parts of every value, and the words of the text that state it."""
    columns: list[Column] = []
    for name, slot in slots(model).items():
        if name in COMMON or name.endswith("mentions"):
            continue
        if issubclass(slot.types[0], Mention):
            columns.append(Column(f"{name.removesuffix('_mention')}{'' if slot.many else '_text'}", (name, "text"), slot.many, str))
        elif issubclass(slot.types[0], Filler):
            columns += _parts(name, slot)
        elif issubclass(slot.types[0], BaseModel):  # the sources of a merged record: by their ids
            columns += [Column(f"{name}_{part}", (name, part), slot.many, str) for part in ("doc_id", "id")]
        else:
            columns.append(Column(name, (name,), slot.many, slot.types[0]))
    return tuple(columns)


def _parts(name: str, slot: Slot) -> list[Column]:
    parts = {part: inner.types[0] for model in slot.types for part, inner in slots(model).items() if part not in ("mention", "mentions")}
    main = next((part for part in _MAIN if part in parts and not (slot.many and part == "value")), None)
    columns = [Column(name if part == main else f"{name}_{part}", (name, part), slot.many, kind) for part, kind in parts.items()]
    if main not in ("name", "text"):
        columns.append(Column(f"{name}_text", (name, "mention", "text"), slot.many, str))
    return columns


def value_at(record: Mapping[str, Any], column: Column) -> Any:
    """Return what stands at the column's path; of each item where there are many."""
    first, *rest = column.path
    value = record.get(first)
    if column.many:
        return [_below(item, rest) for item in value or ()]
    return _below(value, rest)


def _below(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        value = None if value is None else value.get(step)
    return value
