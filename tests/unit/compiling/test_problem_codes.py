"""Every problem code is provoked by a model that has the fault, and has the severity of its row."""

from pathlib import Path
from typing import Any

import pytest

from abm_quant.contracts.problems import CODES, Problem
from abm_quant.errors import InvalidModel
from abm_quant.pipeline import check_model, compile_model
from small_specs import behavior, function, variable, wire

ACT = "agent.Walker.agentBehavior.act"


def acting(code: str, **changes: Any) -> dict[str, Any]:
    """Give a model whose agents do something at every step."""
    return wire(behaviors=[behavior(f"def act(self):\n    {code}")], schedule=[ACT], **changes)


def replaced(part: str, value: Any) -> dict[str, Any]:
    """Give a model with another value at a place of two steps, such as scheduler/schedule."""
    raw = wire()
    holder, field = part.split("/")
    raw[holder][field] = value
    return raw


def nested(depth: int) -> list[Any]:
    """Give a list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


FAULTS: dict[str, Any] = {
    "not-json": '{"codingLanguage": ',
    "not-a-specification": {"greeting": "hello"},
    "missing-field": {key: value for key, value in wire().items() if key != "scheduler"},
    "wrong-type": wire() | {"environment": "a meadow"},
    "unknown-choice": wire(topology={"description": "", "type": "torus"}),
    "out-of-range": wire(max_steps=0),
    "too-large": wire() | {"notes": nested(1_000)},
    "malformed-source-name": wire(variables=[variable("", 1) | {"sourceName": ""}]),
    "duplicate-name": wire(variables=[variable("rate", 1), variable("rate", 2)]),
    "name-clash": wire(
        variables=[variable("step rate", 1), variable("step_rate", 2)],
    ),
    "renamed": wire(variables=[variable("agents", 3, "integer")]),
    "undefined-reference": acting("return secret_thing"),
    "undefined-function": acting("return find_it()"),
    "function-assumed": acting("return randint(1, 6)"),
    "never-updated": wire(
        variables=[variable("x", 1)], rules=[{"sourceName": "globalVariable.x", "value": 0}]
    ),
    "declared": acting("self.energy += 1"),
    "left-out": acting("time.sleep(1)"),
    "unusual-attribute": acting("return type(self).__mro__"),
    "foreign-code": wire() | {"codingLanguage": "netlogo"},
    "no-counterpart": wire(
        topology={"description": "", "type": "grid", "width": 3, "height": 3},
        behaviors=[behavior("def act(self):\n    self.energy = self.grid.attr_grid('energy')")],
    )
    | {"abmLibrary": {"name": "agentpy"}},
    "missing-argument": wire(
        functions=[function("def scale(model, factor):\n    return factor")],
        schedule=["globalFunction.scale"],
    ),
    "code-unreadable": acting("return ("),
    "waiting-code": acting("yield 1"),
    "type-assumed": wire(variables=[variable("rate", 0.5, "string")]),
    "unsupported-language": wire() | {"codingLanguage": "netlogo"},
    "initialization-cycle": wire(
        variables=[variable("a", "globalVariable.b + 1"), variable("b", "globalVariable.a + 1")]
    ),
    "initialization-order": wire(
        variables=[variable("a", "globalVariable.b"), variable("b", [], "array")],
        initialize=["globalVariable.a", "globalVariable.b"],
    ),
    "no-agents": wire(agents=[]),
    "nothing-scheduled": wire(behaviors=[behavior("def act(self):\n    pass")]),
    "space-assumed": wire(topology={"description": "", "type": "grid"}),
    "value-assumed": wire(variables=[variable("share", "a random number between 0 and 1")]),
    "dialect": acting("self.model.schedule.steps"),
    "unused-declaration": wire(functions=[function("def idle(model):\n    return 1")]),
    "dropped": wire(rules=[{"sourceName": "globalVariable.nothing", "value": 0}]),
    "repaired": wire(max_steps="10"),
}


WHILE_IT_RUNS = {"run-failed", "limit-exceeded", "recording-bounded", "value-not-json"} | {
    "not-checkpointed",
    "checkpoint-inexact",
}
"""Codes that only a run can give; the tests of the sandbox provoke them."""
OF_WHAT_WAS_RENDERED = {"forbidden-code"}
"""Codes of the last look at the code; the tests of verify provoke them."""


def problems_of(raw: Any) -> list[Problem]:
    """Give what checking and compiling find."""
    try:
        return [*check_model(raw).problems, *compile_model(raw).problems]
    except InvalidModel as refusal:
        return [*check_model(raw).problems, *refusal.problems]


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found_under_its_code(code):
    found = {each.code: each for each in problems_of(FAULTS[code])}
    assert code in found, found
    assert found[code].severity == CODES[code].severity
    assert found[code].message.endswith(".")


def test_every_code_is_provoked_by_a_test():
    here = Path(__file__)
    elsewhere = "".join(
        file.read_text("utf-8") for file in here.parents[2].rglob("test_*.py") if file != here
    )
    asserted = {code for code in CODES if f'"{code}"' in elsewhere}
    assert asserted >= WHILE_IT_RUNS | OF_WHAT_WAS_RENDERED
    assert sorted(set(CODES) - FAULTS.keys() - asserted) == []
    assert CODES.keys() >= FAULTS.keys()
