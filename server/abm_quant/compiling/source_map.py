"""Where the lines of a generated model come from, so that an error names the specification."""

import ast
from collections.abc import Iterator

from abm_quant.contracts.code import SourceSpan
from abm_quant.contracts.program import AgentType, Program

FILE = "model.py"


def source_map(tree: ast.Module, program: Program) -> tuple[SourceSpan, ...]:
    """Give the lines of each function, method, attribute, variable and parameter."""
    functions = {each.name: each.path for each in program.functions}
    types = {each.name: each for each in program.agent_types}
    spans: list[SourceSpan] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            spans.append(_span(node, functions[node.name], node.name))
        elif isinstance(node, ast.ClassDef) and node.name in types:
            spans.append(_span(node, types[node.name].path, node.name))
            spans += _of_class(node, _agent_members(types[node.name]))
        elif isinstance(node, ast.ClassDef) and node.name == program.class_name:
            spans += _of_class(node, _model_members(program))
            spans += _of_rules(node, program)
    return tuple(spans)


def _agent_members(agent_type: AgentType) -> dict[str, str]:
    return {each.name: each.path for each in (*agent_type.attributes, *agent_type.behaviors)}


def _model_members(program: Program) -> dict[str, str]:
    members = (*program.parameters, *program.variables, *program.behaviors)
    return {each.name: each.path for each in members}


def _of_class(node: ast.ClassDef, paths: dict[str, str]) -> Iterator[SourceSpan]:
    """Give the spans of methods, and of assignments to `self` in methods of our own."""
    for method in node.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        if method.name in paths:
            yield _span(method, paths[method.name], f"{node.name}.{method.name}")
            continue
        for statement in method.body:
            for target in _assigned(statement):
                if target in paths:
                    yield _span(statement, paths[target], f"{node.name}.{target}")


def _assigned(statement: ast.stmt) -> Iterator[str]:
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        is_member = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        if is_member and target.value.id == "self":  # type: ignore[attr-defined]
            yield target.attr  # type: ignore[attr-defined]


def _of_rules(node: ast.ClassDef, program: Program) -> Iterator[SourceSpan]:
    """Give the spans of the stop rules, which stand in order."""
    found = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    method = next(each for each in found if each.name == "find_stop_reason")
    conditions = [each for each in method.body if isinstance(each, ast.If)]
    for condition, rule in zip(conditions, program.stop_rules, strict=False):
        yield _span(condition, rule.path, f"stop rule {rule.source_name}")


def _span(node: ast.stmt, path: str, label: str) -> SourceSpan:
    last = node.end_lineno or node.lineno
    first = node.lineno
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        first = min([first, *(each.lineno for each in node.decorator_list)])
    return SourceSpan(file=FILE, first_line=first, last_line=last, path=path, label=label)
