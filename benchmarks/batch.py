"""Measure how memory and time of `healthevents extract` grow with the number of documents.

    python benchmarks/batch.py [--documents 100000] [--workers N] [--read-only]

Makes a tenth of the documents, and all of them, from sentences of its own (one or two a document, about a third of which state something), extracts
each set in a process of its own to a file, and prints seconds, processor seconds, documents a second and peak memory, with their ratios: `memory`
should be at most 1.1, `time` (for ten times the documents, divided by ten; without the seconds that loading the model takes) at most 1.05. Where other
work shares the machine, `cpu_time` says more. With `--workers` memory is the first process's. `--read-only` measures all but the model: reading,
checkpoints and writing, with an extractor that finds nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_EN = ("Orrin", "Talvec", "Brimholt", "Quessia", "Maren", "Dunlow")
_ZH = ("澄影", "松萤", "橡溪", "远砾", "岚屿", "青柏")
_SENTENCES = (
    "{en} Health raised ${n} million in a Series B round.",
    "{zh}医疗完成{n}亿元B轮融资。",
    "{en} Bio opened {n} clinics this year.",
    "{zh}科技的产品已进入{n}家医院。",
    "The ward was painted last week.",
    "Nurses met on Friday to talk about rotas.",
    "本周多地医院恢复门诊。",
    "窗口的队伍比上个月短了一些。",
    "Visitors may park behind the old wing.",
    "社区的讲座安排在下午。",
    "The canteen closes at eight.",
    "志愿者在大厅里引导老人挂号。",
)


def write_documents(path: Path, number: int) -> None:
    """Write so many documents as JSON Lines; the same number gives the same documents, and fewer are the first of more."""
    chance = random.Random(2021)
    with path.open("w", encoding="utf-8") as lines:
        for n in range(number):
            text = " ".join(chance.choices(_SENTENCES, k=chance.choice((1, 1, 2))))
            text = text.format(en=chance.choice(_EN), zh=chance.choice(_ZH), n=chance.randint(2, 900))
            lines.write(json.dumps({"id": f"https://news.example/{n:07}", "text": text, "published": "2021-03-05"}, ensure_ascii=False) + "\n")


class _FindsNothing:
    """Stands in for the model."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def extract(self, document: object) -> list[object]:
        return []

    def stream(self, documents: Iterable[object]) -> Iterator[tuple[object, list[object]]]:
        for document in documents:
            yield document, []


def _measure(arguments: list[str], *, read_only: bool) -> None:
    """Run the command line in this process and print what it took."""
    from healthevents import cli, extraction

    if read_only:
        extraction.Extractor = _FindsNothing  # type: ignore[misc,assignment]
    begun, spent = time.monotonic(), time.process_time()
    status = cli.main(arguments)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, cpu = time.monotonic() - begun, time.process_time() - spent + workers.ru_utime + workers.ru_stime
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"status": status, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_mb": round(peak / 1e6, 1)}))


def _run(documents: int, options: argparse.Namespace) -> dict[str, float]:
    """Extract from so many documents in a fresh process, and return what it took."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        write_documents(source, documents)
        arguments = ["extract", str(source), "-o", str(out), "-q"]
        arguments += ["--threads", str(options.threads)] if options.threads else []
        arguments += ["--workers", str(options.workers)] if options.workers else []
        child = [sys.executable, __file__, "--measure", json.dumps(arguments), *(["--read-only"] if options.read_only else [])]
        measured: dict[str, float] = json.loads(subprocess.run(child, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1])
        return {"documents": documents, **measured, "records": sum(1 for _ in out.open("rb"))}


def main() -> None:
    """Print the measurements as JSON lines, the ratios last."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--documents", type=int, default=100_000, help="how many, at most; a tenth of them is measured too")
    parser.add_argument("--workers", type=int, help="as of extract")
    parser.add_argument("--threads", type=int, help="as of extract")
    parser.add_argument("--read-only", action="store_true", help="measure all but the model")
    parser.add_argument("--measure", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure is not None:
        _measure(options.measure, read_only=options.read_only)
        return
    load = _run(1, options)
    print(json.dumps(load), flush=True)
    few = _run(max(options.documents // 10, 1), options)
    print(json.dumps(few), flush=True)
    many = _run(options.documents, options)
    print(json.dumps(many), flush=True)
    times = options.documents / few["documents"]
    ratios = {
        "memory": round(many["peak_mb"] / few["peak_mb"], 3),
        "time": round((many["seconds"] - load["seconds"]) / (few["seconds"] - load["seconds"]) / times, 3),
        "cpu_time": round((many["cpu_seconds"] - load["cpu_seconds"]) / (few["cpu_seconds"] - load["cpu_seconds"]) / times, 3),
        "documents_per_second": round(options.documents / (many["seconds"] - load["seconds"]), 1),
    }
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
