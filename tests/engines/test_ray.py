"""A real Ray cluster on this machine, with two workers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from healthevents.engines import _loaded, extract_table, extracted_schema

ray = pytest.importorskip("ray")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(scope="module")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = pytest.MonkeyPatch()
    home.setenv("HOME", str(tmp_path_factory.mktemp("home")))  # Ray keeps its token there
    home.setenv("RAY_USAGE_STATS_ENABLED", "0")
    home.setenv("RAY_worker_niceness", "0")  # at Ray's own 15, other work on the machine keeps the workers from starting
    ray.init(address="local", num_cpus=2, include_dashboard=False, object_store_memory=100_000_000, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()
    home.undo()


@pytest.mark.usefixtures("_cluster")
def test_ray_finds_what_one_process_finds(documents: Any, expected: list[dict[str, Any]], tmp_path: Path) -> None:
    from examples.extract_with_ray import extract

    parquet.write_table(documents, tmp_path / "documents.parquet")
    extract(str(tmp_path / "documents.parquet"), str(tmp_path / "records"))
    back = parquet.read_table(tmp_path / "records").select(extracted_schema().names)
    assert back.cast(extracted_schema()).to_pylist() == expected


@pytest.mark.usefixtures("_cluster")
def test_a_worker_loads_the_model_once(documents: Any, expected: list[dict[str, Any]]) -> None:
    def count(batch: Any) -> Any:
        import os

        found = extract_table(batch)
        return pa.table({"pid": [os.getpid()], "loaded": [_loaded.cache_info().misses], "records": [len(found)]})

    batches = ray.data.from_arrow(documents).repartition(4).map_batches(count, batch_format="pyarrow", batch_size=2).take_all()
    assert len(batches) >= 8
    assert {batch["loaded"] for batch in batches} == {1}
    assert len({batch["pid"] for batch in batches}) <= 4
    assert sum(batch["records"] for batch in batches) == len(expected)
