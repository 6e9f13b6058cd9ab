"""Write a run's records as CSV, Parquet or a DuckDB database, from the two JSON Lines files that the run leaves.

All three are made in a stream, in memory that does not grow with the run, and whole or not at all: CSV and Parquet are written aside and moved into
place, a database is written in one transaction. `docs/outputs.md` describes their columns.
"""

from __future__ import annotations

from pathlib import Path

from healthevents.arrow import require_pyarrow
from healthevents.outputs.csv import write_csv
from healthevents.outputs.database import check_database, write_database
from healthevents.outputs.parquet import write_parquet
from healthevents.outputs.run import OutputError, RunInfo, read_run

__all__ = ["CONVERTED", "OutputError", "RunInfo", "check", "convert"]

CONVERTED: frozenset[str] = frozenset({".csv", ".parquet", ".duckdb"})


def check(out: Path) -> None:
    """Make sure, before the work begins, that `convert` can write to `out` what it will be given. Leaves nothing behind.

    Raises:
        OutputError: a package is missing, or there is a database that cannot be added to.
    """
    suffix = out.suffix.lower()
    if suffix != ".csv":
        _require(suffix)
    if suffix == ".duckdb" and out.exists():
        check_database(out)


def convert(records: Path, documents: Path, out: Path, run: RunInfo) -> None:
    """Write the records and documents of a run to a .csv, .parquet or .duckdb file.

    Args:
        records: a record on the wire a line, those of a document together and in the documents' order.
        documents: a line a document: id, title, published, lang, source, characters, file, line, and the number of its records.
        out: where to; CSV and Parquet replace it, a database gets the run added, in place of an earlier run of the same id.
        run: the run that these are.

    Raises:
        OutputError: a package is missing, the database cannot be written or has other tables, or the two files do not belong together.
        OSError: the disk is full, the folder is missing, and so on. Whatever is raised, `out` is as it was.
    """
    check(out)
    found = read_run(records, documents)
    match out.suffix.lower():
        case ".csv":
            write_csv(found, out)
        case ".parquet":
            write_parquet(found, out, run)
        case ".duckdb":
            write_database(found, out, run)
        case suffix:
            raise OutputError(f"{out}: the kind of output {suffix!r} is not known; it can be {', '.join(sorted(CONVERTED))}")


def _require(suffix: str) -> None:
    package = "duckdb" if suffix == ".duckdb" else "pyarrow"
    try:
        if suffix == ".duckdb":
            import duckdb  # noqa: F401
        require_pyarrow()
    except ModuleNotFoundError as error:
        extra = "duckdb" if suffix == ".duckdb" else "parquet"
        raise OutputError(f"a {suffix} output needs {error.name or package}, which is not installed: pip install 'healthevents[{extra}]'") from None
