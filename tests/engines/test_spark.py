"""A real Spark session on this machine, with two workers."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healthevents.arrow import records_to_table, table_to_records
from healthevents.engines import _loaded, extract_table, extracted_schema
from healthevents.outputs import convert
from healthevents.outputs.csv import csv_columns
from tests.test_outputs import EXTRACTED, RECORDS, RUN, read_csv, spool

pa = pytest.importorskip("pyarrow")
pytest.importorskip("pyspark")
pytestmark = [pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"), pytest.mark.usefixtures("spark")]


def java_version() -> int | None:
    """Return the number of the Java that Spark would start, or None."""
    java = shutil.which("java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else None


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if (java_version() or 0) < 17:
        pytest.skip("Spark needs Java 17 or later on the PATH")
    from pyspark.sql import SparkSession

    patch = pytest.MonkeyPatch()
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "4",
    }
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
    patch.undo()


def test_spark_finds_what_one_process_finds(spark: Any, documents: Any, expected: list[dict[str, Any]], tmp_path: Path) -> None:
    from examples.extract_with_spark import extract

    frame = spark.createDataFrame(documents).repartitionByRange(2, "id")
    found = extract(frame).toArrow().cast(extracted_schema()).to_pylist()
    order = {row["doc_id"]: n for n, row in reversed(list(enumerate(expected)))}
    assert sorted(found, key=lambda row: order[row["doc_id"]]) == expected


def test_a_worker_loads_the_model_once(spark: Any, documents: Any) -> None:
    def count(batches: Any) -> Any:
        import os

        for batch in batches:
            extract_table(batch)
            yield pa.RecordBatch.from_pydict({"pid": [os.getpid()], "loaded": [_loaded.cache_info().misses]})

    rows = spark.createDataFrame(documents).repartition(2).mapInArrow(count, "pid long, loaded long").collect()
    assert len(rows) >= 4
    assert {row.loaded for row in rows} == {1}
    assert len({row.pid for row in rows}) <= 2


def test_spark_reads_the_outputs(spark: Any, tmp_path: Path) -> None:
    run = spool(tmp_path, EXTRACTED)
    convert(*run, tmp_path / "events.parquet", RUN)
    back = spark.read.parquet(str(tmp_path / "events.parquet")).toArrow()
    assert table_to_records(back) == table_to_records(records_to_table(RECORDS))
    convert(*run, tmp_path / "events.csv", RUN)
    options = {"header": True, "multiLine": True, "escape": '"', "nullValue": "", "ignoreLeadingWhiteSpace": False, "ignoreTrailingWhiteSpace": False}
    rows = spark.read.options(**options).csv(str(tmp_path / "events.csv")).collect()
    # Spark turns the line ends within cells into line feeds.
    expected = [{name: re.sub("\r\n?", "\n", cell) for name, cell in row.items()} for row in read_csv(tmp_path / "events.csv")]
    assert [{name: re.sub("\r\n?", "\n", row[name] or "") for name in csv_columns()} for row in rows] == expected
