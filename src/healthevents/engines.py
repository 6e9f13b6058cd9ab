"""Extraction inside other engines: a table of documents in, a table of records out.

Ray Data, Spark, Dask and DuckDB all hand Arrow tables to Python; `extract_table` is the one function that they call. Each worker process loads the
model once, at its first batch. `docs/engines.md` shows it in each engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from healthevents.arrow import REJECTED, records_schema, require_pyarrow, row_of
from healthevents.batch import extract_all
from healthevents.documents import Located, Rejected, settle
from healthevents.extraction import Extractor
from healthevents.schema import DocumentError

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 64
_LOADING = Lock()


@lru_cache(maxsize=1)
def extracted_schema() -> pa.Schema:
    """Return the columns of `extract_table`: those of a table of records, then `reason`, which only rows of the type "rejected" have.

    Raises:
        ModuleNotFoundError: pyarrow is not installed; the message says what to install.
    """
    pa = require_pyarrow()
    return records_schema().append(pa.field("reason", pa.string()))


def extract_table(documents: pa.Table | pa.RecordBatch, *, model: str | Path | None = None, threads: int = 1) -> pa.Table:
    """Return the records of a table of documents, in order, with the columns of `extracted_schema()`, also where there is none.

    A document that cannot be used or processed does not end the batch: it gets one row of the type "rejected", with its `doc_id` and the `reason`.
    Nothing is compared between documents, so the result does not depend on how they are cut into batches; that ids are unique is for the caller to see to.

    Args:
        documents: columns `id` (text or whole numbers) and `text`, and where known `title`, `published` (dates, times or text), `lang` and `source`.
        model: a model folder; the bundled model if None. Every process keeps the model that it used last.
        threads: threads of the model's runtime; one, as engines run a worker on each core.

    Raises:
        ValueError: the table has no column `id` or no column `text`.
        ModelError: the model folder lacks a file.
    """
    pa = require_pyarrow()
    names = {name.lower(): name for name in documents.schema.names}
    if missing := [name for name in ("id", "text") if name not in names]:
        raise ValueError(f"the documents have no column {' and no column '.join(missing)}, only {', '.join(documents.schema.names) or 'none'}")
    columns = {name: names[name] for name in ("id", "text", "title", "published", "lang", "source") if name in names}
    selected = documents.select(list(columns.values())).rename_columns(list(columns))
    batches = selected.to_batches(max_chunksize=_BATCH) if isinstance(selected, pa.Table) else [selected]
    found = (_settled(row) for batch in batches for row in _rows(batch))
    rows: list[dict[str, Any]] = []
    for item in extract_all(_extractor(model, threads), found):
        if isinstance(item, Rejected):
            rows.append({"type": REJECTED, "doc_id": item.id, "reason": item.reason})
        else:
            rows += [row_of(record.model_dump(mode="json")) for record in item[1]]
    return pa.Table.from_pylist(rows, schema=extracted_schema())


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:  # bytes that are no UTF-8 in a text column: find the rows
        for i in range(len(batch)):
            row: dict[str, Any] = {}
            for name in batch.schema.names:
                try:
                    row[name] = batch.column(name)[i].as_py()
                except UnicodeDecodeError as error:
                    row[name] = error
            yield row


def _settled(row: dict[str, Any]) -> Located | Rejected:
    doc_id = row["id"]
    try:
        if isinstance(doc_id, int):
            doc_id = str(doc_id)
        if not isinstance(doc_id, str) or not doc_id:
            raise DocumentError("it has no id: give every document an id of its own")
        for name, value in row.items():
            if isinstance(value, UnicodeDecodeError):
                raise DocumentError(f"{name}: its bytes are not UTF-8, as text in Arrow must be: decode it before")
        return Located(settle(doc_id, row), file="")
    except DocumentError as error:
        return Rejected(file="", id=doc_id if isinstance(doc_id, str) else None, reason=str(error))


def _extractor(model: str | Path | None, threads: int) -> Extractor:
    # Engines that run several threads in a process, as Dask may, share one extractor.
    with _LOADING:
        return _loaded(model, threads)


@lru_cache(maxsize=1)
def _loaded(model: str | Path | None, threads: int) -> Extractor:
    return Extractor(model, threads=threads)
