"""Write `annotations/splits.json`: which document trains, which tunes, which is only tested on.

Invented names recur between documents, so documents that share the name of an organisation or product stay together (connected
components). Components are then dealt out, largest first, so that every language and genre keeps its share in each split.

    python training/make_splits.py
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

ANNOTATIONS = Path(__file__).parents[1] / "annotations"
# The documents that are dealt out. Of the later files these tune, the others train: the test split stays what it was.
DEALT = ("zh", "en")
TUNING = ("w27", "w28")
SHARES = {"train": 0.70, "dev": 0.13, "test": 0.17}
# A component this large would empty the training set of its names: it trains.
LARGEST_HELD_OUT = 6
SEED = 20210305


def names(document: dict[str, Any]) -> set[str]:
    """Return the names of the organisations and products in a document's records."""
    found: set[str] = set()
    for record in document["records"]:
        entities = [record.get(key) for key in ("company", "product", "organisation", "subject")]
        entities += [*record.get("investors", []), *record.get("parties", [])]
        found.update(entity["name"] for entity in entities if entity and entity["kind"] in ("organisation", "product"))
    return found


def components(documents: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Group documents that share a name, directly or through others."""
    parent = list(range(len(documents)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, document in enumerate(documents):
        for name in names(document):
            parent[root(i)] = root(first.setdefault(name, i))
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for i, document in enumerate(documents):
        groups[root(i)].append(document)
    return list(groups.values())


def deal(groups: list[list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Give each group to the split that lacks most of the group's languages and genres."""
    random.Random(SEED).shuffle(groups)
    groups.sort(key=len, reverse=True)
    total: Counter[tuple[str, str]] = Counter((d["lang"], d["genre"]) for group in groups for d in group)
    held: dict[str, Counter[tuple[str, str]]] = {split: Counter() for split in SHARES}
    splits: dict[str, list[str]] = {split: [] for split in SHARES}
    for group in groups:
        kinds = Counter((d["lang"], d["genre"]) for d in group)

        def lack(split: str, kinds: Counter[tuple[str, str]] = kinds) -> float:
            return sum(n * (SHARES[split] - held[split][kind] / total[kind]) / SHARES[split] for kind, n in kinds.items())

        split = "train" if len(group) > LARGEST_HELD_OUT else max(SHARES, key=lack)
        held[split].update(kinds)
        splits[split] += [d["id"] for d in group]
    return {split: sorted(ids) for split, ids in splits.items()}


def main() -> None:
    documents = [json.loads(line) for name in DEALT for line in (ANNOTATIONS / f"{name}.jsonl").open(encoding="utf-8")]
    splits = deal(components(documents))
    later: dict[str, list[dict[str, Any]]] = {"train": [], "dev": []}
    for path in sorted(ANNOTATIONS.glob("*.jsonl")):
        if path.stem not in DEALT:
            later["dev" if path.stem in TUNING else "train"] += [json.loads(line) for line in path.open(encoding="utf-8")]
    for split, added in later.items():
        splits[split] += sorted(d["id"] for d in added)
        documents += added
    later_names = {name for d in later["train"] for name in names(d)}
    for split in ("dev", "test"):
        shared = later_names & {name for d in documents if d["id"] in splits[split] for name in names(d)}
        print(f"names of {split} that later training documents use too:", ", ".join(sorted(shared)))
    (ANNOTATIONS / "splits.json").write_text(json.dumps(splits, indent=1) + "\n", encoding="utf-8")
    by_id = {d["id"]: d for d in documents}
    for split, ids in splits.items():
        chosen = [by_id[i] for i in ids]
        print(split, len(ids), "documents", sum(len(d["records"]) for d in chosen), "records", sum(len(d["text"]) for d in chosen), "characters",
              Counter(d["lang"] for d in chosen))  # fmt: skip


if __name__ == "__main__":
    main()
