"""CSV, Parquet and DuckDB: read back by their own readers, they say what the JSON Lines say; and they are written whole or not at all."""

import csv
import datetime as dt
import json
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.annotations import read_annotations
from healthevents.arrow import table_to_records
from healthevents.outputs import CONVERTED, OutputError, RunInfo, check, convert
from healthevents.outputs.csv import CSV_SEPARATOR, csv_cell, csv_columns, csv_text
from healthevents.schema import AnyRecord, Change, DateValue, Document, Entity, Funding, Investor, Mention, Metric, Money, Partnership, Phrase
from healthevents.writing import record_line

parquet = pytest.importorskip("pyarrow.parquet")
duckdb = pytest.importorskip("duckdb")
pandas = pytest.importorskip("pandas")

ROOT = Path(__file__).parents[1]
RUN = RunInfo(id="0a1b", started=dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), version="0.1.0", model="bundled", arguments=("news", "-o"))

# ---- a run: the gold records of the seeds, and a document that nobody would want to open in a spreadsheet ----

HOSTILE = Document(
    id='=h"1', text='=cmd|calc!A1 raised -5; "美"\r\n+1, @SUM(A1)\ttab\0null 🩺 ’', title="@title", published=dt.date(2021, 3, 5), lang="en", source="-x\r"
)


def mention(text: str) -> Mention:
    start = HOSTILE.text.index(text)
    return Mention.of(HOSTILE.text, start, start + len(text))


def entity(text: str) -> Entity:
    return Entity(name=text, canonical=text.strip(), mention=mention(text))


FORMULA = entity("=cmd|calc!A1")
HOSTILE_RECORDS: tuple[AnyRecord, ...] = (
    Funding(
        company=FORMULA,
        investors=(Investor(name="@SUM(A1)", mention=mention("@SUM(A1)"), lead=True), Investor(name='"美"', mention=mention('"美"'))),
        amount=Money(value=Decimal("-5"), currency="USD", mention=mention("-5")),
        round="b",
        round_mention=mention("raised"),
        round_mentions=(mention("raised"), mention("tab")),
        date=DateValue(start=dt.date(2021, 1, 1), end=dt.date(2021, 3, 31), precision="quarter", mention=mention("null")),
        evidence=(mention(HOSTILE.text),),
    ),
    Partnership(parties=(FORMULA.at(mention("=cmd"), mention("calc!A1")), entity("+1, @SUM(A1)\ttab")), scope=Phrase(text="\ttab", mention=mention("\ttab"))),
    Metric(
        subject=entity("\0null"),
        name=Phrase(text="+1", mention=mention("+1")),
        changes=(
            Change(direction="down", value=Decimal("-0.5"), unit="%", mention=mention("-5")),
            Change(direction="up", basis="since", mention=mention("🩺")),
        ),
    ),
    Metric(name=Phrase(text="x", mention=mention("tab")), value=Money(value=Decimal("1e-12"), currency=None, mention=mention("-5"))),
)


def spool(folder: Path, extracted: Sequence[tuple[Document, Sequence[AnyRecord]]], file: str = "news.jsonl") -> tuple[Path, Path]:
    """Write what a run hands over: its records and its documents."""
    records, documents = folder / "records.jsonl", folder / "documents.jsonl"
    with records.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(record_line(record) + "\n" for _, found in extracted for record in found)
    with documents.open("w", encoding="utf-8", newline="\n") as lines:
        for number, (document, found) in enumerate(extracted, 1):
            row = document.model_dump(mode="json", include={"id", "title", "published", "lang", "source"})
            row |= {"characters": len(document.text), "file": file, "line": number, "records": len(found)}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    return records, documents


def numbered(document: Document, records: Sequence[AnyRecord]) -> tuple[Document, list[AnyRecord]]:
    return document, [record.model_copy(update={"id": f"{document.id}/{n}", "doc_id": document.id}) for n, record in enumerate(records)]


GOLD = [numbered(Document.model_validate(d.model_dump(include=set(Document.model_fields))), d.records) for d in read_annotations(ROOT / "seeds" / "gold.jsonl")]
EXTRACTED = [*GOLD, (Document(id="empty", text="nothing"), []), numbered(HOSTILE, HOSTILE_RECORDS)]
RECORDS = [record for _, found in EXTRACTED for record in found]


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "work").mkdir()
    return spool(tmp_path / "work", EXTRACTED)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "events"


def wire(records: Sequence[AnyRecord]) -> list[dict[str, Any]]:
    return [json.loads(record_line(record)) for record in records]


def lines(records: Sequence[AnyRecord]) -> list[str]:
    return [record_line(record) for record in records]


# ---- CSV ----


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def joined(fillers: Sequence[dict[str, Any]], part: str) -> str:
    return CSV_SEPARATOR.join("" if filler[part] is None else str(filler[part]).replace("True", "true") for filler in fillers)


CELLS: dict[str, dict[str, Callable[[dict[str, Any]], Any]]] = {
    "funding": {
        "company": lambda r: r["company"]["name"],
        "investors": lambda r: joined(r["investors"], "name"),
        "amount": lambda r: r["amount"] and r["amount"]["value"],
        "amount_high": lambda r: r["amount"] and r["amount"]["high"],
        "amount_currency": lambda r: r["amount"] and r["amount"]["currency"],
        "amount_text": lambda r: r["amount"] and r["amount"]["mention"]["text"],
        "round": lambda r: r["round"],
        "round_text": lambda r: r["round_mention"] and r["round_mention"]["text"],
        "date_start": lambda r: r["date"] and r["date"]["start"],
        "date_precision": lambda r: r["date"] and r["date"]["precision"],
    },
    "partnership": {
        "parties": lambda r: joined(r["parties"], "name"),
        "parties_canonical": lambda r: joined(r["parties"], "canonical"),
        "kind": lambda r: r["kind"],
        "scope": lambda r: r["scope"] and r["scope"]["text"],
        "exclusive": lambda r: {True: "true", False: "false"}.get(r["exclusive"]),
    },
    "product_launch": {
        "product": lambda r: r["product"]["name"],
        "organisation": lambda r: r["organisation"] and r["organisation"]["name"],
        "action": lambda r: r["action"],
        "version": lambda r: r["version"] and r["version"]["text"],
    },
    "metric": {
        "subject": lambda r: r["subject"] and r["subject"]["name"],
        "name": lambda r: r["name"]["text"],
        "value": lambda r: r["value"] and r["value"]["value"],
        "value_low": lambda r: r["value"] and r["value"]["low"],
        "value_unit": lambda r: r["value"] and r["value"].get("unit"),
        "value_currency": lambda r: r["value"] and r["value"].get("currency"),
        "changes_direction": lambda r: joined(r["changes"], "direction"),
        "changes_value": lambda r: joined(r["changes"], "value"),
        "as_of_end": lambda r: r["as_of"] and r["as_of"]["end"],
    },
}


def test_a_csv_says_what_the_records_say(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".csv")
    convert(*run, path, RUN)
    rows = read_csv(path)
    assert len(rows) == len(RECORDS)
    documents = {document.id: document for document, _ in EXTRACTED}
    for row, record in zip(rows, wire(RECORDS), strict=True):
        document = documents[record["doc_id"]]
        expected = {
            **{name: record[name] for name in ("type", "id", "doc_id", "status", "confidence")},
            **{"title": document.title, "published": document.published, "source": document.source, "lang": document.lang},
            "evidence": joined(record["evidence"], "text"),
            **{name: cell(record) for name, cell in CELLS[record["type"]].items()},
        }
        for name, value in expected.items():
            assert csv_text(row[name]) == ("" if value is None else str(value)).replace("\0", "\ufffd"), name
        others = {name for kind, cells in CELLS.items() if kind != record["type"] for name in cells} - expected.keys()
        assert not any(row[name] for name in others if name not in ("date_start", "date_precision"))


def test_csv_is_read_alike_by_pandas_and_duckdb(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".csv")
    convert(*run, path, RUN)
    plain = read_csv(path)
    assert list(plain[0]) == csv_columns()
    assert pandas.read_csv(path, dtype=str, keep_default_na=False).to_dict("records") == plain
    relation = duckdb.read_csv(str(path), all_varchar=True, header=True)
    duck = [dict(zip(relation.columns, ("" if cell is None else cell for cell in row), strict=True)) for row in relation.fetchall()]
    assert duck == plain


def test_numbers_in_a_csv_are_numbers(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".csv")
    convert(*run, path, RUN)
    frame = pandas.read_csv(path)
    assert frame["confidence"].dtype == frame["amount"].dtype == frame["value"].dtype == "float64"
    assert -5 in frame["amount"].to_list()


def test_excel_takes_a_csv_for_utf_8(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".csv")
    convert(*run, path, RUN)
    assert path.read_bytes().startswith(b"\xef\xbb\xbftype,id,")


@given(st.text() | st.from_regex(r"'{0,2}[=+\-@\t\r\n＝＋－＠].{0,3}") | st.integers().map(str) | st.decimals(allow_nan=False, allow_infinity=False).map(str))
def test_no_cell_is_a_formula_and_every_cell_can_be_read_back(text: str) -> None:
    cell = csv_cell(text)
    assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert not cell.startswith("-") or float(cell) <= 0
    assert csv_text(cell) == text.replace("\0", "\ufffd")


# ---- Parquet ----


def test_a_parquet_file_is_the_records(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".parquet")
    convert(*run, path, RUN)
    assert lines(table_to_records(parquet.read_table(path))) == lines(RECORDS)
    assert RunInfo.model_validate_json(parquet.read_schema(path).metadata[b"healthevents.run"]) == RUN


def test_parquet_is_read_by_pandas_and_duckdb(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".parquet")
    convert(*run, path, RUN)
    frame = pandas.read_parquet(path)
    assert list(frame["id"]) == [record.id for record in RECORDS]
    assert [company["name"] for company in frame["company"].dropna()] == [record.company.name for record in RECORDS if isinstance(record, Funding)]
    back = duckdb.read_parquet(str(path)).to_arrow_table()
    assert lines(table_to_records(back)) == lines(RECORDS)


def test_many_records_go_into_groups_of_rows(tmp_path: Path, out: Path) -> None:
    path, many = out.with_suffix(".parquet"), [numbered(Document(id=str(n), text="x"), HOSTILE_RECORDS[:1] * 10) for n in range(1800)]
    convert(*spool(tmp_path, many), path, RUN)
    file = parquet.ParquetFile(path)
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (18000, 2)
    assert file.read(["id"])["id"].to_pylist() == [record.id for _, found in many for record in found]


# ---- DuckDB ----


def query(path: Path, sql: str) -> list[Any]:
    with duckdb.connect(path, read_only=True) as database:
        rows: list[Any] = database.sql(sql).fetchall()
        return rows


def dump(path: Path) -> dict[str, list[Any]]:
    return {table: query(path, f"SELECT * FROM {table} ORDER BY ALL") for table in ("runs", "documents", "records", "mentions")}


def records_in(path: Path, where: str = "true") -> list[AnyRecord]:
    with duckdb.connect(path, read_only=True) as database:
        return table_to_records(database.sql(f"SELECT * FROM records WHERE {where}").to_arrow_table())


def test_a_database_holds_records_mentions_documents_and_the_run(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    convert(*run, path, RUN)
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["events.duckdb"]
    assert lines(records_in(path)) == lines(RECORDS)
    assert query(path, "FROM runs") == [("0a1b", dt.datetime(2026, 3, 1, 12), "0.1.0", "bundled", ["news", "-o"])]
    assert query(path, "SELECT doc_id, title, published, source, lang, characters, file, line, records FROM documents") == [
        (d.id, d.title, d.published, d.source, d.lang, len(d.text), "news.jsonl", n, len(found)) for n, (d, found) in enumerate(EXTRACTED, 1)
    ]


def test_every_mention_of_a_database_is_a_slice_of_its_document(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    convert(*run, path, RUN)
    documents = {document.id: document for document, _ in EXTRACTED}
    found = query(path, "SELECT record_id, role, position, nearest, quoted_doc_id, part, start_offset, end_offset, text FROM mentions")
    assert all(documents[doc_id].part(part)[start:end] == text for *_, doc_id, part, start, end, text in found)

    def count(value: Any) -> int:
        """Count the mentions in a record on the wire; the nearest of several is repeated in their list."""
        if isinstance(value, list):
            return sum(map(count, value))
        if not isinstance(value, dict):
            return 0
        nested = {name: inner for name, inner in value.items() if not (name in ("mention", "round_mention") and f"{name}s" in value)}
        return int("start" in value and "in" in value) + sum(map(count, nested.values()))

    assert len(found) == count(wire(RECORDS))
    (deal,) = [record for record in RECORDS if isinstance(record, Funding) and record.doc_id == HOSTILE.id]
    rounds = [row[1:4] + row[-1:] for row in found if row[0] == deal.id and row[1] == "round"]
    assert rounds == [("round", 0, True, "raised"), ("round", 0, False, "tab")]
    assert [row[2] for row in found if row[0] == deal.id and row[1] == "investors"] == [0, 1]


def test_the_views_show_each_type_flat(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    convert(*run, path, RUN)
    for kind in CELLS:
        expected = [record for record in wire(RECORDS) if record["type"] == kind]
        assert query(path, f"SELECT id FROM {kind}") == [(record["id"],) for record in expected]
    deals = [record for record in RECORDS if isinstance(record, Funding)]
    shown = query(path, "SELECT company, amount, amount_currency, date_start, investors, published FROM funding")
    assert [row[:5] for row in shown] == [
        (
            deal.company.name, deal.amount and deal.amount.value, deal.amount and deal.amount.currency, deal.date and deal.date.start,
            [investor.name for investor in deal.investors],
        )
        for deal in deals
    ]  # fmt: skip
    assert shown[-1][5] == HOSTILE.published
    assert query(path, "SELECT sum(amount * 2) > 0 FROM funding WHERE amount_currency = 'CNY'") == [(True,)]


def test_the_same_run_twice_is_one_run(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    convert(*run, path, RUN)
    once = dump(path)
    convert(*run, path, RUN)
    assert dump(path) == once


def test_other_runs_stay_and_views_show_the_newest_of_each_document(tmp_path: Path, run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    convert(*run, path, RUN)
    (tmp_path / "later").mkdir()
    later = RUN.model_copy(update={"id": "ffff", "started": RUN.started + dt.timedelta(days=1)})
    document, found = GOLD[0]
    new = numbered(Document(id="new", text=document.text), found)
    convert(*spool(tmp_path / "later", [(document, found[:1]), new]), path, later)
    assert lines(records_in(path, "run_id = '0a1b'")) == lines(RECORDS)
    assert lines(records_in(path, "run_id = 'ffff'")) == lines([*found[:1], *new[1]])
    current = sum(query(path, f"SELECT count(*) FROM {kind}")[0][0] for kind in CELLS)
    assert current == len(RECORDS) - len(found) + 1 + len(new[1])
    assert query(path, "SELECT count(*) FROM latest_documents") == [(len(EXTRACTED) + 1,)]
    # Another file's document of the same id is another document.
    elsewhere = RUN.model_copy(update={"id": "eeee"})
    convert(*spool(tmp_path / "later", [(document, found)], file="other.jsonl"), path, elsewhere)
    assert sum(query(path, f"SELECT count(*) FROM {kind}")[0][0] for kind in CELLS) == current + len(found)


def test_our_tables_can_stand_beside_others(run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE mine AS SELECT 1 AS one")
    check(path)
    assert query(path, "SHOW TABLES") == [("mine",)]
    convert(*run, path, RUN)
    assert lines(records_in(path)) == lines(RECORDS)
    assert query(path, "FROM mine") == [(1,)]


def not_a_database(path: Path) -> None:
    path.write_bytes(b"this is no database, and it is long enough to have a header" * 100)


def other_tables(path: Path) -> None:
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE records (id INTEGER)")


def other_views(path: Path) -> None:
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE metric AS SELECT 1 AS one")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (not_a_database, "cannot write the database .*events.duckdb: .*not a valid DuckDB"),
        (other_tables, "the table records of .*events.duckdb has other columns .* choose another file"),
        (other_views, "cannot write the database .*events.duckdb: .*metric"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_found_before_the_work(run: tuple[Path, Path], out: Path, make: Callable[[Path], None], words: str) -> None:
    path = out.with_suffix(".duckdb")
    make(path)
    before = path.read_bytes()
    with pytest.raises(OutputError, match=words):
        check(path)
    with pytest.raises(OutputError, match=words):
        convert(*run, path, RUN)
    assert path.read_bytes() == before


@pytest.fixture
def other_process(out: Path) -> Iterator[None]:
    """Another process that has the database open."""
    program = "import duckdb, sys; database = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", program, str(out.with_suffix(".duckdb"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield
    process.communicate("")


@pytest.mark.usefixtures("other_process")
def test_a_database_in_use_is_named(out: Path) -> None:
    with pytest.raises(OutputError, match=r"events.duckdb: .*lock"):
        check(out.with_suffix(".duckdb"))


# ---- whole or not at all ----


@pytest.mark.parametrize("suffix", sorted(CONVERTED))
@pytest.mark.parametrize("earlier", [False, True])
def test_a_run_that_does_not_hold_together_changes_nothing(run: tuple[Path, Path], out: Path, suffix: str, earlier: bool) -> None:
    path = out.with_suffix(suffix)
    if earlier:
        convert(*run, path, RUN)
    before = dump(path) if earlier and suffix == ".duckdb" else None if suffix == ".duckdb" else path.read_bytes() if earlier else b""
    records, documents = run
    records.write_bytes(records.read_bytes()[: -len(lines(RECORDS)[-1].encode()) - 1])
    with pytest.raises(OutputError, match=r"does not hold the records .* run the extraction again"):
        convert(records, documents, path, RUN.model_copy(update={"id": "cccc"}))
    assert [entry.name for entry in path.parent.iterdir()] == ([path.name] if earlier else [])
    if earlier:
        assert (dump(path) if suffix == ".duckdb" else path.read_bytes()) == before


@pytest.mark.parametrize("suffix", sorted(CONVERTED))
def test_an_empty_run_makes_an_output(tmp_path: Path, out: Path, suffix: str) -> None:
    path = out.with_suffix(suffix)
    convert(*spool(tmp_path, []), path, RUN)
    match suffix:
        case ".csv":
            assert read_csv(path) == []
        case ".parquet":
            assert parquet.read_table(path).num_rows == 0
        case _:
            assert query(path, "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM records)") == [(1, 0)]


@pytest.mark.parametrize("suffix", sorted(CONVERTED))
def test_a_missing_folder_is_named(run: tuple[Path, Path], out: Path, suffix: str) -> None:
    with pytest.raises((OSError, OutputError), match="nowhere"):
        convert(*run, out.parent / "nowhere" / f"events{suffix}", RUN)


CONVERT = """
import sys
from pathlib import Path
from healthevents.outputs import OutputError, RunInfo, convert
records, documents, out, run = sys.argv[1:]
try:
    convert(Path(records), Path(documents), Path(out), RunInfo.model_validate_json(run))
except (OSError, OutputError) as error:
    print(type(error).__name__, error)
"""


def converting(run: tuple[Path, Path], path: Path, info: RunInfo, **options: Any) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-B", "-c", CONVERT, *map(str, run), str(path), info.model_dump_json()]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize("suffix", sorted(CONVERTED))
def test_a_full_disk_leaves_nothing(run: tuple[Path, Path], out: Path, suffix: str) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    said, errors = converting(run, out.with_suffix(suffix), RUN, preexec_fn=small_files).communicate()
    assert said.startswith(("OSError", "OutputError")), said + errors
    assert not list(out.parent.iterdir())


def test_a_run_killed_while_it_is_added_leaves_the_database_as_it_was_or_has_it_all(tmp_path: Path, run: tuple[Path, Path], out: Path) -> None:
    path = out.with_suffix(".duckdb")
    convert(*run, path, RUN)
    before = dump(path)
    (tmp_path / "more").mkdir()
    many = [numbered(Document(id=str(n), text=HOSTILE.text), HOSTILE_RECORDS) for n in range(400)]
    more, info = spool(tmp_path / "more", many), RUN.model_copy(update={"id": "dddd"})
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    killed = 0
    for _ in range(5):
        process = converting(more, path, info)
        time.sleep(chance.uniform(0.1, 1.5))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        process.communicate()
        now = dump(path)
        assert len(now["records"]) in (len(before["records"]), len(before["records"]) + 1600), f"seed {seed}"
        if len(now["records"]) == len(before["records"]):
            assert now == before, f"seed {seed}"
    convert(*more, path, info)
    assert lines(records_in(path, "run_id = 'dddd'")) == lines([record for _, found in many for record in found])
    assert lines(records_in(path, "run_id = '0a1b'")) == lines(RECORDS)
    assert killed, f"seed {seed}"


@pytest.mark.parametrize(
    ("suffix", "package", "extra"), [(".parquet", "pyarrow", "parquet"), (".duckdb", "duckdb", "duckdb"), (".duckdb", "pyarrow", "duckdb")]
)
def test_a_missing_package_is_named_before_the_work(out: Path, suffix: str, package: str, extra: str) -> None:
    program = f"""
import sys
sys.modules[{package!r}] = None
from pathlib import Path
from healthevents.outputs import check
check(Path({str(out.with_suffix(suffix))!r}))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"OutputError: a {suffix} output needs {package}, which is not installed: pip install 'healthevents[{extra}]'" in run.stderr
