"""Measure what each part of the training recipe is worth on the development documents, over several seeds.

    python -m training.ablation docs/ablation.jsonl            # some hours; stopped and started again, it goes on where it was
    python -m training.ablation docs/ablation.jsonl --write docs/ablation.md

Each variant of `training/config-ablation.toml` is trained with each seed and scored end to end, with the links' blend fitted to it. The table gives the
mean over seeds, the least and the greatest, and the difference from the whole recipe with the same seeds.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from healthevents.evaluation import Report
from training.data import load_split
from training.evaluate import evaluate_model
from training.link_network import fit_network
from training.links import fit_links
from training.train import train

CONFIG = Path(__file__).with_name("config-ablation.toml")
WHOLE = "the whole recipe"


class Outcome(NamedTuple):
    """What one training reached on the development documents, in percent."""

    variant: str
    seed: int
    span_f1: float
    record_f1: float
    given_f1: float  # of records from annotated mentions


def merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with some of them changed, table by table."""
    result = dict(copy.deepcopy(dict(settings)))
    for name, value in changes.items():
        result[name] = merged(result[name], value) if isinstance(value, Mapping) and isinstance(result.get(name), Mapping) else value
    return result


def run(config: Mapping[str, Any], seed: int, folder: Path) -> tuple[float, float, float]:
    """Train once and return span F1, and record F1 from text and from annotated mentions, on the development documents."""
    settings = merged(config, {"training": {"seed": seed}})
    train(settings, folder)
    source = Path(settings["data"]["annotations"])
    chosen, dev = load_split("train", source)[:: settings["data"].get("every", 1)], load_split("dev", source)
    fit_links(folder, "torch", fit_network(chosen), dev)
    report, spans, given = evaluate_model(folder, dev, bootstrap=0)
    return 100 * spans["all"], _total(report), _total(given)


def _total(report: Report) -> float:
    return 100 * next(row.record.f1 or 0.0 for row in report.rows if (row.type, row.language) == ("all", "all"))


def read_outcomes(path: Path) -> list[Outcome]:
    """Read the outcomes that earlier calls have finished, one a line; none if there is no such file yet."""
    return [Outcome(*json.loads(line)) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def outcomes(config: Mapping[str, Any], path: Path) -> Iterator[Outcome]:
    """Yield the outcome of each seed and variant, seed by seed; those that `path` holds are not trained again, and each new one is added to it."""
    done = {(outcome.variant, outcome.seed): outcome for outcome in read_outcomes(path)}
    recipe = {name: value for name, value in config.items() if name not in ("variants", "seeds")}
    variants = {WHOLE: {}, **config["variants"]}
    for seed, (name, changes) in product(config["seeds"], variants.items()):
        if (name, seed) not in done:
            with TemporaryDirectory() as folder:
                scores = run(merged(recipe, changes), seed, Path(folder))
            done[name, seed] = Outcome(name, seed, *(round(score, 2) for score in scores))
            with path.open("a", encoding="utf-8") as log:
                log.write(json.dumps(done[name, seed], ensure_ascii=False) + "\n")
        yield done[name, seed]


def table(found: list[Outcome]) -> str:
    """Return the outcomes as a Markdown table, a row for each variant."""
    by_variant: dict[str, dict[int, Outcome]] = defaultdict(dict)
    for outcome in found:
        by_variant[outcome.variant][outcome.seed] = outcome
    whole = by_variant[WHOLE]
    lines = ["| | seeds | span F1 | record F1 | record F1 from annotated mentions | record F1 beside the whole recipe |", "|---|---:|---:|---:|---:|---:|"]
    for name, runs in by_variant.items():
        cells = []
        for column in ("span_f1", "record_f1", "given_f1"):
            values = [getattr(outcome, column) for outcome in runs.values()]
            cells.append(f"{mean(values):.1f} ({min(values):.1f}-{max(values):.1f})")
        differences = [runs[seed].record_f1 - whole[seed].record_f1 for seed in runs if seed in whole and name != WHOLE]
        cells.append(f"{mean(differences):+.1f} ({min(differences):+.1f} to {max(differences):+.1f})" if differences else "")
        lines.append(f"| {name} | {len(runs)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outcomes", type=Path, help="the file of finished runs, one a line, that is read and added to")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="only write the table of what is finished between this page's <!-- ablation --> markers")
    options = parser.parse_args()
    if options.write:
        found = read_outcomes(options.outcomes)
        page = options.write.read_text("utf-8")
        options.write.write_text(re.sub(r"(?s)(<!-- ablation -->).*(<!-- /ablation -->)", lambda m: f"{m[1]}\n{table(found)}\n{m[2]}", page), "utf-8")
        return
    found = []
    for outcome in outcomes(tomllib.loads(options.config.read_text(encoding="utf-8")), options.outcomes):
        found.append(outcome)
        print(outcome, flush=True)
    print(table(found))


if __name__ == "__main__":
    main()
