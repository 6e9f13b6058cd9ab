"""Annotated documents: reading them from JSONL, and the mentions that each record labels by role.

A line holds a document with a `records` list in the wire form, where `id`, `confidence`, `canonical` and
`evidence` may be left out, and optionally a `genre` and `clusters` (the mentions of one entity, the
fullest name first).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from healthevents.schema import (
    AnyRecord,
    Document,
    DocumentError,
    Filler,
    Funding,
    Mention,
    Metric,
    Partnership,
    ProductLaunch,
    Record,
    explain,
    parse_document,
    parse_record,
)

# The roles of each record type, in the order in which `role_mentions` yields them.
ROLES: dict[str, tuple[str, ...]] = {
    "funding": ("company", "investor", "amount", "round", "valuation", "stake", "use", "date"),
    "partnership": ("party", "scope", "date"),
    "product_launch": ("product", "organisation", "version", "category", "date"),
    "metric": ("subject", "name", "value", "change", "as_of"),
}

_CLUSTERS: TypeAdapter[tuple[tuple[Mention, ...], ...]] = TypeAdapter(tuple[tuple[Mention, ...], ...])


class AnnotatedDocument(Document):
    """A document with its gold records, the genre it was written in, and its clusters of coreferent mentions."""

    records: tuple[Record, ...] = ()
    genre: str | None = None
    clusters: tuple[tuple[Mention, ...], ...] = ()


def _role_fillers(record: AnyRecord) -> tuple[tuple[str, Filler | None], ...]:
    match record:
        case Funding():
            return (
                ("company", record.company),
                *(("investor", investor) for investor in record.investors),
                ("amount", record.amount),
                ("round", None),
                ("valuation", record.valuation),
                ("stake", record.stake),
                ("use", record.use),
                ("date", record.date),
            )
        case Partnership():
            return (*(("party", party) for party in record.parties), ("scope", record.scope), ("date", record.date))
        case ProductLaunch():
            return (
                ("product", record.product),
                ("organisation", record.organisation),
                ("version", record.version),
                ("category", record.category),
                ("date", record.date),
            )
        case Metric():
            return (
                ("subject", record.subject),
                ("name", record.name),
                ("value", record.value),
                *(("change", change) for change in record.changes),
                ("as_of", record.as_of),
            )


def role_mentions(record: AnyRecord) -> Iterator[tuple[str, Mention]]:
    """Yield every mention of every filler of a record with its role, roles in the order of `ROLES`."""
    for role, filler in _role_fillers(record):
        if filler is not None:
            for mention in filler.all_mentions():
                yield role, mention
        elif role == "round" and isinstance(record, Funding) and record.round_mention is not None:
            for mention in record.round_mentions or (record.round_mention,):
                yield role, mention


def role_spans(records: Iterable[AnyRecord], type: str, where: Literal["text", "title"] = "text") -> list[tuple[int, int, str]]:
    """Return the spans `(start, end, role)` that one IOB2 sequence can hold for the records of one type, by position.

    Mentions of one type that overlap cannot both stand in a sequence: the longer (outer) one wins, of two of one
    length the earlier, of two roles of one span the one that `ROLES` names first.
    """
    order = ROLES[type]
    found = {(mention.start, mention.end, role) for record in records if record.type == type for role, mention in role_mentions(record) if mention.in_ == where}
    kept: list[tuple[int, int, str]] = []
    for start, end, role in sorted(found, key=lambda span: (span[0] - span[1], span[0], order.index(span[2]))):
        if all(end <= other[0] or other[1] <= start for other in kept):
            kept.append((start, end, role))
    return sorted(kept)


def parse_annotated(data: dict[str, Any], where: str = "document") -> AnnotatedDocument:
    """Validate an annotated document; records take the document's id and ids `DOC:0`, `DOC:1` … where they have none.

    Raises:
        DocumentError: names `where`, the document, the record and the field, and says what is wrong.
    """
    document = parse_document(data, where)
    raw_records = data.get("records", [])
    if not isinstance(raw_records, list) or not all(isinstance(record, dict) for record in raw_records):
        raise DocumentError(f"{where} (id {document.id!r}): records: must be a list of objects")
    records = []
    for index, raw in enumerate(raw_records):
        filled = {**raw, "doc_id": raw.get("doc_id") or document.id, "id": raw.get("id") or f"{document.id}:{index}"}
        try:
            records.append(parse_record(filled, document))
        except DocumentError as error:
            raise DocumentError(f"{where}: {error}") from None
    try:
        clusters = _CLUSTERS.validate_python(data.get("clusters") or (), context={"document": document})
    except ValidationError as error:
        raise DocumentError(explain(error, f"{where} (id {document.id!r}), clusters")) from None
    fields = {name: getattr(document, name) for name in Document.model_fields}
    return AnnotatedDocument(**fields, records=tuple(records), genre=data.get("genre"), clusters=clusters)


def read_annotations(path: Path | str, *, splits: Path | str | None = None, split: str | None = None) -> Iterator[AnnotatedDocument]:
    """Yield the annotated documents of a JSONL file, one at a time, every mention checked against its document.

    Args:
        path: the JSONL file, one document a line; blank lines are passed over.
        splits: a JSON file that maps each split's name to a list of document ids.
        split: the split to read. Documents of other splits are not validated, and nothing of them is yielded.

    Raises:
        DocumentError: a line is no JSON object or no valid annotated document (names file, line, document and
            field), or the splits file does not hold the split.
        ValueError: only one of `splits` and `split` is given.
        OSError: a file cannot be read.
    """
    if (splits is None) != (split is None):
        raise ValueError("pass splits and split together: the file and the name of the split to read")
    wanted: frozenset[str] | None = None
    if splits is not None:
        by_name = json.loads(Path(splits).read_text("utf-8"))
        if split not in by_name:
            raise DocumentError(f"{splits} holds no split {split!r}, only {', '.join(by_name)}")
        wanted = frozenset(by_name[split])
    with Path(path).open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                data = json.loads(line)
            except json.JSONDecodeError as error:
                raise DocumentError(f"{where}: not JSON: {error}") from None
            if not isinstance(data, dict):
                raise DocumentError(f"{where}: must be a JSON object, is {type(data).__name__}")
            if wanted is None or data.get("id") in wanted:
                yield parse_annotated(data, where)
