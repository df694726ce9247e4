"""Facts that a correct run must show, as data, since each author names its outputs in its own way.

A fact is a JSON object. `of` finds series by regular expressions over their names (case does not
count); several are added up. `kind` says what must hold, `at` where (`first`, `last`, `min`, `max`,
`mean`, `every`), `between` in which bounds. `set` gives parameters, found by regular expressions
too, other values for this fact; `steps` the length of the run.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from pydantic import BaseModel, ConfigDict

EPSILON = 1e-6


class Fact(BaseModel):
    """One thing that a correct run shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    of: list[str]
    at: str = "last"
    between: tuple[float, float] | None = None
    set: dict[str, float] = {}
    steps: int | None = None

    def __str__(self) -> str:
        bounds = f" in {list(self.between)} at {self.at}" if self.between else ""
        values = f" with {self.set}" if self.set else ""
        return f"{' + '.join(self.of)} {self.kind}{bounds}{values}"


@dataclass(frozen=True)
class Shown:
    """Whether a fact was shown, and what was seen."""

    holds: bool
    seen: str


AT: Mapping[str, Callable[[Sequence[float]], list[float]]] = {
    "first": lambda values: [values[0]],
    "last": lambda values: [values[-1]],
    "min": lambda values: [min(values)],
    "max": lambda values: [max(values)],
    "mean": lambda values: [fmean(values)],
    "every": lambda values: list(values),
}


def _within(values: Sequence[float], fact: Fact) -> bool:
    assert fact.between is not None
    low, high = fact.between
    return all(low - EPSILON <= each <= high + EPSILON for each in AT[fact.at](values))


KINDS: Mapping[str, Callable[[Sequence[float], Fact], bool]] = {
    "lies": _within,
    "constant": lambda values, fact: max(values) - min(values) <= EPSILON,
    "changes": lambda values, fact: max(values) - min(values) > EPSILON,
    "rises": lambda values, fact: all(a <= b + EPSILON for a, b in pairwise(values)),
    "grows": lambda values, fact: values[-1] > values[0] + EPSILON,
    "declines": lambda values, fact: values[-1] < values[0] - EPSILON,
    "falls": lambda values, fact: all(a >= b - EPSILON for a, b in pairwise(values)),
}


def show(fact: Fact, series: Mapping[str, Sequence[Any]]) -> Shown:
    """Tell whether a run shows a fact."""
    names = [find(pattern, series) for pattern in fact.of]
    missing = [pattern for pattern, name in zip(fact.of, names, strict=True) if name is None]
    if missing:
        return Shown(False, f"no series like {missing}; there are {sorted(series)}")
    columns = [
        [float(value) for value in series[name] if _is_number(value)] for name in names if name
    ]
    if not all(columns):
        return Shown(False, f"{names} hold no numbers")
    total = [sum(row) for row in zip(*columns, strict=False)]
    picture = f"{total[0]:g} .. {total[-1]:g}, min {min(total):g}, max {max(total):g}"
    return Shown(KINDS[fact.kind](total, fact), f"{' + '.join(map(str, names))}: {picture}")


def find(pattern: str, names: Iterable[str]) -> str | None:
    """Give the first name that a pattern is found in, the shortest of several."""
    found = [name for name in names if re.search(pattern, name, re.IGNORECASE)]
    return min(found, key=len, default=None)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, complex)
