"""Lists in step: what is read in parallel."""

import numpy as np
import pytest
from assembled import records
from taggings import Said, tagging

from healthevents.assembly.lists import in_step
from healthevents.assembly.mentions import LINKED
from healthevents.schema import Document

NAMES, SUMS = ("甲禾科技", "乙木药业", "丙林医疗"), ("3000万元", "1.1亿元", "1500万美元")
THREE = Document(id="d", text="甲禾科技、乙木药业和丙林医疗分别完成3000万元、1.1亿元和1500万美元融资。")


def three(sums: int = 3) -> dict[str, Said]:
    companies = {f"c{n}": Said("funding", "company", name) for n, name in enumerate(NAMES)}
    return {**companies, **{f"a{n}": Said("funding", "amount", words) for n, words in enumerate(SUMS[:sums])}}


def all_prefer_the_first(sums: int = 3) -> dict[str, float]:
    return {f"c{n} a{m}": 0.7 if n == 0 else 0.6 for n in range(3) for m in range(sums)}


def test_as_many_companies_as_sums_are_paired_by_their_places() -> None:
    found = records(THREE, three(), unsure=all_prefer_the_first())
    assert [(record.company.name, record.amount.mention.text) for record in found] == list(zip(NAMES, SUMS, strict=True))  # type: ignore[union-attr]


def test_places_decide_between_links_that_are_nearly_equal() -> None:
    links = {f"c{n} a{m}": 0.2 for n in range(3) for m in range(3)} | {"c0 a1": 0.7, "c1 a0": 0.7, "c0 a0": 0.65, "c1 a1": 0.65, "c2 a2": 0.7}
    found = records(THREE, three(), unsure=links)
    assert [(record.company.name, record.amount.mention.text) for record in found] == list(zip(NAMES, SUMS, strict=True))  # type: ignore[union-attr]


def test_a_sure_link_weighs_more_than_a_place() -> None:
    sure = {"c0 a1": 0.95, "c1 a0": 0.95, "c0 a0": 0.2, "c1 a1": 0.2, "c2 a2": 0.9}
    found = records(THREE, three(), unsure=sure)
    assert {record.company.name: record.amount.mention.text for record in found} == dict(zip(NAMES, ("1.1亿元", "3000万元", "1500万美元"), strict=True))  # type: ignore[union-attr]


def test_links_of_paired_mentions_rise_and_others_of_the_lists_fall() -> None:
    tagged = tagging(THREE, three(), unsure=all_prefer_the_first())
    links = in_step(tagged)
    assert np.array_equal(links, links.T)
    block = links[:3, 3:]
    assert (np.diag(block) >= LINKED).all()
    assert (block[~np.eye(3, dtype=bool)] < LINKED).all()
    assert np.array_equal(tagged.links[:3, 3:], np.array([[0.7] * 3, [0.6] * 3, [0.6] * 3], dtype=np.float32)), "the tagging itself is untouched"


@pytest.mark.parametrize(
    ("document", "sums", "unsure"),
    [
        (THREE, 2, {}),
        # One company has hardly a link to any sum: no lists in step.
        (THREE, 3, {f"c2 a{m}": 0.05 for m in range(3)}),
        # A sentence each.
        (Document(id="d", text="甲禾科技融资3000万元。乙木药业也有1.1亿元。丙林医疗有1500万美元。"), 3, {}),
    ],
)
def test_lists_that_are_not_in_step_are_left_alone(document: Document, sums: int, unsure: dict[str, float]) -> None:
    tagged = tagging(document, three(sums), unsure={**all_prefer_the_first(sums), **unsure})
    assert np.array_equal(in_step(tagged), tagged.links)
