"""Read an exported model's weights back, so that training can go on from the model that the package ships.

The shipped folder holds an ONNX graph, whose weights are rounded to 8 bits; what they were before is not in it. Read back, they tag as the graph does, and a
few epochs of training move them by more than the rounding did.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from transformers import AutoConfig

from healthevents.backends import ModelError, read_settings
from healthevents.torch_model import TaggerModel, new_encoder
from training.export import SMOOTHING

Array = npt.NDArray[Any]


def weights_of(graph: onnx.GraphProto) -> dict[str, Array]:
    """Return the float32 weights of a graph written by `training.export`, by their names in a checkpoint."""
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights: dict[str, Array] = {}
    for name, values in stored.items():
        if name.endswith("_quantized"):
            name = name.removesuffix("_quantized")
            weights[name] = (values.astype(np.float32) - stored[f"{name}_zero_point"]) * stored[f"{name}_scale"]
        elif values.dtype == np.float32:
            weights[name] = values
    for name, values in stored.items():
        if name.startswith(SMOOTHING):  # the inputs are multiplied by these, so the weights were divided by them
            for layer in name.removeprefix(SMOOTHING).split(","):
                weights[f"{layer}.weight.T"] = weights[f"{layer}.weight.T"] * values[:, None]
    return {name.removesuffix(".T"): values.T if name.endswith(".T") else values for name, values in weights.items()}


def restore(folder: Path) -> TaggerModel:
    """Return the tagger that a folder written by `training.export` holds.

    Raises:
        ModelError: the folder lacks a file, or was written by an earlier version, whose graphs do not name their weights.
    """
    settings = read_settings(folder)
    for name in ("model.onnx", "config.json"):
        if not (folder / name).is_file():
            raise ModelError(f"{folder} lacks {name}: name a checkpoint, or a folder written by `python -m training.export`.")
    weights = weights_of(onnx.load(str(folder / "model.onnx")).graph)
    config = AutoConfig.from_pretrained(folder)
    model = TaggerModel(new_encoder(config), config.hidden_size, settings.window)
    weights["link_bias"] = np.array(settings.link_bias, dtype=np.float32)
    state = model.state_dict()
    if missing := [name for name in state if name not in weights]:
        raise ModelError(f"{folder / 'model.onnx'} does not name its weights (no {missing[0]}): export it again.")
    model.load_state_dict({name: torch.from_numpy(np.array(weights[name], dtype=np.float32)) for name in state})
    return model.eval()
