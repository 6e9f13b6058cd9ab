"""The training loss of the tagger, and the batches that it is computed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from healthevents.annotations import ROLES
from healthevents.labels import ATTRIBUTES, LINKS, TAGS, head_slices
from healthevents.torch_model import DISTANCE_BUCKETS, LINK_SIZE, TaggerModel
from training.data import IGNORED


def distance_bucket(distance: Tensor) -> Tensor:
    """Map token distances (>= 0) to 0, 1, 2-3, 4-7, … up to the last bucket."""
    return torch.clamp(torch.log2(distance.float().clamp(min=0.5)).floor().long() + 1, max=DISTANCE_BUCKETS - 1)


def link_scores(queries: Tensor, keys: Tensor, first: Tensor, last: Tensor, bias: Tensor) -> Tensor:
    """Score all pairs of n mentions of one window and link: symmetric logits, shape (n, n).

    Args:
        queries, keys: this link's vectors, shape (tokens, LINK_SIZE).
        first, last: each mention's first and last token, shape (n,).
        bias: this link's bias by distance bucket.
    """
    q = (queries[first] + queries[last]) / 2
    k = (keys[first] + keys[last]) / 2
    scores = (q @ k.T) / LINK_SIZE**0.5
    biases: Tensor = bias[distance_bucket((first[:, None] - first[None, :]).abs())]
    total: Tensor = scores + scores.T + biases
    return total


def loss(model: TaggerModel, batch: Mapping[str, Any], weights: Mapping[str, float]) -> tuple[Tensor, dict[str, float]]:
    """Return the training loss of a batch made by `collate`, and its parts: tags, attributes, links.

    Where the batch knows what places say of two mentions, their link is scored by the sum of both logits, so that the model learns what places
    do not tell instead of learning documents by heart.
    """
    logits, queries, keys = model(batch["input_ids"], batch["attention_mask"])
    slices = head_slices(TAGS, ATTRIBUTES)
    parts = {"tags": logits.new_zeros(()), "attributes": logits.new_zeros(()), "links": logits.new_zeros(())}
    for name in TAGS:
        flat = logits[..., slices[name]].flatten(0, 1)
        parts["tags"] = parts["tags"] + nn.functional.cross_entropy(flat, batch["labels"][name].flatten(), ignore_index=IGNORED)
    for name in ATTRIBUTES:
        target = batch["labels"][name].flatten()
        if (target != IGNORED).any():
            flat = logits[..., slices[name]].flatten(0, 1)
            parts["attributes"] = parts["attributes"] + nn.functional.cross_entropy(flat, target, ignore_index=IGNORED)
    for number, name in enumerate(LINKS):
        size = slice(number * LINK_SIZE, (number + 1) * LINK_SIZE)
        scores, targets = [], []
        for row, mentions in enumerate(batch["links"][name]):
            if len(mentions) < 2:
                continue
            first = torch.tensor([m[0] for m in mentions])
            last = torch.tensor([m[1] for m in mentions])
            groups = [set(m[2:]) for m in mentions]
            linked = torch.tensor([[float(bool(a & b)) for b in groups] for a in groups])
            upper = torch.triu_indices(len(mentions), len(mentions), 1)
            pairs = link_scores(queries[row, :, size], keys[row, :, size], first, last, model.link_bias[number])
            if (places := batch["places"].get(name)) and places[row]:
                pairs = pairs + torch.tensor(places[row]).view_as(pairs)
            scores.append(pairs[upper[0], upper[1]])
            targets.append(linked[upper[0], upper[1]])
        if scores:
            parts["links"] = parts["links"] + nn.functional.binary_cross_entropy_with_logits(torch.cat(scores), torch.cat(targets))
    total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    return total, {name: part.item() for name, part in parts.items()}


def collate(windows: Sequence[Mapping[str, Any]], bos: int, eos: int, pad: int) -> dict[str, Any]:
    """Pad windows to one length, add the special tokens, and shift labels and links by the one in front."""
    length = max(len(window["input_ids"]) for window in windows) + 2

    def padded(rows: Sequence[Sequence[int]], front: int, back: int, fill: int) -> Tensor:
        return torch.tensor([[front, *row, back] + [fill] * (length - len(row) - 2) for row in rows])

    labels = {name: padded([w[f"labels.{name}"] for w in windows], IGNORED, IGNORED, IGNORED) for name in TAGS}
    labels |= {name: padded([w[f"attributes.{name}"] for w in windows], IGNORED, IGNORED, IGNORED) for name in ATTRIBUTES}
    return {
        "input_ids": padded([w["input_ids"] for w in windows], bos, eos, pad),
        "attention_mask": padded([[1] * len(w["input_ids"]) for w in windows], 1, 1, 0),
        "labels": labels,
        "places": {name: [w[f"places.{name}"] for w in windows] for name in ROLES},
        "links": {name: [[(m[0] + 1, m[1] + 1, *m[2:]) for m in w[f"links.{name}"]] for w in windows] for name in LINKS},
    }
