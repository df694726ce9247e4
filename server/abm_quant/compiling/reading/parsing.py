"""Parses the Python of a specification, no deeper than what follows can go into it.

Parsing for good, with libcst, takes memory that grows with the square of the depth, and all that
works on trees calls itself once a level.
"""

import ast

MAX_NESTING = 150
_ATOMS = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.alias)


def parse_code(text: str) -> ast.Module:
    """Give the syntax tree of statements.

    Raises SyntaxError, RecursionError, MemoryError, or ValueError, also when it is too deep.
    """
    tree = ast.parse(text)
    _require_shallow(tree)
    return tree


def parse_expression(text: str) -> ast.Expression:
    """Give the syntax tree of an expression; raises what parse_code raises."""
    tree = ast.parse(text.strip(), mode="eval")
    _require_shallow(tree)
    return tree


def _require_shallow(tree: ast.AST) -> None:
    level = [tree]
    for _ in range(MAX_NESTING):
        inner = (each for node in level for each in ast.iter_child_nodes(node))
        level = [each for each in inner if not isinstance(each, _ATOMS)]
        if not level:
            return
    raise ValueError(f"it is nested deeper than {MAX_NESTING} levels")
