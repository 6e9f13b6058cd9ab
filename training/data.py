"""Annotated documents as training windows: token ids, IOB2 labels, attribute labels and links between mentions.

A document is tokenized whole and cut into overlapping windows, so nothing is ever lost. Labels are laid on tokens by character span;
where two mentions of one head overlap, the longer wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from datasets import Dataset
from tokenizers import Tokenizer

from healthevents.annotations import ROLES, AnnotatedDocument, read_annotations, role_mentions
from healthevents.labels import ATTRIBUTES, CORE_ROLES, COREFERENCE, ENTITY_ROLES, TAGS
from healthevents.linking import LinkScorer
from healthevents.schema import AnyRecord, Entity, Funding, Investor, Partnership, ProductLaunch
from healthevents.tagging import strip_offsets

ANNOTATIONS = Path(__file__).parents[1] / "annotations"
HELD_OUT = 5  # of a single annotation file, every so manyth document is kept from training
IGNORED = -100  # the label that PyTorch's cross entropy passes over
LEAD = {None: "unknown", True: "lead", False: "participant"}


def load_split(split: str, *sources: Path) -> list[AnnotatedDocument]:
    """Read the documents of a split ("train", "dev", "test").

    Args:
        split: the split's name.
        sources: folders of annotation files with a `splits.json` that says which document is in which split, and single annotation files, of which every
            HELD_OUT-th document is in "dev" and the others in "train"; the project's annotations if there are none.

    Raises:
        DocumentError: a document is not valid, or the folder has no such split.
        ValueError: "test" is asked of a file, which has none.
    """
    return [document for source in sources or (ANNOTATIONS,) for document in (_of_file(source, split) if source.is_file() else _of_folder(source, split))]


def _of_folder(folder: Path, split: str) -> Iterator[AnnotatedDocument]:
    for path in sorted(folder.glob("*.jsonl")):
        yield from read_annotations(path, splits=folder / "splits.json", split=split)


def _of_file(path: Path, split: str) -> Iterator[AnnotatedDocument]:
    if split not in ("train", "dev"):
        raise ValueError(f"{path} has no split {split!r}: of a single file every {HELD_OUT}th document is in 'dev', the others in 'train'")
    for number, document in enumerate(read_annotations(path), 1):
        if (number % HELD_OUT == 0) == (split == "dev"):
            yield document


@dataclass
class GoldSpan:
    """A mention in a role of one record type, with everything that its records say of it."""

    start: int
    end: int
    type: str
    role: str
    records: set[int] = field(default_factory=set)
    entities: set[str] = field(default_factory=set)
    attributes: dict[str, set[str]] = field(default_factory=dict)

    def note(self, attribute: str, value: str) -> None:
        """Add what one record says of the mention."""
        self.attributes.setdefault(attribute, set()).add(value)


def _entities(record: AnyRecord) -> Iterator[tuple[str, Entity]]:
    if isinstance(record, Funding):
        yield "company", record.company
        yield from (("investor", investor) for investor in record.investors)
    elif isinstance(record, Partnership):
        yield from (("party", party) for party in record.parties)
    elif isinstance(record, ProductLaunch):
        yield "product", record.product
        if record.organisation is not None:
            yield "organisation", record.organisation
    elif record.subject is not None:
        yield "subject", record.subject


def gold_spans(document: AnnotatedDocument) -> list[GoldSpan]:
    """Collect the mentions in the document's text, one for each record type, role and span, in text order."""
    spans: dict[tuple[str, str, int, int], GoldSpan] = {}
    for number, record in enumerate(document.records):
        for role, mention in role_mentions(record):
            if mention.in_ != "text":
                continue
            key = (record.type, role, mention.start, mention.end)
            span = spans.setdefault(key, GoldSpan(mention.start, mention.end, record.type, role))
            span.records.add(number)
            if role in CORE_ROLES[record.type]:
                span.note(f"{record.type}.status", record.status)
                if isinstance(record, Partnership):
                    span.note("partnership.kind", record.kind)
                if isinstance(record, ProductLaunch):
                    span.note("product_launch.action", record.action)
        for role, entity in _entities(record):
            for mention in entity.all_mentions():
                if mention.in_ == "text":
                    span = spans[record.type, role, mention.start, mention.end]
                    span.entities.add(entity.name)
                    span.note("entity.kind", entity.kind)
                    if isinstance(entity, Investor):
                        span.note("funding.lead", LEAD[entity.lead])
    return sorted(spans.values(), key=lambda span: (span.start, span.end))


def one_sequence(gold: Sequence[GoldSpan]) -> list[GoldSpan]:
    """Return, in text order, the spans that the IOB2 sequences of the heads can hold, by the rule of `annotations.role_spans`."""
    kept: list[GoldSpan] = []
    for span in sorted(gold, key=lambda span: (span.start - span.end, span.start, ROLES[span.type].index(span.role))):
        if all(span.type != other.type or span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def encode_document(document: AnnotatedDocument, tokenizer: Tokenizer, places: LinkScorer | None = None) -> dict[str, Any]:
    """Tokenize a document and lay its gold on the tokens (see `encode`)."""
    return encode(document.id, document.text, gold_spans(document), tokenizer, places)


def encode(name: str, text: str, gold: Sequence[GoldSpan], tokenizer: Tokenizer, places: LinkScorer | None = None) -> dict[str, Any]:
    """Tokenize a text and lay its gold on the tokens.

    Args:
        name: the document's id.
        text: its text.
        gold: its mentions.
        tokenizer: the encoder's tokenizer.
        places: a link network: the links' loss then asks the model only for what places do not tell.

    Returns `input_ids` (tokens), `labels` (record type to one label id a token), `attributes` (attribute to one id a token, IGNORED
    elsewhere), `spans`, a list of (record type, role, first token, last token, record numbers, entity names), and `places` (record type to
    the tokens (first, last) of its mentions and what places say of each pair of them, in logits). A span that no token begins in (all its
    characters were normalised away) is left out.
    """
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets = strip_offsets(text, encoding.offsets).tolist()
    covered = [i for i, (start, end) in enumerate(offsets) if start < end]
    labels = {record_type: [0] * len(offsets) for record_type in ROLES}
    attributes = {name: [IGNORED] * len(offsets) for name in ATTRIBUTES}
    spans = []
    tokens: dict[tuple[int, int], tuple[int, int]] = {}

    def tokens_of(span: GoldSpan) -> list[int]:
        return [i for i in covered if offsets[i][0] < span.end and offsets[i][1] > span.start]

    for span in one_sequence(gold):
        if inside := tokens_of(span):
            begin = TAGS[span.type].index(f"B-{span.role}")
            labels[span.type][inside[0] : inside[-1] + 1] = [begin] + [begin + 1] * (inside[-1] - inside[0])
    # The longest last, so that its attributes overwrite those of one that begins at the same token.
    for span in sorted(gold, key=lambda span: span.end - span.start):
        inside = tokens_of(span)
        if not inside:
            continue
        first, last = inside[0], inside[-1]
        tokens[span.start, span.end] = first, last
        for attribute, values in span.attributes.items():
            if len(values) == 1:
                attributes[attribute][first] = ATTRIBUTES[attribute].index(next(iter(values)))
        spans.append((span.type, span.role, first, last, sorted(span.records), sorted(span.entities)))
    said = {record_type: _places(text, [s for s in gold if s.type == record_type], tokens, record_type, places) for record_type in ROLES} if places else {}
    return {"id": name, "input_ids": encoding.ids, "labels": labels, "attributes": attributes, "spans": spans, "offsets": offsets, "places": said}


def _places(
    text: str, spans: Sequence[GoldSpan], tokens: Mapping[tuple[int, int], tuple[int, int]], record_type: str, scorer: LinkScorer
) -> tuple[dict[tuple[int, int], int], npt.NDArray[np.float64]]:
    """Return the row of each pair of first and last token, and the logits of places, shape (mentions, mentions)."""
    ordered = sorted((s for s in spans if (s.start, s.end) in tokens), key=lambda s: (s.start, s.end, s.role))
    if not ordered:
        return {}, np.zeros((0, 0))
    return {tokens[s.start, s.end]: row for row, s in enumerate(ordered)}, scorer.logits(record_type, text, ordered)


def window_starts(length: int, size: int, stride: int) -> list[int]:
    """Return where windows of `size` tokens begin so that every token is in one; the last ends with the text."""
    if length <= size:
        return [0]
    starts = [0, *range(stride, max(length - size, 0), stride), length - size]
    return sorted(set(starts))


def cut_windows(encoded: dict[str, Any], size: int, stride: int) -> Iterator[dict[str, Any]]:
    """Cut an encoded document into windows of at most `size` tokens (without the two special tokens).

    A window holds `input_ids`, flat `labels` and `attributes` by head name, and `links`: for each record type and for coreference, the
    mentions wholly inside as (first token, last token, group ids), where two mentions are linked if they share a group. `places` holds, for each
    record type, the logits of places of all pairs of these mentions, row by row; it is empty where the document was encoded without a link network.
    """
    groups: dict[str, int] = {}
    for start in window_starts(len(encoded["input_ids"]), size, stride):
        end = start + size
        links: dict[str, dict[tuple[int, int], set[int]]] = {name: {} for name in (*ROLES, COREFERENCE)}
        for record_type, role, first, last, records, entities in encoded["spans"]:
            if start <= first and last < end:
                at = (first - start, last - start)
                links[record_type].setdefault(at, set()).update(records)
                if role in ENTITY_ROLES[record_type]:
                    links[COREFERENCE].setdefault(at, set()).update(groups.setdefault(name, len(groups)) for name in entities)
        yield {
            "id": encoded["id"],
            "start": start,
            "input_ids": encoded["input_ids"][start:end],
            **{f"labels.{name}": values[start:end] for name, values in encoded["labels"].items()},
            **{f"attributes.{name}": values[start:end] for name, values in encoded["attributes"].items()},
            **{f"links.{name}": [[first, last, *sorted(ids)] for (first, last), ids in sorted(found.items())] for name, found in links.items()},
            **{f"places.{name}": _window_places(encoded["places"].get(name), sorted(links[name]), start) for name in ROLES},
        }


def _window_places(places: tuple[dict[tuple[int, int], int], npt.NDArray[np.float64]] | None, mentions: Sequence[tuple[int, int]], start: int) -> list[float]:
    if places is None or not mentions:
        return []
    rows, logits = places
    own = [rows[first + start, last + start] for first, last in mentions]
    flat: list[float] = logits[np.ix_(own, own)].ravel().tolist()
    return flat


def windows(documents: Sequence[AnnotatedDocument], tokenizer: Tokenizer, size: int, stride: int) -> Dataset:
    """Return all windows of the documents as a `datasets.Dataset`, in document order."""
    encoded = (encode_document(document, tokenizer) for document in documents)
    return Dataset.from_list([window for item in encoded for window in cut_windows(item, size, stride)])
