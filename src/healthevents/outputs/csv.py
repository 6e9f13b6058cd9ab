"""Write a run as CSV: one row a record, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from healthevents.arrow import RECORD_MODELS
from healthevents.outputs.flat import COMMON, OF_DOCUMENT, flat_columns, value_at
from healthevents.outputs.run import Extracted
from healthevents.writing import aside

CSV_SEPARATOR = "; "
# What a spreadsheet takes for a formula, in half and full width, or skips on the way to one; also where an apostrophe of the text goes before it.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def csv_columns() -> list[str]:
    """Return the columns of a CSV output."""
    columns = [column for model in RECORD_MODELS for column in flat_columns(model)]
    columns.sort(key=lambda column: column.path[0] in ("evidence", "round_mention", "sources"))
    return list(dict.fromkeys([*COMMON, *OF_DOCUMENT, *(column.name for column in columns)]))


def write_csv(found: Iterable[Extracted], out: Path) -> None:
    """Write all records with the columns of `csv_columns()`; where a field holds several values, they stand in one cell."""
    columns = csv_columns()
    flat = {model.model_fields["type"].default: flat_columns(model) for model in RECORD_MODELS}
    # Excel takes a file for UTF-8 only where it begins with a byte order mark; the readers of pandas, DuckDB and Spark skip it.
    with aside(out) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for document, records in found:
            for record in records:
                row = {name: record[name] for name in COMMON} | {name: document[name] for name in OF_DOCUMENT}
                row |= {column.name: _joined(value_at(record, column)) for column in flat[record["type"]]}
                writer.writerow({name: csv_cell(value) for name, value in row.items()})


def _joined(value: Any) -> Any:
    return CSV_SEPARATOR.join(_plain(item) for item in value) if isinstance(value, list) else value


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def csv_cell(value: Any) -> str:
    """Write a value as a cell that no spreadsheet takes for a formula: text that could be one gets an apostrophe before it. Numbers stay numbers.

    >>> [csv_cell(cell) for cell in ("=1+1", "-5.5", "-5+5", True, None)]
    ["'=1+1", '-5.5', "'-5+5", 'true', '']
    """
    text = _plain(value).replace("\0", "\ufffd")  # readers written in C take a null character for the end
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def csv_text(cell: str) -> str:
    """Return the text that `csv_cell` wrote as this cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
