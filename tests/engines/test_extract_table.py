"""`extract_table` itself, and the engines that call it in this process: DuckDB, and Dask with its own processes."""

import datetime as dt
import threading
from typing import Any

import pytest

import healthevents
from examples.extract_with_duckdb import extract as extract_with_duckdb
from healthevents.engines import _loaded, extract_table, extracted_schema
from healthevents.extraction import Extractor
from healthevents.schema import Document
from tests.engines.conftest import rows

pa = pytest.importorskip("pyarrow")


def test_it_finds_what_the_extractor_finds(documents: Any, expected: list[dict[str, Any]]) -> None:
    usable = [Document(**{"lang": "zh" if row["id"] == "last" else None, **row}) for row in rows() if (row["text"] or "").strip()]
    completed = [healthevents.documents.complete(document) for document in usable]
    found = [record for _, records in Extractor(threads=1).stream(completed) for record in records]
    assert len(found) > 10
    assert healthevents.table_to_records(pa.Table.from_pylist(expected, schema=extracted_schema())) == found


def test_what_cannot_be_used_is_a_row_in_its_place(documents: Any, expected: list[dict[str, Any]]) -> None:
    rejected = [(row["doc_id"], row["reason"]) for row in expected if row["type"] == "rejected"]
    assert rejected == [("blank", "it has no text"), ("none", "it has no text")]
    order = [row["id"] for row in rows()]
    places = [order.index(row["doc_id"]) for row in expected]
    assert places == sorted(places)


@pytest.mark.parametrize("size", [1, 5])
def test_batches_do_not_matter(documents: Any, expected: list[dict[str, Any]], size: int) -> None:
    batches = [extract_table(batch) for batch in documents.to_batches(max_chunksize=size)]
    assert all(batch.schema == extracted_schema() for batch in batches)
    assert pa.concat_tables(batches).to_pylist() == expected


def test_no_documents_give_all_columns(documents: Any) -> None:
    assert extract_table(documents.slice(0, 0)).schema == extracted_schema()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": None, "text": "甲科技融资"}, "it has no id"),
        ({"id": "a", "text": "甲科技融资", "published": "soon"}, "published: 'soon' is no date"),
        ({"id": "a", "text": b"\xff\xfe\x00"}, "it cannot be used as a document: text:"),
    ],
)
def test_a_bad_document_says_why(row: dict[str, Any], reason: str) -> None:
    (found,) = extract_table(pa.Table.from_pylist([row])).to_pylist()
    assert found["type"] == "rejected"
    assert found["reason"].startswith(reason)


def test_bytes_that_are_no_text_do_not_end_the_batch() -> None:
    texts = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff\xff", b"fine"], pa.binary()).buffers())
    (found,) = extract_table(pa.table({"id": ["a", "b"], "text": texts})).to_pylist()
    assert (found["doc_id"], found["reason"]) == ("a", "text: its bytes are not UTF-8, as text in Arrow must be: decode it before")


def test_columns_of_other_types_and_names_are_taken() -> None:
    table = pa.table({"ID": [7], "Text": ["去年8月，甲科技完成3亿元B轮融资。"], "published": [dt.datetime(2021, 7, 12, 8)], "more": [1.5]})
    (found,) = extract_table(table).to_pylist()
    assert (found["doc_id"], found["type"]) == ("7", "funding")
    assert found["date"]["start"] == dt.date(2020, 8, 1)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="the documents have no column id, only text, body"):
        extract_table(pa.table({"text": ["x"], "body": ["y"]}))


def test_threads_share_one_model(documents: Any, expected: list[dict[str, Any]]) -> None:
    _loaded.cache_clear()
    found: list[Any] = [None] * 3

    def work(place: int) -> None:
        found[place] = extract_table(documents).to_pylist()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3
    assert _loaded.cache_info().misses == 1


def test_duckdb(documents: Any, expected: list[dict[str, Any]]) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as database:
        database.execute("CREATE TABLE articles AS SELECT * FROM documents")
        extract_with_duckdb(database, "SELECT * FROM articles")
        assert database.sql("FROM records").to_arrow_table().to_pylist() == expected
        assert database.sql("SELECT company.name, amount.value FROM records WHERE doc_id = 'last'").fetchall() == [("澄影医疗", 150000000)]


def test_dask(documents: Any, expected: list[dict[str, Any]]) -> None:
    dd = pytest.importorskip("dask.dataframe")
    import dask

    from examples.extract_with_dask import extract

    with dask.config.set(scheduler="processes", num_workers=2):
        found = extract(dd.from_pandas(documents.to_pandas(), npartitions=3)).compute()
    assert pa.Table.from_pandas(found, schema=extracted_schema(), preserve_index=False).to_pylist() == expected
