"""Categories: the values that a text or a boolean takes, as far as the code tells."""

import ast
from typing import Any

from abm_quant.compiling.behaviors.pieces import Pieces
from abm_quant.compiling.reading.parsing import parse_expression
from abm_quant.compiling.resolve import Declared, Names
from abm_quant.contracts.spec import Call, Variable


def categories(declared: Declared, names: Names, pieces: Pieces) -> tuple[str | bool, ...]:
    """Give what an attribute starts with, is set to or compared with; none for numbers."""
    item = declared.item
    assert isinstance(item, Variable)
    if item.type == "boolean":
        return (True, False)
    if item.type != "string":
        return ()
    start = _starts(item.initial_value, names, pieces)
    found = {value for name, value in pieces.all_uses().categories if name == declared.python}
    later = sorted(value for value in found if isinstance(value, str) and value not in start)
    return (*start, *later)


def _starts(value: Any, names: Names, pieces: Pieces) -> list[str]:
    """Give the texts that an initial value can be, in the order in which they are written."""
    if isinstance(value, list):
        return list(dict.fromkeys(text for each in value for text in _starts(each, names, pieces)))
    if isinstance(value, Call):
        drawn = names.find(value.function)
        if drawn is not None and drawn.path in pieces.by_path:
            return sorted(pieces.by_path[drawn.path].uses.returned)
        return _starts(value.args or [], names, pieces)
    if not isinstance(value, str) or names.find(value) is not None:
        return []
    return _texts(value)


def _texts(text: str) -> list[str]:
    """Give the texts in an expression; a text that is none is itself one."""
    try:
        tree = parse_expression(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return [text]
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    found = list(dict.fromkeys(each for each in constants if isinstance(each, str)))
    return found or [text]
