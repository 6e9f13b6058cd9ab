"""Read back what runs wrote: records, a line each, and the publication dates of documents."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from healthevents.schema import AnyRecord, DocumentError, parse_record


def _objects(path: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each JSON object of a JSONL file with its place, for messages; blank lines are passed over."""
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else Path(path).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{'standard input' if str(path) == '-' else path}, line {number}"
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if not text.strip():
                    continue
                data = json.loads(text)
            except UnicodeDecodeError:
                raise DocumentError(f"{where}: is not UTF-8, as `healthevents extract` writes it") from None
            except (json.JSONDecodeError, RecursionError) as error:
                raise DocumentError(f"{where}: is not JSON: {error}") from None
            if not isinstance(data, dict):
                raise DocumentError(f"{where}: must be a JSON object, is {type(data).__name__}")
            yield where, data


def read_records(paths: Iterable[Path | str]) -> Iterator[AnyRecord]:
    """Yield the records of JSONL files in order, merged ones among them or not; `-` is standard input.

    Raises:
        DocumentError: a line is no valid record; names the file, the line, the record and the field, and says what is wrong.
        OSError: a file cannot be read.
    """
    for path in paths:
        for where, data in _objects(path):
            if "type" not in data:
                raise DocumentError(f"{where}: is no record, which has a type")
            try:
                yield parse_record(data)
            except DocumentError as error:
                raise DocumentError(f"{where}: {error}") from None


def read_published(paths: Iterable[Path | str]) -> dict[str, dt.date]:
    """Return the publication dates of documents by id, from JSONL files whose lines have `id` and `published`; documents without a date are left out.

    Raises:
        DocumentError: a line has no id or its date is none; names the file and the line.
        OSError: a file cannot be read.
    """
    dates: dict[str, dt.date] = {}
    for path in paths:
        for where, data in _objects(path):
            if "id" not in data:
                raise DocumentError(f"{where}: is no document, which has an id")
            if data.get("published"):
                try:
                    dates[str(data["id"])] = dt.date.fromisoformat(data["published"])
                except (TypeError, ValueError):
                    raise DocumentError(f"{where}: published: {data['published']!r} is no date, write YYYY-MM-DD") from None
    return dates
