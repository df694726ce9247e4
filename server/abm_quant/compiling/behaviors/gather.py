"""Gathers what authors write beside the one function that a piece of code should hold.

The other methods of a class become behaviors of their own, what is assigned at the top of the code
becomes a variable of the model, and what an `__init__` sets becomes attributes of the agent, unless
the specification declares them. Helper functions stay with the function that they stand beside.
"""

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from abm_quant.compiling.dialects.scope import BUILTINS
from abm_quant.compiling.dialects.unwrap import readable
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES, KNOWN_IMPORTS, TYPES_OF_VALUES
from abm_quant.contracts.problems import Problem, pointer, problem
from abm_quant.contracts.spec import (
    Behavior,
    GlobalFunction,
    ModelSpec,
)

MARK = re.compile(r"^[^\S\n]*class\s|\b__init__\b|^[^\W\d]\w*\s*(:[^=\n]+)?=(?!=)", re.MULTILINE)

Steps = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """A specification in which everything is declared that stands beside its functions."""

    spec: ModelSpec
    origins: dict[str, str] = field(default_factory=dict)
    """Where each new declaration was found, by the path that it has now."""
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A piece of code."""

    item: Behavior | GlobalFunction
    siblings: Steps
    """Where the list of which it is one stands in the specification."""
    index: int
    agent: tuple[int, int] | None = None
    """Group and number of the agent type in the specification."""

    @property
    def path(self) -> str:
        """Where it stands."""
        return pointer(*self.siblings, self.index)


def gather(spec: ModelSpec) -> Gathered:
    """Give the specification with what its code holds beside the functions."""
    places = [each for each in _places(spec) if MARK.search(each.item.code)]
    if not places:
        return Gathered(spec=spec)
    return _Gatherer(spec).gather(places)


def _places(spec: ModelSpec) -> Iterator[_Place]:
    for index, function in enumerate(spec.global_functions or ()):
        yield _Place(item=function, siblings=("globalFunctions",), index=index)
    for index, behavior in enumerate(spec.environment.environment_behaviors or ()):
        yield _Place(item=behavior, siblings=("environment", "environmentBehaviors"), index=index)
    for (group, number), agent_type in spec.agent_types():
        siblings: Steps = ("agents", group, number, "agentBehaviors")
        for index, behavior in enumerate(agent_type.agent_behaviors or ()):
            yield _Place(item=behavior, siblings=siblings, index=index, agent=(group, number))


class _Gatherer:
    def __init__(self, spec: ModelSpec) -> None:
        self.raw = spec.wire()
        self.code = "\n".join(each.item.code for each in _places(spec))
        self.state = {each.name for each in spec.global_variables or ()}
        self.state |= {each.name for each in spec.environment.environment_attributes or ()}
        self.origins: dict[str, str] = {}
        self.problems: list[Problem] = []

    def gather(self, places: list[_Place]) -> Gathered:
        """Give the specification with all that these pieces of code hold."""
        for place in places:
            text = readable(place.item.code)
            if text is not None:
                self._take(place, text)
        spec = ModelSpec.model_validate(self.raw)
        return Gathered(spec=spec, origins=self.origins, problems=self.problems)

    def _take(self, place: _Place, text: str) -> None:
        body = ast.parse(text).body
        has_function = any(isinstance(each, (ast.FunctionDef, ast.ClassDef)) for each in body)
        for statement in body:
            if isinstance(statement, ast.ClassDef) and isinstance(place.item, Behavior):
                self._take_methods(place, statement, text)
            elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                self._take_attributes(place, statement)
            elif has_function and isinstance(statement, (ast.Assign, ast.AnnAssign)):
                self._take_variable(place, statement)

    def _take_methods(self, place: _Place, wrapper: ast.ClassDef, text: str) -> None:
        known = _names(self._items(place.siblings))
        for method in wrapper.body:
            if not isinstance(method, ast.FunctionDef) or method.name in known:
                continue
            if method.name == "__init__":
                self._take_attributes(place, method)
            elif re.search(rf"(?:\.|[\"']){method.name}\b", self.code):
                behavior = {
                    "name": method.name,
                    "inputs": _inputs(method),
                    "executionMode": "per-agent" if place.agent else "model-once",
                    "sourceName": f"{place.item.source_name.rsplit('.', 1)[0]}.{method.name}",
                    "code": _source(method, text),
                }
                self._declare(place, place.siblings, behavior)
                message = f"`{method.name}`, which stands beside it, was read as a behavior too."
                self._problem("repaired", place, message, "")

    def _take_variable(self, place: _Place, statement: ast.Assign | ast.AnnAssign) -> None:
        """Declare what is assigned at the top of the code as a variable of the model."""
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        target, value = targets[0], statement.value
        if len(targets) != 1 or not isinstance(target, ast.Name) or value is None:
            return
        name = target.id
        if name in self.state | FRAMEWORK_NAMES or not _is_computable(value):
            return
        self.state.add(name)
        source_name = f"environment.environmentAttribute.{name}"
        steps = ("environment", "environmentAttributes")
        self._declare(place, steps, _variable(name, value, source_name))
        message = f"{name!r}, which is set beside the function, became a variable of the model."
        self._problem("declared", place, message, f"Declare {source_name}.")

    def _take_attributes(self, place: _Place, method: ast.FunctionDef) -> None:
        """Declare what the `__init__` of an agent sets, where the start value can be computed."""
        if place.agent is None:
            return
        steps = ("agents", *place.agent, "agentAttributes")
        known = _names(self._items(steps)) | FRAMEWORK_NAMES
        defaults = _defaults(method)
        for statement in method.body:
            name, value = _own_assignment(statement)
            if isinstance(value, ast.Name):
                value = defaults.get(value.id, value)
            if name is None or value is None or name in known or not _is_computable(value):
                continue
            known.add(name)
            prefix = place.item.source_name.split(".agentBehavior")[0]
            source_name = f"{prefix}.agentAttribute.{name}"
            self._declare(place, steps, _variable(name, value, source_name))
            message = f"{name!r} is set by the `__init__` only; it was declared as an attribute."
            self._problem("declared", place, message, f"Declare {source_name}.")

    def _items(self, steps: Steps) -> list[Any]:
        """Give a list of the specification, an empty one where there is none yet."""
        holder: Any = self.raw
        for step in steps[:-1]:
            holder = holder[step]
        if holder.get(steps[-1]) is None:
            holder[steps[-1]] = []
        items: list[Any] = holder[steps[-1]]
        return items

    def _declare(self, place: _Place, steps: Steps, item: dict[str, Any]) -> None:
        items = self._items(steps)
        items.append(item)
        self.origins[pointer(*steps, len(items) - 1)] = f"{place.path}/code/{item['name']}"

    def _problem(self, code: str, place: _Place, message: str, hint: str) -> None:
        self.problems.append(problem(code, f"{place.path}/code", message, hint))


def _names(items: list[Any]) -> set[str]:
    return {each["sourceName"].rsplit(".", 1)[-1] for each in items}


def _source(method: ast.FunctionDef, text: str) -> str:
    """Give the text of a method, with its decorators and comments."""
    first = min([method.lineno, *(each.lineno for each in method.decorator_list)])
    lines = text.split("\n")[first - 1 : method.end_lineno]
    return textwrap.dedent("\n".join(lines))


def _inputs(method: ast.FunctionDef) -> list[dict[str, str]]:
    names = [each.arg for each in method.args.args]
    is_static = any(
        isinstance(each, ast.Name) and each.id == "staticmethod" for each in method.decorator_list
    )
    return [{"name": name} for name in (names if is_static else names[1:])]


def _defaults(method: ast.FunctionDef) -> dict[str, ast.expr]:
    """Give the defaults of the parameters that have one."""
    names = [each.arg for each in method.args.args]
    count = len(method.args.defaults)
    found = dict(zip(names[len(names) - count :], method.args.defaults, strict=True))
    keyed = zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
    return found | {each.arg: value for each, value in keyed if value is not None}


def _own_assignment(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    """Give the attribute and the value of `self.x = value`."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)]):
            return name, statement.value
        case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
            return name, statement.value
    return None, None


def _is_computable(value: ast.expr) -> bool:
    """Tell whether a start value uses nothing but the agent, the model and known libraries."""
    known = KNOWN_IMPORTS.keys() | BUILTINS | {"self", "model", "random"}
    names = [each for each in ast.walk(value) if isinstance(each, ast.Name)]
    bound = {each.id for each in names if isinstance(each.ctx, ast.Store)}
    return {each.id for each in names} - bound <= known


def _variable(name: str, value: ast.expr, source_name: str) -> dict[str, Any]:
    try:
        plain = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        plain = ...
    is_json = isinstance(plain, (bool, int, float, str)) or plain is None
    return {
        "name": name,
        "type": TYPES_OF_VALUES.get(type(plain), "object"),
        "initialValue": plain if is_json else ast.unparse(value),
        "sourceName": source_name,
    }
