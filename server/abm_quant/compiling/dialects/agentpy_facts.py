"""What the code of a specification builds with AgentPy, read off all its pieces together.

AgentPy models hold their agents in lists and their space in an attribute of any name. Mesa's models
hold both themselves, so that the statements that build them are left out of the code and their
names are replaced; the pieces of code must agree on what the names mean.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from abm_quant.compiling.resolve import Declared, Names
from abm_quant.contracts.spec import AgentType, Behavior, ModelSpec

MARK = re.compile(r"\bap\.\w|\bagentpy\b|\.p\.\w|\.p\[|\b(?:self|model)\.(?:record|report)\(")
LISTS = ("AgentList", "AgentDList", "AgentSet", "AgentIter")
KINDS: dict[str, Literal["grid", "network", "continuous"]] = {
    "Grid": "grid",
    "Network": "network",
    "Space": "continuous",
}
USUAL_NAMES = ("grid", "network", "space")
MODULES = frozenset({"ap", "agentpy"})


@dataclass(frozen=True, kw_only=True)
class BuiltSpace:
    """A space that the author's code makes."""

    kind: Literal["grid", "network", "continuous"]
    width: str | None = None
    height: str | None = None
    torus: bool | None = None
    is_exclusive: bool = False
    """Whether agents start on empty cells and never move to others."""
    graph: ast.Call | None = None
    """The networkx generator with its arguments in terms of the model."""
    is_plain: bool = True
    """Whether it is a kind of space that the model can make itself."""


@dataclass(frozen=True, kw_only=True)
class AgentPy:
    """The lists and the space of a specification."""

    is_used: bool = False
    lists: Mapping[str, str | None] = field(default_factory=dict)
    """The class of the agents in each list of the model; None where it holds them all."""
    held: Mapping[str, Literal["set", "list"]] = field(default_factory=dict)
    """Other attributes that hold several agents."""
    spaces: frozenset[str] = frozenset()
    """Attributes that hold the space."""
    space: BuiltSpace | None = None
    kind: str = "none"
    """Of what kind the space is: none, grid, network or continuous."""
    is_torus: bool = False
    created: frozenset[str] = frozenset()
    """Classes whose initial agents the specification itself creates."""


def read_agentpy(names: Names, codes: Iterable[tuple[Declared, str]], spec: ModelSpec) -> AgentPy:
    """Give what the code of a specification builds; nothing where it does not use AgentPy."""
    codes = list(codes)
    if not uses_agentpy(spec):
        return AgentPy()
    reader = _Reader(names)
    for declared, code in codes:
        reader.read(declared, ast.parse(code))
    built = reader.space(" ".join(code for _, code in codes))
    kind = built.kind if built else spec.environment.topology.type
    usual = set(USUAL_NAMES) - names.known if kind != "none" else set()
    return AgentPy(
        is_used=True,
        lists={"agents": None} | reader.lists,
        held={name: held for name, held in reader.held.items() if name not in reader.lists},
        spaces=frozenset(reader.spaces | usual),
        space=built,
        kind=kind,
        is_torus=_is_torus(built, spec),
        created=frozenset(_created(names)),
    )


def uses_agentpy(spec: ModelSpec) -> bool:
    """Tell whether a specification is written for AgentPy, or mixes it in."""
    library = spec.abm_library.name if spec.abm_library else ""
    if library.strip().lower() == "agentpy":
        return True
    world, types = spec.environment, (each for _, each in spec.agent_types())
    behaviors = [*(world.environment_behaviors or ()), *_behaviors(types)]
    return any(MARK.search(each.code) for each in (*behaviors, *(spec.global_functions or ())))


def _behaviors(types: Iterable[AgentType]) -> Iterator[Behavior]:
    for each in types:
        yield from each.agent_behaviors or ()


def _is_torus(built: BuiltSpace | None, spec: ModelSpec) -> bool:
    stated = spec.environment.topology.boundary_conditions == "torus"
    return built.torus if built is not None and built.torus is not None else stated


def _created(names: Names) -> Iterator[str]:
    for declared in names.of("initial-count"):
        assert isinstance(declared.item, AgentType)
        if declared.item.initial_count not in (None, "", 0):
            yield names.type_names[declared.agent_type or ""]


@dataclass
class _Reader:
    names: Names
    lists: dict[str, str | None] = field(default_factory=dict)
    held: dict[str, Literal["set", "list"]] = field(default_factory=dict)
    spaces: set[str] = field(default_factory=set)
    built: list[tuple[ast.Call, dict[str, ast.expr]]] = field(default_factory=list)

    def read(self, declared: Declared, tree: ast.Module) -> None:
        local = simple_locals(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                attributes = [each for each in node.targets if isinstance(each, ast.Attribute)]
                self._assignment(declared, attributes, resolved(node.value, local), local)

    def _assignment(
        self,
        declared: Declared,
        targets: list[ast.Attribute],
        value: ast.expr,
        local: dict[str, ast.expr],
    ) -> None:
        made = made_by_agentpy(value)
        if isinstance(value, ast.Call) and made in KINDS:
            self.spaces |= {each.attr for each in targets}
            self.built.append((value, local))
        elif isinstance(value, ast.Attribute) and value.attr in {*self.spaces, *USUAL_NAMES}:
            aliases = {each.attr for each in targets} - self.names.known
            self.spaces |= aliases if value.attr in self.spaces else set()
        elif isinstance(value, ast.Call) and made in LISTS:
            for target in targets:
                self._list(declared, target, value)
        elif _is_selection(value):
            held: Literal["set", "list"] = "set" if _is_call(value, "select") else "list"
            self.held |= {each.attr: held for each in targets if each.attr not in self.lists}
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            sides = [value.left, value.right]
            if all(isinstance(each, ast.Attribute) and each.attr in self.lists for each in sides):
                self.lists |= {each.attr: None for each in targets}

    def _list(self, declared: Declared, target: ast.Attribute, call: ast.Call) -> None:
        class_name = self._class(call)
        on_agent = declared.agent_type is not None and _is_self(target.value)
        if class_name is None or on_agent:
            self.held[target.attr] = "list"
        elif self.lists.setdefault(target.attr, class_name) != class_name:
            self.lists[target.attr] = None

    def _class(self, call: ast.Call) -> str | None:
        given = [*call.args[2:3], *(each.value for each in call.keywords if each.arg == "cls")]
        for each in given:
            if isinstance(each, ast.Name):
                return self.names.type_names.get(each.id, each.id)
        return None

    def space(self, text: str) -> BuiltSpace | None:
        """Give the first space that the code makes, None when it makes none."""
        if not self.built:
            return None
        call, local = self.built[0]
        kind = KINDS[made_by_agentpy(call) or "Grid"]
        keywords = {each.arg: each.value for each in call.keywords}
        torus = keywords.get("torus")
        width, height = _sides(resolved(_argument(call, 1, "shape"), local), local)
        moves_freely = None if ".empty" in text else re.search(r"\.move_(?:to|by)\(", text)
        given = _argument(call, 1, "graph") if kind == "network" else None
        graph = resolved(given, local) if given is not None else None
        generator = graph if isinstance(graph, ast.Call) else None
        return BuiltSpace(
            kind=kind,
            width=width,
            height=height,
            torus=torus.value is True if isinstance(torus, ast.Constant) else None,
            is_exclusive="empty=True" in text.replace(" ", "") and moves_freely is None,
            graph=substituted(generator, local) if generator else None,  # type: ignore[arg-type]
            is_plain=graph is None or _is_generator(graph),
        )


def made_by_agentpy(node: ast.expr | None) -> str | None:
    """Give the name of AgentPy's class that an expression makes; None when it makes none."""
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if function.value.id in MODULES else None
    is_list = isinstance(function, ast.Name) and function.id in LISTS[:2]
    return function.id if is_list and isinstance(function, ast.Name) else None


def simple_locals(tree: ast.AST) -> dict[str, ast.expr]:
    """Give the value of each local name that is assigned once."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def resolved(node: ast.expr | None, local: dict[str, ast.expr]) -> ast.expr:
    """Give the value of a local name; any other expression as it is."""
    for _ in range(5):
        if not isinstance(node, ast.Name) or node.id not in local:
            break
        node = local[node.id]
    return node if node is not None else ast.Constant(None)


def substituted(node: ast.expr, local: dict[str, ast.expr]) -> ast.expr:
    """Give a copy of an expression with the values of local names in their place."""
    copy: ast.expr = ast.parse(ast.unparse(node), mode="eval").body
    result = _Substitution(local).visit(copy)
    assert isinstance(result, ast.expr)
    return result


class _Substitution(ast.NodeTransformer):
    def __init__(self, local: dict[str, ast.expr]) -> None:
        self.local = local

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return resolved(node, self.local)


def _sides(shape: ast.expr, local: dict[str, ast.expr]) -> tuple[str | None, str | None]:
    """Give the width and the height in a shape such as `(w, h)` or `[n] * 2`."""
    if isinstance(shape, ast.BinOp) and isinstance(shape.op, ast.Mult):
        sequence = next((s for s in (shape.left, shape.right) if hasattr(s, "elts")), None)
        elements = list(getattr(sequence, "elts", []))
        sides = elements * 2 if len(elements) == 1 else []
    else:
        sides = list(getattr(shape, "elts", []))
    if len(sides) != 2:
        return None, None
    width, height = (ast.unparse(substituted(each, local)) for each in sides)
    return width, height


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    named = next((each.value for each in call.keywords if each.arg == name), None)
    return named if named is not None else next(iter(call.args[place : place + 1]), None)


def _is_generator(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and generator_name(node) in GENERATORS


def generator_name(call: ast.Call) -> str:
    """Give the last name of the function that a call calls."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


GENERATORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "watts_strogatz_graph": ("watts_strogatz", ("n", "k", "p")),
    "erdos_renyi_graph": ("erdos_renyi", ("n", "p")),
    "gnp_random_graph": ("erdos_renyi", ("n", "p")),
    "fast_gnp_random_graph": ("erdos_renyi", ("n", "p")),
    "barabasi_albert_graph": ("barabasi_albert", ("n", "m")),
    "random_regular_graph": ("random_regular", ("d", "n")),
    "complete_graph": ("complete", ("n",)),
    "empty_graph": ("empty", ("n",)),
}
"""Our name of networkx's generators of one node for each agent, and their parameters."""


def _is_call(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    )


def _is_selection(node: ast.expr) -> bool:
    return any(_is_call(node, name) for name in ("select", "neighbors", "to_list"))


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
