"""Measure what one and two worker processes extract in the same run, and reckon what millions of articles would cost at that rate.

    python benchmarks/scaling.py                              # prints the measurement and the costs
    python benchmarks/scaling.py --write docs/cost.md         # and fills them into that page
    python benchmarks/scaling.py --core-price 0.02 --characters 3000

Every worker is a process with a model on one thread, as an engine runs it. The two pools stay open and take turns at the same documents
(the seeds, repeated), after a round that is not counted; the figures are medians. Rates by the clock need a machine that does nothing else; the
rate by processor time, on which the costs rest, does not. Costs are articles x characters / rate x price: reading, storing and moving data are not in them.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa

from healthevents import extract_table, read_documents

SEEDS = Path(__file__).parents[1] / "seeds" / "documents"
ARTICLES = (10_000_000, 1_000_000_000)


class Round(NamedTuple):
    """How long all batches took: by the clock, and in processor time of all workers together."""

    wall: float
    processor: float


def work(batch: pa.Table) -> float:
    """Extract one batch in a worker and return the processor time that it took."""
    start = time.process_time()
    extract_table(batch)
    return time.process_time() - start


def timed(pool: ProcessPoolExecutor, batches: Sequence[pa.Table]) -> Round:
    """Run all batches in a pool."""
    start = time.perf_counter()
    processor = sum(pool.map(work, batches))
    return Round(time.perf_counter() - start, processor)


def measure(batches: Sequence[pa.Table], rounds: int) -> dict[int, Round]:
    """Return the median round of one worker and of two, the pools taking turns."""
    taken: dict[int, list[Round]] = {1: [], 2: []}
    with ProcessPoolExecutor(1, get_context("spawn")) as one, ProcessPoolExecutor(2, get_context("spawn")) as two:
        pools = {1: one, 2: two}
        for pool in pools.values():  # loads the models
            timed(pool, batches)
        for _ in range(rounds):
            for workers, pool in pools.items():
                taken[workers].append(timed(pool, batches))
    return {workers: Round(*map(median, zip(*found, strict=True))) for workers, found in taken.items()}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in Markdown, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(measured: dict[int, Round], documents: int, characters: int, options: argparse.Namespace) -> str:
    """Write the measurement and the costs as Markdown."""
    rows = []
    for workers, found in measured.items():
        rates = [documents / found.wall, characters / found.wall, characters / found.processor]
        rows.append([str(workers), f"{rates[0]:,.1f}", f"{rates[1]:,.0f}", f"{rates[2]:,.0f}", f"{measured[1].wall / found.wall:.2f}"])
    rate = characters / measured[2].processor
    kinds = [("CPU core, measured", rate, options.core_price)]
    if options.gpu_rate is not None:
        kinds.append(("GPU, assumed", options.gpu_rate, options.gpu_price))
    costs = []
    for name, per_second, price in kinds:
        for articles in ARTICLES:
            hours = articles * options.characters / per_second / 3600
            days = hours / 24 / options.workers
            costs.append([name, f"{articles:,}", f"{hours:,.0f}", f"{days:,.1f}", f"{hours * price:,.0f}"])
    return "\n\n".join(
        [
            f"Measured on {documents} documents of {characters / documents:,.0f} characters on average, {os.cpu_count()} cores, other load on the machine: "
            f"{options.load:.1f} processes in the minute before.",
            table(["workers", "documents/s", "characters/s", "characters per processor second", "times one worker"], rows),
            f"Articles of {options.characters:,} characters; {options.core_price} a core hour"
            + (f", {options.gpu_price} a GPU hour and {options.gpu_rate:,.0f} characters/s on a GPU, all" if options.gpu_rate is not None else ", which is")
            + " assumed and to be replaced by your own.",
            table(["worker", "articles", "worker hours", f"days on {options.workers} workers", "cost"], costs),
        ]
    )


def main() -> None:
    """Measure, print, and fill in the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=60, help="documents of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--characters", type=int, default=1500, help="characters of an article, in the costs")
    parser.add_argument("--core-price", type=float, default=0.04, help="price of a CPU core for an hour (assumed)")
    parser.add_argument("--gpu-price", type=float, default=2.0, help="price of a GPU for an hour (assumed)")
    parser.add_argument("--gpu-rate", type=float, help="characters a second on a GPU; no GPU is in the costs without it, as none was measured")
    parser.add_argument("--workers", type=int, default=100, help="workers of the cluster, in the costs")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="fill in the part of this page between its cost marks")
    options = parser.parse_args()
    options.load = os.getloadavg()[0]

    seeds: list[dict[str, Any]] = [document.model_dump() for document in read_documents([SEEDS])]
    rows = [{**seeds[n % len(seeds)], "id": str(n)} for n in range(options.documents)]
    batches = [pa.Table.from_pylist(rows[n : n + 5]) for n in range(0, len(rows), 5)]
    text = report(measure(batches, options.rounds), len(rows), sum(len(row["text"]) for row in rows), options)
    print(text)
    if options.write is not None:
        page = options.write.read_text("utf-8")
        filled = re.sub("(?s)<!-- cost -->.*<!-- /cost -->", lambda _: f"<!-- cost -->\n{text}\n<!-- /cost -->", page)
        options.write.write_text(filled, "utf-8")


if __name__ == "__main__":
    main()
