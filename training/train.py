"""Train the tagger.

    python -m training.train --output runs/tagger                       # from the base encoder, as training/config.toml says
    python -m training.train --config mine.toml --output runs/mine      # other settings, encoder or annotations
    python -m training.train --start src/healthevents/model …           # go on from a checkpoint, or from an exported model
    python -m training.train --config training/config-own.toml --start src/healthevents/model --annotations mine.jsonl --output runs/mine

Writes the moving average of the weights after every epoch (so an interrupted run leaves a usable model), and `training.jsonl` with the losses and
the strict span F1 on the development split.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import shutil
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from healthevents.annotations import AnnotatedDocument
from healthevents.labels import ATTRIBUTES, TAGS, head_slices
from healthevents.linking import LinkScorer
from healthevents.torch_model import TaggerModel
from training.augment import Names, augment
from training.data import cut_windows, encode, gold_spans, load_split, windows
from training.link_network import fit_network
from training.links import write_links
from training.losses import collate, loss
from training.restore import restore
from training.scoring import span_report

# What goes with the weights: taken over from the model that training starts from.
COMPANIONS = ("tokenizer.json", "links.onnx", "links.json", "thresholds.json", "confidence.json")
CONFIG = Path(__file__).with_name("config.toml")


def special_ids(tokenizer: Tokenizer) -> tuple[int, int, int]:
    """Return the ids that begin, end and pad a window.

    Raises:
        ValueError: the vocabulary lacks one of them.
    """
    begin, end, pad = (tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>"))
    if begin is None or end is None or pad is None:
        raise ValueError("the tokenizer lacks <s>, </s> or <pad>: use an encoder of the XLM-R family, or add them")
    return begin, end, pad


class Curriculum:
    """The training documents as each epoch sees them: with its own window length, and with other names where the settings say so."""

    def __init__(self, documents: Sequence[AnnotatedDocument], tokenizer: Tokenizer, settings: dict[str, Any], places: LinkScorer | None = None) -> None:
        self._settings = settings
        self._tokenizer = tokenizer
        self._sources = [(document.id, document.text, gold_spans(document)) for document in documents]
        public = Path(settings["public_names"]) if settings.get("public_names") else None
        self._names = Names.of(documents, public if public and public.is_dir() else None) if settings.get("rename") else None
        self._places = places
        self._encoded = [encode(*source, tokenizer, self._places) for source in self._sources]

    def _document(self, number: int, rng: random.Random) -> dict[str, Any]:
        if self._names is None or rng.random() > self._settings["renamed_documents"]:
            return self._encoded[number]
        name, text, spans = self._sources[number]
        return encode(name, *augment(text, spans, self._names, rng, self._settings["rename"]), self._tokenizer, self._places)

    def epoch(self, rng: random.Random) -> list[dict[str, Any]]:
        """Return one epoch's windows."""
        size = rng.randint(self._settings["smallest_window"], self._settings["window"])
        cut = [window for n in range(len(self._sources)) for window in cut_windows(self._document(n, rng), size, size)]
        return [self._with_hidden_tokens(window, rng) for window in cut]

    def _with_hidden_tokens(self, window: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        """Replace tokens by the unknown one, up to the share that the settings say, so that the words around must tell what they were."""
        unknown = self._tokenizer.token_to_id("<unk>")
        if not self._settings.get("hidden_tokens") or unknown is None:
            return window
        share = rng.uniform(0, self._settings["hidden_tokens"])
        return window | {"input_ids": [unknown if rng.random() < share else token for token in window["input_ids"]]}


def batches(items: Sequence[dict[str, Any]], batch_tokens: int, rng: random.Random) -> list[list[dict[str, Any]]]:
    """Group windows of like length (with some noise) into batches of at most `batch_tokens` padded tokens, in random order."""
    order = sorted(items, key=lambda window: len(window["input_ids"]) * rng.uniform(0.9, 1.1))
    grouped: list[list[dict[str, Any]]] = []
    longest = 0
    for window in order:
        longest = max(longest, len(window["input_ids"]) + 2)
        if not grouped or longest * (len(grouped[-1]) + 1) > batch_tokens:
            grouped.append([])
            longest = len(window["input_ids"]) + 2
        grouped[-1].append(window)
    rng.shuffle(grouped)
    return grouped


def parameter_groups(model: TaggerModel, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Give each encoder layer its own learning rate, decayed from the top, and none of the norms and biases weight decay."""
    layers = model.encoder.config.num_hidden_layers
    groups = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("encoder."):
            parts = name.split(".")
            depth = int(parts[parts.index("layer") + 1]) + 1 if "layer" in parts else 0
            rate = settings["learning_rate"] * settings["layer_decay"] ** (layers - depth)
        else:
            rate = settings["head_learning_rate"]
        decay = 0.0 if parameter.ndim < 2 else settings["weight_decay"]
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups


@torch.no_grad()
def blend(average: TaggerModel, model: TaggerModel, decay: float) -> None:
    """Move the averaged weights a step towards the model's."""
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


@torch.inference_mode()
def predicted_labels(model: TaggerModel, items: Sequence[dict[str, Any]], ids: tuple[int, int, int]) -> Iterator[tuple[dict[str, Any], dict[str, list[int]]]]:
    """Yield each window with the most probable label of each token, by head."""
    slices = head_slices(TAGS, ATTRIBUTES)
    for at in range(0, len(items), 8):
        chunk = items[at : at + 8]
        batch = collate(chunk, *ids)
        logits, _, _ = model(batch["input_ids"], batch["attention_mask"])
        for row, window in enumerate(chunk):
            inner = logits[row, 1 : 1 + len(window["input_ids"])]
            yield window, {name: inner[:, slices[name]].argmax(dim=-1).tolist() for name in TAGS}


def evaluate_tags(model: TaggerModel, items: Sequence[dict[str, Any]], ids: tuple[int, int, int]) -> dict[str, float]:
    """Return the strict IOB2 F1 of each head and over all, on windows (raw argmax, no repair)."""
    model.eval()
    gold: dict[str, list[list[str]]] = {name: [] for name in TAGS}
    found: dict[str, list[list[str]]] = {name: [] for name in TAGS}
    for window, labels in predicted_labels(model, sorted(items, key=lambda w: len(w["input_ids"])), ids):
        for name, names in TAGS.items():
            gold[name].append([names[i] for i in window[f"labels.{name}"]])
            found[name].append([names[i] for i in labels[name]])
    return span_report(gold, found)


def open_model(folder: Path) -> TaggerModel:
    """Load a checkpoint, or read back an exported model.

    Raises:
        ModelError: the folder holds neither, or lacks a file.
    """
    return TaggerModel.load(folder) if (folder / "model.safetensors").is_file() else restore(folder)


def train(config: dict[str, Any], output: Path, start: Path | None = None) -> TaggerModel:
    """Train as configured, write checkpoints to `output` and return the averaged model.

    Args:
        config: the settings, as in `training/config.toml`; `data.annotations` names folders or files (see `load_split`).
        output: the folder for the checkpoint.
        start: a checkpoint or an exported model to go on from; the base encoder if None.

    Raises:
        ValueError: there are no documents to train on, or none to score on.
        ModelError: `start` is no model folder.
    """
    settings, data = config["training"], config["data"]
    torch.manual_seed(settings["seed"])
    torch.set_num_threads(settings["threads"])
    rng = random.Random(settings["seed"])
    encoder = Path(config["model"]["encoder"])
    source = start or encoder
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    ids = special_ids(tokenizer)
    model = open_model(start) if start else TaggerModel.from_encoder(encoder, data["window"], config["model"]["layers"], config["model"]["dropout"])
    model.window = data["window"]
    if config["model"]["freeze_embeddings"]:
        for parameter in model.encoder.get_input_embeddings().parameters():
            parameter.requires_grad_(False)
    average = copy.deepcopy(model).eval()

    sources = [Path(path) for path in ([data["annotations"]] if isinstance(data["annotations"], str) else data["annotations"])]
    split = {name: load_split(name, *sources) for name in ("train", "dev")}
    if not all(split.values()):
        found = f"{len(split['train'])} documents to train on and {len(split['dev'])} to score on"
        raise ValueError(f"{', '.join(map(str, sources))}: {found}; there must be some of both, and five in a single file")
    output.mkdir(parents=True, exist_ok=True)
    for name in COMPANIONS if source.resolve() != output.resolve() else ():
        (output / name).unlink(missing_ok=True)  # of an earlier run
        if (source / name).is_file():
            shutil.copy(source / name, output / name)
    chosen = split["train"][:: data.get("every", 1)]
    # A model that has no link network yet learns one first.
    places = (LinkScorer(output) if (output / "links.onnx").is_file() else write_links(output, fit_network(chosen))) if data.get("places") else None
    curriculum = Curriculum(chosen, tokenizer, data, places)
    development = list(windows(split["dev"], tokenizer, data["window"], data["window"]))
    total = settings["epochs"] * len(batches(curriculum.epoch(random.Random(0)), settings["batch_tokens"], random.Random(0)))
    optimiser = torch.optim.AdamW(parameter_groups(model, settings))
    rates = [group["lr"] for group in optimiser.param_groups]

    log = (output / "training.jsonl").open("w", encoding="utf-8")
    step = 0
    for epoch in range(1, settings["epochs"] + 1):
        model.train()
        begun, sums = time.perf_counter(), dict.fromkeys(settings["loss"], 0.0)
        epoch_batches = batches(curriculum.epoch(rng), settings["batch_tokens"], rng)
        for number, items in enumerate(epoch_batches):
            step += 1
            progress = min(step / total, 1.0)
            factor = min(progress / settings["warmup"], (1 - progress) / (1 - settings["warmup"]))
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * max(factor, 0.0)
            value, parts = loss(model, collate(items, *ids), settings["loss"])
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings["clip"])
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            # A young average forgets faster, else the random start would stay in it.
            blend(average, model, min(settings["average"], step / (step + 10)))
            sums = {name: sums[name] + parts[name] for name in sums}
            if number % 20 == 19:
                print(f"epoch {epoch} step {number + 1}/{len(epoch_batches)}", {k: round(v / (number + 1), 4) for k, v in sums.items()}, flush=True)
        entry: dict[str, Any] = {
            "epoch": epoch,
            "seconds": round(time.perf_counter() - begun),
            **{k: round(v / len(epoch_batches), 4) for k, v in sums.items()},
        }
        if (every := settings.get("score_every", 2)) and (epoch % every == 0 or epoch == settings["epochs"]):
            entry["span_f1"] = evaluate_tags(average, development, ids)
        average.save(output)
        log.write(json.dumps(entry) + "\n")
        log.flush()
        print(entry, flush=True)
        if epoch == settings.get("stop_after"):
            break
    return average


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a checkpoint or exported model to go on from")
    parser.add_argument(
        "--annotations", nargs="+", metavar="PATH", help="instead of the configuration's: folders with a splits.json, or files (every fifth document scores)"
    )
    options = parser.parse_args()
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    if options.annotations:
        config["data"]["annotations"] = options.annotations
    train(config, options.output, options.start)


if __name__ == "__main__":
    main()
