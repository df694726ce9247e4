"""Fits declared types to start values that contradict them, such as 0.5 for an integer or 3 for a
text. The value says what is meant, because the code computes with it."""

import re
from collections.abc import Iterator
from typing import Any

from abm_quant.compiling.space.stated_space import codes_of
from abm_quant.compiling.values.literals import is_number
from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import ModelSpec, ValueType, Variable

Steps = tuple[str | int, ...]
NUMBERS = ("integer", "float", "number")


def fitted(spec: ModelSpec) -> tuple[ModelSpec, list[Problem]]:
    """Give the specification with types that its literal start values have, and what was changed."""
    code = "\n".join(codes_of(spec))
    found = [
        (steps, variable, kind)
        for steps, variable in _variables(spec)
        if (kind := _contradiction(variable, code)) is not None
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


def _contradiction(variable: Variable, code: str) -> ValueType | None:
    """Give the type to take for a literal that is not of the declared one; None where it is.

    0 and 1 are no booleans, and are read as such.
    """
    value, kind = variable.initial_value, variable.type
    if isinstance(value, str):
        return "number" if kind == "string" and _is_computed(variable, code) else None
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


def _is_computed(variable: Variable, code: str) -> bool:
    """Tell whether a text that spells a number is one: the code multiplies or compares it."""
    name, sign = rf"(?:[\w.]+\.)?\b{re.escape(variable.name)}\b", r"(?:[*/]|[<>]=?)"
    computing = rf"{name}\s*{sign}|{sign}\s*{name}"
    return is_number(variable.initial_value) and re.search(computing, code) is not None


def _put(raw: Any, steps: Steps, kind: ValueType) -> None:
    for step in steps[:-1]:
        raw = raw[step]
    raw[steps[-1]] = kind
