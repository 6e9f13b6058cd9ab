"""The mentions of one document, with the questions that every record type asks of them: what is linked to what, what a value says, which entity is named."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeVar

import numpy as np

from healthevents.coreference import NamedEntity, resolve
from healthevents.labels import ATTRIBUTES, CORE_ROLES
from healthevents.schema import Change, DateValue, Filler, Mention, Money, Phrase, Quantity
from healthevents.sentences import sentence_around
from healthevents.tagging import Tagging
from healthevents.values import date_at, find_dates, money_cell, parse_change, parse_money, parse_value, read_conventions

# A mention joins a record if the model gives the link at least this probability.
LINKED = 0.5
# An argument that a record cannot do without (a figure's name, a deal's company) is taken from the best link above this.
NEEDED = 0.05
# What stands between a sum and the same sum in another currency: "450 crore (around $59 million)", "1.17亿港元,约合人民币1.03亿元".
_CONVERTED = re.compile(
    r"[\s,，]*(?:[(（]\s*|(?:or|equivalent to|合|折合|约合|相当于)\s*)+(?:about|around|roughly|approximately|some|约|約|US|人民币)?\s*", re.IGNORECASE
)
# What stands between the members of an enumeration.
_ENUMERATED = re.compile(
    r"[\s\"”」』》]{0,2}(?:,? ?(?:and|&)(?![a-z])|[,，、](?: ?(?:以及|和|及))?|和|与|與|及|以及)[\s\"“「『《]{0,2}(?:the )?", re.IGNORECASE
)
# A document is about the organisation that at least this share of its mentions of organisations name.
TOPIC = 0.3

T = TypeVar("T", bound=Filler)


class Mentions:
    """The mentions of one document, by type and role, with the questions that every record type asks of them."""

    def __init__(self, tagging: Tagging) -> None:
        self.tagging = tagging
        self.links = tagging.links
        self.document = tagging.document
        self.entities = resolve(tagging)
        published = self.document.published
        self._conventions = read_conventions(self.document.text, published.year if published else None)
        self._sentences: dict[int, Mention] = {}
        self._by_role: dict[tuple[str, str], list[int]] = {}
        for i, mention in enumerate(tagging.mentions):
            self._by_role.setdefault((mention.type, mention.role), []).append(i)

    def having(self, record_type: str, *roles: str) -> list[int]:
        """Return the mentions in these roles, in text order."""
        return sorted(i for role in roles for i in self._by_role.get((record_type, role), ()))

    def text(self, i: int) -> str:
        """Return the words of a mention."""
        return self.tagging.mentions[i].mention.text

    def mention(self, i: int) -> Mention:
        """Return where a mention stands."""
        return self.tagging.mentions[i].mention

    def organisation_beside(self, i: int, others: Sequence[int]) -> int | None:
        """Return a mention in another type's role that can fill in for an untagged one: the organisation in i's sentence nearest to it, none of `others`."""
        known = {id(self.entities[k]) for k in (i, *others) if k in self.entities}
        sentence = self.sentence(i)
        beside = [
            k
            for k, entity in self.entities.items()
            if entity.kind == "organisation"
            and id(entity) not in known
            and self.mention(k).in_ == sentence.in_
            and sentence.start <= self.mention(k).start < sentence.end
        ]
        place = self.mention(i).start
        # What a sentence is about mostly stands in front.
        nearest = min(beside, key=lambda k: (self.mention(k).start > place, abs(self.mention(k).start - place)), default=None)
        return self._topic if nearest is None and self._topic is not None and id(self.entities[self._topic]) not in known else nearest

    @cached_property
    def _topic(self) -> int | None:
        """The first mention of the organisation that the document is about: named in at least TOPIC of all mentions of organisations."""
        named = Counter(id(entity) for entity in self.entities.values() if entity.kind == "organisation")
        most = max(named.values(), default=0)
        if most < TOPIC * sum(named.values()):
            return None
        return min((k for k, entity in self.entities.items() if named[id(entity)] == most), default=None)

    def listed(self, i: int, j: int) -> bool:
        """Tell whether two mentions of one role are members of one enumeration: "A, B and C", 甲、乙及丙."""
        first, last = sorted((i, j))
        if first == last or self.role(i) != self.role(j) or self.mention(first).in_ != self.mention(last).in_:
            return False
        text = self.document.part(self.mention(first).in_)
        between = [self.mention(k) for k in self.having(self.tagging.mentions[i].type, self.role(i)) if first <= k <= last]
        return all(_ENUMERATED.fullmatch(text[one.end : other.start]) for one, other in pairwise(between))

    def role(self, i: int) -> str:
        """Return the role that a mention plays."""
        return self.tagging.mentions[i].role

    def between(self, first: Sequence[int], second: Sequence[int]) -> float:
        """Return the mean probability that two groups of mentions belong to one record."""
        return float(self.links[np.ix_(first, second)].mean())

    def converted(self, i: int, j: int) -> bool:
        """Tell whether mention j repeats the sum of mention i, right behind it, in another currency."""
        first, second = self.mention(i), self.mention(j)
        if first.in_ != second.in_ or second.start < first.end or not _CONVERTED.fullmatch(self.document.part(first.in_)[first.end : second.start]):
            return False
        sums = self.money(first.text), self.money(second.text)
        return sums[0] is not None and sums[1] is not None and sums[0].currency != sums[1].currency

    def link(self, anchors: Sequence[int], i: int) -> float:
        """Return the mean probability that mention i belongs to the record of these anchors."""
        others = [a for a in anchors if a != i]
        return float(self.links[i, others].sum()) / len(others) if others else 1.0

    def surest(self, anchors: Sequence[int], i: int) -> float:
        """Return the highest probability that mention i belongs to the record of one of these anchors."""
        return max((float(self.links[i, a]) for a in anchors if a != i), default=1.0)

    def closer(self, i: int, these: Sequence[int], than: Sequence[int]) -> bool:
        """Tell whether mention i is linked more surely to one of `these` mentions than to any of `than`."""
        return max((self.links[i, k] for k in these), default=0.0) > max((self.links[i, k] for k in than), default=0.0)

    def linked(self, anchors: Sequence[int], candidates: Iterable[int], least: float = LINKED, *, to_all: bool = False) -> list[int]:
        """Return the candidates linked to the anchors, the surest first.

        What is told once, at one of several mentions of a sum or product, is linked to that one; with `to_all` the mean over the anchors counts, as for
        what several parties share.
        """
        known = set(anchors)
        others = [i for i in candidates if i not in known]
        links = self.links[np.ix_(anchors, others)]
        scores = (links.mean(axis=0) if to_all else links.max(axis=0, initial=0.0)).tolist()
        return [i for score, i in sorted(zip(scores, others, strict=True), key=lambda pair: (-pair[0], pair[1])) if score >= least]

    def attribute(self, anchors: Sequence[int], name: str) -> str:
        """Return the most probable value of an attribute, summed over the mentions at which it is read."""
        record_type = name.split(".")[0]
        core = [i for i in anchors if self.tagging.mentions[i].role in CORE_ROLES.get(record_type, ())] or list(anchors)
        total = np.sum([self.tagging.mentions[i].attributes[name] for i in core], axis=0)
        return ATTRIBUTES[name][int(total.argmax())]

    @cached_property
    def _dates(self) -> list[DateValue]:
        return find_dates(self.document.text, self.document.published, self._conventions)

    def filler(self, candidates: Sequence[int], parse: Callable[[str], T | None]) -> T | None:
        """Return the value of the first candidate that can be read, pointing at all candidates of that value."""
        values = [(i, value) for i in candidates if (value := parse(self.text(i))) is not None]
        if not values:
            return None
        best = values[0][1]
        same = [self.mention(i) for i, value in values if content(value) == content(best)]
        return best.at(*same)

    def phrase(self, candidates: Sequence[int]) -> Phrase | None:
        """Return the first candidate as a phrase, pointing at all that say the same words."""
        if not candidates:
            return None
        text = self.text(candidates[0])
        same = [self.mention(i) for i in candidates if self.text(i) == text]
        return Phrase(text=text, mention=same[0], mentions=tuple(same) if len(same) > 1 else ())

    def money(self, text: str) -> Money | None:
        """Read an amount as this document writes them."""
        return parse_money(text, self._conventions)

    def figure(self, i: int, name: str) -> Money | Quantity | None:
        """Read a metric's value; in English the unit of "61" in "61 hospitals" stands in its name."""
        english = (self.document.lang or "en") == "en"
        after = self.words_around(i)[1] if english else ""
        value = money_cell(self.text(i), name, self._conventions) or parse_value(self.text(i), name if english else None, self._conventions, after)
        return value.at(self.mention(i)) if value is not None else None

    def date(self, candidates: Sequence[int], figure: int | None = None) -> DateValue | None:
        """Read the first date, with what the document shows: another one that it counts from, the year of a `figure` in a list of yearly ones."""
        for i in candidates:
            mention = self.mention(i)
            source, told = (self.document.text, self._dates) if mention.in_ == "text" else (self.document.part(mention.in_), [])
            value = None if figure is None or self.mention(figure).in_ != mention.in_ else self.mention(figure).start
            date = date_at(source, mention.start, mention.end, told, self.document.published, self._conventions, value)
            if date is not None:
                return date.at(mention)
        return None

    def sentence(self, i: int) -> Mention:
        """Return the sentence that a mention stands in."""
        if i not in self._sentences:
            self._sentences[i] = sentence_around(self.document, self.mention(i))
        return self._sentences[i]

    def line(self, i: int) -> tuple[str, int]:
        """Return where a mention stands: in the title or the text, and in which line of it."""
        mention = self.mention(i)
        return mention.in_, bisect_left(self._line_ends[mention.in_], mention.start)

    @cached_property
    def _line_ends(self) -> dict[str, list[int]]:
        parts: tuple[Literal["text", "title"], ...] = ("text", "title")
        return {part: [match.start() for match in re.finditer("\n", self.document.part(part))] for part in parts}

    def words_around(self, i: int) -> tuple[str, str]:
        """Return the words of a mention's sentence before and after it."""
        mention = self.mention(i)
        sentence, source = self.sentence(i), self.document.part(mention.in_)
        return source[sentence.start : mention.start], source[mention.end : sentence.end]

    def changes(self, candidates: Sequence[int], as_of: DateValue | None, like: Change | None = None) -> Iterator[Change]:
        """Read the changes of a figure; a bare one shares direction and basis with the one before it (the first with `like`)."""
        for i in candidates:
            change = parse_change(self.text(i), like, as_of, self.words_around(i))
            if change is not None:
                like = change
                yield change.at(self.mention(i))

    def entity_mentions(self, candidates: Sequence[int], entity: NamedEntity) -> list[Mention]:
        """Return those candidates that name an entity."""
        return [self.mention(i) for i in candidates if self.entities[i] is entity]

    def meta(self, record_type: str, core: Sequence[int], arguments: Sequence[int], told_by: Sequence[int] | None = None) -> dict[str, Any]:
        """Return what every record has: id, document, status, confidence and evidence.

        Args:
            record_type: its type.
            core: the mentions that make it one record.
            arguments: further mentions whose links its confidence rests on.
            told_by: the mentions at which its status is read, `core` if None.
        """
        mentions = [self.tagging.mentions[i] for i in core]
        # A mention of another type (`organisation_beside`) has no link; it may as well be right as wrong.
        links = [self.link(core, i) if self.tagging.mentions[i].type == record_type else LINKED for i in arguments] or [1.0]
        confidence = float(np.mean([m.score for m in mentions])) * float(np.mean(links))
        sentences = [self.sentence(i) for i in core]
        evidence = {(sentence.in_, sentence.start, sentence.end): sentence for sentence in sentences}
        where = ",".join(f"{m.mention.in_}{m.mention.start}-{m.mention.end}" for m in mentions)
        digest = hashlib.blake2s(f"{self.document.id}|{record_type}|{where}".encode(), digest_size=8).hexdigest()
        return {
            "id": digest,
            "doc_id": self.document.id,
            "status": self.attribute(told_by or core, f"{record_type}.status"),
            "confidence": round(min(max(confidence, 0.0), 1.0), 4),
            "evidence": tuple(evidence.values()),
        }


def content(filler: Filler) -> str:
    """Return what a filler says, without where it says so: equal for equal values."""
    return repr(filler.model_dump(exclude={"mention", "mentions"}))
