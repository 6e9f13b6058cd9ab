"""Where sentences end, and sentences as spans of the text, for evidence."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache

from healthevents.schema import Document, Mention

# An English full stop before a blank that ends a sentence (a pattern): that of a title never does, that of a legal form or a single capital ("Acme Inc. said",
# "U.S. hospitals") not before a small letter or a bracket.
FULL_STOP = (
    r"\.(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bProf\.)(?<!\bvs\.)[\"'”’)]*(?=\s)"
    r"(?:(?<!\bInc\.)(?<!\bCorp\.)(?<!\bLtd\.)(?<!\bCo\.)(?<!\b[A-Z]\.)|(?=\s+[^a-z(\s]))"
)
# Ends a sentence: Chinese full stops wherever they stand, English ones, and every line break.
_END = re.compile(rf"[。！？!?；]+[”’」』\"')）]*|{FULL_STOP}|\n+")
# Evidence is a quotation, not a page: a run-on text without full stops is cut this far from the mention.
_REACH = 400


@lru_cache(maxsize=4)
def _ends(source: str) -> tuple[list[int], list[int]]:
    """Return where the ends of sentences of a text begin and end; its mentions ask in turn."""
    found = [match.span() for match in _END.finditer(source)]
    return [start for start, _ in found], [end for _, end in found]


def sentence_around(document: Document, mention: Mention) -> Mention:
    """Return the sentence that a mention stands in, as a mention without blanks at its edges."""
    source = document.part(mention.in_)
    starts, ends = _ends(source)
    before, after = bisect_right(ends, mention.start), bisect_left(starts, mention.end)
    start = max(ends[before - 1] if before else 0, mention.start - _REACH)
    end = min(ends[after] if after < len(ends) else len(source), mention.end + _REACH)
    while source[start].isspace():
        start += 1
    while source[end - 1].isspace():
        end -= 1
    return Mention.of(source, start, end, mention.in_)
