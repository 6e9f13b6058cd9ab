"""Exact values of Chinese and English news: money, quantities, dates, changes and rounds.

Each parser takes a mention, or a piece of text that holds one, and returns the first value in it with its exact
place, or None. `published` and `anchor` are what relative dates count from.
"""

from healthevents.values.changes import parse_change
from healthevents.values.conventions import Conventions, read_conventions
from healthevents.values.dates import parse_date
from healthevents.values.money import money_cell, parse_money
from healthevents.values.names import canonical_name, defined_aliases, legal_name_end, same_name
from healthevents.values.quantities import counted_unit, parse_quantity, parse_value, standard_unit
from healthevents.values.rounds import parse_round
from healthevents.values.told import anchor_for, date_at, find_dates, in_time, looks_ahead, parse_dates

__all__ = [
    "Conventions", "anchor_for", "canonical_name", "counted_unit", "date_at", "defined_aliases", "find_dates", "in_time", "legal_name_end", "looks_ahead",
    "money_cell",
    "parse_change", "parse_date", "parse_dates", "parse_money", "parse_quantity", "parse_round", "parse_value", "read_conventions", "same_name",
    "standard_unit",
]  # fmt: skip
