"""Wording: numbers and chances that an author wrote in words, such as `10%`, `1,000 trees` and
`random between 0 and 1`."""

import re

from abm_quant.contracts.spec import ValueType

NUMERIC = ("integer", "float", "number")
A_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
WORDS = r"[^\W\d]+(?:\s+[^\W\d]+){0,2}\s*"
WITH_UNIT = re.compile(rf"[$€£]?\s*({A_NUMBER})\s*(%|(?:{WORDS})?)\.?")
PAIR = rf"({A_NUMBER})\s*(?:,|and|to|-|–|y|und|bis|a)\s*({A_NUMBER})"
BETWEEN = re.compile(
    rf"(?:an? )?(?:(?:random|uniform)(?:ly)?\b(?!\.)[^\d\n+-]*|(?:U|rand)\s*)[(\[]?\s*{PAIR}\s*[)\]]?\.?",
    re.IGNORECASE,
)
RANDOM_TRUTH = re.compile(r"random(ly)?( (boolean|choice|true or false))?", re.IGNORECASE)
RANGE = re.compile(rf"(?:between |from )?{PAIR}", re.IGNORECASE)
NORMAL = re.compile(
    rf"(?:an? )?(?:normal(?:ly)?|gaussian|gauss|N)\b(?!\.)[^\d\n+-]*?\(?\s*({A_NUMBER})"
    rf"[^\d\n+-]+({A_NUMBER})\s*\)?\.?",
    re.IGNORECASE,
)


def number_in(text: str) -> int | float | None:
    """Give the number in a text such as `1,000`, `10%`, `$5` or `3 days`; None without one."""
    plain = re.sub(r"(?<=\d)[, _](?=\d{3}\b)", "", text.strip())
    match = WITH_UNIT.fullmatch(plain)
    if match is None:
        return None
    number = float(match[1])
    if match[2] == "%":
        return number / 100
    return int(number) if number.is_integer() and "." not in match[1] else number


def chance_in(text: str, kind: ValueType | None) -> str | None:
    """Give the Python expression of a distribution in words, None where it is none."""
    plain = " ".join(text.split())
    if kind == "boolean":
        return "random.random() < 0.5" if RANDOM_TRUTH.fullmatch(plain) else None
    match = NORMAL.fullmatch(plain)
    if match is not None:
        return f"random.gauss({match[1]}, {match[2]})"
    match = BETWEEN.fullmatch(plain) or (None if "," in plain else RANGE.fullmatch(plain))
    if match is None:
        whole = "random.random()" if plain.lower() in ("random", "random number") else None
        return whole if kind in ("float", "number") else None
    whole_numbers = "." not in match[1] + match[2] and (kind == "integer" or "int" in plain.lower())
    return f"random.{'randint' if whole_numbers else 'uniform'}({match[1]}, {match[2]})"
