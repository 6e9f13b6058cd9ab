"""The training loss agrees with what extraction computes."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from healthevents.annotations import ROLES
from healthevents.backends import Settings
from healthevents.labels import ATTRIBUTES, LINKS, TAGS
from healthevents.schema import Document
from healthevents.tagging import Tagger, _Read, _Source
from healthevents.torch_model import DISTANCE_BUCKETS, LINK_SIZE
from training.data import IGNORED
from training.losses import collate, distance_bucket, link_scores


def settings_with(bias: np.ndarray) -> Settings:
    return Settings(tags=TAGS, attributes=ATTRIBUTES, links=LINKS, link_size=LINK_SIZE, link_bias=tuple(map(tuple, bias.tolist())), window=254)


@pytest.mark.parametrize(("distance", "bucket"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 3), (8, 4), (255, 8), (256, 9), (100_000, 9)])
def test_distances_double_from_bucket_to_bucket(distance: int, bucket: int) -> None:
    assert distance_bucket(torch.tensor([distance])).tolist() == [bucket]


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.sampled_from(range(len(LINKS))))
def test_link_scores_equal_those_of_extraction(seed: int, count: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    tokens, width = 600, LINK_SIZE * len(LINKS)
    queries, keys = (rng.normal(size=(tokens, width)).astype(np.float32) for _ in range(2))
    bias = rng.normal(size=(len(LINKS), DISTANCE_BUCKETS)).round(5)
    first = np.sort(rng.integers(0, tokens - 3, count))
    last = first + rng.integers(0, 3, count)

    columns = slice(number * LINK_SIZE, (number + 1) * LINK_SIZE)
    trained = link_scores(
        torch.from_numpy(queries[:, columns]), torch.from_numpy(keys[:, columns]), torch.from_numpy(first), torch.from_numpy(last),
        torch.tensor(bias[number], dtype=torch.float32),
    )  # fmt: skip
    assert torch.allclose(trained, trained.T, atol=1e-5)

    tagger = object.__new__(Tagger)
    tagger._settings = settings_with(bias)
    source = _Source.of(Document(id="d", text="x"))
    read = _Read(source, np.zeros((tokens, 2), dtype=np.int64), np.zeros((tokens, 1), dtype=np.float32), queries, keys)
    found = np.zeros((count, count), dtype=np.float32)
    tagger._score_links(read, found, LINKS[number], np.ones(count, dtype=bool), first, last)
    np.testing.assert_allclose(found, torch.sigmoid(trained).numpy(), atol=1e-4)


def window(ids: list[int], links: list[list[int]], places: list[float] | None = None) -> dict[str, Any]:
    return {
        "input_ids": ids,
        **{f"labels.{name}": [1] * len(ids) for name in TAGS},
        **{f"attributes.{name}": [IGNORED] * len(ids) for name in ATTRIBUTES},
        **{f"links.{name}": links for name in LINKS},
        **{f"places.{name}": places or [] for name in ROLES},
    }


def test_collate_pads_and_shifts_by_the_special_token_in_front() -> None:
    batch = collate([window([7, 8, 9], [[0, 2, 5]]), window([7], [[0, 0, 1]])], bos=0, eos=2, pad=1)
    assert batch["input_ids"].tolist() == [[0, 7, 8, 9, 2], [0, 7, 2, 1, 1]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert batch["labels"]["funding"].tolist() == [[IGNORED, 1, 1, 1, IGNORED], [IGNORED, 1, IGNORED, IGNORED, IGNORED]]
    assert batch["links"]["metric"] == [[(1, 3, 5)], [(1, 1, 1)]]


def test_a_window_without_any_label_has_a_finite_loss(checkpoint: Any) -> None:
    from healthevents.torch_model import TaggerModel
    from training.losses import loss

    model = TaggerModel.load(checkpoint)
    value, parts = loss(model, collate([window([7, 8], [])], 0, 2, 1), {"tags": 1.0, "attributes": 1.0, "links": 1.0})
    assert math.isfinite(value.item())
    assert parts["attributes"] == parts["links"] == 0


def test_what_places_tell_is_not_asked_of_the_model(checkpoint: Any) -> None:
    from healthevents.torch_model import TaggerModel
    from training.losses import loss

    model = TaggerModel.load(checkpoint)
    links = [[0, 0, 1], [1, 1, 1]]  # two mentions of one record
    weights = {"tags": 1.0, "attributes": 1.0, "links": 1.0}

    def links_loss(places: list[float] | None) -> float:
        return loss(model, collate([window([7, 8], links, places)], 0, 2, 1), weights)[1]["links"]

    assert links_loss([0.0, 8.0, 8.0, 0.0]) < links_loss(None) < links_loss([0.0, -8.0, -8.0, 0.0])
