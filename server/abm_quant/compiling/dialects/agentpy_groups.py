"""What expressions stand for in AgentPy's code: one agent, several, or a value of each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import libcst as cst

from abm_quant.compiling.dialects.lone_names import LoneNames
from abm_quant.compiling.dialects.plain import parsed, text
from abm_quant.compiling.dialects.scope import Scope
from abm_quant.compiling.resolve import snake_case

OF_SETS = {
    *("select", "shuffle", "shuffle_do", "do", "map", "agg", "get", "set", "sort", "add"),
    *("discard", "groupby", "count", "to_list", "append", "extend", "remove", "insert", "pop"),
    *("index", "clear", "random", "model", "keys", "values", "items", "copy", "reverse", "buffer"),
}
"""What is a list's or a set's own and not the agents'."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """What an expression that stands for agents gives."""

    kind: Literal["set", "list", "one"]
    """An AgentSet of Mesa, a list, or a single agent."""
    type: str | None = None
    """The class of its agents, where it is known."""
    is_population: bool = False
    """Whether it holds all agents of the model or of a type."""


@dataclass(frozen=True, kw_only=True)
class Each:
    """An expression that stands for one value of each agent."""

    source: cst.BaseExpression
    group: Group
    name: str
    """The variable that stands for the agent in `element`."""
    element: cst.BaseExpression
    is_call: bool = False


class Meanings:
    """What the expressions of one function stand for."""

    def __init__(self, scope: Scope, taken: set[str]) -> None:
        self.taken = taken
        """Names that the function uses itself."""
        self.rng = "self.random" if scope.owner == "agent" else f"{scope.model}.random"
        self.groups: dict[int, tuple[cst.CSTNode, Group]] = {}
        self.eaches: dict[int, tuple[cst.CSTNode, Each]] = {}
        self.locals: dict[str, Group] = {}
        self.dropped: list[cst.CSTNode] = []
        """Statements that do nothing in Mesa."""

    def group(self, node: cst.BaseExpression) -> Group | None:
        """Give what an expression stands for, None when it does not stand for agents."""
        if isinstance(node, cst.Name):
            return self.locals.get(node.value)
        found = self.groups.get(id(node))
        return found[1] if found else None

    def each(self, node: cst.CSTNode) -> Each | None:
        """Give the expression for one agent, where an expression stands for that of each."""
        found = self.eaches.get(id(node))
        return found[1] if found else None

    def grouped(self, node: cst.BaseExpression, group: Group) -> cst.BaseExpression:
        """Remember that an expression stands for agents, and give it."""
        self.groups[id(node)] = (node, group)
        return node

    def spread(self, each: Each) -> cst.BaseExpression:
        """Give the comprehension for a value of each agent."""
        node = parsed(f"[{text(each.element)} for {each.name} in {text(each.source)}]")
        self.eaches[id(node)] = (node, each)
        return node

    def variable(self, group: Group) -> str:
        """Give a name for one of the agents that the function does not use."""
        named = snake_case(group.type) if group.type else "agent"
        names = (named, "agent", "other", "each", "one")
        return next((name for name in names if name not in self.taken), f"each_{named}")

    def common(self, sides: Sequence[cst.BaseExpression]) -> Each | None:
        """Give the first of the sides that stands for a value of each agent, if they agree."""
        found = [each for each in map(self.each, sides) if each is not None]
        if not found or any(not each.source.deep_equals(found[0].source) for each in found):
            return None
        return found[0]

    def element(self, side: cst.BaseExpression, each: Each) -> cst.BaseExpression:
        """Give what stands for one agent on a side of an operator."""
        own = self.each(side)
        return own.element if own else side


class Swap(LoneNames):
    """Puts an expression in the place of a name."""

    def __init__(self, name: str, by: cst.BaseExpression) -> None:
        super().__init__()
        self.name = name
        self.by = by

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Replace the name."""
        return self.by if updated_node.value == self.name else updated_node

    def of(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """Give the expression with the replacement."""
        result = node.visit(self)
        assert isinstance(result, cst.BaseExpression)
        return result
