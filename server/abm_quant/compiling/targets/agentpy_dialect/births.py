"""Births: a new agent is put on the list of its type where it is made."""

import libcst as cst
import libcst.matchers as m

from abm_quant.compiling.targets.agentpy_dialect.code import Place, Renaming, visited
from abm_quant.compiling.targets.agentpy_dialect.creations import creation, statement_of
from abm_quant.compiling.targets.agentpy_dialect.lists import AgentLists
from abm_quant.contracts.program import Program

WHOLE = m.Integer() | m.Call(func=m.Name("len") | m.Name("int") | m.Name("round"))
WHOLE_PARAMETER = m.Attribute(value=m.Attribute(attr=m.Name("p")))
MANY = m.List() | m.ListComp() | m.Tuple() | m.Call(func=m.Name("list") | m.Name("sorted"))
DRAWN = m.Call(func=m.Attribute(attr=m.Name("choices") | m.Name("sample") | m.Name("tolist")))


def rewrite_births(program: Program, lists: AgentLists) -> Program:
    """Give the Program whose new agents are on their lists."""
    return visited(program, _Births, lists)


class _Births(Renaming):
    """Appends new agents to the model's lists."""

    def __init__(self, node: cst.CSTNode, place: Place, lists: AgentLists) -> None:
        super().__init__(node, place)
        self.lists = lists
        self.types = set(lists.names)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        """Mend `Wolf(self.model)` and `wolf = Wolf(self.model)`."""
        made = creation(statement_of(original_node)[1], self.types)
        if made is None or made.agent_type in self.lists.joining:
            return updated_node
        name, value = statement_of(updated_node)
        taken = made.call.args[0].value
        known = cst.Attribute(taken, cst.Name(self.lists.names[made.agent_type]))
        method = cst.Attribute(known, cst.Name("extend" if made.is_many else "append"))
        if name is None:
            return updated_node.with_changes(body=[_called(method, value)])
        added = cst.SimpleStatementLine(body=[_called(method, name)])
        return cst.FlattenSentinel([updated_node, added])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Bring `Wolf.create_agents(self.model, n)` to an AgentList."""
        made = creation(original_node, self.types)
        if made is None or not made.is_many:
            return updated_node
        model, *others = updated_node.args
        number = next(each for each in others if not each.keyword or each.keyword.value == "n")
        kept = [_broadcast(each) for each in others if each is not number]
        arguments = [_whole(number.value), cst.Name(made.agent_type)]
        maker = cst.Attribute(cst.Name("ap"), cst.Name("AgentList"))
        return updated_node.with_changes(func=maker, args=[model, *map(cst.Arg, arguments), *kept])


def _called(function: cst.BaseExpression, argument: cst.BaseExpression) -> cst.Expr:
    return cst.Expr(cst.Call(function, [cst.Arg(argument)]))


def _whole(number: cst.BaseExpression) -> cst.BaseExpression:
    """AgentPy takes any number but an int for a collection of agents."""
    if m.matches(number, WHOLE | WHOLE_PARAMETER):
        return number
    return cst.Call(cst.Name("int"), [cst.Arg(number)])


def _broadcast(argument: cst.Arg) -> cst.Arg:
    """Give each new agent its own value of a list, as Mesa does."""
    if not m.matches(argument.value, MANY | DRAWN):
        return argument
    values = cst.Call(
        cst.Attribute(cst.Name("ap"), cst.Name("AttrIter")), [cst.Arg(argument.value)]
    )
    return argument.with_changes(value=values, comma=cst.MaybeSentinel.DEFAULT)
