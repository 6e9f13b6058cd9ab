"""Annotated documents as training windows."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from healthevents.annotations import ROLES, AnnotatedDocument, role_spans
from healthevents.labels import ATTRIBUTES, COREFERENCE, LINKS, TAGS
from healthevents.schema import Entity, Funding, Investor, Mention
from healthevents.tagging import spans_of, valid_next
from training.data import IGNORED, cut_windows, encode_document, gold_spans, load_split, window_starts, windows
from training.encoder import build_tokenizer
from training.link_network import LinkNetwork
from training.links import write_links


@pytest.fixture(scope="session")
def tokenizer(encoder_folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))


@pytest.fixture(scope="session")
def characters(tiny_vocabulary: list[tuple[str, float]]) -> Tokenizer:
    """A tokenizer for which every character is a token, so that every mention has token edges."""
    return build_tokenizer([piece for i, piece in enumerate(tiny_vocabulary) if i < 5 or len(piece[0]) == 1])


def laid_spans(encoded: dict, record_type: str) -> list[tuple[int, int, str]]:
    path = np.array(encoded["labels"][record_type])
    offsets = encoded["offsets"]
    return [(offsets[first][0], offsets[last][1], role) for role, first, last in spans_of(path, TAGS[record_type])]


def test_load_split_reads_the_named_documents_of_all_files() -> None:
    folder = Path(__file__).parents[1] / "data" / "tiny"
    assert [document.id for document in load_split("dev", folder)] == ["en-t05", "en-t06", "zh-t06"]


def test_labels_on_single_character_tokens_give_back_all_gold_spans(tiny_annotated: list[AnnotatedDocument], characters: Tokenizer) -> None:
    for document in tiny_annotated:
        encoded = encode_document(document, characters)
        for record_type in ROLES:
            assert laid_spans(encoded, record_type) == role_spans(document.records, record_type), document.id


def test_labels_give_back_the_gold_spans_where_token_edges_allow(tiny_annotated: list[AnnotatedDocument], tokenizer: Tokenizer) -> None:
    exact = 0
    for document in tiny_annotated:
        encoded = encode_document(document, tokenizer)
        starts, ends = ({offset[side] for offset in encoded["offsets"]} for side in (0, 1))
        for record_type in ROLES:
            gold = role_spans(document.records, record_type)
            laid = laid_spans(encoded, record_type)
            fitting = [span for span in gold if span[0] in starts and span[1] in ends]
            assert set(fitting) <= set(laid), document.id
            # Where an edge falls inside of a token, the whole token is taken.
            assert all(any(found[0] <= span[0] and span[1] <= found[1] and found[2] == span[2] for found in laid) for span in gold), document.id
            exact += len(fitting)
    assert exact > 60


@given(
    st.lists(st.tuples(st.integers(0, 39), st.integers(1, 12)), min_size=1, max_size=8),
    st.text(alphabet="松萤医疗a1, 　😀", min_size=52, max_size=52),
)
def test_overlapping_mentions_leave_valid_sequences_of_the_longest(tokenizer: Tokenizer, places: list[tuple[int, int]], text: str) -> None:
    mentions = [Mention.of(text, start, start + length) for start, length in places if not {text[start], text[start + length - 1]} & {" ", "　"}]
    assume(mentions)
    company = Entity(name="x", mention=mentions[0])
    investors = tuple(Investor(name=f"i{i}", mention=mention) for i, mention in enumerate(mentions[1:]))
    document = AnnotatedDocument(id="h", text=text, records=(Funding(company=company, investors=investors),))
    encoded = encode_document(document, tokenizer)
    path = encoded["labels"]["funding"]
    allowed = valid_next(TAGS["funding"])
    assert not path or not TAGS["funding"][path[0]].startswith("I-")
    assert all(allowed[a, b] for a, b in pairwise(path))
    starts, ends = ({offset[side] for offset in encoded["offsets"]} for side in (0, 1))
    kept = role_spans(document.records, "funding")
    if all(start in starts and end in ends for start, end, _ in kept):
        assert laid_spans(encoded, "funding") == kept


def test_one_mention_can_serve_several_records_and_roles(tiny_annotated: list[AnnotatedDocument]) -> None:
    document = next(document for document in tiny_annotated if document.id == "zh-t02")
    (investor,) = [span for span in gold_spans(document) if span.role == "investor"]
    assert investor.records == {0, 1}
    assert investor.attributes["funding.lead"] == {"lead"}
    assert [span.role for span in gold_spans(document)] == ["investor", "amount", "company", "round", "amount", "company", "round"]


def test_attributes_stand_at_the_first_token_of_the_mention_that_tells_them(tiny_annotated: list[AnnotatedDocument], characters: Tokenizer) -> None:
    document = next(document for document in tiny_annotated if document.id == "zh-t06")
    encoded = encode_document(document, characters)
    values = encoded["attributes"]["product_launch.action"]
    actions = [(document.text[encoded["offsets"][i][0]], ATTRIBUTES["product_launch.action"][value]) for i, value in enumerate(values) if value != IGNORED]
    assert actions == [("糖", "launched"), ("糖", "discontinued"), ("澜", "approved")]
    status = [ATTRIBUTES["funding.status"][value] for value in encoded["attributes"]["funding.status"] if value != IGNORED]
    assert set(status) == {"planned"}


@given(st.integers(0, 700), st.integers(1, 200), st.data())
def test_every_token_is_in_a_window(length: int, size: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, size))
    starts = window_starts(length, size, stride)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert {token for start in starts for token in range(start, start + size)} >= set(range(length))
    assert all(start + size <= length for start in starts) or starts == [0]


def test_windows_hold_the_labels_and_links_of_their_own_tokens(tiny_annotated: list[AnnotatedDocument], tokenizer: Tokenizer) -> None:
    rng = random.Random(3)
    for document in tiny_annotated:
        encoded = encode_document(document, tokenizer)
        size = rng.randint(15, 60)
        for window in cut_windows(encoded, size, size):
            inner = slice(window["start"], window["start"] + size)
            assert window["input_ids"] == encoded["input_ids"][inner]
            assert all(window[f"labels.{name}"] == encoded["labels"][name][inner] for name in TAGS)
            assert all(window[f"attributes.{name}"] == encoded["attributes"][name][inner] for name in ATTRIBUTES)
            for name in LINKS:
                assert all(0 <= first <= last < len(window["input_ids"]) for first, last, *_ in window[f"links.{name}"])


def test_two_mentions_are_linked_just_where_they_share_a_record(tiny_annotated: list[AnnotatedDocument], tokenizer: Tokenizer) -> None:
    for document in tiny_annotated:
        encoded = encode_document(document, tokenizer)
        (window,) = cut_windows(encoded, 2000, 2000)
        spans = gold_spans(document)
        for record_type in ROLES:
            linked = {(m[0], n[0]) for m in window[f"links.{record_type}"] for n in window[f"links.{record_type}"] if set(m[2:]) & set(n[2:])}
            token_of = {start: i for i, (start, end) in reversed(list(enumerate(encoded["offsets"]))) if start < end}
            own = [span for span in spans if span.type == record_type and span.start in token_of]
            for a in own:
                for b in own:
                    share = any(x.records & y.records for x in own if x.start == a.start for y in own if y.start == b.start)
                    assert ((token_of[a.start], token_of[b.start]) in linked) == share, (document.id, a, b)


def test_mentions_of_one_name_are_linked_by_coreference_across_heads(tiny_annotated: list[AnnotatedDocument], characters: Tokenizer) -> None:
    document = next(document for document in tiny_annotated if document.id == "zh-t01")
    encoded = encode_document(document, characters)
    (window,) = cut_windows(encoded, 2000, 2000)
    groups: dict[int, set[str]] = {}
    for first, last, *ids in window[f"links.{COREFERENCE}"]:
        for i in ids:
            groups.setdefault(i, set()).add(document.text[encoded["offsets"][first][0] : encoded["offsets"][last][1]])
    assert sorted(sorted(names) for names in groups.values()) == [["松萤医疗", "该公司"], ["松萤肺智"], ["海榕创投"], ["远沙资本"]]


def test_windows_become_one_dataset_in_document_order(tiny_annotated: list[AnnotatedDocument], tokenizer: Tokenizer) -> None:
    dataset = windows(tiny_annotated, tokenizer, 40, 30)
    ids = [row["id"] for row in dataset]
    assert list(dict.fromkeys(ids)) == [document.id for document in tiny_annotated]
    assert len(ids) > len(tiny_annotated)
    assert {"input_ids", "labels.funding", "attributes.entity.kind", "links.coreference"} <= set(dataset.column_names)


def test_windows_carry_what_places_say_of_their_mentions(tokenizer: Tokenizer, tmp_path: Path) -> None:
    (document,) = load_split("dev")[:1]
    scorer = write_links(tmp_path, LinkNetwork())
    for cut in cut_windows(encode_document(document, tokenizer, scorer), 96, 96):
        for name in ROLES:
            mentions = len(cut[f"links.{name}"])
            table = np.array(cut[f"places.{name}"]).reshape(mentions, mentions)
            assert np.allclose(table, table.T)
            assert np.abs(table).max(initial=0) <= 8
    assert all(not cut[f"places.{name}"] for cut in cut_windows(encode_document(document, tokenizer), 96, 96) for name in ROLES)
