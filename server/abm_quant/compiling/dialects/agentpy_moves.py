"""How agents move in AgentPy's spaces, written for Mesa's.

AgentPy stops agents at the border of a space that is no torus; Mesa refuses to move them beyond it,
so that the place is cut off at the border.
"""

import libcst as cst

from abm_quant.compiling.dialects.plain import parsed, text
from abm_quant.compiling.dialects.scope import Scope


def moved_to(
    scope: Scope, space: str, agent: cst.BaseExpression, place: cst.BaseExpression
) -> cst.BaseExpression:
    """Give the call for `move_to(agent, place)`."""
    who, where = text(agent), text(place)
    if where.endswith(f".choice(sorted({space}.empties))"):
        return parsed(f"{space}.move_to_empty({who})")
    kind = scope.agentpy.kind
    if kind == "network":
        return parsed(f"{space}.move_agent({who}, {where})")
    parts = _parts(place)
    if kind == "continuous":
        inside = where if scope.agentpy.is_torus else _cut_off(space, where)
        is_tuple = parts is not None and scope.agentpy.is_torus
        return parsed(f"{space}.move_agent({who}, {where if is_tuple else f'tuple({inside})'})")
    if parts is not None and not scope.agentpy.is_torus and "%" not in where:
        where = _on_grid(space, *parts)
    return parsed(f"{space}.move_agent({who}, {where})")


def moved_by(
    scope: Scope, space: str, agent: cst.BaseExpression, path: cst.BaseExpression
) -> cst.BaseExpression:
    """Give the call for `move_by(agent, path)`."""
    who, way = text(agent), text(path)
    if scope.agentpy.kind == "continuous":
        there = f"np.add({who}.pos, {way})"
        inside = there if scope.agentpy.is_torus else _cut_off(space, there)
        return parsed(f"{space}.move_agent({who}, tuple({inside}))")
    dx, dy = _parts(path) or (f"{way}[0]", f"{way}[1]")
    x, y = f"{who}.pos[0] + {dx}", f"{who}.pos[1] + {dy}"
    place = f"({x}, {y})" if scope.agentpy.is_torus else _on_grid(space, x, y)
    return parsed(f"{space}.move_agent({who}, {place})")


def _parts(place: cst.BaseExpression) -> tuple[str, str] | None:
    if not isinstance(place, (cst.Tuple, cst.List)) or len(place.elements) != 2:
        return None
    x, y = (text(each.value) for each in place.elements)
    return x, y


def _on_grid(space: str, x: str, y: str) -> str:
    """Give a place, cut off at the border of the grid."""
    return f"(min(max({x}, 0), {space}.width - 1), min(max({y}, 0), {space}.height - 1))"


def _cut_off(space: str, place: str) -> str:
    """Give a place, cut off at the border of the space, which itself is outside."""
    return f"np.clip({place}, 0, np.nextafter(({space}.x_max, {space}.y_max), 0))"
