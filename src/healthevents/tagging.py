"""Tag mentions: windows over the document's tokens, the model's logits, valid IOB2 spans, and links between mentions.

A document is tokenized whole and read in overlapping windows, so no part of it is ever cut off; each token takes its logits from the
window in which it stands farthest from an edge. A window is run on its own: int8 takes its scales from all that it is given at once, so in a batch
what is found in one document would depend on the others (a tenth of the mentions did). Several windows are run at the same time instead, each in a thread,
which needs no padding and keeps the cores busy while this thread reads spans and links off the windows before.
A document of book length is related section by section, so that memory and time grow with its length and no faster.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from healthevents.backends import Backend, ModelError, Outputs, Settings, open_backend
from healthevents.labels import COREFERENCE, ENTITY_ROLES
from healthevents.linking import LinkScorer
from healthevents.schema import Document, Mention
from healthevents.spans import AMOUNT_ROLES, DATE_ROLES, Span, complete_names, mark_valuations, settled
from healthevents.thresholds import Thresholds

Array = npt.NDArray[np.float32]

# Neighbouring windows share at least this many tokens, so that every token has context on both sides in one of them.
OVERLAP = 64
# Mentions are related within a section of at most this many tokens (some 13,000 Chinese characters: nearly every document is one section).
SECTION_TOKENS = 8192
# Windows for each thread that are run or wait behind the document that is due, so that no thread waits while its spans and links are read.
AHEAD = 2
_DIGIT = re.compile(r"\d")
# What a section can hold of facts is far below this; noise such as a page of bare figures keeps its surest mentions.
MOST_MENTIONS = 1000


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
        """Tell whether the mention names a thing (a company, a product …) rather than a value or a phrase."""
        return self.role in ENTITY_ROLES[self.type]


@dataclass(frozen=True)
class Tagging:
    """All that the model says of one document, or of one section of a very long one.

    `links[i, j]` is the probability that mentions i and j, of one type, belong to one record (0 across types); `coreference[i, j]` that two
    entity mentions, of whatever type, name one entity (0 for others). Both have shape (mentions, mentions) and are symmetric.
    A document of more than SECTION_TOKENS tokens has several taggings, one after the other; `last` is true of its last one.
    """

    document: Document
    mentions: tuple[TaggedMention, ...]
    links: Array
    coreference: Array
    last: bool = True


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


class _Window(NamedTuple):
    """A window's tokens [start, end), and those [first, last) of them that no other window is better for."""

    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class _Started:
    """A section of a text whose windows are being run."""

    source: _Source
    offsets: npt.NDArray[np.int64]  # of its own tokens
    own: slice  # where those stand among the tokens that are run, which begin and end with some context
    windows: Sequence[tuple[_Window, Future[Outputs]]]
    last: bool


@dataclass(frozen=True)
class _Read:
    """A section's own tokens, with the model's outputs for each."""

    source: _Source
    offsets: npt.NDArray[np.int64]  # (tokens, 2), white space stripped
    logits: Array  # (tokens, labels)
    queries: Array  # (tokens, links x link size)
    keys: Array
    last: bool = True

    @cached_property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Which tokens are more than white space, shape (tokens,)."""
        return np.asarray(self.offsets[:, 0] < self.offsets[:, 1])

    @cached_property
    def _edges(self) -> tuple[npt.NDArray[np.int64], ...]:
        which = np.flatnonzero(self.covered)
        return which, *self.offsets[which].T

    def tokens(self, start: int, end: int) -> npt.NDArray[np.int64]:
        """Return the indices of the tokens that a span of the source touches; they lie in text order, so they are found by binary search."""
        which, starts, ends = self._edges
        return which[np.searchsorted(ends, start, "right") : np.searchsorted(starts, end, "left")]


def window_starts(length: int, size: int, overlap: int) -> tuple[list[int], int]:
    """Return where windows of at most `size` tokens begin, and their size: as few as can be, evenly spread, neighbours sharing at least `overlap` tokens.

    They are as short as their number allows: attention costs the square of a window's length.
    """
    if length <= size:
        return [0], length
    count = 1 + -(-(length - size) // (size - overlap))
    size = -(-(length + (count - 1) * overlap) // count)
    return [round(i * (length - size) / (count - 1)) for i in range(count)], size


def section_edges(text: str, offsets: npt.NDArray[np.int64], most: int) -> list[int]:
    """Return the token indices between which the sections of a text lie: at most `most` tokens each, ending at a line break where one is near."""
    edges = [0]
    while edges[-1] + most < len(offsets):
        end = edges[-1] + most
        breaks = (i for i in range(end, end - most // 4, -1) if "\n" in text[offsets[i - 1, 1] : offsets[i, 0]])
        edges.append(next(breaks, end))
    return [*edges, len(offsets)]


def strip_offsets(text: str, offsets: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Strip white space off token offsets, shape (tokens, 2): a fast tokenizer counts the blank before a word as part of it."""
    stripped = np.empty((len(offsets), 2), dtype=np.int64)
    for i, (start, end) in enumerate(offsets):
        while start < end and text[start].isspace():
            start += 1
        stripped[i] = start, end
    return stripped


def log_softmax(logits: Array) -> Array:
    """Return log probabilities over the last axis."""
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
    # A token that is surely outside parts the sequence: to search between two such tokens is enough, as long as that costs less than to change one of them.
    margin = scores[:, 0] - scores[:, 1:].max(axis=1)
    edges = np.flatnonzero(margin > _SURELY_OUTSIDE)
    broken = np.flatnonzero(~np.concatenate([[not inside[free[0]]], allowed[free[:-1], free[1:]]]))
    path = free.copy()
    done = 0
    for t in broken.tolist():
        if t < done:
            continue
        at = int(np.searchsorted(edges, t))
        begin = int(edges[at - 1]) + 1 if at else 0
        done = int(edges[at]) if at < len(edges) else len(scores)
        path[begin:done] = _search(scores[begin:done], allowed, inside)
        own = np.arange(begin, done)
        if (scores[own, free[begin:done]] - scores[own, path[begin:done]]).sum() >= _SURELY_OUTSIDE:
            return _search(scores, allowed, inside)
    return path


# In log probability: how much surer `O` is than any other label of a token that parts a sequence.
_SURELY_OUTSIDE = 6.0


def _search(scores: Array, allowed: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the best valid sequence by the Viterbi algorithm; what stands before it is outside or the text's beginning."""
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
    tagged: list[int] = np.flatnonzero(path).tolist()
    begins = [i for i in tagged if labels[path[i]].startswith("B-")]
    for begin, following in pairwise([*begins, len(path)]):
        last = begin
        while last + 1 < following and path[last + 1]:
            last += 1
        yield labels[path[begin]][2:], begin, last


def joined(spans: Iterable[tuple[str, int, int]], text: str, offsets: npt.NDArray[np.int64]) -> list[tuple[str, int, int]]:
    """Join spans (role, first token, last token) of one role with at most a blank between them: two names of one kind do not stand side by side.

    Amounts, dates and whatever else holds figures on both sides may: cells of a table. Of the spans that annotators marked in the training documents, 8 of
    some 55,000 stand so. `offsets`, shape (tokens, 2), are stripped of white space; none of the spans ends in a token of mere white space.
    """
    pieces: list[tuple[str, int, int]] = []
    for role, first, last in spans:
        if pieces and role == pieces[-1][0] and role not in AMOUNT_ROLES | DATE_ROLES:
            _, begin, end = pieces[-1]
            edges = (offsets[begin, 0], offsets[end, 1], offsets[first, 0], offsets[last, 1])
            before, gap, behind = (text[low:high] for low, high in pairwise(edges))
            if gap in ("", " ") and not (_DIGIT.search(before) and _DIGIT.search(behind)):
                pieces[-1] = role, begin, last
                continue
        pieces.append((role, first, last))
    return pieces


class Tagger:
    """A loaded model that tags documents.

    Args:
        folder: a model folder: `labels.json`, `tokenizer.json`, and `model.onnx` or `model.safetensors` with `config.json`.
        backend: "onnx", or "torch" for a freshly trained checkpoint (needs the `train` extra).
        threads: how many windows are run at the same time (with "torch" one, on so many threads); as many as there are cores if None.
    """

    def __init__(self, folder: Path, *, backend: Literal["onnx", "torch"] = "onnx", threads: int | None = None) -> None:
        self._backend: Backend = open_backend(folder, backend, threads)
        self._pool = ThreadPoolExecutor(self._backend.parallel, "healthevents") if self._backend.parallel > 1 else None
        self._settings: Settings = self._backend.settings
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        bos, eos = (self._tokenizer.token_to_id(token) for token in ("<s>", "</s>"))
        if bos is None or eos is None:
            raise ModelError(f"{folder / 'tokenizer.json'} lacks <s> or </s>: use a tokenizer written by `python -m training.encoder`.")
        self._special = (bos, eos)
        # A fresh checkpoint has none yet: then the model's own score decides alone.
        self._linking = LinkScorer(folder) if (folder / "links.onnx").is_file() else None
        self._thresholds = Thresholds.read(folder)

    def tag(self, documents: Iterable[Document]) -> Iterator[Tagging]:
        """Tag documents in order; of a very long one come several taggings (see `Tagging`).

        With more than one thread some documents are read ahead: enough for AHEAD windows behind those of the document that is due.
        """
        for read in self._in_order(started for document in documents for started in self._start(document, SECTION_TOKENS)):
            yield self._relate(read, self._spans(read, self._thresholds))

    def tag_at(self, document: Document, thresholds: Iterable[Thresholds]) -> list[list[Tagging]]:
        """Tag a document with each of several thresholds, instead of the model's own; the model reads it once."""
        reads = list(self._read(document, SECTION_TOKENS))
        return [[self._relate(read, self._spans(read, chosen)) for read in reads] for chosen in thresholds]

    def tag_spans(self, document: Document, spans: Iterable[Span], *, blended: bool = True) -> Tagging:
        """Read attributes and links of given spans instead of the model's own: isolates the later stages in evaluation.

        `blended=False` leaves the links as the model alone scores them: what the blend is fitted on.
        """
        (read,) = self._read(document, section=None)
        return self._relate(read, list(spans), blended)

    def _read(self, document: Document, section: int | None) -> Iterator[_Read]:
        return map(self._finish, self._start(document, section))

    def _in_order(self, sections: Iterator[_Started]) -> Iterator[_Read]:
        """Finish sections in their order, while the windows of those behind them are run."""
        ahead = AHEAD * self._backend.parallel if self._pool else 0
        running: deque[_Started] = deque()
        try:
            for started in sections:
                running.append(started)
                while running and sum(len(later.windows) for later in islice(running, 1, None)) >= ahead:
                    yield self._finish(running.popleft())
        except Exception:
            yield from map(self._finish, running)  # what was read before a document that cannot be
            raise
        yield from map(self._finish, running)

    def _start(self, document: Document, section: int | None) -> Iterator[_Started]:
        source = _Source.of(document)
        encoding = self._tokenizer.encode(source.text, add_special_tokens=False)
        ids, offsets = encoding.ids, strip_offsets(source.text, encoding.offsets)
        edges = [0, len(ids)] if section is None else section_edges(source.text, offsets, section)
        for start, end in pairwise(edges):
            # A section has some tokens of context on both sides.
            low = max(0, start - OVERLAP)
            chosen = ids[low : end + OVERLAP]
            windows = [(window, self._run(chosen[window.start : window.end])) for window in cut_windows(len(chosen), self._settings.window)]
            yield _Started(source, offsets[start:end], slice(start - low, end - low), windows, last=end == len(ids))

    def _run(self, ids: list[int]) -> Future[Outputs]:
        bos, eos = self._special
        input_ids = np.array([[bos, *ids, eos]], dtype=np.int64)
        if self._pool is not None:
            return self._pool.submit(self._backend.run, input_ids)
        done: Future[Outputs] = Future()
        done.set_result(self._backend.run(input_ids))
        return done

    def _finish(self, started: _Started) -> _Read:
        length = started.windows[-1][0].last if started.windows else 0
        logits, queries, keys = (np.empty((length, width), dtype=np.float32) for width in self._settings.widths)
        for window, future in started.windows:
            inner = slice(1 + window.first - window.start, 1 + window.last - window.start)
            for kept, result in zip((logits, queries, keys), future.result(), strict=True):
                kept[window.first : window.last] = result[0, inner]
        own = started.own
        return _Read(started.source, started.offsets, logits[own], queries[own], keys[own], last=started.last)

    def _spans(self, read: _Read, chosen: Thresholds) -> list[Span]:
        text, covered = read.source.text, read.covered
        spans = []
        scores = {}
        for record_type, labels in self._settings.tags.items():
            scores[record_type] = head = log_softmax(read.logits[:, self._settings.slices[record_type]])
            shifted = head.copy()
            shifted[:, 0] += chosen.outside.get(record_type, 0.0)
            # A token of mere white space begins nothing, but may stand inside ("3 亿元").
            shifted[np.ix_(~covered, np.array([label.startswith("B-") for label in labels]))] = -np.inf
            path = best_labels(shifted, labels)
            end = 0
            # A blank does not end anything either.
            found = ((role, first, first + int(np.flatnonzero(covered[first : last + 1])[-1])) for role, first, last in spans_of(path, labels))
            for role, first, last in joined(found, text, read.offsets):
                for place in settled(text, int(read.offsets[first, 0]), int(read.offsets[last, 1]), record_type, role, after=end):
                    score = float(np.exp(head[np.arange(first, last + 1), path[first : last + 1]]).mean())
                    spans.append(Span(*place, record_type, role, score))
                    end = place[1]
        spans = sorted(spans, key=lambda span: -span.score)[:MOST_MENTIONS] if len(spans) > MOST_MENTIONS else spans
        whole = mark_valuations(text, complete_names(text, spans))
        return sorted([*whole, *self._shared(read, whole, scores, chosen.shared)])

    def _shared(self, read: _Read, spans: Sequence[Span], scores: Mapping[str, Array], least: Mapping[str, float]) -> Iterator[Span]:
        """Yield the names of other heads that are likely names in a head that has mentions but missed them."""
        for record_type, probability in least.items():
            labels = self._settings.tags[record_type]
            own = [span for span in spans if span.type == record_type]
            if not own:
                continue
            names = {(s.start, s.end, s.role == "product") for s in spans if s.type != record_type and s.role in ENTITY_ROLES[s.type]}
            for start, end, is_product in sorted(names):
                inside = read.tokens(start, end)
                if not len(inside) or any(start < span.end and span.start < end for span in own):
                    continue
                # What another head calls an organisation is no product, and the other way round; a figure's subject may be either.
                roles = [r for r in ENTITY_ROLES[record_type] if r == "subject" or (r == "product") == is_product]
                columns = {role: [labels.index(f"{prefix}-{role}") for prefix in "BI"] for role in roles}
                likely = {role: float(np.exp(scores[record_type][inside][:, both]).sum(axis=1).mean()) for role, both in columns.items()}
                best = max(likely, key=lambda role: likely[role], default=None)
                if best is not None and likely[best] >= probability:
                    own.append(Span(start, end, record_type, best, likely[best]))
                    yield own[-1]

    def _relate(self, read: _Read, spans: Sequence[Span], blended: bool = True) -> Tagging:
        placed = []
        for span in sorted(spans):
            mention = read.source.mention(span.start, span.end)
            inside = read.tokens(span.start, span.end)
            if mention is not None and len(inside):
                placed.append((span, mention, int(inside[0]), int(inside[-1])))
        first = np.array([p[2] for p in placed], dtype=np.int64)
        last = np.array([p[3] for p in placed], dtype=np.int64)
        attributes = {name: np.exp(log_softmax(read.logits[first, self._settings.slices[name]])) for name in self._settings.attributes}
        mentions = tuple(
            TaggedMention(span.type, span.role, mention, span.score, {name: values[i] for name, values in attributes.items()})
            for i, (span, mention, _, _) in enumerate(placed)
        )
        links = np.zeros((len(placed), len(placed)), dtype=np.float32)
        for record_type in self._settings.tags:
            chosen = np.array([m.type == record_type for m in mentions], dtype=bool)
            self._score_links(read, links, record_type, chosen, first, last)
            if blended and self._linking is not None and chosen.sum() > 1:
                own = np.ix_(chosen, chosen)
                links[own] = self._linking.blend(links[own], record_type, read.source.text, [p[0] for p in placed if p[0].type == record_type])
        coreference = np.zeros_like(links)
        self._score_links(read, coreference, COREFERENCE, np.array([m.is_entity for m in mentions], dtype=bool), first, last)
        return Tagging(read.source.document, mentions, links, coreference, read.last)

    def _score_links(
        self, read: _Read, scores: Array, link: str, chosen: npt.NDArray[np.bool_], first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
    ) -> None:
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
        q, k = ((vectors[first[which], columns] + vectors[last[which], columns]) / 2 for vectors in (read.queries, read.keys))
        scored = (q @ k.T) / size**0.5
        distance = np.abs(first[which][:, None] - first[which][None, :])
        bucket = np.minimum(np.floor(np.log2(np.maximum(distance, 0.5))).astype(np.int64) + 1, len(bias) - 1)
        scores[np.ix_(which, which)] = 1 / (1 + np.exp(-np.clip(scored + scored.T + bias[bucket], -30, 30)))


def cut_windows(length: int, size: int) -> list[_Window]:
    """Cut `length` tokens into windows of at most `size`; each overlap is halved between its two windows."""
    if not length:
        return []
    starts, size = window_starts(length, size, min(OVERLAP, size // 2))
    edges = [0, *((following + start + size) // 2 for start, following in pairwise(starts)), length]
    return [_Window(start, min(start + size, length), first, last) for start, (first, last) in zip(starts, pairwise(edges), strict=True)]
