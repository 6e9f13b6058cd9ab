"""Extract records on a Ray cluster: `python examples/extract_with_ray.py documents.parquet records`, the last being a folder.

Needs `pip install "healthevents[ray]"` on every node. Connects to the cluster that RAY_ADDRESS names, or starts one on this machine.
"""

import sys

import ray

import healthevents


def extract(documents: str, records: str) -> None:
    """Read Parquet files of documents and write Parquet files of their records."""
    ray.data.DataContext.get_current().execution_options.preserve_order = True
    found = ray.data.read_parquet(documents).map_batches(healthevents.extract_table, batch_format="pyarrow", batch_size=64)
    found.write_parquet(records)


if __name__ == "__main__":
    extract(*sys.argv[1:3])
