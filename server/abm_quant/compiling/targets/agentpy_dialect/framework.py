"""The framework's own names in the author's code: Mesa's classes become AgentPy's."""

import ast
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from abm_quant.compiling.dialects.lone_names import LoneNames
from abm_quant.compiling.targets.agentpy_dialect.code import Place, pieces, visited
from abm_quant.contracts.program import Program
from abm_quant.errors import TargetLacks

CLASSES = {"Agent": "Agent", "Model": "Model", "AgentSet": "AgentList"}
"""AgentPy's class by Mesa's."""


def rewrite_framework(program: Program) -> Program:
    """Give the Program without names of Mesa; raises TargetLacks where AgentPy has none."""
    mesa = {line: set(_bound(line)) for line in program.imports if _is_mesa(line)}
    used = {each.value for node, _ in pieces(program) for each in _names(node)}
    bound = set[str]().union(*mesa.values()) if mesa else set[str]()
    for name in sorted(bound & used - CLASSES.keys()):
        raise TargetLacks(
            f"The code uses {name!r} of Mesa itself, which AgentPy does not have. "
            "Compile it for the target 'mesa', or leave it out."
        )
    kept = tuple(line for line in program.imports if line not in mesa)
    return visited(replace(program, imports=kept), _Classes, bound & CLASSES.keys())


def _is_mesa(line: str) -> bool:
    statement = ast.parse(line).body[0]
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] == "mesa"
    return isinstance(statement, ast.Import) and statement.names[0].name.split(".")[0] == "mesa"


def _bound(line: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(line)):
        if isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]


def _names(node: cst.CSTNode) -> Iterator[cst.Name]:
    if isinstance(node, cst.Name):
        yield node
    for child in node.children:
        yield from _names(child)


class _Classes(LoneNames):
    """Replaces names of classes."""

    def __init__(self, node: cst.CSTNode, place: Place, classes: set[str]) -> None:
        super().__init__()
        self.classes = classes

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Bring `Agent` to `ap.Agent`."""
        if original_node.value not in self.classes:
            return updated_node
        return cst.Attribute(cst.Name("ap"), cst.Name(CLASSES[original_node.value]))
