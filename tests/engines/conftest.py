"""Small documents, and what a single process finds in them: the answer that every engine must give."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from healthevents.extraction import BUNDLED_MODEL

pa = pytest.importorskip("pyarrow")

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (BUNDLED_MODEL / "model.onnx").is_file():
        for item in items:
            if "engines" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="the bundled model (src/healthevents/model) is not here yet"))


def rows() -> list[dict[str, Any]]:
    """Paragraphs of the seed documents, and some that cannot be used."""
    texts = [text for path in sorted((ROOT / "seeds" / "documents").iterdir()) for text in path.read_text("utf-8").split("\n") if len(text) > 60][:14]
    found: list[dict[str, Any]] = [{"id": f"d{n}", "text": text, "published": dt.date(2021, 7, 12)} for n, text in enumerate(texts)]
    found.insert(3, {"id": "blank", "text": " "})
    found.insert(9, {"id": "none", "text": None})
    found.append({"id": "last", "text": "澄影医疗完成近1.5亿元B轮融资，远砾资本领投，海棠创投跟投。", "title": "融资"})
    return found


@pytest.fixture(scope="session")
def documents() -> Any:
    """The documents as a table."""
    types = [("id", pa.string()), ("text", pa.string()), ("title", pa.string()), ("published", pa.date32())]
    return pa.Table.from_pylist(rows(), schema=pa.schema(types))


@pytest.fixture(scope="session")
def expected(documents: Any) -> list[dict[str, Any]]:
    """What a single process finds."""
    from healthevents import extract_table

    found: list[dict[str, Any]] = extract_table(documents).to_pylist()
    return found
