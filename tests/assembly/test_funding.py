"""Deals from hand-made taggings."""

import datetime as dt
from decimal import Decimal

import pytest
from assembled import only, records
from taggings import Said

from healthevents.assembly.funding import ONE_DEAL
from healthevents.assembly.mentions import LINKED
from healthevents.schema import AnyRecord, Document, Funding

TWO_DEALS = Document(id="two", text="岭北基金以3亿元领投禾露基因B轮，又以5000万美元领投青垣健康C轮。", published=dt.date(2021, 3, 5))
TWO_DEALS_SAID = {
    "i": Said("funding", "investor", "岭北基金", funding__lead="lead"),
    "a": Said("funding", "amount", "3亿元"), "c": Said("funding", "company", "禾露基因"), "r": Said("funding", "round", "B轮"),
    "b": Said("funding", "amount", "5000万美元"), "d": Said("funding", "company", "青垣健康"), "s": Said("funding", "round", "C轮"),
}  # fmt: skip


def test_two_deals_in_a_sentence_stay_apart_and_share_their_investor() -> None:
    first, second = records(TWO_DEALS, TWO_DEALS_SAID, ["i a c r", "i b d s"])
    assert isinstance(first, Funding)
    assert isinstance(second, Funding)
    assert (first.company.name, first.amount.value, first.amount.currency, first.round) == ("禾露基因", Decimal(300_000_000), "CNY", "b")  # type: ignore[union-attr]
    assert (second.company.name, second.amount.value, second.amount.currency, second.round) == ("青垣健康", Decimal(50_000_000), "USD", "c")  # type: ignore[union-attr]
    for record in (first, second):
        assert [(investor.name, investor.lead) for investor in record.investors] == [("岭北基金", True)]
        assert record.round_mention is not None
        assert record.evidence[0].text == TWO_DEALS.text


def test_two_sums_are_two_deals_even_if_linked() -> None:
    document = Document(id="d", text="松萤医疗先后融资1亿元和2亿元。")
    said = {"c": Said("funding", "company", "松萤医疗"), "a": Said("funding", "amount", "1亿元"), "b": Said("funding", "amount", "2亿元")}
    assert sorted(record.amount.value for record in records(document, said, ["c a b"])) == [Decimal(100_000_000), Decimal(200_000_000)]  # type: ignore[union-attr]


def test_a_portfolio_is_a_record_for_each_company() -> None:
    document = Document(id="d", text="Tidewell backed Corvane, Merrow and Osier.")
    said = {"i": Said("funding", "investor", "Tidewell"), **{name: Said("funding", "company", name) for name in ("Corvane", "Merrow", "Osier")}}
    found = records(document, said, ["i Corvane", "i Merrow", "i Osier"])
    assert [(record.company.name, record.investors[0].name, record.amount) for record in found] == [  # type: ignore[union-attr]
        ("Corvane", "Tidewell", None), ("Merrow", "Tidewell", None), ("Osier", "Tidewell", None),
    ]  # fmt: skip


def test_everything_that_is_said_of_a_deal_is_in_its_record() -> None:
    document = Document(
        id="d", text="2021年3月，北崖集团拟以1.5亿港元收购澜石生物51%股权，估值3亿港元，资金用于建厂；海榕创投跟投。", published=dt.date(2021, 4, 1)
    )
    status = {"funding__status": "planned"}
    said = {
        "d": Said("funding", "date", "2021年3月"), "i": Said("funding", "investor", "北崖集团"), "a": Said("funding", "amount", "1.5亿港元", **status),
        "r": Said("funding", "round", "收购", **status), "c": Said("funding", "company", "澜石生物", **status), "k": Said("funding", "stake", "51%", **status),
        "v": Said("funding", "valuation", "3亿港元"), "u": Said("funding", "use", "建厂"),
        "j": Said("funding", "investor", "海榕创投", funding__lead="participant"),
    }  # fmt: skip
    deal = only(records(document, said, [" ".join(said)]))
    assert (deal.status, deal.round, deal.company.name) == ("planned", "acquisition", "澜石生物")
    assert (deal.stake.value, deal.stake.unit, deal.valuation.value, deal.use.text) == (51, "%", 300_000_000, "建厂")
    assert (deal.date.start, deal.date.end) == (dt.date(2021, 3, 1), dt.date(2021, 3, 31))
    assert [(investor.name, investor.lead) for investor in deal.investors] == [("北崖集团", None), ("海榕创投", False)]


def test_an_amount_that_cannot_be_read_is_left_out() -> None:
    document = Document(id="d", text="松萤医疗获得一大笔钱B轮融资。")
    said = {"c": Said("funding", "company", "松萤医疗"), "a": Said("funding", "amount", "一大笔钱"), "r": Said("funding", "round", "B轮")}
    deal = only(records(document, said, ["c a r"]))
    assert (deal.amount, deal.round) == (None, "b")


def test_a_sum_that_says_its_currency_stands_for_one_of_the_headline_that_does_not() -> None:
    document = Document(id="d", text="松萤医疗拟募6.4亿\n松萤医疗拟非公开发行，募资不超过6.4亿元。")
    said = {
        "c": Said("funding", "company", "松萤医疗"), "a": Said("funding", "amount", "6.4亿"),
        "k": Said("funding", "company", "松萤医疗", nth=1), "b": Said("funding", "amount", "不超过6.4亿元"),
    }  # fmt: skip
    deal = only(records(document, said, ["c a k b"], same=["c k"]))
    assert (deal.amount.currency, deal.amount.modifier) == ("CNY", "at_most")


def test_a_deal_without_a_company_is_no_record() -> None:
    assert records(Document(id="d", text="总额3亿元。"), {"a": Said("funding", "amount", "3亿元")}) == []


# ---- which sums and rounds are one deal ----


def deals(found: list[AnyRecord]) -> list[tuple[str, int | None, str | None]]:
    return sorted(
        ((record.company.name, int(record.amount.value) if record.amount and record.amount.value else None, record.round) for record in found), key=str
    )  # type: ignore[union-attr]


def test_a_company_is_shared_by_its_rounds() -> None:
    document = Document(id="d", text="松萤医疗先后完成A轮和B轮融资。")
    said = {"c": Said("funding", "company", "松萤医疗"), "r": Said("funding", "round", "A轮"), "s": Said("funding", "round", "B轮")}
    assert deals(records(document, said, ["c r s"])) == [("松萤医疗", None, "a"), ("松萤医疗", None, "b")]


def test_a_manner_and_a_letter_are_one_round() -> None:
    document = Document(id="d", text="松萤医疗完成战略融资，为E轮。")
    said = {"c": Said("funding", "company", "松萤医疗"), "m": Said("funding", "round", "战略融资"), "r": Said("funding", "round", "E轮")}
    deal = only(records(document, said, ["c m r"], unsure={"m r": (ONE_DEAL + LINKED) / 2}))
    assert (deal.round, deal.round_mention.text) == ("e", "E轮")


HALVES = {"c": Said("funding", "company", "松萤医疗"), "a": Said("funding", "amount", "2亿元"), "r": Said("funding", "round", "B轮")}


def test_half_deals_of_one_company_are_joined() -> None:
    document = Document(id="d", text="松萤医疗完成2亿元融资。此为B轮，A轮在前。")
    linked = {"c a": 0.9, "c r": 0.9, "a r": 0.2}
    assert deals(records(document, HALVES, unsure=linked)) == [("松萤医疗", 200_000_000, "b")]
    # Which of two rounds the sum is of, nobody says.
    said = {**HALVES, "s": Said("funding", "round", "A轮")}
    assert len(records(document, said, unsure={**linked, "c s": 0.9, "a s": 0.2})) == 3
    # Halves that the model is sure are apart stay so.
    assert len(records(document, HALVES, unsure={**linked, "a r": 0.01})) == 2


@pytest.mark.parametrize(
    ("text", "first", "second", "expected"),
    [
        ("Corvane raised Rs 450 crore (around $59 million).", "Rs 450 crore", "$59 million", [4_500_000_000]),
        ("Corvane raised €20m, equivalent to $22m.", "€20m", "$22m", [20_000_000]),
        ("Corvane融资1.17亿港元,约合人民币1.03亿元。", "1.17亿港元", "人民币1.03亿元", [117_000_000]),
        # One currency twice is no conversion, nor are two sums that anything else stands between.
        ("Corvane raised $450 million (around $59 million).", "$450 million", "$59 million", [450_000_000, 59_000_000]),
        ("Corvane raised €20m and $22m.", "€20m", "$22m", [20_000_000, 22_000_000]),
    ],
)
def test_a_sum_repeated_in_another_currency_is_one_deal(text: str, first: str, second: str, expected: list[int]) -> None:
    said = {"c": Said("funding", "company", "Corvane"), "a": Said("funding", "amount", first), "b": Said("funding", "amount", second)}
    found = records(Document(id="d", text=text), said, ["c a", "c b"])
    assert sorted(int(record.amount.value) for record in found) == sorted(expected)  # type: ignore[union-attr]


def test_the_surest_link_joins_first() -> None:
    document = Document(id="d", text="Corvane: $3m seed, $5m.")
    said = {
        "c": Said("funding", "company", "Corvane"), "a": Said("funding", "amount", "$3m"), "r": Said("funding", "round", "seed"), "b": Said("funding", "amount", "$5m"),
    }  # fmt: skip
    for surer, other, expected in (("a", "b", [(3_000_000, "seed"), (5_000_000, None)]), ("b", "a", [(3_000_000, None), (5_000_000, "seed")])):
        found = records(document, said, ["c a r b"], unsure={f"{surer} r": 0.9, f"{other} r": (ONE_DEAL + LINKED) / 2})
        assert sorted((int(record.amount.value), record.round) for record in found) == expected  # type: ignore[union-attr]


# ---- a company that no head tagged ----


def test_the_organisation_beside_a_sum_is_its_company_but_never_its_investor() -> None:
    document = Document(id="d", text="松萤医疗获远沙资本3亿元。")
    said = {"i": Said("funding", "investor", "远沙资本"), "s": Said("metric", "subject", "松萤医疗"), "a": Said("funding", "amount", "3亿元")}
    deal = only(records(document, said, ["i a"]))
    assert (deal.company.name, [investor.name for investor in deal.investors]) == ("松萤医疗", ["远沙资本"])


def test_a_sum_alone_in_its_sentence_is_of_the_organisation_that_the_document_is_about() -> None:
    document = Document(id="d", text="松萤医疗成长很快。松萤医疗设在杭州。海榕创投也是。去年融资3亿元。")
    said = {
        "s": Said("metric", "subject", "松萤医疗"), "t": Said("product_launch", "organisation", "松萤医疗", nth=1),
        "h": Said("metric", "subject", "海榕创投"), "a": Said("funding", "amount", "3亿元"),
    }  # fmt: skip
    assert only(records(document, said)).company.name == "松萤医疗"


def test_a_document_about_nobody_gives_a_sum_no_company() -> None:
    names = ("甲禾科技", "乙木药业", "丙林医疗", "丁山生物")
    document = Document(id="d", text="、".join(names) + "都在。去年融资3亿元。")
    said: dict[str, Said] = {name: Said("metric", "subject", name) for name in names}
    assert records(document, {**said, "a": Said("funding", "amount", "3亿元")}) == []


@pytest.mark.parametrize(
    ("text", "companies"),
    [
        ("Arrecife acquired Magdalena, Cardiosalud and Andina.", ["Magdalena", "Cardiosalud", "Andina"]),
        ("青崖集团收购禾露基因、青垣健康及澜石生物。", ["禾露基因", "青垣健康", "澜石生物"]),
    ],
)
def test_companies_listed_at_one_verb_are_a_deal_each(text: str, companies: list[str]) -> None:
    document = Document(id="d", text=text)
    verb, buyer = ("acquired", "Arrecife") if text.isascii() else ("收购", "青崖集团")
    said = {"i": Said("funding", "investor", buyer), "r": Said("funding", "round", verb), **{name: Said("funding", "company", name) for name in companies}}
    found = records(document, said, [f"i r {name}" for name in companies])
    assert [(record.company.name, record.round, [i.name for i in record.investors]) for record in found] == [
        (name, "acquisition", [buyer]) for name in companies
    ]  # type: ignore[union-attr]
    assert len({record.id for record in found}) == len(companies)


@pytest.mark.parametrize(
    ("text", "buyer", "verb", "companies", "total"),
    [
        ("Arrecife acquired Magdalena, the Tenerife and Cardiosalud for a combined €31m.", "Arrecife", "acquired",
         ["Magdalena", "Tenerife", "Cardiosalud"], "€31m"),
        ("青崖集团以合计8600万元收购明昊影像和康睿诊断。", "青崖集团", "收购", ["明昊影像", "康睿诊断"], "8600万元"),
    ],
)  # fmt: skip
def test_a_sum_of_several_deals_is_none_of_them(text: str, buyer: str, verb: str, companies: list[str], total: str) -> None:
    said = {"i": Said("funding", "investor", buyer), "r": Said("funding", "round", verb), "a": Said("funding", "amount", total)}
    said |= {name: Said("funding", "company", name) for name in companies}
    found = records(Document(id="d", text=text), said, [f"i r a {name}" for name in companies])
    assert [(record.company.name, record.amount) for record in found] == [(name, None) for name in companies]  # type: ignore[union-attr]


def test_a_date_told_once_is_that_of_all_companies_of_a_list() -> None:
    document = Document(id="d", text="Arrecife acquired Magdalena and Cardiosalud in March 2021.")
    said = {
        "i": Said("funding", "investor", "Arrecife"), "r": Said("funding", "round", "acquired"), "c": Said("funding", "company", "Magdalena"),
        "d": Said("funding", "company", "Cardiosalud"), "t": Said("funding", "date", "March 2021"),
    }  # fmt: skip
    found = records(document, said, ["i r c t", "i r d t"], unsure={"c t": 0.7})
    assert [str(record.date and record.date.start) for record in found] == ["2021-03-01", "2021-03-01"]  # type: ignore[union-attr]


def test_a_use_is_told_of_the_deal_that_it_is_linked_to_most() -> None:
    document = Document(id="d", text="云海药业完成3亿元C轮融资，资金用于临床研发。\n嘉木生物完成1亿元B轮融资。")
    said = {
        "c": Said("funding", "company", "云海药业"), "a": Said("funding", "amount", "3亿元"), "u": Said("funding", "use", "临床研发"),
        "d": Said("funding", "company", "嘉木生物"), "b": Said("funding", "amount", "1亿元"),
    }  # fmt: skip
    found = records(document, said, ["c a u", "d b"], unsure={"u b": 0.8})
    assert {record.company.name: record.use and record.use.text for record in found} == {"云海药业": "临床研发", "嘉木生物": None}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "verb", "stake", "expected"),
    [
        ("Arrecife bought 40% of Magdalena.", "bought", "40%", None),
        ("Arrecife bought 60% of Magdalena.", "bought", "60%", "acquisition"),
        ("Arrecife bought the remaining 40% of Magdalena.", "bought", "40%", "acquisition"),
        ("Arrecife bought an equity interest of 40% in Magdalena.", "bought", "40%", None),
        ("Arrecife took control of Magdalena with 40%.", "took control", "40%", "acquisition"),
        ("松山药业买下Magdalena的19.9%股权。", "买下", "19.9%", None),
        ("松山药业以18.6%入主Magdalena。", "入主", "18.6%", "acquisition"),
        ("Arrecife lent for 40% of Magdalena.", "lent", "40%", "debt"),
    ],
)
def test_a_share_below_half_is_no_acquisition_unless_its_verb_says_so(text: str, verb: str, stake: str, expected: str | None) -> None:
    said = {
        "i": Said("funding", "investor", text[:4] if text.startswith("松") else "Arrecife"), "r": Said("funding", "round", verb),
        "c": Said("funding", "company", "Magdalena"), "k": Said("funding", "stake", stake),
    }  # fmt: skip
    record = only(records(Document(id="d", text=text), said, [" ".join(said)]))
    assert isinstance(record, Funding)
    assert (record.round, record.round_mention is not None) == (expected, expected is not None)


def test_a_count_is_no_sum() -> None:
    document = Document(id="d", text="Arrecife buys three clinics of Cardiosalud")
    said = {
        "i": Said("funding", "investor", "Arrecife"), "r": Said("funding", "round", "buys"), "a": Said("funding", "amount", "three"),
        "c": Said("funding", "company", "Cardiosalud"),
    }  # fmt: skip
    record = only(records(document, said, ["i r a c"]))
    assert isinstance(record, Funding)
    assert (record.company.name, record.amount) == ("Cardiosalud", None)


def test_a_headline_that_names_only_the_buyer_is_no_deal_of_its_own() -> None:
    document = Document(id="d", text="Arrecife buys a clinic\nArrecife acquired Cardiosalud.")
    said = {
        "h": Said("funding", "company", "Arrecife"), "b": Said("funding", "round", "buys"),
        "i": Said("funding", "investor", "Arrecife", nth=1), "r": Said("funding", "round", "acquired"), "c": Said("funding", "company", "Cardiosalud"),
    }  # fmt: skip
    record = only(records(document, said, ["h b", "i r c"]))
    assert isinstance(record, Funding)
    assert record.company.name == "Cardiosalud"


def test_a_sum_in_a_list_of_companies_goes_to_its_own() -> None:
    document = Document(id="d", text="Arrecife acquired Magdalena and Cardiosalud, the latter for $94 million.")
    said = {
        "i": Said("funding", "investor", "Arrecife"), "r": Said("funding", "round", "acquired"), "c": Said("funding", "company", "Magdalena"),
        "d": Said("funding", "company", "Cardiosalud"), "a": Said("funding", "amount", "$94 million"),
    }  # fmt: skip
    found = records(document, said, ["i r c", "i r d a"], unsure={"a c": 0.1})
    assert {record.company.name: record.amount and record.amount.value for record in found} == {"Magdalena": None, "Cardiosalud": Decimal(94_000_000)}  # type: ignore[union-attr]


def test_a_stake_in_a_list_of_companies_goes_to_its_own_and_a_weak_link_is_less_sure() -> None:
    document = Document(id="d", text="Arrecife acquired Magdalena and Cardiosalud, a 30% stake in the latter.")
    said = {
        "r": Said("funding", "round", "acquired"), "c": Said("funding", "company", "Magdalena"), "d": Said("funding", "company", "Cardiosalud"),
        "k": Said("funding", "stake", "30%"),
    }  # fmt: skip
    found = {record.company.name: record for record in records(document, said, ["r c", "r d k"], unsure={"r d": 0.6})}  # type: ignore[union-attr]
    assert found["Magdalena"].stake is None  # type: ignore[union-attr]
    assert found["Cardiosalud"].stake.value == 30  # type: ignore[union-attr]
    assert found["Cardiosalud"].confidence < found["Magdalena"].confidence


def test_two_names_that_are_linked_or_stand_apart_share_no_verb() -> None:
    document = Document(id="d", text="Arrecife acquired Magdalena, formerly known as Cardiosalud.")
    said = {"r": Said("funding", "round", "acquired"), "c": Said("funding", "company", "Magdalena"), "d": Said("funding", "company", "Cardiosalud")}
    assert len(records(document, said, ["r c", "r d"])) == 1
    linked = Document(id="d", text="Arrecife acquired Magdalena, Cardiosalud.")
    assert len(records(linked, said, ["r c d"])) == 1


def test_a_company_of_another_line_has_to_be_surer_than_the_organisation_beside() -> None:
    said = {"c": Said("funding", "company", "Magdalena"), "a": Said("funding", "amount", "$94 million"), "p": Said("partnership", "party", "Osier")}

    def company(gap: str, link: float) -> str:
        document = Document(id="d", text=f"Magdalena opened a clinic.{gap}Osier raised $94 million.")
        return next(r.company.name for r in records(document, said, unsure={"c a": link}) if isinstance(r, Funding))

    assert [company(" ", 0.2), company("\n", 0.2), company("\n", 0.35)] == ["Magdalena", "Osier", "Magdalena"]
