"""Rewrite: calls of mesa.space's grids and networks become calls of AgentPy's.

Positions stay what they are, coordinates on a grid and the labels of nodes on a network; the calls
change. Methods that AgentPy does not have are written into the generated class of the space, as
far as they are used (templates/agentpy/space_class.py.j2).
"""

from collections.abc import Callable

import libcst as cst

from abm_quant.compiling.targets.agentpy_dialect.places import called_name
from abm_quant.compiling.targets.agentpy_dialect.writing import (
    Given,
    SpaceRewriter,
    arguments,
    call,
    is_false,
    is_one,
    is_true,
    lacking,
    made,
    required,
    spread,
)

AROUND = {
    "grid": ("pos", "moore", "include_center", "radius"),
    "network": ("node_id", "include_center", "radius"),
}
"""The parameters of Mesa's get_neighbors and get_neighborhood."""


class Positions(SpaceRewriter):
    """Brings the code of one function from mesa.space to AgentPy."""

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        """Refuse to write a position past the space."""
        if isinstance(node.target, cst.Attribute) and node.target.attr.value == "pos":
            raise lacking(node.target, "Move an agent with `move_agent` or `place_agent`.")

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace one attribute of the space, or its name."""
        name = original_node.attr.value
        if not self.is_space(original_node.value):
            if self.is_space(original_node) and name != self.setting.name:
                return updated_node.with_changes(attr=cst.Name(self.setting.name))
            return updated_node
        space = updated_node.value
        match name:
            case "width":
                return made("{s}.shape[0]", s=space)
            case "height":
                return made("{s}.shape[1]", s=space)
            case "torus":
                return cst.Name(str(self.setting.torus))
            case "empties":
                return made("{s}.empty", s=space)
            case "agents":
                return made("list({s}.positions)", s=space)
            case "G" if self.setting.graph is not None:
                return self.graph(original_node)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace one call of a method of the space."""
        function = original_node.func
        if not isinstance(function, cst.Attribute) or not self.is_space(function.value):
            return self._not_twice(updated_node)
        name = function.attr.value
        space = cst.ensure_type(updated_node.func, cst.Attribute).value
        if name not in METHODS:
            raise lacking(original_node)
        names, write = METHODS[name]
        if names is None:
            names = AROUND[self.setting.kind]
        given = arguments(updated_node, names, original_node)
        if "node_id" in given and "pos" in names:
            given["pos"] = given.pop("node_id")
        if any(each not in names for each in given):
            raise lacking(original_node)
        return write(self, original_node, space, [given.get(each) for each in names])

    def _not_twice(self, node: cst.Call) -> cst.Call:
        """Give a call without a `list` around what is a new list."""
        inner = node.args[0].value if len(node.args) == 1 else None
        is_list = isinstance(node.func, cst.Name) and node.func.value == "list"
        if is_list and isinstance(inner, cst.Call) and called_name(inner) in NEW_LISTS:
            return inner
        return node

    def _around(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        """Give the positions or the agents around a position."""
        names = AROUND[self.setting.kind]
        place, *_ = given
        by_name = dict(zip(names, given, strict=True))
        if place is None:
            raise lacking(node)
        agents = called_name(node) in ("get_neighbors", "iter_neighbors")
        native = self._neighbors(node, space, by_name) if agents else None
        if native is not None:
            return native
        radius, center = by_name.get("radius"), by_name.get("include_center")
        moore = by_name.get("moore") if self.setting.moore is None else None
        return call(
            space,
            "agents_near" if agents else "neighborhood",
            place,
            radius=None if is_one(radius) else radius,
            moore=None if is_true(moore) else moore,
            include_center=None if is_false(center) else center,
        )

    def _neighbors(
        self, node: cst.Call, space: cst.BaseExpression, given: dict[str, cst.BaseExpression | None]
    ) -> cst.BaseExpression | None:
        """Give the call of AgentPy's own `neighbors`, where it has the same meaning."""
        names = AROUND[self.setting.kind]
        agent = self.agent_of(arguments(node, names)[names[0]])
        radius, moore = given.get("radius"), given.get("moore")
        if agent is None or not is_false(given.get("include_center")):
            return None
        if self.setting.kind == "network":
            if not is_one(radius):
                return None
            nodes = call(space, "neighbors", agent)
            is_list = (
                self.setting.rewired
                or not self.setting.single
                or called_name(node) == "iter_neighbors"
            )
            return nodes if is_list else made("list({n})", n=nodes)
        diagonal = self.setting.moore or (self.setting.moore is None and is_true(moore))
        if not self.setting.single or not diagonal:
            return None
        found = call(space, "neighbors", agent, distance=None if is_one(radius) else radius)
        return found if called_name(node) == "iter_neighbors" else made("list({f})", f=found)

    def _contents(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        """Give the agents at a position or at several."""
        places = given[0]
        original = node.args[0].value
        if isinstance(places, cst.List):
            listed = [_argument(each) for each in places.elements]
            return call(space, "agents_at", *listed)
        kind = self.kinds.of(original)
        if kind not in ("place", "places") or places is None:
            raise lacking(node, "Pass a list: `get_cell_list_contents([pos])`.")
        return call(space, "agents_at", places if kind == "place" else spread(places))

    def _placed(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        agent, place = required(node, given)
        if self.setting.kind == "network" or self.setting.capacity is not None:
            return call(space, "place", agent, place)
        return made("{s}.add_agents([{a}], [{p}])", s=space, a=agent, p=place)

    def _moved(self, node: cst.Call, space: cst.BaseExpression, given: Given) -> cst.BaseExpression:
        agent, place = required(node, given)
        original = node.args[0].value
        acts = isinstance(original, cst.Name) and original.value == "self"
        stands = acts and self.scope.agent_type in self.setting.placed
        name = "move_to" if self.setting.kind == "grid" and stands else "place"
        return call(space, name, agent, place)

    def _moved_to_one(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        if any(each is not None for each in given[2:]):
            raise lacking(node)
        agent, places = required(node, given[:2])
        place = call(self.random(node), "choice", places)
        return call(space, "move_to" if self.setting.kind == "grid" else "place", agent, place)

    def _removed(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "remove_agents", *required(node, given))

    def _moved_to_empty(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        agent, *_ = required(node, given)
        place = call(self.random(node), "choice", made("{s}.empty", s=space))
        return call(space, "place", agent, place)

    def _is_empty(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "is_empty", *required(node, given))

    def _any_empty(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return made("len({s}.empty) > 0", s=space).with_changes(
            lpar=[cst.LeftParen()], rpar=[cst.RightParen()]
        )

    def _outside(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "is_outside", *required(node, given))

    def _wrapped(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "wrapped", *required(node, given))

    def _all_contents(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return call(space, "contents")

    def _all_agents(
        self, node: cst.Call, space: cst.BaseExpression, given: Given
    ) -> cst.BaseExpression:
        return made("list({s}.positions)", s=space)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Replace `grid[x, y]` and `grid[x][y]`: what is in a cell."""
        outer = [each.slice for each in updated_node.slice]
        over = original_node.value
        if isinstance(over, cst.Subscript) and self.is_space(over.value):
            inner = cst.ensure_type(updated_node.value, cst.Subscript)
            outer = [*(each.slice for each in inner.slice), *outer]
            space = inner.value
        elif self.is_space(over):
            space = updated_node.value
            first = outer[0]
            if len(outer) == 1 and isinstance(first, cst.Index):
                if self.kinds.of(first.value) != "place":
                    return updated_node
                return self._content(space, first.value)
        else:
            return updated_node
        places = [each.value for each in outer if isinstance(each, cst.Index)]
        if len(places) != 2:
            raise lacking(original_node)
        return self._content(space, made("({x}, {y})", x=places[0], y=places[1]))

    def _content(self, space: cst.BaseExpression, place: cst.BaseExpression) -> cst.BaseExpression:
        found = call(space, "agents_at", place)
        return made("next(iter({f}), None)", f=found) if self.setting.capacity == 1 else found

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        """Go through a copy of what the loop may change, and only of that."""
        iterated = self._iterated(original_node.iter, updated_node.iter)
        if not self.may_move(original_node.body):
            iterated = _without_list(iterated)
        return updated_node.with_changes(iter=iterated)

    def leave_CompFor(self, original_node: cst.CompFor, updated_node: cst.CompFor) -> cst.CompFor:
        """Go through what the space gives, without a list of it."""
        iterated = _without_list(self._iterated(original_node.iter, updated_node.iter))
        return updated_node.with_changes(iter=iterated)

    def _iterated(
        self, original: cst.BaseExpression, updated: cst.BaseExpression
    ) -> cst.BaseExpression:
        if self.is_space(original):
            raise lacking(original, "Go through `grid.coord_iter()`.")
        is_empties = isinstance(original, cst.Attribute) and original.attr.value == "empties"
        return made("list({e})", e=updated) if is_empties else updated


NEW_LISTS = ("agents_at", "agents_near", "neighborhood", "list")

Writer = Callable[[Positions, cst.Call, cst.BaseExpression, Given], cst.BaseExpression]

METHODS: dict[str, tuple[tuple[str, ...] | None, Writer]] = {
    "get_neighborhood": (None, Positions._around),
    "iter_neighborhood": (None, Positions._around),
    "get_neighbors": (None, Positions._around),
    "iter_neighbors": (None, Positions._around),
    "get_cell_list_contents": (("cell_list",), Positions._contents),
    "iter_cell_list_contents": (("cell_list",), Positions._contents),
    "get_all_cell_contents": ((), Positions._all_agents),
    "coord_iter": ((), Positions._all_contents),
    "place_agent": (("agent", "pos"), Positions._placed),
    "move_agent": (("agent", "pos"), Positions._moved),
    "move_agent_to_one_of": (
        ("agent", "pos", "selection", "handle_empty"),
        Positions._moved_to_one,
    ),
    "remove_agent": (("agent",), Positions._removed),
    "move_to_empty": (("agent",), Positions._moved_to_empty),
    "is_cell_empty": (("pos",), Positions._is_empty),
    "exists_empty_cells": ((), Positions._any_empty),
    "out_of_bounds": (("pos",), Positions._outside),
    "torus_adj": (("pos",), Positions._wrapped),
}
"""Mesa's methods with the names of their parameters (None: AROUND), and what writes AgentPy's."""


def _without_list(node: cst.BaseExpression) -> cst.BaseExpression:
    """Give what a list is made of, where that is AgentPy's own view of neighbors."""
    if isinstance(node, cst.Call) and called_name(node) == "list" and node.args:
        inner = node.args[0].value
        if isinstance(inner, cst.Call) and called_name(inner) == "neighbors":
            return inner
    return node


def _argument(element: cst.BaseElement) -> cst.Arg:
    """Give an element of a list as an argument."""
    return cst.Arg(element.value, star="*" if isinstance(element, cst.StarredElement) else "")
