"""The link network in PyTorch (see `healthevents.linking`), the documents that it learns from, and its training."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from healthevents.annotations import ROLES, AnnotatedDocument
from healthevents.linking import NODE_FEATURES, PAIR_FEATURES, WINDOW, node_features, pair_features
from training.data import GoldSpan, gold_spans

HIDDEN, PAIR_HIDDEN, LAYERS, HEADS, NEIGHBOURS = 64, 32, 2, 4, 2
MEMBERS = 4  # networks whose logits are averaged: each is small, and they err differently
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY, DROPOUT, AVERAGE = 14, 8, 2e-3, 0.01, 0.15, 0.99
# What real taggings look like beside the annotations: some mentions are missing, and some of other types' are taken for this one's.
# The last is a share of the type's own mentions.
NOISY, MISSED, FOREIGN = 0.5, 0.1, 0.15
# Roles that are filled by the same kind of words: a mention of one may be mistaken for another type's.
_ALIKE = (
    {"company", "investor", "party", "organisation", "subject", "product"},
    {"amount", "valuation", "stake", "value"},
    {"date", "as_of"},
    {"use", "scope", "category", "name"},
)
NUMBERS = {f"{record_type}.{role}": number for number, (record_type, role) in enumerate(((t, r) for t, roles in ROLES.items() for r in roles), 1)}


class Example(NamedTuple):
    """The mentions of one type in one document: what the network reads, and which pairs share a record."""

    nodes: npt.NDArray[np.float32]  # (n, NODE_FEATURES)
    roles: npt.NDArray[np.int64]  # (n,)
    pairs: npt.NDArray[np.float32]  # (n, n, PAIR_FEATURES)
    linked: npt.NDArray[np.float32]  # (n, n)


class _Layer(nn.Module):
    """Attention among the mentions, biased by what lies between each two of them."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention, self.before_mixing = nn.LayerNorm(HIDDEN), nn.LayerNorm(HIDDEN)
        self.projections, self.output = nn.Linear(HIDDEN, 3 * HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.bias = nn.Linear(len(PAIR_FEATURES), HEADS)
        self.mixing = nn.Sequential(nn.Linear(HIDDEN, 2 * HIDDEN), nn.GELU(), nn.Linear(2 * HIDDEN, HIDDEN))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, pairs: Tensor, padding: Tensor) -> Tensor:
        projected = self.projections(self.before_attention(hidden))
        query, key, value = (x.unflatten(-1, (HEADS, HIDDEN // HEADS)).transpose(1, 2) for x in projected.chunk(3, dim=-1))
        weights = query @ key.transpose(-1, -2) / (HIDDEN // HEADS) ** 0.5 + self.bias(pairs).permute(0, 3, 1, 2) + padding[:, None, None, :]
        attended = (weights.softmax(dim=-1) @ value).transpose(1, 2).flatten(-2)
        hidden = hidden + self.dropout(self.output(attended))
        mixed: Tensor = hidden + self.dropout(self.mixing(self.before_mixing(hidden)))
        return mixed


class LinkMember(nn.Module):
    """One of the networks that are averaged."""

    def __init__(self) -> None:
        super().__init__()
        self.role = nn.Embedding(len(NUMBERS) + 1, HIDDEN)
        self.node = nn.Linear(len(NODE_FEATURES), HIDDEN)
        self.near = nn.Linear(2 * NEIGHBOURS * HIDDEN, HIDDEN)
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))
        self.first, self.second = nn.Linear(HIDDEN, PAIR_HIDDEN), nn.Linear(HIDDEN, PAIR_HIDDEN)
        self.between = nn.Linear(len(PAIR_FEATURES), PAIR_HIDDEN, bias=False)
        # There are many pairs, and ReLU costs a fraction of GELU.
        self.score = nn.Sequential(nn.ReLU(), nn.Dropout(DROPOUT / 2), nn.Linear(PAIR_HIDDEN, 1))

    def forward(self, nodes: Tensor, roles: Tensor, pairs: Tensor, padding: Tensor) -> Tensor:
        """Return the logits of all pairs, shape (batch, n, n); `padding` is 0 for a mention and much less beyond the last."""
        # Nothing stands beyond the last mention, padding or not.
        hidden = (self.role(roles) + self.node(nodes)) * (padding == 0)[..., None]
        n = hidden.shape[1]
        wide = nn.functional.pad(hidden, (0, 0, NEIGHBOURS, NEIGHBOURS))
        around = [wide[:, shift : shift + n] for shift in range(2 * NEIGHBOURS + 1) if shift != NEIGHBOURS]
        hidden = hidden + nn.functional.gelu(self.near(torch.cat(around, dim=-1)))
        for layer in self.layers:
            hidden = layer(hidden, pairs, padding)
        pair = self.first(hidden)[:, :, None] + self.second(hidden)[:, None] + self.between(pairs)
        score: Tensor = self.score(pair)[..., 0]
        return score


class LinkNetwork(nn.Module):
    """Scores all pairs of mentions: the mean of the members' logits.

    Reads nodes (batch, n, NODE_FEATURES), roles (batch, n; 0 is padding or unknown) and pairs (batch, n, n, PAIR_FEATURES); returns logits (batch, n, n),
    meant above the diagonal.
    """

    node_mean: Tensor
    node_deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("node_mean", torch.zeros(len(NODE_FEATURES)))
        self.register_buffer("node_deviation", torch.ones(len(NODE_FEATURES)))
        # A pair of roles has weights of its own for what lies between: a sum in the line of its company, a date in its own.
        self.of_roles = nn.Embedding((len(NUMBERS) + 1) ** 2, len(PAIR_FEATURES))
        nn.init.zeros_(self.of_roles.weight)
        self.members = nn.ModuleList(LinkMember() for _ in range(MEMBERS))

    def each(self, nodes: Tensor, roles: Tensor, pairs: Tensor, padding: Tensor | None = None) -> Tensor:
        """Return the logits of each member, shape (members, batch, n, n)."""
        even = (nodes - self.node_mean) / self.node_deviation
        added = torch.zeros_like(roles, dtype=torch.float32) if padding is None else padding
        own = (self.of_roles(roles[:, :, None] * (len(NUMBERS) + 1) + roles[:, None]) * pairs).sum(dim=-1)
        return torch.stack([member(even, roles, pairs, added) + own for member in self.members])

    def forward(self, nodes: Tensor, roles: Tensor, pairs: Tensor) -> Tensor:
        """Return the mean of the members' logits, shape (batch, n, n)."""
        return self.each(nodes, roles, pairs).mean(dim=0)


class LinkDocument:
    """The annotated mentions of one document, as examples for the network."""

    def __init__(self, document: AnnotatedDocument) -> None:
        self._text = document.text
        self._spans = sorted(gold_spans(document), key=lambda s: (s.start, s.end, s.role))

    def of_type(self, record_type: str) -> list[GoldSpan]:
        """Return the mentions of one type, by place."""
        return [span for span in self._spans if span.type == record_type]

    def example(self, record_type: str, spans: Sequence[GoldSpan]) -> Example:
        """Return what the network reads of some mentions, by place, and their links."""
        pairs = pair_features(self._text, spans)
        return Example(
            node_features(self._text, spans, pairs),
            np.array([NUMBERS[f"{record_type}.{s.role}"] for s in spans], dtype=np.int64),
            pairs,
            np.array([[bool(a.records & b.records) for b in spans] for a in spans], dtype=np.float32).reshape(len(spans), len(spans)),
        )

    def noisy(self, record_type: str, rng: random.Random) -> list[GoldSpan]:
        """Return the mentions of one type as a tagger might find them: some missed, some of other types added, which are linked to nothing."""
        kept = [span for span in self.of_type(record_type) if rng.random() > MISSED]
        wanted = len(kept) + round(len(kept) * rng.uniform(0, 2 * FOREIGN))
        for span in rng.sample(self._spans, len(self._spans)):
            roles = sorted(role for alike in _ALIKE if span.role in alike for role in alike & set(ROLES[record_type]))
            if len(kept) >= wanted:
                break
            if span.type != record_type and roles and all(span.end <= other.start or other.end <= span.start for other in kept):
                kept.append(GoldSpan(span.start, span.end, record_type, rng.choice(roles)))
        return sorted(kept, key=lambda s: (s.start, s.end, s.role))


def _epoch(clean: Sequence[tuple[LinkDocument, str, Example]], rng: random.Random) -> Iterator[Example]:
    for document, record_type, example in clean:
        if rng.random() < NOISY:
            spans = document.noisy(record_type, rng)
            if 2 <= len(spans) <= WINDOW:
                yield document.example(record_type, spans)
                continue
        yield example


def _padded(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return nodes, roles, pairs, padding (0, or minus much) and links of a batch."""
    n = max(len(example.roles) for example in examples)
    nodes = np.zeros((len(examples), n, len(NODE_FEATURES)), dtype=np.float32)
    roles = np.zeros((len(examples), n), dtype=np.int64)
    pairs = np.zeros((len(examples), n, n, len(PAIR_FEATURES)), dtype=np.float32)
    padding = np.full((len(examples), n), -1e4, dtype=np.float32)
    linked = np.zeros((len(examples), n, n), dtype=np.float32)
    for row, example in enumerate(examples):
        m = len(example.roles)
        nodes[row, :m], roles[row, :m], pairs[row, :m, :m], linked[row, :m, :m] = example.nodes, example.roles, example.pairs, example.linked
        padding[row, :m] = 0
    return torch.from_numpy(nodes), torch.from_numpy(roles), torch.from_numpy(pairs), torch.from_numpy(padding), torch.from_numpy(linked)


def _loss(network: LinkNetwork, examples: Sequence[Example]) -> Tensor:
    """Return the mean loss of a batch's pairs; those of a document of n pairs weigh 1/sqrt(n) each, so that long tables do not outweigh all else."""
    nodes, roles, pairs, padding, linked = _padded(examples)
    real = (padding == 0).float()
    counted = torch.triu(real[:, :, None] * real[:, None, :], 1)
    weights = counted / counted.sum(dim=(1, 2), keepdim=True).clamp(min=1).sqrt()
    logits = network.each(nodes, roles, pairs, padding)
    losses = nn.functional.binary_cross_entropy_with_logits(logits, linked.expand_as(logits), reduction="none")
    return (losses * weights).sum() / weights.sum() / len(network.members)


def fit_network(documents: Sequence[AnnotatedDocument], seed: int = 0, epochs: int = EPOCHS) -> LinkNetwork:
    """Train the link network on the annotated mentions of documents; some minutes on two cores for two thousand documents.

    Raises:
        ValueError: no document has two mentions of one type.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    typed = [(source, record_type, source.of_type(record_type)) for source in map(LinkDocument, documents) for record_type in ROLES]
    clean = [(source, record_type, source.example(record_type, spans)) for source, record_type, spans in typed if 2 <= len(spans) <= WINDOW]
    if not clean:
        raise ValueError("no document has two mentions of one type: there is nothing to link")
    network = LinkNetwork()
    nodes = np.concatenate([example.nodes for _, _, example in clean])
    network.node_mean, network.node_deviation = torch.from_numpy(nodes.mean(axis=0)), torch.from_numpy(nodes.std(axis=0) + 1e-3)
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    total, step = epochs * -(-len(clean) // BATCH), 0
    for epoch in range(1, epochs + 1):
        network.train()
        losses = []
        examples = sorted(_epoch(clean, rng), key=lambda example: len(example.roles) * rng.uniform(0.8, 1.2))
        batches = [examples[at : at + BATCH] for at in range(0, len(examples), BATCH)]
        rng.shuffle(batches)
        for batch in batches:
            step += 1
            for group in optimiser.param_groups:
                group["lr"] = LEARNING_RATE * max(min(step / (0.1 * total), (1 - step / total) / 0.9), 0.0)
            loss = _loss(network, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(loss.item())
            with torch.no_grad():
                for kept, new in zip(average.parameters(), network.parameters(), strict=True):
                    kept.lerp_(new, 1 - min(AVERAGE, step / (step + 10)))
        print(f"links, epoch {epoch}: {np.mean(losses):.4f}", flush=True)
    return average.eval()


def export_network(network: LinkNetwork, path: Path) -> None:
    """Write the network as ONNX, for any number of mentions."""
    n = 5
    example = (torch.zeros(1, n, len(NODE_FEATURES)), torch.zeros(1, n, dtype=torch.long), torch.zeros(1, n, n, len(PAIR_FEATURES)))
    axes = {"nodes": {0: "batch", 1: "n"}, "roles": {0: "batch", 1: "n"}, "pairs": {0: "batch", 1: "n", 2: "n"}, "logits": {0: "batch", 1: "n", 2: "n"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own notes
        torch.onnx.export(
            network.eval(), example, str(path), input_names=["nodes", "roles", "pairs"], output_names=["logits"], dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
