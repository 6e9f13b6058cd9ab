"""Do two mentions belong to one record? The model's link score, blended with what their places in the text say.

The model scores a pair by what each mention is; it cannot count. How far apart two mentions stand, how many sentences, lines and commas lie between them
and how many rivals for either role, is counted here and weighed by one logistic regression for each ordered pair of roles, fitted on the training
documents; one more for each record type, fitted on the development documents, blends the two. `training/links.py` fits both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from healthevents.sentences import FULL_STOP

Floats = npt.NDArray[np.float64]

_SENTENCE_END = re.compile(rf"[。！？!?\n]|{FULL_STOP}")
_LINE_END = re.compile(r"\n")
_COMMA = re.compile(r"[，,、；;：:（(]")
FEATURES = ("one", "gap", "sentences", "lines", "commas", "rivals of the first", "rivals of the second", "mentions between", "same sentence", "same words")
# Neither certainty of the model nor a far-off pair should drown the other side of the blend.
_CLIP = 8.0


class Placed(Protocol):
    """A mention with a role and a place."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102


class LinkWeights(BaseModel):
    """Fitted weights: by record type and ordered role pair ("investor>amount") one weight a feature; by type the blend of model and place."""

    model_config = ConfigDict(frozen=True)

    places: dict[str, dict[str, tuple[float, ...]]]
    blend: dict[str, tuple[float, float, float]]  # of the model's logit, of the places' logit, constant


def pair_features(text: str, mentions: Sequence[Placed]) -> Floats:
    """Describe all pairs of mentions of one type, in text order: shape (mentions, mentions, features), filled above the diagonal.

    Args:
        text: the text that the mentions' offsets refer to.
        mentions: mentions of one record type, sorted by place.
    """
    n = len(mentions)
    starts = np.array([m.start for m in mentions])
    ends = np.array([m.end for m in mentions])

    def between(pattern: re.Pattern[str]) -> Floats:
        marks = np.array([match.start() for match in pattern.finditer(text)], dtype=np.int64)
        return np.asarray(np.searchsorted(marks, starts)[None, :] - np.searchsorted(marks, ends)[:, None], dtype=np.float64).clip(min=0)

    features = np.zeros((n, n, len(FEATURES)))
    roles = sorted({m.role for m in mentions})
    of_role = np.array([[m.role == role for m in mentions] for role in roles], dtype=np.int64).reshape(len(roles), n)
    # before[r, j]: mentions of role r in front of j; those strictly between i and j are before[r, j] - before[r, i] - (i is one itself).
    before = np.concatenate([np.zeros((len(roles), 1), dtype=np.int64), of_role.cumsum(axis=1)], axis=1)[:, :n]
    own = of_role.argmax(axis=0)
    rivals = np.maximum(before[:, None, :] - before[:, :, None] - of_role[:, :, None], 0)  # (roles, i, j)
    index = np.arange(n)
    sentences = between(_SENTENCE_END)
    words = np.array([text[m.start : m.end].casefold() for m in mentions])
    features[..., 0] = 1
    features[..., 1] = np.log1p(np.maximum(starts[None, :] - ends[:, None], 0))
    features[..., 2] = np.log1p(sentences)
    features[..., 3] = np.log1p(between(_LINE_END))
    features[..., 4] = np.log1p(between(_COMMA))
    features[..., 5] = np.log1p(rivals[own[:, None], index[:, None], index[None, :]])
    features[..., 6] = np.log1p(rivals[own[None, :], index[:, None], index[None, :]])
    features[..., 7] = np.log1p(np.maximum(index[None, :] - index[:, None] - 1, 0))
    features[..., 8] = sentences == 0
    features[..., 9] = words[None, :] == words[:, None]
    return features


def place_logits(features: Floats, roles: Sequence[str], weights: Mapping[str, Sequence[float]]) -> Floats:
    """Weigh the features of all pairs above the diagonal; shape (mentions, mentions), symmetric, 0 for a pair of roles without weights."""
    keys = sorted(weights)
    table = np.array([[0.0] * len(FEATURES), *(weights[key] for key in keys)])
    number = {key: i + 1 for i, key in enumerate(keys)}
    which = np.array([[number.get(f"{a}>{b}", 0) for b in roles] for a in roles]).reshape(len(roles), len(roles))
    logits = np.triu(np.einsum("ijf,ijf->ij", features, table[which]), 1)
    return np.asarray(logits + logits.T)


def clipped(logits: Floats) -> Floats:
    """Bound logits, so that neither side of the blend drowns the other."""
    return np.clip(logits, -_CLIP, _CLIP)


def logit(probability: npt.NDArray[np.floating]) -> Floats:
    """Return the clipped logit of probabilities."""
    p = np.clip(np.asarray(probability, dtype=np.float64), 1e-6, 1 - 1e-6)
    return clipped(np.log(p / (1 - p)))


def blend(model: npt.NDArray[np.floating], record_type: str, text: str, mentions: Sequence[Placed], weights: LinkWeights) -> npt.NDArray[np.float32]:
    """Return the blended probabilities that mentions of one type, sorted by place, belong to one record; shape (mentions, mentions).

    Args:
        model: the model's probabilities, same shape.
        record_type: the mentions' type.
        text: the text that the mentions' offsets refer to.
        mentions: the mentions.
        weights: the fitted weights.
    """
    a, b, c = weights.blend[record_type]
    places = place_logits(pair_features(text, mentions), [m.role for m in mentions], weights.places[record_type])
    mixed = a * logit(model) + b * clipped(places) + c
    return np.asarray(1 / (1 + np.exp(-mixed)), dtype=np.float32)
