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
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from torch import Tensor, nn
from transformers import AttentionInterface

from healthevents.torch_model import TaggerModel

BLOCK = 128  # weights that share a scale
OUTPUTS = ("logits", "queries", "keys")
# Encoders whose attention is the plain one, so that ONNX Runtime's operator does the same; others leave step by step.
PLAIN_ATTENTION = frozenset({"bert", "roberta", "xlm-roberta"})
# What of a checkpoint goes with the model; config.json is what further training needs (training/restore.py).
COMPANIONS = ("labels.json", "tokenizer.json", "config.json", "links.json", "thresholds.json", "confidence.json")


class FusedAttention(torch.autograd.Function):
    """Attention that leaves as ONNX Runtime's own operator: one pass that never holds all scores, instead of nine steps over them."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
        """Attend; all tensors have the shape (batch, tokens, hidden)."""
        query, key, value = (tensor.unflatten(2, (heads, -1)).transpose(1, 2) for tensor in (query, key, value))
        return nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, heads: int) -> Any:
        """Return the operator's node."""
        return graph.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=heads).setType(query.type())


def _attention(module: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **_: Any) -> tuple[Tensor, None]:
    """Do what transformers asks of an attention implementation; its tensors have the shape (batch, heads, tokens, size of a head)."""
    apply: Any = FusedAttention.apply
    return apply(*(tensor.transpose(1, 2).flatten(2) for tensor in (query, key, value)), module.num_attention_heads), None


AttentionInterface.register("onnxruntime", _attention)


class OneWindow(nn.Module):
    """The tagger without a mask: it is given windows one by one, which need no padding."""

    def __init__(self, model: TaggerModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what `TaggerModel.forward` returns."""
        outputs: tuple[Tensor, Tensor, Tensor] = self.model(input_ids, None)
        return outputs


def export_float32(checkpoint: Path, path: Path) -> None:
    """Write the checkpoint as a float32 ONNX graph with free batch and token axes; weights take the names that they have in the checkpoint."""
    model = TaggerModel.load(checkpoint)
    if model.encoder.config.model_type in PLAIN_ATTENTION:
        model.encoder.set_attn_implementation("onnxruntime")
    axes = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", *OUTPUTS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own notes on tracing
        torch.onnx.export(
            OneWindow(model).eval(), (torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]]),), str(path), input_names=["input_ids"], output_names=list(OUTPUTS),
            dynamic_axes=axes, opset_version=17, dynamo=False, custom_opsets={"com.microsoft": 1},
        )  # fmt: skip
    graph = onnx.load(str(path))
    _name_weights(graph.graph, model)
    onnx.save(graph, str(path))


def _name_weights(graph: onnx.GraphProto, model: TaggerModel) -> None:
    """Name weights as the checkpoint does, and a product and its transposed weights after their module ("queries.weight.T"): the exporter renumbers them."""
    modules = {module.weight.detach().T.contiguous().numpy().tobytes(): name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    named = {}
    for weights in graph.initializer:
        module = modules.get(numpy_helper.to_array(weights).tobytes())
        named[weights.name] = f"{module}.weight.T" if module else weights.name.removeprefix("model.")
        weights.name = named[weights.name]
    for node in list(graph.node):
        node.input[:] = [named.get(name, name) for name in node.input]
        if node.op_type == "Identity" and node.input[0] in named.values():  # the weights of a module that is used twice
            named[node.output[0]] = node.input[0]
            graph.node.remove(node)
        elif node.op_type == "MatMul" and node.input[1].endswith(".weight.T"):
            node.name = f"{node.input[1].removesuffix('.weight.T')}@{node.output[0]}"


def quantise(source: Path, target: Path) -> None:
    """Write the graph with 8-bit weights: matrix products in blocks of 128, the embedding table by row; the small heads stay in float32.

    Each block of 128 activations has its own scale when the graph runs (`accuracy_level=4`). One scale for a whole tensor, as in ONNX Runtime's dynamic
    int8, loses more than the 0.3 points of span F1 that are allowed, because a few outliers in the feed-forward layers set it.
    """
    graph = onnx.load(str(source))
    heads = [node.name for node in graph.graph.node if node.op_type == "MatMul" and not node.name.startswith("encoder.")]
    blocks = MatMulNBitsQuantizer(graph, bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=4, nodes_to_exclude=heads)
    blocks.process()
    with tempfile.TemporaryDirectory() as scratch:
        between = Path(scratch) / "blocks.onnx"
        blocks.model.save_model_to_file(str(between), False)
        quantize_dynamic(between, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather"])


def export(checkpoint: Path, folder: Path, *, int8: bool = True) -> Path:
    """Write `model.onnx` to `folder`, copy COMPANIONS there, and return the model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "model.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "model.onnx"
        export_float32(checkpoint, plain)
        if int8:
            quantise(plain, target)
        else:
            shutil.copy(plain, target)
    for name in COMPANIONS:
        if (checkpoint / name).is_file():
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
