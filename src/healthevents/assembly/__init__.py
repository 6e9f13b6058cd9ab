"""Assemble records from tagged mentions: one pass with named steps for each record type.

Each type has anchors: the mentions that make a record one record (an amount or a round, a product, a figure, a set of parties). Other mentions join the
anchor that the model links them to; an argument may serve several records ("respectively", one date for two deals). Records that state one fact twice
are merged, and keep all their mentions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from healthevents.assembly.facts import in_their_time, once
from healthevents.assembly.funding import fundings
from healthevents.assembly.mentions import Mentions
from healthevents.assembly.metric import metrics
from healthevents.assembly.partnership import partnerships
from healthevents.assembly.product_launch import launches
from healthevents.schema import AnyRecord
from healthevents.tagging import Tagging

STEPS: tuple[Callable[[Mentions], Iterator[AnyRecord]], ...] = (fundings, partnerships, launches, metrics)


def _position(record: AnyRecord) -> tuple[bool, int]:
    first = min(record.evidence, key=lambda m: (m.in_ == "text", m.start))
    anchor = {"funding": "company", "partnership": "parties", "product_launch": "product", "metric": "name"}[record.type]
    filler = getattr(record, anchor)
    mention = (filler[0] if isinstance(filler, tuple) else filler).mention
    return first.in_ == "text", mention.start


def assemble(tagging: Tagging) -> list[AnyRecord]:
    """Build the records that a document's mentions state, in text order, each fact once."""
    mentions = Mentions(tagging)
    stated = in_their_time((record for step in STEPS for record in step(mentions)), tagging.document)
    return sorted(once(stated, tagging.document), key=_position)
