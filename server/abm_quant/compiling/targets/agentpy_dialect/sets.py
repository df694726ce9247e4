"""Sets of agents: Mesa's methods of them become plain Python over lists of agents.

What is taken out of a set is a plain list afterwards. Statements that let agents act become a
broadcast of AgentPy where they stand on a list of the model, `self.wolves.shuffle().hunt()`, and
loops elsewhere.
"""

from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import (
    Place,
    Renaming,
    called_method,
    text_of,
    visited,
)
from abm_quant.compiling.targets.agentpy_dialect.comprehensions import (
    applied,
    attribute_of,
    free_variable,
    listed,
    loop,
)
from abm_quant.compiling.targets.agentpy_dialect.lists import AgentLists
from abm_quant.compiling.targets.agentpy_dialect.names import LIST_NAMES
from abm_quant.contracts.program import Program
from abm_quant.errors import TargetLacks

ACTING = ("do", "shuffle_do", "set")
SETS = ("select", "shuffle", "sort", *ACTING)
METHODS = (*SETS, "get", "agg", "map", "to_list")
LACKING = ("groupby", "discard", "add")
Arguments = dict[str, cst.BaseExpression]


def rewrite_sets(program: Program, lists: AgentLists) -> Program:
    """Give the Program without methods of Mesa's sets; raises TargetLacks for the rare ones."""
    return visited(program, _Sets, lists)


class _Sets(Renaming):
    """Rewrites calls and statements on sets of agents."""

    def __init__(self, node: cst.CSTNode, place: Place, lists: AgentLists) -> None:
        super().__init__(node, place)
        self.lists = lists
        self.variable = free_variable(node)
        self.sets: set[str] = set()
        if place.owner != "agent" and isinstance(node, cst.FunctionDef):
            self.sets |= {each.name.value for each in node.params.params} & {"agents"}
        for each in m.findall(node, m.Assign(targets=[m.AssignTarget(target=m.Name())])):
            assign = cst.ensure_type(each, cst.Assign)
            if self.is_set(assign.value):
                self.sets.add(cst.ensure_type(assign.targets[0].target, cst.Name).value)

    def is_set(self, node: cst.CSTNode) -> bool:
        """Whether an expression is a set of agents in Mesa."""
        if isinstance(node, cst.Name):
            return node.value in self.sets
        if isinstance(node, cst.Call) and called_method(node) in SETS:
            return self.is_set(cst.ensure_type(node.func, cst.Attribute).value)
        return self.is_list(node)

    def is_list(self, node: cst.CSTNode) -> bool:
        """Whether an expression is a list that the model holds."""
        if isinstance(node, cst.Call) and called_method(node) == "get":
            return self._is_by_type(cst.ensure_type(node.func, cst.Attribute).value)
        if isinstance(node, cst.Subscript):
            return self._is_by_type(node.value)
        is_whole = isinstance(node, cst.Attribute) and node.attr.value == "agents"
        return is_whole and self.names.is_model(cst.ensure_type(node, cst.Attribute).value)

    def _is_by_type(self, node: cst.CSTNode) -> bool:
        named = isinstance(node, cst.Attribute) and node.attr.value == "agents_by_type"
        return named and self.names.is_model(cst.ensure_type(node, cst.Attribute).value)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Bring a method that gives something to a list comprehension."""
        method = called_method(original_node)
        holder = original_node.func.value if isinstance(original_node.func, cst.Attribute) else None
        if holder is None or not self.is_set(holder) or self.is_list(original_node):
            return updated_node
        if method in LACKING:
            raise TargetLacks(
                f"AgentPy has no counterpart for the method {method!r} of a set of agents. "
                "Write the loop out."
            )
        if method not in METHODS or method in ACTING:
            return updated_node
        agents = cst.ensure_type(updated_node.func, cst.Attribute).value
        return self._given(method, agents, updated_node.args)

    def _given(
        self, method: str, agents: cst.BaseExpression, arguments: Sequence[cst.Arg]
    ) -> cst.BaseExpression:
        if method == "get":
            return self._get(agents, named(arguments, "attr_names", "handle_missing"))
        if method == "agg":
            given = named(arguments, "attribute", "func")
            values = listed(attribute_of(self.variable, given["attribute"]), self.variable, agents)
            return cst.Call(given["func"], [cst.Arg(values)])
        if method == "map":
            element, variable = applied(arguments, self.variable)
            return listed(element, variable, agents)
        if method == "select":
            return self._select(agents, named(arguments, "filter_func", "at_most", "inplace"))
        if method == "sort":
            return self._sort(agents, named(arguments, "key", "ascending", "inplace"))
        if method == "shuffle":
            _refuse_in_place(named(arguments, "inplace"))
            return self._shuffled(agents)
        return cst.Call(cst.Name("list"), [cst.Arg(agents)])

    def _get(self, agents: cst.BaseExpression, given: Arguments) -> cst.BaseExpression:
        name = given["attr_names"]
        if not isinstance(name, cst.List):
            default = given.get("default_value")
            return listed(attribute_of(self.variable, name, default), self.variable, agents)
        each = [attribute_of(self.variable, item.value) for item in name.elements]
        row = cst.List([cst.Element(value) for value in each])
        return listed(row, self.variable, agents)

    def _select(self, agents: cst.BaseExpression, given: Arguments) -> cst.BaseExpression:
        _refuse_in_place(given)
        variable, tests = self.variable, []
        if "filter_func" in given and not m.matches(given["filter_func"], m.Name("None")):
            test, variable = applied([cst.Arg(given["filter_func"])], variable)
            tests.append(test)
        if "agent_type" in given:
            of_type = [cst.Arg(cst.Name(variable)), cst.Arg(given["agent_type"])]
            tests.append(cst.Call(cst.Name("isinstance"), of_type))
        found = listed(cst.Name(variable), variable, agents, tests)
        most = given.get("at_most")
        if most is None:
            return found
        if not isinstance(most, cst.Integer):
            raise TargetLacks(
                "On AgentPy, `at_most` of `select` must be a whole number that stands in the code."
            )
        first = cst.SubscriptElement(cst.Slice(lower=None, upper=most))
        return cst.Subscript(found, [first])

    def _sort(self, agents: cst.BaseExpression, given: Arguments) -> cst.BaseExpression:
        _refuse_in_place(given)
        key, ascending = given["key"], given.get("ascending", cst.Name("False"))
        if text_of(key) is not None:
            body = attribute_of(self.variable, key)
            parameters = cst.Parameters([cst.Param(cst.Name(self.variable))])
            key = cst.Lambda(params=parameters, body=body)
        arguments = [cst.Arg(agents), _keyword("key", key)]
        if m.matches(ascending, m.Name("False")):
            arguments.append(_keyword("reverse", cst.Name("True")))
        elif not m.matches(ascending, m.Name("True")):
            opposite = cst.UnaryOperation(cst.Not(), ascending)
            arguments.append(_keyword("reverse", opposite))
        return cst.Call(cst.Name("sorted"), arguments)

    def _shuffled(self, agents: cst.BaseExpression) -> cst.BaseExpression:
        """Give the agents of a set as a new list in random order."""
        generator = cst.Attribute(self._model(), cst.Name("random"))
        number = cst.Call(cst.Name("len"), [cst.Arg(agents)])
        sample = cst.Attribute(generator, cst.Name("sample"))
        return cst.Call(sample, [cst.Arg(agents), cst.Arg(number)])

    def _model(self) -> cst.BaseExpression:
        """Give the model, as the code sees it."""
        if self.place.owner == "agent":
            return cst.Attribute(cst.Name("self"), cst.Name("model"))
        return cst.Name("self" if self.place.owner == "model" else "model")

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Mend `agents.do(...)`, `agents.shuffle_do(...)` and `agents.set(...)`."""
        if not m.matches(original_node, m.SimpleStatementLine(body=[m.Expr(m.Call())])):
            return updated_node
        calls: list[cst.Call] = []
        original: cst.BaseExpression = cst.ensure_type(original_node.body[0], cst.Expr).value
        updated: cst.BaseExpression = cst.ensure_type(updated_node.body[0], cst.Expr).value
        while called_method(original) in ACTING and isinstance(updated, cst.Call):
            calls.insert(0, updated)
            original = cst.ensure_type(
                cst.ensure_type(original, cst.Call).func, cst.Attribute
            ).value
            updated = cst.ensure_type(updated.func, cst.Attribute).value
        if not calls or not self.is_set(original):
            return updated_node
        made = [self._acting(call, updated, original) for call in calls]
        first = made[0].with_changes(leading_lines=updated_node.leading_lines)
        return cst.FlattenSentinel([first, *made[1:]])

    def _acting(
        self, call: cst.Call, agents: cst.BaseExpression, original: cst.BaseExpression
    ) -> cst.BaseStatement:
        """Give the statement that lets agents act."""
        method = cst.ensure_type(call.func, cst.Attribute).attr.value
        on_list = self.is_list(original)
        is_shuffled = method == "shuffle_do"
        if is_shuffled:
            shuffle = cst.Attribute(agents, cst.Name("shuffle"))
            agents = cst.Call(shuffle) if on_list else self._shuffled(agents)
        if on_list and self.lists.loses(self._type_of(original)) and method != "set":
            agents = cst.Call(cst.Attribute(agents, cst.Name("buffer")))
        if method == "set":
            given = named(call.args, "attr_name", "value")
            target = attribute_of(self.variable, given["attr_name"])
            if not isinstance(target, cst.Attribute):
                raise TargetLacks("On AgentPy, `set` needs the name of the attribute as a text.")
            change = cst.Assign([cst.AssignTarget(target)], given["value"])
            return loop(self.variable, agents, change)
        name = text_of(call.args[0].value)
        if name is not None and on_list and name not in LIST_NAMES:
            broadcast = call.with_changes(
                func=cst.Attribute(agents, cst.Name(name)), args=call.args[1:]
            )
            return cst.SimpleStatementLine([cst.Expr(broadcast)])
        action, variable = applied(call.args, self.variable)
        return loop(variable, agents, cst.Expr(action))

    def _type_of(self, agents: cst.BaseExpression) -> str | None:
        """Give the type of the agents on a list of the model, None for all or an unknown one."""
        found = m.findall(agents, m.OneOf(*map(m.Name, self.lists.names)))
        return cst.ensure_type(found[0], cst.Name).value if found else None

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> cst.For:
        """Let a loop over a list leave out agents that it removes on its way."""
        agents = original_node.iter
        if called_method(agents) == "shuffle":
            return self._in_random_order(agents, updated_node)
        if not self.is_list(agents) or not self.lists.changes(self._type_of(agents)):
            return updated_node
        if not m.findall(original_node.body, m.Call(func=m.Attribute())):
            return updated_node
        buffered = cst.Call(cst.Attribute(updated_node.iter, cst.Name("buffer")))
        return updated_node.with_changes(iter=buffered)

    def _in_random_order(self, shuffled: cst.BaseExpression, updated_node: cst.For) -> cst.For:
        """Give a loop over a list of the model that AgentPy itself shuffles."""
        agents = cst.ensure_type(cst.ensure_type(shuffled, cst.Call).func, cst.Attribute).value
        if not self.is_list(agents):
            return updated_node
        order: cst.BaseExpression = cst.ensure_type(shuffled, cst.Call)
        if self.lists.loses(self._type_of(agents)):
            order = cst.Call(cst.Attribute(order, cst.Name("buffer")))
        return updated_node.with_changes(iter=order)


def named(arguments: Sequence[cst.Arg], *names: str) -> Arguments:
    """Give the arguments of a call by name."""
    found: Arguments = {}
    for name, each in zip([*names, *[""] * len(arguments)], arguments, strict=False):
        found[each.keyword.value if each.keyword else name] = each.value
    return found


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    return cst.Arg(
        value,
        keyword=cst.Name(name),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )


def _refuse_in_place(given: Arguments) -> None:
    if "inplace" in given and not m.matches(given["inplace"], m.Name("False")):
        raise TargetLacks(
            "On AgentPy, `inplace=True` cannot change a set of agents. "
            "Keep the result in a variable."
        )
