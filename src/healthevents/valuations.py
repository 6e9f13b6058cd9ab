"""Sums raised and valuations: told apart by the words around them.

A valuation is stated with too few deals for the model to learn the role (one deal in thirteen), and then always in the same few words.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

# A cue reaches over at most this many characters, none of which ends a clause.
_REACH = 22


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = json.loads(resources.files("healthevents").joinpath("data/valuation_words.json").read_text("utf-8"))

    def either(key: str) -> str:
        return "|".join(map(re.escape, sorted(words[key], key=len, reverse=True)))

    before = rf"(?:{either('before')})(?:(?!{either('ends_their_reach')})[^，,。.!?！？;；\n]){{0,{_REACH}}}\Z"
    return re.compile(before, re.IGNORECASE), re.compile(either("after"), re.IGNORECASE)


def is_valuation(text: str, start: int, end: int, after: int = 0) -> bool:
    """Tell whether the amount `text[start:end]` is called a valuation by the words in front of it or behind it.

    Args:
        text: the document's text.
        start, end: the amount's span.
        after: where the amount before it ends: a cue in front of that one is not its own.

    >>> text = "raised $25m at a valuation of $110m"
    >>> is_valuation(text, 7, 11), is_valuation(text, 30, 35, after=11)
    (False, True)
    """
    before, behind = _patterns()
    return bool(before.search(text, max(after, start - 2 * _REACH), start) or behind.match(text, end))
