"""Scope: where a piece of code stands, and how the model's things are written there."""

import ast
import builtins
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeGuard

import libcst as cst

from abm_quant.compiling.behaviors.activation import Turn
from abm_quant.compiling.dialects.agentpy_facts import AgentPy
from abm_quant.compiling.resolve import MODEL_STATE, Declared, Names, python_name
from abm_quant.contracts.spec import Variable

BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, kw_only=True)
class FunctionFacts:
    """What a caller must know of a global function."""

    python: str
    parameters: tuple[str, ...]
    required: int
    """How many of the parameters have no default."""
    takes_model: bool = False
    """Whether a parameter `model` was added in front, because the body needs the model."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One place for code: a method of an agent, a method of the model, or a function."""

    owner: Literal["agent", "model", "function"]
    model: str
    """The model, as it is written here: `self.model`, `self`, `model` or `agent.model`."""
    me: str | None
    """The agent whose attributes are meant, as it is written here."""
    agent_type: str | None
    """T of that agent, where it is known."""
    names: Names
    functions: Mapping[str, FunctionFacts]
    """By every name under which the code may call them."""
    counts: Mapping[str, str]
    """The model attribute that holds the initial count, by T."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Behaviors by the names after `def`, where these are not declared themselves."""
    own_assigned: frozenset[str] = frozenset()
    """Attributes that code assigns on `self`."""
    assigned: frozenset[str] = frozenset()
    """Attributes that code anywhere assigns, on whatever object."""
    is_bare: bool = False
    """Whether the author writes variables of the model as bare names."""
    ids_from_zero: bool = False
    """Whether the author counts unique ids from 0, as Mesa 2 did by custom."""
    turns: tuple[Turn, ...] = ()
    """What `schedule.step()` lets the agents do."""
    numbered: str | None = None
    """The class of the agents, where an id stands for a number among those of its type."""
    is_start: bool = False
    """Whether the code is a start value."""
    agentpy: AgentPy = field(default_factory=AgentPy)
    """What the author's code builds with AgentPy."""
    assumptions: list[tuple[str, str]] = field(default_factory=list)
    """Code and message of what was assumed in the code."""

    def assume(self, code: str, message: str) -> None:
        """Keep an assumption, once."""
        if (code, message) not in self.assumptions:
            self.assumptions.append((code, message))

    def written(self, declared: Declared) -> str | None:
        """Give the expression for a declared thing; None when it cannot be reached from here."""
        match declared.kind:
            case "global-variable" | "environment-attribute" | "environment-behavior":
                return f"{self.model}.{declared.python}"
            case "global-function":
                return declared.python
            case "agent-attribute" | "agent-behavior":
                return f"{self.me}.{declared.python}" if self.me else None
        count = self.counts.get(declared.agent_type or "")
        return f"{self.model}.{count}" if count else None

    def bare(self, name: str) -> Declared | None:
        """Give what a bare name means here, when it is a name of the model's or the agent's own."""
        found = self._exact(name, *MODEL_STATE, "environment-behavior")
        if found is None and self.agent_type and self.me:
            for each in self.names.of(
                "agent-attribute", "agent-behavior", agent_type=self.agent_type
            ):
                if each.name == name:
                    return each
        return found

    def constant(self, name: str) -> str | None:
        """Give the text of an attribute that an undeclared name such as SUSCEPTIBLE stands for."""
        starts = (
            each.item.initial_value
            for each in self.names.of("agent-attribute")
            if isinstance(each.item, Variable) and each.item.type == "string"
        )
        texts = {start for start in starts if isinstance(start, str)}
        alike = sorted(text for text in texts if name.isupper() and text.upper() == name)
        return name if name in texts else next(iter(alike), None)

    def _exact(self, name: str, *kinds: str) -> Declared | None:
        return next(
            (
                each
                for each in self.names.declared
                if name in (each.name, python_name(each.name)) and each.kind in kinds
            ),
            None,
        )


def chain(node: cst.BaseExpression) -> tuple[str, ...] | None:
    """Give the names of `a.b.c`; None for an expression of another shape."""
    names: list[str] = []
    while isinstance(node, cst.Attribute):
        names.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    return (node.value, *reversed(names))


def free_names(code: str) -> set[str]:
    """Give the names that a function's code uses and that nothing in the function binds."""
    table = symtable.symtable(code, "code", "exec")
    found: set[str] = set()
    for inner in _tables(table):
        found |= {s.get_name() for s in inner.get_symbols() if s.is_global()}
    return found - BUILTINS - {"__class__"}


def bound_names(code: str) -> set[str]:
    """Give the names that a function or anything in it binds: parameters and assigned names."""
    table = symtable.symtable(code, "code", "exec")
    return {
        symbol.get_name()
        for inner in _tables(table)
        for symbol in inner.get_symbols()
        if symbol.is_local() or symbol.is_parameter()
    }


def taken_names(code: str) -> set[str]:
    """Give the names that a function binds, without those of comprehensions and lambdas."""
    inner: set[int] = set()
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(
            node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
        ):
            inner |= {id(each) for each in ast.walk(node)}
    names = {node.id for node in ast.walk(tree) if _is_bound(node) and id(node) not in inner}
    return names | {
        node.arg for node in ast.walk(tree) if isinstance(node, ast.arg) and id(node) not in inner
    }


def _is_bound(node: ast.AST) -> "TypeGuard[ast.Name]":
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def own_locals(code: str) -> set[str]:
    """Give the names that the function itself assigns, and no function or loop inside it."""
    function = symtable.symtable(code, "code", "exec").get_children()[0]
    inner = {
        symbol.get_name()
        for table in _tables(function)
        for symbol in table.get_symbols()
        if symbol.is_local() or symbol.is_parameter()
    }
    own = {s.get_name() for s in function.get_symbols() if not s.is_parameter()}
    assigned = {name for name in own if function.lookup(name).is_assigned()}
    return assigned - inner


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables(child)


def assigned_outside(code: str, candidates: set[str]) -> set[str]:
    """Give the candidates that the function assigns and that can only be meant as the model's.

    A name is the model's own when it is declared `global`, only ever changed in place (`x += 1`),
    read before it is assigned, or assigned and never read.
    """
    function = ast.parse(code).body[0]
    events: dict[str, list[str]] = {name: [] for name in candidates}
    for node in ast.walk(function):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in candidates & set(node.names):
                events[name].append("global")
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            events.get(node.target.id, []).append("change")
    occurrences = [
        node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in candidates
    ]
    for node in sorted(occurrences, key=lambda each: (each.lineno, each.col_offset)):
        events[node.id].append("read" if isinstance(node.ctx, ast.Load) else "write")
    return {name for name, seen in events.items() if _is_outside(seen)}


def _is_outside(events: list[str]) -> bool:
    if "global" in events:
        return True
    writes, changes = events.count("write"), events.count("change")
    if not writes:
        return False
    if changes == writes or "read" not in events:
        return True
    order = [event for event in events if event in ("read", "write")]
    return order[0] == "read"
