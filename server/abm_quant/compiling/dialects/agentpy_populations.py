"""The lists that hold a model's agents in AgentPy, and Mesa's sets of agents in their place.

Mesa's model keeps its agents itself: what creates the agents that the specification counts is left
out, and an agent that leaves its list is removed from the model.
"""

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.dialects.agentpy_groups import Group, Meanings
from abm_quant.compiling.dialects.plain import left_out, loop, parsed, text
from abm_quant.compiling.dialects.scope import Scope, chain


class Populations:
    """The lists of one specification, as they stand in one function."""

    def __init__(self, scope: Scope, meant: Meanings) -> None:
        self.scope = scope
        self.meant = meant

    def of_list(self, node: cst.Attribute) -> cst.BaseExpression | None:
        """Give Mesa's set of agents for a list of the model."""
        names = chain(node)
        if names is None or not self._is_model(names[:-1]):
            return None
        lists = {"agents": None, **self.scope.agentpy.lists}
        if names[-1] not in lists:
            return None
        class_name = lists[names[-1]]
        if class_name is None or len(self.scope.names.type_names) == 1:
            found = parsed(f"{'.'.join(names[:-1])}.agents")
            group = Group(kind="set", type=self.only_type(), is_population=True)
            return self.meant.grouped(found, group)
        found = self._of_type(class_name)
        return self.meant.grouped(found, Group(kind="set", type=class_name, is_population=True))

    def _of_type(self, class_name: str) -> cst.BaseExpression:
        if len(self.scope.names.type_names) == 1:
            return parsed(f"{self.scope.model}.agents")
        return parsed(f"{self.scope.model}.agents_by_type[{class_name}]")

    def holds(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression stands for all agents of the model or of a type."""
        found = self.meant.groups.get(id(node))
        return found is not None and found[1].is_population

    def _is_model(self, root: tuple[str, ...]) -> bool:
        if root in (("self", "model"), ("model",), tuple(self.scope.model.split("."))):
            return True
        return root == ("self",) and self.scope.owner == "model"

    def only_type(self) -> str | None:
        """Give the class of all agents, where there is only one."""
        types = list(self.scope.names.type_names.values())
        return types[0] if len(types) == 1 else None

    def replaced(
        self, line: cst.SimpleStatementLine, statement: cst.Assign
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        """Give what becomes of an assignment to a list of the model."""
        value = statement.value
        target = next(t.target for t in statement.targets if self.holds(t.target))
        assert isinstance(target, cst.BaseExpression)
        if m.matches(value, m.Call(func=m.Attribute(attr=m.Name("create_agents")))):
            assert isinstance(value, cst.Call)
            return self._made(line, value)
        kept = _selection(value, target)
        if kept is not None:
            name, condition = kept
            gone = f"{text(target)}.select(lambda {name}: not ({text(condition)})).do('remove')"
            return line.with_changes(body=[cst.Expr(parsed(gone.replace("'", '"')))])
        return left_out()

    def _made(
        self, line: cst.SimpleStatementLine, call: cst.Call
    ) -> "cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]":
        """Leave out the creation of agents that the specification's initialCount creates."""
        assert isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name)
        class_name = call.func.value.value
        if class_name not in self.scope.agentpy.created:
            return line.with_changes(body=[cst.Expr(call)])
        given = [each for each in call.args if each.keyword is not None]
        name = self.meant.variable(Group(kind="set", type=class_name))
        source = self._of_type(class_name)
        loops: list[cst.BaseStatement] = []
        for each in given:
            assert each.keyword is not None
            target = cst.AssignTarget(cst.Attribute(cst.Name(name), each.keyword))
            loops.append(loop(line, name, source, cst.Assign([target], each.value)))
        return cst.FlattenSentinel(loops) if loops else left_out()

    def joined(self, line: cst.SimpleStatementLine, value: cst.BaseExpression) -> cst.BaseStatement:
        """Give what remains of adding to a list of the model: agents are in it from the start."""
        makes = m.findall(value, m.Call(func=m.Name() | m.Attribute(attr=m.Name("create_agents"))))
        return line.with_changes(body=[cst.Expr(value)]) if makes else left_out()


def _selection(
    value: cst.BaseExpression, target: cst.BaseExpression
) -> tuple[str, cst.BaseExpression] | None:
    """Give the variable and the condition under which agents of a list stay in it."""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        picks = value.func.attr.value == "select" and value.func.value.deep_equals(target)
        if picks and len(value.args) == 1 and isinstance(value.args[0].value, cst.Lambda):
            chosen = value.args[0].value
            return chosen.params.params[0].name.value, chosen.body
    if isinstance(value, cst.ListComp) and len(value.for_in.ifs) == 1:
        loop_target = value.for_in.target
        if isinstance(loop_target, cst.Name) and value.for_in.iter.deep_equals(target):
            return loop_target.value, value.for_in.ifs[0].test
    return None
