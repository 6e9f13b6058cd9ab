"""Run the model: ONNX Runtime for every day, PyTorch for a freshly trained checkpoint. Both give the same mentions."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from healthevents.labels import head_slices

Array = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Outputs = tuple[Array, Array, Array]  # logits, queries and keys


# ONNX Runtime's operator for a sum with its layer normalisation is slower than the two operators that it stands for.
SLOW_OPTIMISERS = ("SkipLayerNormFusion",)


class ModelError(RuntimeError):
    """A model folder cannot be used; the message says what is missing and how to make it."""


class Settings(BaseModel):
    """What a model folder's `labels.json` says: label sets in the order of the logits, and the settings of windows and links."""

    model_config = ConfigDict(frozen=True, ignored_types=(cached_property,))

    tags: dict[str, tuple[str, ...]]
    attributes: dict[str, tuple[str, ...]]
    links: tuple[str, ...]
    link_size: int
    link_bias: tuple[tuple[float, ...], ...]  # by link, by distance bucket
    window: int  # tokens, without the two special ones

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where each head's and attribute's labels lie in the last axis of the logits."""
        return head_slices(self.tags, self.attributes)

    @property
    def widths(self) -> tuple[int, int, int]:
        """The sizes of the last axes of logits, queries and keys."""
        link = self.link_size * len(self.links)
        return max(piece.stop for piece in self.slices.values()), link, link


class Backend(Protocol):
    """Runs windows of one length; `run` may be called by `parallel` threads at the same time."""

    settings: Settings
    parallel: int

    def run(self, input_ids: Ids) -> Outputs:
        """Map (batch, tokens) to logits, queries and keys, each (batch, tokens, width)."""


def read_settings(folder: Path) -> Settings:
    """Read `labels.json` of a model folder.

    Raises:
        ModelError: it is not there, or was written by another version.
    """
    path = folder / "labels.json"
    if not path.is_file():
        raise ModelError(f"{folder} is no model folder: it has no labels.json. Name a folder written by `python -m training.train` or `training.export`.")
    try:
        return Settings.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) or "the file" for item in error.errors())
        raise ModelError(f"{path} was not written by this version (wrong or missing: {fields}): train or export the model again.") from None


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class OnnxBackend:
    """The exported model on ONNX Runtime."""

    def __init__(self, folder: Path, threads: int | None) -> None:
        import onnxruntime  # slow to import, so only when a model is opened

        self.settings = read_settings(folder)
        path = folder / "model.onnx"
        if not path.is_file():
            raise ModelError(f"{folder} has no model.onnx: export it with `python -m training.export`, or pass backend='torch' for a checkpoint.")
        self.parallel = threads or _cores()
        options = onnxruntime.SessionOptions()
        # A window on each core is faster than each window on all cores: nothing waits for the slowest part of an operator.
        options.intra_op_num_threads = 1
        # Windows differ in length, and the arena would keep the sum of what each length needed.
        options.enable_cpu_mem_arena = False
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW_OPTIMISERS)
        self._masked = any(put.name == "attention_mask" for put in self._session.get_inputs())  # models exported by earlier versions ask for one

    def run(self, input_ids: Ids) -> Outputs:
        """Run windows on ONNX Runtime (see `Backend.run`)."""
        feed = {"input_ids": input_ids}
        if self._masked:
            feed["attention_mask"] = np.ones_like(input_ids)
        logits, queries, keys = self._session.run(["logits", "queries", "keys"], feed)
        return logits, queries, keys


class TorchBackend:
    """A checkpoint on PyTorch."""

    def __init__(self, folder: Path, threads: int | None) -> None:
        try:
            import torch

            from healthevents.torch_model import TaggerModel
        except ImportError as error:
            raise ModelError("backend='torch' needs PyTorch and transformers: pip install 'healthevents[train]'") from error
        self.settings, self.parallel = read_settings(folder), 1
        if not (folder / "model.safetensors").is_file():
            raise ModelError(f"{folder} has no model.safetensors: train one with `python -m training.train`, or use backend='onnx'.")
        if threads is not None:
            torch.set_num_threads(threads)
        self._torch = torch
        self._model = TaggerModel.load(folder)

    def run(self, input_ids: Ids) -> Outputs:
        """Run windows on PyTorch (see `Backend.run`)."""
        with self._torch.inference_mode():
            logits, queries, keys = self._model(self._torch.from_numpy(input_ids), None)
        return logits.numpy(), queries.numpy(), keys.numpy()


def open_backend(folder: Path, backend: Literal["onnx", "torch"], threads: int | None) -> Backend:
    """Open a model folder.

    Raises:
        ModelError: the folder lacks a file, or PyTorch is not installed.
    """
    return OnnxBackend(folder, threads) if backend == "onnx" else TorchBackend(folder, threads)
