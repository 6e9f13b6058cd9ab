"""Extract records of documents that a DuckDB query finds: `python examples/extract_with_duckdb.py news.duckdb "SELECT id, text FROM articles"`.

The records go into the table `records` of the same database. Needs `pip install "healthevents[duckdb]"`.
"""

import sys

import duckdb

from healthevents.engines import extract_table, extracted_schema


def extract(database: duckdb.DuckDBPyConnection, documents: str, table: str = "records") -> None:
    """Add the records of the documents that a query finds to a table, in one transaction and a batch at a time."""
    batches = database.cursor().sql(documents).to_arrow_reader(256)
    empty = extracted_schema().empty_table()  # noqa: F841  DuckDB finds it by its name
    database.execute("BEGIN")
    database.execute(f"CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM empty")
    for batch in batches:
        database.from_arrow(extract_table(batch)).insert_into(table)
    database.execute("COMMIT")


if __name__ == "__main__":
    with duckdb.connect(sys.argv[1]) as connection:
        extract(connection, sys.argv[2])
