"""What an export wrote can be read back, and trained further."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from healthevents.annotations import AnnotatedDocument
from healthevents.backends import ModelError, OnnxBackend
from healthevents.schema import Document
from healthevents.tagging import Tagger
from healthevents.torch_model import TaggerModel
from training.compare import score
from training.export import export
from training.restore import restore
from training.train import open_model, train


@pytest.fixture(scope="module")
def int8_folder(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path, tiny_documents: list[Document]) -> Path:
    folder = tmp_path_factory.mktemp("int8")
    export(checkpoint, folder, texts=[document.text for document in tiny_documents])
    return folder


def test_a_float32_export_gives_back_every_weight(checkpoint: Path, onnx_folder: Path) -> None:
    before, after = TaggerModel.load(checkpoint).state_dict(), restore(onnx_folder).state_dict()
    assert before.keys() == after.keys()
    for name in before:
        # The bias of links is in labels.json, with five digits.
        assert_allclose(before[name].numpy(), after[name].numpy(), atol=1e-5 if name == "link_bias" else 0, err_msg=name)


def test_rounded_weights_are_read_back_within_their_rounding(checkpoint: Path, int8_folder: Path) -> None:
    before, after = TaggerModel.load(checkpoint).state_dict(), restore(int8_folder).state_dict()
    for name, values in before.items():
        assert float((values - after[name]).abs().max()) <= 0.03 * float(values.abs().max()) + 5e-3, name


def test_the_model_read_back_says_what_the_rounded_graph_says(int8_folder: Path) -> None:
    ids = np.random.default_rng(3).integers(5, 100, (1, 60))
    with torch.inference_mode():
        ours = [output.numpy() for output in restore(int8_folder)(torch.from_numpy(ids), None)]
    for mine, theirs in zip(ours, OnnxBackend(int8_folder, 1).run(ids), strict=True):
        assert np.sqrt(((mine - theirs) ** 2).mean()) < 0.05 * theirs.std()


@pytest.mark.parametrize("missing", ["model.onnx", "config.json"])
def test_a_folder_that_lacks_a_file_says_what_to_name(tmp_path: Path, int8_folder: Path, missing: str) -> None:
    for path in int8_folder.iterdir():
        if path.name != missing:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ModelError, match=rf"lacks {missing}: name a checkpoint, or a folder written by `python -m training\.export`"):
        open_model(tmp_path)


def test_twenty_documents_of_a_user_continue_a_shipped_model(
    tmp_path: Path, tiny_config: dict[str, Any], tiny_annotated: list[AnnotatedDocument], int8_folder: Path
) -> None:
    """From an exported folder and one annotation file to a better model of these documents, its export, and the comparison of old and new."""
    renamed = [document.model_copy(update={"id": f"{n}-{document.id}"}) for n in range(2) for document in tiny_annotated][:20]
    mine = tmp_path / "mine.jsonl"
    mine.write_text("".join(document.model_dump_json() + "\n" for document in renamed), "utf-8")
    settings = {**tiny_config["training"], "learning_rate": 1e-3, "head_learning_rate": 1e-3}
    config = {**tiny_config, "training": settings, "data": {**tiny_config["data"], "annotations": [str(mine)]}}
    train(config, tmp_path / "new", int8_folder)
    train(config, tmp_path / "fresh")
    epochs = {name: [json.loads(line) for line in (tmp_path / name / "training.jsonl").read_text("utf-8").splitlines()] for name in ("new", "fresh")}
    assert epochs["new"][0]["tags"] < epochs["fresh"][1]["tags"] / 2  # it goes on where the shipped model was, and does not begin anew
    assert epochs["new"][1]["span_f1"]["all"] > epochs["fresh"][1]["span_f1"]["all"]
    path = export(tmp_path / "new", tmp_path / "shipped", texts=[document.text for document in renamed])
    assert next(Tagger(path.parent, threads=1).tag([renamed[0]])).mentions
    old, new = (score(folder, renamed[4::5]) for folder in (int8_folder, path.parent))
    assert len(old) == len(new) == 4


def test_too_few_documents_are_refused(tmp_path: Path, tiny_config: dict[str, Any], tiny_annotated: list[AnnotatedDocument]) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text("".join(document.model_dump_json() + "\n" for document in tiny_annotated[:4]), "utf-8")
    with pytest.raises(ValueError, match=r"mine\.jsonl: 4 documents to train on and 0 to score on"):
        train({**tiny_config, "data": {**tiny_config["data"], "annotations": [str(mine)]}}, tmp_path / "new")
