"""Do two mentions belong to one record? A small network over the mentions of one type, blended with the tagger's own link score.

The tagger scores a pair by what each mention is; it cannot count. The link network reads a document as the list of its mentions: their roles and places,
the punctuation, sentences and lines between them, rivals for either role; no words, so that it cannot learn documents by heart. Attention between the
mentions lets each pair be scored in the light of all others (which sum is left for the second company of a list?). `training/links.py` trains it on the
annotated mentions of the training documents and fits the blend on the development documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from healthevents.backends import ModelError
from healthevents.sentences import FULL_STOP

Floats = npt.NDArray[np.float32]

# What is counted between two mentions.
_MARKS = {
    "sentence ends": re.compile(rf"[。！？!?\n]|{FULL_STOP}"),
    "lines": re.compile(r"\n"),
    "commas": re.compile(r"[,，、]"),
    "semicolons": re.compile(r"[;；]"),
    "colons": re.compile(r"[:：]"),
    "opening brackets": re.compile(r"[(（\[【]"),
    "closing brackets": re.compile(r"[)）\]】]"),
    "words for and": re.compile(r"\band\b|[&+和及与與]", re.IGNORECASE),
    "givers": re.compile(r"\b(?:from|by|led|with|including)\b|由|领投|領投|跟投|参投|參投|投资", re.IGNORECASE),
    "relations": re.compile(r"\b(?:for|in|of|to|at|on)\b|[的对對向]", re.IGNORECASE),
    "list signs": re.compile(r"[-–—•*·|]|\d\."),
    "quotes": re.compile(r"[\"“”‘’「」『』《》]"),
    "turns": re.compile(r"\b(?:while|whereas|but|meanwhile|separately|also)\b|而|另外|此外|同时|同時|其中", re.IGNORECASE),
}
PAIR_FEATURES = ("order", "gap", *_MARKS, "rivals of the first", "rivals of the second", "mentions between", "same sentence", "same words")
# What stands among the few characters before or after a mention.
_NEAR = 3
_BEFORE = ("(（[【", '"“‘「『《', ",，、;；", ":：")
_AFTER = (")）]】", '"”’」』》', ",，、;；", "。.!！?？\n")
NODE_FEATURES = (
    *(f"{name}, from the mention before" for name in PAIR_FEATURES),
    *("first", "from the line's start", "length", "seen before", "Chinese", "touching"),
    *_BEFORE,
    *_AFTER,
)
# The network reads so many mentions at once; two that are never in one such window get the least score. Memory grows with the square.
WINDOW = 192
# Neither certainty of the tagger nor of the network should drown the other side of the blend.
_CLIP = 8.0
_HAN = re.compile(r"[\u3400-\u9fff]")


class Placed(Protocol):
    """A mention with a role and a place."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102


class LinkSettings(BaseModel):
    """What `links.json` holds: the roles that the network knows, in the order of their numbers (from 1), and the blend by record type."""

    model_config = ConfigDict(frozen=True)

    roles: tuple[str, ...]  # "funding.company"
    blend: dict[str, tuple[float, float, float]]  # of the tagger's logit, of the network's, constant


@lru_cache(maxsize=2)
def _marks(text: str) -> dict[str, npt.NDArray[np.int64]]:
    """Return where each kind of mark stands in a text; the four record types of a document ask in turn."""
    return {name: np.array([match.start() for match in pattern.finditer(text)], dtype=np.int64) for name, pattern in _MARKS.items()}


def pair_features(text: str, mentions: Sequence[Placed]) -> Floats:
    """Describe all pairs of mentions of one type: shape (mentions, mentions, PAIR_FEATURES), symmetric but for "order".

    Args:
        text: the text that the mentions' offsets refer to.
        mentions: mentions of one record type, sorted by place.
    """
    n = len(mentions)
    starts = np.array([m.start for m in mentions], dtype=np.int64)
    ends = np.array([m.end for m in mentions], dtype=np.int64)
    index = np.arange(n)
    roles = sorted({m.role for m in mentions})
    of_role = np.array([[m.role == role for m in mentions] for role in roles], dtype=np.int64).reshape(len(roles), n)
    # before[r, j]: mentions of role r in front of j; those strictly between i and j are before[r, j] - before[r, i] - (i is one itself).
    before = of_role.cumsum(axis=1) - of_role
    own = of_role.argmax(axis=0) if n else np.zeros(0, dtype=np.int64)
    rivals = np.maximum(before[:, None, :] - before[:, :, None] - of_role[:, :, None], 0)  # (roles, i, j)
    words = np.array([text[m.start : m.end].casefold() for m in mentions])

    marks = {name: np.maximum(np.searchsorted(at, starts)[None, :] - np.searchsorted(at, ends)[:, None], 0) for name, at in _marks(text).items()}
    features = np.zeros((n, n, len(PAIR_FEATURES)), dtype=np.float32)
    counts = (
        np.maximum(starts[None, :] - ends[:, None], 0),
        *marks.values(),
        rivals[own[:, None], index[:, None], index[None, :]],
        rivals[own[None, :], index[:, None], index[None, :]],
        np.maximum(index[None, :] - index[:, None] - 1, 0),
    )
    features[..., 1:-2] = np.log1p(np.stack(counts, axis=-1))
    features[..., -2] = marks["sentence ends"] == 0
    features[..., -1] = words[None, :] == words[:, None]
    upper = index[:, None] < index[None, :]
    features = np.where(upper[..., None], features, features.transpose(1, 0, 2))
    features[..., 0] = np.sign(index[None, :] - index[:, None])
    return features


def node_features(text: str, mentions: Sequence[Placed], pairs: Floats) -> Floats:
    """Describe each mention by what lies between it and the one before, and by what stands around it: shape (mentions, NODE_FEATURES)."""
    seen: set[str] = set()
    rows = []
    for i, mention in enumerate(mentions):
        words = text[mention.start : mention.end].casefold()
        before, after = text[max(0, mention.start - _NEAR) : mention.start], text[mention.end : mention.end + _NEAR]
        rows.append([
            float(i == 0),
            np.log1p(mention.start - text.rfind("\n", 0, mention.start) - 1),
            np.log1p(len(words)),
            float(words in seen),
            float(_HAN.search(before + words + after) is not None),
            float(i > 0 and not text[mentions[i - 1].end : mention.start].strip()),
            *(float(not signs.isdisjoint(before)) for signs in map(set, _BEFORE)),
            *(float(not signs.isdisjoint(after)) for signs in map(set, _AFTER)),
        ])  # fmt: skip
        seen.add(words)
    first = np.zeros((1, pairs.shape[-1]), dtype=np.float32)
    index = np.arange(1, len(mentions))
    chained = np.concatenate([first, pairs[index - 1, index]]) if len(mentions) else first[:0]
    return np.concatenate([chained, np.array(rows, dtype=np.float32).reshape(len(mentions), len(NODE_FEATURES) - pairs.shape[-1])], axis=1)


def clipped(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Bound logits, so that neither side of the blend drowns the other."""
    return np.asarray(np.clip(logits, -_CLIP, _CLIP), dtype=np.float64)


def logit(probability: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the clipped logit of probabilities."""
    p = np.clip(np.asarray(probability, dtype=np.float64), 1e-6, 1 - 1e-6)
    return clipped(np.log(p / (1 - p)))


class LinkScorer:
    """The link network of a model folder, on ONNX Runtime.

    Args:
        folder: a model folder with `links.onnx` and `links.json`.

    Raises:
        ModelError: `links.json` was not written by this version.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # slow to import, so only when a model is opened

        path = folder / "links.json"
        try:
            self.settings = LinkSettings.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            raise ModelError(f"{path} was not written by this version: run `python -m training.links {folder}`.") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(str(folder / "links.onnx"), options, providers=["CPUExecutionProvider"])
        self._numbers = {role: number for number, role in enumerate(self.settings.roles, 1)}

    def logits(self, record_type: str, text: str, mentions: Sequence[Placed]) -> npt.NDArray[np.float64]:
        """Score all pairs of mentions of one type, sorted by place; shape (mentions, mentions), symmetric, within the clip, and its least on the diagonal."""
        n = len(mentions)
        scores = np.full((n, n), -_CLIP)
        # Windows overlap by half, so that near mentions always meet in one.
        for start in range(0, max(n - WINDOW // 2, 1) if n > 1 else 0, WINDOW // 2):
            own = slice(start, start + WINDOW)
            pairs = pair_features(text, mentions[own])
            feed = {
                "nodes": node_features(text, mentions[own], pairs)[None],
                "roles": np.array([[self._numbers.get(f"{record_type}.{m.role}", 0) for m in mentions[own]]], dtype=np.int64),
                "pairs": pairs[None],
            }
            found = np.triu(clipped(self._session.run(["logits"], feed)[0][0]) + _CLIP, 1) - _CLIP
            scores[own, own] = np.maximum(scores[own, own], found)
        return np.asarray(np.maximum(scores, scores.T))

    def blend(self, model: npt.NDArray[np.floating], record_type: str, text: str, mentions: Sequence[Placed]) -> npt.NDArray[np.float32]:
        """Return the blended probabilities that mentions of one type belong to one record; shape (mentions, mentions).

        Args:
            model: the tagger's probabilities, same shape.
            record_type: the mentions' type.
            text: the text that the mentions' offsets refer to.
            mentions: the mentions, sorted by place.
        """
        a, b, c = self.settings.blend[record_type]
        mixed = a * logit(model) + b * self.logits(record_type, text, mentions) + c
        return np.asarray(1 / (1 + np.exp(-mixed)), dtype=np.float32)
