"""One fact once, and which of its words are kept."""

import datetime as dt
from decimal import Decimal

import pytest
from assembled import only, records
from taggings import Said

from healthevents.schema import Document


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


def test_a_deal_named_again_without_sum_or_round_is_the_same_unless_it_brings_an_investor() -> None:
    document = Document(id="d", text="松萤医疗完成2亿元融资，远沙资本投资。松萤医疗的股东有远沙资本、海榕创投。")
    said = {
        "c": Said("funding", "company", "松萤医疗"), "a": Said("funding", "amount", "2亿元"), "i": Said("funding", "investor", "远沙资本"),
        "d": Said("funding", "company", "松萤医疗", nth=1), "j": Said("funding", "investor", "远沙资本", nth=1),
    }  # fmt: skip
    assert len(only(records(document, said, ["c a i", "d j"])).company.all_mentions()) == 2
    said["k"] = Said("funding", "investor", "海榕创投")
    assert [record.amount is None for record in records(document, said, ["c a i", "d j k"])] == [False, True]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("headline", "body", "one"),
    [
        ("近6亿元", "5.9亿元", True),
        ("超6亿元", "6.1亿元", True),
        ("约6亿元", "6.1亿元", True),
        ("6亿元", "6.1亿元", True),
        ("6.1亿元", "6.1亿元", True),
        ("近6亿元", "6.1亿元", False),  # "nearly" is never above
        ("超6亿元", "5.9亿元", False),
        ("7亿元", "6.1亿元", False),
        ("6.2亿元", "6.1亿元", False),  # as exact as the other, and another
        ("6亿元", "6.1亿美元", False),
    ],
)
def test_a_headline_rounds_the_figure_of_the_body(headline: str, body: str, one: bool) -> None:
    said = {f"n{k}": Said("metric", "name", "收入", nth=k) for k in (0, 1)}
    said |= {"v0": Said("metric", "value", headline), "v1": Said("metric", "value", body, nth=headline.count(body))}
    links = ["n0 v0", "n1 v1"]
    found = records(Document(id="d", text=f"收入{headline}\n全年收入{body}。"), said, links)
    assert len(found) == (1 if one else 2)
    if one:
        assert found[0].value.value == Decimal(body.removesuffix("亿元")) * 10**8, "the body's words are the better ones"  # type: ignore[union-attr]
        assert len(found[0].evidence) == 2
    if headline != body:
        # Two figures of the body are two.
        assert len(records(Document(id="d", text=f"年报\n收入{headline}。全年收入{body}。"), said, links)) == 2


def test_a_headline_rounds_the_sum_of_a_deal() -> None:
    document = Document(id="d", text="10月完成的这笔钱有5.9亿元，松萤医疗为B轮。", title="松萤医疗融资近6亿元")
    said = {
        "c": Said("funding", "company", "松萤医疗", where="title"), "a": Said("funding", "amount", "近6亿元", where="title"),
        "b": Said("funding", "amount", "5.9亿元"), "d": Said("funding", "company", "松萤医疗"), "r": Said("funding", "round", "B轮"),
    }  # fmt: skip
    deal = only(records(document, said, ["c a", "d b r"]))
    assert (int(deal.amount.value), deal.round, [mention.in_ for mention in deal.company.all_mentions()]) == (590_000_000, "b", ["text", "title"])


def test_a_stake_held_before_is_no_part_of_the_deal_in_which_the_buyer_takes_all() -> None:
    document = Document(id="d", text="Alder Health agreed to acquire Birch Surgical. Alder already owns 9.6% of Birch Surgical.")
    said = {
        "i": Said("funding", "investor", "Alder Health"), "r": Said("funding", "round", "acquire"), "c": Said("funding", "company", "Birch Surgical"),
        "h": Said("funding", "investor", "Alder", nth=1), "s": Said("funding", "stake", "9.6%"), "d": Said("funding", "company", "Birch Surgical", nth=1),
    }  # fmt: skip
    deals = records(document, said, ["i r c", "h s d"])
    assert [(deal.round, deal.stake is not None) for deal in deals] == [("acquisition", False), (None, True)]
