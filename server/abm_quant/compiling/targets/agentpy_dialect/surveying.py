"""Surveys a Program for its setting: which space it has and what its code assumes of it."""

from collections.abc import Iterable, Iterator
from typing import Literal, cast

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.rendering.placing import creations
from abm_quant.compiling.rendering.views import free_name, functions_of, member_names
from abm_quant.compiling.targets.agentpy_dialect.code import pieces
from abm_quant.compiling.targets.agentpy_dialect.makers import Making, makings
from abm_quant.compiling.targets.agentpy_dialect.places import called_name
from abm_quant.compiling.targets.agentpy_dialect.setting import Setting
from abm_quant.compiling.targets.agentpy_dialect.writing import is_false, is_true
from abm_quant.contracts.program import CreateAgents, Program, Space
from abm_quant.errors import TargetLacks

NAMES = {"grid": "grid", "network": "network", "continuous": "space"}
"""The attribute of the model that holds each kind of space."""
KINDS: dict[str, tuple[Literal["grid", "network", "continuous"], Literal["cell", "pos"]]] = {
    "SingleGrid": ("grid", "pos"),
    "MultiGrid": ("grid", "pos"),
    "NetworkGrid": ("network", "pos"),
    "ContinuousSpace": ("continuous", "pos"),
    "OrthogonalMooreGrid": ("grid", "cell"),
    "OrthogonalVonNeumannGrid": ("grid", "cell"),
    "Network": ("network", "cell"),
}
AROUND = ("get_neighbors", "get_neighborhood", "iter_neighbors", "iter_neighborhood")
EDGE_CHANGES = {"add_edge", "remove_edge", "add_edges_from", "remove_edges_from", "clear_edges"}
NODE_CHANGES = {"add_node", "remove_node", "add_nodes_from", "remove_nodes_from"}
MOVES = ("place_agent", "move_agent", "move_to", "move_agent_to_one_of", "move_to_empty")


def setting_of(program: Program) -> Setting | None:
    """Give the setting of a Program; None when its agents are in no space."""
    space = program.space
    made = makings(each.definition for each in functions_of(program))
    if space.kind == "none" and not made or space.made_by_author and not made:
        return None
    if made:
        return _of_author(program, made)
    kind = cast(Literal["grid", "network", "continuous"], space.kind)
    members = _members(program)
    api = space.api
    graph = _graph(space, members) if kind == "network" else None
    return Setting(
        kind=kind,
        api=api,
        found="space" if kind == "continuous" else "grid",
        name=_name(kind, members),
        pos=_pos(api, members),
        capacity=space.capacity if api == "cell" or space.capacity == 1 else None,
        single=_is_single(program),
        moore=_moore(program) if api == "pos" else space.neighborhood == "moore",
        torus=space.torus,
        graph=graph,
        rewired=_is_rewired(program, graph, api),
        types=frozenset(each.name for each in program.agent_types),
        placed=_placed(program),
        members=members,
    )


def _of_author(program: Program, made: list[Making]) -> Setting:
    """Give the setting where the author's code makes the space."""
    first = made[0]
    if any(each.name != first.name or each.attribute != first.attribute for each in made):
        raise TargetLacks("AgentPy's target needs one space; the code makes several.")
    kind, api = KINDS[first.name]
    declared = first.attribute in _members(program)
    members = _members(program) - {first.attribute}
    capacity = 1 if first.name == "SingleGrid" else _number(first.given.get("capacity"))
    graph = first.given.get("g") or first.given.get("G")
    held = graph.attr.value if isinstance(graph, cst.Attribute) else None
    return Setting(
        kind=kind,
        api=api,
        found=first.attribute,
        name=first.attribute if declared else _name(kind, members),
        pos=_pos(api, members),
        capacity=capacity,
        single=capacity == 1,
        moore=_moore(program) if api == "pos" else first.name != "OrthogonalVonNeumannGrid",
        torus=_torus(first, kind),
        graph=held,
        rewired=kind == "network" and _is_rewired(program, held, api),
        types=frozenset(each.name for each in program.agent_types),
        placed=frozenset(each.name for each in program.agent_types),
        members=members,
    )


def _graph(space: Space, members: frozenset[str]) -> str | None:
    """Give the attribute of the model that holds the graph."""
    if isinstance(space.network, cst.Attribute):
        return space.network.attr.value
    return "G" if "G" not in members and space.network is None else None


def _is_rewired(program: Program, graph: str | None, api: str) -> bool:
    """Whether code changes the links while the model runs; cells are linked once and for all."""
    if api == "cell":
        return False
    for function in functions_of(program):
        names = {
            called_name(cst.ensure_type(each, cst.Call))
            for each in m.findall(function.definition, m.Call())
        }
        if names & KINDS.keys():
            continue
        if names & NODE_CHANGES:
            raise TargetLacks(
                f"AgentPy's target cannot follow {function.name!r}, which adds or removes nodes of "
                "the network while the model runs. Make all nodes when the model is set up."
            )
        if names & EDGE_CHANGES and graph is not None:
            return True
    return False


def _members(program: Program) -> frozenset[str]:
    """Give the names that the author declares as attributes and methods."""
    names = member_names(program)
    for each in program.agent_types:
        names |= {attribute.name for attribute in each.attributes}
        names |= {behavior.name for behavior in each.behaviors}
    return frozenset(names)


def _name(kind: str, members: frozenset[str]) -> str:
    wanted = NAMES[kind]
    return wanted if wanted not in members else "grid"


def _pos(api: str, members: frozenset[str]) -> str:
    return "pos" if api == "pos" else free_name("pos", set(members))


def _number(node: cst.BaseExpression | None) -> int | None:
    """Give a stated capacity; TargetLacks where it is computed."""
    if node is None or (isinstance(node, cst.Name) and node.value == "None"):
        return None
    if isinstance(node, cst.Integer):
        return int(node.value)
    raise TargetLacks("State the capacity of the cells as a number.")


def _torus(made: Making, kind: str) -> bool:
    torus = made.given.get("torus")
    if is_true(torus) or is_false(torus) or kind == "network":
        return is_true(torus)
    raise TargetLacks("State `torus` as True or False where the space is made.")


def _calls(program: Program) -> Iterator[cst.Call]:
    for node, _ in pieces(program):
        yield from cast(list[cst.Call], m.findall(node, m.Call()))


def _moore(program: Program) -> bool | None:
    """Give whether the neighborhoods that code asks for include diagonals; None when some do."""
    asked: set[str] = set()
    for each in _calls(program):
        if called_name(each) not in AROUND:
            continue
        given = {word.keyword.value: word.value for word in each.args if word.keyword}
        value = given.get("moore")
        if value is None and len(each.args) > 1 and not each.args[1].keyword:
            value = each.args[1].value
        known = isinstance(value, cst.Name) and value.value in ("True", "False")
        asked.add(cst.ensure_type(value, cst.Name).value if known else "" if value else "True")
    if len(asked) > 1 or "" in asked:
        return None
    return asked != {"False"}


def _is_single(program: Program) -> bool:
    """Whether no place holds several agents; for a plane, while they look around."""
    match program.space.kind:
        case "grid":
            return program.space.capacity == 1
        case "network":
            return not (_calls_any(program, MOVES) or _sets_cells(program))
    placements = {each.placement for each in creations(program).values()}
    meet = placements != {"any"} or _calls_any(program, ("place_agent",))
    return not meet and not _looks_while_moving(program)


def _looks_while_moving(program: Program) -> bool:
    """Whether agents move and look around in turn, after each of which a tree is built anew."""
    for function in functions_of(program):
        names = {
            called_name(cst.ensure_type(each, cst.Call))
            for each in m.findall(function.definition, m.Call())
        }
        if {"move_agent", "get_neighbors"} <= names:
            return True
    return False


def _calls_any(program: Program, names: Iterable[str]) -> bool:
    """Whether code calls one of some methods, or makes agents."""
    wanted = {*names, *(each.name for each in program.agent_types)}
    return any(called_name(each) in wanted for each in _calls(program))


def _sets_cells(program: Program) -> bool:
    """Whether code brings agents to cells."""
    return any(m.findall(node, CELL_SET) for node, _ in pieces(program))


CELL_SET = m.AssignTarget(target=m.Attribute(attr=m.Name("cell")))


def _placed(program: Program) -> frozenset[str]:
    """Give the types whose agents always have a place when they act."""
    places = {
        action.agent_type: action.place
        for action in program.setup
        if isinstance(action, CreateAgents)
    }
    if program.space.api == "pos":
        if any(called_name(each) == "place_agent" for each in _calls(program)):
            return frozenset(places)
        return frozenset(name for name, place in places.items() if place)
    nowhere = {
        name
        for each in _calls(program)
        if (name := called_name(each)) in places and len(each.args) < 2
    }
    return frozenset(name for name, place in places.items() if place and name not in nowhere)
