"""Lists in step: where a sentence names as many companies as sums, each sum goes to the company in its own place.

The model scores each pair alone, so in "A、B和C分别完成3000万元、1.1亿元和1500万美元融资" several sums may prefer one company while another goes
without. Where a sentence has as many mentions of one role as of another, they are paired one to one so that the links are best as a whole, as far as
the links allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

from healthevents.matching import assign
from healthevents.sentences import sentence_around
from healthevents.tagging import Tagging

# Roles that come in step, by record type.
PARALLEL: dict[str, tuple[tuple[str, str], ...]] = {
    "funding": (("company", "amount"), ("company", "round"), ("amount", "round")),
    "metric": (("name", "value"),),
}
# A pair is only made where the link is at least this probable; a lesser one says that these lists are not in step.
POSSIBLE = 0.1
# What equal rank in both lists is worth, in logits.
SAME_RANK = 0.5
# The probability that an assigned pair is raised to, and another pair of the two lists lowered to.
RAISED, LOWERED = 0.6, 0.4
_SCALE = 1000


def in_step(tagging: Tagging) -> npt.NDArray[np.float32]:
    """Return the links, those of lists in step raised for the pairs and lowered between them; same shape."""
    links = tagging.links.copy()
    mentions = tagging.mentions
    sentence = [(m.mention.in_, sentence_around(tagging.document, m.mention).start) for m in mentions]
    for record_type, pairs in PARALLEL.items():
        own = [i for i, m in enumerate(mentions) if m.type == record_type]
        for _, group in groupby(own, key=lambda i: sentence[i]):
            inside = list(group)
            for first, second in pairs:
                rows = [i for i in inside if mentions[i].role == first]
                columns = [i for i in inside if mentions[i].role == second]
                if len(rows) == len(columns) > 1:
                    _align(links, rows, columns)
    return links


def _align(links: npt.NDArray[np.float32], rows: Sequence[int], columns: Sequence[int]) -> None:
    block = links[np.ix_(rows, columns)].clip(1e-4, 1 - 1e-4)
    score = np.log(block / (1 - block)) + SAME_RANK * np.eye(len(rows))
    pairs = assign(((score - score.min()) * _SCALE).astype(np.int64))
    if min(block[r, c] for r, c in pairs) < POSSIBLE:
        return
    for r, i in enumerate(rows):
        for c, j in enumerate(columns):
            value = max(block[r, c], RAISED) if (r, c) in pairs else min(block[r, c], LOWERED)
            links[i, j] = links[j, i] = value
