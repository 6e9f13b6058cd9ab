"""Write a run's records as one Parquet file, nested and typed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from healthevents.arrow import records_schema, require_pyarrow, wire_to_batch
from healthevents.outputs.run import BATCH, Extracted, RunInfo, chunks
from healthevents.writing import aside

_ROW_GROUP = 16384


def write_parquet(found: Iterable[Extracted], out: Path, run: RunInfo) -> None:
    """Write all records with the columns of `records_schema()`; the file's metadata keeps the run as JSON."""
    pa = require_pyarrow()
    import pyarrow.parquet

    schema = records_schema().with_metadata({"healthevents.run": run.model_dump_json()})
    wire = (record for _, records in found for record in records)
    batches = map(wire_to_batch, chunks(wire, BATCH))
    with aside(out) as temporary, pyarrow.parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
        for group in chunks(batches, _ROW_GROUP // BATCH):
            writer.write_table(pa.Table.from_batches(group).cast(schema), row_group_size=_ROW_GROUP)
