"""Tag mentions: windows over the document's tokens, the model's logits, valid IOB2 spans, and links between mentions.

A document is tokenized whole and read in overlapping windows, so no part of it is ever cut off; each token takes its logits from the
window in which it stands farthest from an edge. Windows of many documents are sorted by length and run together in batches of bounded size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from healthevents.backends import Backend, Settings, open_backend
from healthevents.labels import COREFERENCE, ENTITY_ROLES
from healthevents.schema import Document, Mention

Array = npt.NDArray[np.float32]

# Neighbouring windows share at least this many tokens, so that every token has context on both sides in one of them.
OVERLAP = 64
# Padded tokens in one run of the model, and tokens read ahead before a run: memory stays bounded whatever the input.
BATCH_TOKENS = 2048
READ_AHEAD_TOKENS = 16_384
# A long document holds thousands of mentions; links are scored among at most this many neighbours on either side.
LINK_REACH = 512


class Span(NamedTuple):
    """A mention in a role, in the source string that the model read (title, line break, text)."""

    start: int
    end: int
    type: str
    role: str
    score: float = 1.0


@dataclass(frozen=True)
class TaggedMention:
    """A mention, the role it plays in a record of `type`, and what the model reads off it.

    `score` is the mean probability of its labels; `attributes` maps an attribute (`funding.status`, `entity.kind` …) to the
    probabilities of its values, in the order of `labels.ATTRIBUTES`.
    """

    type: str
    role: str
    mention: Mention
    score: float
    attributes: Mapping[str, Array]

    @property
    def is_entity(self) -> bool:
        return self.role in ENTITY_ROLES[self.type]


@dataclass(frozen=True)
class Tagging:
    """All that the model says of one document.

    `links[i, j]` is the probability that mentions i and j, of one type, belong to one record (0 across types); `coreference[i, j]` that two
    entity mentions, of whatever type, name one entity (0 for others). Both have shape (mentions, mentions) and are symmetric.
    """

    document: Document
    mentions: tuple[TaggedMention, ...]
    links: Array
    coreference: Array


@dataclass(frozen=True)
class _Source:
    """What the model reads of a document: its title, if given apart, above its text."""

    document: Document
    text: str
    title_end: int  # length of the title in front, 0 if there is none
    text_start: int

    @classmethod
    def of(cls, document: Document) -> _Source:
        title = document.title
        if not title or document.text.lstrip().startswith(title.strip()):
            return cls(document, document.text, 0, 0)
        return cls(document, f"{title}\n{document.text}", len(title), len(title) + 1)

    def mention(self, start: int, end: int) -> Mention | None:
        """Return the mention of a span of the source, None where it crosses from title to text."""
        if start >= self.text_start:
            return Mention.of(self.document.text, start - self.text_start, end - self.text_start)
        if end <= self.title_end:
            return Mention.of(self.document.title or "", start, end, "title")
        return None


@dataclass(frozen=True)
class _Read:
    """A document as tokens, with the model's outputs for each."""

    source: _Source
    offsets: npt.NDArray[np.int64]  # (tokens, 2), white space stripped
    logits: Array  # (tokens, labels)
    queries: Array  # (tokens, links x link size)
    keys: Array


def window_starts(length: int, size: int, overlap: int) -> list[int]:
    """Return where windows of `size` tokens begin, evenly spread, neighbours sharing at least `overlap` tokens."""
    if length <= size:
        return [0]
    count = 1 + -(-(length - size) // (size - overlap))
    return [round(i * (length - size) / (count - 1)) for i in range(count)]


def _strip_offsets(text: str, offsets: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    # A fast tokenizer counts the blank before a word as part of it.
    stripped = np.empty((len(offsets), 2), dtype=np.int64)
    for i, (start, end) in enumerate(offsets):
        while start < end and text[start].isspace():
            start += 1
        stripped[i] = start, end
    return stripped


def log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)


def valid_next(labels: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which label may follow which in IOB2, shape (labels, labels): `I-x` only after `B-x` or `I-x`."""
    return np.array([[not b.startswith("I-") or (a != "O" and a[2:] == b[2:]) for b in labels] for a in labels])


def best_labels(scores: Array, labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the best valid IOB2 label sequence, as ids of shape (tokens,).

    Args:
        scores: log probabilities, shape (tokens, labels); `labels[0]` is `O`.
        labels: the head's labels.
    """
    allowed = valid_next(labels)
    free = np.asarray(scores.argmax(axis=1), dtype=np.int64)
    inside = np.array([label.startswith("I-") for label in labels])
    if not len(free) or (not inside[free[0]] and allowed[free[:-1], free[1:]].all()):
        return free  # the best sequence of all is valid, so there is nothing to search for
    penalty = np.where(allowed, 0.0, -np.inf)
    best = scores[0] + np.where(inside, -np.inf, 0.0)
    came_from = np.empty(scores.shape, dtype=np.int64)
    for t in range(1, len(scores)):
        reach = best[:, None] + penalty
        came_from[t] = reach.argmax(axis=0)
        best = reach.max(axis=0) + scores[t]
    path = np.empty(len(scores), dtype=np.int64)
    path[-1] = best.argmax()
    for t in range(len(scores) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path


def spans_of(path: npt.NDArray[np.int64], labels: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield (role, first token, last token) of each span in a valid IOB2 sequence."""
    tagged = np.flatnonzero(path)
    begins = [i for i in tagged if labels[path[i]].startswith("B-")]
    for begin, following in pairwise([*begins, len(path)]):
        last = begin
        while last + 1 < following and path[last + 1]:
            last += 1
        yield labels[path[begin]][2:], int(begin), int(last)


class Tagger:
    """A loaded model that tags documents.

    Args:
        folder: a model folder: `labels.json`, `tokenizer.json`, and `model.onnx` or `model.safetensors` with `config.json`.
        backend: "onnx", or "torch" for a freshly trained checkpoint (needs the `train` extra).
        threads: threads of the model's runtime; all cores if None.
    """

    def __init__(self, folder: Path, *, backend: Literal["onnx", "torch"] = "onnx", threads: int | None = None) -> None:
        self._backend: Backend = open_backend(folder, backend, threads)
        self._settings: Settings = self._backend.settings
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._special = [self._tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>")]

    def tag(self, documents: Iterable[Document]) -> Iterator[Tagging]:
        """Tag documents in order, reading ahead only a bounded number of tokens."""
        for read in self._read(documents):
            yield self._relate(read, self._spans(read))

    def tag_spans(self, document: Document, spans: Iterable[Span]) -> Tagging:
        """Read attributes and links of given spans instead of the model's own: isolates the later stages in evaluation."""
        (read,) = self._read([document])
        return self._relate(read, list(spans))

    def _read(self, documents: Iterable[Document]) -> Iterator[_Read]:
        pending: list[tuple[_Source, list[int], npt.NDArray[np.int64]]] = []
        waiting = 0
        for document in documents:
            source = _Source.of(document)
            encoding = self._tokenizer.encode(source.text, add_special_tokens=False)
            pending.append((source, encoding.ids, _strip_offsets(source.text, encoding.offsets)))
            waiting += len(encoding.ids)
            if waiting >= READ_AHEAD_TOKENS:
                yield from self._run(pending)
                pending, waiting = [], 0
        yield from self._run(pending)

    def _run(self, pending: Sequence[tuple[_Source, list[int], npt.NDArray[np.int64]]]) -> Iterator[_Read]:
        size = self._settings.window
        outputs: list[tuple[Array, Array, Array]] = []
        widths = self._settings.widths
        windows: list[tuple[int, int, int]] = []  # document, first token, length
        for number, (_, ids, _) in enumerate(pending):
            outputs.append(tuple(np.zeros((len(ids), width), dtype=np.float32) for width in widths))  # type: ignore[arg-type]
            windows += [(number, start, min(size, len(ids) - start)) for start in window_starts(len(ids), size, OVERLAP) if ids]
        windows.sort(key=lambda window: window[2])
        for chunk in _batches(windows, BATCH_TOKENS):
            longest = chunk[-1][2] + 2
            bos, eos, pad = self._special
            input_ids = np.full((len(chunk), longest), pad, dtype=np.int64)
            mask = np.zeros((len(chunk), longest), dtype=np.int64)
            for row, (number, start, length) in enumerate(chunk):
                input_ids[row, : length + 2] = [bos, *pending[number][1][start : start + length], eos]
                mask[row, : length + 2] = 1
            results = self._backend.run(input_ids, mask)
            for row, (number, start, length) in enumerate(chunk):
                first, last = _own_part(start, length, len(pending[number][1]), size)
                for kept, result in zip(outputs[number], results, strict=True):
                    kept[first:last] = result[row, 1 + first - start : 1 + last - start]
        for (source, _, offsets), (logits, queries, keys) in zip(pending, outputs, strict=True):
            yield _Read(source, offsets, logits, queries, keys)

    def _spans(self, read: _Read) -> list[Span]:
        spans = []
        covered = read.offsets[:, 0] < read.offsets[:, 1]
        for record_type, labels in self._settings.tags.items():
            scores = log_softmax(read.logits[:, self._settings.slices[record_type]])
            scores[~covered, 1:] -= 100.0  # a token of mere white space begins nothing
            path = best_labels(scores, labels)
            for role, first, last in spans_of(path, labels):
                score = float(np.exp(scores[np.arange(first, last + 1), path[first : last + 1]]).mean())
                spans.append(Span(int(read.offsets[first, 0]), int(read.offsets[last, 1]), record_type, role, score))
        return spans

    def _relate(self, read: _Read, spans: Sequence[Span]) -> Tagging:
        placed = []
        for span in sorted(spans):
            mention = read.source.mention(span.start, span.end)
            inside = np.flatnonzero((read.offsets[:, 0] < span.end) & (read.offsets[:, 1] > span.start) & (read.offsets[:, 0] < read.offsets[:, 1]))
            if mention is not None and len(inside):
                placed.append((span, mention, int(inside[0]), int(inside[-1])))
        mentions = tuple(TaggedMention(span.type, span.role, mention, span.score, self._attributes(read, first)) for span, mention, first, _ in placed)
        first = np.array([p[2] for p in placed], dtype=np.int64)
        last = np.array([p[3] for p in placed], dtype=np.int64)
        links = np.zeros((len(placed), len(placed)), dtype=np.float32)
        for record_type in self._settings.tags:
            self._score_links(read, links, record_type, np.array([m.type == record_type for m in mentions], dtype=bool), first, last)
        coreference = np.zeros_like(links)
        self._score_links(read, coreference, COREFERENCE, np.array([m.is_entity for m in mentions], dtype=bool), first, last)
        return Tagging(read.source.document, mentions, links, coreference)

    def _attributes(self, read: _Read, token: int) -> dict[str, Array]:
        return {name: np.exp(log_softmax(read.logits[token, self._settings.slices[name]])) for name in self._settings.attributes}

    def _score_links(self, read: _Read, scores: Array, link: str, chosen: npt.NDArray[np.bool_], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> None:
        """Fill in the probabilities of one kind of link among the chosen mentions.

        The logit of a pair is q_i . k_j + q_j . k_i, scaled, plus a bias for the distance of their first tokens; a mention's vectors are the
        means of those of its first and last token.
        """
        which = np.flatnonzero(chosen)
        if len(which) < 2:
            return
        number, size = self._settings.links.index(link), self._settings.link_size
        columns = slice(number * size, (number + 1) * size)
        bias = np.array(self._settings.link_bias[number], dtype=np.float32)
        for at in range(0, len(which), LINK_REACH):
            rows, neighbours = which[at : at + LINK_REACH], which[max(0, at - LINK_REACH) : at + LINK_REACH]
            rq, rk, nq, nk = ((v[first[w], columns] + v[last[w], columns]) / 2 for w in (rows, neighbours) for v in (read.queries, read.keys))
            distance = np.abs(first[rows][:, None] - first[neighbours][None, :])
            bucket = np.minimum(np.floor(np.log2(np.maximum(distance, 0.5))).astype(np.int64) + 1, len(bias) - 1)
            logits = (rq @ nk.T + rk @ nq.T) / size**0.5 + bias[bucket]
            values = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
            scores[np.ix_(rows, neighbours)] = values
            scores[np.ix_(neighbours, rows)] = values.T


def _batches(windows: Sequence[tuple[int, int, int]], budget: int) -> Iterator[list[tuple[int, int, int]]]:
    batch: list[tuple[int, int, int]] = []
    for window in windows:  # from short to long, so the newest is the longest
        if batch and (len(batch) + 1) * (window[2] + 2) > budget:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _own_part(start: int, length: int, total: int, size: int) -> tuple[int, int]:
    """Return the tokens [first, last) of the document that this window is the best for: each overlap is halved."""
    starts = window_starts(total, size, OVERLAP)
    i = starts.index(start)
    first = start if i == 0 else (start + starts[i - 1] + size) // 2
    last = start + length if i == len(starts) - 1 else (starts[i + 1] + start + size) // 2
    return first, last
