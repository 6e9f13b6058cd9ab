"""What holds of all records: order, ids, confidence, and time, whatever is tagged."""

import datetime as dt
import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from assembled import check, only, records
from hypothesis import given
from hypothesis import strategies as st
from taggings import Said, tagging

from healthevents.annotations import ROLES
from healthevents.assembly import assemble
from healthevents.labels import ATTRIBUTES, ENTITY_ROLES
from healthevents.schema import Document, Mention
from healthevents.tagging import MOST_MENTIONS, TaggedMention, Tagging

TWO_DEALS = Document(id="two", text="岭北基金以3亿元领投禾露基因B轮，又以5000万美元领投青垣健康C轮。", published=dt.date(2021, 3, 5))
TWO_DEALS_SAID = {
    "i": Said("funding", "investor", "岭北基金", funding__lead="lead"),
    "a": Said("funding", "amount", "3亿元"), "c": Said("funding", "company", "禾露基因"), "r": Said("funding", "round", "B轮"),
    "b": Said("funding", "amount", "5000万美元"), "d": Said("funding", "company", "青垣健康"), "s": Said("funding", "round", "C轮"),
}  # fmt: skip


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


# ---- whatever is tagged ----

ANY_ROLE = [(record_type, role) for record_type, roles in ROLES.items() for role in roles]
TEXTS = (
    "松萤医疗3月5日完成近2亿元B轮融资，远沙资本领投；收入4.2亿元，同比增长39%，该公司与云砚医药推出糖表2.0，51%股权。",
    "Brackenmoor raised $25m; it and Kite Hill sell PulseNest 2 to 2,000 clinics, up 12%, 2021",
    "甲禾科技、乙木药业分别获1亿元(约$14m)、2亿元\n它与Merrow合作。\n\n其2016年上线，2018年升级3.0；收入近6亿元，5.9亿元",
)


@given(st.lists(st.tuples(st.sampled_from(ANY_ROLE), st.integers(0, 70), st.integers(1, 9), st.booleans()), max_size=18), st.integers(0, 99), st.booleans())
@pytest.mark.parametrize("text", TEXTS)
def test_whatever_is_tagged_gives_valid_records(text: str, places: list[tuple[tuple[str, str], int, int, bool]], seed: int, titled: bool) -> None:
    document = Document(id="h", text=text, title=text[:40] if titled else None, published=dt.date(2021, 3, 5))
    rng = np.random.default_rng(seed)
    said: dict[str, Said] = {}
    taken: set[tuple[str, str, int]] = set()  # mentions of one head never overlap
    for number, ((record_type, role), start, length, in_title) in enumerate(places):
        where = "title" if titled and in_title else "text"
        source = document.part(where)  # type: ignore[arg-type]
        words = source[start : start + length].strip()
        at = source.find(words)
        place = {(record_type, where, i) for i in range(at, at + len(words))}
        if words and not place & taken:
            chosen = {name.replace(".", "__"): values[int(rng.integers(len(values)))] for name, values in ATTRIBUTES.items()}
            said[str(number)] = Said(record_type, role, words, where=where, **chosen)
            taken |= place
    unsure = {f"{a} {b}": float(rng.random()) for a, b in itertools.combinations(said, 2)}
    tagged = tagging(document, said, unsure=unsure)
    noise = np.triu(rng.random(tagged.coreference.shape), 1).astype(np.float32)
    check(replace(tagged, coreference=np.where(tagged.coreference > 0, noise + noise.T, 0).astype(np.float32)))


def noisy(record_type: str, roles: list[str], count: int) -> Tagging:
    """A page of names and figures in which anything may be linked with anything."""
    rng = np.random.default_rng(0)
    values = {"amount": "${} million", "valuation": "${} million", "stake": "{}%", "value": "{} users", "change": "up {}%", "date": "May {}", "as_of": "May {}"}
    text, mentions = "", []
    for n in range(count):
        role = roles[n % len(roles)]
        if role in ENTITY_ROLES[record_type]:
            words = "".join(rng.choice(list("abcdefghiklmnoprstuvz"), 8)).capitalize()
        else:
            words = f"Series {'ABCDEFGH'[n % 8]}" if role == "round" else values.get(role, "part {}").format(n % 90 + 1)
        mentions.append((role, len(text), len(text) + len(words)))
        text += words + (". " if n % 5 == 4 else ", ")
    attributes = {name: np.full(len(found), 1 / len(found), dtype=np.float32) for name, found in ATTRIBUTES.items()}
    tagged = tuple(TaggedMention(record_type, role, Mention.of(text, start, end), 0.9, attributes) for role, start, end in mentions)
    links, coreference = (np.triu(rng.random((count, count), dtype=np.float32), 1) for _ in range(2))
    return Tagging(Document(id="noise", text=text), tagged, links + links.T, coreference + coreference.T)


@pytest.mark.parametrize(
    ("record_type", "roles"),
    [
        *((record_type, list(roles)) for record_type, roles in ROLES.items()),
        ("funding", ["amount", "round"]),
        ("funding", ["round"]),
        ("partnership", ["party"]),
    ],
)
def test_a_page_of_noise_takes_seconds(record_type: str, roles: list[str]) -> None:
    """As many mentions as a section may have (`tagging.MOST_MENTIONS`); joining group by group anew took minutes."""
    tagged = noisy(record_type, roles, MOST_MENTIONS)
    begun = time.process_time()
    assemble(tagged)
    assert time.process_time() - begun < 8
