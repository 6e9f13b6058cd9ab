"""Reading: every format, in order, with exact texts, and nothing lost in silence."""

import datetime as dt
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents import documents
from healthevents.documents import DocumentReader, Located, Rejected, complete, front_matter, language_of, read_documents
from healthevents.schema import Document, DocumentError

ZH = "甲科技完成3亿元B轮融资，由乙资本领投。"
ZH_HANT = "甲科技完成3億元B輪融資，由乙資本領投。"
PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>某平台获投</title>
<meta property="article:published_time" content="2021-03-05T08:00:00+08:00"><meta property="og:site_name" content="健康网"></head>
<body><nav><a href="/">首页</a><a href="/login">登录</a></nav><article><h1>某平台获投</h1>
<p>甲科技今天宣布完成3亿元B轮融资，由乙资本领投，资金将用于产品研发与市场拓展，本轮之后公司估值达到20亿元。</p>
<p>该公司成立于2015年，2020年1月2日推出血糖仪。到今年年底，公司计划让产品进入全国一千家医院，并在三座城市设立服务中心。</p>
</article><footer>Copyright 2019</footer></body></html>"""


def read(*paths: Path | str, **options: Any) -> tuple[list[Document], list[Rejected]]:
    rejected: list[Rejected] = []
    return list(read_documents(paths, rejected=rejected.append, **options)), rejected


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows), encoding="utf-8")
    return path


# ---- texts ----


@pytest.mark.parametrize(
    ("encoding", "text"), [("utf-8", ZH), ("utf-8-sig", ZH), ("utf-16", ZH), ("gb18030", ZH), ("big5", ZH_HANT), ("utf-8", "Seven\r\nCo\r\n🩺 raised $3m.\t ")]
)
def test_a_text_file_is_its_text_to_the_character(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    (document,), rejected = read(path)
    assert (document.id, document.text, rejected) == ("a.txt", text, [])


def test_front_matter_gives_metadata_and_stays_in_the_text(tmp_path: Path) -> None:
    text = "\n---\ntitle: '某平台:获投'\ndate: Mon, 12 Jul 2021 01:47:00 GMT\nsource: 健康网\ntags:\n - 融资\n---\n" + ZH
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    (document,), _ = read(path)
    assert document == Document(id="a.md", text=text, title="某平台:获投", published=dt.date(2021, 7, 12), lang="zh", source="健康网")
    assert text[front_matter(text).end :] == ZH


@pytest.mark.parametrize("text", ["", "正文", "---\n正文没有栅栏", "---\n---\n", "a\n---\ntitle: x\n---\n", "-----\ntitle: x\n-----\n"])
def test_no_front_matter(text: str) -> None:
    assert front_matter(text) == ({}, 0)


@given(st.text(alphabet="-+\n:=' ab\r甲"))
def test_front_matter_never_reaches_beyond_the_text(text: str) -> None:
    assert 0 <= front_matter(text).end <= len(text)


@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_html_is_its_main_text_with_the_date_of_its_metadata(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(PAGE.format(charset=charset).encode(charset))
    (document,), _ = read(path)
    assert "3亿元B轮融资" in document.text
    assert "<p>" not in document.text
    assert "登录" not in document.text
    assert (document.title, document.source, document.lang) == ("某平台获投", "健康网", "zh")
    assert document.published == dt.date(2021, 3, 5)


def test_html_without_metadata_takes_no_date_from_prose_or_copyright(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(re.sub("<meta property[^>]*>", "", PAGE.format(charset="utf-8")), encoding="utf-8")
    (document,), _ = read(path)
    assert document.published is None


# ---- rows ----


def test_jsonl(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"id": "a1", "text": ZH, "title": "标题", "published": "2021-03-04", "lang": "zh", "source": "健康网", "extra": 1},
        "",
        {"text": "Seven Co raised $3m."},
        {"id": 7, "text": "x\r\ny", "published": "2021-07-12T01:47:00Z", "lang": "EN-us", "title": None},
    )
    found, rejected = read(path)
    assert not rejected
    assert found == [
        Document(id="a1", text=ZH, title="标题", published=dt.date(2021, 3, 4), lang="zh", source="健康网"),
        Document(id="a.jsonl:3", text="Seven Co raised $3m.", lang="en"),
        Document(id="7", text="x\r\ny", published=dt.date(2021, 7, 12), lang="en"),
    ]


REJECTED_LINES = {
    "not json": ("{'id': 1}", None, "not JSON"),
    "no object": ('["a"]', None, "not an object"),
    "no text": ({"id": "x"}, "x", "no text"),
    "blank text": ({"id": "x", "text": " \n"}, "x", "no text"),
    "text of another kind": ({"id": "x", "text": 5}, "x", "text: Input should be a valid string"),
    "title of another kind": ({"id": "x", "text": "t", "title": ["a"]}, "x", "title: "),
    "id of another kind": ({"id": {"a": 1}, "text": "t"}, None, "id: "),
    "no date": ({"id": "x", "text": "t", "published": "soon"}, "x", "published: 'soon' is no date"),
    "half a character": ('{"id": "x", "text": "\\ud83d"}', "x", "text: holds half a character"),
    "deep": ("[" * 100_000, None, "not usable JSON"),
    "duplicate": ({"id": "first", "text": "t"}, "first", "earlier document has this id"),
}


@pytest.mark.parametrize("name", REJECTED_LINES)
def test_a_bad_line_is_set_aside_and_reading_goes_on(tmp_path: Path, name: str) -> None:
    line, doc_id, words = REJECTED_LINES[name]
    path = lines(tmp_path / "a.jsonl", {"id": "first", "text": "t"}, line, {"id": "last", "text": "t"})
    found, (rejected,) = read(path)
    assert [document.id for document in found] == ["first", "last"]
    assert (rejected.file, rejected.line, rejected.id) == (str(path), 2, doc_id)
    assert words in rejected.reason
    assert str(rejected).startswith(f"{path}, line 2")


def test_a_line_may_be_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        json.dumps({"id": str(n), "text": text}, ensure_ascii=False).encode(encoding) for n, (text, encoding) in enumerate([(ZH, "gb18030"), (ZH_HANT, "big5")])
    ]
    path.write_bytes(b"\n".join([*rows, b'{"id": "x", "text": "\xff\xff\xff"}']))
    found, (rejected,) = read(path)
    assert [document.text for document in found] == [ZH, ZH_HANT]
    assert rejected.line == 3
    assert "encoding is not known" in rejected.reason


@pytest.mark.parametrize(("name", "head"), [("a.jsonl", ""), ("a.csv", "id,text\n")])
def test_a_line_too_long_to_be_news_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, head: str) -> None:
    monkeypatch.setattr(documents, "LARGEST_DOCUMENT", 1000)
    path = tmp_path / name
    rows = [f'"{n}","{"x" * size}"' if head else json.dumps({"id": str(n), "text": "x" * size}) for n, size in enumerate([10, 5000, 10, 1000, 10])]
    path.write_text(head + "\n".join(rows), encoding="utf-8")
    found, rejected = read(path)
    assert [document.id for document in found] == ["0", "2", "4"]
    assert all("longer than" in item.reason for item in rejected)
    assert [item.line for item in rejected] == ([3, 5] if head else [2, 4])


def test_fifty_megabytes_in_one_line_are_one_rejected_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps({"id": "good", "text": "Seven Co"})
    with path.open("w", encoding="utf-8") as file:
        file.write('{"id": "huge", "text": "')
        for _ in range(50):
            file.write("x" * 1_000_000)
        file.write(f'"}}\n{good}\n')
    found, (rejected,) = read(path)
    assert [document.id for document in found] == ["good"]
    assert (rejected.file, rejected.line) == (str(path), 1)
    assert "longer than 10 MB" in rejected.reason


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.md", "a.html"])
def test_another_kind_of_file_under_a_documents_name_is_one_rejected_input(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"%PDF-1.4\n" + b"".join(b"%d 0 obj <<\xff\xfe/Length 3>>\n" % n for n in range(100)))
    found, (rejected,) = read(path)
    assert not found
    assert (rejected.file, rejected.line) == (str(path), None)
    assert "this is a PDF document" in rejected.reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_read_line_by_line_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(documents, "LARGEST_DOCUMENT", 1000)
    path = tmp_path / "a.jsonl"
    path.write_bytes("".join(json.dumps({"id": str(n), "text": f"{ZH}🩺"}, ensure_ascii=False) + "\n" for n in range(2000)).encode(encoding))
    found, rejected = read(path)
    assert not rejected
    assert [(document.id, document.text) for document in found] == [(str(n), f"{ZH}🩺") for n in range(2000)]
    path.write_bytes(path.read_bytes()[:-1])
    found, (rejected,) = read(path)
    assert len(found) > 1000
    assert f"byte order mark says {encoding.upper()}" in rejected.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_csv(tmp_path: Path, encoding: str, sign: str) -> None:
    path = tmp_path / "a.csv"
    rows = [
        ["ID", "Title", "text"],
        ["a1", "标题", f'"{ZH}\n第二行""引""{sign}完"'],
        ["", "", "Seven Co"],
        ["a2"],
        ["a3", "b", "c", "d"],
        ["a4", '"b"c', "d"],
        ["a5", "", "end"],
    ]
    path.write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    found, rejected = read(path)
    assert [(document.id, document.title, document.text) for document in found] == [
        ("a1", "标题", f'{ZH}\n第二行"引"{sign}完'),
        ("a.csv:4", None, "Seven Co"),
        ("a5", None, "end"),
    ]
    assert [(item.line, item.reason.split(":")[0].split(" (")[0]) for item in rejected] == [
        (5, "it has no text"),
        (6, "the row has 4 cells under 3 columns"),
        (7, "the row is not CSV"),
    ]


def test_csv_without_a_text_column(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "id,body", "1,x")
    assert "no column 'text', only id, body" in read(path)[1][0].reason


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    columns = {"id": ["a1", None, "a3"], "text": [ZH, "Seven Co", None], "published": [dt.datetime(2021, 3, 4, 5), None, None], "other": [1, 2, 3]}
    parquet.write_table(arrow.table(columns), path)
    found, (rejected,) = read(path)
    assert found == [Document(id="a1", text=ZH, published=dt.date(2021, 3, 4), lang="zh"), Document(id="a.parquet:2", text="Seven Co", lang="en")]
    assert (rejected.line, rejected.id) == (3, "a3")
    path.write_bytes(path.read_bytes()[:-20])
    assert "not a whole Parquet file" in read(path)[1][0].reason


def test_parquet_says_how_far_it_is_read(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    parquet.write_table(arrow.table({"text": [f"Seven Co {n}" for n in range(100)]}), path)
    reader = DocumentReader([path, lines(tmp_path / "b.jsonl", {"text": "Seven Co"})])
    shares = [reader.bytes_read / path.stat().st_size for _ in reader]
    assert shares[:100] == pytest.approx([n / 100 for n in range(1, 101)], abs=0.01)
    assert reader.bytes_read == reader.total_bytes()


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    assert 'pip install "healthevents[parquet]"' in read(path)[1][0].reason


# ---- folders, standard input, several paths ----


def test_folders_are_read_by_name_and_nothing_that_may_be_a_document_is_passed_over(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.TXT", "c.md", ".hidden.txt", "picture.png", "noted.pdf", "README"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Seven Co", encoding="utf-8")
    (tmp_path / "out.jsonl").write_text("{}", encoding="utf-8")
    found = list(DocumentReader([tmp_path], skip=[tmp_path / "out.jsonl"]))
    names = [item.document.id if isinstance(item, Located) else Path(item.file).name for item in found]
    assert names == ["a/b/c.TXT", "a/z.txt", "b.txt", "c.md", "noted.pdf"]
    assert isinstance(found[-1], Rejected)


def test_files_of_one_name_keep_apart_and_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(folder, encoding="utf-8")
    found, (rejected,) = read(tmp_path / "x" / "a.txt", tmp_path / "y", tmp_path / "x")
    assert [(document.id, document.text) for document in found] == [("a.txt", "x"), (str(tmp_path / "y" / "a.txt"), "y")]
    assert "read already" in rejected.reason


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.txt", None, "no such file or folder"),
        ("a.pdf", b"%PDF-1.4", ".pdf file cannot be read"),
        ("a.txt", b"%PDF-1.4 \xff", "PDF document"),
        ("a.json", b"{}", ".json file cannot be read"),
        ("a.txt", b"", "no text"),
        ("a.txt", b"\xef\xbb\xbf \n", "no text"),
        ("a.html", b"", "no main text"),
        ("a.txt", b"x" * 10_000_001, "larger than 10 MB"),
    ],
)
def test_an_input_that_cannot_be_read_is_named_with_a_reason(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    path, good = tmp_path / name, tmp_path / "good.txt"
    good.write_text("Seven Co", encoding="utf-8")
    if content is not None:
        path.write_bytes(content)
    found, (rejected,) = read(path, good)
    assert [document.id for document in found] == ["good.txt"]
    assert rejected.file == str(path)
    assert words in rejected.reason


def test_without_a_listener_the_first_rejected_input_is_raised(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"missing\.txt: there is no such file"):
        list(read_documents([tmp_path / "missing.txt"]))


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (ZH.encode(), ["stdin"]),
        ("\ufeff  Seven Co".encode(), ["stdin"]),
        (b'\n {"id": "a", "text": "t"}\n{"text": "u"}\n', ["a", "stdin:3"]),
        ('\ufeff{"id": "a", "text": "t"}'.encode(), ["a"]),
        (ZH.encode("gb18030"), ["stdin"]),
    ],
)
def test_standard_input_is_jsonl_or_one_text(monkeypatch: pytest.MonkeyPatch, data: bytes, ids: list[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    found, rejected = read("-")
    assert [document.id for document in found] == ids
    assert not rejected


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    read_end, write_end = os.pipe()
    os.write(write_end, ZH.encode())
    os.close(write_end)
    found, _ = read(f"/dev/fd/{read_end}")
    os.close(read_end)
    assert [document.text for document in found] == [ZH]


def test_an_id_counts_as_used_from_its_first_document_on_in_any_number_of_them(tmp_path: Path) -> None:
    ids = [*range(5000), *range(4000, 6000)]
    path = lines(tmp_path / "a.jsonl", *({"id": str(n), "text": "t"} for n in ids))
    found, rejected = read(path)
    assert [document.id for document in found] == [str(n) for n in range(6000)]
    assert [(item.line, item.id) for item in rejected] == [(n + 1001, str(n)) for n in range(4000, 5000)]


@given(st.lists(st.text(max_size=2)))
def test_the_ids_seen_are_a_set(ids: list[str]) -> None:
    seen, known = documents._Seen(), set()
    for doc_id in ids:
        assert (doc_id in seen) == (doc_id in known)
        seen.add(doc_id)
        known.add(doc_id)


def test_many_ids_are_kept_in_few_bytes_each() -> None:
    seen = documents._Seen()
    for n in range(100_000):
        seen.add(f"https://news.example/2021/03/{n}")
    assert len(seen._slots) * seen._slots.itemsize <= 24 * 100_000


def test_reading_streams(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", *({"id": str(n), "text": "t" * 1000} for n in range(1000)))
    reader = DocumentReader([path])
    found = iter(reader)
    next(found)
    assert reader.bytes_read < path.stat().st_size / 2
    assert reader.total_bytes() == path.stat().st_size


# ---- what the caller, the metadata and the text say ----


def test_the_caller_overrules_the_document_and_the_document_its_text(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"id": "a", "text": f"发布时间:2018-11-05\n{ZH}", "published": "2021-03-05", "lang": "en"},
        {"id": "b", "text": f"发布时间:2018-11-05\n{ZH}"},
    )
    found, _ = read(path)
    assert [(document.published, document.lang) for document in found] == [(dt.date(2021, 3, 5), "en"), (dt.date(2018, 11, 5), "zh")]
    found, _ = read(path, published=dt.date(2000, 1, 1), lang="zh")
    assert {(document.published, document.lang) for document in found} == {(dt.date(2000, 1, 1), "zh")}


def test_complete_adds_only_what_is_missing() -> None:
    assert complete(Document(id="a", text="Seven Co", lang="zh")) == Document(id="a", text="Seven Co", lang="zh")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        (ZH, "zh"),
        (ZH_HANT, "zh"),
        ("Tencent (腾讯控股) and WeChat (微信) said on Friday that", "en"),
        ("零氪LinkDoc完成D+轮, CICC Capital与Cathay领投", "zh"),
        ("2021-03", None),
    ],
)
def test_language_is_told_by_the_share_of_han(text: str, lang: str | None) -> None:
    assert language_of(text) == lang
