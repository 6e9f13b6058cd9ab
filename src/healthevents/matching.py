"""When two records say the same: equality of their fillers, the key of each type, and the best pairing.

The rules are those of the score in the project's contract:

* Names are equal on any form that the document uses for them (the fullest name, the canonical form, every
  mention that is neither a pronoun nor a definite phrase), or where one form contains the other and is at
  least 60% as long.
* The key of a Funding is the company, and each of amount and round that either record states. Amounts are
  compared by value, low, high and currency; the modifier is no part of the key. A round that is
  unspecified counts as not stated.
* The key of a Partnership is its parties: F1 of at least 2/3 and at least two parties right.
* The key of a ProductLaunch is the product, and whether it started or stopped.
* The key of a Metric is its value with unit or currency, and its subject or its name. Where neither record
  states a value, one stated change (direction, value, unit) has to be equal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from healthevents.anaphora import is_anaphor
from healthevents.schema import AnyRecord, Change, DateValue, Entity, Funding, Mention, Metric, Money, Partnership, Phrase, ProductLaunch, Quantity

SHARED = 0.6  # a form that contains another is the same name from this ratio of their lengths on
PARTIES_F1 = 2 / 3  # two partnerships are the same from this F1 of their party sets on, with at least two parties right
_SHARE_SCALE = 1_000_000  # shares of equal fillers as integers: sums of similarities stay exact

Forms = frozenset[str]
Clusters = Sequence[Sequence[Mention]]


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Reduce a name or phrase to what is compared: compatibility forms and case folded, letters and digits alone.

    >>> fold("Ｆｅｌｌｏｗ－Ｘ 系统")
    'fellowx系统'
    """
    normal = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", normal) or normal.strip()


@lru_cache(maxsize=8192)
def fold_unit(unit: str) -> str:
    """Reduce a unit to what is compared: case, width, blanks and the English plural do not matter.

    >>> fold_unit(" Countries"), fold_unit("hospitals"), fold_unit("家")
    ('country', 'hospital', '家')
    """
    normal = " ".join(unicodedata.normalize("NFKC", unit).casefold().split())
    for plural, singular in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if normal.endswith(plural) and not normal.endswith("ss") and len(normal) > len(plural) + 1:
            return normal[: -len(plural)] + singular
    return normal


def _alike(a: str, b: str) -> bool:
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    return short in long and len(short) >= SHARED * len(long)


def same_name(a: Forms, b: Forms) -> bool:
    """Tell whether two sets of folded forms name one thing."""
    return not a.isdisjoint(b) or any(_alike(x, y) for x in a for y in b)


class NameForms:
    """The forms under which a document names each entity, collected over its records and clusters."""

    def __init__(self, records: Iterable[AnyRecord], clusters: Clusters = ()) -> None:
        """Collect the mentions of every entity in `records`, and those of every cluster that one of them is in."""
        cluster_of: dict[tuple[str, int, int], Sequence[Mention]] = {}
        for cluster in clusters:
            cluster_of.update({(mention.in_, mention.start, mention.end): cluster for mention in cluster})
        self._forms: dict[str, set[str]] = {}
        for entity in (entity for record in records for entity in _entities(record)):
            forms = self._forms.setdefault(entity.name, {fold(entity.name)})
            forms.add(fold(entity.canonical))
            for own in entity.all_mentions():
                for mention in (own, *cluster_of.get((own.in_, own.start, own.end), ())):
                    if not is_anaphor(mention.text):
                        forms.add(fold(mention.text))
        self._frozen = {name: frozenset(forms) for name, forms in self._forms.items()}

    def of(self, entity: Entity) -> Forms:
        """Return every folded form of an entity."""
        return self._frozen[entity.name]


def _entities(record: AnyRecord) -> tuple[Entity, ...]:
    match record:
        case Funding():
            return (record.company, *record.investors)
        case Partnership():
            return record.parties
        case ProductLaunch():
            return (record.product,) if record.organisation is None else (record.product, record.organisation)
        case Metric():
            return () if record.subject is None else (record.subject,)


# What is compared of a number and of a change. The key of a record leaves out what comes after `measure` and `unit`.
class _Number(NamedTuple):
    value: Hashable
    low: Hashable
    high: Hashable
    measure: str | None
    modifier: str | None


class _Move(NamedTuple):
    direction: str
    value: Hashable
    unit: str | None
    modifier: str | None
    basis: str | None


def _number(number: Money | Quantity) -> _Number:
    unit = number.currency if isinstance(number, Money) else number.unit
    measure = None if unit is None else unit if isinstance(number, Money) else fold_unit(unit)
    return _Number(number.value, number.low, number.high, measure, number.modifier)


def _move(change: Change) -> _Move:
    return _Move(change.direction, change.value, None if change.unit is None else fold_unit(change.unit), change.modifier, change.basis)


def _interval(date: DateValue) -> Hashable:
    return (date.start, date.end) if date.start is not None else fold(date.mention.text)


def _version(version: Phrase) -> Hashable:
    return unicodedata.normalize("NFKC", version.text).casefold().strip()


def _same_lead(a: tuple[Forms, bool], b: tuple[Forms, bool]) -> bool:
    return a[1] == b[1] and same_name(a[0], b[0])


# How the fillers of a field are compared; fillers of all other fields are equal when their values are.
_SAME: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("company", "investors", "parties", "product", "organisation", "subject"), same_name),
    **dict.fromkeys(("use", "scope", "category", "name"), _alike),
    "lead": _same_lead,
}

# The fields whose fillers the field score counts, by type.
FIELDS: dict[str, tuple[str, ...]] = {
    "funding": ("company", "investors", "lead", "amount", "round", "valuation", "stake", "use", "date", "status"),
    "partnership": ("parties", "kind", "scope", "exclusive", "date", "status"),
    "product_launch": ("product", "organisation", "action", "version", "category", "date", "status"),
    "metric": ("subject", "name", "value", "changes", "as_of", "status"),
}


@dataclass(frozen=True, slots=True)
class Comparable:
    """A record reduced to what is compared: the stated fillers of each field, normalised.

    A filler is a value that the record states: an unspecified round or kind, the status `done`, and a null
    are none. Every investor, party and change is a filler of its own; whether an investor leads is one more.
    """

    record: AnyRecord
    stated: Mapping[str, tuple[Any, ...]]
    size: int

    @classmethod
    def of(cls, record: AnyRecord, forms: NameForms) -> Comparable:
        """Reduce a record, its entities known under `forms`."""
        stated = {field: values for field, values in _stated(record, forms).items() if values}
        return cls(record, stated, sum(map(len, stated.values())))

    def first(self, field: str) -> Any:
        """Return the field's first filler, or None where nothing is stated."""
        return next(iter(self.stated.get(field, ())), None)


def _one(value: Any, form: Callable[[Any], Any]) -> tuple[Any, ...]:
    return () if value is None else (form(value),)


def _stated(record: AnyRecord, forms: NameForms) -> dict[str, tuple[Any, ...]]:
    status = () if record.status == "done" else (record.status,)

    def phrase(value: Phrase) -> str:
        return fold(value.text)

    match record:
        case Funding():
            return {
                "company": (forms.of(record.company),),
                "investors": tuple(forms.of(investor) for investor in record.investors),
                "lead": tuple((forms.of(investor), investor.lead) for investor in record.investors if investor.lead is not None),
                "amount": _one(record.amount, _number),
                "round": () if record.round in (None, "unspecified") else (record.round,),
                "valuation": _one(record.valuation, _number),
                "stake": _one(record.stake, _number),
                "use": _one(record.use, phrase),
                "date": _one(record.date, _interval),
                "status": status,
            }
        case Partnership():
            return {
                "parties": tuple(forms.of(party) for party in record.parties),
                "kind": () if record.kind == "unspecified" else (record.kind,),
                "scope": _one(record.scope, phrase),
                "exclusive": _one(record.exclusive, bool),
                "date": _one(record.date, _interval),
                "status": status,
            }
        case ProductLaunch():
            return {
                "product": (forms.of(record.product),),
                "organisation": _one(record.organisation, forms.of),
                "action": (record.action,),
                "version": _one(record.version, _version),
                "category": _one(record.category, phrase),
                "date": _one(record.date, _interval),
                "status": status,
            }
        case Metric():
            return {
                "subject": _one(record.subject, forms.of),
                "name": (phrase(record.name),),
                "value": _one(record.value, _number),
                "changes": tuple(_move(change) for change in record.changes),
                "as_of": _one(record.as_of, _interval),
                "status": status,
            }


def _common(field: str, a: Sequence[Any], b: Sequence[Any]) -> int:
    """Count the fillers of one field that two records share, each paired at most once."""
    same = _SAME.get(field)
    if len(a) == len(b) == 1:
        return int(a[0] == b[0] if same is None else same(a[0], b[0]))
    equal = [[int(x == y if same is None else same(x, y)) for y in b] for x in a]
    if max(map(sum, equal)) <= 1 and max(map(sum, zip(*equal, strict=True))) <= 1:
        return sum(map(sum, equal))  # no choice to make
    return sum(equal[row][column] for row, column in assign(equal))


def common_fillers(a: Comparable, b: Comparable) -> dict[str, int]:
    """Count the equal fillers of two records of one type, by field."""
    return {field: _common(field, values, b.stated[field]) for field, values in a.stated.items() if field in b.stated}


def key_fits(a: Comparable, b: Comparable) -> bool:
    """Tell whether the keys of two records of one type fit (see the module's docstring)."""
    match a.record:
        case Funding():
            amounts = (a.first("amount"), b.first("amount"))
            same_amount = amounts[0] == amounts[1] or (None not in amounts and amounts[0][:4] == amounts[1][:4])
            return same_amount and a.first("round") == b.first("round") and same_name(a.first("company"), b.first("company"))
        case Partnership():
            parties = (a.stated["parties"], b.stated["parties"])
            right = _common("parties", *parties)
            return right >= 2 and 2 * right >= PARTIES_F1 * (len(parties[0]) + len(parties[1]))
        case ProductLaunch():
            stopped = [side.first("action") == "discontinued" for side in (a, b)]
            return stopped[0] == stopped[1] and same_name(a.first("product"), b.first("product"))
        case Metric():
            values = (a.first("value"), b.first("value"))
            if values == (None, None):
                moves = [{move[:3] for move in side.stated["changes"]} for side in (a, b)]
                same_figure = not moves[0].isdisjoint(moves[1])
            else:
                same_figure = None not in values and values[0][:4] == values[1][:4]
            if not same_figure:
                return False
            subjects = (a.first("subject"), b.first("subject"))
            return _alike(a.first("name"), b.first("name")) or (None not in subjects and same_name(*subjects))


def assign(scores: Sequence[Sequence[int]] | npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pair rows with columns one to one so that the sum of their scores is greatest, exactly.

    The Hungarian method with potentials and shortest augmenting paths, O(rows² · columns), on integers, so
    that no rounding decides. Written out because the one function is no reason to depend on SciPy.

    Args:
        scores: non-negative integers, shape (rows, columns).

    Returns:
        The pairs (row, column) by row; min(rows, columns) of them.
    """
    matrix = np.asarray(scores, dtype=np.int64)
    if matrix.size == 0:
        return []
    if matrix.shape[0] > matrix.shape[1]:
        return sorted((row, column) for column, row in assign(matrix.T))
    rows, columns = matrix.shape
    costs = np.zeros((rows + 1, columns + 1), dtype=np.int64)
    costs[1:, 1:] = matrix.max() - matrix  # row and column 0 are the artificial ones that a path starts from
    far = np.iinfo(np.int64).max // 4
    row_potential = np.zeros(rows + 1, dtype=np.int64)
    column_potential = np.zeros(columns + 1, dtype=np.int64)
    row_of = np.zeros(columns + 1, dtype=np.int64)  # 0: the column is free
    for row in range(1, rows + 1):
        row_of[0] = row
        distance = np.full(columns + 1, far, dtype=np.int64)
        before = np.zeros(columns + 1, dtype=np.int64)
        used = np.zeros(columns + 1, dtype=bool)
        column = 0
        while row_of[column] != 0:
            used[column] = True
            reduced = costs[row_of[column]] - row_potential[row_of[column]] - column_potential
            nearer = ~used & (reduced < distance)
            distance[nearer] = reduced[nearer]
            before[nearer] = column
            following = int(np.argmin(np.where(used, far, distance)))
            step = distance[following]
            row_potential[row_of[used]] += step
            column_potential[used] -= step
            distance[~used] -= step
            column = following
        while column != 0:
            row_of[column] = row_of[before[column]]
            column = int(before[column])
    return sorted((int(row_of[column]) - 1, column - 1) for column in range(1, columns + 1) if row_of[column] != 0)


class Pair(NamedTuple):
    """Two records of one type that were paired: indices into what was passed, and what they share."""

    gold: int
    predicted: int
    right: bool
    common: Mapping[str, int]


def pair(gold: Sequence[Comparable], predicted: Sequence[Comparable]) -> list[Pair]:
    """Pair records of one type one to one so that the total similarity is greatest.

    The similarity of two records is the share of their fillers that are equal (twice the equal ones over
    all), after whether their key fits: no sum of shares outweighs one more fitting key. Records with no
    equal filler are not paired.
    """
    common = [[common_fillers(a, b) for b in predicted] for a in gold]
    fits = [[key_fits(a, b) for b in predicted] for a in gold]
    key_weight = (min(len(gold), len(predicted)) + 1) * _SHARE_SCALE
    scores = [
        [key_weight * fits[i][j] + 2 * _SHARE_SCALE * sum(common[i][j].values()) // (a.size + b.size) for j, b in enumerate(predicted)]
        for i, a in enumerate(gold)
    ]
    return [Pair(i, j, fits[i][j], common[i][j]) for i, j in assign(scores) if scores[i][j] > 0]
