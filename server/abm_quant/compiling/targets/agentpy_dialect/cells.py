"""Rewrite: cells of mesa.discrete_space become positions of AgentPy.

A cell becomes its position: coordinates on a grid, the label of a node on a network. What a cell
knows of itself is asked of the space: `cell.agents` becomes `grid.agents_at(position)`. Of these
methods AgentPy has `neighbors`, `move_to` and `move_by`; the others are written into the generated
class of the space, as far as they are used (templates/agentpy/space_class.py.j2).
"""

import libcst as cst

from abm_quant.compiling.targets.agentpy_dialect.places import called_name
from abm_quant.compiling.targets.agentpy_dialect.writing import (
    SpaceRewriter,
    arguments,
    call,
    in_parentheses,
    is_false,
    is_one,
    lacking,
    made,
    spread,
)

NEIGHBORHOOD = ("radius", "include_center")


class Cells(SpaceRewriter):
    """Brings the code of one function from cells to positions."""

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        """Refuse to move several agents in one statement."""
        if isinstance(node.target, cst.Tuple | cst.List):
            for each in node.target.elements:
                if isinstance(each.value, cst.Attribute) and each.value.attr.value == "cell":
                    raise lacking(node.target, "Move one agent in each statement.")

    def leave_Assign(
        self, original_node: cst.Assign, updated_node: cst.Assign
    ) -> cst.BaseSmallStatement:
        """Move an agent whose cell is set."""
        target = original_node.targets[0].target
        if not isinstance(target, cst.Attribute) or target.attr.value != "cell":
            return updated_node
        if len(original_node.targets) > 1:
            raise lacking(original_node, "Move one agent in each statement.")
        agent = cst.ensure_type(updated_node.targets[0].target, cst.Attribute).value
        return cst.Expr(self._moved(original_node, agent, updated_node.value))

    def _moved(
        self, node: cst.CSTNode, agent: cst.BaseExpression, place: cst.BaseExpression
    ) -> cst.BaseExpression:
        if isinstance(place, cst.Name) and place.value == "None":
            return call(self.space(node), "remove_agents", agent)
        acts = isinstance(agent, cst.Name) and agent.value == "self"
        placed = self.setting.placed
        stands = placed == self.setting.types or (acts and self.scope.agent_type in placed)
        moves = "move_to" if stands and self.setting.kind == "grid" else "place"
        return call(self.space(node), moves, agent, place)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace one attribute of a cell, of cells, of the space or of an agent."""
        name, value = original_node.attr.value, updated_node.value
        kind = self.kinds.of(original_node.value)
        if self.is_space(original_node.value):
            return self._of_space(original_node, updated_node)
        if name == self.setting.found and _is_model(original_node.value):
            return updated_node.with_changes(attr=cst.Name(self.setting.name))
        if name in self.setting.members:
            return updated_node
        match name:
            case "cell":
                return updated_node.with_changes(attr=cst.Name(self.setting.pos))
            case "coordinate":
                return value
            case "cells" if kind == "places":
                return value
            case "neighborhood":
                return call(self.space(original_node), "neighborhood", value)
            case "agents" if kind in ("place", "places"):
                return self._agents(original_node.value, value)
            case "agents" if not _is_model(original_node.value) and kind is None:
                raise lacking(original_node, "Name a cell `cell`, several cells `cells`.")
            case "is_empty" | "is_full":
                return self._occupied(original_node, value)
            case "empty" if kind == "place":
                return call(self.space(original_node), "is_empty", value)
        return updated_node

    def _of_space(self, original: cst.Attribute, updated: cst.Attribute) -> cst.BaseExpression:
        space, kind = updated.value, self.setting.kind
        match original.attr.value:
            case "all_cells":
                return made("{s}.all" if kind == "grid" else "list({s}.node)", s=space)
            case "empties":
                return made("{s}.empty", s=space)
            case "width":
                return made("{s}.shape[0]", s=space)
            case "height":
                return made("{s}.shape[1]", s=space)
            case "dimensions":
                return made("{s}.shape", s=space)
            case "torus":
                return cst.Name(str(self.setting.torus))
            case "agents":
                return made("list({s}.positions)", s=space)
            case "G" if self.setting.graph is not None:
                return self.graph(original)
        return updated

    def _occupied(self, original: cst.Attribute, cell: cst.BaseExpression) -> cst.BaseExpression:
        """Give whether a cell is empty or full."""
        space, capacity = self.space(original), self.setting.capacity
        if original.attr.value == "is_empty":
            return call(space, "is_empty", cell)
        if capacity == 1:
            return in_parentheses(made("not {c}", c=call(space, "is_empty", cell)))
        if capacity is None:
            return cst.Name("False")
        agents, most = call(space, "agents_at", cell), cst.Integer(str(capacity))
        return in_parentheses(made("len({a}) >= {n}", a=agents, n=most))

    def _agents(self, original: cst.BaseExpression, value: cst.BaseExpression) -> cst.Call:
        """Give the agents in a cell or in cells."""
        space = self.space(original)
        if self.kinds.of(original) == "place":
            return call(space, "agents_at", value)
        asked = _neighborhood(original)
        if asked is None:
            return call(space, "agents_at", spread(value))
        cell, given = asked
        agent = self.agent_of(cell)
        radius, center = given.get("radius"), given.get("include_center")
        if agent is not None and is_false(center):
            if self.setting.kind == "network" and is_one(radius):
                return call(space, "neighbors", agent)
            if self.setting.kind == "grid" and self.setting.single and self.setting.moore:
                return call(space, "neighbors", agent, distance=None if is_one(radius) else radius)
        near = cst.ensure_type(value, cst.Call)
        return call(space, "agents_near", *near.args)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace one call of a method of a cell, of cells, of the space or of an agent."""
        name = called_name(original_node)
        if not isinstance(original_node.func, cst.Attribute) or name in self.setting.members:
            return self._function(updated_node, name)
        over = original_node.func.value
        value = cst.ensure_type(updated_node.func, cst.Attribute).value
        match name:
            case "get_neighborhood":
                given = arguments(updated_node, NEIGHBORHOOD, original_node)
                radius = None if is_one(given.get("radius")) else given.get("radius")
                center = given.get("include_center")
                center = None if is_false(center) else center
                space = self.space(original_node)
                return call(space, "neighborhood", value, radius=radius, include_center=center)
            case "select_random_cell":
                return call(self.random(original_node), "choice", value)
            case "select_random_agent":
                agents = self._agents(over, value)
                is_new = called_name(agents) in LISTS
                found = agents if is_new else made("list({a})", a=agents)
                return call(self.random(original_node), "choice", found)
            case "select_random_empty_cell":
                return call(self.random(original_node), "choice", made("{s}.empty", s=value))
            case "select" if self.kinds.of(over) == "places":
                return self._selected(original_node, updated_node, value)
            case "move_to" if not self.is_space(over):
                return self._moved(original_node, value, updated_node.args[0].value)
            case "move_relative":
                return call(self.space(original_node), "move_by", value, *updated_node.args)
            case "get" | "values" if isinstance(over, cst.Attribute) and _is_connections(over):
                cell = cst.ensure_type(value, cst.Attribute).value
                return self._connected(original_node, cell, updated_node)
        return self._function(updated_node, name)

    def _function(self, node: cst.Call, name: str | None) -> cst.Call:
        """Give a call of something else; an agent is created in a place by the name of ours."""
        owner = node.func.value if isinstance(node.func, cst.Attribute) else node.func
        if isinstance(owner, cst.Name) and owner.value in self.setting.types:
            changed = [
                (
                    each.with_changes(keyword=cst.Name(self.setting.pos))
                    if each.keyword and each.keyword.value == "cell"
                    else each
                )
                for each in node.args
            ]
            return node.with_changes(args=changed)
        inner = node.args[0].value if len(node.args) == 1 else None
        is_list = isinstance(node.func, cst.Name) and name == "list" and isinstance(inner, cst.Call)
        if is_list and called_name(cst.ensure_type(inner, cst.Call)) in LISTS:
            return cst.ensure_type(inner, cst.Call)
        return node

    def _connected(
        self, original: cst.Call, cell: cst.BaseExpression, updated: cst.Call
    ) -> cst.BaseExpression:
        space = self.space(original)
        if called_name(original) == "values":
            return call(space, "neighborhood", cell)
        if len(updated.args) != 1 or self.setting.kind != "grid":
            raise lacking(original)
        return call(space, "beside", cell, updated.args[0].value)

    def _selected(
        self, original: cst.Call, updated: cst.Call, cells: cst.BaseExpression
    ) -> cst.BaseExpression:
        """Give the cells that a filter lets through."""
        given = arguments(updated, ("filter_func", "at_most"), original)
        chosen, most = given.get("filter_func"), given.get("at_most")
        if isinstance(most, cst.Float):
            raise lacking(original, "Select a number of cells, not a share.")
        if isinstance(chosen, cst.Lambda) and chosen.params.params:
            name: cst.BaseExpression = chosen.params.params[0].name
            found = made("[{n} for {n} in {c} if {t}]", n=name, c=cells, t=chosen.body)
        elif chosen is not None:
            found = made("[cell for cell in {c} if {f}(cell)]", c=cells, f=chosen)
        else:
            found = cells
        return found if most is None else made("{f}[:{n}]", f=found, n=most)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Replace one item of the space or of a cell's connections."""
        over = original_node.value
        found = [
            each.slice.value for each in updated_node.slice if isinstance(each.slice, cst.Index)
        ]
        if len(found) != len(updated_node.slice):
            return updated_node
        place = found[0]
        if len(found) > 1:
            place = in_parentheses(cst.Tuple([cst.Element(each) for each in found]))
        if self.is_space(over):
            return place
        is_connections = isinstance(over, cst.Attribute) and _is_connections(over)
        if is_connections and self.setting.kind == "grid":
            cell = cst.ensure_type(updated_node.value, cst.Attribute).value
            return call(self.space(original_node), "beside", cell, place)
        return updated_node

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.Comparison:
        """Compare positions by their value."""
        if self.kinds.of(original_node.left) != "place" or len(updated_node.comparisons) != 1:
            return updated_node
        compared = updated_node.comparisons[0]
        other = original_node.comparisons[0].comparator
        if isinstance(other, cst.Name) and other.value == "None":
            return updated_node
        swapped: cst.BaseCompOp | None = None
        if isinstance(compared.operator, cst.Is):
            swapped = cst.Equal()
        elif isinstance(compared.operator, cst.IsNot):
            swapped = cst.NotEqual()
        if swapped is None:
            return updated_node
        return updated_node.with_changes(comparisons=[compared.with_changes(operator=swapped)])

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        """Go through all cells where a loop goes through the space."""
        return updated_node.with_changes(iter=self._iterated(original_node.iter, updated_node.iter))

    def leave_CompFor(self, original_node: cst.CompFor, updated_node: cst.CompFor) -> cst.CompFor:
        """Go through all cells where a comprehension goes through the space."""
        return updated_node.with_changes(iter=self._iterated(original_node.iter, updated_node.iter))

    def _iterated(
        self, original: cst.BaseExpression, updated: cst.BaseExpression
    ) -> cst.BaseExpression:
        if self.is_space(original):
            return made("{s}.all" if self.setting.kind == "grid" else "list({s}.node)", s=updated)
        changes = isinstance(updated, cst.Attribute) and updated.attr.value == "empty"
        is_empties = isinstance(original, cst.Attribute) and original.attr.value != "empty"
        return made("list({e})", e=updated) if changes and is_empties else updated


LISTS = ("agents_at", "agents_near", "neighborhood")
"""Methods that give a new list."""


def _neighborhood(
    node: cst.BaseExpression,
) -> tuple[cst.BaseExpression, dict[str, cst.BaseExpression]] | None:
    """Give the cell whose neighborhood an expression is, and the arguments."""
    if isinstance(node, cst.Attribute) and node.attr.value == "neighborhood":
        return node.value, {}
    if isinstance(node, cst.Call) and called_name(node) == "get_neighborhood":
        cell = cst.ensure_type(node.func, cst.Attribute).value
        return cell, arguments(node, NEIGHBORHOOD)
    return None


def _is_model(node: cst.BaseExpression) -> bool:
    """Whether an expression is the model: `model`, `self` or `x.model`."""
    name = node.attr.value if isinstance(node, cst.Attribute) else None
    return name == "model" or (isinstance(node, cst.Name) and node.value in ("model", "self"))


def _is_connections(node: cst.Attribute) -> bool:
    return node.attr.value == "connections"
