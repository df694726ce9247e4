"""A deviation from a valid specification keeps its meaning, or is spoken of; it never crashes.

Each mutation is one that language models make. Where the mutant still compiles without a warning,
its run is the same, number for number.
"""

import copy
import json
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from abm_quant.contracts.problems import Problem, errors
from abm_quant.errors import CannotCompile, InvalidModel
from abm_quant.pipeline import compile_model
from abm_quant.resources import root
from corpus_runs import CORPUS
from generated_runs import Run

Place = tuple[Any, ...]
Mutation = Callable[[Any, Any], Any]
"""Gives the mutated value for a value and its key."""

EXAMPLES = ("boltzmann-wealth", "prisoners-dilemma", "innovation-diffusion")
HABITS = ("per-agent-function", "values-in-any-order", "two-types-in-one-group", "batch-function")
STEPS = 3


@cache
def original(name: str) -> str:
    """Give a valid specification with few agents, as JSON."""
    if name in EXAMPLES:
        path = root("schemas") / "examples" / f"{name}.json"
        return json.dumps(json.loads(path.read_text(encoding="utf-8"))["model"])
    return (CORPUS / "small" / f"{name}.json").read_text(encoding="utf-8")


def outcome(raw: Any) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Give the recorded series of a short run, None where there is none, and the problems.

    What only shows in a run ends it with the place of the code, so it is spoken of, too.
    """
    try:
        made = compile_model(raw)
    except (CannotCompile, InvalidModel) as refusal:
        assert errors(refusal.problems)
        return None, list(refusal.problems)
    try:
        found = Run(made, 1, STEPS, {})
    except (AttributeError, KeyError, TypeError):
        return None, list(made.problems)
    return found.recorded, list(made.problems)


@cache
def expected(name: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Give the series of the original and the messages of its warnings."""
    series, problems = outcome(json.loads(original(name)))
    assert series is not None
    return series, frozenset(warnings(problems))


def warnings(problems: list[Problem]) -> Iterator[str]:
    """Give the messages of the warnings."""
    return (each.message for each in problems if each.severity == "warning")


def places(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Give every place inside a JSON value, and what stands there."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(items):
        yield (*path, key), each
        if isinstance(each, (dict, list)):
            yield from places(each, (*path, key))


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def in_class(code: str) -> str:
    return f"class Walker(Agent):\n{textwrap.indent(code, '    ')}"


CODES: tuple[Callable[[str], str], ...] = (
    lambda code: f"```python\n{code}\n```",
    lambda code: f"Here it is:\n\n```py\n{code}\n```\nThat is all.",
    lambda code: code.replace("\n", "\r\n"),
    lambda code: code.replace("\n", "\\n"),
    lambda code: textwrap.indent(code, "    "),
    lambda code: code.replace("    ", "\t"),
    lambda code: f"import math\nimport random\n\n{code}",
    lambda code: f"{code}\n\nif __name__ == '__main__':\n    print('done')\n",
)
REFERENCES: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    lambda text: f" {text} ",
    lambda text: text.rsplit(".", 1)[-1],
    lambda text: f"{text}s",
    lambda text: f"{text.rsplit('.', 1)[0]}.no_such_thing",
    lambda text: text.replace(".agent", ".agents", 1),
)
NOTHING: tuple[Any, ...] = (None, [], "", {})
KINDS = ("integer", "float", "number", "string", "boolean", "array", "object")


def mutated(draw: Any, raw: dict[str, Any]) -> None:
    """Change one place of a specification."""
    kind = draw(st.sampled_from(sorted(TABLE)))
    fits, change = TABLE[kind]
    found = [(path, value) for path, value in places(raw) if fits(path[-1], value)]
    if not found:
        return
    path, value = draw(st.sampled_from(found))
    holder = raw
    for step in path[:-1]:
        holder = holder[step]
    change(draw, holder, path[-1], value)


def put(choose: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Any, Any], None]:
    """Give the change that puts something else in the place of a value."""

    def change(draw: Any, holder: Any, key: Any, value: Any) -> None:
        holder[key] = choose(draw, value)

    return change


def drop(draw: Any, holder: Any, key: Any, value: Any) -> None:
    """Take a field away."""
    del holder[key]


def reorder(draw: Any, holder: Any, key: Any, value: Any) -> None:
    """Write the fields of an object in another order."""
    holder[key] = dict(reversed(list(value.items())))


def is_wording(key: Any, value: Any) -> bool:
    return key in ("description", "functionDescription", "optional", "outputs", "functionOutputs")


TABLE: dict[str, tuple[Callable[[Any, Any], bool], Callable[[Any, Any, Any, Any], None]]] = {
    "number-as-text": (lambda key, value: is_number(value), put(lambda draw, value: str(value))),
    "whole-number-as-float": (
        lambda key, value: isinstance(value, int) and is_number(value),
        put(lambda draw, value: float(value)),
    ),
    "boolean-as-text": (
        lambda key, value: isinstance(value, bool),
        put(lambda draw, value: draw(st.sampled_from([str(value), str(value).lower()]))),
    ),
    "nothing-in-another-way": (
        lambda key, value: value in NOTHING and key not in ("initialValue", "description"),
        put(lambda draw, value: draw(st.sampled_from(NOTHING))),
    ),
    "code": (
        lambda key, value: key == "code",
        put(lambda draw, value: draw(st.sampled_from(CODES))(value)),
    ),
    "reference": (
        lambda key, value: key == "sourceName",
        put(lambda draw, value: draw(st.sampled_from(REFERENCES))(value)),
    ),
    "type": (
        lambda key, value: isinstance(value, dict) and is_number(value.get("initialValue")),
        put(lambda draw, value: value | {"type": draw(st.sampled_from(KINDS))}),
    ),
    "order": (lambda key, value: isinstance(value, dict), reorder),
    "without-wording": (is_wording, drop),
    "without-name": (lambda key, value: key in ("name", "type"), drop),
}


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Give the name of a specification and a copy with one or two mutations."""
    name = draw(st.sampled_from([*EXAMPLES, *HABITS]))
    raw = copy.deepcopy(json.loads(original(name)))
    for _ in range(draw(st.sampled_from([1, 1, 2]))):
        mutated(draw, raw)
    return name, raw


@settings(max_examples=50, deadline=None, derandomize=True)
@given(mutants())
def test_a_mutant_means_the_same_or_is_spoken_of(mutant: tuple[str, dict[str, Any]]) -> None:
    name, raw = mutant
    series, known = expected(name)
    found, problems = outcome(raw)
    if found is not None and not set(warnings(problems)) - known:
        assert found == series
