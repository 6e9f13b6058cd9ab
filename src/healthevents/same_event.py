"""When records of two documents report one event: what of a record is compared, and what speaks for and against.

A record is reduced to its facts: names in all the forms that the record quotes, figures as windows, dates as intervals of days. Two records are *likely* one
event to a degree: `None` where something speaks against it (another round, another version, sums or days too far apart), 0 where nothing does but nothing is
known for it either, and more the more they share. docs/merging.md gives the rules of each type with their reasons.

All decisions lean to precision: two records that may be one event are left two.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any, NamedTuple, cast

from healthevents.anaphora import is_anaphor
from healthevents.matching import fold, fold_unit
from healthevents.schema import LETTERED_ROUNDS, AnyRecord, Change, DateValue, Entity, Funding, Metric, Money, Partnership, ProductLaunch, Quantity, Status
from healthevents.values.amounts import load_data
from healthevents.values.names import canonical_name, same_name, split_name
from healthevents.values.pinyin import romanise

_DATA = load_data("merging.json")
# Rounds that a company closes once; of the others (a grant, a loan, a placement) it may have several.
ONCE = frozenset(LETTERED_ROUNDS) | frozenset(_DATA["once"])
MANNERS = frozenset(_DATA["manners"])
TAKEOVERS = frozenset(_DATA["takeovers"])
GENERAL_KINDS = frozenset({"strategic", "memorandum", "unspecified"})
STARTS = frozenset({"launched", "announced", "upgraded"})
STOPPED = "discontinued"
# What a merged record says of its status, if its sources differ: what is known latest.
STATUSES: tuple[Status, ...] = ("done", "ended", "denied", "planned", "reported")

# Days that may lie between two dates of one event.
REPORTED_LATE = 30  # an event and its report, or signing and announcement
CLOSING = 120  # first and last report of one round
OUTCOME = 550  # from the first rumour of a deal to its completion
AGREEMENT_OUTCOME = 180  # from a planned agreement to its signing
LAUNCH_OUTCOME = 120  # from the date planned for a launch to the launch
SAME_WEEK = 7
LAUNCH = 14

ROUNDED_SUM, ROUNDED_FIGURE = 0.05, 0.01  # how far rounding may move a sum of a deal, and any other figure
TALKED_OF = 0.25  # how far a sum that is talked of may be from the one that is paid
_BUCKET = math.log(1.3)  # values that agree lie in the same bucket or in neighbours
_MOST_PARTIES = 24  # more are compared, but not looked up by
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_HAN = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"[a-z0-9][a-z0-9\-]*|[\u4e00-\u9fff]")
_CODE = re.compile(r"\b(?=[A-Z0-9\-]*[A-Z])(?=[A-Z0-9\-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*\b")


# ---- names ----


class Names(NamedTuple):
    """The forms under which a record quotes one thing, canonical and sorted, and by what it is looked up."""

    forms: tuple[str, ...]
    keys: frozenset[str]


def _forms(entity: Entity) -> set[str]:
    quoted = {mention.text for mention in entity.all_mentions() if not is_anaphor(mention.text)}
    return {entity.name, entity.canonical, *quoted}


def organisation(entity: Entity) -> Names:
    """Return the names of an organisation, as canonical as they can be without guessing."""
    forms = {canonical_name(form) for form in _forms(entity)}
    return Names(tuple(sorted(forms)), frozenset(_name_key(form) for form in forms))


@lru_cache(maxsize=65536)
def _name_key(name: str) -> str:
    """Return what every spelling of a name shares: its head in Latin letters."""
    return fold(romanise(split_name(name)[0]))


@lru_cache(maxsize=65536)
def same_organisation(a: tuple[str, ...], b: tuple[str, ...]) -> bool | None:
    """Tell whether two sets of names are one organisation's; None where they are of two scripts and cannot be compared."""
    if not set(a).isdisjoint(b) or any(same_name(x, y) for x in a for y in b if _is_han(x) == _is_han(y)):
        return True
    if any(_same_in_two_scripts(x, y) for x in a for y in b if _is_han(x) != _is_han(y)):
        return True
    return False if {_is_han(x) for x in a} & {_is_han(y) for y in b} else None


def _is_han(name: str) -> bool:
    return _HAN.search(name) is not None


@lru_cache(maxsize=65536)
def _same_in_two_scripts(a: str, b: str) -> bool:
    """Tell whether one name is the other in Hanyu Pinyin and no tail speaks against it (弘渡生物 and Hongdu Biosciences, not Hongdu Hospital)."""
    (head, tail), (other, other_tail) = split_name(a), split_name(b)
    if fold(romanise(head)) != fold(romanise(other)) or len(fold(romanise(head))) < 5:
        return False
    kinds, other_kinds = _kinds_of_name(tail), _kinds_of_name(other_tail)
    return not kinds or not other_kinds or not kinds.isdisjoint(other_kinds)


@lru_cache(maxsize=4096)
def _kinds_of_name(tail: str) -> frozenset[str]:
    words = set(tail.casefold().split())
    return frozenset(kind for kind, names in _DATA["kinds_of_name"].items() if any(name in words or (_is_han(name) and name in tail) for name in names))


_PRODUCT_WORDS = frozenset(_DATA["product_words"])
_PRODUCT_TAILS = tuple(word for word in _DATA["product_words"] if _is_han(word))
_VERSION = re.compile(r"\s*(?:[vV](?:ersion)?\s?\.?\s?)?(\d+\.\d+(?:\.\d+)*)\Z|\s+[vV](?:ersion )?(\d+)\Z")


def _product_form(name: str, makers: Iterable[str]) -> str:
    """Return a product's name without its maker's in front and without words such as 系统."""
    plain = unicodedata.normalize("NFKC", name).strip()
    for maker in sorted(makers, key=len, reverse=True):
        if plain.casefold().startswith(maker.casefold()) and len(plain) - len(maker) >= 2:
            plain = plain[len(maker) :].removeprefix("'s").strip()
            break
    if _is_han(plain):
        for tail in _PRODUCT_TAILS:
            plain = plain.removesuffix(tail) if len(plain) > len(tail) + 1 else plain
    words = [word for word in plain.split() if word.casefold() not in _PRODUCT_WORDS]
    return fold("".join(words)) or fold(name)


def product(entity: Entity, maker: Names | None = None) -> Names:
    """Return the names of a product; it is looked up without its maker's name too."""
    makers = {part for form in (maker.forms if maker else ()) for part in (form, split_name(form)[0])}
    plain = {_VERSION.sub("", name) or name for name in _forms(entity)}
    forms = {_product_form(name, ()) for name in plain}
    return Names(tuple(sorted(forms)), frozenset({*forms, *(_product_form(name, makers) for name in plain)}))


def _version(record: ProductLaunch) -> str | None:
    text = record.version.text if record.version else next((match[1] or match[2] for name in _forms(record.product) if (match := _VERSION.search(name))), None)
    if text is None:
        return None
    digits = re.search(r"\d+(?:\.\d+)*", text)
    return re.sub(r"(?:\.0+)+\Z", "", digits[0]) if digits else fold(text)


# ---- figures ----


class Figure(NamedTuple):
    """A figure as the window of values that its words allow: an exact one is as wide as its last written digit."""

    value: float
    low: float
    high: float
    measure: str | None
    money: bool
    digits: int  # that are written and significant; 0 for a range or a bound
    is_range: bool

    def holds(self, value: float, slack: float = 0.0) -> bool:
        """Tell whether the words allow a value, give or take a share of it."""
        reach = abs(value) * slack
        return self.low - reach <= value <= self.high + reach


_MEASURES = {fold_unit(name): unit for unit, names in _DATA["measures"].items() for name in (unit, *names)}


def figure(number: Money | Quantity | None, rounded: float) -> Figure | None:
    """Return a number as a window; rounding may move an exact one by a share of `rounded` at most."""
    if number is None:
        return None
    money = isinstance(number, Money)
    unit = number.currency if isinstance(number, Money) else number.unit
    # Counted nouns and measure words (家, hospitals) differ between languages and tell nothing; units do.
    measure = unit if money or unit is None else _MEASURES.get(fold_unit(unit))
    if number.low is not None and number.high is not None:
        low, high = float(number.low), float(number.high)
        return Figure((low + high) / 2, low, high, measure, money, 0, True)
    value = float(number.value or 0)
    if number.modifier != "exact":
        below, above = _DATA["modifiers"][number.modifier]
        low, high = sorted((value * below, value * above))
        return Figure(value, low, high, measure, money, 0, False)
    written = _NUMBER.search(unicodedata.normalize("NFKC", number.mention.text))
    plain = written[0].replace(",", "") if written else ""
    if not plain or not value or not float(plain):
        return Figure(value, value, value, measure, money, 0, False)
    decimals = len(plain.partition(".")[2])
    zeros = 0 if decimals else len(plain) - len(plain.rstrip("0"))
    last = abs(value) / float(plain) * 10.0 ** (zeros - decimals)
    reach = min(last / 2, abs(value) * rounded)
    digits = len(plain.replace(".", "").strip("0"))
    return Figure(value, value - reach, value + reach, measure, money, digits, False)


def same_figure(a: Figure, b: Figure, slack: float = 0.0) -> bool:
    """Tell whether two figures of one measure can be one: one lies in the other's window, or their ranges overlap."""
    if a.money != b.money or (a.measure != b.measure and (None not in (a.measure, b.measure) or "%" in (a.measure, b.measure))):
        return False
    if a.is_range and b.is_range:
        return a.low <= b.high and b.low <= a.high
    return (not b.is_range and a.holds(b.value, slack)) or (not a.is_range and b.holds(a.value, slack))


def same_sum_abroad(a: Figure, b: Figure, slack: float = 0.0) -> bool:
    """Tell whether two sums in different currencies can be one at any rate of the last years."""
    rates = [_DATA["dollars"].get(side.measure) for side in (a, b)]
    if not (a.money and b.money) or a.measure == b.measure or None in rates:
        return False
    (low, high), (other_low, other_high) = ((side.low * rate[0], side.high * rate[1]) for side, rate in zip((a, b), rates, strict=True))
    return bool(low <= other_high * (1 + slack) and other_low <= high * (1 + slack))


def _buckets(found: Figure) -> Iterable[int]:
    """Return the buckets of a figure's window, so that figures that agree share one."""
    low, high = (math.floor(math.log(max(abs(value), 1e-9)) / _BUCKET) for value in ((found.low, found.high) if found.is_range else (found.value,) * 2))
    return range(min(low, high), min(max(low, high), min(low, high) + 16) + 2)


# ---- dates ----

Days = tuple[int, int]


def days(date: DateValue | None) -> Days | None:
    """Return an interval of dates as ordinals, or None where it is not settled."""
    return None if date is None or date.start is None or date.end is None else (date.start.toordinal(), date.end.toordinal())


def gap(a: Days, b: Days) -> int:
    """Return the days between two intervals, 0 where they overlap; of two long ones that do not, half the shorter is added: 2021 is not near 2022."""
    between = max(a[0] - b[1], b[0] - a[1], 0)
    return between + min(a[1] - a[0], b[1] - b[0]) // 2 if between else 0


def _within(a: Days, b: Days) -> bool:
    return (a[0] <= b[0] and b[1] <= a[1]) or (b[0] <= a[0] and a[1] <= b[1])


# ---- the facts of each type ----


@dataclass(frozen=True, slots=True)
class _Facts:
    status: Status
    date: Days | None
    published: int | None

    def near(self, other: _Facts, most: int) -> bool | None:
        """Tell whether two events are at most so many days apart; publication dates stand in for those of events; None where neither is known."""
        a, b = ((facts.date or (facts.published and (facts.published, facts.published))) for facts in (self, other))
        if not a or not b:
            return None
        # A document that gives no date of its own may tell of an event long past.
        return gap(a, b) <= (most if self.date and other.date else 2 * most)


@dataclass(frozen=True, slots=True)
class DealFacts(_Facts):
    """What is compared of a Funding."""

    company: Names
    investors: tuple[Names, ...]
    amount: Figure | None
    round: str | None
    stake: Figure | None

    def keys(self) -> Iterable[Hashable]:
        """Return what the deal is looked up by: its company, and where it can be told without, sum and round."""
        yield from (("deal", key) for key in self.company.keys)
        if self.round in ONCE and self.amount is not None and self.investors and self.date:
            yield "deal", self.round, self.amount.measure, self.amount.value

    def likeness(self, other: DealFacts) -> int | None:
        """Return how likely two deals are one: a company's rounds are told apart by round, sum, investors, stake and date."""
        if not _may_follow(self.status, other.status, takes_back=True):
            return None
        pending = self.status != other.status
        same_company = same_organisation(self.company.forms, other.company.forms)
        if same_company is False:
            return None
        same_round = self.round if self.round == other.round else None
        rounds = {self.round, other.round} - {None}
        if len(rounds - MANNERS) > 1 and not rounds <= TAKEOVERS:
            return None
        once, takeover = same_round in ONCE, bool(rounds & TAKEOVERS)
        shared, apart = _shared(self.investors, other.investors)
        if apart and not once:
            return None
        if self.stake and other.stake and not same_figure(self.stake, other.stake):
            return None
        equal_sum = converted = False
        if self.amount and other.amount:
            slack = TALKED_OF if pending else 0.0
            equal_sum = same_figure(self.amount, other.amount, slack)
            converted = not equal_sum and same_sum_abroad(self.amount, other.amount, slack)
            if not equal_sum and not converted:
                return None
        allowed = OUTCOME if pending or takeover else CLOSING if once else REPORTED_LATE
        both_dated = self.date is not None and other.date is not None
        near = self.near(other, allowed)
        if near is False and (both_dated or not once):
            return None
        same_days = both_dated and self.near(other, SAME_WEEK) is True
        if same_company is None:
            exact = self.amount is not None and self.amount.digits > 0
            return 1 if once and equal_sum and exact and shared and same_days else None
        if converted:
            return 4 if once or (shared and near) else None
        precise = equal_sum and bool(self.amount and other.amount and not self.amount.is_range and not other.amount.is_range)
        score = 4 * once + 3 * precise + equal_sum + 2 * shared + bool(near) + 2 * same_days
        bare = not any((self.round, other.round, self.amount, other.amount, self.date, other.date))
        joined = (
            once
            or (precise and (shared or near is not False))
            or (shared and same_round is not None and (near or takeover))
            or (shared and same_days and both_dated)
            or (bare and shared == len(self.investors) == len(other.investors) > 0)
        )
        return int(score) if joined else 0


def _may_follow(a: Status, b: Status, *, takes_back: bool = False) -> bool:
    """Tell whether two states can be those of one event: what was reported or planned may be done, or denied and given up, but not both."""
    if a == b:
        return True
    settled = {a, b} & {"done", "ended", "denied"}
    return len(settled) < 2 and (takes_back or not settled & {"ended", "denied"})


def _shared(a: tuple[Names, ...], b: tuple[Names, ...]) -> tuple[int, bool]:
    """Count the organisations that two lists share, and tell whether both name some and surely none is the same."""
    same = [[same_organisation(x.forms, y.forms) for y in b] for x in a]
    count = sum(any(found is True for found in row) for row in same)
    return count, bool(a and b) and all(found is False for row in same for found in row)


@dataclass(frozen=True, slots=True)
class AgreementFacts(_Facts):
    """What is compared of a Partnership."""

    parties: tuple[Names, ...]
    kind: str
    scope: tuple[frozenset[str], frozenset[str], bool] | None  # words, codes, whether it is Chinese

    def keys(self) -> Iterable[Hashable]:
        """Return what the agreement is looked up by: every two of its parties."""
        heads = sorted({key for party in self.parties for key in party.keys})[:_MOST_PARTIES]
        return (("agreement", *pair) for pair in combinations(heads, 2))

    def likeness(self, other: AgreementFacts) -> int | None:
        """Return how likely two agreements are one: the same parties may sign several, told apart by kind, scope and date."""
        if not _may_follow(self.status, other.status):
            return None
        shared = min(_shared(self.parties, other.parties)[0], _shared(other.parties, self.parties)[0])
        if shared < 2 or 3 * shared < len(self.parties) + len(other.parties):
            return None
        same_kind = self.kind == other.kind
        if not same_kind and not {self.kind, other.kind} & (GENERAL_KINDS | {"research"}):
            return None
        if self.scope and other.scope and self.scope[1] and other.scope[1] and self.scope[1].isdisjoint(other.scope[1]):
            return None
        alike = _alike_scope(self.scope, other.scope)
        near = self.near(other, AGREEMENT_OUTCOME if self.status != other.status else REPORTED_LATE)
        if near is False or (alike is False and not near) or (near is None and not same_kind and not alike):
            return None
        if not same_kind and alike is False and not {self.kind, other.kind} <= GENERAL_KINDS and not (self.date and other.date):
            return None
        return shared + same_kind + 2 * bool(alike) + 2 * bool(near)


def _scope(record: Partnership) -> tuple[frozenset[str], frozenset[str], bool] | None:
    if record.scope is None:
        return None
    text = unicodedata.normalize("NFKC", record.scope.text)
    words = _WORD.findall(text.casefold())
    chinese = _is_han(text)
    pieces = {a + b for a, b in pairwise(words) if _is_han(a) and _is_han(b)} if chinese else set()
    return frozenset(pieces | {fold_unit(word) for word in words if len(word) > 2}), frozenset(_CODE.findall(text)), chinese


def _alike_scope(a: tuple[frozenset[str], frozenset[str], bool] | None, b: tuple[frozenset[str], frozenset[str], bool] | None) -> bool | None:
    if a is None or b is None or a[2] != b[2] or not a[0] or not b[0]:
        return None
    return 4 * len(a[0] & b[0]) >= min(len(a[0]), len(b[0]))


@dataclass(frozen=True, slots=True)
class LaunchFacts(_Facts):
    """What is compared of a ProductLaunch."""

    product: Names
    maker: Names | None
    action: str
    version: str | None
    regulators: frozenset[str]

    def keys(self) -> Iterable[Hashable]:
        """Return what the launch is looked up by: its product."""
        return (("launch", key) for key in self.product.keys)

    def likeness(self, other: LaunchFacts) -> int | None:
        """Return how likely two launches are one: approval, launch and stop are three events, and so is each version and each regulator's approval."""
        stopped = self.action == other.action == STOPPED
        if not _may_follow(self.status, other.status, takes_back=True) and not stopped:
            return None
        if self.action != other.action and not {self.action, other.action} <= STARTS:
            return None
        if self.product.keys.isdisjoint(other.product.keys):
            return None
        same_maker = None if self.maker is None or other.maker is None else same_organisation(self.maker.forms, other.maker.forms)
        if same_maker is not True and set(self.product.forms).isdisjoint(other.product.forms):
            return None
        if same_maker is False or (self.regulators and other.regulators and self.regulators.isdisjoint(other.regulators)):
            return None
        pending = self.status != other.status and not stopped
        near = self.near(other, LAUNCH_OUTCOME if self.status != other.status else LAUNCH)
        # What is unveiled now and sold later is two events, and so is what is out already and comes again.
        if near is False or (pending and (not near or self.action != other.action or self._is_before(other) or other._is_before(self))):
            return None
        same_version = self.version is not None and self.version == other.version
        if self.version != other.version and not (near and self.action == other.action and None in (self.version, other.version)):
            return None
        known = same_version or (self.action in STARTS and "upgraded" not in (self.action, other.action)) or self.action in (STOPPED, "piloted")
        known = known or bool(self.regulators & other.regulators)
        if not near and not (known and same_maker):
            return None
        return 1 + 2 * same_version + 2 * bool(same_maker) + bool(near) + (self.action == other.action)

    def _is_before(self, other: LaunchFacts) -> bool:
        """Tell whether this launch is done and the other is planned for later."""
        return self.status == "done" and other.status != "done" and bool(self.date and other.date and self.date[1] < other.date[0] - LAUNCH)


def _as_word(name: str) -> str:
    return rf"(?<![A-Za-z]){name}(?![A-Za-z])" if name.isascii() else name


_REGULATORS = {code: re.compile("|".join(map(_as_word, names))) for code, names in _DATA["regulators"].items()}


def _regulators(record: ProductLaunch) -> frozenset[str]:
    text = " ".join(part.text for part in record.evidence)
    return frozenset(code for code, pattern in _REGULATORS.items() if pattern.search(text)) if record.action == "approved" else frozenset()


@dataclass(frozen=True, slots=True)
class FigureFacts(_Facts):
    """What is compared of a Metric; `date` is the moment or period measured."""

    subject: Names | None
    thing: Names | None
    name: str
    concept: str | None
    value: Figure | None
    changes: frozenset[tuple[str, float | None, str | None, str]]

    def keys(self) -> Iterable[Hashable]:
        """Return what the figure is looked up by: who is measured with the value's order, or with what is measured and when."""
        who = {*(self.subject.keys if self.subject else ()), *(self.thing.keys if self.thing else ())}
        for key in who:
            if self.value is not None:
                yield from (("figure", key, bucket) for bucket in _buckets(self.value))
                if self.value.money and self.date:
                    yield "figure", key, self.concept or self.name, self.date
            yield from (("change", key, direction, value) for direction, value, _, _ in self.changes)
        if self.concept and self.value is not None and self.value.digits >= 4 and self.date:
            yield "figure", self.concept, self.value.measure, self.date

    def likeness(self, other: FigureFacts) -> int | None:
        """Return how likely two figures are one: the same thing of the same subject at the same time, to the same value."""
        if self.status != other.status and {self.status, other.status} != {"done", "reported"}:
            return None
        same_subject = self._same_subject(other)
        if same_subject is False:
            return None
        if self.date and other.date and not _within(self.date, other.date):
            return None
        same_period = bool(self.date and self.date == other.date)
        undated = self.date is None and other.date is None
        if not (self.date and other.date) and self.near(other, CLOSING) is False:
            return None
        same_name = self._same_name(other)
        if self.value is None or other.value is None:
            # A change stated alone is that of the figure which the other document gives with it.
            common = bool(self.changes & other.changes)
            return 2 + same_period if common and same_name and same_subject and (same_period or undated) else None
        digits = min(self.value.digits, other.value.digits)
        if not same_figure(self.value, other.value):
            abroad = same_sum_abroad(self.value, other.value, ROUNDED_FIGURE) and same_name and same_period and same_subject
            return 1 if abroad and _is_han(self.name) != _is_han(other.name) else None
        if any(a[3] == b[3] != "unspecified" and a[:2] != b[:2] for a in self.changes for b in other.changes):
            return None
        if same_subject is None:
            return 1 if same_name and digits >= 4 and same_period else None
        if not same_name:
            # The same many digits of one subject at one time, named in two languages, are one figure.
            two_languages = _is_han(self.name) != _is_han(other.name) and (self.concept is None or other.concept is None)
            if not (two_languages and digits >= 3 and (same_period or undated)):
                return None
        if not same_period and not undated and digits < 2:
            return None
        if self.date and other.date and not same_period and digits < 3:
            return None
        return 2 + 2 * same_period + same_name + digits

    def _same_subject(self, other: FigureFacts) -> bool | None:
        if self.thing is not None and other.thing is not None and not self.thing.keys.isdisjoint(other.thing.keys):
            return True
        return same_organisation(self.subject.forms, other.subject.forms) if self.subject and other.subject else False

    def _same_name(self, other: FigureFacts) -> bool:
        if self.name == other.name or (self.concept is not None and self.concept == other.concept):
            return True
        short, long = sorted((self.name, other.name), key=len)
        if not (self.concept is None or other.concept is None) or short not in long or 2 * len(short) < len(long):
            return False
        return not any(char.isdecimal() for char in long.replace(short, "", 1))


_CONCEPTS = {fold(name): names[0] for names in _DATA["figures"] for name in names}


def _change(change: Change) -> tuple[str, float | None, str | None, str]:
    value = None if change.value is None else float(change.value)
    return change.direction, value, None if change.unit is None else fold_unit(change.unit), change.basis


def _concept(name: str) -> str | None:
    return _CONCEPTS.get(fold(name)) or _CONCEPTS.get(fold(fold_unit(name)))


Facts = DealFacts | AgreementFacts | LaunchFacts | FigureFacts


def facts(record: AnyRecord, published: Mapping[str, dt.date]) -> Facts:
    """Reduce a record to what is compared; `published` gives publication dates by document id, where they are known."""
    day = published.get(record.doc_id)
    common = (record.status, days(record.as_of if isinstance(record, Metric) else record.date), day.toordinal() if day else None)
    match record:
        case Funding():
            round_ = None if record.round == "unspecified" else record.round
            investors = tuple(sorted({organisation(investor) for investor in record.investors}, key=lambda names: names.forms))
            return DealFacts(*common, organisation(record.company), investors, figure(record.amount, ROUNDED_SUM), round_, figure(record.stake, ROUNDED_FIGURE))
        case Partnership():
            parties = tuple(sorted({organisation(party) for party in record.parties}, key=lambda names: names.forms))
            return AgreementFacts(*common, parties, record.kind, _scope(record))
        case ProductLaunch():
            maker = organisation(record.organisation) if record.organisation else None
            return LaunchFacts(*common, product(record.product, maker), maker, record.action, _version(record), _regulators(record))
        case Metric():
            subject, thing = (organisation(record.subject), product(record.subject)) if record.subject else (None, None)
            changes = frozenset(map(_change, record.changes))
            return FigureFacts(*common, subject, thing, fold(record.name.text), _concept(record.name.text), figure(record.value, ROUNDED_FIGURE), changes)


def likeness(a: Facts, b: Facts) -> int | None:
    """Return how likely two records are one event: None where something speaks against it, 0 where nothing speaks for it."""
    return cast(Any, a).likeness(b) if type(a) is type(b) else None
