"""How the initial agents come into being and where they are placed."""

import ast
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from abm_quant.compiling.fragments import (
    Code,
    expression,
    identifier,
    join,
    literal,
    local_name,
    operand,
)
from abm_quant.compiling.rendering.imports import names_used
from abm_quant.compiling.rendering.views import member_names, module_names, snake_case
from abm_quant.contracts.program import AgentType, CreateAgents, Program

Placement = Literal["none", "given", "any", "free", "room"]


@dataclass(frozen=True, kw_only=True)
class Creation:
    """How the initial agents of a type come into being."""

    type: AgentType
    placement: Placement
    needs_local: bool
    """Whether the number of agents is used twice and must not be drawn twice."""
    local: Code


@dataclass(frozen=True, kw_only=True)
class Network:
    """How the network is made."""

    generator: str
    """The name in networkx."""
    is_random: bool
    creations: tuple[Creation, ...]
    """The agents that stand on its nodes."""
    total: Code
    """The number of nodes."""
    needs_n: bool
    """Whether its arguments use the number of nodes by the name `n`."""
    name: Code
    """The variable that holds the graph."""


def creations(program: Program) -> dict[str, Creation]:
    """Give how each type's agents are created, by type."""
    places = {
        action.agent_type: action.place
        for action in program.setup
        if isinstance(action, CreateAgents)
    }
    return {
        each.name: _creation(program, each, places.get(each.name, False))
        for each in program.agent_types
    }


def _creation(program: Program, agent_type: AgentType, place: bool) -> Creation:
    placement = _placement(program, agent_type, place)
    simple = isinstance(agent_type.count, cst.Attribute | cst.Integer | cst.Name)
    twice = placement in ("free", "room", "any")
    return Creation(
        type=agent_type,
        placement=placement,
        needs_local=twice and not simple,
        local=local_name(f"{snake_case(agent_type.name)}_count", module_names(program)),
    )


def _placement(program: Program, agent_type: AgentType, place: bool) -> Placement:
    space = program.space
    if not place or space.kind == "none" or space.made_by_author:
        return "none"
    if agent_type.position is not None:
        return "given"
    if space.kind == "continuous":
        return "any"
    if space.kind == "network" or space.capacity == 1:
        return "free"
    return "any" if space.capacity is None else "room"


GENERATORS = {
    "erdos_renyi": "fast_gnp_random_graph",
    "watts_strogatz": "watts_strogatz_graph",
    "barabasi_albert": "barabasi_albert_graph",
    "grid_2d": "grid_2d_graph",
    "complete": "complete_graph",
    "random_regular": "random_regular_graph",
    "cycle": "cycle_graph",
    "path": "path_graph",
    "star": "full_rary_tree",
    "empty": "empty_graph",
}
WITHOUT_CHANCE = (
    *("grid_2d_graph", "complete_graph", "cycle_graph", "path_graph", "full_rary_tree"),
    "empty_graph",
)


def network(program: Program) -> Network | None:
    """Give how the network is made, None when the model has none of its own."""
    space = program.space
    if space.graph is None or space.made_by_author:
        return None
    placed = [each for each in creations(program).values() if each.placement != "none"]
    generator = GENERATORS.get(space.graph.generator, space.graph.generator)
    arguments = [ast.parse(expression(each).text) for _, each in space.graph.arguments]
    used = {name for tree in arguments for name in names_used(tree)}
    if not placed:  # the author's own code creates the agents that stand on the nodes
        parts = [operand(each.count) for each in program.agent_types]
    else:
        parts = [each.local if each.needs_local else operand(each.type.count) for each in placed]
    taken = {"G", "grid"} & member_names(program)
    return Network(
        generator=generator,
        is_random=generator not in WITHOUT_CHANCE,
        creations=tuple(placed),
        total=join(parts, " + ") if parts else literal(0),
        needs_n="n" in used,
        name=identifier("graph") if taken else join([identifier("self"), identifier("G")], "."),
    )
