"""Dialect: AgentPy's Grid, Network and Space become the grids and spaces of mesa.space.

The model makes its space itself, so that the lines that build it are left out of the code. An
agent's place is its `pos`. AgentPy's neighbors of a cell include the other agents in the same cell,
unless each cell holds one agent at most.
"""

import ast

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.agentpy_facts import KINDS, MODULES, made_by_agentpy
from abm_quant.compiling.dialects.agentpy_groups import Swap
from abm_quant.compiling.dialects.agentpy_moves import moved_by, moved_to
from abm_quant.compiling.dialects.agentpy_placing import Site, addition, placed
from abm_quant.compiling.dialects.plain import left_out, parsed, plain_lines, text
from abm_quant.compiling.dialects.scope import Scope, chain, own_locals, taken_names
from abm_quant.compiling.resolve import snake_case

NOTE = "AgentPy's space became a space of Mesa, which the model makes itself."
WITHOUT_COUNTERPART = {
    "apply": "a comprehension over the agents",
    "attr_grid": "a comprehension over the agents, which have `pos`",
    "add_field": "an attribute of the model that holds a list of lists",
    "del_field": "an attribute of the model that holds a list of lists",
    "record_positions": "attributes of the agents in trackedVariables",
    "kdtree": "`get_neighbors(position, radius)`",
    "add_node": "`self.grid.G.add_node(...)`, before agents are placed",
    "remove_node": "a network whose nodes stay",
}


class Spaces(cst.CSTTransformer):
    """Replaces the space of AgentPy by that of Mesa."""

    def __init__(
        self, scope: Scope, bound: set[str], *, graphs: set[str], is_built_here: bool
    ) -> None:
        super().__init__()
        self.scope = scope
        self.facts = scope.agentpy
        self.bound = bound
        attribute = "space" if self.facts.kind == "continuous" else "grid"
        self.written = f"{scope.model}.{attribute}"
        self.rng = "self.random" if scope.owner == "agent" else f"{scope.model}.random"
        self.locals = {name for name in bound if name in self.facts.spaces}
        self.graphs = graphs
        self.is_built_here = is_built_here

    @property
    def is_plain(self) -> bool:
        """Whether the model makes the space itself."""
        return self.facts.space is None or self.facts.space.is_plain

    @property
    def is_exclusive(self) -> bool:
        """Whether each cell holds one agent at most."""
        return self.facts.space is not None and self.facts.space.is_exclusive

    @property
    def variable(self) -> str:
        """A name for one of the agents that the function does not use."""
        types = list(self.scope.names.type_names.values())
        named = (snake_case(types[0]),) if len(types) == 1 else ()
        names = (*named, "agent", "other", "each", "one")
        return next((name for name in names if name not in self.bound), "each_agent")

    def is_space(self, node: cst.BaseExpression) -> bool:
        """Tell whether an expression is the space."""
        if isinstance(node, cst.Name):
            return node.value in self.locals
        return text(node) == self.written

    # Expressions

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Replace the graph from which the network was made."""
        is_graph = updated_node.value in self.graphs and self.is_plain
        return parsed(f"{self.written}.G") if is_graph else updated_node

    def leave_AssignTarget(
        self, original_node: cst.AssignTarget, updated_node: cst.AssignTarget
    ) -> cst.AssignTarget:
        """Keep the name of the graph where it is made."""
        return original_node if isinstance(original_node.target, cst.Name) else updated_node

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BinaryOperation:
        """Compute with places as vectors, which they are in AgentPy's Space."""
        left = updated_node.left
        if self.facts.kind != "continuous" or not m.matches(left, m.Attribute(attr=m.Name("pos"))):
            return updated_node
        return updated_node.with_changes(left=parsed(f"np.array({text(left)})"))

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace the space by its name in Mesa, and its properties."""
        names = chain(updated_node)
        name = updated_node.attr.value
        if names is not None and name in self.facts.spaces and len(names) <= 3:
            return parsed(self.written)
        value = updated_node.value
        if not self.is_space(value):
            return updated_node
        if name in WITHOUT_COUNTERPART:
            message = f"AgentPy's `{name}` has no counterpart. Write {WITHOUT_COUNTERPART[name]}."
            self.scope.assume("no-counterpart", message)
        space = text(value)
        properties = {
            "agents": f"{self.scope.model}.agents",
            "empty": f"sorted({space}.empties)",
            "shape": f"({space}.width, {space}.height)",
            "graph": f"{space}.G",
            "nodes": f"list({space}.G.nodes)",
            "all": f"[(x, y) for x in range({space}.width) for y in range({space}.height)]",
        }
        if self.facts.kind == "continuous":
            properties["shape"] = f"({space}.x_max, {space}.y_max)"
        found = properties.get(name)
        return parsed(found) if found else updated_node

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Replace `positions[agent]`, `agents[a:b, c:d]` and `shape[0]`."""
        before, value = original_node.value, updated_node.value
        if not isinstance(before, cst.Attribute):
            return updated_node
        name = before.attr.value
        index = [each.slice for each in updated_node.slice]
        if name == "positions" and isinstance(value, cst.Attribute) and self.is_space(value.value):
            assert isinstance(index[0], cst.Index)
            return self._position(index[0].value)
        if name == "shape" and isinstance(value, cst.Tuple) and isinstance(index[0], cst.Index):
            place = index[0].value
            if isinstance(place, cst.Integer) and place.value in "01":
                return value.elements[int(place.value)].value
        if name == "agents" and self._was_space(before.value) and self.facts.kind == "grid":
            return self._at(index)
        return updated_node

    def _was_space(self, node: cst.BaseExpression) -> bool:
        names = chain(node)
        if names is None:
            return False
        return names[-1] in self.facts.spaces or (len(names) == 1 and names[0] in self.locals)

    def _position(self, agent: cst.BaseExpression) -> cst.BaseExpression:
        if self.facts.kind == "continuous":
            return parsed(f"np.array({text(agent)}.pos)")
        return cst.Attribute(agent, cst.Name("pos"))

    def _at(self, index: "list[cst.BaseSlice]") -> cst.BaseExpression:
        """Give the agents in a part of the grid."""
        if any(isinstance(each, cst.Slice) for each in index):
            name = self.variable
            bounds = [b for axis, part in enumerate(index) for b in self._bounds(name, axis, part)]
            kept = f" if {' and '.join(bounds)}" if bounds else ""
            return parsed(f"[{name} for {name} in {self.scope.model}.agents{kept}]")
        parts = [text(each.value) for each in index if isinstance(each, cst.Index)]
        place = f"({', '.join(parts)})" if len(parts) > 1 else parts[0]
        return parsed(f"{self.written}.get_cell_list_contents([{place}])")

    def _bounds(self, name: str, axis: int, part: cst.BaseSlice) -> list[str]:
        """Give the conditions under which an agent is in a part of one axis."""
        place = f"{name}.pos[{axis}]"
        if isinstance(part, cst.Index):
            return [f"{place} == {text(part.value)}"]
        assert isinstance(part, cst.Slice)
        side = f"{self.written}.{('width', 'height')[axis]}"
        bounds: list[str] = []
        if part.lower is not None and text(part.lower) != "0":
            bounds.append(f"{place} >= {self._bound(part.lower, side)}")
        if part.upper is not None and not self._is_side(part.upper, axis):
            bounds.append(f"{place} < {self._bound(part.upper, side)}")
        return bounds

    def _bound(self, node: cst.BaseExpression, side: str) -> str:
        is_from_end = isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus)
        return f"{side} - {text(node)[1:]}" if is_from_end else text(node)

    def _is_side(self, node: cst.BaseExpression, axis: int) -> bool:
        space = self.facts.space
        side = (space.width, space.height)[axis] if space else None
        return side is not None and text(node) == side.replace(".p.", ".")

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace a call of the space's methods."""
        function = updated_node.func
        if not isinstance(function, cst.Attribute):
            return updated_node
        arguments = {each.keyword.value: each.value for each in updated_node.args if each.keyword}
        given = [each.value for each in updated_node.args if each.keyword is None]
        name = function.attr.value
        if name == "neighbors" and given and self._has_neighbors(function.value, given[0]):
            distance = arguments.get("distance", given[1] if len(given) > 1 else None)
            return self._neighbors(given[0], distance)
        if not self.is_space(function.value):
            return updated_node
        if name in ("move_to", "move_by") and len(given) + len(arguments) == 2:
            place = next(iter(arguments.values()), given[-1])
            move = moved_to if name == "move_to" else moved_by
            return move(self.scope, self.written, given[0], place)
        if name == "remove_agents" and given:
            return cst.Call(parsed(f"{self.written}.remove_agent"), [cst.Arg(given[0])])
        if name == "select" and self.facts.kind == "continuous" and len(given) == 2:
            near = f"{text(given[0])}, {text(given[1])}"
            return parsed(f"{self.written}.get_neighbors({near}, include_center=True)")
        return updated_node

    def _has_neighbors(self, owner: cst.BaseExpression, agent: cst.BaseExpression) -> bool:
        """Tell whether `owner.neighbors(agent)` asks the space."""
        if self.is_space(owner):
            return True
        return text(owner) == text(agent) and "neighbors" not in self.scope.names.known

    def _neighbors(
        self, agent: cst.BaseExpression, distance: cst.BaseExpression | None
    ) -> cst.BaseExpression:
        place = f"{text(agent)}.pos"
        if self.facts.kind == "network":
            return parsed(f"{self.written}.get_neighbors({place}, include_center=False)")
        if self.facts.kind == "continuous":
            radius = f", {text(distance)}" if distance is not None else ""
            return parsed(f"{self.written}.get_neighbors({place}{radius}, include_center=False)")
        near = distance is None or m.matches(distance, m.Integer("1"))
        radius = "" if near or distance is None else f", radius={text(distance)}"
        if self.is_exclusive:
            options = f"moore=True, include_center=False{radius}"
            return parsed(f"{self.written}.get_neighbors({place}, {options})")
        name = next(n for n in ("other", "neighbor", "each", "one_near") if n not in self.bound)
        around = f"{self.written}.get_neighbors({place}, moore=True, include_center=True{radius})"
        return parsed(f"[{name} for {name} in {around} if {name} is not {text(agent)}]")

    def leave_CompFor(self, original_node: cst.CompFor, updated_node: cst.CompFor) -> cst.CompFor:
        """Join the condition that leaves out the agent itself with the author's own."""
        inner, target = updated_node.iter, updated_node.target
        if original_node.iter is inner or not isinstance(inner, cst.ListComp):
            return updated_node
        own = inner.for_in.target
        if not isinstance(target, cst.Name) or not isinstance(own, cst.Name):
            return updated_node
        first = [
            cst.CompIf(Swap(own.value, cst.Name(target.value)).of(each.test))
            for each in inner.for_in.ifs
        ]
        tests = [each.test for each in (*first, *updated_node.ifs)]
        joined = parsed(" and ".join(_operand(each) for each in tests))
        return updated_node.with_changes(iter=inner.for_in.iter, ifs=[cst.CompIf(joined)])

    # Statements

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        """Know the local names of the space and of its graph."""
        statement = node.body[0]
        if not isinstance(statement, cst.Assign):
            return
        named = {t.target.value for t in statement.targets if isinstance(t.target, cst.Name)}
        made = _made(statement.value)
        if made is not None or (chain(statement.value) or ("",))[-1] in self.facts.spaces:
            self.locals |= named

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        """Leave out what builds the space, and place agents."""
        before, statement = original_node.body[0], updated_node.body[0]
        dropped = left_out()
        if isinstance(before, cst.Assign) and isinstance(statement, cst.Assign):
            return self._assigned(updated_node, before, statement)
        if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
            call = statement.value
            function = call.func
            if isinstance(function, cst.Attribute) and self.is_space(function.value):
                added = addition(call) if function.attr.value == "add_agents" else None
                if added is not None:
                    return placed(self._site(), updated_node, added) or dropped
        return updated_node

    def _site(self) -> Site:
        return Site(
            scope=self.scope,
            space=self.written,
            rng=self.rng,
            variable=self.variable,
            is_built_here=self.is_built_here,
        )

    def _assigned(
        self, line: cst.SimpleStatementLine, before: cst.Assign, statement: cst.Assign
    ) -> cst.BaseStatement:
        dropped = left_out()
        if _made(before.value) is not None:
            if self.is_plain:
                return dropped
            graph = next(iter(_graph(statement.value)), None)
            made = parsed(f"NetworkGrid({text(graph.value) if graph else 'nx.Graph()'})")
            target = parsed(self.written)
            assert isinstance(target, cst.Attribute)
            return line.with_changes(body=[cst.Assign([cst.AssignTarget(target)], made)])
        target = before.targets[0].target
        if isinstance(target, cst.Name):
            return dropped if target.value in self.graphs and self.is_plain else line
        if not isinstance(target, cst.Attribute):
            return line
        is_alias = self.is_space(statement.value) and target.attr.value in self.facts.spaces
        takes_method = m.matches(statement.value, m.Attribute(attr=m.Name("neighbors")))
        takes_place = target.attr.value == "pos" and m.matches(
            before.value, m.Subscript(value=m.Attribute(attr=m.Name("positions")))
        )
        return dropped if is_alias or takes_method or takes_place else line


def _operand(node: cst.BaseExpression) -> str:
    """Give a condition as it stands beside `and`."""
    is_loose = isinstance(node, (cst.IfExp, cst.Lambda, cst.NamedExpr)) or m.matches(
        node, m.BooleanOperation(operator=m.Or())
    )
    return f"({text(node)})" if is_loose and not node.lpar else text(node)


def _made(node: cst.BaseExpression) -> str | None:
    """Give the kind of space that an expression makes."""
    names = chain(node.func) if isinstance(node, cst.Call) else None
    if names is None or len(names) != 2 or names[0] not in MODULES:
        return None
    return KINDS.get(names[1])


def _graph(node: cst.BaseExpression) -> list[cst.Arg]:
    """Give the argument of a call that is the graph of a network."""
    assert isinstance(node, cst.Call)
    positional = [each for each in node.args if each.keyword is None][1:2]
    return positional or [
        each for each in node.args if each.keyword and each.keyword.value == "graph"
    ]


def applies(code: str, scope: Scope) -> bool:
    """Tell whether the code may use a space of AgentPy."""
    return scope.agentpy.is_used and any(name in code for name in scope.agentpy.spaces)


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module with the space of Mesa."""
    lines = plain_lines(module)
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    made = [call for call in calls if (made_by_agentpy(call) or "") in KINDS]
    graphs = {node.id for call in made for node in ast.walk(call) if isinstance(node, ast.Name)}
    graphs &= own_locals(code) - scope.agentpy.spaces
    if scope.agentpy.kind != "network":
        graphs = set()
    spaces = Spaces(scope, taken_names(code), graphs=graphs, is_built_here=bool(made))
    changed = lines.visit(spaces)
    return changed if changed.code != lines.code else module
