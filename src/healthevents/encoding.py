"""Bytes to text: UTF-8, UTF-16 and UTF-32 with a byte order mark, GB18030 (GB2312, GBK), Big5 and Windows-1252.

A general detector needs a paragraph to tell GB18030 from Big5 and is often wrong on a headline. Both encodings put their most
frequent characters into a block of their own (GB 2312 level 1, 3,755 characters; Big5 level 1, 5,401), so it is enough to see under which
reading the text falls into those blocks: four characters suffice. Every step is strict: a text that fits nothing is refused, never mended.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache

from healthevents.schema import DocumentError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KINDS_OF_FILE = (
    (b"%PDF-", "a PDF document", "turn it into text or HTML first, for instance with pdftotext"),
    (b"PK\x03\x04", "a ZIP archive or an Office document", "unpack it, or save the document as text or HTML"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", "save it as text or HTML"),
    (b"{\\rtf", "a rich text document", "save it as plain text or HTML"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
    (b"\x89PNG", "a PNG image", "only text can be read"),
    (b"\xff\xd8\xff", "a JPEG image", "only text can be read"),
    (b"GIF8", "a GIF image", "only text can be read"),
    (b"PAR1", "a Parquet file", "give it the suffix .parquet"),
)
# What a page may declare, and the superset that is meant in practice.
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)|encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "cp950", "big5-hkscs": "big5hkscs", "iso-8859-1": "cp1252",
              "latin1": "cp1252", "us-ascii": "cp1252", "windows-1252": "cp1252"}  # fmt: skip
_CHINESE_MARKS = frozenset("，。、；：？！“”‘’（）《》「」『』【】〔〕—…·％〈〉￥　｜～")
_LATIN_MARKS = frozenset("€‚ƒ„…†‡‰‹‘’“”•–—™›\xa0¡¢£¥§©«®°±²³µ¶·¹º»¼½¾¿×÷")
_LATIN_LETTERS = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüŒœŠšŽž")
# What is left of a UTF-8 sequence that lost a byte, read as Windows-1252.
_CUT_UTF8 = re.compile("â€|[ÂÃ][\xa0-¿]")
# Under the right reading well over 0.8 of the characters are frequent ones, or 0.7 of traditional ones in GB18030; under the wrong one less than 0.6.
_LEAST_PLAUSIBLE = 0.62
_MOST_CONTROLS = 0.01


def _block(encoding: str, leads: range, trails: Iterable[int]) -> frozenset[str]:
    pairs = (bytes((lead, trail)).decode(encoding, "ignore") for lead in leads for trail in trails)
    return frozenset(character for character in pairs if "\u4e00" <= character <= "\u9fff")


@lru_cache(maxsize=1)
def _frequent() -> dict[str, frozenset[str]]:
    """Return the characters of level 1 of GB 2312 and of Big5, as the codecs themselves order them."""
    return {
        "gb18030": _block("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)),
        "cp950": _block("cp950", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]),
    }


def _plausibility(text: str, encoding: str) -> float:
    """Return the share of frequent characters, half under the encoding's own measure and half under both (traditional text in GB18030)."""
    other = [character for character in text if character > "\x7f"]
    own, both = _frequent()[encoding], frozenset().union(*_frequent().values())
    hits = sum((character in own) + (character in both) + 2 * (character in _CHINESE_MARKS or "！" <= character <= "～") for character in other)
    return hits / (2 * len(other))


def _chinese(data: bytes) -> str | None:
    readings = []
    for encoding in ("gb18030", "cp950"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.append((_plausibility(text, encoding), encoding))
    best = max(readings, default=(0.0, ""))
    if best[0] >= _LEAST_PLAUSIBLE:
        return best[1]
    try:
        text = data.decode("big5hkscs")  # Hong Kong's extra characters, which cp950 lacks
    except UnicodeDecodeError:
        return None
    return "big5hkscs" if _plausibility(text, "cp950") >= _LEAST_PLAUSIBLE else None


def _western(data: bytes) -> str | None:
    """Take English with a few accents or curly quotes for Windows-1252; damaged UTF-8 is not that."""
    if any(character > "\x7f" for character in data.decode("utf-8", "ignore")):
        return None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    other = [character for character in text if character > "\x7f"]
    fits = all(character in _LATIN_MARKS or character in _LATIN_LETTERS for character in other)
    return "cp1252" if fits and len(other) <= 0.25 * len(text) and not _CUT_UTF8.search(text) else None


def _declared(head: bytes) -> str | None:
    match = _DECLARED.search(head)
    if match is None:
        return None
    name = (match[1] or match[2]).decode("ascii", "ignore").lower()
    return _SUPERSETS.get(name)


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def detect(data: bytes, *, markup: bool = False) -> str:
    """Return the encoding (a codec's name) that reads these bytes; a byte order mark wins, then UTF-8, then what a page with `markup` declares.

    Raises:
        DocumentError: no encoding known here reads them; the message names the first byte that is not UTF-8.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = error.start
    else:
        return "utf-8"
    declared = _declared(data[:4096]) if markup else None
    if declared is not None and _fits(data, declared):
        return declared
    encoding = _chinese(data) or _western(data) or ""
    if not encoding:
        raise DocumentError(f"its encoding is not known: byte {where} is not UTF-8, and GB18030, Big5 and Windows-1252 do not fit either; save it as UTF-8")
    return encoding


def refuse_other_kinds(head: bytes) -> None:
    """Look at the first bytes of a file, whatever its name says.

    Raises:
        DocumentError: it is no text but another kind of file; the message says which and what to do.
    """
    for magic, kind, remedy in _KINDS_OF_FILE:
        if head.startswith(magic):
            raise DocumentError(f"this is {kind}, not text: {remedy}")


def decode(data: bytes, *, markup: bool = False) -> str:
    """Decode a whole text, without its byte order mark, strictly: nothing is replaced or dropped.

    Raises:
        DocumentError: the bytes are another kind of file, or text in no encoding that is known here; the message says which and what to do.
    """
    refuse_other_kinds(data)
    encoding = detect(data, markup=markup)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(f"its byte order mark says {encoding.upper()}, but byte {error.start} does not fit: save it as UTF-8") from None
    controls = sum(text.count(chr(code)) for code in range(32) if code not in (9, 10, 11, 12, 13, 27))
    if controls > max(_MOST_CONTROLS * len(text), 1):
        raise DocumentError("this is binary data or UTF-16 without a byte order mark, not text: save it as UTF-8 text")
    return text
