"""Windows, valid IOB2, exact mentions: whatever the text."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from healthevents import tagging as tagging_module
from healthevents.backends import Settings
from healthevents.extraction import BUNDLED_MODEL
from healthevents.labels import ATTRIBUTES, TAGS, iob2_labels
from healthevents.schema import Document
from healthevents.spans import Span
from healthevents.tagging import (
    AHEAD,
    OVERLAP,
    Tagger,
    Tagging,
    best_labels,
    cut_windows,
    joined,
    log_softmax,
    section_edges,
    spans_of,
    valid_next,
    window_starts,
)
from healthevents.thresholds import Thresholds

# Kinds of text that break offsets: joined emoji, flags, combining marks, full-width and compatibility forms, odd blanks, NUL, right-to-left.
HARD = (
    "👨‍👩‍👧‍👦🇨🇳👍🏽", "e\u0301\u0301", "\u0301", "\u200d", "\ufeff", "\u00a0", "\u3000", "\u200b", "\x00", "\x1c", "\x85", "\u2028", "\r\n", "\t",
    "㎢", "½", "①", "ﬁ", "…", "㈱", "℃", "ｶﾞ", "Ａ", "１", "　２　", "\u202e", "ﷺ", "𠮷", "\U0010ffff", "<s>", "</s>", "<pad>", "<unk>", "▁",
)  # fmt: skip
FACTS = (
    "松萤医疗完成2亿元B轮融资", "岭北基金以3亿元领投禾露基因C轮",
    "Brackenmoor Health raises $25 million Series B", "收入4.2亿元，同比增长39%。", " ", "\n", "。",
)  # fmt: skip


@pytest.fixture(scope="module")
def tagger(onnx_folder: Path) -> Tagger:
    return Tagger(onnx_folder, threads=1)


def hard_texts() -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(HARD), st.sampled_from(FACTS), st.text(max_size=4)), max_size=25).map("".join)


def check(tagging: Tagging) -> None:
    """Assert what holds of every tagging."""
    document = tagging.document
    for tagged in tagging.mentions:
        mention = tagged.mention
        assert document.part(mention.in_)[mention.start : mention.end] == mention.text != ""
        assert not mention.text[0].isspace()
        assert tagged.role in {label[2:] for label in TAGS[tagged.type]}
        assert 0 <= tagged.score <= 1
        assert {name: len(values) for name, values in ATTRIBUTES.items()} == {name: len(found) for name, found in tagged.attributes.items()}
        assert all(np.isclose(found.sum(), 1, atol=1e-4) for found in tagged.attributes.values())
    for record_type in TAGS:
        for where in ("text", "title"):
            own = [tagged.mention for tagged in tagging.mentions if tagged.type == record_type and tagged.mention.in_ == where]
            assert all(a.end <= b.start for a, b in itertools.pairwise(own)), "the mentions of one head are in order and do not overlap"
    count = len(tagging.mentions)
    for matrix in (tagging.links, tagging.coreference):
        assert matrix.shape == (count, count)
        assert ((matrix >= 0) & (matrix <= 1)).all()
        assert_allclose(matrix, matrix.T, atol=1e-5)


class Chaos:
    """A backend whose every output is noise, the same for the same token and its neighbours: mentions begin and end anywhere."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def run(self, input_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        logits, queries, keys = self.settings.widths
        seeds = np.stack([np.roll(input_ids, shift, axis=1) for shift in (-1, 0, 1)]).astype(np.int64)
        noise = [
            np.sin(np.einsum("sbt,s,w->btw", seeds + 1, (1.3, 2.7, 0.9), np.arange(1, width + 1)) * 12.9898 + offset).astype(np.float32) * 6
            for offset, width in enumerate((logits, queries, keys))
        ]
        return noise[0], noise[1], noise[2]


@pytest.fixture(scope="module")
def chaos(onnx_folder: Path) -> Tagger:
    tagger = Tagger(onnx_folder, threads=1)
    tagger._backend = Chaos(tagger._settings)
    return tagger


def outline(tagging: Tagging) -> list[tuple[str, str, str, int, int]]:
    return [(t.type, t.role, t.mention.in_, t.mention.start, t.mention.end) for t in tagging.mentions]


# ---- decoding ----

LABELS = iob2_labels(("x", "y"))


def valid_sequences(length: int) -> Iterator[tuple[int, ...]]:
    for path in itertools.product(range(len(LABELS)), repeat=length):
        names = ["O", *(LABELS[i] for i in path)]
        if all(not b.startswith("I-") or a[2:] == b[2:] for a, b in itertools.pairwise(names)):
            yield path


def scores(min_tokens: int, max_tokens: int) -> st.SearchStrategy[np.ndarray]:
    row = st.lists(st.integers(-80, 0).map(lambda n: n / 8), min_size=len(LABELS), max_size=len(LABELS))
    return st.lists(row, min_size=min_tokens, max_size=max_tokens).map(lambda rows: np.array(rows, dtype=np.float32))


@settings(max_examples=500)
@given(scores(1, 5))
def test_the_best_labels_are_those_of_an_exhaustive_search(table: np.ndarray) -> None:
    path = tuple(best_labels(table, LABELS).tolist())
    rows = np.arange(len(table))
    best = max(float(table[rows, list(other)].sum()) for other in valid_sequences(len(table)))
    assert path in set(valid_sequences(len(table)))
    assert float(table[rows, list(path)].sum()) == pytest.approx(best)


@given(scores(0, 40))
def test_best_labels_are_valid_and_spans_give_them_back(table: np.ndarray) -> None:
    table = table.reshape(-1, len(LABELS))
    path = best_labels(table, LABELS)
    allowed = valid_next(LABELS)
    assert not len(path) or not LABELS[path[0]].startswith("I-")
    assert all(allowed[a, b] for a, b in itertools.pairwise(path))
    again = np.zeros(len(path), dtype=np.int64)
    for role, first, last in spans_of(path, LABELS):
        again[first : last + 1] = LABELS.index(f"I-{role}")
        again[first] = LABELS.index(f"B-{role}")
    assert np.array_equal(again, path)


def test_spans_of_keeps_neighbours_apart() -> None:
    path = np.array([LABELS.index(label) for label in ("B-x", "I-x", "B-x", "O", "B-y", "B-y", "I-y")])
    assert list(spans_of(path, LABELS)) == [("x", 0, 1), ("x", 2, 2), ("y", 4, 4), ("y", 5, 6)]


@given(scores(1, 10))
def test_log_softmax_is_of_probabilities(table: np.ndarray) -> None:
    assert_allclose(np.exp(log_softmax(table * 20)).sum(axis=-1), 1, atol=1e-5)


# ---- windows ----


@given(st.integers(0, 5000), st.integers(66, 400))
def test_windows_cover_with_overlap(length: int, most: int) -> None:
    starts, size = window_starts(length, most, OVERLAP)
    assert starts[0] == 0
    assert size <= most
    assert starts[-1] + size == length
    assert all(0 < b - a <= size - OVERLAP for a, b in itertools.pairwise(starts))


@given(st.integers(401, 5000))
def test_windows_are_few_and_short(length: int) -> None:
    """One window fewer could not cover the text, and no token more than needed is read twice."""
    starts, size = window_starts(length, 400, OVERLAP)
    assert (len(starts) - 1) * 400 - (len(starts) - 2) * OVERLAP < length
    assert len(starts) * (size - 1) - (len(starts) - 1) * OVERLAP < length


@given(st.integers(1, 5000), st.integers(66, 400))
def test_each_token_belongs_to_one_window_and_far_from_its_edges(length: int, size: int) -> None:
    tokens: list[int] = []
    for start, end, first, last in cut_windows(length, size):
        assert start <= first < last <= end <= min(start + size, length)
        edge = min(OVERLAP, size // 2) // 2
        assert first == 0 or first - start >= edge
        assert last == length or end - last >= edge
        tokens += range(first, last)
    assert tokens == list(range(length))


@given(st.integers(0, 300), st.integers(2, 66))
def test_small_windows_overlap_by_half(length: int, size: int) -> None:
    """A model with short windows works too: the overlap is never more than half of one."""
    windows = cut_windows(length, size)
    assert [token for window in windows for token in range(window.first, window.last)] == list(range(length))


# ---- whole documents ----


def test_the_tiny_model_finds_mentions(tagger: Tagger, tiny_documents: list[Document]) -> None:
    taggings = list(tagger.tag(tiny_documents))
    assert [tagging.document for tagging in taggings] == tiny_documents
    for tagging in taggings:
        check(tagging)
    found = {(t.type, t.role, t.mention.text) for tagging in taggings for t in tagging.mentions}
    assert {("funding", "company", "松萤医疗"), ("funding", "amount", "3亿元"), ("funding", "round", "Ａ轮"), ("partnership", "party", "德禾药业")} <= found


@given(hard_texts(), st.one_of(st.none(), hard_texts()))
@example("", None)
@example(" \n\u3000\t", None)
@example("\x00", "\x00")
@example("松萤医疗", "")
@example("松萤医疗", " ")
def test_every_mention_is_exact_whatever_the_text(tagger: Tagger, text: str, title: str | None) -> None:
    document = Document(id="h", text=text, title=title)
    (tagging,) = tagger.tag([document])
    assert tagging.document is document
    check(tagging)


@given(hard_texts(), st.one_of(st.none(), hard_texts()))
@example("½½½㎢㎢", None)
@example("完成 3 亿元 B 轮融资 ", None)
def test_every_mention_is_exact_whatever_the_model_says(chaos: Tagger, text: str, title: str | None) -> None:
    (tagging,) = chaos.tag([Document(id="h", text=text, title=title)])
    check(tagging)


def test_a_blank_that_is_a_token_does_not_cut_a_mention(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese is often set with blanks beside digits and letters."""
    text = "完成 3 亿元 融资"
    labels = TAGS["funding"]
    encoding = tagger._tokenizer.encode(text)

    def run(input_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        logits, queries, keys = (np.zeros((*input_ids.shape, width), dtype=np.float32) for width in tagger._settings.widths)
        for at, (start, end) in enumerate(encoding.offsets):
            label = "B-amount" if text[start:end].strip() == "3" else "I-amount" if 4 <= start < end <= 8 else "O"  # the blanks too, the last of them outside
            logits[0, at, tagger._settings.slices["funding"].start + labels.index(label)] = 9
        return logits, queries, keys

    assert [token for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True) if 4 <= start < end <= 8] == ["▁", "亿元", "▁"]
    monkeypatch.setattr(tagger._backend, "run", run)
    (tagging,) = tagger.tag([Document(id="b", text=text)])
    assert [t.mention.text for t in tagging.mentions if t.type == "funding"] == ["3 亿元"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u3000\u00a0\t\r\n", "\ufeff", "\u200b\u200d", "\x00\x00"])
def test_a_text_of_blanks_holds_nothing(tagger: Tagger, text: str) -> None:
    (tagging,) = tagger.tag([Document(id="b", text=text)])
    assert tagging.mentions == () or not text.strip("\ufeff\u200b\u200d\x00").isspace()
    assert tagging.links.shape == (len(tagging.mentions),) * 2


@pytest.mark.parametrize("character", ["a", "医", "1", "\n", "😀", "\u0301"])
def test_a_very_long_run_of_one_character_is_read_whole(tagger: Tagger, character: str) -> None:
    text = character * (1_000_000 if character == "a" else 10_000)
    parts = list(tagger.tag([Document(id="long", text=text)]))
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    for part in parts:
        check(part)


def test_a_long_document_is_read_to_its_end(tagger: Tagger, tiny_documents: list[Document]) -> None:
    body = next(document.text for document in tiny_documents if document.id == "zh-t02")
    text = f"{body}\n" * 40
    (tagging,) = tagger.tag([Document(id="long", text=text)])
    check(tagging)
    found = {t.mention.start // (len(body) + 1) for t in tagging.mentions if t.mention.text == "岭北基金"}
    assert len(found) >= 36
    assert 39 in found


def test_a_book_is_tagged_in_sections_that_lose_nothing(tagger: Tagger, tiny_documents: list[Document], monkeypatch: pytest.MonkeyPatch) -> None:
    body = next(document.text for document in tiny_documents if document.id == "zh-t02")
    book = Document(id="book", text=f"{body}\n" * 60)
    (whole,) = tagger.tag([book])
    monkeypatch.setattr(tagging_module, "SECTION_TOKENS", 900)
    parts = list(tagger.tag([tiny_documents[0], book, tiny_documents[1]]))
    assert [part.document.id for part in parts if part.last] == [tiny_documents[0].id, "book", tiny_documents[1].id]
    parts = [part for part in parts if part.document is book]
    assert len(parts) > 2
    for part in parts:
        check(part)
    inside, sectioned = set(outline(whole)), [mention for part in parts for mention in outline(part)]
    assert sectioned == sorted(sectioned, key=lambda mention: mention[3])
    # Windows begin elsewhere, and the tiny model minds; no section's mentions are lost.
    assert len(inside & set(sectioned)) > 0.7 * len(inside)
    assert {mention[3] // 500 for mention in inside} == {mention[3] // 500 for mention in sectioned}


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(8, 60))
def test_sections_end_at_line_breaks_where_one_is_near(lines: list[int], most: int) -> None:
    text = "".join("字" * length + "\n" for length in lines)
    offsets = np.array([(i, i + 1) for i, c in enumerate(text) if c != "\n"], dtype=np.int64).reshape(-1, 2)
    edges = section_edges(text, offsets, most)
    assert (edges[0], edges[-1]) == (0, len(offsets))
    assert all(0 < b - a <= most for a, b in itertools.pairwise(edges)) or edges == [0, 0]
    for a, b in itertools.pairwise(edges[:-1]):
        near = range(a + most - most // 4 + 1, a + most + 1)
        assert (b in near and text[offsets[b - 1, 1]] == "\n") or (b == a + most and not any(text[offsets[i - 1, 1]] == "\n" for i in near))


def test_noise_keeps_its_surest_mentions(chaos: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(id="noise", text="12，34。" * 60)
    (every,) = chaos.tag([document])
    monkeypatch.setattr(tagging_module, "MOST_MENTIONS", 50)
    (surest,) = chaos.tag([document])
    assert len(surest.mentions) == 50 < len(every.mentions)
    assert min(t.score for t in surest.mentions) >= sorted(t.score for t in every.mentions)[-50] - 1e-6


def test_a_title_given_apart_is_read_and_named(tagger: Tagger, tiny_documents: list[Document]) -> None:
    document = next(document for document in tiny_documents if document.id == "zh-t01")
    title, body = document.text.split("\n", 1)
    (apart,) = tagger.tag([document.model_copy(update={"text": body, "title": title})])
    (whole,) = tagger.tag([document])
    check(apart)
    shift = len(title) + 1
    assert outline(apart) == [
        (record_type, role, "title", start, end) if end <= len(title) else (record_type, role, "text", start - shift, end - shift)
        for record_type, role, _, start, end in outline(whole)
    ]
    assert any(t.mention.in_ == "title" for t in apart.mentions)


def test_a_title_that_the_text_begins_with_is_not_read_twice(tagger: Tagger, tiny_documents: list[Document]) -> None:
    document = next(document for document in tiny_documents if document.id == "zh-t01")
    (tagging,) = tagger.tag([document.model_copy(update={"title": document.text.split("\n")[0]})])
    assert outline(tagging) == outline(*tagger.tag([document]))


def test_a_span_across_title_and_text_is_no_mention(tagger: Tagger) -> None:
    document = Document(id="t", text="医疗完成融资", title="松萤")
    tagging = tagger.tag_spans(document, [Span(0, 2, "funding", "company"), Span(1, 5, "funding", "company"), Span(3, 5, "funding", "company")])
    assert outline(tagging) == [("funding", "company", "title", 0, 2), ("funding", "company", "text", 0, 2)]


def test_given_spans_are_taken_as_they_are(tagger: Tagger, tiny_documents: list[Document]) -> None:
    document = tiny_documents[0]
    spans = [Span(0, 18, "funding", "company", 0.5), Span(0, 5, "metric", "subject"), Span(2, 3, "metric", "name")]
    tagging = tagger.tag_spans(document, spans)
    check_only = [(t.type, t.role, t.mention.start, t.mention.end, t.score) for t in tagging.mentions]
    assert check_only == [("metric", "subject", 0, 5, 1.0), ("funding", "company", 0, 18, 0.5), ("metric", "name", 2, 3, 1.0)]
    assert tagging.links[0, 1] == 0  # of two types
    assert 0 < tagging.links[0, 2] < 1
    assert 0 < tagging.coreference[0, 1] < 1
    assert tagging.coreference[0, 2] == 0  # a name of a figure is no entity


@pytest.mark.parametrize("int8", [False, True])
def test_a_document_is_tagged_alike_alone_and_among_others(
    int8: bool, checkpoint: Path, tmp_path: Path, onnx_folder: Path, tiny_documents: list[Document]
) -> None:
    """Int8 scales are taken from all that is run at once, so this would not hold of batches."""
    from training.export import export

    tagger = Tagger(export(checkpoint, tmp_path).parent if int8 else onnx_folder, threads=1)
    together = list(tagger.tag([*tiny_documents, Document(id="pad", text="融资" * 300), *reversed(tiny_documents)]))
    for document, among in zip(tiny_documents, together[: len(tiny_documents)], strict=True):
        (alone,) = tagger.tag([document])
        assert outline(alone) == outline(among)
        assert np.array_equal(alone.links, among.links)
        assert np.array_equal(alone.coreference, among.coreference)
        assert [t.score for t in alone.mentions] == [t.score for t in among.mentions]


def test_documents_come_in_order_and_none_is_read_ahead(tagger: Tagger, tiny_documents: list[Document]) -> None:
    read: list[str] = []

    def documents() -> Iterator[Document]:
        for number in range(30):
            read.append(f"d{number}")
            yield tiny_documents[number % len(tiny_documents)].model_copy(update={"id": f"d{number}"})

    taggings = tagger.tag(documents())
    assert read == []
    for number, tagging in enumerate(taggings):
        assert tagging.document.id == read[-1] == f"d{number}"
    assert len(read) == 30


def test_a_blank_behind_a_name_does_not_join_it_to_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped tokenizer makes blanks before Chinese a token of their own, which may be labelled as part of the name before."""
    tagger = Tagger(BUNDLED_MODEL, threads=1)
    text = "松萤医疗  \n  青崖生物"
    encoding = tagger._tokenizer.encode(text, add_special_tokens=False)
    assert any(text[start:end].isspace() for start, end in encoding.offsets)
    labels = TAGS["partnership"]

    def run(input_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        logits, queries, keys = (np.zeros((*input_ids.shape, width), dtype=np.float32) for width in tagger._settings.widths)
        for at, (start, end) in enumerate(encoding.offsets, start=1):
            label = "B-party" if text[start:end].lstrip()[:1] in ("松", "青") else "I-party"
            logits[0, at, tagger._settings.slices["partnership"].start + labels.index(label)] = 9
        return logits, queries, keys

    monkeypatch.setattr(tagger._backend, "run", run)
    (tagging,) = tagger.tag([Document(id="b", text=text)])
    assert [t.mention.text for t in tagging.mentions if t.type == "partnership"] == ["松萤医疗", "青崖生物"]


def test_seats_and_mere_function_words_are_no_names(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    """In what the model tags, the names of parties are trimmed, and those that name none are left out."""
    text = "Leeds-based Corvane and the clinic"
    labels = TAGS["partnership"]
    tagged = {0: "Leeds", 12: "Corvane and", 24: "the"}
    encoding = tagger._tokenizer.encode(text, add_special_tokens=False)

    def run(input_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        logits, queries, keys = (np.zeros((*input_ids.shape, width), dtype=np.float32) for width in tagger._settings.widths)
        for at, (start, _) in enumerate(encoding.offsets, start=1):
            begins = next((place for place, words in tagged.items() if place <= (start + (text[start] == " ")) < place + len(words)), None)
            label = "O" if begins is None else "B-party" if start + (text[start] == " ") == begins else "I-party"
            logits[0, at, tagger._settings.slices["partnership"].start + labels.index(label)] = 9
        return logits, queries, keys

    monkeypatch.setattr(tagger._backend, "run", run)
    (tagging,) = tagger.tag([Document(id="b", text=text)])
    assert [t.mention.text for t in tagging.mentions if t.type == "partnership"] == ["Corvane"]


# ---- thresholds ----


def _decided(logits: dict[str, dict[str, float]], settings: Settings, length: int) -> np.ndarray:
    """Return logits of `length` tokens that are outside of everything, but for "token:head" and the logits of labels given for it."""
    table = np.zeros((length, settings.widths[0]), dtype=np.float32)
    for head, labels in settings.tags.items():
        table[:, settings.slices[head].start] = 6.0
        for place, raised in logits.items():
            token, name = place.split(":")
            if name == head:
                for label, value in raised.items():
                    table[int(token), settings.slices[head].start + labels.index(label)] = value
    return table


class Decided:
    """A backend whose logits are given."""

    def __init__(self, settings: Settings, logits: dict[str, dict[str, float]]) -> None:
        self.settings, self._logits = settings, logits

    def run(self, input_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        length = input_ids.shape[1]
        link = np.zeros((1, length, self.settings.widths[1]), dtype=np.float32)
        return _decided(self._logits, self.settings, length)[None], link, link


@pytest.mark.parametrize(
    ("thresholds", "found"),
    [
        (Thresholds(), {("metric", "value"), ("partnership", "party")}),
        (Thresholds(outside={"partnership": 3.0}), {("metric", "value")}),
        (Thresholds(outside={"product_launch": -3.0}), {("metric", "value"), ("partnership", "party"), ("product_launch", "organisation")}),
        (Thresholds(shared={"metric": 0.05}), {("metric", "value"), ("partnership", "party"), ("metric", "subject")}),
        (Thresholds(shared={"metric": 0.5}), {("metric", "value"), ("partnership", "party")}),
        (Thresholds(shared={"funding": 0.0}), {("metric", "value"), ("partnership", "party")}),  # no deal is told here
        (Thresholds(shared={"product_launch": 0.0}), {("metric", "value"), ("partnership", "party")}),
    ],
    ids=["as they are", "surer", "more", "a name of another head", "not likely enough", "head without mentions", "and another"],
)
def test_thresholds_shift_heads_and_share_names(onnx_folder: Path, thresholds: Thresholds, found: set[tuple[str, str]]) -> None:
    tagger = Tagger(onnx_folder, threads=1)
    text = "Acme 7"
    first, last = 1, len(tagger._tokenizer.encode(text, add_special_tokens=False).ids)  # behind <s>
    logits = {f"{last}:metric": {"B-value": 12.0}}
    for token in range(first, last):
        prefix = "B" if token == first else "I"
        logits[f"{token}:partnership"] = {f"{prefix}-party": 8.0}
        logits[f"{token}:product_launch"] = {f"{prefix}-organisation": 4.0}
        logits[f"{token}:metric"] = {f"{prefix}-subject": 4.5}
    tagger._backend = Decided(tagger._settings, logits)
    (taggings,) = tagger.tag_at(Document(id="d", text=text), [thresholds])
    assert {(m.type, m.role) for tagging in taggings for m in tagging.mentions} == found


# ---- several windows at the same time ----


def test_threads_change_neither_what_is_found_nor_its_order(tagger: Tagger, onnx_folder: Path, tiny_documents: list[Document]) -> None:
    long = Document(id="long", text="\n".join(document.text for document in tiny_documents))
    documents = [*tiny_documents, Document(id="empty", text=""), long, *tiny_documents]
    one, two = (list(each.tag(documents)) for each in (tagger, Tagger(onnx_folder, threads=2)))
    assert [tagging.document.id for tagging in two] == [document.id for document in documents]
    assert [outline(tagging) for tagging in two] == [outline(tagging) for tagging in one]
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(a.links, b.links)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_was_read_before_a_failure_is_tagged(threads: int, onnx_folder: Path, tiny_documents: list[Document]) -> None:
    def source() -> Iterator[Document]:
        yield from tiny_documents[:3]
        raise OSError("the disk is gone")

    found: list[Document] = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(tagging.document for tagging in Tagger(onnx_folder, threads=threads).tag(source()))
    assert found == tiny_documents[:3]


def test_few_documents_are_read_ahead(onnx_folder: Path, tiny_documents: list[Document]) -> None:
    """A source that is slow, or endless, gives its documents out as they are read; one thread waits for none."""
    for threads, most in ((1, 1), (2, 1 + 2 * AHEAD)):
        read = []
        source = (read.append(n) or document for n, document in enumerate(itertools.cycle(tiny_documents)))  # type: ignore[func-returns-value]
        next(Tagger(onnx_folder, threads=threads).tag(source))
        assert len(read) <= most


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("股东应占溢利", [("name", 0, 3), ("name", 4, 5)], [("name", 0, 5)]),
        ("full-year revenue", [("name", 0, 8), ("name", 10, 16)], [("name", 0, 16)]),
        ("甲、乙", [("party", 0, 0), ("party", 2, 2)], [("party", 0, 0), ("party", 2, 2)]),
        ("营收增长", [("name", 0, 1), ("change", 2, 3)], [("name", 0, 1), ("change", 2, 3)]),
        ("+3% -5%", [("change", 0, 2), ("change", 4, 6)], [("change", 0, 2), ("change", 4, 6)]),
        ("5月 6月", [("as_of", 0, 1), ("as_of", 3, 4)], [("as_of", 0, 1), ("as_of", 3, 4)]),
        ("12 34", [("value", 0, 1), ("value", 3, 4)], [("value", 0, 1), ("value", 3, 4)]),  # cells of a table
        ("甲\n乙", [("party", 0, 0), ("party", 2, 2)], [("party", 0, 0), ("party", 2, 2)]),
        ("", [], []),
    ],
)
def test_two_pieces_of_a_name_side_by_side_are_one(text: str, spans: list[tuple[str, int, int]], expected: list[tuple[str, int, int]]) -> None:
    offsets = np.array([(i, i + 1) for i in range(len(text))], dtype=np.int64).reshape(-1, 2)  # a token for each character
    assert list(joined(spans, text, offsets)) == expected
