"""Which mentions name one entity, and what it is called.

Three sources, the surest first: names that are written alike or are short forms of one another; the model's coreference score between two
names; and, for a pronoun or definite phrase ("该公司", "the startup"), the model's best-scoring name of its
kind, weighed with where it stands, or else the nearest before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from healthevents.anaphora import is_anaphor
from healthevents.labels import ATTRIBUTES
from healthevents.linking import logit
from healthevents.schema import Entity, EntityKind, Mention
from healthevents.sentences import sentence_around
from healthevents.tagging import TaggedMention, Tagging
from healthevents.values.names import canonical_name, is_named_after, same_name, share_a_part

# Two differently written names are one entity only if the model is this sure; short forms and aliases need no link. Names of one kind that have a word of
# their own in common ("Okafor-Brandt Medical", "Okafor") need less.
SURE_LINK = 0.8
ALIKE_LINK = 0.5
# So many characters at most lie between a name and its gloss: a bracket, a quote, "下称".
LONGEST_GLOSS_GAP = 4
# A pronoun takes the name that scores best, if that is at least this probable; else the nearest of its kind before it.
ANAPHOR_LINK = 0.1
# A pronoun stands behind its name, and not far: what a name behind it and the distance, from so many characters on, take from its score, in logits.
BEHIND, FAR, NEARBY = 2.0, 1.5, 50
# So much more for a name in a line behind it: the next item of a list is about somebody else.
LATER_LINE = 3.0
# Two mentions in different roles of one record, with a link of at least this probability, name two things.
COUNTERPART_LINK = 0.5


@dataclass(frozen=True)
class NamedEntity:
    """One entity of a document: the fullest name in use, its canonical form, its kind, and the indices of its mentions."""

    name: str
    canonical: str
    kind: EntityKind
    mentions: tuple[int, ...]

    def at(self, *mentions: Mention) -> Entity:
        """Make the record's filler for this entity, pointing at the given mentions, the nearest first."""
        return Entity(name=self.name, canonical=self.canonical, kind=self.kind, mention=mentions[0], mentions=mentions if len(mentions) > 1 else ())


def _join_names(tagging: Tagging, names: list[int]) -> list[list[int]]:
    """Cluster the mentions that are names, by spelling and by sure links between spellings."""
    texts = {i: tagging.mentions[i].mention.text for i in names}
    sentences = {i: sentence_around(tagging.document, tagging.mentions[i].mention) for i in names}
    spellings: dict[str, list[int]] = {}
    for i in names:
        spellings.setdefault(canonical_name(texts[i]), []).append(i)
    keys = list(spellings)
    linked = _mean_links(tagging, list(spellings.values()))
    parent = list(range(len(keys)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for a in range(len(keys)):
        for b in range(a + 1, len(keys)):
            mine, other = spellings[keys[a]], spellings[keys[b]]
            alike = same_name(texts[mine[0]], texts[other[0]])
            if alike or (
                linked[a, b] > ALIKE_LINK and linked[a, b] > _needed(tagging, mine[0], other[0]) and not _side_by_side(tagging, sentences, mine, other)
            ):
                parent[root(b)] = root(a)
    clusters: dict[int, list[int]] = {}
    for k, key in enumerate(keys):
        clusters.setdefault(root(k), []).extend(spellings[key])
    return list(clusters.values())


def _needed(tagging: Tagging, first: int, second: int) -> float:
    """Return how sure the model must be that two names are one entity's; a product is often named after its maker, so kinds must agree to ask less."""
    mine, other = tagging.mentions[first], tagging.mentions[second]
    if is_named_after(mine.mention.text, other.mention.text):
        return 1.0  # which no link exceeds
    alike = _kind([mine]) == _kind([other]) and share_a_part(mine.mention.text, other.mention.text)
    return ALIKE_LINK if alike else SURE_LINK


def _mean_links(tagging: Tagging, clusters: list[list[int]]) -> npt.NDArray[np.float64]:
    """Return the mean coreference score between each two clusters of mentions, shape (clusters, clusters)."""
    share = np.zeros((len(clusters), len(tagging.mentions)))
    for n, cluster in enumerate(clusters):
        share[n, cluster] = 1 / len(cluster)
    return np.asarray(share @ tagging.coreference @ share.T)


def _side_by_side(tagging: Tagging, sentences: Mapping[int, Mention], mine: list[int], other: list[int]) -> bool:
    """Tell whether two spellings stand in one sentence, not as a name and its gloss ("Tencent (腾讯)"): a list names different things."""
    for i in mine:
        sentence = sentences[i]
        for k in other:
            first, second = sorted((tagging.mentions[i].mention, tagging.mentions[k].mention), key=lambda m: m.start)
            inside = first.in_ == second.in_ == sentence.in_ and sentence.start <= first.start and second.end <= sentence.end
            if inside and second.start - first.end > LONGEST_GLOSS_GAP:
                return True
    return False


def _kind(mentions: list[TaggedMention]) -> EntityKind:
    kinds = ATTRIBUTES["entity.kind"]
    total = np.sum([mention.attributes["entity.kind"] for mention in mentions], axis=0)
    kind: EntityKind = kinds[int(total.argmax())]  # type: ignore[assignment]
    return kind


def resolve(tagging: Tagging) -> dict[int, NamedEntity]:
    """Return the entity that each entity mention names, by the mention's index in `tagging.mentions`."""
    entities = [i for i, mention in enumerate(tagging.mentions) if mention.is_entity]
    names = [i for i in entities if not is_anaphor(tagging.mentions[i].mention.text)]
    clusters = _join_names(tagging, names)
    products = {i: _kind([tagging.mentions[i]]) == "product" for i in entities}
    cluster_of = {i: c for c, cluster in enumerate(clusters) for i in cluster}
    for i in entities:
        if i in cluster_of:
            continue
        antecedent = _antecedent(tagging, i, names, products)
        if antecedent is None:
            clusters.append([i])
            cluster_of[i] = len(clusters) - 1
        else:
            cluster_of[i] = cluster_of[antecedent]
            clusters[cluster_of[i]].append(i)
    named: dict[int, NamedEntity] = {}
    for cluster in clusters:
        mentions = [tagging.mentions[i] for i in cluster]
        name = _fullest([m.mention.text for m in mentions])
        entity = NamedEntity(name, canonical_name(name), _kind(mentions), tuple(cluster))
        named.update(dict.fromkeys(cluster, entity))
    return named


def _antecedent(tagging: Tagging, anaphor: int, names: list[int], products: Mapping[int, bool]) -> int | None:
    """Return the name that a pronoun or phrase stands for; None where a phrase says enough itself.

    It is what the model scores best for its place (BEHIND, FAR), else the nearest name before it.

    Nothing stands for what it deals with: the investor in "it", the target, is another company.
    """
    mentions = tagging.mentions
    counterparts = {
        mentions[i].mention.text
        for i in names
        if mentions[i].type == mentions[anaphor].type and mentions[i].role != mentions[anaphor].role and tagging.links[anaphor, i] >= COUNTERPART_LINK
    }
    alike = [i for i in names if products[i] == products[anaphor] and mentions[i].mention.text not in counterparts]
    if not alike:
        return None
    scores = tagging.coreference[anaphor, alike]
    away = np.array([mentions[i].mention.start - mentions[anaphor].mention.start for i in alike])
    start = mentions[anaphor].mention.start
    line_end = tagging.document.text.find("\n", start)
    later = (away > line_end - start) & (line_end >= 0)
    weighed = logit(scores) - BEHIND * (away > 0) - LATER_LINE * later - FAR * np.log1p(np.abs(away) / NEARBY)
    best = int(weighed.argmax())
    if scores[best] >= ANAPHOR_LINK:
        return alike[best]
    if len(mentions[anaphor].mention.text.split()) > 1:
        return None  # "its dental unit" without a name is what the text calls it
    before = [i for i in alike if i < anaphor]
    return before[-1] if before else None


def _fullest(texts: list[str]) -> str:
    named = [text for text in texts if not is_anaphor(text)] or texts
    return max(named, key=len)
