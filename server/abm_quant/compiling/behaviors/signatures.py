"""Signatures: the parameters of an author's functions, and those that the plan need not supply."""

import ast
import re
from collections.abc import Iterable

import libcst as cst


def parameters_of(definition: cst.FunctionDef) -> tuple[list[str], int]:
    """Give the names of the positional parameters, and how many of them have no default."""
    own = (*definition.params.posonly_params, *definition.params.params)
    return [each.name.value for each in own], sum(each.default is None for each in own)


def with_parameter(definition: cst.FunctionDef, name: str) -> cst.FunctionDef:
    """Give the function with one more parameter in front."""
    parameters = definition.params
    extended = [cst.Param(cst.Name(name)), *parameters.params]
    return definition.with_changes(params=parameters.with_changes(params=extended))


def without_parameters(definition: cst.FunctionDef, names: Iterable[str]) -> cst.FunctionDef:
    """Give the function without some of its parameters, whose names become free in it."""
    dropped = set(names)
    parameters = definition.params
    kept = [each for each in parameters.params if each.name.value not in dropped]
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return definition.with_changes(params=parameters.with_changes(params=kept))


def renamed(definition: cst.FunctionDef, old: str, new: str) -> cst.FunctionDef:
    """Give the function with another name for one of its parameters."""
    result = definition.visit(_Renaming(old, new))
    assert isinstance(result, cst.FunctionDef)
    return result


class _Renaming(cst.CSTTransformer):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old = old
        self.new = new

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        is_meant = original_node.value == self.old
        return updated_node.with_changes(value=self.new) if is_meant else updated_node


def standing_for(
    definition: cst.FunctionDef, attributes: set[str], state: set[str], others: Iterable[str]
) -> list[str]:
    """Give the parameters of a method that stand for what the agent or the model has anyway.

    These are attributes of the agent, and variables of the model that the body assigns and does
    not return. There are none where other code calls the method with arguments.
    """
    call = re.compile(rf"\b{re.escape(definition.name.value)}\(\s*[^)\s]")
    if any(call.search(code) for code in others):
        return []
    names, required = parameters_of(definition)
    passed = names[1:required]
    if not (attributes | state).intersection(passed):
        return []
    nodes = list(ast.walk(ast.parse(cst.Module([definition]).code)))
    assigned = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    returned = {
        inner.id
        for node in nodes
        if isinstance(node, ast.Return) and node.value is not None
        for inner in ast.walk(node.value)
        if isinstance(inner, ast.Name)
    }
    changed = state & assigned - returned
    return [name for name in passed if name in attributes or name in changed]


def is_called(name: str, codes: Iterable[str]) -> bool:
    """Tell whether some code calls a function or behavior of a name."""
    call = re.compile(rf"\b{re.escape(name)}\(")
    return any(call.search(code) for code in codes)
