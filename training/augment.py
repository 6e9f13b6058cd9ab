"""Training-time substitution: the same sentences with other names and other figures, so that the model learns the wording and not the names.

Names of organisations and products are exchanged for names of the same script and kind, from the training documents and, where it is present,
from public labelled text; short forms follow their full form. Digits of sums and figures are drawn anew.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from healthevents.anaphora import is_anaphor
from healthevents.annotations import AnnotatedDocument
from training.data import GoldSpan, gold_spans

HAN = re.compile(r"[\u3400-\u9fff]")
FIGURES = {"amount", "value", "valuation", "change", "stake"}
NAMED = {"organisation", "product"}

Kind = tuple[bool, str, bool]  # written in Han, entity kind, gives money


@dataclass
class Names:
    """Names to draw from, by kind."""

    by_kind: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, documents: Iterable[AnnotatedDocument], public: Path | None = None) -> Names:
        """Collect the names of the documents' entities, and of `public`, a folder with FewFC and CORE, where given."""
        names = cls()
        for document in documents:
            for kind, full in {(_kind(span), name) for span in gold_spans(document) for name in span.entities if _kind(span)[1] in NAMED}:
                names.by_kind[_with_script(kind, full)].append(full)
        if public is not None:
            for name in sorted(public_organisations(public)):
                names.by_kind[bool(HAN.search(name)), "organisation", False].append(name)
        return names


def public_organisations(folder: Path) -> set[str]:
    """Return the organisation names that FewFC (CC BY-SA 4.0) and CORE (CC BY 4.0) label: facts of the world, their sentences stay there."""
    found: set[str] = set()
    for path in folder.glob("fewfc/train_*.json"):
        for line in path.read_text(encoding="utf-8").splitlines():
            for event in json.loads(line).get("events", []):
                found.update(m["word"] for m in event["mentions"] if m["role"] in ("sub-org", "obj-org"))
    path = folder / "core" / "train.json"
    if path.is_file():
        for item in json.loads(path.read_text(encoding="utf-8")):
            found.update((item["e1_name"], item["e2_name"]))
    return {name.strip() for name in found if 2 <= len(name.strip()) <= 24 and "\n" not in name}


def _kind(span: GoldSpan) -> Kind:
    kinds = span.attributes.get("entity.kind", set())
    return False, next(iter(kinds)) if len(kinds) == 1 else "", span.role == "investor"


def _with_script(kind: Kind, name: str) -> Kind:
    return bool(HAN.search(name)), kind[1], kind[2]


def short_form(full: str, short: str, new: str) -> str | None:
    """Return what stands in `new` where `short` stands in `full`: its first characters (Chinese) or words; None where that is unclear."""
    if not full.startswith(short):
        return None
    if HAN.search(full):
        return new[: max(2, len(short))]
    words = new.split()
    return " ".join(words[: max(1, len(short.split()))])


def substitutions(spans: Sequence[GoldSpan], text: str, names: Names, rng: random.Random, share: float) -> dict[str, str]:
    """Draw new names for a share of a document's entities: old spelling to new."""
    spellings: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, Kind] = {}
    for span in spans:
        if len(span.entities) == 1 and _kind(span)[1] in NAMED:
            full = next(iter(span.entities))
            kinds[full] = _with_script(_kind(span), full)
            written = text[span.start : span.end]
            if not is_anaphor(written):
                spellings[full].add(written)
    drawn: dict[str, str] = {}
    for full, kind in sorted(kinds.items()):
        pool = names.by_kind.get(kind, [])
        if not pool or rng.random() > share or is_anaphor(full):
            continue
        new = rng.choice(pool)
        drawn[full] = new
        for short in spellings[full] - {full}:
            other = short_form(full, short, new)
            if other:
                drawn[short] = other
    return drawn


def rewrite(text: str, spans: Sequence[GoldSpan], edits: Iterable[tuple[int, int, str]]) -> tuple[str, list[GoldSpan]]:
    """Apply non-overlapping edits `(start, end, new text)` and move the spans along.

    An edit that would cut a span's edge in two is passed over.
    """
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})
    parts: list[str] = []
    moved: list[tuple[int, int]] = []  # (old position from which on, shift)
    at = shift = 0
    for start, end, new in sorted(edits):
        if start < at or any(start < edge < end for edge in edges):
            continue
        parts += [text[at:start], new]
        shift += len(new) - (end - start)
        moved.append((end, shift))
        at = end
    parts.append(text[at:])

    def place(position: int) -> int:
        return position + max(((old, by) for old, by in moved if old <= position), default=(0, 0))[1]

    return "".join(parts), [replace(span, start=place(span.start), end=place(span.end)) for span in spans]


def _name_edits(text: str, drawn: dict[str, str]) -> list[tuple[int, int, str]]:
    if not drawn:
        return []
    longest_first = sorted(drawn, key=len, reverse=True)
    pattern = "|".join(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])" if not HAN.search(name) else re.escape(name) for name in longest_first)
    return [(match.start(), match.end(), drawn[match[0]]) for match in re.finditer(pattern, text)]


def _figure_edits(text: str, spans: Sequence[GoldSpan], rng: random.Random) -> list[tuple[int, int, str]]:
    edits = []
    for start, end in sorted({(span.start, span.end) for span in spans if span.role in FIGURES}):
        for match in re.finditer(r"\d+", text[start:end]):
            digits = match[0]
            new = str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in digits[1:])
            edits.append((start + match.start(), start + match.end(), new if digits[0] != "0" else digits))
    return edits


def augment(text: str, spans: Sequence[GoldSpan], names: Names, rng: random.Random, share: float) -> tuple[str, list[GoldSpan]]:
    """Return the text with other names and figures, and its spans in their new places.

    Args:
        text: the document's text.
        spans: its gold spans.
        names: names to draw from.
        rng: the source of chance; the same state gives the same text.
        share: share of the entities that are renamed.
    """
    text, moved = rewrite(text, spans, _figure_edits(text, spans, rng))
    return rewrite(text, moved, _name_edits(text, substitutions(moved, text, names, rng, share)))
