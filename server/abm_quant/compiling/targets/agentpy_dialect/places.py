"""Which expressions of the author's code give a place, a collection of places, or the space.

Mesa's code handles cells (mesa.discrete_space) or coordinates and nodes (mesa.space), AgentPy's
handles positions. To bring one to the other it must be known what an expression gives. A light
inference is enough: names are followed through assignments, loops, comprehensions and calls of
the author's own functions; what stays unknown has no kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from abm_quant.compiling.targets.agentpy_dialect.setting import Setting

Kind = Literal["place", "places", "agents", "space"]

PLACE = ("cell", "pos", "position", "node", "location", "target_cell")
PLACES = ("cells", "positions", "neighborhood", "nodes", "locations", "neighbor_nodes")
GIVING_PLACES = {
    *("get_neighborhood", "iter_neighborhood", "neighborhood", "all_cells", "empties", "cells"),
    "connections",
}
GIVING_PLACE = {"cell", "pos", "select_random_cell", "select_random_empty_cell", "torus_adj"}
GIVING_AGENTS = {
    *("get_neighbors", "iter_neighbors", "get_cell_list_contents", "get_all_cell_contents"),
    "iter_cell_list_contents",
}
GIVING_NODES = {"neighbors", "successors", "predecessors", "nodes"}
"""Methods of networkx that give labels of nodes."""
SAME = {"list", "tuple", "set", "sorted", "reversed", "frozenset"}
PICKING = {"choice", "min", "max", "next"}
SEVERAL = {"choices", "sample"}
ROUNDS = 5
"""Functions may call each other; after so many rounds nothing new is found."""


@dataclass(frozen=True)
class Known:
    """Kinds that hold in the whole Program."""

    functions: Mapping[str, Kind] = field(default_factory=dict)
    """What the author's functions and methods give back."""
    attributes: Mapping[str, Kind] = field(default_factory=dict)
    """What the author's attributes hold."""


@dataclass
class Kinds:
    """Gives the kind of an expression in one function."""

    setting: Setting
    known: Known = field(default_factory=Known)
    names: dict[str, Kind] = field(default_factory=dict)

    def of(self, node: cst.BaseExpression) -> Kind | None:
        """Give the kind of an expression; None where it is unknown or something else."""
        match node:
            case cst.Name():
                return self.names.get(node.value)
            case cst.Attribute():
                return self._attribute(node)
            case cst.Call():
                return self._call(node)
            case cst.Subscript():
                return self._item(node)
            case cst.IfExp():
                return self.of(node.body) or self.of(node.orelse)
            case cst.BooleanOperation():
                return self.of(node.left) or self.of(node.right)
            case cst.BinaryOperation():
                left, right = self.of(node.left), self.of(node.right)
                return left if left == "places" else right if right == "places" else None
            case cst.NamedExpr():
                return self.of(node.value)
            case cst.List() | cst.Set():
                inner = [self.of(each.value) for each in node.elements]
                return "places" if "place" in inner else None
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
                return "places" if self.of(node.elt) == "place" else None
            case cst.Tuple():
                return self._tuple(node)
        return None

    def item_of(self, node: cst.BaseExpression) -> Kind | None:
        """Give the kind of what a loop over an expression goes through."""
        return "place" if self.of(node) in ("places", "space") else None

    def _tuple(self, node: cst.Tuple) -> Kind | None:
        inner = [self.of(each.value) for each in node.elements]
        if "place" in inner:
            return "places"
        is_coordinates = self.setting.kind != "network" and len(inner) == 2 and not any(inner)
        return "place" if is_coordinates else None

    def _attribute(self, node: cst.Attribute) -> Kind | None:
        name = node.attr.value
        if name == self.setting.found:
            return "space"
        if name in self.setting.members - {"cell", "pos"}:
            return self.known.attributes.get(name)
        if name in GIVING_PLACE:
            return "place"
        if name == "coordinate":
            return "place"
        if name in GIVING_PLACES or (name == "nodes" and self.setting.kind == "network"):
            return "places"
        if name == "agents" and self.of(node.value) in ("place", "places"):
            return "agents"
        return self.known.attributes.get(name)

    def _call(self, node: cst.Call) -> Kind | None:
        name = called_name(node)
        first = node.args[0].value if node.args else None
        receiver = node.func.value if isinstance(node.func, cst.Attribute) else None
        if name in GIVING_PLACES:
            return "places"
        if name in GIVING_PLACE:
            return "place"
        if name in GIVING_AGENTS:
            return "agents"
        if self.setting.kind == "network" and name in GIVING_NODES:
            return "places"
        if name == "select" and receiver is not None:
            return self.of(receiver)
        if name == "pop" and receiver is not None and self.of(receiver) == "places":
            return "place"
        if name in ("get", "values") and receiver is not None and _is_connections(receiver):
            return "place" if name == "get" else "places"
        if first is not None and name in SAME | SEVERAL | PICKING | {"iter", "filter"}:
            of_what = self.of(node.args[1].value if name == "filter" else first)
            return "place" if of_what == "places" and name in PICKING else of_what
        return self.known.functions.get(name or "")

    def _item(self, node: cst.Subscript) -> Kind | None:
        whole = self.of(node.value)
        if whole == "space":
            return "place" if self.setting.api == "cell" else None
        is_slice = isinstance(node.slice[0].slice, cst.Slice)
        return whole if whole != "places" or is_slice else "place"


def _is_connections(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "connections"


def called_name(node: cst.Call) -> str | None:
    """Give the last name of what is called."""
    match node.func:
        case cst.Attribute():
            return node.func.attr.value
        case cst.Name():
            return node.func.value
    return None


class _Binder(cst.CSTVisitor):
    """Follows names through the statements of one function."""

    def __init__(self, kinds: Kinds) -> None:
        super().__init__()
        self.kinds = kinds
        self.returned: Kind | None = None
        self.attributes: dict[str, Kind] = {}

    def bind(self, target: cst.BaseExpression, kind: Kind | None) -> None:
        """Note what a name holds; the first kind that is found holds."""
        if kind is None:
            return
        if isinstance(target, cst.Name):
            self.kinds.names.setdefault(target.value, kind)
        elif isinstance(target, cst.Attribute) and target.attr.value not in ("cell", "pos"):
            self.attributes.setdefault(target.attr.value, kind)

    def visit_Param(self, node: cst.Param) -> None:
        """A parameter is known by its name."""
        name = node.name.value
        if name in (self.kinds.setting.found, "grid"):
            self.bind(node.name, "space")
        elif name in PLACES or name.endswith(("_cells", "_positions")):
            self.bind(node.name, "places")
        elif name in PLACE or name.endswith(("_cell", "_pos", "_position")):
            self.bind(node.name, "place")

    def visit_Assign(self, node: cst.Assign) -> None:
        """A name holds what is assigned."""
        for target in node.targets:
            self.bind(target.target, self.kinds.of(node.value))
            self._bind_each(target.target, node.value)

    def _bind_each(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple):
            for left, right in zip(target.elements, value.elements, strict=False):
                self.bind(left.value, self.kinds.of(right.value))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """A name holds what is assigned."""
        if node.value is not None:
            self.bind(node.target, self.kinds.of(node.value))

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        """A name holds what is assigned."""
        self.bind(node.target, self.kinds.of(node.value))

    def visit_For(self, node: cst.For) -> None:
        """A loop goes through a collection."""
        self._loop(node.target, node.iter)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        """A comprehension goes through a collection."""
        self._loop(node.target, node.iter)

    def _loop(self, target: cst.BaseExpression, iterated: cst.BaseExpression) -> None:
        self.bind(target, self.kinds.item_of(iterated))
        if not isinstance(target, cst.Tuple) or not isinstance(iterated, cst.Call):
            return
        name, targets = called_name(iterated), [each.value for each in target.elements]
        if name == "enumerate" and len(targets) == 2 and iterated.args:
            self.bind(targets[1], self.kinds.item_of(iterated.args[0].value))
        elif name == "zip":
            for each, argument in zip(targets, iterated.args, strict=False):
                self.bind(each, self.kinds.item_of(argument.value))
        elif name == "coord_iter" and len(targets) == 2:
            self.bind(targets[1], "place")

    def visit_Call(self, node: cst.Call) -> None:
        """The argument of a lambda is an item of what it filters, sorts or selects from."""
        name = called_name(node)
        functions = [each.value for each in node.args if isinstance(each.value, cst.Lambda)]
        if not functions:
            return
        over = node.func.value if isinstance(node.func, cst.Attribute) else None
        if name in ("min", "max", "sorted"):
            over = node.args[0].value
        elif name == "filter":
            over = node.args[1].value
        if over is not None and name in ("min", "max", "sorted", "filter", "select", "sort"):
            for function in functions:
                if function.params.params:
                    self.bind(function.params.params[0].name, self.kinds.item_of(over))

    def visit_Return(self, node: cst.Return) -> None:
        """A function gives what it returns."""
        if node.value is not None:
            self.returned = self.returned or self.kinds.of(node.value)


def follow(
    node: cst.CSTNode, setting: Setting, known: Known
) -> tuple[Kinds, Kind | None, dict[str, Kind]]:
    """Give the kinds in a piece of code, what it returns, and what its attributes hold."""
    kinds = Kinds(setting, known)
    while True:
        before = len(kinds.names)
        binder = _Binder(kinds)
        node.visit(binder)
        if len(kinds.names) == before:
            return kinds, binder.returned, binder.attributes


def learn(definitions: Iterable[cst.FunctionDef], setting: Setting) -> Known:
    """Give what the author's functions return and what attributes hold."""
    functions, known = list(definitions), Known()
    for _ in range(ROUNDS):
        returns: dict[str, Kind] = {}
        attributes: dict[str, Kind] = {}
        for each in functions:
            _, returned, held = follow(each, setting, known)
            if returned:
                returns[each.name.value] = returned
            attributes |= held
        found = Known(functions=returns, attributes=attributes)
        if found == known:
            break
        known = found
    return known
