"""Encodings: short and long, simplified and traditional, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.encoding import decode
from healthevents.schema import DocumentError

SIMPLIFIED = "零海科技完成3亿元B轮融资，由乙资本领投。该公司去年8月推出血糖仪，已进入700多家医院。"
TRADITIONAL = "零海科技完成3億元B輪融資，由乙資本領投。該公司去年8月推出血糖機，已進入700多家醫院。"
ENGLISH = "The company said “hello” — it’s raising €3m for Société Générale’s café clinic in São Paulo."


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, ENGLISH, "Seven Co raised $3m. 🩺", "", "a\r\nb\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_comes_back_without_its_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("length", [4, 8, 15, 30, len(SIMPLIFIED)])
@pytest.mark.parametrize(
    ("encoding", "text"), [("gb18030", SIMPLIFIED), ("gbk", SIMPLIFIED), ("gb2312", SIMPLIFIED), ("big5", TRADITIONAL), ("cp950", TRADITIONAL)]
)
def test_gb_and_big5_are_told_apart_from_a_headline_on(encoding: str, text: str, length: int) -> None:
    assert decode(text[:length].encode(encoding)) == text[:length]


def test_traditional_text_in_gb18030() -> None:
    assert decode(TRADITIONAL.encode("gb18030")) == TRADITIONAL


def test_hong_kong_characters() -> None:
    text = "香港啲醫療公司嘅融資，喺中環宣佈。" + TRADITIONAL
    assert decode(text.encode("big5hkscs")) == text


def test_windows_1252() -> None:
    assert decode(ENGLISH.encode("cp1252")) == ENGLISH


@pytest.mark.parametrize("charset", ["gb2312", "GBK", "big5"])
def test_a_page_may_declare_its_charset(charset: str) -> None:
    page = f'<meta charset="{charset}"><p>开</p>' if charset != "big5" else f'<meta http-equiv=Content-Type content="text/html; charset={charset}"><p>開</p>'
    assert decode(page.encode(charset), markup=True) == page


def test_a_wrong_declaration_does_not_hide_utf8() -> None:
    page = f'<meta charset="gb2312"><p>{SIMPLIFIED}</p>'
    assert decode(page.encode("utf-8"), markup=True) == page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "Office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "Office"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x89PNG\r\n", "PNG"),
        (bytes(range(256)) * 4, "encoding is not known"),
        (SIMPLIFIED.encode()[:-1], "byte "),
        (SIMPLIFIED.encode("utf-16")[2:], "save it as UTF-8"),
        ("Seven".encode("utf-16-le"), "binary"),
        (b"\xff\xfe\x00\xd8a\x00", "byte order mark"),
    ],
)
def test_refuses_what_is_not_text_and_says_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        decode(data)


@given(st.text(alphabet=sorted(set(SIMPLIFIED + TRADITIONAL + "abc 123\n🩺éЖ"))))
def test_utf8_is_never_mistaken(text: str) -> None:
    assert decode(text.encode()) == text


@given(st.integers(0, len(SIMPLIFIED) - 1))
def test_damaged_utf8_is_refused_not_mended(cut: int) -> None:
    data = bytearray(SIMPLIFIED.encode())
    at = len(SIMPLIFIED[:cut].encode())
    if len(SIMPLIFIED[cut].encode()) > 1:
        del data[at]
        with pytest.raises(DocumentError):
            decode(bytes(data))
