"""Print how exactly `healthevents.values` reads the gold mentions of one split of the annotated corpus.

    python training/evaluate_values.py [--split dev] [--errors KIND] [--readme README.md]

A value counts once, at its nearest mention. "mention" gives the parser the mention's text and the publication date alone;
"document" also what the document shows: its conventions, the date that a relative date counts from, the words of the mention's
sentence, the metric's name as the counted noun, the change before it in an enumeration, and the period measured.

Exact means: value, low, high, modifier and currency or unit of an amount; both ends of a date; the round; direction, value,
unit, modifier and basis of a change. Beside the strict share stands the one that also counts what the mention leaves open and we
leave null: a unit or currency that it does not state, the basis of a change, and, in "mention", a date that counts from another one;
and a counted noun with or without what narrows it ("monthly active users", "users"). Errors are printed of train and dev only;
test gives totals.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from healthevents.annotations import AnnotatedDocument, read_annotations
from healthevents.matching import fold_unit
from healthevents.schema import Change, DateValue, Funding, Mention, Metric, Money, Quantity
from healthevents.sentences import sentence_around
from healthevents.values import (
    Conventions,
    date_at,
    find_dates,
    parse_change,
    parse_date,
    parse_money,
    parse_quantity,
    parse_round,
    read_conventions,
)
from healthevents.values.quantities import standard_unit

ANNOTATIONS = Path(__file__).parents[1] / "annotations"
KINDS = ("money", "quantity", "date", "round", "change")


class Gold(NamedTuple):
    """A gold value at its nearest mention, with the metric's name and period that go with it; `at` is where the figure stands that a date dates."""

    kind: str
    mention: Mention
    value: Any
    name: str | None = None
    period: DateValue | None = None
    at: int | None = None


class Score(NamedTuple):
    """Whether a value was read exactly, and whether it at least fits."""

    exact: bool
    fits: bool
    shown: object


def gold_values(document: AnnotatedDocument) -> Iterator[Gold]:
    """Yield the values of a document's records."""
    for record in document.records:
        date = getattr(record, "date", None) or getattr(record, "as_of", None)
        if date is not None:
            value = getattr(record, "value", None)
            yield Gold("date", date.mention, date, at=value.mention.start if value is not None and value.mention.in_ == date.mention.in_ else None)
        if isinstance(record, Funding):
            for amount in (record.amount, record.valuation):
                if amount is not None:
                    yield Gold("money", amount.mention, amount)
            if record.stake is not None:
                yield Gold("quantity", record.stake.mention, record.stake)
            if record.round is not None and record.round_mention is not None:
                yield Gold("round", record.round_mention, record.round)
        if isinstance(record, Metric):
            if record.value is not None:
                yield Gold("money" if isinstance(record.value, Money) else "quantity", record.value.mention, record.value, record.name.text)
            for change in record.changes:
                yield Gold("change", change.mention, change, record.name.text, record.as_of)


def number(value: Money | Quantity | None) -> tuple[object, ...]:
    """Return what makes two amounts equal, but for currency and unit."""
    return () if value is None else (value.modifier, value.value, value.low, value.high)


def same_unit(ours: str | None, gold: str | None) -> bool:
    """Tell whether two units are written alike but for case and number, or are one standard unit."""
    if ours is not None and gold is not None and fold_unit(ours) == fold_unit(gold):
        return True
    return ours == gold or (ours is not None and gold is not None and standard_unit(ours) is not None and standard_unit(ours) == standard_unit(gold))


def one_noun(ours: str | None, gold: str | None) -> bool:
    """Tell whether one unit is the other with what narrows it: "monthly active users" and "users"."""
    if ours is None or gold is None:
        return False
    short, long = sorted((ours.lower(), gold.lower()), key=len)
    return long.endswith(f" {short}") or long.startswith(f"{short} ")


def score_amount(ours: Money | Quantity | None, gold: Money | Quantity, text: str) -> Score:
    """Compare an amount of money or a quantity."""
    if ours is None or number(ours) != number(gold):
        return Score(False, False, ours)
    if isinstance(gold, Money):
        code = ours.currency if isinstance(ours, Money) else None
        return Score(code == gold.currency, code == gold.currency or code is None, ours)
    unit = ours.unit if isinstance(ours, Quantity) else None
    exact = same_unit(unit, gold.unit)
    return Score(exact, exact or (unit is None and gold.unit is not None and gold.unit not in text) or one_noun(unit, gold.unit), ours)


def score_change(ours: Change | None, gold: Change, text: str) -> Score:
    """Compare a change; the basis fits where ours is unspecified, the unit where ours is null and the mention states none."""
    if ours is None or (ours.direction, ours.value, ours.modifier) != (gold.direction, gold.value, gold.modifier):
        return Score(False, False, ours)
    exact = same_unit(ours.unit, gold.unit) and ours.basis == gold.basis
    unit = same_unit(ours.unit, gold.unit) or (ours.unit is None and gold.unit is not None and gold.unit not in text)
    return Score(exact, unit and ours.basis in (gold.basis, "unspecified"), ours)


def words_around(document: AnnotatedDocument, mention: Mention) -> tuple[str, str]:
    """Return the words of a mention's sentence before and after it."""
    sentence = sentence_around(document, mention)
    source = document.part(mention.in_)
    return source[sentence.start : mention.start], source[mention.end : sentence.end]


def score(gold: Gold, document: AnnotatedDocument, conventions: Conventions | None, dates: list[DateValue], before: Change | None) -> Score:
    """Read a gold mention, from itself (`conventions` null) or with its document, and compare."""
    text, published = gold.mention.text, document.published
    known = conventions or Conventions()
    if gold.kind == "money":
        return score_amount(parse_money(text, known), gold.value, text)
    if gold.kind == "quantity":
        if conventions is None:
            return score_amount(parse_quantity(text), gold.value, text)
        after = words_around(document, gold.mention)[1] if document.lang == "en" else ""
        return score_amount(parse_quantity(text, gold.name, after), gold.value, text)
    if gold.kind == "round":
        ours = parse_round(text)
        return Score(ours == gold.value, ours == gold.value, ours)
    if gold.kind == "change":
        if conventions is None:
            return score_change(parse_change(text), gold.value, text)
        return score_change(parse_change(text, before, gold.period, words_around(document, gold.mention)), gold.value, text)
    if conventions is None:
        date = parse_date(text, published)
    else:
        source = document.part(gold.mention.in_)
        told = dates if gold.mention.in_ == "text" else []
        date = date_at(source, gold.mention.start, gold.mention.end, told, published, conventions, gold.at)
    same = date is not None and (date.start, date.end) == (gold.value.start, gold.value.end)
    return Score(same, same or (conventions is None and date is not None and date.start is None), date)


def documents(lang: str, split: str) -> Iterator[AnnotatedDocument]:
    """Yield the documents of one language and split, of all files of annotations."""
    for path in sorted(ANNOTATIONS.glob("*.jsonl")):
        for document in read_annotations(path, splits=ANNOTATIONS / "splits.json", split=split):
            if document.lang == lang:
                yield document


def bare_changes(split: str) -> Counter[tuple[str, str, str]]:
    """Count, by language and batch, the gold bases of changes whose mention and sentence name none though they measure a quarter or longer."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for lang in ("zh", "en"):
        for document in documents(lang, split):
            for gold in gold_values(document):
                span = gold.period
                if gold.kind != "change" or span is None or span.start is None or span.end is None or (span.end - span.start).days < 80:
                    continue
                around = words_around(document, gold.mention)
                named = parse_change(gold.mention.text, None, None, around)
                if named is not None and named.basis == "unspecified" and not SHARE_PRICE.search(gold.name or ""):
                    counts[lang, document.id.split("-")[1], gold.value.basis] += 1
    return counts


SHARE_PRICE = re.compile(r"股|收盘|收报|shares?|stock|market value|市值", re.IGNORECASE)
COLUMNS = ("mention", "mention fits", "document", "document fits")


def measure(split: str, errors: str | None = None) -> dict[tuple[str, str], list[float]]:
    """Return, by kind and language, the number of values and the shares that are exact and that fit, in percent, in the order of COLUMNS.

    What was read wrong of the kind `errors` is printed, never of the test split.
    """
    totals: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str, str]] = Counter()
    for lang in ("zh", "en"):
        for document in documents(lang, split):
            year = document.published.year if document.published else None
            conventions = read_conventions(document.text, year)
            dates = find_dates(document.text, document.published, conventions)
            before: Change | None = None
            for gold in sorted(gold_values(document), key=lambda item: item.mention.start):
                alone = score(gold, document, None, [], None)
                within = score(gold, document, conventions, dates, before)
                if gold.kind == "change":
                    before = within.shown if isinstance(within.shown, Change) else None
                totals[gold.kind, lang] += 1
                for name, found in (("mention", alone), ("document", within)):
                    counts[gold.kind, lang, name] += found.exact
                    counts[gold.kind, lang, name + " fits"] += found.fits
                if errors == gold.kind and not within.exact and split != "test":
                    print(f"{document.id}\t{gold.mention.text!r}\tgold {short(gold.value)}\tread {short(within.shown)}{'' if within.fits else '  !'}")
    return {key: [total, *(counts[*key, name] / total * 100 for name in COLUMNS)] for key, total in totals.items()}


def markdown(shares: dict[tuple[str, str], list[float]]) -> str:
    """Write the shares as a table."""
    rows = [
        "| kind | language | values | mention alone | with what it leaves open | with its document | with what it leaves open |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for kind in KINDS:
        for lang in ("zh", "en"):
            total, *percent = shares.get((kind, lang), [0, *(0.0 for _ in COLUMNS)])
            rows.append(f"| {kind} | {lang} | {total:.0f} | {' | '.join(f'{share:.1f}' for share in percent)} |")
    return "\n".join(rows)


def fill(page: str, table: str) -> str:
    """Return a Markdown page with the table between its markers `<!-- values -->` and `<!-- /values -->` replaced.

    Raises:
        ValueError: the page has no such markers.
    """
    before, opening, rest = page.partition("<!-- values -->")
    _, closing, after = rest.partition("<!-- /values -->")
    if not opening or not closing:
        raise ValueError("the page has no <!-- values --> and <!-- /values --> to write between")
    return f"{before}{opening}\n\n{table}\n\n{closing}{after}"


def main() -> None:
    """Print the table, the errors of one kind where asked, and write the table into a README where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--split", default="dev", choices=("train", "dev", "test"))
    parser.add_argument("--errors", choices=KINDS, help="also print what was read wrong (train and dev only)")
    parser.add_argument("--bases", action="store_true", help="print only what bare changes are marked as compared with (train and dev only)")
    parser.add_argument("--readme", type=Path, help="write the table between the markers of this page")
    arguments = parser.parse_args()
    if arguments.bases and arguments.split != "test":
        for (lang, batch, basis), count in sorted(bare_changes(arguments.split).items()):
            print(f"{lang}\t{batch}\t{basis}\t{count}")
        return
    table = markdown(measure(arguments.split, arguments.errors))
    print(table)
    if arguments.readme is not None:
        arguments.readme.write_text(fill(arguments.readme.read_text(encoding="utf-8"), table), encoding="utf-8")


def short(value: object) -> str:
    """Write a value in one line, without its mention."""
    if not isinstance(value, (Money, Quantity, DateValue, Change)):
        return str(value)
    stated = value.model_dump(mode="json", exclude={"mention", "mentions"})
    return " ".join(str(item) for item in stated.values() if item is not None)


if __name__ == "__main__":
    main()
