"""Where the lines of a generated model come from, so that an error names the specification."""

import ast
from collections.abc import Iterable, Iterator

from abm_quant.compiling.behaviors.author_lines import AuthorLine, author_lines, statements
from abm_quant.compiling.fragments import Code, quoted
from abm_quant.contracts.code import SourceSpan
from abm_quant.contracts.program import AgentType, Function, Program

FILE = "model.py"


def source_map(tree: ast.Module, program: Program) -> tuple[SourceSpan, ...]:
    """Give the lines of each function, method, statement, attribute, variable and parameter."""
    functions = {each.name: each for each in program.functions}
    types = {each.name: each for each in program.agent_types}
    spans: list[SourceSpan] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            spans += _of_function(node, functions[node.name], node.name)
        elif isinstance(node, ast.ClassDef) and node.name in types:
            spans.append(_span(node, types[node.name].path, node.name))
            spans += _of_class(node, types[node.name].behaviors, _attributes(types[node.name]))
        elif isinstance(node, ast.ClassDef) and node.name == program.class_name:
            spans += _of_class(node, program.behaviors, _state(program))
            spans += _of_rules(node, program)
    return tuple(spans)


def sections(source: str) -> dict[str, Code]:
    """Give the code of each function and method of a module, not indented, by its full name."""
    lines = source.splitlines()
    found: dict[str, Code] = {}
    for node in ast.parse(source).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for member in members:
            if isinstance(member, ast.FunctionDef):
                found[prefix + member.name] = quoted(lines[_first(member) - 1 : member.end_lineno])
    return found


def _first(node: ast.stmt) -> int:
    """Give the first line of a statement, decorators included."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(each.lineno for each in decorators)])


def _attributes(agent_type: AgentType) -> dict[str, str]:
    return {each.name: each.path for each in agent_type.attributes}


def _state(program: Program) -> dict[str, str]:
    paths = {each.name: each.path for each in program.parameters}
    return paths | {each.name: each.path for each in program.variables}


def _of_function(node: ast.FunctionDef, function: Function, label: str) -> Iterator[SourceSpan]:
    """Give the span of a function of the author's, and of each statement in it."""
    yield _span(node, function.path, label)
    lines = author_lines(function.definition)
    for statement, line in zip(statements(node), lines, strict=True):
        if line is not None:
            yield _span(statement, f"{function.path}/code", label, line)


def _of_class(
    node: ast.ClassDef, behaviors: Iterable[Function], paths: dict[str, str]
) -> Iterator[SourceSpan]:
    """Give the spans of methods, and of assignments to `self` in methods of our own."""
    by_name = {each.name: each for each in behaviors}
    for method in node.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        if method.name in by_name:
            yield from _of_function(method, by_name[method.name], f"{node.name}.{method.name}")
            continue
        for statement in method.body:
            for target in _assigned(statement):
                if target in paths:
                    yield _span(statement, paths[target], f"{node.name}.{target}")


def _assigned(statement: ast.stmt) -> Iterator[str]:
    for target in statement.targets if isinstance(statement, ast.Assign) else ():
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            yield from [target.attr] if target.value.id == "self" else []


def _of_rules(node: ast.ClassDef, program: Program) -> Iterator[SourceSpan]:
    """Give the spans of the stop rules, which stand in order."""
    found = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    methods = [each for each in found if each.name == "find_stop_reason"]
    conditions = [each for method in methods for each in method.body if isinstance(each, ast.If)]
    for condition, rule in zip(conditions, program.stop_rules, strict=False):
        yield _span(condition, rule.path, f"stop rule {rule.source_name}")


def _span(node: ast.stmt, path: str, label: str, line: AuthorLine | None = None) -> SourceSpan:
    return SourceSpan(
        file=FILE,
        first_line=_first(node),
        last_line=node.end_lineno or node.lineno,
        path=path,
        label=label,
        code_line=line.number if line else None,
        code_text=line.text if line else "",
    )
