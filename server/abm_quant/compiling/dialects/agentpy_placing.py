"""How agents are added to AgentPy's spaces, written for Mesa's.

Agents at random places are placed when they are created, so that their `add_agents` is left out;
others are placed one by one.
"""

from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.plain import loop, parsed, text
from abm_quant.compiling.dialects.scope import Scope, chain


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where agents are added."""

    scope: Scope
    space: str
    """The space, as it is written."""
    rng: str
    variable: str
    """A name for one agent."""
    is_built_here: bool
    """Whether the same code makes the space."""


@dataclass(frozen=True, kw_only=True)
class Addition:
    """The arguments of `add_agents`."""

    agents: cst.BaseExpression
    positions: cst.BaseExpression | None
    at_random: bool
    on_empty: bool


def addition(call: cst.Call) -> Addition | None:
    """Give what a call of `add_agents` adds; None when it adds nothing."""
    named = {each.keyword.value: each.value for each in call.args if each.keyword is not None}
    plain = [each.value for each in call.args if each.keyword is None]
    agents = named.get("agents", plain[0] if plain else None)
    if agents is None:
        return None
    return Addition(
        agents=agents,
        positions=named.get("positions", plain[1] if len(plain) > 1 else None),
        at_random=m.matches(named.get("random", cst.Name("False")), m.Name("True")),
        on_empty=m.matches(named.get("empty", cst.Name("False")), m.Name("True")),
    )


def placed(site: Site, line: cst.SimpleStatementLine, added: Addition) -> cst.BaseStatement | None:
    """Give the statement that places agents; None where their creation does."""
    kind, space = site.scope.agentpy.kind, site.scope.agentpy
    is_plain = space.space is None or space.space.is_plain
    is_start = site.is_built_here or _is_population(added.agents, site.scope)
    on_nodes = added.positions is None or "nodes" in text(added.positions)
    if kind == "network" and on_nodes:
        return (
            None
            if is_plain and is_start
            else _looped(site, line, added, f"list({site.space}.G.nodes)")
        )
    if added.positions is not None:
        return _looped(site, line, added, text(added.positions))
    exclusive = space.space is not None and space.space.is_exclusive
    if is_start and added.at_random and (exclusive or not added.on_empty):
        return None
    return _looped(site, line, added, _places(site, added))


def _places(site: Site, added: Addition) -> str:
    """Give the places of agents for which none are stated."""
    space, count = site.space, f"len({text(added.agents)})"
    if site.scope.agentpy.kind == "continuous":
        uniform = f"{site.rng}.uniform(0, {space}.x_max), {site.rng}.uniform(0, {space}.y_max)"
        return f"[({uniform}) for _ in range({count})]"
    free = f"sorted({space}.empties)"
    every = f"[(x, y) for x in range({space}.width) for y in range({space}.height)]"
    if not added.at_random:
        return free if added.on_empty else every
    drawn = f"sample({free}, {count})" if added.on_empty else f"choices({every}, k={count})"
    return f"{site.rng}.{drawn}"


def _looped(
    site: Site, line: cst.SimpleStatementLine, added: Addition, places: str
) -> cst.BaseStatement:
    """Give the loop that places agents one by one, or the call that places a single one."""
    agents = added.agents
    one = _single(agents)
    if one is not None:
        where = added.positions
        given = _single(where) if where is not None else None
        place = text(given) if given is not None else _one_place(site, added, places)
        return line.with_changes(
            body=[cst.Expr(parsed(f"{site.space}.place_agent({text(one)}, {place})"))]
        )
    pairs = parsed(f"zip({text(agents)}, {places})")
    place = "tuple(place)" if site.scope.agentpy.kind == "continuous" else "place"
    call = parsed(f"{site.space}.place_agent({site.variable}, {place})")
    return loop(line, f"{site.variable}, place", pairs, cst.Expr(call))


def _one_place(site: Site, added: Addition, places: str) -> str:
    space, rng = site.space, site.rng
    if added.positions is not None:
        return f"{places}[0]"
    if site.scope.agentpy.kind == "continuous":
        return f"({rng}.uniform(0, {space}.x_max), {rng}.uniform(0, {space}.y_max))"
    if added.on_empty:
        return f"{rng}.choice(sorted({space}.empties))"
    if added.at_random:
        return f"({rng}.randrange({space}.width), {rng}.randrange({space}.height))"
    return "(0, 0)"


def _single(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Give the only element of a list such as `[child]`."""
    if isinstance(node, cst.List) and len(node.elements) == 1:
        return node.elements[0].value
    return None


def _is_population(node: cst.BaseExpression, scope: Scope) -> bool:
    names = chain(node)
    return names is not None and len(names) > 1 and names[-1] in scope.agentpy.lists
