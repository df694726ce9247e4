"""Dialect: AgentPy's lists of agents, on which every attribute stands for those of all agents.

`agents.x` becomes a comprehension, `agents.x = 1` a loop, `agents.select(agents.x == 1)` a selection
with a lambda, `agents.act()` a `do`. The lists themselves are Mesa's sets of agents, which the model
keeps: statements that only fill them are left out.
"""

import re
from dataclasses import replace

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.agentpy_creation import created, is_creation
from abm_quant.compiling.dialects.agentpy_groups import OF_SETS, Each, Group, Meanings, Swap
from abm_quant.compiling.dialects.agentpy_methods import METHODS, ListCall
from abm_quant.compiling.dialects.agentpy_populations import Populations
from abm_quant.compiling.dialects.plain import left_out, loop, parsed, plain_lines, text
from abm_quant.compiling.dialects.scope import Scope, chain, taken_names
from abm_quant.compiling.resolve import snake_case

MARK = re.compile(
    r"\bap\.|agents\.(?:random|append|extend|to_list|remove)\(|\.select\((?!\s*lambda)"
)
NOTE = "AgentPy's lists of agents became Mesa's sets of agents, comprehensions and loops."
REDUCERS = ("sum", "max", "min", "any", "all", "sorted", "set", "tuple")


class AgentLists(cst.CSTTransformer):
    """Replaces what AgentPy applies to all agents of a list."""

    def __init__(self, scope: Scope, taken: set[str]) -> None:
        super().__init__()
        self.scope = scope
        self.meant = Meanings(scope, taken)
        self.populations = Populations(scope, self.meant)
        self.statements: set[int] = set()

    # Expressions

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Know the parameters that hold agents."""
        types = {snake_case(name): name for name in self.scope.names.type_names.values()}
        for parameter in node.params.params:
            name = parameter.name.value
            if name == "agents":
                self.meant.locals[name] = Group(kind="set", type=self.populations.only_type())
            elif name.endswith("s") and name[:-1] in types:
                self.meant.locals[name] = Group(kind="set", type=types[name[:-1]])

    def visit_Expr(self, node: cst.Expr) -> None:
        """Know which calls are statements."""
        self.statements.add(id(node.value))

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Replace a list of the model, or an attribute of all agents."""
        name = updated_node.attr.value
        population = self.populations.of_list(updated_node)
        if population is not None:
            return population
        value = updated_node.value
        each = self.meant.each(value)
        if each is not None:
            element = cst.Attribute(each.element, updated_node.attr)
            return self.meant.spread(replace(each, element=element, is_call=False))
        group = self.meant.group(value)
        if group is not None and group.kind != "one" and self._is_of_agents(name):
            variable = self.meant.variable(group)
            element = cst.Attribute(cst.Name(variable), updated_node.attr)
            return self.meant.spread(
                Each(source=value, group=group, name=variable, element=element)
            )
        held = self.scope.agentpy.held.get(name)
        if held is not None and chain(updated_node) is not None:
            return self.meant.grouped(updated_node, Group(kind=held))
        return updated_node

    def leave_Comparison(
        self, original_node: cst.Comparison, updated_node: cst.Comparison
    ) -> cst.BaseExpression:
        """Compare the attribute of each agent."""
        sides = [updated_node.left, *(each.comparator for each in updated_node.comparisons)]
        each = self.meant.common(sides)
        if each is None or len(sides) != 2 or _is_membership(updated_node):
            return updated_node
        left, right = (self.meant.element(side, each) for side in sides)
        target = updated_node.comparisons[0].with_changes(comparator=right)
        element = updated_node.with_changes(left=left, comparisons=[target])
        return self.meant.spread(replace(each, element=element, is_call=False))

    def leave_BinaryOperation(
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        """Compute with the attribute of each agent, or join two lists."""
        sides = [updated_node.left, updated_node.right]
        groups = [self.meant.group(side) for side in sides]
        if isinstance(updated_node.operator, cst.Add) and all(groups):
            joined = parsed(f"[*{text(sides[0])}, *{text(sides[1])}]")
            return self.meant.grouped(joined, Group(kind="list"))
        each = self.meant.common(sides)
        if each is None:
            return updated_node
        left, right = (self.meant.element(side, each) for side in sides)
        word = {cst.BitAnd: cst.And(), cst.BitOr: cst.Or()}.get(type(updated_node.operator))
        element: cst.BaseExpression = (
            cst.BooleanOperation(left, word, right)
            if word is not None
            else updated_node.with_changes(left=left, right=right)
        )
        return self.meant.spread(replace(each, element=element, is_call=False))

    def leave_UnaryOperation(
        self, original_node: cst.UnaryOperation, updated_node: cst.UnaryOperation
    ) -> cst.BaseExpression:
        """Negate the value of each agent."""
        each = self.meant.each(updated_node.expression)
        if each is None or isinstance(updated_node.operator, cst.Not):
            return updated_node
        is_inverted = isinstance(updated_node.operator, cst.BitInvert)
        element = (
            cst.UnaryOperation(cst.Not(), each.element)
            if is_inverted
            else updated_node.with_changes(expression=each.element)
        )
        return self.meant.spread(replace(each, element=element, is_call=False))

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Take from the list before the attribute; a slice of a list is a list."""
        each = self.meant.each(updated_node.value)
        if each is not None:
            one = updated_node.with_changes(value=each.source)
            return Swap(each.name, one).of(each.element)
        group = self.meant.group(updated_node.value)
        if group is None or len(updated_node.slice) != 1:
            return updated_node
        if group.kind == "one":
            return updated_node.value
        if isinstance(updated_node.slice[0].slice, cst.Slice):
            return self.meant.grouped(updated_node, Group(kind="list", type=group.type))
        return updated_node

    def leave_ListComp(
        self, original_node: cst.ListComp, updated_node: cst.ListComp
    ) -> cst.BaseExpression:
        """Know that a list of some agents of a list holds agents."""
        loop = updated_node.for_in
        group = self.meant.group(loop.iter)
        if group is None or group.kind == "one" or not loop.target.deep_equals(updated_node.elt):
            return updated_node
        return self.meant.grouped(updated_node, Group(kind="list", type=group.type))

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        """Go through a copy of what may change on the way."""
        group = self.meant.group(updated_node.iter)
        changes = m.findall(updated_node.body, m.Call())
        if group is None or not group.is_population or not changes:
            return updated_node
        return updated_node.with_changes(iter=parsed(f"list({text(updated_node.iter)})"))

    # Calls

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Replace a call on a list, or of AgentPy's own classes."""
        function = updated_node.func
        each = self.meant.each(function)
        if each is not None:
            element = updated_node.with_changes(func=each.element)
            return self.meant.spread(replace(each, element=element, is_call=True))
        if isinstance(function, cst.Attribute):
            group = self.meant.group(function.value)
            if group is not None:
                method = METHODS.get(function.attr.value)
                is_statement = id(original_node) in self.statements
                call = ListCall(function.value, group, updated_node.args, is_statement)
                return method(self.meant, updated_node, call) if method else updated_node
            if function.attr.value in ("get_neighbors", "get_cell_list_contents"):
                return self.meant.grouped(
                    updated_node, Group(kind="list", type=self.populations.only_type())
                )
        if is_creation(function):
            return self._created(updated_node)
        return self._plain_call(updated_node)

    def _plain_call(self, call: cst.Call) -> cst.BaseExpression:
        if not isinstance(call.func, cst.Name) or not call.args:
            return call
        name, first = call.func.value, call.args[0].value
        each = self.meant.each(first)
        if each is None:
            group = self.meant.group(first)
            if group is not None and name in ("list", "sorted"):
                return self.meant.grouped(call, Group(kind="list", type=group.type))
            return call
        if name == "len":
            return call.with_changes(args=[cst.Arg(each.source)])
        if name == "list":
            return first
        if name in REDUCERS:
            inner = parsed(f"({text(each.element)} for {each.name} in {text(each.source)})")
            alone = len(call.args) == 1
            generator = inner.with_changes(lpar=[], rpar=[]) if alone else inner
            return call.with_changes(args=[cst.Arg(generator), *call.args[1:]])
        return call

    def _created(self, call: cst.Call) -> cst.BaseExpression:
        """Replace `ap.AgentList(...)`."""
        made = created(call, self.scope)
        if made.class_name is not None:
            return self.meant.grouped(made.node, Group(kind="set", type=made.class_name))
        inner = self.meant.group(made.node)
        if inner is not None and inner.kind != "set":
            return made.node
        if inner is not None:
            made = replace(made, node=cst.Call(cst.Name("list"), [cst.Arg(made.node)]))
        return self.meant.grouped(made.node, Group(kind="list", type=inner.type if inner else None))

    # Statements

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        """Turn assignments and calls for all agents into loops."""
        statement = updated_node.body[0]
        if isinstance(statement, cst.Expr):
            if any(statement.value is each for each in self.meant.dropped):
                return left_out()
            each = self.meant.each(statement.value)
            return self._done(updated_node, each) if each and each.is_call else updated_node
        if isinstance(statement, cst.Assign):
            return self._assigned(updated_node, statement)
        if isinstance(statement, cst.AugAssign):
            each = self.meant.each(statement.target)
            if each is not None:
                return self._looped(updated_node, each, statement)
            if self.populations.holds(statement.target):
                return self.populations.joined(updated_node, statement.value)
        return updated_node

    def _done(self, line: cst.SimpleStatementLine, each: Each) -> cst.BaseStatement:
        """Give the statement in which each agent acts."""
        call = each.element
        assert isinstance(call, cst.Call)
        is_plain = isinstance(call.func, cst.Attribute) and m.matches(
            call.func.value, m.Name(each.name)
        )
        is_held = isinstance(each.source, cst.Attribute) and not each.group.is_population
        if each.group.kind != "set" or is_held or not is_plain:
            return loop(line, each.name, each.source, cst.Expr(call))
        assert isinstance(call.func, cst.Attribute)
        method = self._method(call.func.attr.value)
        source, verb = each.source, "do"
        if m.matches(source, m.Call(func=m.Attribute(attr=m.Name("shuffle")), args=[])):
            assert isinstance(source, cst.Call) and isinstance(source.func, cst.Attribute)
            source, verb = source.func.value, "shuffle_do"
        arguments = [cst.Arg(cst.SimpleString(f'"{method}"')), *call.args]
        done = cst.Call(cst.Attribute(source, cst.Name(verb)), arguments)
        return line.with_changes(body=[cst.Expr(done)])

    def _method(self, name: str) -> str:
        """Give the Python name of a behavior."""
        name = self.scope.aliases.get(name, name)
        for each in self.scope.names.of("agent-behavior"):
            if each.name == name:
                return each.python
        return name

    def _assigned(
        self, line: cst.SimpleStatementLine, statement: cst.Assign
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        target, value = statement.targets[0].target, statement.value
        each = self.meant.each(target)
        if each is not None and len(statement.targets) == 1:
            return self._looped(line, each, statement)
        if any(self.populations.holds(one.target) for one in statement.targets):
            return self.populations.replaced(line, statement)
        for one in statement.targets:
            if isinstance(one.target, cst.Name):
                group = self.meant.group(value)
                self.meant.locals.pop(one.target.value, None)
                if group is not None:
                    self.meant.locals[one.target.value] = group
        return line

    def _looped(
        self, line: cst.SimpleStatementLine, each: Each, statement: "cst.Assign | cst.AugAssign"
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        """Give the loop that assigns an attribute of each agent; the value is computed once."""
        if text(statement.value).endswith(".G.nodes)"):
            place = parsed(f"{each.name}.pos")
            return loop(line, each.name, each.source, aimed(statement, each.element, place))
        value = self.meant.each(statement.value)
        if value is not None and value.source.deep_equals(each.source):
            new = Swap(value.name, cst.Name(each.name)).of(value.element)
            return loop(line, each.name, each.source, aimed(statement, each.element, new))
        if value is not None:
            pairs = parsed(f"zip({text(each.source)}, {text(statement.value)})")
            name = f"{each.name}, value"
            inner = aimed(statement, each.element, cst.Name("value"))
            return loop(line, name, pairs, inner)
        if not m.findall(statement.value, m.Call() | m.List() | m.Dict()):
            return loop(
                line, each.name, each.source, aimed(statement, each.element, statement.value)
            )
        if not m.findall(statement.value, m.Call()):
            return loop(
                line, each.name, each.source, aimed(statement, each.element, statement.value)
            )
        name = each.element.attr.value if isinstance(each.element, cst.Attribute) else "value"
        name = f"new_{name}" if name in self.meant.taken else name
        once = line.with_changes(
            body=[cst.Assign([cst.AssignTarget(cst.Name(name))], statement.value)]
        )
        newline = line.trailing_whitespace.newline
        end = cst.TrailingWhitespace(newline=newline)
        plain = line.with_changes(leading_lines=[], trailing_whitespace=end)
        inner = aimed(statement, each.element, cst.Name(name))
        return cst.FlattenSentinel([once, loop(plain, each.name, each.source, inner)])

    def _is_of_agents(self, name: str) -> bool:
        """Tell whether an attribute behind a list is one of its agents."""
        declared = self.scope.names.of("agent-attribute", "agent-behavior")
        if any(name in (each.name, each.python) for each in declared):
            return True
        return name not in OF_SETS and not name.startswith("_") and self.scope.agentpy.is_used


def _is_membership(node: cst.Comparison) -> bool:
    operator = node.comparisons[0].operator
    return isinstance(operator, (cst.In, cst.NotIn)) and not isinstance(
        node.comparisons[0].comparator, (cst.List, cst.Tuple, cst.Set)
    )


def aimed(
    statement: "cst.Assign | cst.AugAssign",
    target: cst.BaseExpression,
    value: cst.BaseExpression,
) -> cst.BaseSmallStatement:
    """Give the assignment with another target and another value."""
    assert isinstance(target, (cst.Attribute, cst.Subscript, cst.Name))
    if isinstance(statement, cst.AugAssign):
        return statement.with_changes(target=target, value=value)
    return cst.Assign([cst.AssignTarget(target)], value)


def applies(code: str, scope: Scope) -> bool:
    """Tell whether the code may treat agents as one."""
    if scope.agentpy.is_used or MARK.search(code):
        return True
    behind = set(re.findall(r"\bagents\.(\w+)", code)) - OF_SETS
    declared = scope.names.of("agent-attribute", "agent-behavior") if behind else ()
    return any(each.name in behind for each in declared)


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module in which agents act one by one."""
    lines = plain_lines(module)
    changed = lines.visit(AgentLists(scope, taken_names(code)))
    return changed if changed.code != lines.code else module
