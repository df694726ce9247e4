"""Literals: what a text in a specification spells, and numbers in the kind that was declared."""

import ast
import re
from typing import Any

from abm_quant.contracts.spec import ValueType

_LARGEST = 10**308
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def is_number(argument: Any) -> bool:
    """Tell whether an argument is a number that is written as text."""
    return isinstance(argument, str) and NUMBER.fullmatch(argument.strip()) is not None


def calls(tree: ast.AST) -> bool:
    """Tell whether an expression calls anything."""
    return any(isinstance(node, ast.Call) for node in ast.walk(tree))


def computes(tree: ast.AST) -> bool:
    """Tell whether an expression does more than a few words with signs between them could."""
    kinds = (ast.Call, ast.IfExp, ast.Subscript, ast.JoinedStr)
    return any(isinstance(node, kinds) for node in ast.walk(tree))


def own_names(tree: ast.AST) -> set[str]:
    """Give the names that an expression binds itself: of loops and of parameters."""
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_stored(node)}
    return stored | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def is_computed(tree: ast.Expression) -> bool:
    """Tell whether this is a product, a quotient or a comprehension; `5-10` may be a range."""
    body = tree.body
    if isinstance(body, ast.BinOp):
        return isinstance(body.op, ast.Mult | ast.Div | ast.Pow)
    return isinstance(body, ast.ListComp | ast.DictComp | ast.SetComp)


def quoted(text: str) -> str | None:
    """Give the text inside a Python string literal, where the whole text is one."""
    word = text.strip()
    if len(word) < 2 or word[0] != word[-1] or word[0] not in "'\"":
        return None
    try:
        value = ast.literal_eval(word)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def typed_literal(text: str, kind: ValueType | None) -> ast.Constant | None:
    """Give the literal that a text spells, where the declared type is not text."""
    if kind in ("string", None):
        return None
    word = text.strip()
    named = {"true": True, "false": False, "none": None, "null": None}
    if kind == "boolean":
        named |= {"yes": True, "no": False, "on": True, "off": False}
    if word.lower() in named and kind != "array":
        return ast.Constant(named[word.lower()])
    try:
        return ast.Constant(ast.literal_eval(word))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def zero_divisor(code: str, zeros: dict[str, str]) -> str | None:
    """Give the variable that an expression divides by while it is 0; None without one."""
    for node in ast.walk(ast.parse(code, mode="eval")):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv):
            name = node.right.attr if isinstance(node.right, ast.Attribute) else ""
            if name in zeros:
                return zeros[name]
    return None


def start_without_value(text: str, kind: ValueType) -> Any:
    """Give what a variable starts as where its value is only described: nothing of its type.

    An array of words, such as `red, green`, holds these words.
    """
    if kind == "array":
        return [word.strip() for word in text.split(",")] if "," in text else []
    return False if kind == "boolean" else 0


def as_type(value: Any, kind: ValueType | None) -> Any:
    """Give a number in the declared kind: 1000.0 for an integer is 1000, 1 for a float is 1.0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "float" and isinstance(value, int) and abs(value) < 2**53:
        return float(value)
    if kind == "boolean" and value in (0, 1):
        return bool(value)
    return value if -_LARGEST < value < _LARGEST else 0
