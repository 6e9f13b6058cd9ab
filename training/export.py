"""Export a trained checkpoint to ONNX for ONNX Runtime, in float32 or with int8 weights.

    python -m training.export runs/tagger src/healthevents/model            # int8
    python -m training.export runs/tagger runs/onnx --float32

Int8 ships only where the development split's span F1 stays within 0.3 points of float32: `python -m training.evaluate` prints it for either folder.
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
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

from healthevents.torch_model import TaggerModel

BLOCK = 128  # weights that share a scale
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


def quantise(source: Path, target: Path) -> None:
    """Write the graph with 8-bit weights: matrix products in blocks of 128, the embedding table by row; the small heads stay in float32.

    Each block of 128 activations has its own scale when the graph runs (`accuracy_level=4`). One scale for a whole tensor, as in ONNX Runtime's dynamic
    int8, loses more than the 0.3 points of span F1 that are allowed, because a few outliers in the feed-forward layers set it.
    """
    graph = onnx.load(str(source))
    heads = [node.name for node in graph.graph.node if node.op_type == "MatMul" and "encoder" not in node.name]
    blocks = MatMulNBitsQuantizer(graph, bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=4, nodes_to_exclude=heads)
    blocks.process()
    with tempfile.TemporaryDirectory() as scratch:
        between = Path(scratch) / "blocks.onnx"
        blocks.model.save_model_to_file(str(between), False)
        quantize_dynamic(between, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])


def export(checkpoint: Path, folder: Path, *, int8: bool = True) -> Path:
    """Write `model.onnx`, `labels.json` and `tokenizer.json` to `folder` and return the model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "model.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "model.onnx"
        export_float32(checkpoint, plain)
        if int8:
            quantise(plain, target)
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
    options = parser.parse_args()
    path = export(options.checkpoint, options.folder, int8=not options.float32)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
