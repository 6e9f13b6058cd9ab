"""A tiny encoder, tokenizer and tagger, built offline and from a seed: what the model does in small, in seconds and without a download."""

import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from healthevents.annotations import AnnotatedDocument, read_annotations
from healthevents.schema import Document

# Nothing here may look for a model on the network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"

TINY = Path(__file__).parent / "data" / "tiny"
# Pieces of more than one character, so that some token edges fall inside of words.
WORDS = ("医疗", "融资", "亿元", "合作", "覆盖", "▁the", "▁Health", "▁Series", "ing", "ion", "illion", "▁2", "20", "00", "...", "▁and", "a" * 16)

settings.register_profile("light", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
settings.load_profile("light")


@pytest.fixture(scope="session")
def tiny_annotated() -> list[AnnotatedDocument]:
    """The dozen annotated documents of `tests/data/tiny`."""
    return [document for path in sorted(TINY.glob("*.jsonl")) for document in read_annotations(path)]


@pytest.fixture(scope="session")
def tiny_documents(tiny_annotated: list[AnnotatedDocument]) -> list[Document]:
    """The same documents without their annotations."""
    return [Document.model_validate(document.model_dump(include=set(Document.model_fields))) for document in tiny_annotated]


@pytest.fixture(scope="session")
def tiny_vocabulary(tiny_annotated: list[AnnotatedDocument]) -> list[tuple[str, float]]:
    """Unigram pieces: every character of the tiny documents, and some words."""
    characters = sorted({c for document in tiny_annotated for c in unicodedata.normalize("NFKC", document.text) if not c.isspace()})
    special = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    # Different scores, so that no two segmentations are equally good.
    words = [(word, -5.0 - 0.013 * i) for i, word in enumerate(WORDS)]
    return [*special, *words, *((c, -7.0 - 0.0017 * i) for i, c in enumerate(characters))]


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory, tiny_vocabulary: list[tuple[str, float]]) -> Path:
    """A Hugging Face encoder folder with random weights: 2 layers of 32."""
    import torch
    from transformers import BertConfig, BertModel

    from training.encoder import build_tokenizer

    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tiny_vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=512, pad_token_id=1,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    build_tokenizer(tiny_vocabulary).save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def tiny_config(encoder_folder: Path) -> dict[str, Any]:
    """Settings as in `training/config.toml`, for the tiny encoder and documents."""
    return {
        "model": {"encoder": str(encoder_folder), "layers": 2, "dropout": 0.0, "freeze_embeddings": False},
        "data": {"annotations": str(TINY), "window": 96, "smallest_window": 80},
        "training": {
            "seed": 7, "epochs": 2, "batch_tokens": 512, "learning_rate": 3e-3, "layer_decay": 1.0, "head_learning_rate": 3e-3,
            "weight_decay": 0.01, "warmup": 0.1, "clip": 1.0, "average": 0.9, "threads": 1,
            "loss": {"tags": 3.0, "attributes": 0.15, "links": 0.5},
        },
    }  # fmt: skip


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, tiny_config: dict[str, Any]) -> Path:
    """A tagger that has learnt the tiny documents well enough to find mentions in them."""
    from training.train import train

    folder = tmp_path_factory.mktemp("checkpoint")
    train({**tiny_config, "training": {**tiny_config["training"], "epochs": 60}}, folder)
    return folder


@pytest.fixture(scope="session")
def onnx_folder(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Path:
    """The tagger as a float32 ONNX model folder."""
    from training.export import export

    folder = tmp_path_factory.mktemp("onnx")
    export(checkpoint, folder, int8=False)
    return folder
