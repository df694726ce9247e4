"""Reads the values that `--set name=value` gives to a model's parameters."""

import math
from collections.abc import Sequence
from typing import Any

from rapidfuzz import fuzz, process

from abm_quant.contracts.jobs import ParameterValue
from abm_quant.contracts.program import Parameter, Program
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import BadRequest

WORDS = {"true": True, "yes": True, "on": True, "1": True}
WORDS |= {"false": False, "no": False, "off": False, "0": False}


def read_parameters(
    assignments: Sequence[str], program: Program, spec: ModelSpec
) -> dict[str, ParameterValue]:
    """Give the values by name, each of the type of its parameter; raises BadRequest otherwise."""
    values: dict[str, ParameterValue] = {}
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals or not name:
            raise BadRequest(f"--set {assignment!r} must be written name=value.")
        parameter = program.parameter(name)
        if parameter is None:
            raise BadRequest(_unknown(name, program.parameters))
        if name in values:
            raise BadRequest(f"The parameter {name} is set twice.")
        values[name] = _read_value(parameter, text, whole=_is_whole(parameter, spec))
    return values


def _is_whole(parameter: Parameter, spec: ModelSpec) -> bool:
    """Whether only whole numbers are meant: a default of 1 may belong to any `number`."""
    declaration: Any = spec.wire()
    for step in parameter.path.split("/")[1:-1]:
        declaration = declaration[int(step) if isinstance(declaration, list) else step]
    return isinstance(parameter.default, int) and declaration.get("type") != "number"


def _unknown(name: str, known: Sequence[Parameter]) -> str:
    if not known:
        return f"The model has no parameter {name!r}; it has no parameters at all."
    names = [each.name for each in known]
    close = process.extractOne(name, names, scorer=fuzz.ratio, score_cutoff=60)
    advice = f" Did you mean {close[0]}?" if close else ""
    listed = ", ".join(f"{each.name} ({each.default!r})" for each in known)
    return f"The model has no parameter {name!r}.{advice} Its parameters and defaults: {listed}."


def _read_value(parameter: Parameter, text: str, *, whole: bool) -> ParameterValue:
    default, name = parameter.default, parameter.name
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        if text.lower() not in WORDS:
            raise BadRequest(f"{name} must be true or false, not {text!r}.")
        return WORDS[text.lower()]
    try:
        value = float(text)
    except ValueError:
        raise BadRequest(f"{name} must be a number, not {text!r}.") from None
    if not math.isfinite(value):
        raise BadRequest(f"{name} must be a finite number, not {text!r}.")
    if isinstance(default, int) and value.is_integer():
        return _all_digits(text, value)
    if whole:
        raise BadRequest(f"{name} must be a whole number, not {text!r}.")
    return value


def _all_digits(text: str, value: float) -> int:
    """Give all digits of a whole number, also where a float would lose some."""
    try:
        return int(text)
    except ValueError:
        return int(value)
