"""Train the network that tells which mentions belong to one record; writes `links.onnx` and `links.json` to the model folder.

    python -m training.links src/healthevents/model
    python -m training.links runs/mine --annotations annotations mine.jsonl      # yours and the project's: a thousand documents make a good network

The network learns from the annotated mentions of the training documents, which the tagger takes no part in; the blend of both scores is fitted on those
of the development documents, which neither has seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from healthevents.annotations import ROLES, AnnotatedDocument
from healthevents.linking import LinkScorer, LinkSettings, logit
from healthevents.spans import Span
from healthevents.tagging import Tagger
from training.data import ANNOTATIONS, gold_spans, load_split
from training.link_network import NUMBERS, LinkDocument, LinkNetwork, export_network, fit_network

Floats = npt.NDArray[np.float64]
# Until a blend is fitted, the network decides alone.
NETWORK_ALONE = (0.0, 1.0, 0.0)


def fit_logistic(features: Floats, labels: Floats, penalty: float = 1.0, steps: int = 30) -> Floats:
    """Fit a logistic regression by Newton's method, with an L2 penalty on all weights; returns shape (features,)."""
    weights = np.zeros(features.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        gradient = features.T @ (p - labels) + penalty * weights
        hessian = (features * (p * (1 - p))[:, None]).T @ features + penalty * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-6:
            break
    return np.asarray(weights)


def write_links(folder: Path, network: LinkNetwork) -> LinkScorer:
    """Write a network to a model folder, to decide alone, and open it."""
    export_network(network, folder / "links.onnx")
    return _write_settings(folder, dict.fromkeys(ROLES, NETWORK_ALONE))


def _write_settings(folder: Path, blend: dict[str, tuple[float, float, float]]) -> LinkScorer:
    settings = LinkSettings(roles=tuple(NUMBERS), blend=blend)
    (folder / "links.json").write_text(settings.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return LinkScorer(folder)


def fit_blend(tagger: Tagger, documents: Sequence[AnnotatedDocument], network: LinkScorer) -> dict[str, tuple[float, float, float]]:
    """Fit the blend of both scores by record type; the network decides alone where there are no pairs."""
    scores: dict[str, list[Floats]] = {name: [] for name in ROLES}
    labels: dict[str, list[Floats]] = {name: [] for name in ROLES}
    for document in documents:
        tagging = tagger.tag_spans(document, [Span(s.start, s.end, s.type, s.role) for s in gold_spans(document)], blended=False)
        annotated = LinkDocument(document)
        for record_type in ROLES:
            spans = annotated.of_type(record_type)
            which = [i for i, m in enumerate(tagging.mentions) if m.type == record_type]
            placed = [(tagging.mentions[i].mention.start, tagging.mentions[i].mention.end, tagging.mentions[i].role) for i in which]
            if len(which) < 2 or placed != [(s.start, s.end, s.role) for s in spans]:
                continue
            upper = np.triu_indices(len(spans), 1)
            model = logit(tagging.links[np.ix_(which, which)])[upper]
            scores[record_type].append(np.stack([model, network.logits(record_type, document.text, spans)[upper], np.ones_like(model)], axis=1))
            labels[record_type].append(np.array([bool(spans[i].records & spans[j].records) for i, j in zip(*upper, strict=True)], dtype=np.float64))
    blend = dict.fromkeys(ROLES, NETWORK_ALONE)
    for name in ROLES:
        if scores[name]:
            a, b, c = (round(float(w), 4) for w in fit_logistic(np.concatenate(scores[name]), np.concatenate(labels[name])))
            blend[name] = a, b, c
    return blend


def fit_links(folder: Path, backend: Literal["onnx", "torch"], network: LinkNetwork, dev: Sequence[AnnotatedDocument]) -> LinkSettings:
    """Write a network to a model folder with the blend that suits both, and return what was fitted."""
    scorer = write_links(folder, network)
    return _write_settings(folder, fit_blend(Tagger(folder, backend=backend), dev, scorer)).settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--annotations", nargs="+", type=Path, default=[ANNOTATIONS], metavar="PATH", help="folders with a splits.json, or files")
    options = parser.parse_args()
    network = fit_network(load_split("train", *options.annotations))
    backend: Literal["onnx", "torch"] = "onnx" if (options.model / "model.onnx").is_file() else "torch"
    print(fit_links(options.model, backend, network, load_split("dev", *options.annotations)).blend)


if __name__ == "__main__":
    main()
