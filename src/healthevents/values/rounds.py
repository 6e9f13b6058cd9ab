"""Rounds of funding and kinds of deal."""

from __future__ import annotations

import re
from functools import lru_cache

from healthevents.values.amounts import load_data
from healthevents.values.folding import fold

_TABLE = load_data("rounds.json")


def _kind_pattern(words: list[str]) -> str:
    return "|".join(rf"(?<![a-z]){word}" if word[0].isascii() else word for word in words)


_KINDS = tuple((kind, re.compile(_kind_pattern(words), re.IGNORECASE)) for kind, words in _TABLE["kinds"])
_WHOLE = tuple((str(kind), re.compile("|".join(words), re.IGNORECASE)) for kind, words in _TABLE["whole_mentions"])
_OF_CONTROL = re.compile(_kind_pattern(_TABLE["of_control"]), re.IGNORECASE)
_LONGEST_WORD = 24
_UNSPECIFIED = re.compile(_kind_pattern(_TABLE["unspecified"]), re.IGNORECASE)
# Series C, 系列C, Pre-A+轮, B-1, C1轮, C round, A extension: the number of a part of a round and "extension" do not change it.
_LETTER = r"(?P<{0}letter>[a-hA-H])[ -]?(?P<{0}plus>(?:\+{{1,3}}|plus|＋))?(?:-?\d)?"
_LETTERED = re.compile(
    r"(?<![A-Za-z])(?P<pre>pre[ -]?)?(?:series |round )(?P<pre2>pre[ -]?)?" + _LETTER.format("") + r"(?![A-Za-z])"
    r"|(?<![A-Za-z0-9&])(?P<bpre>pre[ -]?)?" + _LETTER.format("b") + r"\s?(?:轮|輪|系列|round|series|extension|financing|funding)"
    r"|(?:(?<!一)系列|轮次)\s?" + _LETTER.format("e") + r"(?![A-Za-z股蛋])"
    r"|\A\s*(?P<cpre>pre[ -]?)?" + _LETTER.format("c") + r"\s*\Z"
    r"|(?<![A-Za-z])(?P<dpre>pre[ -]?)" + _LETTER.format("d") + r"(?![A-Za-z])",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def parse_round(text: str) -> str | None:
    """Return the round that a text names: a lettered one ("pre_a_plus"), or the kind of deal ("angel", "ipo", "debt").

    A round that is only said to be one ("首轮融资", "bridge") is "unspecified". None where the text names none.

    >>> parse_round("Pre-A+轮")
    'pre_a_plus'
    """
    folded = fold(text)
    lettered = _LETTERED.search(folded)
    if lettered is not None:
        groups = lettered.groupdict()
        letter = next(groups[name] for name in ("letter", "bletter", "cletter", "dletter", "eletter") if groups[name])
        pre = any(groups[name] for name in ("pre", "pre2", "bpre", "cpre", "dpre"))
        plus = any(groups[name] for name in ("plus", "bplus", "cplus", "dplus", "eplus"))
        return f"{'pre_' if pre else ''}{letter.lower()}{'_plus' if plus else ''}"
    found = [(match.start(), kind) for kind, pattern in _KINDS if (match := pattern.search(folded)) is not None]
    if found:
        return str(found[0][1])
    whole = folded.strip()
    alone = next((kind for kind, pattern in _WHOLE if pattern.fullmatch(whole) is not None), None) if len(whole) < _LONGEST_WORD else None
    return alone or ("unspecified" if _UNSPECIFIED.search(folded) else None)


def is_of_control(text: str) -> bool:
    """Tell whether an acquisition is told by a word that says so even of a small share: "took control of 30%", not "bought 30%".

    >>> is_of_control("入主"), is_of_control("bought")
    (True, False)
    """
    return _OF_CONTROL.search(fold(text)) is not None
