"""Finds what of a prompt was not understood."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from abm_quant.authoring.offline.numbers import Token
from abm_quant.authoring.offline.words import CJK, has_meaning, nearest, stem, word_set, words_of
from abm_quant.contracts.gallery import GalleryEntry
from abm_quant.contracts.spec import ModelSpec

BREAKS = word_set("""
    and but with while where when if that who which then so plus because although whose also
    per und mit wenn y con et avec e
    """)
"""Words at which a part of a sentence begins."""
DEMANDS = word_set("""
    add adding remove without introduce include exclude instead replace no drop delete
    """)
"""Words that ask for another structure of the model."""
ALWAYS_KNOWN = word_set("""
    people person time world space place kind standard typical simple classic default
    initial start starts starting beginning end change lots many number size high low big
    small large new set make increase decrease raise lower reduce curves chart total final
    mean average share fraction rate random randomly order uniformly uniform others else
    everybody everyone nobody happen happens appear together enough find form way even
    depend depends depending wants curve
    """)
"""Words that ask for nothing that could be missing."""
MOST_REPORTED = 6
LONGEST_QUOTE = 80
REPORTED_SHARE = 0.5
"""A part is reported when this share of its words with meaning is unknown to the model."""


@dataclass(frozen=True)
class Vocabulary:
    """The words that a model's own texts use."""

    words: frozenset[str]
    stems: frozenset[str]

    def knows(self, word: str) -> bool:
        """Tell whether a folded word, or the word that it misspells, is used."""
        if stem(word) in self.stems or word in ALWAYS_KNOWN:
            return True
        if CJK.search(word):
            pairs = words_of(word)
            return 2 * sum(each in self.stems for each in pairs) >= len(pairs)
        return nearest(word, self.words) is not None


def vocabulary_of(spec: ModelSpec, entry: GalleryEntry | None) -> Vocabulary:
    """Give the words of a model's names and descriptions, and of its gallery entry."""
    texts = list(_texts(spec.wire()))
    if entry is not None:
        texts += [entry.title, entry.explanation, entry.expected, *entry.tags]
        texts += [alias for aliases in entry.aliases.values() for alias in aliases]
    words = frozenset(word for text in texts for word in words_of(text))
    return Vocabulary(words, frozenset(stem(word) for word in words))


def _texts(wire: object, key: str = "") -> Iterator[str]:
    """Give the names and descriptions in a specification."""
    if isinstance(wire, dict):
        for name, value in wire.items():
            yield from _texts(value, name)
    elif isinstance(wire, list):
        for value in wire:
            yield from _texts(value, key)
    elif isinstance(wire, str) and (key == "name" or key.lower().endswith("description")):
        yield re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", wire)


def find_unread(
    tokens: Sequence[Token], used: Collection[int], vocabulary: Vocabulary
) -> list[str]:
    """Give quotes of the parts of a prompt that set nothing and say what the model lacks."""
    quotes: list[str] = []
    for part in _parts(tokens):
        if _is_unread(tokens, part, used, vocabulary):
            quotes.append(quote(tokens[place].text for place in part))
        else:
            quotes += _loose_numbers(tokens, part, used)
    return list(dict.fromkeys(quotes))


def quote(pieces: Iterator[str] | Sequence[str]) -> str:
    """Give pieces of a prompt as a short quotation on one line that no reader takes for markup."""
    text = re.sub(r" (?=[,:)])|(?<=\() ", "", " ".join(" ".join(pieces).split()))
    text = text.replace("<", "\u2039").replace(">", "\u203a").replace('"', "'")
    return f'"{text[:LONGEST_QUOTE].rstrip()}\u2026"' if len(text) > LONGEST_QUOTE else f'"{text}"'


def say_unread(quotes: Sequence[str]) -> list[str]:
    """Give the sentence that says what was not understood; none when all was."""
    if not quotes:
        return []
    shown = ", ".join(quotes[:MOST_REPORTED])
    more = len(quotes) - MOST_REPORTED
    return [f"Not understood and left out: {shown}{f', and {more} more' if more > 0 else ''}."]


def _parts(tokens: Sequence[Token]) -> Iterator[list[int]]:
    """Give the places of the tokens of each part of the prompt's sentences."""
    part: list[int] = []
    for place, token in enumerate(tokens):
        is_break = token.kind == "end" or (token.kind == "mark" and token.text not in "/=<>()")
        if is_break or token.word in BREAKS:
            yield part
            part = []
        else:
            part.append(place)
    yield part


def _is_unread(
    tokens: Sequence[Token], part: list[int], used: Collection[int], vocabulary: Vocabulary
) -> bool:
    words = [tokens[place].word for place in part if tokens[place].kind == "word"]
    sets_something = any(place in used for place in part)
    if not sets_something and any(word in DEMANDS for word in words[:3]):
        return True
    said = [
        tokens[place].word
        for place in part
        if place not in used and tokens[place].kind == "word" and has_meaning(tokens[place].word)
    ]
    said = [word for word in said if len(word) > 1]
    unknown = [word for word in said if not vocabulary.knows(word)]
    if sets_something:
        return False
    return bool(unknown) and len(unknown) >= REPORTED_SHARE * len(said)


def _loose_numbers(tokens: Sequence[Token], part: list[int], used: Collection[int]) -> list[str]:
    """Give the numbers of a part that set nothing, each with the words around it."""
    found: list[str] = []
    for order, place in enumerate(part):
        token = tokens[place]
        is_article = token.is_small_word and token.value <= 3
        if token.kind not in ("number", "pair", "range") or place in used or is_article:
            continue
        near = part[max(0, order - 2) : order + 3]
        while near[0] != place and tokens[near[0]].kind != "word":
            near = near[1:]
        found.append(quote([tokens[each].text for each in near]))
    return found
