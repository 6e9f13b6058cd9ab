"""The command line: `healthevents extract`, `merge`, `report`, `evaluate` and `schema`.

Exit status: 0 all inputs read, 3 some set aside, 2 wrong usage, 1 failure. Whatever takes time to load is imported by the command that needs it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress

    from healthevents.annotations import AnnotatedDocument
    from healthevents.batch import Extracts
    from healthevents.documents import DocumentReader, Found, Located, Rejected
    from healthevents.schema import AnyRecord
    from healthevents.writing import Sink

ALL_READ, FAILED, WRONG_USAGE, SOME_SET_ASIDE = 0, 1, 2, 3
_PROG = "healthevents"
# So many rejected inputs are named on the terminal; the sidecar has them all.
_MOST_NAMED = 10
# Options without an effect on what is extracted: a run may be gone on with under others.
_WITHOUT_EFFECT = frozenset({"run", "paths", "out", "table", "quiet", "resume", "workers", "threads", "model"})
# Rich takes 80 columns where there is no terminal, too few for the table of records.
_PAGE_WIDTH = 120


class _FailureError(Exception):
    """The command cannot go on; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    # What trafilatura has to say about a page is in the reason for which the page is set aside.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options, parser)
        sys.stdout.flush()
    except _FailureError as error:
        _say(f"{_PROG}: {error}")
        return FAILED
    except KeyboardInterrupt:
        _say(f"{_PROG}: stopped; nothing was written under the output's name")
        return FAILED
    except OSError as error:
        # Standard output takes no more: its reader has seen enough (`| head`), or its disk is full. Without this Python fails once more at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            _say(f"{_PROG}: cannot write to standard output: {_reason(error)}")
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROG, description="Healthcare-industry news in Chinese or English in; typed, validated records out.")
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    extract = commands.add_parser(
        "extract",
        help="extract records from documents",
        description="Extract funding, partnership, launch and metric records from documents.",
        epilog="Exit status: 0 all read, 3 some inputs set aside (each with its reason in OUT's .rejected.jsonl), 2 wrong usage, 1 failure.",
    )
    extract.add_argument("paths", nargs="+", metavar="PATH", help=".txt .md .html .jsonl .csv .parquet files, folders of them, or - for standard input")
    extract.add_argument(
        "-o",
        "--out",
        metavar="OUT",
        help="write to this file, by its suffix: .csv .parquet .duckdb, else JSONL; - for standard output (default: a table on a terminal, else JSONL)",
    )
    extract.add_argument("--table", action="store_true", help="print a table of the records")
    extract.add_argument("--published", type=_date, metavar="DATE", help="publication date of all documents (YYYY-MM-DD), over what they say themselves")
    extract.add_argument("--lang", choices=("zh", "en"), help="language of all documents (default: told from each text)")
    _model_options(extract)
    extract.add_argument("--workers", type=_positive, metavar="N", help="extract in N processes of their own, which share the cores (default: in this one)")
    extract.add_argument("--resume", action="store_true", help="go on with an earlier run to OUT that was stopped or killed, if there is one")
    extract.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no summary")
    extract.set_defaults(run=_extract)

    merge = commands.add_parser(
        "merge",
        help="join records of several documents that report one event",
        description="Join records of several documents that report one event; every other record comes out as it is. docs/merging.md has the rules.",
    )
    merge.add_argument("paths", nargs="+", metavar="OUT.jsonl", help="records as extract writes them, of one run or several; - for standard input")
    merge.add_argument("-o", "--out", metavar="MERGED.jsonl", help="write to this file (default: standard output)")
    merge.add_argument(
        "--published", type=Path, nargs="+", default=[], metavar="DOCUMENTS.jsonl", help="documents with id and published: dates for records that give none"
    )
    merge.add_argument("-q", "--quiet", action="store_true", help="no summary")
    merge.set_defaults(run=_merge)

    report = commands.add_parser(
        "report",
        help="show records as a web page",
        description="Show records, merged or not, as one self-contained web page: tables to filter, with the sentences that state each record.",
    )
    report.add_argument("paths", nargs="+", metavar="OUT.jsonl", help="records as extract or merge writes them; - for standard input")
    report.add_argument("-o", "--out", metavar="REPORT.html", help="write to this file (default: standard output)")
    report.add_argument("--title", default="Health-industry events", help="title of the page (default: %(default)s)")
    report.add_argument("--most", type=_positive, default=2000, metavar="N", help="show the N latest records of each type (default: %(default)s)")
    report.add_argument("-q", "--quiet", action="store_true", help="no summary")
    report.set_defaults(run=_report)

    evaluate = commands.add_parser(
        "evaluate",
        help="score records against annotated documents",
        description="Score extracted records against annotated documents: record F1, field F1 and span F1, by type and language.",
    )
    evaluate.add_argument("gold", type=Path, nargs="+", metavar="GOLD.jsonl", help="annotated documents")
    evaluate.add_argument("--predictions", type=Path, metavar="OUT.jsonl", help="records to score (default: extract them now)")
    evaluate.add_argument("--split", metavar="NAME", help="score only this split; needs --splits")
    evaluate.add_argument("--splits", type=Path, metavar="FILE", help="JSON file with the document ids of each split")
    evaluate.add_argument("--errors", type=Path, metavar="FILE", help="write every missed, spurious and wrong record here, a line each, for reading")
    evaluate.add_argument("--json", action="store_true", help="print the scores as JSON")
    _model_options(evaluate)
    evaluate.add_argument("-q", "--quiet", action="store_true", help="no progress bar")
    evaluate.set_defaults(run=_evaluate)

    schema = commands.add_parser("schema", help="print the JSON Schema of a record", description="Print the JSON Schema of a record.")
    schema.set_defaults(run=_schema)
    return parser


def _model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="folder of an exported model or a checkpoint (default: the bundled model)")
    parser.add_argument("--backend", choices=("onnx", "torch"), default="onnx", help="what runs the model; torch is for fresh checkpoints (default: onnx)")
    parser.add_argument("--threads", type=_positive, metavar="N", help="threads of the model, or of each worker's (default: all cores)")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: that takes longer than parsing all the rest."""

    def __init__(self, option_strings: Sequence[str], dest: str, **rest: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **rest)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(_PROG, version("healthevents"))
        parser.exit()


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write YYYY-MM-DD") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _plural(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _reason(error: OSError) -> str:
    from healthevents.writing import explain_os_error

    return explain_os_error(error)


@contextmanager
def _loading(options: argparse.Namespace) -> Iterator[None]:
    """Say in words why a model cannot be loaded."""
    from healthevents.backends import ModelError

    try:
        yield
    except ImportError as error:
        raise _FailureError(f"the {options.backend} backend needs {error.name}, which is not installed: install it, or choose another --backend") from None
    except (ModelError, OSError, ValueError) as error:
        name = f"the model {options.model}" if options.model else "the bundled model"
        raise _FailureError(f"cannot load {name}: {_reason(error) if isinstance(error, OSError) else error}") from None


def _extractor(options: argparse.Namespace, threads: int | None = None) -> Callable[[], Extracts]:
    """Return what makes an extractor; it can be pickled."""
    from healthevents.extraction import Extractor

    return partial(Extractor, options.model, backend=options.backend, threads=options.threads or threads)


def _show(what: RenderableType) -> None:
    from rich.console import Console

    console = Console(file=sys.stdout)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PAGE_WIDTH
    console.print(what)


class _Progress(AbstractContextManager["_Progress"]):
    """A progress bar on standard error, where that is a terminal, and the messages about rejected inputs above it.

    `total` is asked for the amount of work only if there is a bar.
    """

    def __init__(self, total: Callable[[], int | None], *, quiet: bool) -> None:
        self._named = self._documents = 0
        self._since: float | None = None
        self._bar: Progress | None = None
        if not quiet and sys.stderr.isatty():
            size = total()
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            columns = (BarColumn(), *(() if size is None else (TextColumn("{task.percentage:>3.0f}%"),)))
            rest = (
                TextColumn("{task.fields[documents]} documents, {task.fields[rate]} a second"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, *rest, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=size, documents="0", rate="–")

    def __enter__(self) -> _Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def reading(self, reader: DocumentReader, found: Iterable[Found]) -> Iterator[Found]:
        """Pass on what a reader finds, and show how far it has got."""
        for item in found:
            if self._bar is not None:
                self._bar.update(self._task, completed=reader.bytes_read)
            yield item

    def start(self) -> None:
        """Count the time for the rate from now on."""
        self._since = self._since or time.monotonic()

    def advance(self, completed: int | None = None) -> None:
        """Count a document."""
        self._documents += 1
        if self._bar is not None:
            elapsed = time.monotonic() - self._since if self._since else 0.0
            rate = f"{self._documents / elapsed:,.1f}" if elapsed > 1 else "–"
            self._bar.update(self._task, completed=completed, documents=f"{self._documents:,}", rate=rate)

    def reject(self, rejected: Rejected, *, name_it: bool, most: int | None = None) -> None:
        """Name an input that was set aside, unless `most` of them have been."""
        self._named += 1
        if not name_it or (most is not None and self._named > most):
            return
        if self._bar is not None:
            self._bar.console.print(f"set aside: {rejected}", markup=False, highlight=False, soft_wrap=True)
        else:
            _say(f"set aside: {rejected}")


# ---- extract ----


def _extract(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from healthevents.documents import DocumentReader, Rejected

    table = options.table or (options.out is None and sys.stdout.isatty())
    if table and options.out == "-":
        parser.error("argument --table: not allowed with -o -, which writes JSONL to standard output")
    to_file = options.out not in (None, "-")
    if options.resume and not to_file:
        parser.error("argument --resume: needs -o OUT, the file that the earlier run was to make")
    # Tables that scroll by on the same terminal show the progress themselves.
    shown = table and sys.stdout.isatty()
    reader = DocumentReader(options.paths, published=options.published, lang=options.lang, skip=_outputs(options.out))
    with (
        _extraction(options) as extract_all,
        _output(options, table=table) as sink,
        _Progress(reader.total_bytes, quiet=options.quiet or shown) as progress,
    ):
        for found in extract_all(_begun(sink.remaining(progress.reading(reader, reader)), progress)):
            if isinstance(found, Rejected):
                # Without a sidecar this is the only place where they are named.
                progress.reject(found, name_it=not to_file or not options.quiet, most=_MOST_NAMED if to_file else None)
                sink.reject(found)
            else:
                located, extracted = found
                sink.write(located, extracted)
                if table:
                    from healthevents.tables import records_table

                    _show(records_table(extracted, located.document))
                progress.advance()
    if not options.quiet:
        _say(f"{_plural(sink.records, 'record')} from {_plural(sink.documents, 'document')}{f' in {options.out}' if to_file else ''}")
        if sink.rejected and to_file:
            _say(f"{_plural(sink.rejected, 'input')} set aside, each with its reason in {_outputs(options.out)[1]}")
    return SOME_SET_ASIDE if sink.rejected else ALL_READ


def _begun(found: Iterable[Found], progress: _Progress) -> Iterator[Found]:
    """Pass on what is to be extracted; the clock starts with the first of it, not while an earlier run's documents are passed over."""
    for item in found:
        progress.start()
        yield item


@contextmanager
def _extraction(options: argparse.Namespace) -> Iterator[Callable[[Iterable[Found]], Iterator[tuple[Located, list[AnyRecord]] | Rejected]]]:
    """Load the model, in this process or in workers, and give what extracts with it."""
    from healthevents.batch import extract_all

    if options.workers is None:
        with _loading(options):
            extractor = _extractor(options)()
        yield partial(extract_all, extractor)
        return
    from healthevents.workers import WorkerError, Workers

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with contextlib.ExitStack() as stack:
            with _loading(options):
                workers = stack.enter_context(Workers(_extractor(options, max(1, cores // options.workers)), options.workers))
            yield workers.extract_all
    except WorkerError as error:
        raise _FailureError(str(error)) from None


def _outputs(out: str | None) -> list[Path]:
    """Return the files that a run to `out` makes: the records and the sidecar."""
    from healthevents.writing import sidecar_of

    return [] if out in (None, "-") else [Path(out), sidecar_of(out)]


@contextmanager
def _output(options: argparse.Namespace, *, table: bool) -> Iterator[Sink]:
    """Open what the records are written to."""
    from healthevents.writing import LineWriter

    out = options.out
    if out in (None, "-"):
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        yield LineWriter(None if out is None and table else sys.stdout)
    elif Path(out).exists() and not Path(out).is_file() and not Path(out).is_dir():
        # A device or a named pipe cannot be written aside and moved into place.
        try:
            with Path(out).open("w", encoding="utf-8", newline="\n") as stream:
                yield LineWriter(stream)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _FailureError(f"cannot write {out}: {_reason(error)}") from None
    else:
        from healthevents.runs import Run, RunError

        run = None
        try:
            with Run(out, _settings(options), arguments=_arguments(options), resume=options.resume) as run:
                if run.note and not options.quiet:
                    _say(run.note)
                yield run
        except RunError as error:
            raise _FailureError(str(error)) from None
        except KeyboardInterrupt:
            kept = f"; --resume goes on after {_plural(run.kept, 'input')}" if run is not None and run.kept else ""
            raise _FailureError(f"stopped; nothing was written under the output's name{kept}") from None


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """Return all that has an effect on the records besides the documents, by its name on the command line."""
    from importlib.metadata import version

    from healthevents.extraction import BUNDLED_MODEL
    from healthevents.runs import model_digest

    given = {name: str(value) for name, value in vars(options).items() if name not in _WITHOUT_EFFECT}
    return {**given, "version": version(_PROG), "model": model_digest(options.model or BUNDLED_MODEL)}


def _arguments(options: argparse.Namespace) -> list[str]:
    """Return the paths as given, and the options with an effect that were."""
    given = {name: value for name, value in vars(options).items() if name not in _WITHOUT_EFFECT - {"model"} and value is not None}
    return [*options.paths, *(part for name, value in sorted(given.items()) for part in (f"--{name.replace('_', '-')}", str(value)))]


# ---- merge and report ----


def _merge(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from healthevents.merging import merge
    from healthevents.record_files import read_published, read_records
    from healthevents.writing import record_line

    with _reading():
        published = read_published(options.published)
        records = list(read_records(options.paths))
    merged = merge(records, published=published)
    _write_whole((record_line(record) + "\n" for record in merged), options.out)
    if not options.quiet:
        joined = sum(bool(record.sources) for record in merged)
        _say(f"{_plural(len(records), 'record')} joined to {len(merged):,}, of which {joined:,} {'has' if joined == 1 else 'have'} several sources")
    return ALL_READ


def _report(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from healthevents.record_files import read_records
    from healthevents.report import report

    with _reading():
        page = report(read_records(options.paths), title=options.title, most=options.most)
    _write_whole([page], options.out)
    if not options.quiet and options.out not in (None, "-"):
        _say(f"{len(page.encode()) / 1e6:,.1f} MB in {options.out}")
    return ALL_READ


@contextmanager
def _reading() -> Iterator[None]:
    """Say in words why records cannot be read."""
    from healthevents.schema import DocumentError

    try:
        yield
    except DocumentError as error:
        raise _FailureError(str(error)) from None
    except OSError as error:
        raise _FailureError(f"cannot read the records: {_reason(error)}") from None


def _write_whole(pieces: Iterable[str], out: str | None) -> None:
    """Write a text to a file, which appears whole or not at all, or to standard output."""
    from healthevents.writing import aside

    if out in (None, "-"):
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        sys.stdout.writelines(pieces)
        return
    if Path(out).is_dir():
        raise _FailureError(f"cannot write {out}: it is a folder, name a file in it")
    if not Path(out).parent.is_dir():
        raise _FailureError(f"cannot write {out}: the folder {Path(out).parent} does not exist, make it first")
    try:
        special = Path(out).exists() and not Path(out).is_file()  # a device or a named pipe
        with (
            contextlib.nullcontext(Path(out)) if special else aside(Path(os.path.realpath(out))) as path,
            path.open("w", encoding="utf-8", newline="\n") as file,
        ):
            file.writelines(pieces)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _FailureError(f"cannot write {out}: {_reason(error)}. Nothing was written under that name.") from None


# ---- evaluate and schema ----


def _evaluate(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from healthevents.annotations import read_annotations
    from healthevents.evaluation import errors, evaluate
    from healthevents.schema import DocumentError

    if (options.split is None) != (options.splits is None):
        parser.error("--split and --splits go together: the name of a split and the file that lists its documents")
    try:
        gold = [document for path in options.gold for document in read_annotations(path, splits=options.splits, split=options.split)]
        if not gold:
            raise _FailureError(f"there is no annotated document{f' of the split {options.split!r}' if options.split else ''} to score")
        if options.predictions is not None:
            predicted, set_aside = _read_predictions(options.predictions, gold, whole=options.split is None), 0
        else:
            predicted, set_aside = _predict(options, gold)
    except (DocumentError, ValueError) as error:
        raise _FailureError(str(error)) from None
    except OSError as error:
        raise _FailureError(f"cannot read the documents or predictions: {_reason(error)}") from None
    report = evaluate(gold, predicted)
    if options.errors is not None:
        try:
            options.errors.write_text("".join(f"{mistake}\n" for mistake in errors(gold, predicted)), encoding="utf-8")
        except OSError as error:
            raise _FailureError(f"cannot write {options.errors}: {_reason(error)}") from None
    if options.json:
        print(report.model_dump_json(indent=2))
    else:
        _show(report.table())
    return SOME_SET_ASIDE if set_aside else ALL_READ


def _predict(options: argparse.Namespace, gold: Sequence[AnnotatedDocument]) -> tuple[list[list[AnyRecord]], int]:
    """Extract the records of the annotated documents; of a document that fails there are none."""
    from healthevents.batch import extract_all
    from healthevents.documents import Located, Rejected, complete
    from healthevents.schema import Document

    # The extractor gets plain documents, so that no annotation can reach it.
    plain = (Document.model_validate(document.model_dump(include=set(Document.model_fields))) for document in gold)
    located = (Located(complete(document), "annotations") for document in plain)
    predicted: list[list[AnyRecord]] = []
    with _loading(options):
        extractor = _extractor(options)()
    set_aside = 0
    with _Progress(lambda: len(gold), quiet=options.quiet) as progress:
        for found in extract_all(extractor, located):
            if isinstance(found, Rejected):
                set_aside += 1
                progress.reject(found, name_it=True)
            predicted.append([] if isinstance(found, Rejected) else found[1])
            progress.start()
            progress.advance(len(predicted))
    return predicted, set_aside


def _read_predictions(path: Path, gold: Sequence[AnnotatedDocument], *, whole: bool) -> list[list[AnyRecord]]:
    """Read the records of the annotated documents from a JSONL file; with `whole` there may be no records of other documents."""
    import json

    from healthevents.schema import DocumentError, parse_record

    documents = {document.id: document for document in gold}
    by_document: dict[str, list[AnyRecord]] = {document.id: [] for document in gold}
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                doc_id = data["doc_id"]
            except (json.JSONDecodeError, TypeError, KeyError):
                raise DocumentError(f"{path}, line {number}: is no record (a JSON object with a doc_id)") from None
            if doc_id in documents:
                try:
                    by_document[doc_id].append(parse_record(data, documents[doc_id]))
                except DocumentError as error:
                    raise DocumentError(f"{path}, line {number}: {error}") from None
            elif whole:
                raise DocumentError(f"{path}, line {number}: document {doc_id!r} is not among the annotated ones; are these predictions of other documents?")
    return list(by_document.values())


def _schema(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    import json

    from healthevents.schema import record_schema

    print(json.dumps(record_schema(), ensure_ascii=False, indent=2))
    return ALL_READ
