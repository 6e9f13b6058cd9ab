"""Fit how the places of two mentions, and the model's own score, tell whether they belong to one record; writes `links.json` to the model folder.

    python -m training.links src/healthevents/model

Weights of places come from the gold mentions of the training documents, which the model takes no part in; the blend of both scores from those of the
development documents, which the model has not seen.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from healthevents.annotations import ROLES, AnnotatedDocument
from healthevents.linking import FEATURES, LinkWeights, clipped, logit, pair_features, place_logits
from healthevents.spans import Span
from healthevents.tagging import Tagger
from training.data import ANNOTATIONS, GoldSpan, gold_spans, load_split

Floats = npt.NDArray[np.float64]
# A pair of roles seen less often than this says nothing.
FEWEST_PAIRS = 20


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


def _of_type(document: AnnotatedDocument, record_type: str) -> list[GoldSpan]:
    return sorted((s for s in gold_spans(document) if s.type == record_type), key=lambda s: (s.start, s.end, s.role))


def _linked(spans: Sequence[GoldSpan]) -> Floats:
    return np.array([[bool(a.records & b.records) for b in spans] for a in spans], dtype=np.float64).reshape(len(spans), len(spans))


def fit_places(documents: Sequence[AnnotatedDocument]) -> dict[str, dict[str, tuple[float, ...]]]:
    """Fit the weights of places by record type and ordered pair of roles."""
    fitted: dict[str, dict[str, tuple[float, ...]]] = {}
    for record_type in ROLES:
        rows: dict[str, list[Floats]] = defaultdict(list)
        labels: dict[str, list[float]] = defaultdict(list)
        for document in documents:
            spans = _of_type(document, record_type)
            if len(spans) < 2:
                continue
            features, linked = pair_features(document.text, spans), _linked(spans)
            for i, j in zip(*np.triu_indices(len(spans), 1), strict=True):
                key = f"{spans[i].role}>{spans[j].role}"
                rows[key].append(features[i, j])
                labels[key].append(float(linked[i, j]))
        fitted[record_type] = {
            key: tuple(round(float(w), 4) for w in fit_logistic(np.array(rows[key]), np.array(labels[key])))
            for key in sorted(rows)
            if len(rows[key]) >= FEWEST_PAIRS
        }
    return fitted


def fit_blend(tagger: Tagger, documents: Sequence[AnnotatedDocument], places: dict[str, dict[str, tuple[float, ...]]]) -> dict[str, tuple[float, float, float]]:
    """Fit the blend of both scores by record type."""
    scores: dict[str, list[Floats]] = {name: [] for name in ROLES}
    labels: dict[str, list[Floats]] = {name: [] for name in ROLES}
    for document in documents:
        tagging = tagger.tag_spans(document, [Span(s.start, s.end, s.type, s.role) for s in gold_spans(document)], blended=False)
        for record_type in ROLES:
            spans = _of_type(document, record_type)
            which = [i for i, m in enumerate(tagging.mentions) if m.type == record_type]
            placed = [(tagging.mentions[i].mention.start, tagging.mentions[i].mention.end, tagging.mentions[i].role) for i in which]
            if len(which) < 2 or placed != [(s.start, s.end, s.role) for s in spans]:
                continue
            upper = np.triu_indices(len(spans), 1)
            model = logit(tagging.links[np.ix_(which, which)])[upper]
            place = clipped(place_logits(pair_features(document.text, spans), [s.role for s in spans], places[record_type]))[upper]
            scores[record_type].append(np.stack([model, place, np.ones_like(model)], axis=1))
            labels[record_type].append(_linked(spans)[upper])
    return {
        name: (a, b, c)
        for name in ROLES
        for a, b, c in [
            [round(float(w), 4) for w in fit_logistic(np.concatenate(scores[name]), np.concatenate(labels[name]))] if scores[name] else [1.0, 0.0, 0.0]
        ]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--annotations", type=Path, default=ANNOTATIONS)
    options = parser.parse_args()
    backend: Literal["onnx", "torch"] = "onnx" if (options.model / "model.onnx").is_file() else "torch"
    places = fit_places(load_split("train", options.annotations))
    weights = LinkWeights(places=places, blend=fit_blend(Tagger(options.model, backend=backend), load_split("dev", options.annotations), places))
    (options.model / "links.json").write_text(weights.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print({"features": FEATURES, "blend": weights.blend})


if __name__ == "__main__":
    main()
