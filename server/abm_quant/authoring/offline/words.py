"""Brings the words of prompts and of gallery entries to one form, so that they can be compared."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

import snowballstemmer
from rapidfuzz import fuzz, process

WORD = re.compile(r"[^\W\d_][^\W_]*(?:['\u2019][^\W\d_]+)?")
"""A word begins with a letter; digits may follow, as in R0."""
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
ELISION = re.compile(r"^(?:d|l|qu|n|j|c|m|t|dell|nell|all|un)'(?=\w)")
"""What French and Italian put before a vowel, as in d'opinion."""
SHORTEST_MISSPELT = 5
"""Shorter words are taken as they are: too many others are one letter away."""
SHORTEST_SWAPPED = 4
"""Shorter words are not searched for two exchanged letters."""
LIKENESS = 86.0
"""How alike, from 0 to 100, a word must be to a known one to count as its misspelling."""


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text that are separated by blanks."""
    return frozenset(text.split())


FUNCTION_WORDS = word_set("""
    a about above after again all also am an and another any are as at be because been
    before being below between both but by can could did do does doing down during each
    either else ever every few for from further get gets give gives go goes going got had
    has have having he her here hers him his how however i if in into is it its itself just
    least less let lets like may me might more most much must my neither no nor not now of
    off often on once one only onto or other our out over own per please rather s same shall
    she should so some still such t than that the their them then there these they thing
    things this those though through till to too two under until up upon us very via was way
    we well were what when where whether which while who whom whose why will with within
    without would yet you your yours der die das und ein eine einen einem einer mit fur von
    zu im ist sind auf dem den des oder wie ich mochte bitte aus bei als auch nicht es sich
    wir uns jeder jede jedes el la los las un una unos unas y o de del en con por para que
    se su sus es son al lo como mas quiero cada entre le les une et ou du dans avec pour sur
    est sont qui ne pas je veux voudrais ce cette au aux e il gli uno di da nel nella con su
    per che sono non vorrei ogni tra mi si
    """)
"""Words without meaning of their own, without accents, in the languages of the gallery's tags."""

REQUEST_WORDS = word_set("""
    abm agent agents agentbased bars based build built chart code create curve demo
    demonstrate depend depending depends display error example final figure generate graph
    graphs hello help hey hi histogram implement include interested different little learn
    look looking make making many me mesa model modele modelo modell modelle modello
    modelling modeling modle models need number numbers output parameter parameters pls plot
    plots plotting problem program python put repeat repeats report run running runs say
    search see series setting settings show showing shows simple simulate simulates
    simulating simulation simulacion simulazione simular simulare simulieren simuler size
    slider something standard step steps student students study system tell thanks thank thx
    time use using value values variable variables version visualisation visualise
    visualization visualize want wanna watch world write zeige zeigen mostrar montrer 模型
    """)
"""Words in which people ask for any model at all; they say nothing about which."""

_IRREGULAR = {"wolves": "wolf", "people": "person", "mice": "mouse", "children": "child"}
_ACCENTS = {"\u00df": "ss", "\u00e6": "ae", "\u00f8": "o", "\u0142": "l", "\u0153": "oe"}


def fold(text: str) -> str:
    """Give the text in lower case without accents; typographic apostrophes become plain."""
    lowered = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    for letter, plain in _ACCENTS.items():
        lowered = lowered.replace(letter, plain)
    decomposed = unicodedata.normalize("NFD", lowered)
    return unicodedata.normalize(
        "NFC", "".join(each for each in decomposed if not "\u0300" <= each <= "\u036f")
    )


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Give the stem of a folded word; a possessive ending goes, whatever the language."""
    plain = ELISION.sub("", word).removesuffix("'s").replace("'", "")
    plain = _IRREGULAR.get(plain, plain)
    return str(snowballstemmer.stemmer("english").stemWord(_american(plain)))


def _american(word: str) -> str:
    """Give the American form of British endings, so that neighbour is neighbor."""
    word = re.sub(r"(?<=[a-z]{2})our(?=s|ed|ing|al|hood|ly|$)", "or", word)
    return re.sub(r"(?<=[a-z]{3})is(?=e$|ed$|es$|ing$|ation$)", "iz", word)


def words_of(text: str) -> list[str]:
    """Give the folded words of a text in order; Chinese and Japanese as pairs of characters."""
    found: list[str] = []
    for match in WORD.finditer(fold(text)):
        word = match.group()
        parts = CJK.findall(word)
        if parts:
            found += [pair for part in parts for pair in _pairs(part)]
        else:
            found.append(word)
    return found


def _pairs(characters: str) -> list[str]:
    if len(characters) == 1:
        return [characters]
    return [characters[i : i + 2] for i in range(len(characters) - 1)]


def has_meaning(word: str) -> bool:
    """Tell whether a folded word can say which model is meant."""
    plain = ELISION.sub("", word)
    if "'" in plain and plain.partition("'")[0] in FUNCTION_WORDS:
        return False
    return plain not in FUNCTION_WORDS and plain not in REQUEST_WORDS


def stems_of(text: str) -> list[str]:
    """Give the stems of the words of a text that have meaning."""
    return [stem(word) for word in words_of(text) if has_meaning(word)]


def nearest(word: str, known: Collection[str]) -> str | None:
    """Give the known word that a folded word is a misspelling of, None when there is none.

    The first letter must agree, and the lengths may differ by two; a word with two neighboring
    letters exchanged counts even when it is short.
    """
    if len(word) < SHORTEST_SWAPPED or CJK.search(word):
        return None
    swapped = next((each for each in _swaps(word) if each in known), None)
    if swapped or len(word) < SHORTEST_MISSPELT:
        return swapped
    near = [each for each in known if each[:1] == word[0] and abs(len(each) - len(word)) <= 2]
    found = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=LIKENESS)
    return found[0] if found else None


def _swaps(word: str) -> Iterable[str]:
    """Give the word with each two different neighboring letters exchanged, the first kept."""
    for i in range(1, len(word) - 1):
        if word[i] != word[i + 1]:
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
