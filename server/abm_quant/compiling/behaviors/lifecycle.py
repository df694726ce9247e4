"""Lifecycle: the methods that AgentPy calls by itself, stated as values and plans.

AgentPy calls `setup` of every new agent and of the model, `step` and `update` of the model in each
step and `end` after the last. What an agent's `setup` assigns becomes its start values, so that it
holds for agents that are born later too; a `setup` of the model is initialized, its `step` and
`update` are scheduled.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from abm_quant.compiling.dialects.agentpy_facts import USUAL_NAMES, uses_agentpy
from abm_quant.compiling.dialects.unwrap import Unreadable, unwrap
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import Behavior, GlobalFunction, ModelSpec

SCHEDULE = "/scheduler/schedule/scheduleOrder"
MADE_SPACE = re.compile(r"\.(\w+)\s*=\s*(?:[\w.]+\s*=\s*)?ap\.(?:Grid|Network|Space)\(")
SETUP = "AgentPy calls `{method}` by itself; {name} runs when the model starts."
ROUTINE = "AgentPy calls `{method}` by itself; {name} runs in every step."
END = "AgentPy calls `end` after the last step; {name} was left out."
END_HINT = "Compute the result in every step, in a variable that is tracked."
LATER = "{name} runs for the agents of the start, and not for those that are born later."
LATER_HINT = "State start values as initialValue."


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """A specification whose plan says all that runs."""

    spec: ModelSpec
    absorbed: frozenset[str] = frozenset()
    """SourceNames of the behaviors that nothing needs any more."""
    problems: tuple[Problem, ...] = ()


def stated(spec: ModelSpec) -> Lifecycle:
    """Give a specification that states what AgentPy does by itself; others as they are."""
    if not uses_agentpy(spec):
        return Lifecycle(spec=spec)
    reader = _Reader(spec, spec.wire())
    reader.read()
    return Lifecycle(
        spec=ModelSpec.model_validate(reader.wire),
        absorbed=frozenset(reader.absorbed),
        problems=tuple(reader.problems),
    )


@dataclass
class _Reader:
    spec: ModelSpec
    wire: dict[str, Any]
    """The specification as JSON, in which what AgentPy does is stated."""
    absorbed: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> None:
        self.code = "\n".join(each.code for each in _pieces(self.spec))
        scheduler = self.wire["scheduler"]
        self.initial: list[dict[str, Any]] = _list(
            scheduler, "initialization", "initializationOrder"
        )
        self.scheduled: list[dict[str, Any]] = _list(scheduler, "schedule", "scheduleOrder")
        self.planned = {each["sourceName"] for each in (*self.initial, *self.scheduled)}
        self.is_empty = not self.scheduled
        world = self.spec.environment.environment_behaviors or ()
        self.starts_itself = any(
            _method(each) == "setup" and each.source_name not in self.planned for each in world
        )
        for (group, index), agent_type in self.spec.agent_types():
            attributes = _list(self.wire["agents"][group][index], "agentAttributes")
            for place, behavior in enumerate(agent_type.agent_behaviors or ()):
                path = f"/agents/{group}/{index}/agentBehaviors/{place}"
                if _method(behavior) == "setup":
                    self._agent_setup(attributes, behavior, path)
        behaviors = enumerate(self.spec.environment.environment_behaviors or ())
        for place, behavior in sorted(behaviors, key=lambda pair: _method(pair[1]) == "update"):
            self._model_method(behavior, f"/environment/environmentBehaviors/{place}")
        for place, function in enumerate(self.spec.global_functions or ()):
            if _method(function) == "setup":
                self._model_method(function, f"/globalFunctions/{place}")

    def _model_method(self, piece: Behavior | GlobalFunction, path: str) -> None:
        name, method = piece.source_name, _method(piece)
        if method == "end" and name not in self.planned:
            self.absorbed.add(name)
            self.problems.append(problem("dropped", path, END.format(name=name), END_HINT))
        initial = {each["sourceName"] for each in self.initial}
        if method == "update" and self.starts_itself and name in self.planned - initial:
            self._initialize(name, last=True)
            self.problems.append(problem("dialect", path, SETUP.format(method=method, name=name)))
        if name in self.planned or re.search(rf"\b{method}\(", self._without_defs()):
            return
        if method == "setup":
            self._initialize(name, last=True)
            self.problems.append(problem("dialect", path, SETUP.format(method="setup", name=name)))
        elif method == "update" or (method == "step" and self.is_empty):
            self._schedule(name)
            if method == "update":
                self._initialize(name, last=True)
            self.problems.append(problem("dialect", path, ROUTINE.format(method=method, name=name)))

    def _without_defs(self) -> str:
        own = re.sub(r"\bdef \w+\(|\bsuper\(\)\.\w+\(", "", self.code)
        return re.sub(r"\b(?!self\.|model\.)[\w.\])]+\.\w+\(", "", own)

    def _initialize(self, name: str, *, last: bool) -> None:
        orders = [each.get("orderInInitialization") or 0 for each in self.initial]
        order = max(orders, default=0) + 1 if last else -1
        self.initial.append({"sourceName": name, "orderInInitialization": order})

    def _schedule(self, name: str) -> None:
        orders = [each.get("orderInSchedule") or 0 for each in self.scheduled]
        order = max(orders, default=0) + 1
        self.scheduled.append({"sourceName": name, "orderInSchedule": order})

    def _agent_setup(self, attributes: list[dict[str, Any]], behavior: Behavior, path: str) -> None:
        name = behavior.source_name
        scheduled = {each["sourceName"] for each in self.scheduled}
        if name in scheduled or re.search(r"(?<!super\(\))\.setup\(", self.code):
            return
        try:
            piece = unwrap(behavior.code, "setup", ("self",))
        except Unreadable:
            return
        starts = _starts(piece.code)
        if starts is not None:
            self.absorbed.add(name)
            for attribute, value in starts.items():
                if not self._is_way(attribute, value):
                    self._start(attributes, name, path, (attribute, value))
        elif name not in self.planned:
            self._initialize(name, last=False)
            message = SETUP.format(method="setup", name=name)
            if re.search(r"\b(?:\w+\(self\.model|create_agents\(|AgentD?List\()", self.code):
                self.problems.append(
                    problem("dropped", path, f"{message} {LATER.format(name=name)}", LATER_HINT)
                )
            else:
                self.problems.append(problem("dialect", path, message))

    def _is_way(self, attribute: str, value: ast.expr) -> bool:
        """Tell whether an assignment only shortens the way to what the model has."""
        if not isinstance(value, ast.Attribute):
            return False
        spaces = {*USUAL_NAMES, *MADE_SPACE.findall(self.code)}
        return value.attr in spaces or attribute == value.attr in FRAMEWORK_NAMES

    def _start(
        self,
        attributes: list[dict[str, Any]],
        source_name: str,
        path: str,
        start: tuple[str, ast.expr],
    ) -> None:
        """Let an attribute start with what `setup` assigns."""
        name, node = start
        found = next((each for each in attributes if each.get("name") == name), None)
        is_literal, value = _literal(node)
        if found is not None and is_literal and found.get("initialValue") not in (None, ""):
            if found["initialValue"] != value:
                message = f"`setup` starts {name!r} with {value!r}; its initialValue holds."
                self.problems.append(problem("value-assumed", path, message))
            return
        if found is None:
            prefix = source_name.split(".agentBehavior.")[0]
            kind = KINDS.get(type(value), "object") if is_literal else "object"
            found = {"name": name, "description": "", "type": kind}
            found["sourceName"] = f"{prefix}.agentAttribute.{name}"
            attributes.append(found)
        found["initialValue"] = value
        message = f"{name!r} starts with {value!r}, as `setup` says."
        self.problems.append(problem("value-assumed", path, message))


def _literal(node: ast.expr) -> tuple[bool, Any]:
    """Give whether an expression is a literal, and its value; its text where it is none."""
    try:
        return True, ast.literal_eval(node)
    except ValueError:
        return False, ast.unparse(node)


def _list(owner: dict[str, Any], *keys: str) -> list[Any]:
    """Give the list that lies in an object under these keys, made where there is none."""
    for key in keys[:-1]:
        owner[key] = owner.get(key) or {}
        owner = owner[key]
    owner[keys[-1]] = owner.get(keys[-1]) or []
    found: list[Any] = owner[keys[-1]]
    return found


KINDS = {bool: "boolean", int: "integer", float: "float", str: "string", list: "array"}


def _pieces(spec: ModelSpec) -> Iterator[Behavior | GlobalFunction]:
    """Give all pieces of code."""
    yield from spec.global_functions or ()
    yield from spec.environment.environment_behaviors or ()
    for _, agent_type in spec.agent_types():
        yield from agent_type.agent_behaviors or ()


def _method(piece: Behavior | GlobalFunction) -> str:
    return piece.source_name.rsplit(".", 1)[-1]


def _starts(code: str) -> dict[str, ast.expr] | None:
    """Give the value of each attribute where a `setup` only assigns; None where it does more."""
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    defaults = function.args.defaults
    parameters = [each.arg for each in function.args.args[1:]]
    without = len(parameters) - len(defaults)
    given: dict[str, ast.expr] = dict(zip(parameters[without:], defaults, strict=True))
    found: dict[str, ast.expr] = {}
    local: dict[str, ast.expr] = {}
    for statement in function.body:
        if isinstance(statement, ast.Expr) and _is_idle(statement.value):
            continue
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return None
        target, value = statement.targets[0], _Inlined(local).visit(statement.value)
        if isinstance(value, ast.Name) and value.id == getattr(target, "attr", None):
            value = given.get(value.id, value)  # Mesa's `__init__` takes it under the same name
            if isinstance(value, ast.Name):
                continue
        used = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}
        if used & set(parameters):
            return None
        if isinstance(target, ast.Name) and not _draws(value):
            local[target.id] = value
        elif isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
            found[target.attr] = value
        else:
            return None
    return found


def _is_idle(node: ast.expr) -> bool:
    """Tell whether a statement is a docstring or `super().setup()`."""
    return isinstance(node, ast.Constant) or ast.unparse(node).startswith("super().setup(")


def _draws(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Call) for each in ast.walk(node))


class _Inlined(ast.NodeTransformer):
    def __init__(self, local: dict[str, ast.expr]) -> None:
        self.local = local

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.local.get(node.id, node)
