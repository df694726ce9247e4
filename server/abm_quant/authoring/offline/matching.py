"""Pairs the numbers of a prompt with what they set: near words win, each number is used once."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from abm_quant.authoring.offline.numbers import Token
from abm_quant.authoring.offline.slots import Phrase, Slot
from abm_quant.authoring.offline.words import FUNCTION_WORDS, has_meaning, word_set

LINKS = word_set("""
    of is are be at to the a an set with about as should equal equals around approximately
    roughly default value slider parameter adjustable initially initial start starts
    starting exactly only just now than after in every by von de des del di du der die das
    mit con avec un una una una le la el
    """)
"""Words that may stand between a name and its value."""
LINKS_AFTER = word_set("of the their its a an for as are is de des del di du der")
"""Words that may stand between a value and the words that say what it is."""
STEPS = word_set(
    "step steps tick ticks iteration iterations round rounds timesteps generation generations"
)
TIMES = word_set("day days week weeks month months year years")
RUNNING = word_set("""
    run runs running simulate simulated simulation for over during within stop stops after
    end until up to it the a model please and total of max maximum about time time-steps let
    us me show
    """)
"""Words that may stand before the number of steps in its part of a sentence."""
LASTING = word_set("""
    immune infected infectious ill sick contagious alive asleep last lasts lasting stay
    stays remain remains wait waits burn burns burning lives live hold holds rest rests
    """)
"""Words after which "for 10 steps" is no length of the run."""

NEIGHBORS = word_set("neighbor neighbors neighbour neighbours nearest")
KNOWN_WORDS = NEIGHBORS | LINKS | LINKS_AFTER | STEPS | TIMES | RUNNING | LASTING
"""Words that are not taken for misspellings of others."""

MOST_NUMBERS = 200
"""A prompt with more numbers is a table; the rest sets nothing."""
FARTHEST = 2.6
GUESS, COMMA, WORD_BETWEEN, NUMBER_BETWEEN = 1.5, 2.0, 1.0, 1.5
PERCENT_OF_PEOPLE, LONGER_PHRASE = 1.0, 0.6


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """A number and what it may set."""

    index: int
    """The token that is the number."""
    slot: Slot
    cost: float
    """How far apart they are; 0 is side by side."""
    is_assignment: bool
    """Whether the name stands before the number."""
    words: tuple[int, ...]
    """The tokens of the name."""


def pair_up(tokens: Sequence[Token], slots: Sequence[Slot]) -> list[Pairing]:
    """Give all pairings that are near enough, the nearest first; the first numbers only."""
    numbers = [index for index, token in enumerate(tokens) if token.is_number]
    found = [
        pairing
        for index in numbers[:MOST_NUMBERS]
        for slot in slots
        if (pairing := _pair(tokens, index, slot)) is not None
    ]
    return sorted(found, key=lambda each: (each.cost, each.index))


def _pair(tokens: Sequence[Token], index: int, slot: Slot) -> Pairing | None:
    """Give the nearest way in which a number can belong to a slot."""
    ways = [way for way in _ways(tokens, index, slot) if way.cost <= FARTHEST]
    return min(ways, key=lambda each: each.cost, default=None)


def _ways(tokens: Sequence[Token], index: int, slot: Slot) -> Iterator[Pairing]:
    number = tokens[index]
    extra = PERCENT_OF_PEOPLE if slot.kind == "count" and number.is_percent else 0.0
    if slot.is_duration and _is_duration(tokens, index):
        yield Pairing(index=index, slot=slot, cost=0.4, is_assignment=False, words=(index + 1,))
    place = _symbol_before(tokens, index)
    if place is not None and tokens[place].word in slot.symbols:
        yield Pairing(index=index, slot=slot, cost=-0.2, is_assignment=True, words=(place,))
    for phrases, surcharge in ((slot.phrases, 0.0), (slot.guesses, GUESS)):
        for phrase in phrases:
            if number.is_small_word and surcharge:
                continue
            way = _one_word(tokens, index, slot, phrase[0])
            if len(phrase) > 1:
                way = _several_words(tokens, index, phrase)
            if way is not None:
                cost, is_assignment, words = way
                yield Pairing(
                    index=index,
                    slot=slot,
                    cost=cost + surcharge + extra,
                    is_assignment=is_assignment,
                    words=words,
                )


_Way = tuple[float, bool, tuple[int, ...]]


def _one_word(tokens: Sequence[Token], index: int, slot: Slot, wanted: str) -> _Way | None:
    """Give the way to a single word: only links may stand between, or adjectives after."""
    before = _walk_links(tokens, index)
    if before is not None and tokens[before[0]].stem == wanted:
        place, cost = before
        if slot.kind != "count" or (cost == 0 and _is_told(tokens, place, index)):
            return cost, True, (place,)
    after = _walk_after(tokens, index, slot, wanted)
    return (after[1], False, (after[0],)) if after is not None else None


def _is_told(tokens: Sequence[Token], place: int, index: int) -> bool:
    """Tell whether a noun before a number is what the number counts.

    It is in "sheep: 100" and "a population of 500"; it is not in "agents of two colors", where the
    number counts what follows, nor in "100 sheep 50 wolves", where the noun has a number already.
    """
    if any(token.text in ("=", ":") for token in tokens[place:index]):
        return True
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    counts_next = following is not None and following.word != "" and has_meaning(following.word)
    has_own = place > 0 and tokens[place - 1].is_number
    return not counts_next and not has_own


def _walk_links(tokens: Sequence[Token], index: int) -> tuple[int, float] | None:
    """Give the nearest place before a number that is no link, and the cost of getting there."""
    cost, place = 0.0, index - 1
    while place >= 0:
        token = tokens[place]
        if token.kind == "word" and token.word not in LINKS:
            return place, cost
        if token.kind == "mark" and token.text in ",\uff0c\u3001":
            cost += COMMA
        elif token.kind not in ("word", "mark") or token.text in "<>/":
            return None
        place -= 1
    return None


def _walk_after(
    tokens: Sequence[Token], index: int, slot: Slot, wanted: str
) -> tuple[int, float] | None:
    """Give the place of a word after a number, at most two adjectives away."""
    number = tokens[index]
    farthest = 0.0 if number.is_small_word else 1.0
    links = _links_after(number, slot)
    cost = 0.0
    for place in range(index + 1, min(index + 7, len(tokens))):
        token = tokens[place]
        if token.kind != "word":
            return None
        if token.stem == wanted:
            return place, cost
        if token.word in links:
            continue
        cost += 0.5
        if token.word in FUNCTION_WORDS or cost > farthest:
            return None
    return None


def _links_after(number: Token, slot: Slot) -> frozenset[str]:
    """Give the words that may stand between a number and what it is of.

    A count is followed by what it counts at once: "20 per sheep" are not 20 sheep.
    """
    if number.relation == "times":
        return LINKS_AFTER | {"many", "much", "number", "population", "size"}
    return frozenset() if slot.kind == "count" else LINKS_AFTER


def _several_words(tokens: Sequence[Token], index: int, phrase: Phrase) -> _Way | None:
    """Give the way to a phrase whose words stand around a number, in any order."""
    places = [_nearest(tokens, index, each) for each in phrase]
    if any(each is None for each in places):
        return None
    reached = [each for each in places if each is not None]
    costs = [cost for _, cost in reached]
    farthest = len(phrase) - 1 if tokens[index].is_small_word else 5.0
    if min(costs) > 1.0 or max(costs) > farthest:
        return None
    cost = sum(costs) / len(costs) - LONGER_PHRASE * (len(costs) - 1)
    words = tuple(sorted(place for place, _ in reached))
    return cost, words[0] < index, words


def _nearest(tokens: Sequence[Token], index: int, wanted: str) -> tuple[int, float] | None:
    """Give the nearest place of a word in the number's sentence, and its distance."""
    found: list[tuple[int, float]] = []
    for way in (-1, 1):
        cost, place = 0.0, index + way
        while 0 <= place < len(tokens) and tokens[place].kind != "end" and cost <= 5.0:
            token = tokens[place]
            if token.kind == "word" and token.stem == wanted:
                found.append((place, cost))
                break
            cost += _toll(token)
            place += way
    return min(found, key=lambda each: each[1], default=None)


def _toll(token: Token) -> float:
    """Give what it costs to pass a token on the way from a number to a word."""
    if token.kind in ("number", "pair", "range"):
        return NUMBER_BETWEEN
    if token.kind == "mark":
        return math.inf if token.text in "<>" else COMMA if token.text in ",\uff0c\u3001" else 0.0
    return 0.0 if token.word in LINKS | LINKS_AFTER else WORD_BETWEEN


def _symbol_before(tokens: Sequence[Token], index: int) -> int | None:
    """Give the place of the single letter directly before a number, None when there is none."""
    place = index - 1
    while place >= 0 and (tokens[place].text in "=:" or tokens[place].word in ("of", "is")):
        place -= 1
    return place if place >= 0 and len(tokens[place].word) == 1 else None


def _is_duration(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether a number with its unit says how long to run."""
    place = index + 1
    if place < len(tokens) and tokens[place].word == "time":
        place += 1
    if place >= len(tokens) or tokens[place].word not in STEPS | TIMES:
        return False
    before = _part_before(tokens, index)
    words = [each.word for each in before]
    if all(word in RUNNING for word in words):
        return tokens[place].word in STEPS or bool({"run", "simulate", "for", "over"} & set(words))
    if tokens[place].word in TIMES or words[-1] not in ("for", "over"):
        return False
    return len(words) < 2 or words[-2] not in LASTING


def _part_before(tokens: Sequence[Token], index: int) -> list[Token]:
    """Give the tokens before a number back to the last comma, mark or end."""
    part: list[Token] = []
    for token in reversed(tokens[:index]):
        if token.kind != "word":
            break
        part.insert(0, token)
    return part
