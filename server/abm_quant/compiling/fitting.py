"""Fits declared types to start values that contradict them, such as 0.5 for an integer or 3 for a
text. The value says what is meant, because the code computes with it."""

from collections.abc import Iterator
from typing import Any

from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import ModelSpec, ValueType, Variable

Steps = tuple[str | int, ...]
NUMBERS = ("integer", "float", "number")


def fitted(spec: ModelSpec) -> tuple[ModelSpec, list[Problem]]:
    """Give the specification with types that its literal start values have, and what was changed."""
    found = [
        (steps, variable, kind)
        for steps, variable in _variables(spec)
        if (kind := _contradiction(variable)) is not None
    ]
    if not found:
        return spec, []
    raw = spec.wire()
    problems: list[Problem] = []
    for steps, variable, kind in found:
        _put(raw, steps, kind)
        value = variable.initial_value
        message = f"{value!r} is no {variable.type}; {kind} was taken as the type."
        if kind == variable.type:
            message = f"{value!r} is no {kind}; it was read as {bool(value)}."
        hint = f'Declare the type "{kind}", or change the value.'
        problems.append(problem("type-assumed", pointer(*steps), message, hint))
    return ModelSpec.model_validate(raw), problems


def _variables(spec: ModelSpec) -> Iterator[tuple[Steps, Variable]]:
    """Give every variable with the place of its type."""
    world = spec.environment
    lists: list[tuple[Steps, list[Variable] | None]] = [
        (("globalVariables",), spec.global_variables),
        (("environment", "environmentAttributes"), world.environment_attributes),
    ]
    for place, agent_type in spec.agent_types():
        lists.append((("agents", *place, "agentAttributes"), agent_type.agent_attributes))
    for steps, variables in lists:
        for index, variable in enumerate(variables or ()):
            yield (*steps, index, "type"), variable


def _contradiction(variable: Variable) -> ValueType | None:
    """Give the type to take for a literal that is not of the declared one; None where it is.

    0 and 1 are no booleans, and are read as such.
    """
    value, kind = variable.initial_value, variable.type
    if isinstance(value, bool):
        return "boolean" if kind in ("string", "array", "object") else None
    if isinstance(value, (int, float)):
        if kind == "boolean":
            return "boolean" if value in (0, 1) else "number"
        if kind == "integer":
            return None if isinstance(value, int) or value.is_integer() else "float"
        return None if kind in NUMBERS else "number"
    if isinstance(value, list):
        return None if kind in ("array", "object") else "array"
    return None


def _put(raw: Any, steps: Steps, kind: ValueType) -> None:
    for step in steps[:-1]:
        raw = raw[step]
    raw[steps[-1]] = kind
