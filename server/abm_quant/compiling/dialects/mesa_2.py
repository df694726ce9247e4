"""Dialect: Mesa 2. Schedulers, unique ids and `next_id()` are gone since Mesa 3; agents register
and remove themselves, and the model counts its steps."""

import re
from collections.abc import Sequence

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.behaviors.activation import Turn
from abm_quant.compiling.dialects.scope import Scope, chain
from abm_quant.compiling.resolve import MODEL_STATE, Kind

MARK = re.compile(
    r"\bagents\.(remove|discard|add|append)\(|\bschedule\b|\bshuffle\(|"
    r"\bget_agents_of_type\b|\bnext_id\b|\bunique_id\s*=|\bdatacollector\b|\bremove_agent\("
    r"|\brunning\s*=\s*True\b|\bget_neighbors\b|\bsuper\(\)\.step\("
)
NOTE = "Mesa 2 code became Mesa 3 code."
REMOVAL = "The function 'remove_agent' of the model is not declared; it was read as agent.remove."
LOST = "The code's own DataCollector was left out: dataAnalytics states what is tracked"
DRAWS = ("sample", "choice", "choices", "shuffle", "shuffled")
ATTRIBUTES = {
    "agents_by_type": "agents_by_type",
    "agents": "agents",
    "steps": "steps",
    "time": "steps",
    "_agents": "agents",
}
OF_SCHEDULE = m.Attribute(
    value=m.Attribute(attr=m.Name("schedule")) | m.Name("schedule"),
    attr=m.Name("_agents") | m.Name("agents_by_type"),
)
REPORTED: tuple[Kind, ...] = (*MODEL_STATE, "agent-attribute")
KEYED_AGENTS = m.Call(
    func=m.Attribute(value=OF_SCHEDULE | m.Subscript(value=OF_SCHEDULE), attr=m.Name("values")),
    args=[],
)
"""Agents that a scheduler of Mesa 2 kept in dictionaries by id."""


class MesaTwo(cst.CSTTransformer):
    """Replaces the scheduler and the explicit unique ids."""

    def __init__(self, scope: Scope, code: str) -> None:
        super().__init__()
        self.scope = scope
        self.shuffled = set(re.findall(r"\bshuffle\((\w+)\)", code))
        """Names of what the code shuffles in place."""

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """`model.schedule.agents` -> `model.agents`, `.time` and `.steps` -> `.steps`."""
        inner = updated_node.value
        if not (isinstance(inner, cst.Attribute) and inner.attr.value == "schedule"):
            return updated_node
        name = ATTRIBUTES.get(updated_node.attr.value)
        return cst.Attribute(value=inner.value, attr=cst.Name(name)) if name else updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Mend calls of the scheduler and of agent classes."""
        function = updated_node.func
        if isinstance(function, cst.Attribute) and _is_schedule(function.value):
            return self._schedule_call(function, updated_node)
        if self._is_of_all_agents(original_node, ("remove", "discard")):
            return cst.Call(cst.Attribute(updated_node.args[0].value, cst.Name("remove")))
        if self._is_removal(original_node):
            self.scope.assume("function-assumed", REMOVAL)
            return cst.Call(cst.Attribute(updated_node.args[0].value, cst.Name("remove")))
        if isinstance(function, cst.Name) and function.value in self._classes():
            return updated_node.with_changes(args=_without_id(updated_node.args, self.scope))
        if m.matches(original_node, KEYED_AGENTS) and isinstance(function, cst.Attribute):
            return function.value
        if isinstance(function, cst.Attribute) and function.attr.value == "get_agents_of_type":
            return _agents_of_type(function.value, updated_node)
        if isinstance(function, cst.Attribute) and function.attr.value in DRAWS:
            return _from_list(original_node, updated_node)
        return updated_node

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        """`agents = model.agents` -> `agents = list(model.agents)`, where they are shuffled."""
        target = original_node.targets[0].target
        names = chain(original_node.value)
        if not isinstance(target, cst.Name) or names is None or names[-1] != "agents":
            return updated_node
        if target.value not in self.shuffled:
            return updated_node
        listed = cst.Call(cst.Name("list"), [cst.Arg(updated_node.value)])
        return updated_node.with_changes(value=listed)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Drop `schedule.add(...)` and manual data collection; let `schedule.step()` do its work."""
        statement = original_node.body[0]
        if len(updated_node.body) != 1 or not (
            _is_dropped(statement) or self._registers(statement)
        ):
            return updated_node
        self._tell_of_reporters(statement)
        created = _added(updated_node.body[0])
        if created is not None:
            return updated_node.with_changes(body=[cst.Expr(created)])
        model = _stepping(original_node.body[0])
        if model is None or not self.scope.turns:
            return updated_node.with_changes(body=[cst.Pass()])
        calls = [cst.parse_statement(_call(turn, model)) for turn in self.scope.turns]
        first = calls[0].with_changes(leading_lines=updated_node.leading_lines)
        return cst.FlattenSentinel([first, *calls[1:]])

    def _tell_of_reporters(self, statement: cst.BaseSmallStatement) -> None:
        """Name what a collector that is dropped reports, where no declaration has that name."""
        if not m.matches(statement, m.Assign(targets=[m.AssignTarget(target=COLLECTOR)])):
            return
        reported = [
            str(each.key.evaluated_value)
            for each in m.findall(statement, m.DictElement(key=m.SimpleString()))
            if isinstance(each, cst.DictElement) and isinstance(each.key, cst.SimpleString)
        ]
        names = self.scope.names
        lost = [each for each in reported if not names.by_spelling(each, *REPORTED)]
        if lost:
            self.scope.assume("dropped", f"{LOST}, and not {', '.join(map(repr, lost))}.")

    def _registers(self, statement: cst.BaseSmallStatement) -> bool:
        """Tell whether this is `model.agents.add(agent)`: agents register themselves."""
        call = statement.value if isinstance(statement, cst.Expr) else None
        return isinstance(call, cst.Call) and self._is_of_all_agents(call, ("add", "append"))

    def _is_of_all_agents(self, call: cst.Call, methods: tuple[str, ...]) -> bool:
        """Tell whether a call is of one of the methods of `model.agents`, with one argument."""
        names = chain(call.func)
        if names is None or names[-1] not in methods or names[-2:-1] != ("agents",):
            return False
        root = tuple(name for name in names[:-2] if name != "schedule")
        models = (("model",), ("self", "model"), tuple(self.scope.model.split(".")))
        return root in models and len(call.args) == 1

    def _is_removal(self, call: cst.Call) -> bool:
        """Tell whether this is `model.remove_agent(agent)`, which no model of Mesa has."""
        names = chain(call.func) or ()
        is_model = names[-2:-1] == ("model",) or names[:-1] == tuple(self.scope.model.split("."))
        is_removal = names[-1:] == ("remove_agent",) and len(call.args) == 1
        return is_model and is_removal and "remove_agent" not in self.scope.names.known

    def _schedule_call(self, function: cst.Attribute, call: cst.Call) -> cst.BaseExpression:
        assert isinstance(function.value, cst.Attribute)
        model = function.value.value
        if function.attr.value == "remove" and len(call.args) == 1:
            return cst.Call(cst.Attribute(value=call.args[0].value, attr=cst.Name("remove")))
        agents = cst.Attribute(value=model, attr=cst.Name("agents"))
        if function.attr.value == "get_agent_count":
            return cst.Call(cst.Name("len"), [cst.Arg(agents)])
        if function.attr.value == "get_type_count":
            return cst.Call(cst.Name("len"), [cst.Arg(_agents_of_type(model, call))])
        if function.attr.value == "agent_buffer":
            return cst.Call(cst.Name("list"), [cst.Arg(agents)])
        return call

    def _classes(self) -> set[str]:
        return {*self.scope.names.type_names, *self.scope.names.type_names.values()}


def _agents_of_type(model: cst.BaseExpression, call: cst.Call) -> cst.BaseExpression:
    """Give `model.agents_by_type[T]` for `model.get_agents_of_type(T)`."""
    if len(call.args) != 1:
        return call
    index = cst.SubscriptElement(cst.Index(call.args[0].value))
    return cst.Subscript(cst.Attribute(model, cst.Name("agents_by_type")), [index])


def _from_list(original: cst.Call, updated: cst.Call) -> cst.Call:
    """Give a draw from the scheduler's agents, which were a list, as a draw from a list."""
    arguments = list(updated.args)
    for index, argument in enumerate(original.args):
        value = argument.value
        if isinstance(value, cst.Attribute) and _is_schedule(value.value):
            listed = cst.Call(cst.Name("list"), [cst.Arg(updated.args[index].value)])
            arguments[index] = updated.args[index].with_changes(value=listed)
    return updated.with_changes(args=arguments)


def _is_schedule(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "schedule"


SCHEDULE = m.Attribute(attr=m.Name("schedule"))
COLLECTOR = m.Attribute(attr=m.Name("datacollector"))
PARENT = m.Call(func=m.Name("super"), args=[])
DROPPED = (
    m.Expr(m.Call(func=m.Attribute(value=SCHEDULE, attr=m.Name("add") | m.Name("step"))))
    | m.Expr(m.Call(func=m.Attribute(value=COLLECTOR, attr=m.Name("collect"))))
    | m.Expr(m.Call(func=m.Attribute(value=PARENT, attr=m.Name("step"))))
    | m.Assign(targets=[m.AssignTarget(target=SCHEDULE | COLLECTOR)])
    | m.Assign(
        targets=[m.AssignTarget(target=m.Attribute(attr=m.Name("running")))],
        value=m.Name("True"),
    )
)
"""What schedulers needed, and what the generated model does anyway."""


def _is_dropped(statement: cst.BaseSmallStatement) -> bool:
    return m.matches(statement, DROPPED)


def _added(statement: cst.BaseSmallStatement) -> cst.Call | None:
    """Give the creation of an agent that is handed to the scheduler, or to the model's agents, at once."""
    method = m.Attribute(attr=m.Name("add") | m.Name("append"))
    if m.matches(statement, m.Expr(m.Call(func=method, args=[m.Arg()]))):
        assert isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call)
        value = statement.value.args[0].value
        return value if isinstance(value, cst.Call) else None
    return None


def _stepping(statement: cst.BaseSmallStatement) -> str | None:
    """Give the model whose scheduler a statement steps, as it is written there."""
    call = m.Call(func=m.Attribute(value=SCHEDULE, attr=m.Name("step")))
    if not m.matches(statement, m.Expr(call)):
        return None
    found = m.findall(statement, SCHEDULE)[0]
    assert isinstance(found, cst.Attribute)
    return cst.Module([]).code_for_node(found.value)


def _call(turn: Turn, model: str) -> str:
    agents = f"agents_by_type[{turn.class_name}]" if turn.class_name else "agents"
    return f'{model}.{agents}.{turn.method}("{turn.behavior}")'


class NodeLists(m.MatcherDecoratableTransformer):
    """`get_cell_list_contents(grid.get_neighbors(...))`: what was passed on were places then, and
    are agents now."""

    def __init__(self, places: set[str]) -> None:
        super().__init__()
        self.places = places

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        """Mend what is kept in a variable first."""
        target = updated_node.targets[0].target
        if not isinstance(target, cst.Name) or target.value not in self.places:
            return updated_node
        return updated_node.with_changes(value=_places(updated_node.value))

    @m.call_if_inside(m.Call())
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Mend what is passed on at once."""
        if not m.matches(updated_node, CONTENTS) or not updated_node.args:
            return updated_node
        first, *others = updated_node.args
        first = first.with_changes(value=_places(first.value))
        return updated_node.with_changes(args=[first, *others])


CONTENTS = m.Call(
    func=m.Attribute(attr=m.Name("get_cell_list_contents") | m.Name("iter_cell_list_contents"))
)
NEIGHBORS = m.Call(func=m.Attribute(attr=m.Name("get_neighbors")))


def _places(node: cst.BaseExpression) -> cst.BaseExpression:
    """Give `get_neighborhood(...)` for `get_neighbors(...)`."""
    if not isinstance(node, cst.Call) or not m.matches(node, NEIGHBORS):
        return node
    return node.with_deep_changes(node.func, attr=cst.Name("get_neighborhood"))


def _place_names(module: cst.Module) -> set[str]:
    """Give the variables that are passed to `get_cell_list_contents` and used for nothing else."""
    passed: set[str] = set()
    for call in m.findall(module, CONTENTS):
        assert isinstance(call, cst.Call)
        passed |= {each.value.value for each in call.args if isinstance(each.value, cst.Name)}
    loads = {
        name: len(m.findall(module, m.Name(name))) - len(m.findall(module, _assigned(name)))
        for name in passed
    }
    given = {name: len(m.findall(module, _passed(name))) for name in passed}
    return {name for name in passed if loads[name] == given[name]}


def _assigned(name: str) -> m.AssignTarget:
    return m.AssignTarget(target=m.Name(name))


def _passed(name: str) -> m.Call:
    return m.Call(func=CONTENTS.func, args=[m.Arg(value=m.Name(name))])


def _without_id(arguments: Sequence[cst.Arg], scope: Scope) -> list[cst.Arg]:
    """Give the arguments of an agent class without the unique id that Mesa 2 wanted first."""
    kept = [each for each in arguments if not (each.keyword and each.keyword.value == "unique_id")]
    first_two = [each for each in kept if each.keyword is None][:2]
    if (
        len(first_two) == 2
        and not _is_model(first_two[0], scope)
        and _is_model(first_two[1], scope)
    ):
        kept.remove(first_two[0])
    return kept


def _is_model(argument: cst.Arg, scope: Scope) -> bool:
    names = chain(argument.value)
    return names is not None and (names[-1] == "model" or ".".join(names) == scope.model)


def rewrite(module: cst.Module, code: str, scope: Scope) -> cst.Module:
    """Give the module in Mesa 3."""
    module = module.visit(MesaTwo(scope, code))
    if "get_neighbors" in code and "cell_list_contents" in code:
        module = module.visit(NodeLists(_place_names(module)))
    return module
