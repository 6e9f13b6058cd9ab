"""Extract records with Dask: `python examples/extract_with_dask.py documents.parquet records`, the last being a folder.

Needs `pip install "healthevents[dask]"`. Uses processes of this machine; with a `distributed.Client` open it uses that cluster.
"""

import sys

import dask
import dask.dataframe as dd
import pandas as pd
import pyarrow as pa

from healthevents.engines import extract_table, extracted_schema


def extract_frame(documents: pd.DataFrame) -> pd.DataFrame:
    """Do what map_partitions asks for: a data frame in, a data frame out, whose columns keep their Arrow types."""
    return extract_table(pa.Table.from_pandas(documents, preserve_index=False)).to_pandas(types_mapper=pd.ArrowDtype)


def extract(documents: dd.DataFrame) -> dd.DataFrame:
    """Return the records of a data frame of documents."""
    return documents.map_partitions(extract_frame, meta=extracted_schema().empty_table().to_pandas(types_mapper=pd.ArrowDtype))


if __name__ == "__main__":
    with dask.config.set(scheduler="processes"):
        extract(dd.read_parquet(sys.argv[1])).to_parquet(sys.argv[2], schema=extracted_schema())
