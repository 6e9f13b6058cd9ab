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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AttentionInterface

from healthevents.torch_model import TaggerModel
from training.data import load_split

Array = npt.NDArray[np.float32]
# Layers whose inputs come from a layer normalisation, and those whose inputs come from the activation function (the attention's have the same ending).
SMOOTHED = ("attention.self.query", "attention.self.key", "attention.self.value", "intermediate.dense")
SCALED_BY_TOKEN = ".output.dense"
SMOOTHING = "smoothing:"  # before the names of the layers that share factors, in the name of these
LEAST_OF_TOKEN = 0.2  # GELU gives -0.17 at least, so what is divided by this or more stays near [-1, 1]
TEXT_STEP = 16  # every so manyth training document is read before rounding
OUTPUTS = ("logits", "queries", "keys")
# Encoders whose attention is the plain one, so that ONNX Runtime's operator does the same; others leave step by step.
PLAIN_ATTENTION = frozenset({"bert", "roberta", "xlm-roberta"})
# What of a checkpoint goes with the model; config.json is what further training needs (training/restore.py).
COMPANIONS = ("labels.json", "tokenizer.json", "config.json", "links.onnx", "links.json", "thresholds.json", "confidence.json")


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


def _ends_apart(forward: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Return a function of each token that takes the first and the last token on their own."""

    def apart(hidden: Tensor) -> Tensor:
        first, rest = hidden[:, :1], hidden[:, 1:]
        ends = forward(torch.cat([first, rest[:, -1:]], dim=1))
        return torch.cat([ends[:, :1], forward(rest[:, :-1]), ends[:, 1:]], dim=1)

    return apart


def export_float32(checkpoint: Path, path: Path) -> None:
    """Write the checkpoint as a float32 ONNX graph with free batch and token axes; weights take the names that they have in the checkpoint."""
    model = TaggerModel.load(checkpoint)
    if model.encoder.config.model_type in PLAIN_ATTENTION:
        model.encoder.set_attn_implementation("onnxruntime")
        for layer in model.encoder.encoder.layer:
            layer.feed_forward_chunk = _ends_apart(layer.feed_forward_chunk)
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


class Inputs(NamedTuple):
    """What a layer's inputs are like, by channel, over all tokens but the first and the last."""

    largest: Array
    mean: Array


def inputs_of_layers(checkpoint: Path, texts: Sequence[str]) -> dict[str, Inputs]:
    """Return what the inputs of the encoder's linear layers are like when the checkpoint reads these texts (their first windows)."""
    model, tokenizer = TaggerModel.load(checkpoint), Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    begin, end = (tokenizer.token_to_id(token) for token in ("<s>", "</s>"))
    seen: dict[str, list[Tensor]] = {}
    for name, module in model.encoder.named_modules():
        if isinstance(module, nn.Linear):
            kept = seen[f"encoder.{name}"] = []
            module.register_forward_pre_hook(lambda _, inputs, kept=kept: kept.append(_summary(inputs[0][0, 1:-1])))
    with torch.inference_mode():
        for text in texts:
            if ids := tokenizer.encode(text, add_special_tokens=False).ids[: model.window]:
                model(torch.tensor([[begin, *ids, end]]), None)
    tables = {name: torch.stack(rows).numpy() for name, rows in seen.items() if rows}
    return {name: Inputs(table[:, 0].max(axis=0), table[:, 1].mean(axis=0)) for name, table in tables.items()}


def _summary(inputs: Tensor) -> Tensor:
    return torch.stack([inputs.abs().amax(dim=0), inputs.mean(dim=0)])


def quantise(source: Path, target: Path, inputs: Mapping[str, Inputs]) -> None:
    """Write the graph with 8-bit products and embedding tables; the small heads stay in float32.

    Weights have a scale for each column, and the inputs of a product one scale for the window, taken when the graph runs (ONNX Runtime's dynamic int8,
    more than twice as fast as scales for blocks of inputs). A few large inputs would set that scale for all others, so

    - what a layer normalisation gives to a product is divided by a factor for each channel, which goes into the weights (SmoothQuant, arXiv 2211.10438);
    - what the activation function gives is divided by its token's largest value, and the product multiplied by it;
    - the first and the last token, whose inputs are ten times as large, go through the feed-forward layers on their own (`export_float32`);
    - what rounded weights add to the mean of a product is taken off its bias.

    Args:
        source: a float32 graph written by `export_float32`.
        target: where to write the new one.
        inputs: of `inputs_of_layers`; a layer that is not among them is rounded as it is.
    """
    model = onnx.load(str(source))
    graph = model.graph
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1].endswith(".weight.T")]
    heads = [node.name for node in products if not node.input[1].startswith("encoder.")]
    factors = _smooth(graph, [node for node in products if _module(node).endswith(SMOOTHED)], inputs)
    for node in products:
        if _module(node).endswith(SCALED_BY_TOKEN) and not _module(node).endswith("attention.output.dense"):
            _scale_by_token(graph, node)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    with tempfile.TemporaryDirectory() as scratch:
        between = Path(scratch) / "between.onnx"
        onnx.save(model, str(between))
        quantize_dynamic(
            between, target, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["Gather", "MatMul"], nodes_to_exclude=heads
        )  # fmt: skip
    model = onnx.load(str(target))
    rounded = {tensor.name: tensor for tensor in model.graph.initializer}
    for name in inputs.keys() & {_module(node) for node in products}:
        values, scale, nought = (numpy_helper.to_array(rounded[f"{name}.weight.T_{part}"]).astype(np.float32) for part in ("quantized", "scale", "zero_point"))
        error = weights[f"{name}.weight.T"] - (values - nought) * scale
        bias = weights[f"{name}.bias"] + (inputs[name].mean / factors.get(name, 1.0)) @ error
        rounded[f"{name}.bias"].CopyFrom(numpy_helper.from_array(bias.astype(np.float32), f"{name}.bias"))
    onnx.save(model, str(target))


def _module(node: onnx.NodeProto) -> str:
    name: str = node.input[1].removesuffix(".weight.T")
    return name


def _smooth(graph: onnx.GraphProto, products: Sequence[onnx.NodeProto], inputs: Mapping[str, Inputs]) -> dict[str, Array]:
    """Divide the products' inputs by factors and multiply their weights by them; return the factors by layer. Products of one input share them."""
    stored = {tensor.name: tensor for tensor in graph.initializer}
    factors: dict[str, Array] = {}
    together: dict[str, list[onnx.NodeProto]] = {}
    for node in products:
        if _module(node) in inputs:
            together.setdefault(node.input[0], []).append(node)
    for source, nodes in together.items():
        layers = [_module(node) for node in nodes]
        name = SMOOTHING + ",".join(layers)
        if layers[0] not in factors:
            weights = [numpy_helper.to_array(stored[f"{layer}.weight.T"]) for layer in layers]
            largest = np.maximum(np.max([np.abs(table).max(axis=1) for table in weights], axis=0), 1e-5)
            factor = np.sqrt(np.maximum(inputs[layers[0]].largest, 1e-3) / largest)
            factor = (factor / np.median(factor)).astype(np.float32)
            graph.initializer.append(numpy_helper.from_array(1 / factor, name))
            for layer, table in zip(layers, weights, strict=True):
                factors[layer] = factor
                stored[f"{layer}.weight.T"].CopyFrom(numpy_helper.from_array(table * factor[:, None], f"{layer}.weight.T"))
        _insert_before(graph, nodes[0], onnx.helper.make_node("Mul", [source, name], [f"{source}.smooth"], name=f"{source}.smooth"))
        for node in nodes:
            node.input[0] = f"{source}.smooth"
    return factors


def _scale_by_token(graph: onnx.GraphProto, product: onnx.NodeProto) -> None:
    """Divide a product's input by each token's largest value, and multiply what comes out by it."""
    source, result = product.input[0], product.output[0]
    least = "least_of_token"
    if all(tensor.name != least for tensor in graph.initializer):
        graph.initializer.append(numpy_helper.from_array(np.array(LEAST_OF_TOKEN, dtype=np.float32), least))
    product.input[0], product.output[0] = f"{source}.even", f"{result}.even"
    for node in (
        onnx.helper.make_node("ReduceMax", [source], [f"{source}.top"], name=f"{source}.top", axes=[-1], keepdims=1),
        onnx.helper.make_node("Max", [f"{source}.top", least], [f"{source}.size"], name=f"{source}.size"),
        onnx.helper.make_node("Div", [source, f"{source}.size"], [f"{source}.even"], name=f"{source}.even"),
    ):
        _insert_before(graph, product, node)
    at = [node.name for node in graph.node].index(product.name)
    graph.node.insert(at + 1, onnx.helper.make_node("Mul", [f"{result}.even", f"{source}.size"], [result], name=f"{result}.size"))


def _insert_before(graph: onnx.GraphProto, node: onnx.NodeProto, new: onnx.NodeProto) -> None:
    graph.node.insert([other.name for other in graph.node].index(node.name), new)


def export(checkpoint: Path, folder: Path, *, int8: bool = True, texts: Sequence[str] | None = None) -> Path:
    """Write `model.onnx` to `folder`, copy COMPANIONS there, and return the model's path.

    Args:
        checkpoint: a folder written by `training.train`.
        folder: where to write.
        int8: round weights to 8 bits.
        texts: what the model reads to learn how large its inner values are, before they are rounded; training documents if None.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "model.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "model.onnx"
        export_float32(checkpoint, plain)
        if int8:
            texts = [document.text for document in load_split("train")[::TEXT_STEP]] if texts is None else texts
            quantise(plain, target, inputs_of_layers(checkpoint, texts))
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
