"""Amounts of money."""

from __future__ import annotations

import re
from functools import lru_cache

from healthevents.schema import Mention, Money
from healthevents.values.amounts import Amount, find_amounts
from healthevents.values.conventions import DEFAULT, Conventions
from healthevents.values.folding import fold_value


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
        meant = {"$": conventions.dollar, "元": conventions.yuan, "¥": conventions.yen, **dict(conventions.open_words)}
        code = meant.get(amount.mark) or code
    mention = Mention.of(text, amount.start, amount.end)
    if high is not None:
        return Money(low=low, high=high, modifier="range", currency=code, mention=mention)
    return Money(value=low, modifier=amount.modifier, currency=code, mention=mention)


# A counted noun makes a number a quantity; a preposition after it leaves it open.
_COUNTED = re.compile(r"\s?(?!(?:in|of|from|to|for|by|at|on|and|or|as|with|over|via|during|since|last|this|next)(?![a-z]))[a-z]", re.IGNORECASE)


def _may_be_money(text: str, amount: Amount) -> bool:
    """Tell whether its role alone can make a number money: 3亿, 30 million, or a bare cell of a table of sums."""
    if amount.unit is not None or text[max(0, amount.start - 1) : amount.start] == "第" or _COUNTED.match(text, amount.end):
        return False
    return amount.scaled or text[amount.end :].strip() == ""


@lru_cache(maxsize=1024)
def parse_money(text: str, conventions: Conventions = DEFAULT) -> Money | None:
    """Read the first amount of money in a text; one with a currency is preferred to one without.

    A currency that the text does not state is null. Pass the `conventions` of the document (`read_conventions`) where
    they are known: they settle which dollar a bare $ is, and what the bare figures of its tables count.

    >>> str(parse_money("近1.5亿元人民币").value), parse_money("3亿").currency
    ('150000000.0', None)
    """
    bare: Amount | None = None
    for amount in find_amounts(text, fold_value(text)):
        if amount.is_money:
            return as_money(text, amount, conventions)
        if bare is None and _may_be_money(text, amount):
            bare = amount
    return None if bare is None else as_money(text, bare, conventions)
