"""The command line: exit statuses, outputs, messages. A fake extractor stands in for the model."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from healthevents.cli import main
from healthevents.schema import AnyRecord, Document, record_schema
from tests.extractors import TEXT, FakeExtractor, use


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, FakeExtractor)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    for name, text in {"a.txt": TEXT, "b.txt": "nothing here", "c.txt": f"2021-03-05 08:00\n{TEXT}"}.items():
        Path(name).write_text(text, encoding="utf-8")


def rows(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def test_all_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", "c.txt", "a.txt", "b.txt", "-o", "out.jsonl"]) == 0
    assert [row["doc_id"] for row in rows("out.jsonl")] == ["c.txt", "a.txt"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "2 records from 3 documents in out.jsonl\n"
    assert not Path("out.rejected.jsonl").exists()


def test_some_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.txt").write_text("raise", encoding="utf-8")
    Path("e.txt").write_bytes(b"%PDF-1.4")
    assert main(["extract", "a.txt", "d.txt", "e.txt", "missing.txt", "c.txt", "-o", "out.jsonl"]) == 3
    assert [row["doc_id"] for row in rows("out.jsonl")] == ["a.txt", "c.txt"]
    rejected = rows("out.rejected.jsonl")
    assert [(row["file"], row["id"]) for row in rejected] == [("d.txt", "d.txt"), ("e.txt", None), ("missing.txt", None)]
    assert "extraction failed (ValueError: no good)" in rejected[0]["reason"]
    err = capsys.readouterr().err
    assert "set aside: missing.txt: there is no such file or folder" in err
    assert "3 inputs set aside, each with its reason in out.rejected.jsonl" in err


def test_quiet_says_nothing_that_the_sidecar_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", "missing.txt", "-o", "out.jsonl", "-q"]) == 3
    assert capsys.readouterr().err == ""
    assert rows("out.jsonl") == []


def test_without_a_sidecar_every_rejected_input_is_named_even_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    missing = [f"missing{n}.txt" for n in range(30)]
    assert main(["extract", *missing, "a.txt", "-o", "-", "-q"]) == 3
    captured = capsys.readouterr()
    assert captured.err.count("set aside: missing") == 30
    assert [json.loads(line)["doc_id"] for line in captured.out.splitlines()] == ["a.txt"]


def test_without_out_jsonl_goes_to_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", "a.txt"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["doc_id"] == "a.txt"
    assert captured.err == "1 record from 1 document\n"


def test_a_table_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", "c.txt", "b.txt", "--table", "-o", "out.jsonl"]) == 0
    out = capsys.readouterr().out
    assert "c.txt · 2021-03-05" in out
    assert "700 家" in out
    assert "b.txt · date unknown" in out
    assert "no records" in out
    assert len(rows("out.jsonl")) == 1


def test_a_table_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["extract", "a.txt"]) == 0
    assert "700 家" in capsys.readouterr().out


def test_progress_on_a_terminal_only(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["extract", "a.txt", "missing.txt", "-o", "out.jsonl"]) == 3
    err = capsys.readouterr().err
    assert "1 documents" in err
    assert "set aside: missing.txt" in err


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode("gb18030"))))
    assert main(["extract", "-", "-o", "out.jsonl"]) == 0
    assert rows("out.jsonl")[0]["doc_id"] == "stdin"


def test_published_and_lang_reach_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Document] = []

    class Listening(FakeExtractor):
        def extract(self, document: Document) -> list[AnyRecord]:
            seen.append(document)
            return []

    use(monkeypatch, Listening)
    assert main(["extract", "a.txt", "--published", "2020-01-02", "--lang", "en", "-o", "-", "-q"]) == 0
    assert (str(seen[0].published), seen[0].lang) == ("2020-01-02", "en")


def test_a_folder_that_holds_the_output_can_be_read_again() -> None:
    for _ in range(2):
        assert main(["extract", ".", "-o", "out.jsonl", "-q"]) == 0
    assert len(rows("out.jsonl")) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["extract"],
        ["extract", "a.txt", "--published", "soon"],
        ["extract", "a.txt", "--lang", "fr"],
        ["extract", "a.txt", "--threads", "0"],
        ["extract", "a.txt", "--table", "-o", "-"],
        ["extract", "a.txt", "--workers", "0"],
        ["extract", "a.txt", "--resume"],
        ["extract", "a.txt", "--resume", "-o", "-"],
        ["evaluate"],
        ["evaluate", "gold.jsonl", "--split", "dev"],
        ["schema", "x"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    try:
        status = main(arguments)
    except SystemExit as stopped:
        status = stopped.code  # type: ignore[assignment]
    assert status == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["extract", "a.txt", "-o", "no/such/out.jsonl"], "cannot write no/such/out.jsonl: the folder no/such does not exist: make it first"),
        (["extract", "a.txt", "-o", "."], "is a folder"),
        (["extract", "a.txt", "-o", "out.jsonl", "--model", "no/model"], "cannot load the model no/model"),
        (["extract", "a.txt", "-o", "/dev/full"], "No space left on device"),
        (["extract", "a.txt", "-o", "a.txt/out.jsonl"], "the folder a.txt does not exist"),
        (["evaluate", "missing.jsonl"], "missing.jsonl"),
        (["evaluate", "gold.jsonl", "--predictions", "missing.jsonl"], "missing.jsonl"),
        (["evaluate", "gold.jsonl", "--split", "no", "--splits", "splits.json"], "no split 'no'"),
        (["evaluate", "a.txt"], "not JSON"),
    ],
)
def test_failure(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    gold()
    Path("splits.json").write_text('{"dev": ["a"]}', encoding="utf-8")
    before = set(Path().iterdir())
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert set(Path().iterdir()) == before


def test_stopped_by_the_user(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Stopped(FakeExtractor):
        def extract(self, document: Document) -> list[AnyRecord]:
            raise KeyboardInterrupt

    use(monkeypatch, Stopped)
    assert main(["extract", "a.txt", "-o", "out.jsonl"]) == 1
    assert "stopped" in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["a.txt", "b.txt", "c.txt"]


def test_stopped_after_some_work_a_run_is_gone_on_with(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Stopped(FakeExtractor):
        def extract(self, document: Document) -> list[AnyRecord]:
            if document.id == "c.txt":
                raise KeyboardInterrupt
            return super().extract(document)

    inputs = ["missing.txt", "a.txt", "b.txt", "c.txt"]
    assert main(["extract", *inputs, "-o", "whole.jsonl", "-q"]) == 3
    use(monkeypatch, Stopped)
    assert main(["extract", *inputs, "-o", "out.jsonl", "-q"]) == 1
    assert capsys.readouterr().err == "healthevents: stopped; nothing was written under the output's name; --resume goes on after 3 inputs\n"
    use(monkeypatch, FakeExtractor)
    assert main(["extract", "a.txt", "-o", "out.jsonl", "--resume"]) == 1
    assert "the inputs are not those" in capsys.readouterr().err
    assert main(["extract", *inputs, "-o", "out.jsonl", "--resume", "--lang", "en"]) == 1
    assert "was begun with lang None, not en" in capsys.readouterr().err
    assert main(["extract", *inputs, "-o", "out.jsonl", "--resume"]) == 3
    assert capsys.readouterr().err.splitlines() == [
        "going on after 3 inputs of the unfinished run to out.jsonl",
        "2 records from 3 documents in out.jsonl",
        "1 input set aside, each with its reason in out.rejected.jsonl",
    ]
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert Path("out.rejected.jsonl").read_bytes() == Path("whole.rejected.jsonl").read_bytes()
    assert not [path for path in Path().iterdir() if path.name.startswith(".")]


def test_a_run_is_not_gone_on_with_under_another_model(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class AnyModel(FakeExtractor):
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def extract(self, document: Document) -> list[AnyRecord]:
            if document.id == "b.txt":
                raise KeyboardInterrupt
            return []

    use(monkeypatch, AnyModel)
    for model in ("m1", "m2"):
        Path(model).mkdir()
        Path(model, "labels.json").write_text(model, encoding="utf-8")
    assert main(["extract", "a.txt", "b.txt", "-o", "out.jsonl", "--model", "m1"]) == 1
    assert main(["extract", "a.txt", "b.txt", "-o", "out.jsonl", "--model", "m2", "--resume"]) == 1
    assert "was begun with model m1-" in capsys.readouterr().err


def test_the_suffix_says_the_format() -> None:
    assert main(["extract", "a.txt", "b.txt", "-o", "out.csv", "-q"]) == 0
    assert Path("out.csv").read_text("utf-8-sig").startswith("type,")
    assert sorted(path.name for path in Path().iterdir()) == ["a.txt", "b.txt", "c.txt", "out.csv"]


def gold() -> None:
    mention = {"start": 0, "end": 3, "text": "甲科技"}
    value = {"value": "700", "unit": "家", "modifier": "exact", "mention": {"start": 5, "end": 9, "text": "700家"}}
    record = {
        "type": "metric",
        "subject": {"name": "甲科技", "mention": mention},
        "name": {"text": "医院", "mention": {"start": 9, "end": 11, "text": "医院"}},
        "value": value,
    }
    documents = [{"id": "a", "lang": "zh", "text": TEXT, "records": [record]}, {"id": "b", "lang": "en", "text": "nothing", "records": []}]
    Path("gold.jsonl").write_text("".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents), encoding="utf-8")


def test_evaluate_extracts_or_reads_predictions(capsys: pytest.CaptureFixture[str]) -> None:
    gold()
    assert main(["evaluate", "gold.jsonl", "--json"]) == 0
    extracted = json.loads(capsys.readouterr().out)
    assert extracted["documents"] == 2
    assert main(["extract", "gold.jsonl", "-o", "out.jsonl", "-q"]) == 0
    assert main(["evaluate", "gold.jsonl", "--predictions", "out.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == extracted
    assert next(row for row in extracted["rows"] if row["type"] == "metric" and row["language"] == "all")["record"]["f1"] == 1.0


def test_evaluate_writes_the_errors_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    gold()
    Path("none.jsonl").write_text("", encoding="utf-8")
    assert main(["evaluate", "gold.jsonl", "--predictions", "none.jsonl", "--errors", "errors.txt"]) == 0
    lines = Path("errors.txt").read_text("utf-8").splitlines()
    assert lines
    assert all("missed" in line for line in lines)
    assert main(["evaluate", "gold.jsonl", "--predictions", "none.jsonl", "--errors", "no/such/folder/errors.txt"]) == 1
    assert "no/such/folder/errors.txt" in capsys.readouterr().err


def test_evaluate_scores_several_files_together(capsys: pytest.CaptureFixture[str]) -> None:
    gold()
    Path("more.jsonl").write_text('{"id": "c", "lang": "en", "text": "nothing", "records": []}', encoding="utf-8")
    assert main(["evaluate", "gold.jsonl", "more.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 3


def test_evaluate_prints_a_table_of_a_split(capsys: pytest.CaptureFixture[str]) -> None:
    gold()
    Path("splits.json").write_text('{"dev": ["a"]}', encoding="utf-8")
    assert main(["evaluate", "gold.jsonl", "--split", "dev", "--splits", "splits.json"]) == 0
    out = capsys.readouterr().out
    assert "record F1" in out
    assert "1 documents" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nonsense", "out.jsonl, line 1: is no record"),
        ('{"type": "metric", "doc_id": "a"}', "record 'metric': metric.name: Field required"),
        ('{"type": "metric", "doc_id": "z"}', "document 'z' is not among the annotated ones"),
    ],
)
def test_evaluate_names_a_bad_prediction(line: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    gold()
    Path("out.jsonl").write_text(line + "\n", encoding="utf-8")
    assert main(["evaluate", "gold.jsonl", "--predictions", "out.jsonl"]) == 1
    assert words in capsys.readouterr().err


def test_evaluate_goes_on_where_a_document_fails(capsys: pytest.CaptureFixture[str]) -> None:
    documents = [{"id": "a", "text": "raise", "records": []}, {"id": "b", "text": "nothing", "records": []}]
    Path("gold.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    assert main(["evaluate", "gold.jsonl", "--json"]) == 3
    assert "(id 'a'): extraction failed" in capsys.readouterr().err


def test_schema_is_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == record_schema()


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_help_and_import_load_nothing_heavy() -> None:
    heavy = "{'pydantic', 'numpy', 'onnxruntime', 'tokenizers', 'trafilatura', 'rich', 'torch', 'pyarrow'}"
    run = python(f"import sys, healthevents.cli\ntry: healthevents.cli.main(['--help'])\nexcept SystemExit: pass\nprint(sorted({heavy} & set(sys.modules)))")
    assert run.stdout.splitlines()[-1] == "[]"


def test_public_names_are_there_and_load_no_more_than_they_need() -> None:
    run = python(
        "import sys, healthevents\nhealthevents.Funding\nprint('onnxruntime' in sys.modules, all(hasattr(healthevents, n) for n in healthevents.__all__))"
    )
    assert run.stdout.strip() == "False True"
    assert python("import healthevents; healthevents.nonsense").returncode == 1


def test_as_a_module() -> None:
    run = subprocess.run([sys.executable, "-m", "healthevents", "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.startswith("healthevents ")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    Path("many.jsonl").write_text(f'{{"text": "{TEXT}"}}\n' * 5000, encoding="utf-8")
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import pytest
from healthevents import cli
from tests.extractors import FakeExtractor, use
use(pytest.MonkeyPatch(), FakeExtractor)
sys.exit(cli.main(["extract", "many.jsonl", "-o", "-", "-q"]))
"""
    writer = subprocess.Popen([sys.executable, "-B", "-c", code, str(Path(__file__).parents[1])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stderr is not None
    assert json.loads(writer.stdout.readline())["doc_id"] == "many.jsonl:1"
    writer.stdout.close()
    assert writer.wait(60) == 1
    assert writer.stderr.read() == ""
    writer.stderr.close()
