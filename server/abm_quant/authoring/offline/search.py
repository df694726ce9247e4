"""Finds the gallery entry that a prompt means, or says that none does.

BM25 (Robertson and Zaragoza 2009) ranks the entries, and with them the models that are known and
not there. Ranking always has a first, so a second measure decides whether the first is meant: the
evidence, the weight of the entry's curated words that the prompt contains. A word counts in full
when the prompt completes the tag that it is from, and less when it is a part of it only: "forest"
and "fire" say more together.
"""

import logging
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import bm25s

from abm_quant.authoring.offline.gallery import load_gallery
from abm_quant.authoring.offline.strangers import STRANGERS, Stranger
from abm_quant.authoring.offline.words import has_meaning, nearest, stem, stems_of, words_of
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.errors import NothingFits

TAG_WEIGHT, TITLE_WEIGHT, STRANGER_WEIGHT = 4, 2, 6
"""How often a word of a tag and of a title counts, against once for the explanation's."""
LENGTH_WEIGHT = 0.3
"""BM25's b: how much a long entry is discounted; low, as long explanations are no fault."""
FULL_WEIGHT = 3.9
"""The evidence of a word that is a tag of its own, of one model only."""
LEAST_EVIDENCE = 2.4
"""The evidence that a prompt needs of which the entry knows all words."""
EVIDENCE_PER_DOUBLING = 0.4
"""What is asked on top each time the number of words that the entry does not know doubles."""
LEVEL, AMBIGUOUS = 0.85, 0.92
"""Models whose score is this share of the best are weighed by evidence; two are both meant when the
second has this share of the evidence of the first."""
READ_CHARACTERS = 10_000
"""What follows in a prompt is not read."""


@dataclass(frozen=True)
class Candidate:
    """A gallery entry or a stranger, measured against a prompt."""

    title: str
    entry: GalleryEntry | None
    """None for a stranger."""
    score: float
    evidence: float
    unknown: int
    """Words of the prompt that neither its tags nor its text contain."""

    def is_convincing(self) -> bool:
        """Tell whether the evidence outweighs what it leaves unexplained."""
        asked = LEAST_EVIDENCE + EVIDENCE_PER_DOUBLING * math.log2(1 + self.unknown)
        return self.evidence >= asked


@dataclass(frozen=True)
class _Document:
    """What the index knows of a model: its phrases, and the stems of all its text."""

    title: str
    entry: GalleryEntry | None
    phrases: tuple[frozenset[str], ...]
    counts: Counter[str]


class GalleryIndex:
    """Searches a gallery."""

    def __init__(self, entries: Sequence[GalleryEntry], strangers: Iterable[Stranger] = ()) -> None:
        self._documents = [
            *(_document_of_entry(entry) for entry in entries),
            *(_document_of_stranger(stranger) for stranger in strangers),
        ]
        self._surface = _surface_words(entries, strangers)
        self._weights = _weigh(self._documents)
        self._bm25 = bm25s.BM25(method="lucene", k1=1.2, b=LENGTH_WEIGHT)
        texts = [list(document.counts.elements()) for document in self._documents]
        self._bm25.index(texts, show_progress=False)

    def find(self, prompt: str) -> GalleryEntry:
        """Give the entry that the prompt means; raises NothingFits with the closest titles."""
        candidates = self.rank(prompt)
        level = [each for each in candidates if each.score >= LEVEL * candidates[0].score]
        first = max(level, key=lambda each: (each.evidence, each.entry is not None))
        if first.score == 0:
            raise _refuse("No model of the gallery fits this prompt.", candidates)
        if first.entry is None:
            raise _refuse(f"The gallery has no model {first.title!r}.", candidates)
        if not first.is_convincing():
            raise _refuse("No model of the gallery clearly fits this prompt.", candidates)
        others = (each for each in level if each is not first and each.entry)
        rival = next((each for each in others if each.is_convincing()), None)
        if rival and rival.evidence >= AMBIGUOUS * first.evidence:
            text = f"The prompt fits {first.title!r} as well as {rival.title!r}; name one of them."
            raise _refuse(text, candidates)
        return first.entry

    def rank(self, prompt: str) -> list[Candidate]:
        """Give all models, the best first."""
        query = self._read(prompt)
        known = [each for each in query if each in self._bm25.vocab_dict]
        scores = self._bm25.get_scores(known) if known else [0.0] * len(self._documents)
        found = [
            Candidate(
                title=document.title,
                entry=document.entry,
                score=float(score),
                evidence=self._evidence(document, query),
                unknown=sum(each not in document.counts for each in query),
            )
            for document, score in zip(self._documents, scores, strict=True)
        ]
        return sorted(found, key=lambda each: -each.score)

    def _read(self, prompt: str) -> list[str]:
        """Give the distinct stems of the prompt's words, misspelt ones corrected."""
        words = [each for each in words_of(prompt[:READ_CHARACTERS]) if has_meaning(each)]
        stems: list[str] = []
        for word in dict.fromkeys(words):
            known = stem(word) in self._bm25.vocab_dict
            stems.append(stem(word if known else nearest(word, self._surface) or word))
        return list(dict.fromkeys(stems))

    def _evidence(self, document: _Document, query: list[str]) -> float:
        """Give the weight of the curated words in the query, each by its best tag's completeness."""
        present, best = set(query), dict[str, float]()
        for phrase in document.phrases:
            matched = phrase & present
            if matched:
                total = sum(self._weights[each] for each in phrase)
                complete = sum(self._weights[each] for each in matched) / total
                for each in matched:
                    best[each] = max(best.get(each, 0.0), complete)
        return sum(self._weights[each] * complete for each, complete in best.items())


@cache
def gallery_index() -> GalleryIndex:
    """Give the index of the built-in gallery."""
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it is set to DEBUG when imported
    return GalleryIndex(load_gallery(), STRANGERS)


def _phrases(texts: Iterable[str]) -> tuple[frozenset[str], ...]:
    """Give the stems of each phrase; a comma separates phrases."""
    found = [frozenset(stems_of(part)) for text in texts for part in text.split(",")]
    return tuple(each for each in found if each)


def _document_of_entry(entry: GalleryEntry) -> _Document:
    counts = Counter(stems_of(entry.explanation))
    for text, weight in ((entry.title, TITLE_WEIGHT), (" ".join(entry.tags), TAG_WEIGHT)):
        for each in stems_of(text):
            counts[each] += weight
    return _Document(entry.title, entry, _phrases([entry.title, *entry.tags]), counts)


def _document_of_stranger(stranger: Stranger) -> _Document:
    stems = stems_of(f"{stranger.title} {stranger.words}")
    counts = Counter({each: STRANGER_WEIGHT for each in stems})
    phrases = tuple(frozenset([each]) for each in stems)
    return _Document(stranger.title, None, phrases, counts)


def _surface_words(entries: Iterable[GalleryEntry], strangers: Iterable[Stranger]) -> list[str]:
    """Give the curated words as they are written; misspelt words are corrected to these."""
    texts = [text for entry in entries for text in (entry.title, *entry.tags)]
    texts += [f"{stranger.title} {stranger.words}" for stranger in strangers]
    words = [word for text in texts for word in words_of(text) if has_meaning(word)]
    return list(dict.fromkeys(words))


def _weigh(documents: Sequence[_Document]) -> dict[str, float]:
    """Give the weight of each curated stem: the rarer among the models, the heavier.

    BM25's inverse document frequency, scaled so that a stem of a single model always has the same
    weight, however many models there are.
    """
    spread = Counter(
        each for document in documents for each in frozenset[str]().union(*document.phrases)
    )
    count = len(documents)

    def rarity(seen: int) -> float:
        return math.log(1 + (count - seen + 0.5) / (seen + 0.5))

    return {each: FULL_WEIGHT * rarity(seen) / rarity(1) for each, seen in spread.items()}


def _refuse(reason: str, candidates: list[Candidate]) -> NothingFits:
    closest = [each.title for each in candidates if each.entry and each.score > 0][:3]
    if not closest:
        return NothingFits(f"{reason} {_say_all(candidates)}", [])
    return NothingFits(f"{reason} Closest in the gallery: {'; '.join(closest)}.", closest)


def _say_all(candidates: list[Candidate]) -> str:
    titles = sorted(each.title for each in candidates if each.entry)
    return f"Say which model you mean; the gallery holds: {'; '.join(titles)}."
