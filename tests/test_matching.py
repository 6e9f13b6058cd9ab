import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.matching import Comparable, NameForms, assign, common_fillers, fold, fold_unit, is_anaphor, key_fits, pair
from healthevents.schema import AnyRecord, Mention, parse_record


def m(text: str, start: int = 0) -> dict[str, Any]:
    return {"start": start, "end": start + len(text), "text": text}


def entity(name: str, *aliases: str, **more: Any) -> dict[str, Any]:
    mentions = [m(text, 10 * index) for index, text in enumerate((name, *aliases))]
    return {"name": name, "mention": mentions[0], "mentions": mentions, **more}


def money(value: int | tuple[int, int], currency: str | None = "CNY", modifier: str = "exact") -> dict[str, Any]:
    if isinstance(value, tuple):
        return {"low": value[0], "high": value[1], "modifier": "range", "currency": currency, "mention": m("x")}
    return {"value": value, "modifier": modifier, "currency": currency, "mention": m("x")}


def quantity(value: int, unit: str | None, modifier: str = "exact") -> dict[str, Any]:
    return {"value": value, "modifier": modifier, "unit": unit, "mention": m("x")}


def phrase(text: str) -> dict[str, Any]:
    return {"text": text, "mention": m(text)}


def change(direction: str, value: int | None, unit: str | None = "%", **more: Any) -> dict[str, Any]:
    return {"direction": direction, "value": value, "unit": unit, "mention": m("x"), **more}


def funding(company: str = "甲科技", **more: Any) -> dict[str, Any]:
    return {"type": "funding", "company": entity(company), **more}


def partnership(*parties: str) -> dict[str, Any]:
    return {"type": "partnership", "parties": [entity(party) for party in parties]}


def launch(product: str = "灵犀", action: str = "launched", **more: Any) -> dict[str, Any]:
    return {"type": "product_launch", "product": entity(product), "action": action, **more}


def metric(subject: str | None = "甲科技", name: str = "营收", **more: Any) -> dict[str, Any]:
    return {"type": "metric", "subject": None if subject is None else entity(subject), "name": phrase(name), **more}


def both(gold: dict[str, Any], predicted: dict[str, Any], clusters: tuple[tuple[Mention, ...], ...] = ()) -> tuple[Comparable, Comparable]:
    a, b = parse_record(gold), parse_record(predicted)
    return Comparable.of(a, NameForms([a], clusters)), Comparable.of(b, NameForms([b]))


@pytest.mark.parametrize(
    ("gold", "predicted", "fits"),
    [
        (funding(amount=money(10)), funding(amount=money(10, modifier="nearly")), True),  # the modifier is no part of the key
        (funding(amount=money(10)), funding(amount=money(11)), False),
        (funding(amount=money(10)), funding(amount=money(10, "USD")), False),
        (funding(amount=money(10)), funding(amount=money(10, None)), False),
        (funding(amount=money((10, 20))), funding(amount=money((10, 20))), True),
        (funding(amount=money((10, 20))), funding(amount=money((10, 30))), False),
        (funding(amount=money(10)), funding(), False),
        (funding(), funding(amount=money(10)), False),
        (funding(), funding(), True),
        (funding(round="b"), funding(round="b"), True),
        (funding(round="b"), funding(round="b_plus"), False),
        (funding(round="b"), funding(), False),
        (funding(round="unspecified"), funding(), True),
        (funding("甲科技"), funding("乙科技"), False),
        (funding(investors=[entity("丙")]), funding(investors=[entity("丁")], date=None), True),  # beside the key
    ],
)
def test_key_of_funding(gold: dict[str, Any], predicted: dict[str, Any], fits: bool) -> None:
    assert key_fits(*both(gold, predicted)) is fits


@pytest.mark.parametrize(
    ("gold", "predicted", "fits"),
    [
        ("AB", "AB", True),
        ("AB", "BA", True),
        ("AB", "AC", False),  # one right
        ("AB", "ABC", True),  # F1 4/5
        ("AB", "ABCD", True),  # F1 2/3
        ("AB", "ABCDE", False),  # F1 4/7
        ("ABCD", "AB", True),
        ("ABCDE", "ABC", True),
        ("ABCDEF", "AB", False),
    ],
)
def test_key_of_partnership(gold: str, predicted: str, fits: bool) -> None:
    assert key_fits(*both(partnership(*gold), partnership(*predicted))) is fits


def test_a_party_counts_once() -> None:
    assert not key_fits(*both(partnership("A", "B"), partnership("A", "A")))


@pytest.mark.parametrize(
    ("gold", "predicted", "fits"),
    [
        (launch(), launch(action="announced"), True),
        (launch(action="approved"), launch(action="upgraded"), True),
        (launch(), launch(action="discontinued"), False),
        (launch(action="discontinued"), launch(action="discontinued"), True),
        (launch("灵犀"), launch("天枢"), False),
        (launch(version=phrase("3.0")), launch(), True),
    ],
)
def test_key_of_launch(gold: dict[str, Any], predicted: dict[str, Any], fits: bool) -> None:
    assert key_fits(*both(gold, predicted)) is fits


@pytest.mark.parametrize(
    ("gold", "predicted", "fits"),
    [
        (metric(value=money(5)), metric(value=money(5, modifier="over")), True),
        (metric(value=money(5)), metric("乙", value=money(5)), True),  # the name is right
        (metric(value=money(5)), metric(name="员工", value=money(5)), True),  # the subject is right
        (metric(value=money(5)), metric("乙", "员工", value=money(5)), False),
        (metric(None, value=money(5)), metric(None, "员工", value=money(5)), False),  # two open subjects are no match
        (metric(value=quantity(5, "家")), metric(value=quantity(6, "家")), False),
        (metric(value=quantity(5, "家")), metric(value=quantity(5, "个")), False),
        (metric(value=quantity(5, "Hospitals ")), metric(value=quantity(5, "hospital")), True),
        (metric(value=quantity(5, "countries")), metric(value=quantity(5, "Country")), True),
        (metric(value=quantity(5, None)), metric(value=money(5, None)), True),  # neither states what it counts
        (metric(value=quantity(5, "%")), metric(value=quantity(5, None)), False),
        (metric(changes=[change("up", 39)]), metric(changes=[change("up", 39, modifier="about", basis="year_on_year")]), True),
        (metric(changes=[change("up", 39)]), metric(changes=[change("down", 39)]), False),
        (metric(changes=[change("up", 39)]), metric(changes=[change("up", 39, "percentage points")]), False),
        (metric(changes=[change("down", 2), change("down", 23)]), metric(changes=[change("down", 23)]), True),
        (metric(changes=[change("up", 39)]), metric(changes=[change("up", 39)], value=quantity(1, None)), False),
        (metric(name="月活跃账户数", value=money(5)), metric("乙", "月活跃账户", value=money(5)), True),  # 5 of 6 characters
        (metric(name="月活跃账户数", value=money(5)), metric("乙", "账户", value=money(5)), False),
    ],
)
def test_key_of_metric(gold: dict[str, Any], predicted: dict[str, Any], fits: bool) -> None:
    assert key_fits(*both(gold, predicted)) is fits


@pytest.mark.parametrize(
    ("gold", "predicted", "fits"),
    [
        (entity("Blue Link Health"), entity("BLUE LINK  Health"), True),
        (entity("蓝链科技"), entity("蓝链科技有限"), True),  # 4 of 6 characters
        (entity("蓝链"), entity("蓝链科技有限"), False),
        (entity("蓝链科技", "蓝链"), entity("蓝链"), True),  # an alias that the document uses
        (entity("蓝链科技", "该公司"), entity("该公司"), False),  # which a pronoun is not
        (entity("蓝链科技", "公司"), entity("红桥医疗", "公司"), False),
        (entity("BlueLink", canonical="蓝链"), entity("蓝链科", canonical="蓝链"), True),
        (entity("蓝链"), entity("蓝链科技", "蓝链"), True),
    ],
)
def test_names(gold: dict[str, Any], predicted: dict[str, Any], fits: bool) -> None:
    assert key_fits(*both({"type": "funding", "company": gold}, {"type": "funding", "company": predicted})) is fits


def test_aliases_of_a_cluster_count() -> None:
    cluster = (Mention(start=0, end=4, text="蓝链科技"), Mention(start=90, end=98, text="BlueLink"), Mention(start=70, end=71, text="它"))
    assert key_fits(*both(funding("蓝链科技"), funding("BlueLink"), (cluster,)))
    assert not key_fits(*both(funding("蓝链科技"), funding("它"), (cluster,)))
    assert not key_fits(*both(funding("红桥"), funding("BlueLink"), (cluster,)))


def test_fillers_are_the_stated_values() -> None:
    gold, predicted = both(
        funding(
            investors=[entity("A", lead=True), entity("B", lead=False), entity("C")],
            amount=money(10, modifier="over"), round="b", stake=quantity(5, "%"), use=phrase("研发投入"), status="planned",
        ),
        funding(
            investors=[entity("C", lead=True), entity("A", lead=True), entity("D")],
            amount=money(10), round="b", stake=quantity(5, "%"), use=phrase("研发投入等"),
        ),
    )  # fmt: skip
    assert (gold.size, predicted.size) == (1 + 3 + 2 + 5, 1 + 3 + 2 + 4)
    assert common_fillers(gold, predicted) == {"company": 1, "investors": 2, "lead": 1, "amount": 0, "round": 1, "stake": 1, "use": 1}


def test_unresolved_dates_are_equal_when_they_quote_the_same_words() -> None:
    def dated(words: str, day: str | None = None) -> dict[str, Any]:
        return launch(date={"start": day, "end": day, "precision": "day" if day else None, "mention": m(words)})

    for gold, predicted, equal in [
        (dated("上周五"), dated("上周五"), 1),
        (dated("上周五"), dated("去年"), 0),
        (dated("5日", "2020-01-05"), dated("1月5日", "2020-01-05"), 1),
        (dated("5日", "2020-01-05"), dated("5日"), 0),
    ]:
        assert common_fillers(*both(gold, predicted))["date"] == equal


@pytest.mark.parametrize("text", ["公司", "该公司", "It", "the company", "The Danish firm", "这家成都的互联网医疗公司", "its Irish customer"])
def test_anaphors(text: str) -> None:
    assert is_anaphor(text)


@pytest.mark.parametrize("text", ["零氪科技", "Theranos", "The Lancet", "Group Health", "其鑫医药", "One Medical"])
def test_names_are_no_anaphors(text: str) -> None:
    assert not is_anaphor(text)


def test_folding() -> None:
    assert fold("“Ｍed-Link” (中国)") == "medlink中国"
    assert fold("%") == "%"
    assert [fold_unit(unit) for unit in ("boxes", "gas", "glass", "％", "分钟", "Square  Meters")] == ["box", "ga", "glass", "%", "分钟", "square meter"]


SCORES = st.integers(0, 5).flatmap(
    lambda rows: st.integers(0, 5).flatmap(
        lambda columns: st.lists(st.lists(st.integers(0, 12), min_size=columns, max_size=columns), min_size=rows, max_size=rows)
    )
)


@given(SCORES)
def test_assignment_is_the_best_there_is(scores: list[list[int]]) -> None:
    rows, columns = len(scores), len(scores[0]) if scores else 0
    found = assign(scores)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found) == min(rows, columns)
    if rows <= columns:
        best = max(sum(scores[row][column] for row, column in enumerate(chosen)) for chosen in itertools.permutations(range(columns), rows))
    else:
        best = max(sum(scores[row][column] for column, row in enumerate(chosen)) for chosen in itertools.permutations(range(rows), columns))
    assert sum(scores[row][column] for row, column in found) == best


def test_assignment_of_many_agrees_with_scipy() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    scores = np.random.default_rng(3).integers(0, 10**9, size=(70, 80))
    rows, columns = optimize.linear_sum_assignment(scores, maximize=True)
    assert sum(int(scores[pair]) for pair in assign(scores)) == int(scores[rows, columns].sum())


def comparables(*records: dict[str, Any]) -> list[Comparable]:
    parsed: list[AnyRecord] = [parse_record(record) for record in records]
    forms = NameForms(parsed)
    return [Comparable.of(record, forms) for record in parsed]


def test_one_more_fitting_key_outweighs_any_share_of_fillers() -> None:
    # Alone, gold 0 would rather have predicted 0, with which it shares every filler; but then gold 1 could have none.
    rich = {"use": phrase("研发"), "stake": quantity(5, "%"), "valuation": money(99)}
    gold = comparables(funding(**rich), funding("甲科技公司"))
    predicted = comparables(funding(**rich), funding("甲科技（上海）"))
    assert [key_fits(gold[i], predicted[j]) for i, j in [(0, 0), (0, 1), (1, 0), (1, 1)]] == [True, True, True, False]
    found = pair(gold, predicted)
    assert [(item.gold, item.predicted, item.right) for item in found] == [(0, 1, True), (1, 0, True)]


def test_records_that_share_nothing_are_not_paired() -> None:
    assert pair(comparables(funding("A")), comparables(funding("B"))) == []
    assert pair([], comparables(funding("B"))) == []
