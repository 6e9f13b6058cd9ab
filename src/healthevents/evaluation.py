"""Scores of predicted records against annotated documents: records, fields, mentions, confidence.

*Record F1* counts pairs whose key fits, *field F1* every stated filler of every record, both after records of
one type were paired so that their total similarity is greatest (`healthevents.matching` holds the rules).
*Span F1* is what seqeval's strict IOB2 mode gives on one character-level sequence for each document and record
type, computed on the spans themselves. Intervals are 95% percentile bootstrap intervals of F1, documents
being drawn with replacement within the language that a row is about.

What is a filler: every value that a record states. Company, product, parties, name and action always are; each
investor, party and change is one of its own, and whether an investor leads is one more where it is stated; a round
or kind that is unspecified, the status `done` and nulls are none. Amounts, valuations, stakes, values and changes
are equal with their modifier (and basis); dates when both intervals are equal (unresolved ones when they
quote the same words); phrases when they are equal or one contains the other and is at least 60% as long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, computed_field
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from healthevents.annotations import ROLES, AnnotatedDocument, role_spans
from healthevents.matching import FIELDS, Clusters, Comparable, NameForms, pair
from healthevents.schema import RECORD_TYPES, AnyRecord, Change, DateValue, Entity, Money, Phrase, Quantity, format_decimal

Language = Literal["all", "zh", "en"]
LANGUAGES: tuple[Language, ...] = ("all", "zh", "en")
ALL: Literal["all"] = "all"  # every type, every role or every field, counted together
BINS = 10


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Score(_Frozen, extra="ignore"):
    """Counts of annotated, predicted and right items, and what follows from them; a ratio of nothing is null."""

    gold: int
    predicted: int
    right: int
    interval: tuple[float, float] | None = None  # of f1, 95%; null where nothing was counted or no bootstrap was asked for

    @computed_field  # type: ignore[prop-decorator]
    @property
    def precision(self) -> float | None:
        """Share of what was predicted that is right."""
        return self.right / self.predicted if self.predicted else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def recall(self) -> float | None:
        """Share of what was annotated that was found."""
        return self.right / self.gold if self.gold else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; 0 where one is 0 or undefined, null where both are undefined."""
        return 2 * self.right / (self.gold + self.predicted) if self.gold + self.predicted else None


class Row(_Frozen):
    """The record and field score of one type ("all" for every type) in one language."""

    type: str
    language: Language
    documents: int
    record: Score
    field: Score


class Part(_Frozen):
    """The score of one part of a type: of a role's mentions, or of a field's fillers ("all": of every one)."""

    type: str
    part: str
    score: Score


class Bin(_Frozen):
    """Predicted records whose confidence lies in `(low, high]` (the first bin holds 0 too)."""

    low: float
    high: float
    count: int
    confidence: float  # mean
    right: float  # share that is right


class Calibration(_Frozen):
    """Whether confidence means what it says: reliability bins that hold records, and the expected calibration error.

    The error is the mean over predicted records of the distance, in their bin, of mean confidence from the share that is right.
    """

    bins: tuple[Bin, ...]
    error: float | None


class Report(_Frozen):
    """All scores of one evaluation."""

    documents: int
    bootstrap: int
    seed: int
    rows: tuple[Row, ...]
    spans: tuple[Part, ...]
    fields: tuple[Part, ...]
    calibration: Calibration

    def row(self, type: str = ALL, language: Language = ALL) -> Row:
        """Return the scores of a record type (or "all") in a language (or "all").

        Raises:
            KeyError: there is no such row.
        """
        for row in self.rows:
            if (row.type, row.language) == (type, language):
                return row
        raise KeyError((type, language))

    def span(self, type: str = ALL, role: str = ALL) -> Score:
        """Return the span score of a record type's role; "all" sums over types or roles.

        Raises:
            KeyError: there is no such role.
        """
        for part in self.spans:
            if (part.type, part.part) == (type, role):
                return part.score
        raise KeyError((type, role))

    def table(self) -> RenderableType:
        """Return the scores as tables for a terminal."""
        main = Table(title=f"Records and fields, {self.documents} documents", title_justify="left")
        for heading in ("type", "language"):
            main.add_column(heading)
        for heading in ("annotated", "predicted", "P", "R", "record F1", "95%", "field F1", "95%"):
            main.add_column(heading, justify="right")
        for row in self.rows:
            main.add_row(row.type, row.language, *_row_cells(row), end_section=row.language == LANGUAGES[-1])
        return Group(
            main,
            *(_part_table(title, parts) for title, parts in (("Spans by role", self.spans), ("Fields", self.fields))),
            Text(f"Confidence: expected calibration error {_percent(self.calibration.error)}", style="italic"),
            _calibration_table(self.calibration),
        )

    def markdown(self) -> str:
        """Return the record and field scores as a Markdown table, in percent, with their 95% intervals."""
        lines = [
            "| type | language | annotated | predicted | P | R | record F1 | 95% | field F1 | 95% |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        lines += [f"| {row.type} | {row.language} | {' | '.join(_row_cells(row))} |" for row in self.rows]
        return "\n".join(lines) + "\n"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _interval(score: Score) -> str:
    return "–" if score.interval is None else f"{100 * score.interval[0]:.1f}–{100 * score.interval[1]:.1f}"


def _row_cells(row: Row) -> tuple[str, ...]:
    record, field = row.record, row.field
    return (
        str(record.gold), str(record.predicted), _percent(record.precision), _percent(record.recall),
        _percent(record.f1), _interval(record), _percent(field.f1), _interval(field),
    )  # fmt: skip


def _part_table(title: str, parts: Sequence[Part]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("type", ""):
        table.add_column(heading)
    for heading in ("annotated", "predicted", "P", "R", "F1", "95%"):
        table.add_column(heading, justify="right")
    for part, following in zip(parts, (*parts[1:], None), strict=True):
        score = part.score
        cells = (str(score.gold), str(score.predicted), *map(_percent, (score.precision, score.recall, score.f1)), _interval(score))
        table.add_row(part.type, part.part, *cells, end_section=following is None or following.type != part.type)
    return table


def _calibration_table(calibration: Calibration) -> Table:
    table = Table()
    table.add_column("confidence")
    for heading in ("records", "mean", "right"):
        table.add_column(heading, justify="right")
    for item in calibration.bins:
        table.add_row(f"{item.low:.1f}–{item.high:.1f}", str(item.count), _percent(item.confidence), _percent(item.right))
    return table


class _Compared(NamedTuple):
    """The records of one type in one document, paired."""

    gold: list[Comparable]
    predicted: list[Comparable]
    pairs: list[tuple[Comparable, Comparable, bool, Mapping[str, int]]]


def _compare(gold: Sequence[AnyRecord], predicted: Sequence[AnyRecord], clusters: Clusters) -> dict[str, _Compared]:
    sides = [
        # In an order of their own: of several best pairings, the same one is found in whatever order records come.
        [Comparable.of(record, forms) for record in sorted(records, key=lambda record: record.model_dump_json(exclude={"id"}))]
        for records, forms in ((gold, NameForms(gold, clusters)), (predicted, NameForms(predicted)))
    ]
    compared = {}
    for type_ in RECORD_TYPES:
        ours, theirs = ([item for item in side if item.record.type == type_] for side in sides)
        pairs = [(ours[found.gold], theirs[found.predicted], found.right, found.common) for found in pair(ours, theirs)]
        compared[type_] = _Compared(ours, theirs, pairs)
    return compared


def judge(document: AnnotatedDocument, records: Sequence[AnyRecord]) -> list[bool]:
    """Tell of each predicted record of a document whether it is right, in the order given: what confidence is calibrated on."""
    compared = _compare(document.records, records, document.clusters)
    right = {id(item.record) for _, _, pairs in compared.values() for _, item, fits, _ in pairs if fits}
    return [id(record) in right for record in records]


# What is counted: (what, type, part). Sums over types and parts are counted with the rest, so that they have intervals too.
_Cell = tuple[Literal["record", "field", "span"], str, str]
_CELLS: tuple[_Cell, ...] = (
    *(("record", type_, ALL) for type_ in (*RECORD_TYPES, ALL)),
    *(("field", type_, part) for type_ in RECORD_TYPES for part in (*FIELDS[type_], ALL)),
    ("field", ALL, ALL),
    *(("span", type_, role) for type_ in RECORD_TYPES for role in (*ROLES[type_], ALL)),
    ("span", ALL, ALL),
)
_COLUMN = {cell: column for column, cell in enumerate(_CELLS)}
_GOLD, _PREDICTED, _RIGHT = range(3)
_Counts = npt.NDArray[np.int64]


def _fillers(items: Iterable[Comparable]) -> Counter[str]:
    fillers: Counter[str] = Counter()
    for item in items:
        fillers.update({field: len(values) for field, values in item.stated.items()})
    return fillers


def _count(gold: Sequence[AnyRecord], predicted: Sequence[AnyRecord], compared: Mapping[str, _Compared]) -> _Counts:
    """Count annotated, predicted and right items of one document: an array of shape (len(_CELLS), 3)."""
    counts = np.zeros((len(_CELLS), 3), dtype=np.int64)

    def add(what: Literal["record", "field", "span"], type_: str, part: str, side: int, number: int) -> None:
        for cell in {(what, type_, part), (what, type_, ALL), (what, ALL, ALL)}:
            counts[_COLUMN[cell], side] += number

    for type_, (ours, theirs, pairs) in compared.items():
        add("record", type_, ALL, _GOLD, len(ours))
        add("record", type_, ALL, _PREDICTED, len(theirs))
        add("record", type_, ALL, _RIGHT, sum(right for _, _, right, _ in pairs))
        for side, items in ((_GOLD, ours), (_PREDICTED, theirs)):
            for field, number in _fillers(items).items():
                add("field", type_, field, side, number)
        for _, _, _, common in pairs:
            for field, number in common.items():
                add("field", type_, field, _RIGHT, number)
        spans = [{(where, span) for where in ("text", "title") for span in role_spans(records, type_, where)} for records in (gold, predicted)]
        for side, found in ((_GOLD, spans[0]), (_PREDICTED, spans[1]), (_RIGHT, spans[0] & spans[1])):
            for role, number in Counter(span[2] for _, span in found).items():
                add("span", type_, role, side, number)
    return counts


def tally(document: AnnotatedDocument, records: Sequence[AnyRecord]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Count annotated, predicted and right items of one document, by what they are ("record", "field") and by record type ("all" for every one)."""
    counts = _count(document.records, records, _compare(document.records, records, document.clusters))
    found: dict[tuple[str, str], tuple[int, int, int]] = {}
    for (what, type_, part), row in zip(_CELLS, counts.tolist(), strict=True):
        if what != "span" and part == ALL:
            found[what, type_] = (row[_GOLD], row[_PREDICTED], row[_RIGHT])
    return found


def _intervals(counts: _Counts, bootstrap: int, rng: np.random.Generator) -> list[tuple[float, float] | None]:
    """Bootstrap F1 of every cell over documents; `counts` has the shape (documents, cells, 3)."""
    documents, cells, _ = counts.shape
    if not bootstrap or not documents:
        return [None] * cells
    draws = rng.multinomial(documents, np.full(documents, 1 / documents), size=bootstrap)
    sums = (draws @ counts.reshape(documents, -1)).reshape(bootstrap, cells, 3)
    items = sums[..., _GOLD] + sums[..., _PREDICTED]
    with np.errstate(invalid="ignore"):
        f1 = np.where(items > 0, 2 * sums[..., _RIGHT] / items, np.nan)
    intervals: list[tuple[float, float] | None] = []
    for column in f1.T:
        defined = column[~np.isnan(column)]  # draws that hold no item of the cell say nothing
        low, high = np.percentile(defined, (2.5, 97.5)) if defined.size else (0.0, 0.0)
        intervals.append((float(low), float(high)) if defined.size else None)
    return intervals


def _calibration(outcomes: Sequence[tuple[float, bool]]) -> Calibration:
    if not outcomes:
        return Calibration(bins=(), error=None)
    confidence, right = (np.array(column, dtype=float) for column in zip(*outcomes, strict=True))
    index = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for number in np.unique(index):
        inside = index == number
        mean, share = float(confidence[inside].mean()), float(right[inside].mean())
        bins.append(Bin(low=number / BINS, high=(number + 1) / BINS, count=int(inside.sum()), confidence=mean, right=share))
    error = sum(item.count * abs(item.confidence - item.right) for item in bins) / len(outcomes)
    return Calibration(bins=tuple(bins), error=error)


def evaluate(gold: Iterable[AnnotatedDocument], predicted: Iterable[Sequence[AnyRecord]], *, bootstrap: int = 1000, seed: int = 0) -> Report:
    """Score predicted records against annotated documents.

    Args:
        gold: the documents with their records. A document without a language counts under "all" alone.
        predicted: the records that were found in each document, in the order of the documents.
        bootstrap: how many times documents are drawn for the intervals; 0 leaves the intervals out.
        seed: of the bootstrap.

    Returns:
        The report; the order of the records within a document never matters.

    Raises:
        ValueError: there are more documents than lists of records, or fewer.
    """
    tallies: list[_Counts] = []
    languages: list[str | None] = []
    outcomes: list[tuple[float, bool]] = []
    for document, records in zip(gold, predicted, strict=True):
        compared = _compare(document.records, records, document.clusters)
        tallies.append(_count(document.records, records, compared))
        languages.append(document.lang)
        for _, theirs, pairs in compared.values():
            right = {id(item) for _, item, fits, _ in pairs if fits}
            outcomes += [(item.record.confidence, id(item) in right) for item in theirs]

    counts = np.array(tallies, dtype=np.int64).reshape(len(tallies), len(_CELLS), 3)
    rng = np.random.default_rng(seed)
    scores: dict[Language, list[Score]] = {}
    sizes: dict[Language, int] = {}
    for language in LANGUAGES:
        chosen = counts[[language in (ALL, own) for own in languages]] if languages else counts
        sizes[language] = len(chosen)
        totals = chosen.sum(axis=0).tolist()
        intervals = _intervals(chosen, bootstrap, rng)
        scores[language] = [
            Score(gold=total[_GOLD], predicted=total[_PREDICTED], right=total[_RIGHT], interval=interval)
            for total, interval in zip(totals, intervals, strict=True)
        ]

    def score(what: Literal["record", "field", "span"], type_: str, part: str = ALL, language: Language = ALL) -> Score:
        return scores[language][_COLUMN[what, type_, part]]

    return Report(
        documents=len(tallies),
        bootstrap=bootstrap,
        seed=seed,
        rows=tuple(
            Row(
                type=type_,
                language=language,
                documents=sizes[language],
                record=score("record", type_, language=language),
                field=score("field", type_, language=language),
            )
            for type_ in (*RECORD_TYPES, ALL)
            for language in LANGUAGES
        ),
        spans=tuple(Part(type=type_, part=part, score=score("span", type_, part)) for what, type_, part in _CELLS if what == "span"),
        fields=tuple(Part(type=type_, part=part, score=score("field", type_, part)) for what, type_, part in _CELLS if what == "field"),
        calibration=_calibration(outcomes),
    )


class Difference(_Frozen):
    """A field in which two paired records differ, each side as a reader would write it; null where it states nothing."""

    field: str
    gold: str | None
    predicted: str | None


class Mistake(_Frozen):
    """A record that was missed or is spurious, or a pair that differs: in its key ("wrong") or beside it ("nearly")."""

    doc_id: str
    type: str
    kind: Literal["missed", "spurious", "wrong", "nearly"]
    gold: str | None  # the id of the annotated record
    predicted: str | None  # the id of the predicted record
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        """Write the mistake in a line."""
        sides = [f"{item.field}: {item.gold or '–'} | {item.predicted or '–'}" for item in self.differences]
        return f"{self.doc_id} {self.type} {self.kind} {self.gold or '–'} | {self.predicted or '–'}  " + "; ".join(sides)


def errors(gold: Iterable[AnnotatedDocument], predicted: Iterable[Sequence[AnyRecord]]) -> Iterator[Mistake]:
    """Yield every mistake, document by document, for reading by hand.

    Takes what `evaluate` takes. Missed and spurious records list all their fields, on the one side that has them.

    Raises:
        ValueError: there are more documents than lists of records, or fewer.
    """
    for document, records in zip(gold, predicted, strict=True):
        for type_, (ours, theirs, pairs) in _compare(document.records, records, document.clusters).items():
            for a, b, right, common in pairs:
                differences = tuple(_differences(a, b, common))
                if differences or not right:
                    kind: Literal["wrong", "nearly"] = "nearly" if right else "wrong"
                    yield Mistake(doc_id=document.id, type=type_, kind=kind, gold=a.record.id, predicted=b.record.id, differences=differences)
            paired = {id(item) for a, b, _, _ in pairs for item in (a, b)}
            for item in ours:
                if id(item) not in paired:
                    differences = tuple(Difference(field=field, gold=_written(item.record, field), predicted=None) for field in item.stated)
                    yield Mistake(doc_id=document.id, type=type_, kind="missed", gold=item.record.id, predicted=None, differences=differences)
            for item in theirs:
                if id(item) not in paired:
                    differences = tuple(Difference(field=field, gold=None, predicted=_written(item.record, field)) for field in item.stated)
                    yield Mistake(doc_id=document.id, type=type_, kind="spurious", gold=None, predicted=item.record.id, differences=differences)


def _differences(a: Comparable, b: Comparable, common: Mapping[str, int]) -> Iterator[Difference]:
    for field in FIELDS[a.record.type]:
        stated = len(a.stated.get(field, ())), len(b.stated.get(field, ()))
        if common.get(field, 0) < max(stated):
            yield Difference(
                field=field,
                gold=_written(a.record, field) if stated[0] else None,
                predicted=_written(b.record, field) if stated[1] else None,
            )


def _written(record: AnyRecord, field: str) -> str:
    if field == "lead":
        investors = getattr(record, "investors", ())
        return ", ".join(f"{investor.name}={'lead' if investor.lead else 'follows'}" for investor in investors if investor.lead is not None)
    value = getattr(record, field)
    return ", ".join(_plain(item) for item in (value if isinstance(value, tuple) else (value,)))


def _plain(value: object) -> str:
    match value:
        case Entity():
            return value.name
        case Phrase():
            return value.text
        case Money() | Quantity():
            number = f"{value.low}..{value.high}" if value.value is None else format_decimal(value.value)
            return " ".join(filter(None, (value.modifier, number, value.currency if isinstance(value, Money) else value.unit)))
        case Change():
            number = "" if value.value is None else format_decimal(value.value)
            return " ".join(filter(None, (value.direction, value.modifier, number, value.unit, value.basis)))
        case DateValue():
            return f"{value.start}..{value.end}" if value.start else f"?{value.mention.text}"
        case _:
            return str(value)
