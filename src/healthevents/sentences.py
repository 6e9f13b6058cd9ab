"""Sentences as spans of the text, for evidence."""

from __future__ import annotations

import re

from healthevents.schema import Document, Mention

# Ends a sentence: Chinese full stops wherever they stand, English ones before a blank, and every line break.
_END = re.compile(r"[。！？!?；]+[”’」』\"')）]*|\.[\"'”’)]*(?=\s)|\n+")
# Evidence is a quotation, not a page: a run-on text without full stops is cut this far from the mention.
_REACH = 400


def sentence_around(document: Document, mention: Mention) -> Mention:
    """Return the sentence that a mention stands in, as a mention without blanks at its edges."""
    source = document.part(mention.in_)
    low, high = max(0, mention.start - _REACH), min(len(source), mention.end + _REACH)
    start, end = low, high
    for match in _END.finditer(source, low, high):
        if match.end() <= mention.start:
            start = match.end()
        elif match.start() >= mention.end:
            end = match.end()
            break
    while source[start].isspace():
        start += 1
    while source[end - 1].isspace():
        end -= 1
    return Mention.of(source, start, end, mention.in_)
