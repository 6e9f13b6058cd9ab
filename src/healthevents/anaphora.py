"""Pronouns and definite phrases: mentions that only refer back to something named elsewhere."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def _anaphora() -> tuple[frozenset[str], tuple[str, ...], frozenset[str], frozenset[str]]:
    data = json.loads(resources.files("healthevents").joinpath("data/anaphora.json").read_text("utf-8"))
    return frozenset(data["words"]), tuple(data["zh_prefixes"]), frozenset(data["en_determiners"]), frozenset(data["en_heads"])


@lru_cache(maxsize=8192)
def is_anaphor(text: str) -> bool:
    """Tell whether a mention only refers back ("该公司", "it", "the Danish firm") and names nothing itself.

    >>> [is_anaphor(text) for text in ("该公司", "the Danish firm", "The Company", "The Marlowe Trust", "零氪科技")]
    [True, True, True, False, False]
    """
    words, prefixes, determiners, heads = _anaphora()
    if text.casefold() in words or text.startswith(prefixes):
        return True
    first, *rest = text.split() or [""]
    if not rest or first.casefold() not in determiners:
        return False
    # "The Menopause Company" is a name, "The Company" is none.
    return rest[-1].islower() or (len(rest) == 1 and rest[-1].casefold() in heads)
