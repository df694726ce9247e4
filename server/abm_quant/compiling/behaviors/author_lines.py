"""Author's lines: which line of the author's text each statement of a function comes from.

The mark is a part of the tree and not of its text: the end of the statement's line, as a Newline
that knows where it stood. Whatever rewrites a statement keeps its mark, and no code ever shows it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import libcst as cst

T = TypeVar("T", bound=cst.CSTNode)

INNER = ("body", "handlers", "orelse", "finalbody", "cases")
"""The fields of libcst's nodes that hold statements, in the order of the text."""
SIMPLE = (cst.SimpleStatementLine, cst.SimpleStatementSuite)


@dataclass(frozen=True)
class AuthorLine(cst.Newline):
    """The end of a line of the author's."""

    number: int = 0
    """Where the statement starts in the text that the author sent, counted from 1."""
    text: str = ""
    """The statement, or its first line where it holds others, as it was written."""


def marked(module: cst.Module, tree: ast.Module, text: str, first_line: int) -> cst.Module:
    """Give a module whose statements know their lines; its text begins at `first_line`."""
    lines = text.split("\n")
    return _with_marks(module, (line_of(each, lines, first_line) for each in _statements_in(tree)))


def author_lines(function: cst.FunctionDef) -> list[AuthorLine | None]:
    """Give the line of each statement in a function, in order, without its docstring.

    None stands for a statement that was not the author's.
    """
    return list(_marks_in(function))[1 if function.get_docstring() is None else 2 :]


def statements(function: ast.FunctionDef) -> list[ast.stmt]:
    """Give each statement in a function, in order, without its docstring."""
    return list(_statements_in(function))[1 if ast.get_docstring(function) is None else 2 :]


def line_of(statement: ast.stmt, lines: list[str], first_line: int) -> AuthorLine:
    """Give the line of a statement of a text whose first line is `first_line` of the author's."""
    start = statement.lineno
    end = start if hasattr(statement, "body") else statement.end_lineno
    words = " ".join(line.strip() for line in lines[start - 1 : end])
    return AuthorLine(number=start - 1 + first_line, text=words)


def _statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    if isinstance(node, ast.stmt):
        yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield from _statements_in(child)


def _with_marks(node: T, marks: Iterator[AuthorLine]) -> T:
    if isinstance(node, SIMPLE):
        first, *_ = [next(marks) for _ in node.body]
        return _changed(node, trailing_whitespace=_ended(node.trailing_whitespace, first))
    own = next(marks) if isinstance(node, cst.BaseCompoundStatement) else None
    changes: dict[str, Any] = {}
    for name, inner in _inner(node):
        found = [_with_marks(each, marks) for each in inner]
        changes[name] = found if isinstance(getattr(node, name), list | tuple) else found[0]
    if own and isinstance(node, cst.Match):
        changes["whitespace_after_colon"] = _ended(node.whitespace_after_colon, own)
    elif own and isinstance(changes["body"], cst.IndentedBlock):
        block = changes["body"]
        changes["body"] = _changed(block, header=_ended(block.header, own))
    return _changed(node, **changes)


def _marks_in(node: cst.CSTNode) -> Iterator[AuthorLine | None]:
    if isinstance(node, SIMPLE):
        yield from [mark_of(node.trailing_whitespace)] * len(node.body)
        return
    if isinstance(node, cst.Match):
        yield mark_of(node.whitespace_after_colon)
    elif isinstance(node, cst.BaseCompoundStatement):
        yield mark_of(_header(node.body))
    for _, inner in _inner(node):
        for each in inner:
            yield from _marks_in(each)


def _header(body: cst.BaseSuite) -> cst.TrailingWhitespace:
    """Give the end of the line on which a compound statement begins."""
    if isinstance(body, cst.IndentedBlock):
        return body.header
    return cst.ensure_type(body, cst.SimpleStatementSuite).trailing_whitespace


def _inner(node: cst.CSTNode) -> Iterator[tuple[str, list[cst.CSTNode]]]:
    """Give the nodes in a node that are or hold statements, by field."""
    for name in INNER:
        value = getattr(node, name, None)
        if value:
            yield name, [value] if isinstance(value, cst.CSTNode) else list(value)


def _changed(node: T, **changes: Any) -> T:
    return node.with_changes(**changes)


def _ended(end: cst.TrailingWhitespace, mark: AuthorLine) -> cst.TrailingWhitespace:
    return end.with_changes(newline=mark)


def mark_of(end: cst.TrailingWhitespace) -> AuthorLine | None:
    """Give the line of the author's that ends here; None where it is not the author's."""
    return end.newline if isinstance(end.newline, AuthorLine) else None
