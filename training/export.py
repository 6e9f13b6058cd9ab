"""Export a trained checkpoint to ONNX for ONNX Runtime, in float32 or with int8 weights.

    python -m training.export runs/tagger src/healthevents/model            # int8
    python -m training.export runs/tagger runs/onnx --float32

Int8 is dynamic, per channel, of matrix products and the embedding table. It ships only where the development split's span F1 stays within 0.3
points of float32: `python -m training.compare runs/onnx src/healthevents/model` prints both.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from healthevents.torch_model import TaggerModel

OUTPUTS = ("logits", "queries", "keys")


def export_float32(checkpoint: Path, path: Path) -> None:
    """Write the checkpoint as a float32 ONNX graph with free batch and token axes."""
    model = TaggerModel.load(checkpoint)
    example = (torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]]))
    axes = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask", *OUTPUTS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own notes on tracing
        torch.onnx.export(
            model, example, str(path), input_names=["input_ids", "attention_mask"], output_names=list(OUTPUTS),
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip


def quantise(source: Path, target: Path, float_nodes: tuple[str, ...] = ()) -> None:
    """Write the graph with int8 weights; nodes whose name holds one of `float_nodes` stay in float32."""
    names = [node.name for node in onnx.load(str(source)).graph.node if any(part in node.name for part in float_nodes)]
    quantize_dynamic(
        source, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"], nodes_to_exclude=names,
        extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip


def export(checkpoint: Path, folder: Path, *, int8: bool = True, float_nodes: tuple[str, ...] = ()) -> Path:
    """Write `model.onnx`, `labels.json` and `tokenizer.json` to `folder` and return the model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "model.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "model.onnx"
        export_float32(checkpoint, plain)
        if int8:
            quantise(plain, target, float_nodes)
        else:
            shutil.copy(plain, target)
    for name in ("labels.json", "tokenizer.json"):
        shutil.copy(checkpoint / name, folder / name)
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--float32", action="store_true")
    parser.add_argument("--float-nodes", nargs="*", default=[], help="parts of names of graph nodes that stay in float32")
    options = parser.parse_args()
    path = export(options.checkpoint, options.folder, int8=not options.float32, float_nodes=tuple(options.float_nodes))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
