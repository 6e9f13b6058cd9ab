"""Chinese characters in Latin letters, as company names write them: without tones and blanks."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources


@cache
def _readings() -> dict[int, str]:
    text = (resources.files("healthevents") / "data" / "pinyin.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {ord(character): syllable for syllable, characters in lines for character in characters}


@lru_cache(maxsize=16384)
def romanise(name: str) -> str:
    """Write simplified Chinese characters in Hanyu Pinyin, each in its most usual reading; all else stays as it is.

    >>> romanise("零氪"), romanise("启明creative")
    ('lingke', 'qimingcreative')
    """
    return name if name.isascii() else name.translate(_readings())
