"""What the rewrites of the space share: making code, and refusing what has no counterpart."""

import libcst as cst
import libcst.matchers as m
from libcst import PartialParserConfig
from libcst.helpers import parse_template_expression

from abm_quant.compiling.targets.agentpy_dialect.places import Kinds, called_name
from abm_quant.compiling.targets.agentpy_dialect.setting import Scope, Setting
from abm_quant.errors import TargetLacks

Given = list[cst.BaseExpression | None]
"""The arguments of a call in the order of the parameters."""


def made(template: str, **parts: cst.BaseExpression) -> cst.BaseExpression:
    """Give an expression made of others."""
    return parse_template_expression(template, PartialParserConfig(), **parts)


def call(
    receiver: cst.BaseExpression,
    method: str,
    *arguments: cst.BaseExpression | cst.Arg,
    **keywords: cst.BaseExpression | None,
) -> cst.Call:
    """Give the call of a method; keyword arguments that are None are left out."""
    args = [each if isinstance(each, cst.Arg) else cst.Arg(each) for each in arguments]
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    for name, value in keywords.items():
        if value is not None:
            args.append(cst.Arg(value, keyword=cst.Name(name), equal=equal))
    return cst.Call(func=cst.Attribute(receiver, cst.Name(method)), args=args)


def spread(node: cst.BaseExpression) -> cst.Arg:
    """Give the argument `*node`."""
    return cst.Arg(node, star="*")


def in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    """Give an expression that keeps together wherever it stands."""
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def arguments(
    node: cst.Call, names: tuple[str, ...], original: cst.Call | None = None
) -> dict[str, cst.BaseExpression]:
    """Give the arguments of a call by the names of the parameters; TargetLacks for `*args`."""
    found: dict[str, cst.BaseExpression] = {}
    for index, each in enumerate(node.args):
        if each.star or (not each.keyword and index >= len(names)):
            raise lacking(original or node)
        found[each.keyword.value if each.keyword else names[index]] = each.value
    return found


def required(node: cst.Call, given: Given) -> list[cst.BaseExpression]:
    """Give the arguments; TargetLacks when one is missing."""
    found = [each for each in given if each is not None]
    if len(found) < len(given):
        raise lacking(node)
    return found


def is_false(node: cst.BaseExpression | None) -> bool:
    """Whether an argument is left out or False."""
    return node is None or (isinstance(node, cst.Name) and node.value == "False")


def is_true(node: cst.BaseExpression | None) -> bool:
    """Whether an argument is True."""
    return isinstance(node, cst.Name) and node.value == "True"


def is_one(node: cst.BaseExpression | None) -> bool:
    """Whether a radius is left out or 1."""
    return node is None or (isinstance(node, cst.Integer) and node.value == "1")


def lacking(node: cst.CSTNode, advice: str = "") -> TargetLacks:
    """Give the refusal of an expression."""
    code = cst.Module(body=[]).code_for_node(node)
    hint = advice or "Write it another way, or compile the model for Mesa."
    return TargetLacks(f"AgentPy has no counterpart for `{code}`. {hint}")


class SpaceRewriter(cst.CSTTransformer):
    """Brings one piece of code to AgentPy's spaces."""

    def __init__(self, setting: Setting, scope: Scope, kinds: Kinds) -> None:
        super().__init__()
        self.setting = setting
        self.scope = scope
        self.kinds = kinds

    def space(self, node: cst.CSTNode) -> cst.BaseExpression:
        """Give the space as it is written here; `node` is what asks for it."""
        if self.scope.model is not None:
            return cst.parse_expression(f"{self.scope.model}.{self.setting.name}")
        names = [name for name, kind in self.kinds.names.items() if kind == "space"]
        if names:
            return cst.Name(names[0])
        raise lacking(node, "Give the function the model as its argument `model`.")

    def random(self, node: cst.CSTNode) -> cst.BaseExpression:
        """Give the random numbers as they are written here."""
        if self.scope.model is None:
            raise lacking(node, "Give the function the model as its argument `model`.")
        return cst.parse_expression(self.scope.random)

    def graph(self, node: cst.CSTNode) -> cst.BaseExpression:
        """Give the graph of a network as it is written here."""
        if self.scope.model is None or self.setting.graph is None:
            raise lacking(node, "Keep the graph in an attribute of the model.")
        return cst.parse_expression(f"{self.scope.model}.{self.setting.graph}")

    def is_space(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is the space."""
        return self.kinds.of(node) == "space"

    def may_move(self, body: cst.BaseSuite) -> bool:
        """Whether statements may move, create or remove an agent."""
        calls = m.findall(body, m.Call())
        names = {called_name(cst.ensure_type(each, cst.Call)) for each in calls}
        harmless = {"random", "append", "add", "min", "max", "len", "sum", "abs", "uniform"}
        return not names <= harmless

    def agent_of(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """Give the agent whose place an expression is, where it is a plain name or attribute."""
        if not isinstance(node, cst.Attribute) or node.attr.value not in ("cell", "pos"):
            return None
        inner: cst.BaseExpression = node.value
        while isinstance(inner, cst.Attribute):
            inner = inner.value
        return node.value if isinstance(inner, cst.Name) else None

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        """Leave out `grid.remove_agents(x)` before `x.remove()`, which does it too."""
        kept: list[cst.BaseStatement] = []
        for statement in updated_node.body:
            agent = _left(statement, "remove")
            before = _left(kept[-1], "remove_agents") if kept else None
            if agent is not None and before is not None and agent.deep_equals(before):
                lines = cst.ensure_type(kept.pop(), cst.SimpleStatementLine).leading_lines
                statement = statement.with_changes(leading_lines=lines)
            kept.append(statement)
        return updated_node.with_changes(body=kept)

    def refuse_the_rest(self, node: cst.CSTNode) -> None:
        """Raise TargetLacks where rewritten code still needs Mesa."""
        node.visit(_Leftovers(self.setting))


def _left(statement: cst.BaseStatement, method: str) -> cst.BaseExpression | None:
    """Give the agent that a statement removes with a method."""
    if m.matches(statement, m.SimpleStatementLine(body=[m.Expr(m.Call(func=m.Attribute()))])):
        line = cst.ensure_type(statement, cst.SimpleStatementLine)
        called = cst.ensure_type(cst.ensure_type(line.body[0], cst.Expr).value, cst.Call)
        function = cst.ensure_type(called.func, cst.Attribute)
        if function.attr.value == method == "remove_agents":
            return called.args[0].value
        if function.attr.value == method and not called.args:
            return function.value
    return None


FOREIGN = {
    *("create_property_layer", "add_property_layer", "remove_property_layer", "set_property"),
    *("modify_properties", "select_cells", "get_neighborhood_mask", "add_cell", "remove_cell"),
    *("add_connection", "remove_connection", "connections", "cutoff_empties", "swap_pos"),
    *("select_random_cell", "select_random_agent", "select_random_empty_cell", "coordinate"),
    *("get_neighborhood", "all_cells", "cell_klass", "move_relative"),
}
"""What only Mesa's spaces have."""


class _Leftovers(cst.CSTVisitor):
    """Refuses what no rewrite has brought to AgentPy."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.foreign = FOREIGN - setting.members

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Refuse an attribute of Mesa's."""
        if node.attr.value in self.foreign:
            raise lacking(node)
