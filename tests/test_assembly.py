"""Records from hand-made taggings: what a perfect model says must become the right records."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from taggings import Said, tagging

from healthevents.annotations import ROLES
from healthevents.assembly import assemble
from healthevents.assembly.partnership import MOST_AGREEMENTS, maximal_cliques
from healthevents.schema import AnyRecord, Document, Funding, Metric, Partnership, ProductLaunch, parse_record


def records(*arguments: Any, **named: Any) -> list[AnyRecord]:
    """Assemble, and assert what holds of all records."""
    tagged = tagging(*arguments, **named)
    found = assemble(tagged)
    assert found == assemble(tagged), "the same input gives the same output"
    assert len({record.id for record in found}) == len(found)
    for record in found:
        assert record.id
        assert record.doc_id == tagged.document.id
        assert 0 <= record.confidence <= 1
        assert record.evidence
        assert parse_record(record.model_dump(mode="json"), tagged.document) == record, "every mention is the slice that it claims to be"
    return found


def only(found: list[AnyRecord]) -> Any:
    (record,) = found
    return record


# ---- funding ----

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


def test_a_deal_that_title_and_body_state_is_one_record_with_both_mentions() -> None:
    document = Document(id="d", text="周五，松萤医疗宣布完成2亿元B轮融资，远沙资本领投。", title="松萤医疗完成2亿元融资", published=dt.date(2021, 3, 5))
    said = {
        "c": Said("funding", "company", "松萤医疗", where="title"), "a": Said("funding", "amount", "2亿元", where="title"),
        "d": Said("funding", "company", "松萤医疗"), "b": Said("funding", "amount", "2亿元"), "r": Said("funding", "round", "B轮"),
        "i": Said("funding", "investor", "远沙资本", funding__lead="lead"),
    }  # fmt: skip
    deal = only(records(document, said, ["c a d b r i"]))
    assert {mention.in_ for mention in deal.company.all_mentions()} == {"title", "text"}
    assert {mention.in_ for mention in deal.amount.all_mentions()} == {"title", "text"}
    assert {sentence.in_ for sentence in deal.evidence} == {"title", "text"}
    assert deal.round == "b"


def test_a_deal_stated_twice_without_a_link_between_is_one_record() -> None:
    document = Document(id="d", text="松萤医疗完成2亿元B轮融资。\n\n总结：松萤医疗完成2亿元B轮融资。")
    said = {
        f"{k}{n}": Said("funding", role, words, nth=n)
        for n in (0, 1)
        for k, role, words in (("c", "company", "松萤医疗"), ("a", "amount", "2亿元"), ("r", "round", "B轮"))
    }
    deal = only(records(document, said, ["c0 a0 r0", "c1 a1 r1"]))
    assert len(deal.company.all_mentions()) == len(deal.amount.all_mentions()) == 2


def test_a_deal_stated_twice_keeps_the_investors_and_round_mentions_of_both() -> None:
    document = Document(id="d", text="远沙资本投资松萤医疗2亿元B轮融资。\n\n总结：松萤医疗完成2亿元B轮融资，远沙资本、海榕创投参与。")
    said = {
        f"{role}{n}": Said("funding", role, words, nth=n)
        for n in (0, 1)
        for role, words in (("company", "松萤医疗"), ("amount", "2亿元"), ("round", "B轮"), ("investor", "远沙资本"))
    }
    said["other"] = Said("funding", "investor", "海榕创投")
    deal = only(records(document, said, ["company0 amount0 round0 investor0", "company1 amount1 round1 investor1 other"]))
    assert [investor.name for investor in deal.investors] == ["远沙资本", "海榕创投"]
    assert len(deal.round_mentions) == 2


def test_a_headline_that_leaves_the_round_open_is_the_same_deal() -> None:
    document = Document(id="d", text="松萤医疗完成2亿元融资\n松萤医疗完成2亿元B轮融资。")
    said = {f"{role}{n}": Said("funding", role, words, nth=n) for n in (0, 1) for role, words in (("company", "松萤医疗"), ("amount", "2亿元"))}
    said["round"] = Said("funding", "round", "B轮")
    assert only(records(document, said, ["company0 amount0", "company1 amount1 round"])).round == "b"


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


def test_a_deal_without_a_company_is_no_record() -> None:
    assert records(Document(id="d", text="总额3亿元。"), {"a": Said("funding", "amount", "3亿元")}) == []


# ---- partnership ----


def parties(names: str) -> dict[str, Said]:
    return {name: Said("partnership", "party", name) for name in names.split()}


def found_parties(found: list[AnyRecord]) -> list[list[str]]:
    return sorted(sorted(party.name for party in record.parties) for record in found if isinstance(record, Partnership))


def test_one_party_with_two_others_is_two_records() -> None:
    found = records(
        Document(id="d", text="Osier signed with Merrow and, apart from that, with Corvane."),
        parties("Osier Merrow Corvane"),
        ["Osier Merrow", "Osier Corvane"],
    )
    assert found_parties(found) == [["Corvane", "Osier"], ["Merrow", "Osier"]]
    assert all(record.parties[0].name == "Osier" for record in found)  # type: ignore[union-attr]


def test_three_parties_together_are_one_record() -> None:
    found = records(Document(id="d", text="Osier, Merrow and Corvane signed."), parties("Osier Merrow Corvane"), ["Osier Merrow Corvane"])
    assert found_parties(found) == [["Corvane", "Merrow", "Osier"]]


def test_a_party_alone_is_no_record() -> None:
    assert records(Document(id="d", text="Osier signed with many."), parties("Osier")) == []


def test_kind_scope_date_status_and_exclusivity_are_read() -> None:
    document = Document(id="d", text="3月5日，云砚医药与柏舟科技达成肿瘤早筛独家授权。", published=dt.date(2021, 3, 9))
    read = {"partnership__kind": "licensing", "partnership__status": "planned"}
    said = {
        "d": Said("partnership", "date", "3月5日"), "x": Said("partnership", "party", "云砚医药", **read),
        "y": Said("partnership", "party", "柏舟科技", **read),
        "s": Said("partnership", "scope", "肿瘤早筛", **read),
    }  # fmt: skip
    record = only(records(document, said, ["d x y s"]))
    assert (record.kind, record.status, record.scope.text, record.exclusive, record.date.start) == (
        "licensing",
        "planned",
        "肿瘤早筛",
        True,
        dt.date(2021, 3, 5),
    )


def test_a_pronoun_as_party_resolves_to_its_name() -> None:
    document = Document(id="d", text="松萤医疗成立于杭州。该公司与德禾药业合作。")
    said = {"s": Said("metric", "subject", "松萤医疗"), "p": Said("partnership", "party", "该公司"), "y": Said("partnership", "party", "德禾药业")}
    assert found_parties(records(document, said, ["p y"], same=["s p"])) == [["德禾药业", "松萤医疗"]]


@given(st.integers(0, 7), st.data())
def test_maximal_cliques_are_those_of_an_exhaustive_search(count: int, data: st.DataObject) -> None:
    pairs = list(itertools.combinations(range(count), 2))
    chosen = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    linked = np.zeros((count, count), dtype=bool)
    for a, b in chosen:
        linked[a, b] = linked[b, a] = True
    sets = [set(some) for size in range(1, count + 1) for some in itertools.combinations(range(count), size)]
    cliques = [some for some in sets if all(linked[a, b] for a, b in itertools.combinations(some, 2))]
    maximal = sorted(sorted(some) for some in cliques if not any(some < other for other in cliques))
    assert maximal_cliques(linked) == maximal


# ---- launches ----


def test_launched_and_later_approved_are_two_records() -> None:
    document = Document(id="d", text="澜石生物4月推出静脉泵。静脉泵6月获批。", published=dt.date(2022, 7, 1))
    said = {
        "o": Said("product_launch", "organisation", "澜石生物"), "t": Said("product_launch", "date", "4月"),
        "p": Said("product_launch", "product", "静脉泵", entity__kind="product"),
        "q": Said("product_launch", "product", "静脉泵", nth=1, entity__kind="product", product_launch__action="approved"),
        "u": Said("product_launch", "date", "6月", product_launch__action="approved"),
    }  # fmt: skip
    first, second = records(document, said, ["o t p", "o q u"])
    assert isinstance(first, ProductLaunch)
    assert isinstance(second, ProductLaunch)
    assert [(record.action, record.product.name, record.product.kind, record.organisation.name, record.date.start.month) for record in (first, second)] == [  # type: ignore[union-attr]
        ("launched", "静脉泵", "product", "澜石生物", 4), ("approved", "静脉泵", "product", "澜石生物", 6),
    ]  # fmt: skip


def test_two_products_launched_together_are_two_records() -> None:
    document = Document(id="d", text="Larch unveiled PulseNest 2, a patch, and LarchCloud.")
    said = {
        "o": Said("product_launch", "organisation", "Larch"), "p": Said("product_launch", "product", "PulseNest"), "v": Said("product_launch", "version", "2"),
        "k": Said("product_launch", "category", "patch"), "q": Said("product_launch", "product", "LarchCloud"),
    }  # fmt: skip
    first, second = records(document, said, ["o p v k", "o q"])
    assert (first.product.name, first.version.text, first.category.text) == ("PulseNest", "2", "patch")  # type: ignore[union-attr]
    assert (second.product.name, second.version, second.organisation.name) == ("LarchCloud", None, "Larch")  # type: ignore[union-attr]


def test_a_product_that_title_and_body_name_is_one_record() -> None:
    document = Document(id="d", text="Larch today unveiled PulseNest.", title="PulseNest is here")
    said = {"p": Said("product_launch", "product", "PulseNest", where="title"), "q": Said("product_launch", "product", "PulseNest")}
    assert [mention.in_ for mention in only(records(document, said, ["p q"])).product.all_mentions()] == ["title", "text"]


# ---- metrics ----


def metric(found: list[AnyRecord]) -> list[tuple[str | None, str, object, list[tuple[str, object, str | None]]]]:
    return [
        (
            record.subject and record.subject.name, record.name.text, record.value and record.value.value,
            [(change.direction, change.value, change.unit) for change in record.changes],
        )
        for record in found
        if isinstance(record, Metric)
    ]  # fmt: skip


def test_a_list_of_figures_of_one_subject_is_a_record_each() -> None:
    document = Document(id="d", text="2018年，杏林通覆盖357个城市的1.2万家医院，收入4.2亿元。", published=dt.date(2019, 1, 1))
    said = {
        "t": Said("metric", "as_of", "2018年"), "s": Said("metric", "subject", "杏林通"),
        "v": Said("metric", "value", "357个"), "n": Said("metric", "name", "城市"), "w": Said("metric", "value", "1.2万家"),
        "m": Said("metric", "name", "医院"),
        "k": Said("metric", "name", "收入"), "x": Said("metric", "value", "4.2亿元"),
    }  # fmt: skip
    found = records(document, said, ["t s v n", "t s w m", "t s k x"])
    assert sorted(metric(found), key=str) == sorted(
        [("杏林通", "城市", Decimal(357), []), ("杏林通", "医院", Decimal(12_000), []), ("杏林通", "收入", Decimal(420_000_000), [])], key=str
    )
    assert {(record.as_of.start, record.as_of.end) for record in found} == {(dt.date(2018, 1, 1), dt.date(2018, 12, 31))}  # type: ignore[union-attr]
    assert [type(record.value).__name__ for record in sorted(found, key=lambda r: r.name.mention.start)] == ["Quantity", "Quantity", "Money"]  # type: ignore[union-attr]


def test_a_change_belongs_to_its_value() -> None:
    document = Document(id="d", text="收入4.2亿元，同比增长39%；利润1亿元，同比下降5%。")
    said = {
        "n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4.2亿元"), "g": Said("metric", "change", "同比增长39%"),
        "m": Said("metric", "name", "利润"), "w": Said("metric", "value", "1亿元"), "h": Said("metric", "change", "同比下降5%"),
    }  # fmt: skip
    assert metric(records(document, said, ["n v g", "m w h"])) == [
        (None, "收入", Decimal(420_000_000), [("up", Decimal(39), "%")]),
        (None, "利润", Decimal(100_000_000), [("down", Decimal(5), "%")]),
    ]


def test_a_change_alone_is_a_record_of_its_own() -> None:
    document = Document(id="d", text="Wrenfold's net profit fell 12% year on year.")
    said = {"s": Said("metric", "subject", "Wrenfold"), "n": Said("metric", "name", "net profit"), "g": Said("metric", "change", "fell 12% year on year")}
    found = records(document, said, ["s n g"])
    assert metric(found) == [("Wrenfold", "net profit", None, [("down", Decimal(12), "%")])]
    assert only(found).changes[0].basis == "year_on_year"


def test_a_forecast_is_planned() -> None:
    document = Document(id="d", text="预计2030年市场规模达500亿元。")
    said = {"n": Said("metric", "name", "市场规模"), "v": Said("metric", "value", "500亿元", metric__status="planned"), "t": Said("metric", "as_of", "2030年")}
    assert only(records(document, said, ["n v t"])).status == "planned"


def test_a_figure_without_a_name_or_that_cannot_be_read_is_no_record() -> None:
    document = Document(id="d", text="很多，收入不少。")
    assert records(document, {"v": Said("metric", "value", "很多")}) == []
    assert records(document, {"n": Said("metric", "name", "收入"), "v": Said("metric", "value", "不少")}, ["n v"]) == []


# ---- all together ----


def test_records_come_in_text_order() -> None:
    document = Document(id="d", text="收入4亿元。甲禾科技与乙木药业合作。丙林推出糖表。丁山医疗获B轮融资。")
    said = {
        "n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4亿元"), "x": Said("partnership", "party", "甲禾科技"),
        "y": Said("partnership", "party", "乙木药业"), "p": Said("product_launch", "product", "糖表"), "c": Said("funding", "company", "丁山医疗"),
        "r": Said("funding", "round", "B轮"),
    }  # fmt: skip
    assert [record.type for record in records(document, said, ["n v", "x y", "c r"])] == ["metric", "partnership", "product_launch", "funding"]


def test_less_sure_mentions_and_links_make_a_less_confident_record() -> None:
    document = Document(id="d", text="收入4亿元。")
    sure = only(records(document, {"n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4亿元")}, ["n v"]))
    unsure = only(records(document, {"n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4亿元", score=0.5)}, ["n v"]))
    linked = only(records(document, {"n": Said("metric", "name", "收入"), "v": Said("metric", "value", "4亿元")}, unsure={"n v": 0.3}))
    assert max(unsure.confidence, linked.confidence) < sure.confidence


def test_ids_depend_on_document_and_place_alone() -> None:
    first = records(TWO_DEALS, TWO_DEALS_SAID, ["i a c r", "i b d s"])
    again = records(TWO_DEALS, {name: TWO_DEALS_SAID[name] for name in reversed(TWO_DEALS_SAID)}, ["i a c r", "i b d s"])
    other = records(TWO_DEALS.model_copy(update={"id": "other"}), TWO_DEALS_SAID, ["i a c r", "i b d s"])
    assert [record.id for record in first] == [record.id for record in again]
    assert not {record.id for record in first} & {record.id for record in other}


def test_no_mentions_give_no_records() -> None:
    assert records(Document(id="d", text=""), {}) == []


ANY_ROLE = [(record_type, role) for record_type, roles in ROLES.items() for role in roles]
TEXTS = (
    "松萤医疗3月5日完成近2亿元B轮融资，远沙资本领投；收入4.2亿元，同比增长39%，该公司与云砚医药推出糖表2.0，51%股权。",
    "Brackenmoor raised $25m; it and Kite Hill sell PulseNest 2 to 2,000 clinics, up 12%, 2021",
)


@given(st.lists(st.tuples(st.sampled_from(ANY_ROLE), st.integers(0, 60), st.integers(1, 9)), max_size=14), st.integers(0, 99))
@pytest.mark.parametrize("text", TEXTS)
def test_whatever_is_tagged_gives_valid_records(text: str, places: list[tuple[tuple[str, str], int, int]], seed: int) -> None:
    document = Document(id="h", text=text, published=dt.date(2021, 3, 5))
    said: dict[str, Said] = {}
    taken: set[tuple[str, int]] = set()  # mentions of one head never overlap
    for number, ((record_type, role), start, length) in enumerate(places):
        words = text[start : start + length].strip()
        at = text.find(words)
        place = {(record_type, i) for i in range(at, at + len(words))}
        if words and not place & taken:
            said[str(number)] = Said(record_type, role, words)
            taken |= place
    rng = np.random.default_rng(seed)
    unsure = {f"{a} {b}": float(rng.random()) for a, b in itertools.combinations(said, 2)}
    records(document, said, unsure=unsure)


def test_cliques_stay_bounded_in_a_graph_made_to_have_many() -> None:
    # Moon and Moser: all edges but those within triples give 3^(n/3) maximal cliques.
    nodes = 60
    linked = np.array([[i // 3 != j // 3 for j in range(nodes)] for i in range(nodes)])
    assert len(maximal_cliques(linked)) <= MOST_AGREEMENTS
