"""Reads a prompt as words, numbers and marks, with numbers in all the ways people write them."""

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

from abm_quant.authoring.offline.words import fold, nearest, stem, words_of

Kind = Literal["word", "number", "pair", "range", "mark", "end"]
Relation = Literal["equals", "times", "plus"]


@dataclass(frozen=True, kw_only=True)
class Token:
    """A piece of a prompt."""

    kind: Kind
    text: str
    """As it was written."""
    word: str = ""
    """Of a word: folded."""
    stem: str = ""
    value: float = 0.0
    """Of a number, and the first of a pair."""
    second: float = 0.0
    """The second of a pair."""
    is_percent: bool = False
    """Whether the number was followed by a percent sign or word; the value is divided by 100."""
    is_small_word: bool = False
    """Whether it is a number word that also stands in for an article, such as one or two."""
    relation: Relation = "equals"
    """Whether the number is a value, a factor or a difference to the present value."""

    @property
    def is_number(self) -> bool:
        return self.kind == "number"


_DIGITS = (
    r"(?:\d{1,3}(?:[ ]000|[\u00a0\u2009\u202f]\d{3})+(?!\d)"  # 1 000
    r"|\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?"  # 1,000
    r"|\d+[.,]\d+|\d+|\.\d+)(?:[eE][-+]?\d+)?"
)
_NUMBER = rf"(?:(?<![\w.\d])[-+\u2212])?(?<![\w.]){_DIGITS}"
_TAIL = r"(?:(?P<scale>[kKM])(?![\w]))?(?:\s*(?P<percent>%|\uff05))?(?![A-Za-z_\d])"
_PIECES = re.compile(
    rf"""
    (?P<range>[\[(]\s*{_NUMBER}\s*[,;]\s*{_NUMBER}\s*[\])]
        |(?<![\w.]){_DIGITS}\s?%?\s*(?:-|\u2013|\.\.\.?)\s*{_DIGITS}\s?%?(?![\w]))
    |(?P<pair>(?<![\w.-])(?P<w>{_DIGITS})\s*m?\s*(?:x|X|\u00d7|\*|by\b)\s*(?P<h>{_DIGITS})(?![\w]))
    |(?P<number>(?P<digits>{_NUMBER}){_TAIL})
    |(?P<word>\d+[A-Za-z][^\W_]*|[^\W\d_]\w*?(?=_)|[^\W\d_][^\W_]*(?:['\u2019][^\W\d_]+)?)
    |(?P<end>[.!?;\n\u3002\uff01\uff1f\uff1b]+)
    |(?P<mark>[,:=()<>/\uff0c\uff1a\u3001])
    """,
    re.VERBOSE,
)

_ONES = words_of(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = words_of("twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS: dict[str, float] = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 10.0 * number for number, word in enumerate(_TENS, start=2)},
}
_SCALES: dict[str, float] = {"hundred": 100, "dozen": 12, "thousand": 1000, "million": 1e6}
_PARTS: dict[str, float] = {
    **{"half": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4},
    **{"fifth": 1 / 5, "fifths": 1 / 5, "tenth": 1 / 10, "tenths": 1 / 10},
}
_FACTORS = {"double": 2.0, "triple": 3.0, "quadruple": 4.0, "twice": 2.0, "halve": 0.5}
_PERCENT = {"percent", "pct", "prozent", "procent", "percents", "percentage", "pourcent"}
_RISING = {"increase", "increased", "raise", "raised", "grow", "extend", "boost", "enlarge"}
_FALLING = {"decrease", "decreased", "lower", "lowered", "reduce", "reduced", "cut", "shrink"}
_CHANGING = _RISING | _FALLING | {"change", "changed", "move", "switch", "go", "set", "bring"}
_SMALL = 12
"""Number words up to this are often no parameters: "one-lane", "two groups"."""


def read_tokens(prompt: str) -> list[Token]:
    """Give the pieces of a prompt in order."""
    tokens = [_token(match) for match in _PIECES.finditer(prompt)]
    tokens = _join_number_words(tokens)
    tokens = _join_percent(tokens)
    tokens = _join_ranges(tokens)
    return _relate(tokens)


def _token(match: re.Match[str]) -> Token:
    text = match.group().strip()
    if match["range"]:
        return Token(kind="range", text=text)
    if match["pair"]:
        first, second = _read(match["w"]), _read(match["h"])
        return Token(kind="pair", text=text, value=first, second=second)
    if match["number"]:
        value = _read(match["digits"]) * {"k": 1e3, "K": 1e3, "M": 1e6}.get(match["scale"], 1)
        percent = match["percent"] is not None
        value = value / 100 if percent else value
        if not math.isfinite(value):
            return Token(kind="range", text=text)
        return Token(kind="number", text=text, value=_tidy(value), is_percent=percent)
    if match["word"]:
        word = fold(text)
        return Token(kind="word", text=text, word=word, stem=stem(word))
    return Token(kind="end" if match["end"] else "mark", text=text)


def _read(digits: str) -> float:
    """Give the value of digits; 1,000 and 1 000 are a thousand, 0,5 and 1,5 are decimals."""
    plain = re.sub(r"\s", "", digits).replace("\u2212", "-").lstrip("+")
    if re.fullmatch(r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", plain):
        return _tidy(float(plain.replace(",", "")))
    return _tidy(float(plain.replace(",", ".")))


def _tidy(value: float) -> float:
    """Give the value without the noise of binary fractions; what is infinite stays so."""
    return float(f"{value:.12g}") if math.isfinite(value) else value


def _join_number_words(tokens: list[Token]) -> list[Token]:
    """Give the tokens with runs of number words, such as "five hundred", made numbers."""
    joined: list[Token] = []
    index = 0
    while index < len(tokens):
        length, value, is_small = _number_words(tokens, index)
        if length:
            text = " ".join(each.text for each in tokens[index : index + length])
            number = Token(kind="number", text=text, value=value, is_small_word=is_small)
            joined.append(number)
        elif tokens[index].word in _FACTORS:
            factor = _FACTORS[tokens[index].word]
            joined.append(replace(tokens[index], kind="number", value=factor, relation="times"))
        else:
            joined.append(tokens[index])
        index += length or 1
    return joined


def _number_words(tokens: list[Token], start: int) -> tuple[int, float, bool]:
    """Give how many tokens from `start` are one number, its value, and whether it is small."""
    total, current, index, seen = 0.0, 0.0, start, False
    while index < len(tokens):
        word = tokens[index].word
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        if word in _WORDS:
            current, seen = current + _WORDS[word], True
        elif word in _SCALES and (seen or index > start):
            current, seen = max(current, 1.0) * _SCALES[word], True
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
        elif word in ("a", "an") and index == start and following in {**_SCALES, **_PARTS}:
            pass
        elif word in _PARTS and (index > start or word == "half"):
            value = max(current, 1.0) * _PARTS[word]
            return index + 1 - start, math.floor(value * 10_000) / 10_000, False
        elif not (word == "and" and seen and current + total >= 100 and following in _WORDS):
            break
        index += 1
    if not seen:
        return 0, 0.0, False
    value = total + current
    return index - start, value, value <= _SMALL


def _join_percent(tokens: list[Token]) -> list[Token]:
    """Give the tokens with "60 percent" and "60 per cent" made one number."""
    joined: list[Token] = []
    for token in tokens:
        before = joined[-1] if joined else None
        is_cent = token.word in ("cent", "cento", "ciento") and len(joined) > 1
        if before and before.is_number and _is_percent_word(token.word):
            joined[-1] = _as_percent(before, f"{before.text} {token.text}")
        elif is_cent and joined[-2].is_number and joined[-1].word in ("per", "por", "pour"):
            text = f"{joined[-2].text} {joined[-1].text} {token.text}"
            joined[-2:] = [_as_percent(joined[-2], text)]
        else:
            joined.append(token)
    return joined


def _is_percent_word(word: str) -> bool:
    return word in _PERCENT or nearest(word, _PERCENT) is not None


def _as_percent(number: Token, text: str) -> Token:
    return replace(number, text=text, value=_tidy(number.value / 100), is_percent=True)


def _join_ranges(tokens: list[Token]) -> list[Token]:
    """Give the tokens with "between 0 and 1" and "from 1 to 4" made ranges.

    After a verb of change, "from 0.5 to 0.7" is the number 0.7.
    """
    joined: list[Token] = []
    for token in tokens:
        joined.append(token)
        if len(joined) < 4 or not (joined[-1].is_number and joined[-3].is_number):
            continue
        opening, link = joined[-4].word, joined[-2].word
        if (opening, link) not in _SPANS:
            continue
        text = " ".join(each.text for each in joined[-4:])
        verbs = {each.word for each in _clause(joined[:-4])}
        if link == "to" and verbs & _CHANGING:
            joined[-4:] = [replace(token, text=text)]
        else:
            joined[-4:] = [Token(kind="range", text=text)]
    return joined


_SPANS = {("between", "and"), ("from", "to"), ("entre", "y"), ("entre", "et"), ("zwischen", "und")}


def _relate(tokens: list[Token]) -> list[Token]:
    """Give the tokens with the numbers after "increase ... by" made factors or differences."""
    related: list[Token] = []
    for index, token in enumerate(tokens):
        before = tokens[index - 1].word if index else ""
        if token.is_number and before == "by":
            verbs = {each.word for each in _clause(tokens[:index])}
            sign = 1 if verbs & _RISING else -1 if verbs & _FALLING else 0
            if sign and token.is_percent:
                token = replace(token, value=_tidy(1 + sign * token.value), relation="times")
            elif sign:
                token = replace(token, value=sign * token.value, relation="plus")
        related.append(token)
    return related


def _clause(tokens: list[Token]) -> list[Token]:
    """Give the tokens after the last end of a sentence."""
    ends = [index for index, token in enumerate(tokens) if token.kind == "end"]
    return tokens[ends[-1] + 1 :] if ends else tokens
