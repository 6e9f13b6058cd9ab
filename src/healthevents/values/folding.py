"""Fold a text to one spelling, character by character, so that offsets stay those of the text as written.

Full-width forms become half-width, traditional characters simplified, and every dash, wave, minus and
exotic blank its plain form. Nothing is added or dropped: `len(fold(text)) == len(text)`, and a match in the folded
text is quoted from the text itself.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

# Characters that are written in several ways, by the form that all patterns of this package use.
_ALIKE = {
    "-": "‐‑‒–—―−－﹣ー─━",
    "~": "～〜∼˜",
    " ": "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t",
    "'": "‘’＇ʼ",
    '"': "“”„＂",
    "·": "•・‧∙⋅",
    "/": "／∕⁄",
    ":": "：∶",
    "¥": "￥",
    "£": "￡",
    "¢": "￠",
    "₩": "￦",
}
# Numerals as banks write them, and the second spellings of numerals.
_FORMAL_NUMERALS = dict(zip("壹贰貳叁參肆伍陆陸柒捌玖拾佰仟俩倆兩", "一二二三三四五六六七八九十百千两两两", strict=True))


@cache
def simplified_characters() -> dict[str, str]:
    """Return the table of traditional to simplified characters (from OpenCC; see the data file)."""
    table = (resources.files("healthevents") / "data" / "traditional_to_simplified.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))


@cache
def _character_table() -> dict[int, str]:
    table = {ord(traditional): simple for traditional, simple in simplified_characters().items()}
    table.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
    for plain, forms in _ALIKE.items():
        table.update({ord(form): plain for form in forms})
    return table


@cache
def _value_table() -> dict[int, str]:
    return _character_table() | {ord(formal): plain for formal, plain in _FORMAL_NUMERALS.items()} | {ord("〇"): "零"}


def fold(text: str) -> str:
    """Return `text` in simplified, half-width characters with plain dashes and blanks; of the same length."""
    return text if text.isascii() else text.translate(_character_table())


def fold_value(text: str) -> str:
    """Fold a text that holds figures: as `fold`, and 壹佰 becomes 一百."""
    return text if text.isascii() else text.translate(_value_table())
