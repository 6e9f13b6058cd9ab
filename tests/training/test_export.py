"""The exported graph says what the checkpoint says."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from healthevents.backends import ModelError, OnnxBackend, TorchBackend, open_backend
from healthevents.schema import Document
from healthevents.tagging import Tagger
from training.export import export


def test_onnx_and_torch_give_the_same_mentions_and_links(tiny_documents: list[Document], checkpoint: Path, onnx_folder: Path) -> None:
    long = Document(id="long", text="\n".join(document.text for document in tiny_documents))
    titled = tiny_documents[0].model_copy(update={"title": "松萤医疗完成2亿元B轮融资！"})
    documents = [*tiny_documents, long, titled]
    runs = [list(Tagger(folder, backend=backend, threads=1).tag(documents)) for folder, backend in ((onnx_folder, "onnx"), (checkpoint, "torch"))]  # type: ignore[arg-type]
    assert sum(len(tagging.mentions) for tagging in runs[0]) > 60
    for onnx, torch in zip(*runs, strict=True):
        assert [(m.type, m.role, m.mention) for m in onnx.mentions] == [(m.type, m.role, m.mention) for m in torch.mentions]
        assert_allclose([m.score for m in onnx.mentions], [m.score for m in torch.mentions], atol=1e-4)
        assert_allclose(onnx.links, torch.links, atol=1e-3)
        assert_allclose(onnx.coreference, torch.coreference, atol=1e-3)
        for a, b in zip(onnx.mentions, torch.mentions, strict=True):
            assert all(np.allclose(a.attributes[name], b.attributes[name], atol=1e-4) for name in a.attributes)


@pytest.mark.parametrize(("batch", "tokens"), [(1, 1), (1, 98), (5, 17)])
def test_the_graph_takes_windows_of_any_number_and_length(batch: int, tokens: int, checkpoint: Path, onnx_folder: Path) -> None:
    ids = np.random.default_rng(tokens).integers(4, 100, (batch, tokens))
    for a, b in zip(OnnxBackend(onnx_folder, 1).run(ids), TorchBackend(checkpoint, 1).run(ids), strict=True):
        assert_allclose(a, b, atol=1e-4)


def test_int8_is_smaller_and_close(tmp_path: Path, tiny_documents: list[Document], checkpoint: Path, onnx_folder: Path) -> None:
    path = export(checkpoint, tmp_path / "int8", texts=[document.text for document in tiny_documents])
    # The tiny model's rows are shorter than a block, so padding eats most of the gain that the real one has.
    assert path.stat().st_size < 0.9 * (onnx_folder / "model.onnx").stat().st_size
    exact, small = (list(Tagger(folder, threads=1).tag(tiny_documents)) for folder in (onnx_folder, path.parent))
    sets = [{(t.document.id, m.type, m.role, m.mention.start, m.mention.end) for t in run for m in t.mentions} for run in (exact, small)]
    assert len(sets[0] & sets[1]) > 0.7 * len(sets[0])


@pytest.mark.parametrize(("backend", "missing"), [("onnx", "model.onnx"), ("torch", "model.safetensors")])
def test_a_folder_without_its_model_says_how_to_make_it(tmp_path: Path, onnx_folder: Path, backend: str, missing: str) -> None:
    with pytest.raises(ModelError, match=r"has no labels\.json.*python -m training\.train"):
        open_backend(tmp_path, backend, 1)  # type: ignore[arg-type]
    (tmp_path / "labels.json").write_bytes((onnx_folder / "labels.json").read_bytes())
    with pytest.raises(ModelError, match=rf"has no {missing}: .*python -m training\."):
        open_backend(tmp_path, backend, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", ['{"tags": {}}', "no JSON"])
def test_settings_of_another_version_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "labels.json").write_text(content, "utf-8")
    with pytest.raises(ModelError, match=r"labels\.json was not written by this version .*export the model again"):
        open_backend(tmp_path, "onnx", 1)
