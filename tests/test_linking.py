from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.linking import FEATURES, LinkWeights, blend, logit, pair_features, place_logits

TEXT = "甲公司融资1亿元，乙资本领投。\n丙公司融资2亿元。"


@dataclass
class At:
    start: int
    end: int
    role: str


def at(words: str, role: str) -> At:
    return At(TEXT.index(words), TEXT.index(words) + len(words), role)


MENTIONS = [at("甲公司", "company"), at("1亿元", "amount"), at("乙资本", "investor"), at("丙公司", "company"), at("2亿元", "amount")]


def feature(name: str, i: int, j: int) -> float:
    return float(pair_features(TEXT, MENTIONS)[i, j, FEATURES.index(name)])


@pytest.mark.parametrize(
    ("name", "i", "j", "count"),
    [
        ("gap", 0, 1, 2),
        ("sentences", 0, 1, 0),
        ("sentences", 2, 3, 2),  # the full stop and the line break
        ("lines", 0, 2, 0),
        ("lines", 0, 4, 1),
        ("commas", 1, 2, 1),
        ("rivals of the first", 0, 4, 1),  # 丙公司 stands between 甲公司 and 2亿元
        ("rivals of the first", 3, 4, 0),
        ("rivals of the second", 0, 4, 1),
        ("mentions between", 0, 4, 3),
    ],
)
def test_places_are_counted(name: str, i: int, j: int, count: int) -> None:
    assert feature(name, i, j) == pytest.approx(np.log1p(count))


def test_same_sentence_and_same_words() -> None:
    assert feature("same sentence", 0, 2) == 1
    assert feature("same sentence", 2, 3) == 0
    assert feature("same words", 0, 3) == 0


def test_a_pair_of_roles_without_weights_says_nothing_and_scores_are_symmetric() -> None:
    weights = {"company>amount": [1.0] + [0.0] * (len(FEATURES) - 1)}
    logits = place_logits(pair_features(TEXT, MENTIONS), [m.role for m in MENTIONS], weights)
    assert logits[0, 1] == logits[1, 0] == 1
    assert logits[1, 3] == 0  # an amount in front of a company is another pair
    assert (logits == logits.T).all()


@given(st.floats(0, 1), st.floats(-3, 3), st.floats(0, 2))
def test_blended_links_are_probabilities(score: float, constant: float, share: float) -> None:
    weights = LinkWeights(places={"funding": {}}, blend={"funding": (share, 1.0, constant)})
    blended = blend(np.full((5, 5), score), "funding", TEXT, MENTIONS, weights)
    assert blended.shape == (5, 5)
    assert ((blended >= 0) & (blended <= 1)).all()


def test_logit_is_clipped() -> None:
    assert logit(np.array([0.0, 0.5, 1.0])).tolist() == [-8.0, 0.0, 8.0]
