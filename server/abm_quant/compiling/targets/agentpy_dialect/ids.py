"""Ids: AgentPy numbers agents from 1 like Mesa, but for the spaces, which it numbers as well.

Where ids only tell agents apart they become `agent.id`. Where they may serve as numbers, and a
space has taken the first id, each agent keeps the number that it has in Mesa as `unique_id`.
"""

from typing import cast

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import Place, changed, pieces
from abm_quant.contracts.program import BuildSpace, CallFunction, CreateAgents, Program

ID = m.Attribute(attr=m.Name("unique_id"))
AMONG_IDS = m.Comparison(left=ID, comparisons=[m.ComparisonTarget(comparator=ID)])


def rewrite_ids(program: Program) -> tuple[Program, bool]:
    """Give the Program with AgentPy's ids, and whether its agents keep numbers of their own."""
    if _space_is_first(program) and any(_counts(node) for node, _ in pieces(program)):
        return program, True

    def change(node: cst.CSTNode, place: Place) -> cst.CSTNode:
        return cast(cst.CSTNode, node.visit(_Ids()))

    return changed(program, change), False


def _space_is_first(program: Program) -> bool:
    """Whether the space is made before the first agents are."""
    builder = CallFunction if program.space.made_by_author else BuildSpace
    for action in program.setup:
        if isinstance(action, builder):
            return program.space.kind != "none"
        if isinstance(action, CreateAgents):
            return False
    return False


def _counts(code: cst.CSTNode) -> bool:
    """Whether code has an id that it does not just compare with another id."""
    return len(m.findall(code, ID)) > 2 * len(m.findall(code, AMONG_IDS))


class _Ids(cst.CSTTransformer):
    """Replaces the attribute."""

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Bring `agent.unique_id` to `agent.id`."""
        is_id = original_node.attr.value == "unique_id"
        return updated_node.with_changes(attr=cst.Name("id")) if is_id else updated_node
