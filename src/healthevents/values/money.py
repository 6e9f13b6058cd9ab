"""Amounts of money."""

from __future__ import annotations

from functools import lru_cache

from healthevents.schema import Mention, Money
from healthevents.values.amounts import Amount, find_amounts


def as_money(text: str, amount: Amount, currency: str | None = None) -> Money:
    """Make a Money of an amount; `currency` stands where the text names none."""
    end = amount.end
    mention = Mention.of(text, amount.start, end)
    code = amount.currency or currency
    if amount.high is not None:
        return Money(low=amount.low, high=amount.high, modifier="range", currency=code, mention=mention)
    return Money(value=amount.low, modifier=amount.modifier, currency=code, mention=mention)


def _may_be_money(text: str, amount: Amount) -> bool:
    if amount.is_money:
        return True
    # A number that its role makes money: 3亿, 30 million, or a bare cell of a table of sums.
    return amount.unit is None and (amount.scaled or text[amount.end :].strip() == "")


@lru_cache(maxsize=4096)
def parse_money(text: str, local_currency: str | None = None) -> Money | None:
    """Read the first amount of money in a text.

    A currency that the text does not state is null, or `local_currency` where the caller knows it (the other cells of the
    table, the issuer's country). An amount with a currency is preferred to one without.

    >>> parse_money("近1.5亿元人民币").currency
    'CNY'
    """
    bare: Amount | None = None
    for amount in find_amounts(text):
        if amount.is_money:
            return as_money(text, amount, local_currency)
        if bare is None and _may_be_money(text, amount):
            bare = amount
    return None if bare is None else as_money(text, bare, local_currency)
