"""Records as Arrow tables: typed, exact, and back without loss."""

import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.annotations import read_annotations
from healthevents.arrow import DIGITS, PLACES, RECORD_MODELS, records_schema, records_to_table, row_of, table_to_records
from healthevents.schema import AnyRecord, Entity, Funding, Mention, Metric, Money, Partnership, Phrase, Quantity
from healthevents.writing import record_line
from tests.test_schema import TEXT, mentions
from tests.test_schema import records as any_record

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

SEEDS = Path(__file__).parents[1] / "seeds"
GOLD: list[AnyRecord] = [record for document in read_annotations(SEEDS / "gold.jsonl") for record in document.records]
COMPANY = Entity(name="甲科技", mention=Mention.of(TEXT, 1, 4))
AMOUNT = Mention.of(TEXT, 6, 9)

# Numbers far beyond what a news item says: up to 60 digits before the point and 25 after it.
numbers = st.builds(lambda digits, places: Decimal(f"{digits}e-{places}"), st.integers(-(10**60), 10**60) | st.integers(-20, 20), st.integers(0, 25))
hostile_numbers = numbers.map(lambda number: Funding(company=COMPANY, amount=Money(value=number, currency=None, mention=AMOUNT)))
hostile_ranges = st.tuples(numbers, numbers).map(
    lambda ends: Metric(name=Phrase(text="x", mention=AMOUNT), value=Quantity(low=min(ends), high=max(ends), modifier="range", unit=None, mention=AMOUNT))
)
said_twice = st.lists(mentions(), min_size=2, max_size=4).map(
    lambda found: Funding(company=COMPANY.at(*found), round="b", round_mention=found[0], round_mentions=tuple(found))
)
of_two_reports = st.tuples(hostile_numbers, said_twice).map(lambda sources: Funding(company=COMPANY, sources=sources))
odd_text = st.text().filter(bool).map(lambda name: Partnership(parties=(Entity(name=name, mention=AMOUNT), COMPANY)))


def lines(records: list[AnyRecord]) -> list[str]:
    return [record_line(record) for record in records]


@given(st.lists(any_record | hostile_numbers | hostile_ranges | said_twice | of_two_reports | odd_text, max_size=4))
def test_any_records_come_back_as_they_were(records: list[AnyRecord]) -> None:
    table = records_to_table(records)
    assert table.schema == records_schema()
    back = table_to_records(table)
    assert back == records
    assert lines(back) == lines(records)


def test_gold_records_come_back_through_parquet() -> None:
    file = io.BytesIO()
    parquet.write_table(records_to_table(GOLD), file)
    back = parquet.read_table(file)
    assert back.schema == records_schema()
    assert lines(table_to_records(back)) == lines(GOLD)


def test_a_table_of_nothing_has_all_columns() -> None:
    assert records_to_table([]).schema == records_schema()
    assert records_to_table(record for record in GOLD).num_rows == len(GOLD)


def test_every_field_of_every_record_type_has_a_column() -> None:
    fields = {info.alias or name for model in RECORD_MODELS for name, info in model.model_fields.items()}
    assert set(records_schema().names) == fields


@pytest.mark.parametrize(
    ("number", "held"),
    [
        (Decimal("0.1"), True),
        (Decimal("-3.50"), True),
        (Decimal(10) ** (DIGITS - PLACES) - 1, True),
        (Decimal(10) ** (DIGITS - PLACES), False),
        (Decimal("1E-9"), True),
        (Decimal("1E-10"), False),
    ],
)
def test_a_number_is_exact_or_stands_aside_as_text(number: Decimal, held: bool) -> None:
    (amount,) = records_to_table([Funding(company=COMPANY, amount=Money(value=number, currency="CNY", mention=AMOUNT))])["amount"].to_pylist()
    assert (amount["value"], amount["exact"]) == ((number, None) if held else (None, format(number, "f")))


def test_columns_can_be_reckoned_with() -> None:
    import pyarrow.compute as compute

    table = records_to_table(GOLD)
    amounts = compute.struct_field(table["amount"], "value")
    stated = [record.amount.value for record in GOLD if isinstance(record, Funding) and record.amount is not None and record.amount.value is not None]
    assert compute.sum(amounts).as_py() == sum(stated) > 0
    assert table["as_of"].type.field("start").type == pa.date32()


def test_pandas_gets_decimals_and_dates() -> None:
    pytest.importorskip("pandas")
    frame = records_to_table(GOLD).to_pandas()
    assert list(frame["type"]) == [record.type for record in GOLD]
    assert {type(amount["value"]) for amount in frame["amount"].dropna()} <= {Decimal, type(None)}


def test_a_list_is_empty_where_it_could_hold_something_and_null_elsewhere() -> None:
    deal, metric = Funding(company=COMPANY), Metric(name=Phrase(text="x", mention=AMOUNT), value=Quantity(value=Decimal(1), unit=None, mention=AMOUNT))
    rows = records_to_table([deal, metric]).to_pylist()
    assert [row["investors"] for row in rows] == [[], None]
    assert [row["changes"] for row in rows] == [None, []]
    assert rows[1]["value"]["kind"] == "quantity"


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        ({"type": "lawsuit", "id": "1", "doc_id": "a"}, "record '1' of document 'a' is of the unknown type 'lawsuit'"),
        ({"type": "funding", "colour": "red"}, "Funding has no field colour"),
    ],
)
def test_what_this_version_does_not_know_is_refused(wire: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        row_of(wire)


def test_without_pyarrow_the_message_says_what_to_install() -> None:
    program = "import sys; sys.modules['pyarrow'] = None; import healthevents; healthevents.records_to_table([])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: tables of records need pyarrow, which is not installed: pip install 'healthevents[parquet]'" in run.stderr
