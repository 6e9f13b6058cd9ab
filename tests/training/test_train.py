"""A whole training run in small."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from tokenizers import Tokenizer

from healthevents.labels import ATTRIBUTES, LINKS, TAGS
from healthevents.tagging import Tagger
from healthevents.torch_model import TaggerModel
from training.data import load_split
from training.scoring import span_report
from training.train import Curriculum, batches, parameter_groups, train


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, tiny_config: dict[str, Any]) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train(tiny_config, folder)
    return folder


def test_a_run_leaves_a_model_that_loads(run: Path) -> None:
    assert {"model.safetensors", "config.json", "labels.json", "tokenizer.json", "training.jsonl"} <= {path.name for path in run.iterdir()}
    model = TaggerModel.load(run)
    assert not model.training
    logits, queries, keys = model(torch.tensor([[0, 5, 6, 2]]), torch.ones(1, 4, dtype=torch.long))
    settings = Tagger(run, backend="torch", threads=1)._settings
    assert (logits.shape[-1], queries.shape[-1], keys.shape[-1]) == settings.widths
    assert (dict(settings.tags), dict(settings.attributes), settings.links) == (TAGS, ATTRIBUTES, LINKS)


def test_the_loss_falls(run: Path) -> None:
    epochs = [json.loads(line) for line in (run / "training.jsonl").read_text("utf-8").splitlines()]
    assert [entry["epoch"] for entry in epochs] == [1, 2]
    assert epochs[1]["tags"] < epochs[0]["tags"]
    assert set(epochs[1]["span_f1"]) == {*TAGS, "all"}


def test_the_same_seed_gives_the_same_weights(run: Path, tmp_path: Path, tiny_config: dict[str, Any]) -> None:
    train(tiny_config, tmp_path)
    first, second = load_file(run / "model.safetensors"), load_file(tmp_path / "model.safetensors")
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_seed_gives_other_weights(run: Path, tmp_path: Path, tiny_config: dict[str, Any]) -> None:
    train({**tiny_config, "training": {**tiny_config["training"], "seed": 8}}, tmp_path)
    assert not torch.equal(load_file(run / "model.safetensors")["queries.weight"], load_file(tmp_path / "model.safetensors")["queries.weight"])


def test_training_goes_on_from_a_checkpoint(run: Path, tmp_path: Path, tiny_config: dict[str, Any]) -> None:
    train({**tiny_config, "training": {**tiny_config["training"], "epochs": 1}}, tmp_path, start=run)
    further = json.loads((tmp_path / "training.jsonl").read_text("utf-8"))
    begun = json.loads((run / "training.jsonl").read_text("utf-8").splitlines()[0])
    assert further["tags"] < begun["tags"]


def test_frozen_embeddings_stay_as_they_were(tmp_path: Path, tiny_config: dict[str, Any], encoder_folder: Path) -> None:
    config = {**tiny_config, "model": {**tiny_config["model"], "freeze_embeddings": True}, "training": {**tiny_config["training"], "epochs": 1}}
    train(config, tmp_path)
    before, after = load_file(encoder_folder / "model.safetensors"), load_file(tmp_path / "model.safetensors")
    assert torch.equal(before["embeddings.word_embeddings.weight"], after["encoder.embeddings.word_embeddings.weight"])
    assert not torch.equal(before["encoder.layer.0.output.dense.weight"], after["encoder.encoder.layer.0.output.dense.weight"])


@given(st.lists(st.integers(1, 254), max_size=60), st.integers(256, 2000), st.integers(0, 99))
def test_batches_hold_every_window_once_and_keep_the_budget(lengths: list[int], budget: int, seed: int) -> None:
    items = [{"n": n, "input_ids": [0] * length} for n, length in enumerate(lengths)]
    grouped = batches(items, budget, random.Random(seed))
    assert sorted(item["n"] for group in grouped for item in group) == list(range(len(lengths)))
    assert all(len(group) * (max(len(item["input_ids"]) for item in group) + 2) <= budget for group in grouped)


def test_lower_layers_learn_more_slowly(checkpoint: Path) -> None:
    settings = {"learning_rate": 1e-3, "layer_decay": 0.5, "head_learning_rate": 1e-2, "weight_decay": 0.1}
    model = TaggerModel.load(checkpoint)
    rates = {}
    for (name, parameter), group in zip(model.named_parameters(), parameter_groups(model, settings), strict=True):
        assert group["params"] == [parameter]
        assert group["weight_decay"] == (0.0 if parameter.ndim < 2 else 0.1)
        rates[name] = group["lr"]
    assert rates["encoder.embeddings.word_embeddings.weight"] == 1e-3 / 4
    assert rates["encoder.encoder.layer.0.output.dense.weight"] == 1e-3 / 2
    assert rates["encoder.encoder.layer.1.output.dense.weight"] == 1e-3
    assert rates["queries.weight"] == 1e-2


def test_span_scores_are_strict() -> None:
    gold = {"a": [["B-x", "I-x", "O"]], "b": [["O", "O", "B-y"]]}
    found = {"a": [["O", "I-x", "O"]], "b": [["O", "O", "B-y"]]}
    report = span_report(gold, found)
    assert report["a"] == 0  # an I- without its B- is no span
    assert report["b"] == 1
    assert math.isclose(report["all"], 0.6667)


def test_hidden_tokens_change_the_input_and_nothing_else(run: Path, tiny_config: dict[str, Any]) -> None:
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    documents = load_split("train", Path(tiny_config["data"]["annotations"]))
    settings = {**tiny_config["data"], "renamed_documents": 0.0}
    seen, hidden = (Curriculum(documents, tokenizer, {**settings, "hidden_tokens": share}).epoch(random.Random(3)) for share in (0.0, 0.5))
    unknown = tokenizer.token_to_id("<unk>")
    pairs = [(a, b) for one, other in zip(seen, hidden, strict=True) for a, b in zip(one["input_ids"], other["input_ids"], strict=True)]
    assert all(b in (a, unknown) for a, b in pairs)
    assert 0.1 < sum(a != b for a, b in pairs) / len(pairs) < 0.5
    assert all({**one, "input_ids": []} == {**other, "input_ids": []} for one, other in zip(seen, hidden, strict=True))
