"""Read documents from files, folders and standard input, in order and one at a time.

The text of a document is what the file holds, decoded and otherwise untouched: line ends, front matter and markup stay, and offsets count from
its first character (a byte order mark is no character). Of an HTML page it is the main text. Nothing is ever dropped in silence: what cannot be
read becomes a `Rejected` that names the file, the line and the reason, and reading goes on.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime as dt
import hashlib
import importlib
import io
import itertools
import json
import os
import re
import stat
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from healthevents.encoding import decode, detect, refuse_other_kinds
from healthevents.published import parse_published, published_from_text
from healthevents.schema import Document, DocumentError, explain

__all__ = [
    "DocumentReader",
    "Found",
    "FrontMatter",
    "Located",
    "Rejected",
    "complete",
    "front_matter",
    "language_of",
    "published_from_text",
    "read_documents",
    "settle",
]

STDIN = "-"
# One document may not be larger than this; a news item has a few kilobytes, so more is some other thing.
LARGEST_DOCUMENT = 10_000_000
# So much of a Parquet column is held at a time.
_PARQUET_BUFFER = 1 << 20
_FIELDS = ("id", "text", "title", "published", "lang", "source")
_KINDS = {
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
# Documents in a folder that must not be passed over in silence, although they cannot be read; images, scripts and the like may.
_UNREADABLE = frozenset({".pdf", ".doc", ".docx", ".rtf", ".odt", ".ppt", ".pptx", ".xls", ".xlsx", ".epub", ".mobi", ".eml", ".msg", ".mht", ".mhtml",
                         ".zip", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar"})  # fmt: skip
_READABLE = "text (.txt, .md), HTML (.html), JSONL (.jsonl), CSV (.csv) and Parquet (.parquet)"

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_HALF = re.compile("[\ud800-\udfff]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
# From this share of Han characters among Han characters and Latin words on, a text is Chinese. In the annotated corpus (train and dev) Chinese
# texts have 0.76 and more, English ones 0.02 and less; headlines lie in between.
_CHINESE_FROM = 0.5


class Rejected(BaseModel):
    """An input that was set aside: where it stands, its id where that is known, and why, with what to do about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    line: int | None = None
    id: str | None = None
    reason: str

    def __str__(self) -> str:
        """Name the place, then the reason."""
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}{f' (id {self.id!r})' if self.id else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Located:
    """A document and where it was read: the line counts from 1 and is None where the file is one document."""

    document: Document
    file: str
    line: int | None = None


Found = Located | Rejected
"""What a reader finds at one place."""


class FrontMatter(NamedTuple):
    """The fields of a text's front matter, by their names in small letters, and the offset at which the body begins."""

    fields: dict[str, str]
    end: int


class _Row(NamedTuple):
    """One document of a file as it was found: its fields, or the error that stands in its place.

    `part` is the share of the file that is read with it, where the position in the file does not tell.
    """

    line: int | None
    fields: dict[str, Any] | DocumentError
    part: float | None = None


_FENCED = re.compile(r"\s*(?P<fence>---|\+\+\+)[ \t]*\r?\n(?P<body>.*?)(?:^|\n)(?P=fence)[ \t]*(?:\r?\n|$)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*[:=][ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)


def front_matter(text: str) -> FrontMatter:
    """Read the plain `key: value` lines of YAML or TOML front matter; without front matter there are no fields and the body begins at 0.

    >>> front_matter("---\\ntitle: '某平台获投'\\ndate: 2021-07-12\\n---\\n正文")
    FrontMatter(fields={'title': '某平台获投', 'date': '2021-07-12'}, end=40)
    """
    match = _FENCED.match(text)
    if match is None:
        return FrontMatter({}, 0)
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(match["body"]):
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        fields.setdefault(name.lower(), value[1:-1] if quoted else value)
    return FrontMatter(fields, match.end()) if fields else FrontMatter({}, 0)


def language_of(text: str) -> Literal["zh", "en"] | None:
    """Tell Chinese from English by the share of Han characters among Han characters and Latin words; None where there are neither.

    >>> language_of("零氪科技完成10亿元D+轮融资"), language_of("Tencent (腾讯) said on Friday"), language_of("2021")
    ('zh', 'en', None)
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if not han + latin:
        return None
    return "zh" if han >= _CHINESE_FROM * (han + latin) else "en"


def complete(document: Document) -> Document:
    """Return the document with the publication date and language that its text gives, where it states none itself."""
    found = {
        "published": document.published or published_from_text(document.text),
        "lang": document.lang or language_of(document.text),
    }
    return document.model_copy(update=found)


def _language(value: object) -> Literal["zh", "en"] | None:
    """Return the language that a tag ("zh-Hant-TW", "en_GB", "Chinese") names; None where it is none of ours and the text must tell."""
    tag = str(value or "").strip().lower()
    if tag.startswith(("zh", "cn", "chi", "中", "汉")):
        return "zh"
    return "en" if tag.startswith("en") else None


def _date(value: object) -> dt.date | None:
    """Return a document's given publication date.

    Raises:
        DocumentError: there is a value, and it is no date.
    """
    if value is None or value == "" or isinstance(value, dt.date):
        return value.date() if isinstance(value, dt.datetime) else value or None  # type: ignore[return-value]
    date = parse_published(value) if isinstance(value, str) else None
    if date is None and str(value).strip().lower() not in ("null", "none", "nan", "nat", "unknown", "n/a"):
        raise DocumentError(f"published: {value!r} is no date; write it as YYYY-MM-DD or leave it out")
    return date


def settle(doc_id: object, fields: Mapping[str, Any], *, published: dt.date | None = None, lang: Literal["zh", "en"] | None = None) -> Document:
    """Make the fields of a row (`text`, `title`, `published`, `lang`, `source`; others are ignored) a document, completed from its text.

    `published` and `lang` overrule what the fields say.

    Raises:
        DocumentError: there is no text, it is too long, or a field is of a wrong kind; the message says which.
    """
    text = fields.get("text")
    if text is None or (isinstance(text, str) and not text.strip()):
        raise DocumentError("it has no text")
    if isinstance(text, str) and len(text) > LARGEST_DOCUMENT:
        raise DocumentError(f"its text is longer than {LARGEST_DOCUMENT:,} characters, which no news item is: split it into documents")
    known = {"id": doc_id, "text": text, "title": fields.get("title"), "source": fields.get("source")}
    known["published"] = published or _date(fields.get("published"))
    known["lang"] = lang or _language(fields.get("lang"))
    for name, value in known.items():
        if isinstance(value, str) and _HALF.search(value):
            raise DocumentError(f"{name}: holds half a character (an unpaired surrogate), which no encoding can write: repair the text")
    try:
        return complete(Document.model_validate(known))
    except ValidationError as error:
        raise DocumentError(explain(error, "it cannot be used as a document")) from None


# ---- one file of each kind: what it holds, row by row ----


def _whole(stream: BinaryIO) -> bytes:
    data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise DocumentError(f"it is larger than {LARGEST_DOCUMENT // 1_000_000} MB, which no news item is: split it into documents")
    return data


def _text_rows(stream: BinaryIO) -> Iterator[_Row]:
    text = decode(_whole(stream))
    given = front_matter(text).fields
    date = next((given[key] for key in ("date", "published", "pubdate", "publish_date", "published_at", "datepublished") if key in given), "")
    yield _Row(None, {"text": text, "title": given.get("title"), "published": parse_published(date), "lang": given.get("lang"), "source": given.get("source")})


def _html_rows(stream: BinaryIO) -> Iterator[_Row]:
    # trafilatura takes a fifth of a second to load, so only those who read HTML pay for it.
    from trafilatura import bare_extraction

    page = decode(_whole(stream), markup=True)
    # Without `extensive_search` a date comes from the page's metadata and time elements, never from prose or a copyright notice.
    dates = {"extensive_search": False, "original_date": True}
    try:
        found: Any = bare_extraction(page, with_metadata=True, include_comments=False, date_extraction_params=dates)
    except Exception as error:
        raise DocumentError(f"its HTML cannot be read ({type(error).__name__}: {error}): save the page again, or its text as .txt") from error
    if found is None or not found.text:
        raise DocumentError("no main text was found in the page: save its text as .txt")
    yield _Row(None, {"text": found.text, "title": found.title, "published": parse_published(found.date or ""), "source": found.sitename or found.hostname})


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield the numbered lines of a stream, and None in the place of a line that is too long to hold."""
    for number in itertools.count(1):
        line = stream.readline(LARGEST_DOCUMENT + 1)
        if not line:
            return
        if len(line) <= LARGEST_DOCUMENT:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LARGEST_DOCUMENT)
        yield number, None


def _too_long() -> DocumentError:
    return DocumentError(f"the line is longer than {LARGEST_DOCUMENT // 1_000_000} MB, which no news item is: split it into documents")


def _as_utf8(stream: BinaryIO) -> BinaryIO:
    """Turn a stream that begins with the byte order mark of UTF-16 or UTF-32 into UTF-8, and return any other text as it is.

    Raises:
        DocumentError: it is no text but another kind of file: that is said once, not of each of its lines.
    """
    head = stream.peek(16) if isinstance(stream, io.BufferedReader) else b""
    refuse_other_kinds(head)
    if not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return stream
    return io.BufferedReader(_Recoded(stream, detect(head)))


class _Recoded(io.RawIOBase):
    """A stream in another encoding as UTF-8, piece by piece."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b"more"
        while not self._rest and data:
            data = self._stream.read(io.DEFAULT_BUFFER_SIZE)
            try:
                self._rest = memoryview(self._decoder.decode(data, final=not data).encode("utf-8"))
            except UnicodeDecodeError:
                where = f"between bytes {max(self._stream.tell() - len(data) - 4, 0)} and {self._stream.tell()}"
                raise DocumentError(f"its byte order mark says {self._encoding.upper()}, which does not fit {where}: save it as UTF-8") from None
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _json_rows(stream: BinaryIO) -> Iterator[_Row]:
    for number, line in _lines(_as_utf8(stream)):
        if line is None:
            yield _Row(number, _too_long())
            continue
        try:
            if not (text := decode(line)).strip():
                continue
            fields = json.loads(text)
        except DocumentError as error:
            yield _Row(number, error)
        except json.JSONDecodeError as error:
            yield _Row(number, DocumentError(f"the line is not JSON ({error.msg}, column {error.colno}): write one object a line"))
        except (RecursionError, ValueError) as error:
            yield _Row(number, DocumentError(f"the line is not usable JSON ({error}): write one object a line"))
        else:
            problem = DocumentError(f'the line holds a JSON {type(fields).__name__}, not an object: write {{"id": …, "text": …}}')
            yield _Row(number, fields if isinstance(fields, dict) else problem)


class _CsvLines:
    """The lines of a CSV file as text whose bytes can be had back, with a note when one was too long.

    Neither GB18030 nor Big5 uses a comma, a quotation mark or a line end within a character, so a row can be taken apart first and decoded then.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._numbered = _lines(_as_utf8(stream))
        self.too_long = False

    def __iter__(self) -> Iterator[str]:
        for number, line in self._numbered:
            self.too_long |= line is None
            text = (line or b"\n").decode("utf-8", "surrogateescape")
            yield text.removeprefix("\ufeff") if number == 1 else text


def _decode_cells(cells: list[str]) -> list[str]:
    """Decode the cells of a row together: the more text, the surer its encoding."""
    try:
        "".join(cells).encode("utf-8")
    except UnicodeEncodeError:
        raw = [cell.encode("utf-8", "surrogateescape") for cell in cells]
        encoding = detect(b"\n".join(raw))
        return [cell.decode(encoding) for cell in raw]
    return cells


def _csv_rows(stream: BinaryIO) -> Iterator[_Row]:
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_DOCUMENT))
    lines = _CsvLines(stream)
    feed = iter(lines)
    head = next(feed, "")
    delimiter = max(",;\t", key=lambda sign: "text" in _column_names(head.split(sign)))
    reader = csv.reader(itertools.chain([head], feed), delimiter=delimiter, strict=True)
    columns: list[str] = []
    while True:
        line, lines.too_long = reader.line_num + 1, False
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if lines.too_long:
                raise _too_long()
            cells = _decode_cells(cells)
        except csv.Error as error:
            yield _Row(line, DocumentError(f"the row is not CSV ({error}): quote cells with commas or line breaks, and double the quotation marks in them"))
        except (DocumentError, UnicodeDecodeError) as error:
            yield _Row(line, DocumentError(str(error)))
        else:
            if not columns:
                columns = _column_names(cells)
                if "text" not in columns:
                    raise DocumentError(f"the file has no column 'text', only {', '.join(columns) or 'none'}: name the columns in its first row")
            elif len(cells) > len(columns):
                yield _Row(line, DocumentError(f"the row has {len(cells)} cells under {len(columns)} columns: quote cells that hold commas"))
            elif any(cells):
                yield _Row(line, {name: cell or None for name, cell in zip(columns, cells, strict=False)})


def _column_names(cells: list[str]) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in cells]


def _parquet_rows(stream: BinaryIO) -> Iterator[_Row]:
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")
        arrow: Any = importlib.import_module("pyarrow")
    except ImportError:
        raise DocumentError('Parquet needs pyarrow, which is not installed: pip install "healthevents[parquet]"') from None
    try:
        # With a buffer a column is read piece by piece; without one, a whole row group of it would be held, and a file may be one row group.
        table = parquet.ParquetFile(stream, buffer_size=_PARQUET_BUFFER, pre_buffer=False)
        names = {name.lower(): name for name in table.schema_arrow.names}
        if "text" not in names:
            raise DocumentError(f"the file has no column 'text', only {', '.join(names) or 'none'}")
        columns = [names[name] for name in _FIELDS if name in names]
        number = 0
        for batch in table.iter_batches(batch_size=64, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield _Row(number, {name.lower(): value for name, value in row.items()}, number / table.metadata.num_rows)
    except (arrow.ArrowException, OSError) as error:
        raise DocumentError(f"it is not a whole Parquet file ({str(error).splitlines()[0]}): write it again") from error


_ROWS: dict[str, Callable[[BinaryIO], Iterator[_Row]]] = {
    "text": _text_rows,
    "html": _html_rows,
    "jsonl": _json_rows,
    "csv": _csv_rows,
    "parquet": _parquet_rows,
}


def _kind_of_stream(stream: io.BufferedReader) -> str:
    """Return "jsonl" where the first character that is not white space is a brace, else "text"."""
    head = stream.peek(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "ignore").encode()
    return "jsonl" if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "text"


# ---- files and folders ----


class _File(NamedTuple):
    """A file to read, the name that its documents get, and its kind; without a kind, the reason why it cannot be read."""

    path: str
    name: str
    kind: str | None
    reason: str = ""


def _walk(folder: Path, name: str, skip: frozenset[str]) -> Iterator[_File]:
    """Yield the files of a folder and its folders by name; hidden ones, and files that are no documents, are passed over."""
    try:
        # Of a folder of a million files no more than the names is held.
        entries = sorted(entry.name for entry in os.scandir(folder))
    except OSError as error:
        yield _File(str(folder), name, None, f"the folder cannot be read ({error.strerror}): check its permissions")
        return
    for entry in entries:
        path, inner, suffix = folder / entry, f"{name}/{entry}" if name else entry, Path(entry).suffix.lower()
        if entry.startswith(".") or os.path.realpath(path) in skip:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path, inner, skip)
        elif suffix in _KINDS and (path.is_file() or path.is_symlink()):
            yield _File(str(path), inner, _KINDS[suffix])
        elif suffix in _UNREADABLE:
            yield _File(str(path), inner, None, f"a {suffix} file cannot be read: turn it into one of {_READABLE}")


def _files(paths: Iterable[str | Path], skip: frozenset[str]) -> Iterator[_File]:
    for path in map(Path, paths):
        suffix = path.suffix.lower()
        if str(path) == STDIN:
            yield _File(STDIN, "stdin", "stdin")
        elif path.is_dir():
            yield from _walk(path, "", skip)
        elif not path.exists():
            yield _File(str(path), path.name, None, "there is no such file or folder: check the path")
        elif suffix in _KINDS or not suffix or not path.is_file():
            yield _File(str(path), path.name, _KINDS.get(suffix, "text"))
        else:
            yield _File(str(path), path.name, None, f"a {suffix} file cannot be read: turn it into one of {_READABLE}")


class _Seen:
    """A set of strings of which only 8-byte digests are kept: at most 24 bytes a string, so a million ids take 17 MB and ten thousand 0.3 MB.

    Two different strings among a million have one digest, and the second seems to be known, with a probability of 3 in 100 million.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))  # open addressing, the length a power of 2; 0 is a free slot
        self._count = 0

    def _slot(self, digest: int) -> int:
        mask = len(self._slots) - 1
        at = digest & mask
        while self._slots[at] not in (0, digest):
            at = (at + 1) & mask
        return at

    def __contains__(self, text: str) -> bool:
        return self._slots[self._slot(_digest(text))] != 0

    def add(self, text: str) -> None:
        digest = _digest(text)
        at = self._slot(digest)
        self._count += self._slots[at] == 0
        self._slots[at] = digest
        if 3 * self._count > 2 * len(self._slots):
            old, self._slots = self._slots, array("Q", bytes(16 * len(self._slots)))
            for digest in filter(None, old):
                self._slots[self._slot(digest)] = digest


def _digest(text: str) -> int:
    # An id may hold half a character, which is refused only after its digest was taken.
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1


class DocumentReader:
    """Iterates once over the documents of files, folders and standard input ("-"), in order, in constant memory but for a digest of each id.

    Documents come as `Located`, all that cannot be read as `Rejected`, each in its place.

    A document without an id of its own gets its file's name (in a folder, the path within the folder), with the line where there are several.
    `published` and `lang` overrule what the documents say. Of a folder, the files in `skip` (such as the output) are passed over.
    """

    def __init__(
        self,
        paths: Iterable[str | Path],
        *,
        published: dt.date | None = None,
        lang: Literal["zh", "en"] | None = None,
        skip: Iterable[str | Path] = (),
    ) -> None:
        """Take note of what to read; nothing is opened before iteration."""
        self._paths = tuple(paths)
        self._published = published
        self._lang = lang
        self._skip = frozenset(os.path.realpath(path) for path in skip)
        self._seen = _Seen()
        self._files_read = _Seen()
        self._finished_bytes = 0
        self._stream: BinaryIO | None = None
        self._part: float | None = None

    def total_bytes(self) -> int | None:
        """Return the size of everything to be read; None where it cannot be known (standard input)."""
        total = 0
        for file in _files(self._paths, self._skip):
            if file.kind is None:
                continue
            try:
                status = Path(file.path).stat() if file.kind != "stdin" else None
            except OSError:
                continue
            if status is None or not stat.S_ISREG(status.st_mode):
                return None
            total += status.st_size
        return total

    @property
    def bytes_read(self) -> int:
        """How much of `total_bytes` has been read."""
        try:
            if self._stream is None:
                return self._finished_bytes
            return self._finished_bytes + (self._stream.tell() if self._part is None else int(self._part * os.fstat(self._stream.fileno()).st_size))
        except (OSError, ValueError):
            return self._finished_bytes

    def __iter__(self) -> Iterator[Located | Rejected]:
        """Read on, one document at a time."""
        for file in _files(self._paths, self._skip):
            if file.kind is None:
                yield Rejected(file=file.path, reason=file.reason)
            else:
                yield from self._read(file, file.kind)

    def _read(self, file: _File, kind: str) -> Iterator[Located | Rejected]:
        try:
            with contextlib.ExitStack() as stack:
                if kind == "stdin":
                    stream = _stdin()
                    kind = _kind_of_stream(stream)
                else:
                    stream = stack.enter_context(Path(file.path).open("rb"))
                    self._once(os.fstat(stream.fileno()))
                self._stream = stream
                for row in _ROWS[kind](stream):
                    self._part = row.part
                    yield self._settle(file, row)
        except DocumentError as error:
            yield Rejected(file=file.path, reason=str(error))
        except OSError as error:
            yield Rejected(file=file.path, reason=f"it cannot be read ({error.strerror or error}): check the file and its permissions")
        finally:
            self._stream = self._part = None
            with contextlib.suppress(OSError):
                self._finished_bytes += Path(file.path).stat().st_size

    def _once(self, status: os.stat_result) -> None:
        key = f"{status.st_dev}:{status.st_ino}"
        if stat.S_ISREG(status.st_mode) and key in self._files_read:
            raise DocumentError("this file was read already, under this or another name")
        self._files_read.add(key)

    def _settle(self, file: _File, row: _Row) -> Located | Rejected:
        """Make a row a document: settle its id, publication date and language, and validate it."""
        if isinstance(row.fields, DocumentError):
            return Rejected(file=file.path, line=row.line, reason=str(row.fields))
        doc_id = row.fields.get("id")
        try:
            if doc_id is None or doc_id == "":
                doc_id = self._name(file, row.line)
            elif isinstance(doc_id, int):
                doc_id = str(doc_id)
            document = settle(doc_id, row.fields, published=self._published, lang=self._lang)
            if document.id in self._seen:
                raise DocumentError("an earlier document has this id: give every document an id of its own")
        except DocumentError as error:
            return Rejected(file=file.path, line=row.line, id=doc_id if isinstance(doc_id, str) else None, reason=str(error))
        self._seen.add(document.id)
        return Located(document, file.path, row.line)

    def _name(self, file: _File, line: int | None) -> str:
        """Return the file's name (with the line), or its whole path where a document of that name went before."""
        place = "" if line is None else f":{line}"
        return f"{file.name if f'{file.name}{place}' not in self._seen else file.path}{place}"


def _stdin() -> io.BufferedReader:
    stream = sys.stdin.buffer
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[arg-type]


def read_documents(
    paths: Iterable[str | Path],
    *,
    rejected: Callable[[Rejected], None] | None = None,
    published: dt.date | None = None,
    lang: Literal["zh", "en"] | None = None,
) -> Iterator[Document]:
    """Read the documents of files, folders and standard input ("-"), in order and in constant memory; see `DocumentReader`.

    Args:
        paths: .txt, .md, .html, .jsonl, .csv and .parquet files, folders of them, "-".
        rejected: is called with every input that cannot be read, and reading goes on; without it the first one is raised.
        published: the publication date of all documents, over what they say themselves.
        lang: the language of all documents, over what they say themselves.

    Raises:
        DocumentError: an input cannot be read and there is no `rejected`; names the file, the line and what to do.
    """
    for found in DocumentReader(paths, published=published, lang=lang):
        if isinstance(found, Located):
            yield found.document
        elif rejected is not None:
            rejected(found)
        else:
            raise DocumentError(str(found))
