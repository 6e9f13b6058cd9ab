from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import healthevents
from healthevents.backends import ModelError
from healthevents.linking import NODE_FEATURES, PAIR_FEATURES, WINDOW, LinkScorer, logit, node_features, pair_features

TEXT = "甲公司融资1亿元，乙资本领投。\n丙公司融资2亿元。"
MODEL = Path(healthevents.__file__).parent / "model"


@dataclass
class At:
    start: int
    end: int
    role: str


def at(words: str, role: str, text: str = TEXT) -> At:
    return At(text.index(words), text.index(words) + len(words), role)


MENTIONS = [at("甲公司", "company"), at("1亿元", "amount"), at("乙资本", "investor"), at("丙公司", "company"), at("2亿元", "amount")]


@pytest.fixture(scope="module")
def scorer() -> LinkScorer:
    return LinkScorer(MODEL)


def feature(name: str, i: int, j: int) -> float:
    return float(pair_features(TEXT, MENTIONS)[i, j, PAIR_FEATURES.index(name)])


@pytest.mark.parametrize(
    ("name", "i", "j", "count"),
    [
        ("gap", 0, 1, 2),
        ("sentence ends", 0, 1, 0),
        ("sentence ends", 2, 3, 2),  # the full stop and the line break
        ("lines", 0, 2, 0),
        ("lines", 0, 4, 1),
        ("commas", 1, 2, 1),
        ("rivals of the first", 0, 4, 1),  # 丙公司 stands between 甲公司 and 2亿元
        ("rivals of the first", 3, 4, 0),
        ("rivals of the second", 0, 4, 1),
        ("mentions between", 0, 4, 3),
    ],
)
def test_places_are_counted_from_either_side(name: str, i: int, j: int, count: int) -> None:
    assert feature(name, i, j) == feature(name, j, i) == pytest.approx(np.log1p(count))


def test_order_same_sentence_and_same_words() -> None:
    assert (feature("order", 0, 2), feature("order", 2, 0), feature("order", 1, 1)) == (1, -1, 0)
    assert feature("same sentence", 0, 2) == 1
    assert feature("same sentence", 2, 3) == 0
    assert feature("same words", 0, 3) == 0


@pytest.mark.parametrize(
    ("text", "words", "name", "value"),
    [
        ("甲（乙资本）", "乙资本", "(（[【", 1),
        ("甲（乙资本）", "乙资本", ")）]】", 1),
        ("led by Alder, Birch", "Birch", ",，、;；", 1),
        ("甲\n乙资本", "乙资本", "first", 1),
        ("甲\n乙资本", "乙资本", "from the line's start", 0),
        ("乙资本", "乙资本", "Chinese", 1),
        ("Alder", "Alder", "Chinese", 0),
    ],
)
def test_what_stands_around_a_mention_is_seen(text: str, words: str, name: str, value: float) -> None:
    mention = [at(words, "investor", text)]
    assert node_features(text, mention, pair_features(text, mention))[0, NODE_FEATURES.index(name)] == value


def test_repeated_and_touching_mentions_are_seen() -> None:
    text = "甲公司 甲公司"
    mentions = [At(0, 3, "company"), At(4, 7, "company")]
    nodes = node_features(text, mentions, pair_features(text, mentions))
    assert nodes[:, NODE_FEATURES.index("seen before")].tolist() == [0, 1]
    assert nodes[:, NODE_FEATURES.index("touching")].tolist() == [0, 1]


def test_a_sum_belongs_to_the_company_of_its_sentence(scorer: LinkScorer) -> None:
    logits = scorer.logits("funding", TEXT, MENTIONS)
    assert logits[0, 1] > 0 > logits[3, 1]
    assert logits[3, 4] > 0 > logits[0, 4]
    assert logits[1, 2] > 0 > logits[2, 4]


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5), st.sampled_from(["company", "amount", "date", "nonsense"])), max_size=8),
    st.text(min_size=66, max_size=66),
    st.floats(0, 1),
)
def test_links_are_symmetric_probabilities_of_any_mentions(scorer: LinkScorer, places: list[tuple[int, int, str]], text: str, score: float) -> None:
    mentions = sorted((At(start, start + length, role) for start, length, role in places), key=lambda m: (m.start, m.end, m.role))
    n = len(mentions)
    blended = scorer.blend(np.full((n, n), score), "funding", text, mentions)
    assert blended.shape == (n, n)
    assert ((blended >= 0) & (blended <= 1)).all()
    assert (blended == blended.T).all()


def test_long_documents_are_read_in_windows(scorer: LinkScorer) -> None:
    line = "甲公司融资1亿元。\n"
    text = line * (WINDOW + 20)
    mentions = [m for i in range(WINDOW + 20) for m in (At(i * len(line), i * len(line) + 3, "company"), At(i * len(line) + 5, i * len(line) + 8, "amount"))]
    logits = scorer.logits("funding", text, mentions)
    assert all(logits[2 * i, 2 * i + 1] > 0 for i in range(WINDOW + 20))
    assert logits[0, -1] == -8  # never in one window
    assert (logits == logits.T).all()


def test_settings_of_another_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "links.onnx").write_bytes((MODEL / "links.onnx").read_bytes())
    (tmp_path / "links.json").write_text('{"places": {}}', encoding="utf-8")
    with pytest.raises(ModelError, match=r"links\.json was not written by this version: run `python -m training\.links"):
        LinkScorer(tmp_path)


def test_logit_is_clipped() -> None:
    assert logit(np.array([0.0, 0.5, 1.0])).tolist() == [-8.0, 0.0, 8.0]
