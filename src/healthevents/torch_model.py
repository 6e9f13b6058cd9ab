"""The tagger in PyTorch: one shared encoder, an IOB2 head for each record type, attribute heads, and link vectors for pairs of mentions.

Extraction runs the exported model instead; this module is what training trains and what `backend="torch"` loads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from healthevents.backends import read_settings
from healthevents.labels import ATTRIBUTES, LINKS, TAGS

LINK_SIZE = 64
# Token distances 0, 1, 2-3, 4-7, … each have a learned bias for every kind of link.
DISTANCE_BUCKETS = 10


def new_encoder(config: Any) -> Any:
    """Return an encoder with random weights."""
    return AutoModel.from_config(config, **_encoder_options(config))


def _encoder_options(config: Any) -> dict[str, Any]:
    return {"add_pooling_layer": False} if config.model_type == "bert" else {}


class TaggerModel(nn.Module):
    """Token classification and pairwise links over any Hugging Face encoder.

    Args:
        encoder: a model that returns `last_hidden_state` of shape (batch, tokens, hidden).
        hidden: its hidden size.
        window: tokens that it reads at once, without the two special ones.
        dropout: dropout before the heads.
    """

    def __init__(self, encoder: Any, hidden: int, window: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.window = window
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.ModuleDict({name: nn.Linear(hidden, len(labels)) for name, labels in TAGS.items()})
        self.attributes = nn.ModuleDict({name.replace(".", "__"): nn.Linear(hidden, len(values)) for name, values in ATTRIBUTES.items()})
        self.queries = nn.Linear(hidden, LINK_SIZE * len(LINKS))
        self.keys = nn.Linear(hidden, LINK_SIZE * len(LINKS))
        self.link_bias = nn.Parameter(torch.zeros(len(LINKS), DISTANCE_BUCKETS))

    @classmethod
    def from_encoder(cls, folder: Path, window: int, layers: int | None = None, dropout: float = 0.1) -> TaggerModel:
        """Start from a Hugging Face encoder folder, with its bottom `layers` layers (all if None)."""
        config = AutoConfig.from_pretrained(folder)
        if layers is not None:
            config.num_hidden_layers = layers
        # Dropout on attention weights keeps PyTorch from its fused CPU kernel: a third more time a step.
        config.attention_probs_dropout_prob = 0.0
        return cls(AutoModel.from_pretrained(folder, config=config, **_encoder_options(config)), config.hidden_size, window, dropout)

    @classmethod
    def load(cls, folder: Path) -> TaggerModel:
        """Load a checkpoint written by `save`, ready to predict."""
        config = AutoConfig.from_pretrained(folder)
        model = cls(new_encoder(config), config.hidden_size, read_settings(folder).window)
        model.load_state_dict(load_file(folder / "model.safetensors"))
        return model.eval()

    def save(self, folder: Path) -> None:
        """Write `model.safetensors`, the encoder's `config.json` and `labels.json` (label sets and settings of windows and links)."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: tensor.detach().contiguous() for name, tensor in self.state_dict().items()}
        save_file(state, folder / "model.safetensors")
        self.encoder.config.save_pretrained(folder)
        settings = {
            "tags": TAGS, "attributes": ATTRIBUTES, "links": LINKS, "link_size": LINK_SIZE,
            "link_bias": [[round(x, 5) for x in row] for row in self.link_bias.tolist()], "window": self.window,
        }  # fmt: skip
        (folder / "labels.json").write_text(json.dumps(settings, ensure_ascii=False) + "\n", encoding="utf-8")

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits (batch, tokens, all labels of all heads and attributes), queries and keys (batch, tokens, links x LINK_SIZE)."""
        hidden = self.dropout(self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state)
        heads = [head(hidden) for head in (*self.tags.values(), *self.attributes.values())]
        return torch.cat(heads, dim=-1), self.queries(hidden), self.keys(hidden)
