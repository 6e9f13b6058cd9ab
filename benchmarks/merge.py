"""Measure how well `healthevents.merge` joins records of pairs of documents, and how long it takes for many.

    python -m benchmarks.merge                  # precision and recall on the measuring half of seeds/merge, from its gold records
    python -m benchmarks.merge --half tune      # on the half that the rules were made on
    python -m benchmarks.merge --extract        # from records that the bundled model extracts
    python -m benchmarks.merge --records 100000 # time and memory for so many records

Every two documents of a story are merged alone. A joined pair of records (one of each document) is right if both report one event. Then all documents of the
half are merged at once, where every other story is a chance to go wrong. Extracted records take the event of the gold record that they are paired with and
whose key they fit; those that fit none are events of their own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from healthevents.annotations import AnnotatedDocument, parse_annotated, role_mentions
from healthevents.extraction import Extractor
from healthevents.matching import Comparable, NameForms, pair
from healthevents.merging import merge
from healthevents.schema import RECORD_TYPES, AnyRecord, Document, parse_record
from healthevents.sentences import sentence_around

PAIRS = Path(__file__).parents[1] / "seeds" / "merge"


@dataclass(frozen=True)
class Report:
    """A document of a story, with its records and the event of each."""

    document: AnnotatedDocument
    story: str
    case: str
    records: tuple[AnyRecord, ...]
    events: tuple[str, ...]


@dataclass
class _Counts:
    pairs: int = 0
    same: int = 0
    joined: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        precision = f"{self.right / self.joined:6.1%}" if self.joined else "     –"
        recall = f"{self.right / self.same:6.1%}" if self.same else "     –"
        return f"{name:<24}{self.pairs:>7}{self.same:>7}{self.joined:>8}{self.right:>7}  {precision}  {recall}"


def read_reports(path: Path) -> Iterator[Report]:
    """Yield the documents of a half of the pairs; their records get the sentences that state them as evidence, as extracted ones have."""
    for line in path.read_text("utf-8").splitlines():
        data = json.loads(line)
        document = parse_annotated(data)
        records = []
        for record in document.records:
            mentions = [mention for _, mention in role_mentions(record)]
            evidence = tuple(dict.fromkeys(sentence_around(document, mention) for mention in mentions))
            records.append(record.model_copy(update={"evidence": evidence}))
        yield Report(document, data["story"], data["case"], tuple(records), tuple(data["events"]))


def extracted(reports: Sequence[Report]) -> Iterator[Report]:
    """Yield the same documents with the records that the bundled model finds in them."""
    extractor = Extractor(threads=1)
    for report in reports:
        document = Document.model_validate(report.document.model_dump(include=set(Document.model_fields)))
        records = extractor.extract(document)
        forms, gold_forms = NameForms(records), NameForms(report.records, report.document.clusters)
        events = [f"{document.id}: found {n}" for n in range(len(records))]
        for kind in RECORD_TYPES:
            own = [n for n, record in enumerate(records) if record.type == kind]
            gold = [n for n, record in enumerate(report.records) if record.type == kind]
            pairs = pair([Comparable.of(report.records[n], gold_forms) for n in gold], [Comparable.of(records[n], forms) for n in own])
            for found in pairs:
                if found.right:
                    events[own[found.predicted]] = report.events[gold[found.gold]]
        yield Report(report.document, report.story, report.case, tuple(records), tuple(events))


def count(reports: Sequence[Report], counts: _Counts, published: Mapping[str, dt.date]) -> None:
    """Merge the records of the documents and count the joined pairs of records of two documents."""
    event_of = {(report.document.id, record.id): event for report in reports for record, event in zip(report.records, report.events, strict=True)}
    clusters = [
        [(source.doc_id, source.id) for source in record.sources] for record in merge((r for report in reports for r in report.records), published=published)
    ]
    joined = {tuple(sorted(found)) for cluster in clusters for found in combinations(cluster, 2) if found[0][0] != found[1][0]}
    same = {tuple(sorted(found)) for found in combinations(event_of, 2) if found[0][0] != found[1][0] and event_of[found[0]] == event_of[found[1]]}
    counts.same += len(same)
    counts.joined += len(joined)
    counts.right += len(same & joined)
    counts.wrong += [f"{'/'.join(a)} and {'/'.join(b)}" for a, b in sorted(joined - same)]
    counts.missed += [f"{'/'.join(a)} and {'/'.join(b)}" for a, b in sorted(same - joined)]


def measure(reports: Sequence[Report], *, dated: bool) -> None:
    """Print precision and recall over pairs of documents by case, then of all documents at once."""
    published = {report.document.id: report.document.published for report in reports if report.document.published} if dated else {}
    stories: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        stories[report.story].append(report)
    total = _Counts()
    by_case: dict[str, _Counts] = defaultdict(_Counts)
    for story in stories.values():
        for first, second in combinations(story, 2):
            for counts in (total, by_case[second.case]):
                counts.pairs += 1
                count([first, second], counts, published)
    print(f"{'case':<24}{'pairs':>7}{'same':>7}{'joined':>8}{'right':>7}  {'P':>6}  {'R':>6}")
    for name in sorted(by_case):
        print(by_case[name].line(name))
    print(total.line("all"))
    for what, listed in (("wrong", total.wrong), ("missed", total.missed)):
        print(f"{what}: {'; '.join(listed) or 'none'}")
    together = _Counts(pairs=len(reports) * (len(reports) - 1) // 2)
    count(reports, together, published)
    print(together.line("all documents at once"))
    print(f"wrong: {'; '.join(together.wrong) or 'none'}")


def many(reports: Sequence[Report], number: int) -> Iterator[AnyRecord]:
    """Yield so many records: those of the pairs told of ever new companies, three documents to a company."""
    plain = [json.loads(record.model_dump_json()) for report in reports for record in report.records]
    syllables = ("ba", "de", "fi", "go", "lu", "ma", "ne", "po", "ri", "su", "ta", "ve", "wi", "xo", "ya", "ze")
    for n in range(number):
        rng = random.Random(n // 3)
        wire = plain[rng.randrange(len(plain))]
        name = "".join(rng.choice(syllables) for _ in range(5)).capitalize()
        for entity in (wire.get("company"), wire.get("product"), wire.get("subject"), *wire.get("parties", ())[:1]):
            if entity:
                entity.update(name=name, canonical=name, mention={"start": 0, "end": len(name), "text": name})
                entity.pop("mentions", None)
        yield parse_record({**wire, "doc_id": f"d{n}", "id": f"d{n}:0"})


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Measure healthevents.merge.")
    parser.add_argument("--half", choices=("measure", "tune"), default="measure")
    parser.add_argument("--extract", action="store_true", help="merge extracted records, not gold ones")
    parser.add_argument("--published", action="store_true", help="tell the merge the publication dates")
    parser.add_argument("--records", type=int, metavar="N", help="measure the time for N records instead")
    options = parser.parse_args(None if arguments is None else list(arguments))
    reports = list(read_reports(PAIRS / f"{options.half}.jsonl"))
    if options.records:
        records = list(many(reports, options.records))
        start = time.process_time()
        merged = merge(records)
        spent = time.process_time() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{len(records):,} records to {len(merged):,} in {spent:.1f} s of one core; the process took {memory:,.0f} MiB at most")
        return
    types = Counter(record.type for report in reports for record in report.records)
    print(f"{len(reports)} documents with {', '.join(f'{number} {kind}' for kind, number in types.items())}; {options.half}")
    print(f"{'extracted' if options.extract else 'gold'} records; publication dates {'given' if options.published else 'not given'}")
    measure(list(extracted(reports)) if options.extract else reports, dated=options.published)


if __name__ == "__main__":
    main()
