"""Measure how many mentions a minute `healthevents.values` parses on one core, and how time grows with the text.

    python benchmarks/values.py [--seconds 5]

The mentions are the gold ones of the train documents, in their order, each parsed by its own parser; the caches of the parsers
are bypassed, so every mention is really read. Growth is the time of one text of repeated hostile pieces, at 125 000 to
1 000 000 characters: doubling the text must no more than double the time, give or take noise.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from healthevents.annotations import read_annotations
from healthevents.schema import Funding, Metric, Money
from healthevents.values import parse_change, parse_date, parse_money, parse_quantity, parse_round

ANNOTATIONS = Path(__file__).parents[1] / "annotations"
Parse = Callable[[], object]
HOSTILE = ("1" * 50, "1,", "亿万", "3万", "年", "11", "2018-", "a third of ", "one hundred ", "$", "(", "up to ", "Series ", "同比", "1月1日至", "between ")


def mentions() -> list[tuple[str, Parse]]:
    """Return the kind and the uncached call of each gold mention."""
    calls: list[tuple[str, Parse]] = []
    for lang in ("zh", "en"):
        for document in read_annotations(ANNOTATIONS / f"{lang}.jsonl", splits=ANNOTATIONS / "splits.json", split="train"):
            for record in document.records:
                date = getattr(record, "date", None) or getattr(record, "as_of", None)
                if date is not None:
                    text, published = date.mention.text, document.published
                    calls.append(("date", lambda text=text, published=published: parse_date.__wrapped__(text, published)))  # type: ignore[misc]
                if isinstance(record, Funding) and record.amount is not None:
                    calls.append(("money", lambda text=record.amount.mention.text: parse_money.__wrapped__(text)))  # type: ignore[misc]
                if isinstance(record, Funding) and record.round_mention is not None:
                    calls.append(("round", lambda text=record.round_mention.text: parse_round.__wrapped__(text)))  # type: ignore[misc]
                if isinstance(record, Metric) and record.value is not None:
                    parse = parse_money if isinstance(record.value, Money) else parse_quantity
                    kind = "money" if isinstance(record.value, Money) else "quantity"
                    calls.append((kind, lambda text=record.value.mention.text, parse=parse: parse.__wrapped__(text)))  # type: ignore[misc]
                if isinstance(record, Metric):
                    for change in record.changes:
                        calls.append(("change", lambda text=change.mention.text: parse_change.__wrapped__(text)))  # type: ignore[misc]
    return calls


def rate(calls: list[Parse], seconds: float) -> float:
    """Return calls a minute, over whole rounds that take at least `seconds`."""
    done, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds or not done:
        for call in calls:
            call()
        done += len(calls)
    return done / spent * 60


def growth(piece: str) -> list[float]:
    """Return the seconds that all parsers take on texts of 125 000 characters of the piece, and of two, four and eight times that."""
    times = []
    for size in (125_000, 250_000, 500_000, 1_000_000):
        text = (piece * (size // len(piece) + 1))[:size]
        start = time.process_time()
        for parse in (parse_money, parse_quantity, parse_change, parse_round):
            parse.__wrapped__(text)
        parse_date.__wrapped__(text, "2021-07-12")
        times.append(time.process_time() - start)
    return times


def main() -> None:
    """Print the rates and the growth as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=5.0, help="least time to measure each kind for")
    arguments = parser.parse_args()
    calls = mentions()
    kinds = sorted({kind for kind, _ in calls})
    rates = {kind: round(rate([call for name, call in calls if name == kind], arguments.seconds)) for kind in kinds}
    rates["all"] = round(rate([call for _, call in calls], arguments.seconds))
    print(json.dumps({"mentions": len(calls), "mentions_per_minute": rates}, indent=2))
    for piece in HOSTILE:
        print(json.dumps({"piece": piece[:12], "seconds": [round(spent, 3) for spent in growth(piece)]}, ensure_ascii=False))


if __name__ == "__main__":
    main()
