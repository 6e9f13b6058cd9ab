"""Amounts of money."""

from __future__ import annotations

import re
from functools import lru_cache

from healthevents.schema import Mention, Money
from healthevents.values.amounts import Amount, alternation, find_amounts, load_data
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.folding import fold_value
from healthevents.values.numbers import ONE


def as_money(text: str, amount: Amount, conventions: Conventions = DEFAULT) -> Money:
    """Make a Money of an amount; `conventions` say which dollar, 元, ¥ or crown the document means."""
    low, high, code = amount.low, amount.high, amount.currency
    if (
        not amount.is_money
        and amount.in_figures
        and not amount.scaled
        and conventions.table_currency is not None
        and amount.end - amount.start == len(text.strip())
    ):
        # The bare cell of a table whose head names currency and unit.
        low, high, code = low * conventions.table_scale, None if high is None else high * conventions.table_scale, conventions.table_currency
    elif amount.mark is not None:
        cents = conventions.sole_currency if conventions.sole_currency in _HAVE_CENTS else conventions.dollar
        meant = {"$": conventions.dollar, "¢": cents, "元": conventions.yuan, "¥": conventions.yen, **dict(conventions.open_words)}
        # Sri Lanka and Mauritius do not count rupees by the crore.
        own = meant.get(amount.mark)
        code = code if own is None or (own in ("LKR", "MUR") and _CRORE.search(text) is not None) else own
    mention = Mention.of(text, amount.start, amount.end)
    if high is not None:
        return Money(low=low, high=high, modifier="range", currency=code, mention=mention)
    return Money(value=low, modifier=amount.modifier, currency=code, mention=mention)


# Other countries than those of dollars whose small money English news calls cents.
_HAVE_CENTS = frozenset({"EUR", "USD", "AUD", "CAD", "NZD", "SGD", "HKD", "ZAR", "KES", "MUR", "LKR"})
_CRORE = re.compile(r"(?<![a-z])(?:crores?|cr|lakhs?)(?![a-z])", re.IGNORECASE)
# A counted noun makes a number a quantity; a preposition after it leaves it open.
_COUNTED = re.compile(r"\s?(?!(?:in|of|from|to|for|by|at|on|and|or|as|with|over|via|during|since|last|this|next)(?![a-z]))[a-z]", re.IGNORECASE)


def _may_be_money(text: str, amount: Amount) -> bool:
    """Tell whether its role alone can make a number money: 3亿, 30 million, or a bare cell of a table of sums."""
    if amount.unit is not None or text[max(0, amount.start - 1) : amount.start] == "第" or _COUNTED.match(text, amount.end):
        return False
    return amount.scaled or text[amount.end :].strip() == ""


# A cell that holds a figure alone.
_CELL = re.compile(r"\s*[-(]?\s?\d[\d.,]*\s?\)?\s*")
# A loss as accounts write it: (642), $ (1,072).
_IN_BRACKETS = re.compile(r"\s*(?P<sign>[$€£¥₹]?)\s?[(（]\s?(?P<figures>\d[\d.,]*)\s?[)）]\s*")


@lru_cache(maxsize=1024)
def parse_money(text: str, conventions: Conventions = DEFAULT) -> Money | None:
    """Read the first amount of money in a text; one with a currency is preferred to one without.

    A currency that the text does not state is null. Pass the `conventions` of the document (`read_conventions`) where
    they are known: they settle which dollar a bare $ is, and what the bare figures of its tables count. A figure in brackets is negative
    after a currency sign, and in the tables of a document that has any.

    >>> str(parse_money("近1.5亿元人民币").value), parse_money("3亿").currency
    ('150000000.0', None)
    """
    negative = _IN_BRACKETS.fullmatch(text)
    if negative is not None and (negative["sign"] or conventions.table_currency is not None):
        inner = parse_money(f"{negative['sign']}{negative['figures']}", conventions)
        if inner is None or inner.value is None:
            return None
        return inner.model_copy(update={"value": -inner.value, "mention": Mention.of(text, 0, len(text))})
    bare: Amount | None = None
    for amount in find_amounts(text, fold_value(text)):
        if amount.is_money:
            return as_money(text, amount, conventions)
        if bare is None and _may_be_money(text, amount):
            bare = amount
    return None if bare is None else as_money(text, bare, conventions)


_NAMES = load_data("money_names.json")


def _names(part: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{'|'.join(_NAMES[f'{part}en'])})(?![a-z])|{alternation(_NAMES[f'{part}zh'])}", re.IGNORECASE)


_MONEY_NAME, _NO_MONEY_NAME, _PER_SHARE = _names(""), _names("not_"), _names("per_share_")


def money_cell(text: str, name: str, conventions: Conventions) -> Money | None:
    """Read the bare cell of a table whose head says in what its sums count, if the metric of this name is a sum of money (data/money_names.json).

    Args:
        text: the cell; one that says itself what it counts is none of this kind.
        name: the metric's name, by which a sum is told from a count; one per share is not scaled.
        conventions: those of the document.

    Returns:
        The sum in units of its currency, not of the table; None where it is no such cell.

    >>> from decimal import Decimal
    >>> table = Conventions(table_scale=Decimal(1000), table_currency="USD")
    >>> money_cell("(642)", "Operating income", table).value, money_cell("702", "admissions", table)
    (Decimal('-642000'), None)
    """
    folded = fold_value(name)
    per_share = _PER_SHARE.search(folded) is not None
    if conventions.table_currency is None or not (per_share or _MONEY_NAME.search(folded)) or _NO_MONEY_NAME.search(folded):
        return None
    if _CELL.fullmatch(fold_value(text)) is None:
        return None
    return parse_money(text, conventions._replace(table_scale=ONE) if per_share else conventions)
