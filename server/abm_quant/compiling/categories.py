"""Categories: the values that a text or a boolean takes, as far as the code tells."""

from abm_quant.compiling.pieces import Pieces
from abm_quant.compiling.resolve import Declared, Names
from abm_quant.contracts.spec import Call, Variable


def categories(declared: Declared, names: Names, pieces: Pieces) -> tuple[str | bool, ...]:
    """Give what the code sets an attribute to or compares it with; none for numbers."""
    item = declared.item
    assert isinstance(item, Variable)
    if item.type == "boolean":
        return (True, False)
    if item.type != "string":
        return ()
    found = {value for name, value in pieces.all_uses().categories if name == declared.python}
    start = item.initial_value
    drawn = names.find(start.function) if isinstance(start, Call) else None
    if drawn is not None and drawn.path in pieces.by_path:
        found |= pieces.by_path[drawn.path].uses.returned
    words = sorted(value for value in found if isinstance(value, str))
    if isinstance(start, str) and names.find(start) is None and "(" not in start:
        words = [start, *(word for word in words if word != start)]
    return tuple(words)
