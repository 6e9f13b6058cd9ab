"""Add a run to a DuckDB database: its records, mentions and documents, and views for reading them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from healthevents.arrow import RECORD_MODELS, records_schema, require_pyarrow, slots, wire_to_batch
from healthevents.outputs.flat import COMMON, OF_DOCUMENT, Column, flat_columns
from healthevents.outputs.run import BATCH, Extracted, OutputError, RunInfo, chunks
from healthevents.schema import Filler, Mention
from healthevents.writing import aside

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

TABLES = ("runs", "documents", "records", "mentions")
LATEST = "latest_documents"


def check_database(path: Path) -> None:
    """Make sure that a database is one, that nothing else has it open, and that its tables are ours or can be made; nothing in it changes.

    Raises:
        OutputError: it is not so; the message says which.
    """
    with _database(path, path) as database:
        database.begin()
        _prepare(database, path)
        database.rollback()


@contextlib.contextmanager
def _database(path: Path, shown: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database; what fails in DuckDB within the block becomes an OutputError that names the database `shown`."""
    import duckdb

    try:
        # A group of rows is written out as it fills, and these rows are wide: groups of the usual 122,880 would take half a gigabyte.
        with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as database:
            database.execute(f"ATTACH {_quoted(path)} AS run (TYPE duckdb, ROW_GROUP_SIZE 8192)")
            database.execute("USE run")
            yield database
    except duckdb.Error as error:
        raise OutputError(f"cannot write the database {shown}: {str(error).splitlines()[0]}") from error


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _tables() -> dict[str, pa.Schema]:
    """Return the columns of every table."""
    pa = require_pyarrow()
    of_document = {"published": pa.date32(), "characters": pa.int64(), "line": pa.int64(), "records": pa.int64()}
    mention = ("doc_id", "record_id", "type", "role", "position", "nearest", "quoted_doc_id", "part", "start_offset", "end_offset", "text")
    of_mention = {"position": pa.int64(), "nearest": pa.bool_(), "start_offset": pa.int64(), "end_offset": pa.int64()}
    run_id = pa.field("run_id", pa.string())
    names = ("doc_id", *OF_DOCUMENT, "characters", "file", "line", "records")
    return {
        "runs": pa.schema([run_id, ("started", pa.timestamp("us")), ("version", pa.string()), ("model", pa.string()), ("arguments", pa.list_(pa.string()))]),
        "documents": pa.schema([run_id, *((name, of_document.get(name, pa.string())) for name in names)]),
        "records": records_schema().insert(0, run_id),
        "mentions": pa.schema([run_id, *((name, of_mention.get(name, pa.string())) for name in mention)]),
    }


def _prepare(database: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Make the tables and views that are missing.

    Raises:
        OutputError: a table of one of our names has other columns.
    """
    for name, schema in _tables().items():
        _insert(database, f"CREATE TEMP TABLE expected_{name} AS SELECT * FROM batch", schema.empty_table())
        database.execute(f"CREATE TABLE IF NOT EXISTS {name} AS SELECT * FROM expected_{name}")
        layouts = [database.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall() for table in (name, f"expected_{name}")]
        database.execute(f"DROP TABLE expected_{name}")
        if layouts[0] != layouts[1]:
            raise OutputError(f"the table {name} of {out} has other columns than this version of healthevents writes: choose another file")
    for view in _views():
        database.execute(view)


def _insert(database: duckdb.DuckDBPyConnection, statement: str, batch: pa.Table) -> None:
    """Run a statement that reads `batch`, which DuckDB finds by its name here; one that is registered would be held until the transaction ends."""
    database.execute(statement)


def _views() -> Iterator[str]:
    """Return the statements that make the views: the newest run's documents, and the records of each type in them, without nesting."""
    yield f"""
        CREATE OR REPLACE VIEW {LATEST} AS SELECT documents.* FROM documents JOIN runs USING (run_id)
        QUALIFY row_number() OVER (PARTITION BY doc_id, file ORDER BY started DESC, run_id DESC) = 1
    """
    for model in RECORD_MODELS:
        record_type = model.model_fields["type"].default
        common = [f'records."{name}"' for name in COMMON[1:]] + [f'{LATEST}."{name}"' for name in OF_DOCUMENT]
        columns = [f'{_expression(column)} AS "{column.name}"' for column in flat_columns(model)]
        yield f"""
            CREATE OR REPLACE VIEW {record_type} AS SELECT {", ".join(["run_id", *common, *columns])}
            FROM records JOIN {LATEST} USING (run_id, doc_id) WHERE records.type = '{record_type}'
        """


def _expression(column: Column) -> str:
    first, *rest = column.path
    field = f'records."{first}"'
    if column.path[0] == "sources":
        return f"list_transform({field}, lambda x: x->>'$.{rest[0]}')"
    inner = "".join(f'."{step}"' for step in rest)
    return f"list_transform({field}, lambda x: x{inner})" if column.many else f"{field}{inner}"


def write_database(found: Iterable[Extracted], out: Path, run: RunInfo) -> None:
    """Add a run to a database, in place of an earlier one of the same id, in one transaction; make the database where there is none.

    Raises:
        OutputError: the database cannot be written, or its tables are not ours; it is as it was.
    """
    with contextlib.ExitStack() as stack:
        # One that is there gets a transaction; a new one is made aside, so that a run that is stopped leaves no empty database.
        path = out if out.exists() else stack.enter_context(aside(out))
        if path != out:
            stack.callback(path.with_name(f"{path.name}.wal").unlink, missing_ok=True)
        with _database(path, out) as database:
            database.begin()
            _prepare(database, out)
            for table in TABLES:
                database.execute(f"DELETE FROM {table} WHERE run_id = ?", [run.id])
            started = run.started.astimezone(dt.UTC).replace(tzinfo=None)
            database.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?)", [run.id, started, run.version, run.model, list(run.arguments)])
            for some in chunks(found, BATCH):
                _add(database, run, some)
            database.commit()
            database.execute("CHECKPOINT")


def _add(database: duckdb.DuckDBPyConnection, run: RunInfo, found: Sequence[Extracted]) -> None:
    pa, tables = require_pyarrow(), _tables()
    documents = [{**document, "run_id": run.id, "doc_id": document["id"], "published": _date(document["published"])} for document, _ in found]
    _insert(database, "INSERT INTO documents SELECT * FROM batch", pa.Table.from_pylist(documents, schema=tables["documents"]))
    for records in chunks(chain.from_iterable(records for _, records in found), BATCH):
        batch = pa.Table.from_batches([wire_to_batch(records)])
        _insert(database, "INSERT INTO records SELECT * FROM batch", batch.add_column(0, "run_id", pa.array([run.id] * len(batch), pa.string())))
        mentions = [{"run_id": run.id, **row} for record in records for row in mention_rows(record)]
        _insert(database, "INSERT INTO mentions SELECT * FROM batch", pa.Table.from_pylist(mentions, schema=tables["mentions"]))


def _date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def mention_rows(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each mention in a record on the wire: its role (the field that it fills), which of the field's values it states, and its place."""
    of_record = {"doc_id": record["doc_id"], "record_id": record["id"], "type": record["type"]}
    for role, stated in _stated(record):
        for position, mentions in enumerate(stated):
            for mention in mentions:
                yield {
                    **of_record, "role": role, "position": position, "nearest": mention is mentions[0],
                    "quoted_doc_id": mention.get("doc_id") or record["doc_id"], "part": mention["in"],
                    "start_offset": mention["start"], "end_offset": mention["end"], "text": mention["text"],
                }  # fmt: skip


def _stated(record: Mapping[str, Any]) -> Iterator[tuple[str, list[list[dict[str, Any]]]]]:
    """Yield each field with the mentions of each of its values, the nearest first."""
    model = next(model for model in RECORD_MODELS if model.model_fields["type"].default == record["type"])
    for name, slot in slots(model).items():
        found = record.get(name)
        values = [] if not found else found if slot.many else [found]
        if issubclass(slot.types[0], Filler):
            yield name, [value.get("mentions") or [value["mention"]] for value in values]
        elif slot.types[0] is Mention and not name.endswith("mentions"):
            # `round_mention` has the others beside it, in `round_mentions`.
            yield name.removesuffix("_mention"), [record.get(f"{name}s") or [mention] for mention in values]
