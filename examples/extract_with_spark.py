"""Extract records with Spark: `spark-submit examples/extract_with_spark.py documents.parquet records`, the last being a folder.

Needs Java 17 or later, and `pip install "healthevents[spark]"` on every node.
"""

import sys
from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from healthevents.engines import extract_table, extracted_schema


def extract_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Do what mapInArrow asks for: batches in, batches out."""
    for batch in batches:
        yield from extract_table(batch).to_batches()


def extract(documents: DataFrame) -> DataFrame:
    """Return the records of a data frame of documents."""
    return documents.mapInArrow(extract_batches, from_arrow_schema(extracted_schema()))


if __name__ == "__main__":
    spark = SparkSession.builder.appName("healthevents").config("spark.sql.execution.arrow.maxRecordsPerBatch", 64).getOrCreate()
    extract(spark.read.parquet(sys.argv[1])).write.parquet(sys.argv[2])
    spark.stop()
