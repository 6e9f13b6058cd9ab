"""A builder of hand-made taggings: what a perfect model would say of a sentence, written by hand."""

from collections.abc import Iterable, Mapping

import numpy as np

from healthevents.labels import ATTRIBUTES
from healthevents.schema import Document, Mention
from healthevents.tagging import TaggedMention, Tagging

SURE = 0.95
DEFAULTS = {"funding.lead": "unknown", "partnership.kind": "unspecified", "product_launch.action": "launched", "entity.kind": "organisation"}


def probabilities(attribute: str, value: str) -> np.ndarray:
    values = ATTRIBUTES[attribute]
    return np.array([SURE if v == value else (1 - SURE) / (len(values) - 1) for v in values], dtype=np.float32)


class Said:
    """A mention by its words: `Said("funding", "company", "甲科技")`; `nth` counts from 0 where the words occur several times."""

    def __init__(self, type: str, role: str, words: str, *, nth: int = 0, where: str = "text", score: float = 0.99, **attributes: str) -> None:
        self.type, self.role, self.words, self.nth, self.where, self.score = type, role, words, nth, where, score
        self.attributes = {name.replace("__", "."): value for name, value in attributes.items()}

    def place(self, document: Document) -> TaggedMention:
        source, start = document.part(self.where), -1  # type: ignore[arg-type]
        for _ in range(self.nth + 1):
            start = source.index(self.words, start + 1)
        values = {name: self.attributes.get(name, DEFAULTS.get(name, "done")) for name in ATTRIBUTES}
        return TaggedMention(
            self.type, self.role, Mention.of(source, start, start + len(self.words), self.where), self.score,  # type: ignore[arg-type]
            {name: probabilities(name, value) for name, value in values.items()},
        )  # fmt: skip


def tagging(
    document: Document, said: Mapping[str, Said], links: Iterable[str] = (), same: Iterable[str] = (), unsure: Mapping[str, float] | None = None
) -> Tagging:
    """Make a tagging of mentions by short names.

    Args:
        links: groups of names ("c a r"): mentions of one record; only mentions of one type are linked.
        same: groups of names that are one entity.
        unsure: pairs of names ("c a") with the probability of their link, over what `links` says.
    """
    placed = {name: item.place(document) for name, item in said.items()}
    names = sorted(placed, key=lambda name: (placed[name].mention.in_ == "text", placed[name].mention.start, placed[name].mention.end))
    index = {name: i for i, name in enumerate(names)}
    matrices = {}
    for key, groups in (("links", links), ("same", same)):
        matrix = np.full((len(names), len(names)), 0.01, dtype=np.float32)
        for group in groups:
            members = [index[name] for name in group.split()]
            for a in members:
                for b in members:
                    matrix[a, b] = SURE
        matrices[key] = matrix
    for pair, value in (unsure or {}).items():
        a, b = (index[name] for name in pair.split())
        matrices["links"][a, b] = matrices["links"][b, a] = value
    mentions = tuple(placed[name] for name in names)
    for a, first in enumerate(mentions):
        for b, second in enumerate(mentions):
            if first.type != second.type:
                matrices["links"][a, b] = 0
            if not (first.is_entity and second.is_entity):
                matrices["same"][a, b] = 0
    return Tagging(document, mentions, matrices["links"], matrices["same"])
