"""Whatever JSON value arrives, reading and checking answer with problems and never raise."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from abm_quant.compiling.check import check
from abm_quant.compiling.read import read_spec
from abm_quant.contracts.problems import CODES
from abm_quant.pipeline import check_model
from small_specs import attribute, behavior, function, tracked, variable, wire

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)

FULL = wire(
    functions=[function("def tally(model):\n    return 1", outputs=("seen",))],
    variables=[variable("rate", 0.5), variable("seen", {"function": "tally", "args": []})],
    attributes=[attribute("energy", "random.random()")],
    behaviors=[behavior("def walk(self):\n    self.energy -= self.model.rate")],
    topology={"type": "grid", "width": 5, "height": 5},
    schedule=["agent.Walker.agentBehavior.walk", "globalFunction.tally"],
    initialize=["agent.Walker.initialCount"],
    tracked=[tracked("globalVariable.seen")],
    rules=[{"sourceName": "globalVariable.seen", "value": 3}],
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of every value inside a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items if isinstance(value, (dict, list)) else ():
        found += places(each, (*path, key)) if isinstance(each, (dict, list)) else [(*path, key)]
    return found


def judge(raw: Any) -> None:
    reading = read_spec(raw)
    problems = list(reading.problems)
    if reading.spec is not None:
        problems += check(reading.spec)
        problems += check_model(raw).problems
    else:
        assert any(each.severity == "error" for each in problems)
    assert all(each.code in CODES for each in problems)


@given(json_values)
def test_any_json_value(value: Any) -> None:
    judge(value)


@given(st.text() | st.binary())
def test_any_text(text: str | bytes) -> None:
    judge(text)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(places(FULL)), json_values)
def test_any_value_at_any_place_of_a_specification(path: tuple[Any, ...], value: Any) -> None:
    raw = json.loads(json.dumps(FULL))
    holder = raw
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    judge(raw)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(places(FULL)))
def test_any_missing_place_of_a_specification(path: tuple[Any, ...]) -> None:
    raw = json.loads(json.dumps(FULL))
    holder = raw
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    judge(raw)
