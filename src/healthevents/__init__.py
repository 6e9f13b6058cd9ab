"""Healthcare-industry news in Chinese or English in; typed, validated records out.

>>> import healthevents
>>> records = healthevents.extract("甲科技完成3亿元B轮融资，由乙资本领投。", published="2021-03-05")  # doctest: +SKIP

The names are loaded when they are first used, so that the import itself costs nothing and the model's runtime only those who extract.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from healthevents.arrow import records_to_table, table_to_records
    from healthevents.documents import Rejected, read_documents
    from healthevents.engines import extract_table
    from healthevents.extraction import Extractor, extract
    from healthevents.merging import merge
    from healthevents.schema import (
        Change,
        DateValue,
        Document,
        DocumentError,
        Entity,
        Funding,
        Investor,
        Mention,
        Metric,
        Money,
        Partnership,
        Phrase,
        ProductLaunch,
        Quantity,
        Record,
        record_schema,
    )

    __version__: str

__all__ = [
    "Change",
    "DateValue",
    "Document",
    "DocumentError",
    "Entity",
    "Extractor",
    "Funding",
    "Investor",
    "Mention",
    "Metric",
    "Money",
    "Partnership",
    "Phrase",
    "ProductLaunch",
    "Quantity",
    "Record",
    "Rejected",
    "extract",
    "extract_table",
    "merge",
    "read_documents",
    "record_schema",
    "records_to_table",
    "table_to_records",
]

_OTHER_MODULES = {
    "Extractor": "extraction",
    "extract": "extraction",
    "merge": "merging",
    "Rejected": "documents",
    "read_documents": "documents",
    "records_to_table": "arrow",
    "table_to_records": "arrow",
    "extract_table": "engines",
}


def __getattr__(name: str) -> Any:
    """Load a public name on its first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version(__name__)
    elif name in __all__:
        value = getattr(importlib.import_module(f"{__name__}.{_OTHER_MODULES.get(name, 'schema')}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__, "__version__"})
