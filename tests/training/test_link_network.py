"""The link network: what it learns from, its training, and that the exported graph says the same."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("datasets")

import torch

from healthevents.annotations import ROLES, AnnotatedDocument
from healthevents.linking import NODE_FEATURES, PAIR_FEATURES
from training.data import load_split
from training.link_network import NUMBERS, LinkDocument, LinkNetwork, fit_network
from training.links import fit_blend, write_links


def test_examples_link_what_shares_a_record(tiny_annotated: list[AnnotatedDocument]) -> None:
    for document in map(LinkDocument, tiny_annotated):
        for record_type in ROLES:
            spans = document.of_type(record_type)
            example = document.example(record_type, spans)
            n = len(spans)
            assert example.nodes.shape == (n, len(NODE_FEATURES))
            assert example.pairs.shape == (n, n, len(PAIR_FEATURES))
            assert example.roles.tolist() == [NUMBERS[f"{record_type}.{span.role}"] for span in spans]
            assert all(example.linked[i, j] == bool(spans[i].records & spans[j].records) for i in range(n) for j in range(n))


def test_noise_drops_mentions_and_adds_unlinked_ones_of_other_types() -> None:
    rng = random.Random(0)
    added = dropped = 0
    for document in map(LinkDocument, load_split("dev")[:20]):
        for record_type in ROLES:
            own = document.of_type(record_type)
            places = {(span.start, span.end) for span in own}
            noisy = document.noisy(record_type, rng)
            assert all(span.type == record_type and span.role in ROLES[record_type] for span in noisy)
            assert [(s.start, s.end, s.role) for s in noisy] == sorted((s.start, s.end, s.role) for s in noisy)
            foreign = [span for span in noisy if (span.start, span.end) not in places]
            assert not any(span.records for span in foreign)
            added += len(foreign)
            dropped += len(own) - (len(noisy) - len(foreign))
    assert added > 0
    assert dropped > 0


def test_training_lowers_the_loss_and_the_exported_graph_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = load_split("dev")[:12]
    network = fit_network(documents, epochs=3)
    losses = [float(line.split(": ")[1]) for line in capsys.readouterr().out.splitlines() if line.startswith("links, epoch")]
    assert losses[-1] < losses[0]
    scorer = write_links(tmp_path, network)
    assert scorer.settings.blend == dict.fromkeys(ROLES, (0.0, 1.0, 0.0))
    document = documents[0]
    source = LinkDocument(document)
    spans = source.of_type("metric")
    example = source.example("metric", spans)
    with torch.no_grad():
        expected = network(*(torch.from_numpy(part)[None] for part in example[:3]))[0].numpy()
    upper = np.triu_indices(len(spans), 1)
    assert np.allclose(scorer.logits("metric", document.text, spans)[upper], np.clip(expected, -8, 8)[upper], atol=1e-4)


def test_padding_changes_nothing(tiny_annotated: list[AnnotatedDocument]) -> None:
    from training.link_network import _padded

    source = LinkDocument(tiny_annotated[0])
    examples = [source.example(name, source.of_type(name)) for name in ROLES if len(source.of_type(name)) > 1]
    torch.manual_seed(1)
    network = LinkNetwork().eval()
    with torch.no_grad():
        nodes, roles, pairs, padding, _ = _padded(examples)
        together = network.each(nodes, roles, pairs, padding).mean(dim=0)
        for row, example in enumerate(examples):
            n = len(example.roles)
            alone = network(*(torch.from_numpy(part)[None] for part in example[:3]))[0]
            assert torch.allclose(together[row, :n, :n], alone, atol=1e-4)


def test_documents_without_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing to link"):
        fit_network([])


def test_no_pairs_leave_the_decision_to_the_network(tmp_path: Path) -> None:
    from healthevents import Extractor

    torch.manual_seed(1)
    scorer = write_links(tmp_path, LinkNetwork())
    assert fit_blend(Extractor().tagger, [], scorer) == dict.fromkeys(ROLES, (0.0, 1.0, 0.0))
