"""Rewrite: calls of mesa.space's ContinuousSpace become calls of AgentPy's Space.

Positions are arrays of two coordinates, as AgentPy keeps them.
"""

from collections.abc import Callable

import libcst as cst

from abm_quant.compiling.targets.agentpy_dialect.writing import (
    Given,
    SpaceRewriter,
    arguments,
    call,
    is_false,
    is_true,
    lacking,
    made,
    required,
)

SIDES = {"x_max": 0, "width": 0, "y_max": 1, "height": 1}
"""Attributes of Mesa's space that are the length of a side."""


class Continuous(SpaceRewriter):
    """Brings the code of one function from mesa.space to AgentPy."""

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        """Refuse to write a position past the space."""
        if isinstance(node.target, cst.Attribute) and node.target.attr.value == "pos":
            raise lacking(node.target, "Move an agent with `move_agent` or `place_agent`.")

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        """Refuse to change a position past the space."""
        if isinstance(node.target, cst.Attribute) and node.target.attr.value == "pos":
            raise lacking(node.target, "Move an agent with `move_agent` or `place_agent`.")

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace one attribute of the space."""
        if not self.is_space(original_node.value):
            return updated_node
        space, name = updated_node.value, original_node.attr.value
        if name in SIDES:
            return made("{s}.shape[{i}]", s=space, i=cst.Integer(str(SIDES[name])))
        match name:
            case "x_min" | "y_min":
                return cst.Integer("0")
            case "size":
                return made("{s}.shape", s=space)
            case "torus":
                return cst.Name(str(self.setting.torus))
            case "agents":
                return made("list({s}.positions)", s=space)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace one call of a method of the space."""
        function = original_node.func
        if not isinstance(function, cst.Attribute) or not self.is_space(function.value):
            return updated_node
        name = function.attr.value
        if name not in METHODS:
            raise lacking(original_node)
        names, write = METHODS[name]
        given = arguments(updated_node, names, original_node)
        if any(each not in names for each in given):
            raise lacking(original_node)
        space = cst.ensure_type(updated_node.func, cst.Attribute).value
        return write(self, original_node, space, [given.get(each) for each in names])

    def _near(self, node: cst.Call, space: cst.BaseExpression, given: Given) -> cst.BaseExpression:
        """Give the agents around a point, with AgentPy's own method where it means the same."""
        pos, radius = required(node, given[:2])
        center = given[2]
        agent = self.agent_of(arguments(node, METHODS["get_neighbors"][0])["pos"])
        if agent is not None and is_false(center) and center is not None and self.setting.single:
            return made("list({n})", n=call(space, "neighbors", agent, distance=radius))
        without = None if center is None or is_true(center) else center
        return call(space, "agents_near", pos, radius, include_center=without)

    def _placed(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "place", *required(node, given))

    def _moved(self, node: cst.Call, space: cst.BaseExpression, given: Given) -> cst.BaseExpression:
        return call(space, "move_to", *required(node, given))

    def _removed(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "remove_agents", *required(node, given))

    def _distance(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "distance", *required(node, given))

    def _heading(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "heading", *required(node, given))

    def _wrapped(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "wrapped", *required(node, given))

    def _outside(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "is_outside", *required(node, given))


Writer = Callable[[Continuous, cst.Call, cst.BaseExpression, Given], cst.BaseExpression]

METHODS: dict[str, tuple[tuple[str, ...], Writer]] = {
    "get_neighbors": (("pos", "radius", "include_center"), Continuous._near),
    "place_agent": (("agent", "pos"), Continuous._placed),
    "move_agent": (("agent", "pos"), Continuous._moved),
    "remove_agent": (("agent",), Continuous._removed),
    "get_distance": (("pos_1", "pos_2"), Continuous._distance),
    "get_heading": (("pos_1", "pos_2"), Continuous._heading),
    "torus_adj": (("pos",), Continuous._wrapped),
    "out_of_bounds": (("pos",), Continuous._outside),
}
"""Mesa's methods with the names of their parameters, and what writes AgentPy's counterpart."""
