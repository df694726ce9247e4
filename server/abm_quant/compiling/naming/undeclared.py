"""Undeclared variables: what the code uses and the specification does not declare.

Each is declared with a start value that fits its use: 0 for what is counted, an empty list for what
is appended to, False for what is only tested, None where nothing tells.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from abm_quant.compiling.behaviors.pieces import Piece, Pieces
from abm_quant.compiling.naming.known import FRAMEWORK_NAMES, TYPES_OF_VALUES
from abm_quant.compiling.resolve import Declared, Names
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import ValueType, Variable

Start = tuple[ValueType, object]
NOTHING: Start = ("object", None)


@dataclass(frozen=True, kw_only=True)
class _Use:
    """One use of an attribute of the agent itself or of the model."""

    name: str
    on_model: bool
    is_read: bool
    is_set: bool
    is_called: bool
    start: Start | None
    """The start value that this use suggests."""


@dataclass
class Undeclared:
    """Finds what is not declared; collects problems and declarations."""

    names: Names
    pieces: Pieces
    problems: list[Problem] = field(default_factory=list)
    declared: list[Declared] = field(default_factory=list)

    def find(self) -> Names:
        """Give the names with a declaration for all that the code uses."""
        found: dict[tuple[str | None, str], list[tuple[Piece, _Use]]] = {}
        for piece in self.pieces.by_path.values():
            for use in _uses(piece):
                owner = None if use.on_model else piece.declared.agent_type
                if use.name not in FRAMEWORK_NAMES and not self._is_known(owner, use.name):
                    found.setdefault((owner, use.name), []).append((piece, use))
        for (owner, name), places in found.items():
            self._declare(owner, name, places)
        for name, places in self._on_others().items():
            for owner in self.names.type_names:
                if (owner, name) not in found and not self._is_known(owner, name):
                    self._declare(owner, name, places)
        if not self.declared:
            return self.names
        return Names(
            declared=(*self.names.declared, *self.declared),
            type_names=self.names.type_names,
            problems=self.names.problems,
        )

    def _on_others(self) -> dict[str, list[tuple[Piece, _Use]]]:
        """Give the attributes that code sets and reads on other agents, and nothing declares."""
        found: dict[str, list[tuple[Piece, _Use]]] = {}
        known = self.names.known | FRAMEWORK_NAMES
        for piece in self.pieces.by_path.values():
            for use in _uses(piece, on_others=True):
                if use.name not in known:
                    found.setdefault(use.name, []).append((piece, use))
        return {
            name: places
            for name, places in found.items()
            if not any(use.is_called for _, use in places)
            and any(use.is_set for _, use in places)
            and any(use.is_read for _, use in places)
        }

    def _is_known(self, owner: str | None, name: str) -> bool:
        known = self.names.of_owner(owner)
        return name in known or name in self.pieces.methods(owner)

    def _declare(self, owner: str | None, name: str, places: list[tuple[Piece, _Use]]) -> None:
        reading = next((piece for piece, use in places if use.is_read), None)
        called = next((piece for piece, use in places if use.is_called), None)
        path = f"{(called or reading or places[0][0]).declared.path}/code"
        whose = f"agent.{owner}" if owner else "the model"
        if called is not None:
            close = ", ".join(self.names.close_to(name))
            hint = f"Did you mean {close}?" if close else "Declare it as a behavior."
            message = f"The code calls {name!r} of {whose}, which is not defined."
            self.problems.append(problem("undefined-function", path, message, hint))
            return
        if reading is None:
            return
        kind, value = next((use.start for _, use in places if use.start), NOTHING)
        what = "agentAttribute" if owner else "environmentAttribute"
        source_name = f"{whose if owner else 'environment'}.{what}.{name}"
        message = f"The code uses {name!r} of {whose}; it was declared with the start {value!r}."
        hint = f"Declare {source_name} with its start value."
        self.problems.append(problem("declared", path, message, hint))
        item = Variable.model_validate(
            {"name": name, "type": kind, "initialValue": value, "sourceName": source_name}
        )
        self.declared.append(
            Declared(
                kind="agent-attribute" if owner else "environment-attribute",
                name=name,
                python=name,
                agent_type=owner,
                path=path,
                item=item,
            )
        )


def _uses(piece: Piece, *, on_others: bool = False) -> Iterator[_Use]:
    """Give the uses of attributes of `self` and of the model in a piece of code, or of others."""
    tree = ast.parse(piece.code)
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr.startswith("_"):
            continue
        on_model = _is_model(node.value, piece)
        is_own = on_model or (piece.owner == "agent" and _is_self(node.value))
        if is_own == on_others or (on_others and not isinstance(node.value, ast.Name)):
            continue
        parent = parents.get(id(node))
        is_called = isinstance(parent, ast.Call) and parent.func is node
        changed = isinstance(parent, ast.AugAssign) and parent.target is node
        yield _Use(
            name=node.attr,
            on_model=on_model,
            is_read=changed or isinstance(node.ctx, ast.Load),
            is_set=isinstance(node.ctx, ast.Store),
            is_called=is_called,
            start=_start(parent),
        )


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_model(node: ast.expr, piece: Piece) -> bool:
    if piece.owner == "model":
        return _is_self(node)
    if isinstance(node, ast.Attribute) and node.attr == "model":
        return _is_self(node.value)
    return piece.owner == "function" and isinstance(node, ast.Name) and node.id == "model"


def _start(parent: ast.AST | None) -> Start | None:
    """Give the start value that the code around a use suggests, None when it suggests none."""
    match parent:
        case ast.AugAssign() | ast.BinOp():
            return ("number", 0)
        case ast.Assign(value=ast.Constant(value=value)) if value is not None:
            empty = type(value)()
            return (TYPES_OF_VALUES.get(type(value), "object"), empty)
        case ast.Assign(value=ast.List() | ast.ListComp()):
            return ("array", [])
        case ast.Assign(value=ast.Dict() | ast.DictComp()):
            return ("object", {})
        case ast.Attribute(attr="append" | "extend" | "pop" | "remove" | "sort"):
            return ("array", [])
        case ast.Attribute(attr="add" | "discard"):
            return ("object", "set()")
        case ast.Attribute(attr="items" | "values" | "keys" | "get"):
            return ("object", {})
        case ast.Call(func=ast.Name(id="len" | "sum")):
            return ("array", [])
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            return ("number", 0)
        case ast.Compare(comparators=[ast.Constant(value=bool() | int() | str() as value)]):
            return (TYPES_OF_VALUES[type(value)], type(value)())
        case ast.UnaryOp(op=ast.Not()) | ast.If() | ast.BoolOp() | ast.IfExp(test=ast.Attribute()):
            return ("boolean", False)
    return None
