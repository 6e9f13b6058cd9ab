"""Records as Arrow tables, and back without loss.

One table holds records of all types: the columns that they share, then those of each type, null in the others' rows. The columns are made from the
models of `schema.py`, so a field that is added there is here at once. Names are those of the wire; values are typed:

- numbers are `decimal128(30, 9)`, which every engine reads as exact numbers and can still multiply. A number that does not fit (more than 21 digits
  before the point or 9 after it) is null there and stands as text in `exact` beside it ("low..high" for a range), so nothing is ever rounded;
- dates are `date32`, confidence is `float64`, offsets are `int64`;
- what can be there several times (investors, parties, changes, mentions) is a list of structs: empty where there is none, null in the rows of other types;
- a metric's `value` is one struct for money and quantities, and its `kind` says which;
- the sources of a merged record are records themselves, and stand as JSON on the wire.
"""

from __future__ import annotations

import datetime as dt
import json
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from healthevents.schema import AnyRecord, Funding, Metric, Partnership, ProductLaunch, format_decimal, parse_record

if TYPE_CHECKING:
    import pyarrow as pa

RECORD_MODELS: tuple[type[BaseModel], ...] = (Funding, Partnership, ProductLaunch, Metric)
# The type of rows that stand for a document which was set aside; see `healthevents.engines`.
REJECTED = "rejected"
DIGITS, PLACES = 30, 9
EXACT, KIND = "exact", "kind"
# Where in the text something stands comes after what it is.
_LAST = frozenset({"mention", "mentions", "round_mention", "round_mentions", "evidence"})
_BATCH = 4096


class Slot(NamedTuple):
    """What a field holds: whether many, and the types of what it holds (several for money or quantity)."""

    many: bool
    types: tuple[type, ...]


def slot_of(annotation: object) -> Slot:
    """Read a field's annotation; None, constraints and the words of a literal are left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return slot_of(get_args(annotation)[0])
    if origin is Literal:
        return Slot(False, (str,))
    if origin is tuple:
        return Slot(True, slot_of(get_args(annotation)[0]).types)
    if origin in (Union, types.UnionType):
        members = [slot_of(member) for member in get_args(annotation) if member is not type(None)]
        return Slot(members[0].many, tuple(kind for member in members for kind in member.types))
    if not isinstance(annotation, type):
        raise TypeError(f"{annotation} has no column type")
    return Slot(False, (annotation,))


@lru_cache
def slots(model: type[BaseModel]) -> Mapping[str, Slot]:
    """Return the fields of a model by their names on the wire, offsets last."""
    found = {info.alias or name: slot_of(info.annotation) for name, info in model.model_fields.items()}
    return dict(sorted(found.items(), key=lambda item: item[0] in _LAST))


def holds_records(slot: Slot) -> bool:
    """Say whether a field holds records, as that of a merged record does."""
    return slot.types[0] in RECORD_MODELS


@lru_cache
def _has_numbers(model: type[BaseModel]) -> bool:
    return any(slot.types == (Decimal,) for slot in slots(model).values())


# ---- the columns ----


@lru_cache
def records_schema() -> pa.Schema:
    """Return the columns of a table of records.

    Raises:
        ModuleNotFoundError: pyarrow is not installed; the message says what to install.
    """
    return require_pyarrow().schema(_columns(RECORD_MODELS))


def require_pyarrow() -> Any:
    """Import pyarrow.

    Raises:
        ModuleNotFoundError: it is not installed; the message says what to install.
    """
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("tables of records need pyarrow, which is not installed: pip install 'healthevents[parquet]'", name=error.name) from None
    return pyarrow


def _columns(models: Sequence[type[BaseModel]]) -> list[tuple[str, pa.DataType]]:
    """Return the fields of all models together, each name once."""
    columns: dict[str, Any] = {}
    for model in models:
        for name, slot in slots(model).items():
            column = _column_type(slot)
            if columns.setdefault(name, column) != column:
                raise TypeError(f"the field {name!r} is {columns[name]} in one model and {column} in {model.__name__}")
    return sorted(columns.items(), key=lambda item: item[0] in _LAST)


def _column_type(slot: Slot) -> pa.DataType:
    pa = require_pyarrow()
    scalars = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), dt.date: pa.date32(), Decimal: pa.decimal128(DIGITS, PLACES)}
    if slot.types[0] in scalars:
        column = scalars[slot.types[0]]
    elif holds_records(slot):
        column = pa.string()
    else:
        helpers = [(name, pa.string()) for name, needed in ((KIND, len(slot.types) > 1), (EXACT, any(map(_has_numbers, slot.types)))) if needed]
        column = pa.struct([*helpers, *_columns(slot.types)])
    return pa.list_(column) if slot.many else column


# ---- records to rows ----


def records_to_table(records: Iterable[AnyRecord]) -> pa.Table:
    """Return a table of records, in their order, with the columns of `records_schema()`; `table_to_records` is the way back.

    `records_to_table(records).to_pandas()` is a data frame.

    Raises:
        ModuleNotFoundError: pyarrow is not installed; the message says what to install.
    """
    pa = require_pyarrow()
    wire = (record.model_dump(mode="json") for record in records)
    batches = map(wire_to_batch, iter(lambda: list(islice(wire, _BATCH)), []))
    return pa.Table.from_batches(batches, schema=records_schema())


def wire_to_batch(wire: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """Return a batch of records given in their wire form.

    Raises:
        ValueError: a record has a type or a field that this version does not know.
    """
    return require_pyarrow().RecordBatch.from_pylist([row_of(record) for record in wire], schema=records_schema())


def row_of(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a record given in its wire form.

    Raises:
        ValueError: it has a type or a field that this version does not know.
    """
    model = _model_of_type(wire.get("type"))
    if model is None:
        raise ValueError(f"record {wire.get('id')!r} of document {wire.get('doc_id')!r} is of the unknown type {wire.get('type')!r}")
    return _row(wire, model)


def _model_of_type(record_type: object) -> type[BaseModel] | None:
    return next((model for model in RECORD_MODELS if model.model_fields["type"].default == record_type), None)


def _row(wire: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    known = slots(model)
    if unknown := wire.keys() - known:
        raise ValueError(f"{model.__name__} has no field {', '.join(sorted(unknown))} in this version")
    row: dict[str, Any] = {}
    for name, slot in known.items():
        value = wire.get(name)
        if slot.many:
            row[name] = [_cell(item, slot) for item in value or ()]
        else:
            row[name] = None if value is None else _cell(value, slot)
    if _has_numbers(model):
        _set_inexact_aside(row, model)
    return row


def _cell(value: Any, slot: Slot) -> Any:
    if slot.types[0] in _FROM_WIRE:
        return _FROM_WIRE[slot.types[0]](value)
    if holds_records(slot):
        return json.dumps(value, ensure_ascii=False)
    model = slot.types[0] if len(slot.types) == 1 else next(model for model in slot.types if value.keys() <= slots(model).keys())
    row = _row(value, model)
    return row if len(slot.types) == 1 else {KIND: model.__name__.lower(), **row}


def _as_is(value: Any) -> Any:
    return value


_FROM_WIRE: dict[type, Callable[[Any], Any]] = {str: _as_is, int: _as_is, float: float, bool: _as_is, dt.date: dt.date.fromisoformat, Decimal: Decimal}


def _set_inexact_aside(row: dict[str, Any], model: type[BaseModel]) -> None:
    numbers = {name: row[name] for name, slot in slots(model).items() if slot.types == (Decimal,) and row[name] is not None}
    fit = all(map(_fits, numbers.values()))
    row[EXACT] = None if fit else "..".join(map(format_decimal, numbers.values()))
    if not fit:
        row.update(dict.fromkeys(numbers))


def _fits(number: Decimal) -> bool:
    places = -int(number.as_tuple().exponent)
    return places <= PLACES and number.adjusted() < DIGITS - PLACES and not (number.is_signed() and not number)


# ---- and back ----


def table_to_records(table: pa.Table) -> list[AnyRecord]:
    """Return the records of a table made by `records_to_table`, also after a way through Parquet or an engine.

    Columns that are no field of a record are ignored, and so are rows of documents that were set aside (type "rejected").

    Raises:
        DocumentError: a row is no valid record; the message names it.
        ValueError: a row has an unknown type.
    """
    records = []
    for batch in table.to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            if row["type"] == REJECTED:
                continue
            model = _model_of_type(row["type"])
            if model is None:
                raise ValueError(f"row {row.get('id')!r} of document {row.get('doc_id')!r} is of the unknown type {row['type']!r}")
            records.append(parse_record(_wire(row, model)))
    return records


def _wire(row: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    for name, slot in slots(model).items():
        value = row[name]
        if slot.many:
            wire[name] = [_value(item, slot) for item in value or ()]
        else:
            wire[name] = None if value is None else _value(value, slot)
    if row.get(EXACT) is not None and _has_numbers(model):
        low, range_, high = row[EXACT].partition("..")
        wire.update({"low": low, "high": high} if range_ else {"value": low})
    return wire


def _value(value: Any, slot: Slot) -> Any:
    if slot.types[0] in _FROM_WIRE:
        return value
    if holds_records(slot):
        return json.loads(value)
    return _wire(value, slot.types[0] if len(slot.types) == 1 else next(model for model in slot.types if model.__name__.lower() == value[KIND]))
