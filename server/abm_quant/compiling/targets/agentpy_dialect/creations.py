"""Creations: where the author's code makes agents."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import called_method, pieces
from abm_quant.contracts.program import Program


@dataclass(frozen=True, kw_only=True)
class Creation:
    """A call that makes agents."""

    agent_type: str
    call: cst.Call
    is_many: bool
    """Whether it is `Wolf.create_agents(...)`."""


def creation(node: cst.CSTNode, types: set[str]) -> Creation | None:
    """Give the creation that an expression is, None when it is none."""
    if not isinstance(node, cst.Call):
        return None
    maker = node.func
    is_many = called_method(node) == "create_agents"
    if is_many:
        maker = cst.ensure_type(maker, cst.Attribute).value
    if not isinstance(maker, cst.Name) or maker.value not in types or not node.args:
        return None
    return Creation(agent_type=maker.value, call=node, is_many=is_many)


def statement_of(node: cst.SimpleStatementLine) -> tuple[cst.Name | None, cst.BaseExpression]:
    """Give the name that a statement assigns, None for a bare call, and its expression.

    For any other statement the expression is one that makes no agents.
    """
    if m.matches(node, m.SimpleStatementLine(body=[m.Expr()])):
        return None, cst.ensure_type(node.body[0], cst.Expr).value
    target = m.AssignTarget(target=m.Name())
    if m.matches(node, m.SimpleStatementLine(body=[m.Assign(targets=[target])])):
        assign = cst.ensure_type(node.body[0], cst.Assign)
        return cst.ensure_type(assign.targets[0].target, cst.Name), assign.value
    return None, cst.Name("None")


def unplain(program: Program) -> set[str]:
    """Give the types that are made in the middle of an expression."""
    types = {each.name for each in program.agent_types}
    found: set[str] = set()
    for node, _ in pieces(program):
        made = [creation(call, types) for call in m.findall(node, m.Call())]
        plain = [creation(each, types) for each in _statements(node)]
        for name in {each.agent_type for each in made if each}:
            all_made = [each for each in made if each and each.agent_type == name]
            if len(all_made) > len([each for each in plain if each and each.agent_type == name]):
                found.add(name)
    return found


def _statements(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    for line in m.findall(node, m.SimpleStatementLine()):
        yield statement_of(cst.ensure_type(line, cst.SimpleStatementLine))[1]
