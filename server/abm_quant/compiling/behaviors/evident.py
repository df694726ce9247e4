"""Evident names: parameters and methods that nobody supplies and whose names say what they are.

`def act(self, neighbors)` and `self.get_neighbors()` mean the agents around the agent,
`def trade(self, partner)` another agent of its type. The behavior asks for them itself.
"""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

import libcst as cst

from abm_quant.compiling.dialects.scope import chain
from abm_quant.compiling.resolve import spelling
from abm_quant.contracts.spec import Topology

NEIGHBORS = {
    *("neighbors", "neighbours", "neighboragents", "neighbouragents", "nearby", "nearbyagents"),
    *("neighboringagents", "neighbouringagents"),
}
OTHER = {"other", "partner", "otheragent", "partneragent", "randomagent", "opponent"}
GETTERS = {*(f"get{each}" for each in NEIGHBORS), "neighbors", "neighbours"}
OLD_SPACE = re.compile(r"\.pos\b|\.grid\b|\b(?:place|move)_agent\(")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """How an agent asks for those around it."""

    is_old: bool
    """Whether the code uses mesa.space, not mesa.discrete_space."""
    is_grid: bool
    """Whether the space is a grid, not a network."""
    moore: bool = True

    def around(self, agent: str) -> str:
        """Give the expression for the agents around one, without itself."""
        if not self.is_old:
            return f"list({agent}.cell.neighborhood.agents)"
        moore = f"moore={self.moore}, " if self.is_grid else ""
        return f"{agent}.model.grid.get_neighbors({agent}.pos, {moore}include_center=False)"


def surroundings(topology: Topology | None, codes: Iterable[str]) -> Surroundings | None:
    """Give how an agent asks for its neighbors, None where there is no space of cells."""
    if topology is None or topology.type not in ("grid", "network"):
        return None
    return Surroundings(
        is_old=any(OLD_SPACE.search(code) for code in codes),
        is_grid=topology.type == "grid",
        moore=topology.neighborhood != "von_neumann",
    )


def asked(
    parameters: Iterable[str], me: str, class_name: str, around: Surroundings | None
) -> dict[str, list[str]]:
    """Give the statements that find what each parameter with an evident name means."""
    found: dict[str, list[str]] = {}
    for name in parameters:
        if spelling(name) in NEIGHBORS and around is not None:
            found[name] = [f"{name} = {around.around(me)}"]
        elif spelling(name) in OTHER:
            agents = f"{me}.model.agents_by_type[{class_name}]"
            found[name] = [
                f"{name}_choices = [each for each in {agents} if each is not {me}]",
                f"if not {name}_choices:\n    return",
                f"{name} = {me}.random.choice({name}_choices)",
            ]
    return found


def with_statements(definition: cst.FunctionDef, statements: Iterable[str]) -> cst.FunctionDef:
    """Give the function with statements at its start, after the docstring."""
    statements = list(statements)
    if not statements:
        return definition
    body = definition.body
    if isinstance(body, cst.SimpleStatementSuite):
        lines = [cst.SimpleStatementLine(body.body)]
        body = cst.IndentedBlock(lines)
    new = [cst.parse_statement(each) for each in statements]
    after = 1 if definition.get_docstring() is not None else 0
    assert isinstance(body, cst.IndentedBlock)
    changed = [*body.body[:after], *new, *body.body[after:]]
    return definition.with_changes(body=body.with_changes(body=changed))


class Asking(cst.CSTTransformer):
    """Replaces `self.get_neighbors()` and `get_neighbors(agent)`, where nothing declares them."""

    def __init__(self, me: str | None, around: Surroundings, known: Set[str]) -> None:
        super().__init__()
        self.me = me
        self.around = around
        self.known = known
        self.replaced: dict[str, str] = {}
        """What was written, by what it was."""

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Ask the space."""
        names, given = chain(original_node.func), [each.value for each in original_node.args]
        if names is None or spelling(names[-1]) not in GETTERS or names[-1] in self.known:
            return updated_node
        is_own = len(names) == 2 and names[0] == self.me
        agent = given[0] if len(names) == 1 and len(given) == 1 else None
        if is_own and not given:
            agent = cst.Name(names[0])
        if not isinstance(agent, cst.Name):
            return updated_node
        written = self.around.around(agent.value)
        self.replaced[cst.Module([]).code_for_node(original_node)] = written
        return cst.parse_expression(written)
