"""What a run leaves to be converted: its records and documents, line by line, and what is known of the run."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

# So many records or documents are turned into columns at a time.
BATCH = 1024


class OutputError(ValueError):
    """An output cannot be made; the message says why and what to do."""


class RunInfo(BaseModel):
    """What a database keeps of a run. Two runs of one id are the same run, done again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    started: dt.datetime
    version: str
    model: str
    arguments: tuple[str, ...] = ()


class Extracted(NamedTuple):
    """A document as its line has it, and its records on the wire."""

    document: dict[str, Any]
    records: list[dict[str, Any]]


def read_run(records: Path, documents: Path) -> Iterator[Extracted]:
    """Yield each document with its records; see `healthevents.outputs.convert` for the two files.

    Raises:
        OutputError: the two files do not belong together.
    """
    with records.open("rb") as record_lines, documents.open("rb") as document_lines:
        for line in document_lines:
            document = json.loads(line)
            found = [json.loads(record) for record in islice(record_lines, document["records"])]
            if len(found) != document["records"] or any(record["doc_id"] != document["id"] for record in found):
                raise OutputError(f"{records} does not hold the records that {documents} counts for document {document['id']!r}: run the extraction again")
            yield Extracted(document, found)
        if record_lines.readline():
            raise OutputError(f"{records} holds more records than {documents} counts: run the extraction again")


def chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield the items in lists of `size`, the last one shorter."""
    source = iter(items)
    return iter(lambda: list(islice(source, size)), [])
