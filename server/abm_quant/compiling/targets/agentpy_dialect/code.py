"""All code of a Program: who stands where, what names mean there, and how it is changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, cast

import libcst as cst
import libcst.matchers as m

from abm_quant.contracts.program import (
    Activate,
    AgentType,
    CallFunction,
    Expression,
    Function,
    Graph,
    Program,
    Space,
    StopRule,
)

Node = TypeVar("Node", bound=cst.CSTNode)
Action = TypeVar("Action")


@dataclass(frozen=True)
class Place:
    """Where a piece of code stands, which decides what `self` means."""

    owner: Literal["model", "agent", "function"]
    agent_type: str | None = None


MODEL, FUNCTION = Place("model"), Place("function")
Change = Callable[[cst.CSTNode, Place], cst.CSTNode]


def changed(program: Program, change: Change) -> Program:
    """Give the Program with each of its pieces of code changed."""

    def apply(node: Node, place: Place) -> Node:
        return cast(Node, change(node, place))

    def function(item: Function, place: Place) -> Function:
        return replace(item, definition=apply(item.definition, place))

    def agent_type(item: AgentType) -> AgentType:
        place = Place("agent", item.name)
        return replace(
            item,
            attributes=tuple(
                replace(each, initial=apply(each.initial, place)) for each in item.attributes
            ),
            behaviors=tuple(function(each, place) for each in item.behaviors),
            count=apply(item.count, MODEL),
            position=None if item.position is None else apply(item.position, MODEL),
        )

    def action(item: Action) -> Action:
        if not isinstance(item, CallFunction | Activate):
            return item
        arguments = tuple(apply(each, MODEL) for each in item.arguments)
        return cast(Action, replace(item, arguments=arguments))

    return replace(
        program,
        variables=tuple(
            replace(each, initial=apply(each.initial, MODEL)) for each in program.variables
        ),
        functions=tuple(function(each, FUNCTION) for each in program.functions),
        behaviors=tuple(function(each, MODEL) for each in program.behaviors),
        agent_types=tuple(agent_type(each) for each in program.agent_types),
        space=_changed_space(program.space, apply),
        setup=tuple(action(each) for each in program.setup),
        steps=tuple(action(each) for each in program.steps),
        stop_rules=tuple(_changed_rule(each, apply) for each in program.stop_rules),
    )


def _changed_space(space: Space, apply: Callable[[Expression, Place], Expression]) -> Space:
    graph = space.graph
    return replace(
        space,
        width=None if space.width is None else apply(space.width, MODEL),
        height=None if space.height is None else apply(space.height, MODEL),
        network=None if space.network is None else apply(space.network, MODEL),
        graph=graph
        and Graph(
            generator=graph.generator,
            arguments=tuple((name, apply(each, MODEL)) for name, each in graph.arguments),
        ),
    )


def _changed_rule(rule: StopRule, apply: Callable[[Expression, Place], Expression]) -> StopRule:
    return replace(rule, value=apply(rule.value, MODEL))


def pieces(program: Program) -> Iterator[tuple[cst.CSTNode, Place]]:
    """Give each piece of code with its place."""
    found: list[tuple[cst.CSTNode, Place]] = []

    def keep(node: cst.CSTNode, place: Place) -> cst.CSTNode:
        found.append((node, place))
        return node

    changed(program, keep)
    yield from found


class Names:
    """What the names in one piece of code mean."""

    def __init__(self, node: cst.CSTNode, place: Place) -> None:
        self.place = place
        self.aliases: set[str] = {"model"}
        assigned = cast(
            list[cst.Assign], m.findall(node, m.Assign(targets=[m.AssignTarget(target=m.Name())]))
        )
        for each in assigned:
            if self.is_model(each.value):
                self.aliases.add(cst.ensure_type(each.targets[0].target, cst.Name).value)

    def is_model(self, node: cst.CSTNode) -> bool:
        """Whether an expression is the model."""
        if isinstance(node, cst.Name):
            is_self = node.value == "self" and self.place.owner == "model"
            return is_self or node.value in self.aliases
        return isinstance(node, cst.Attribute) and node.attr.value == "model"

    def is_own_agent(self, node: cst.CSTNode) -> bool:
        """Whether an expression is the agent that the code belongs to."""
        return self.place.owner == "agent" and m.matches(node, m.Name("self"))


class Renaming(cst.CSTTransformer):
    """A transformer that knows the names of the piece of code that it changes."""

    def __init__(self, node: cst.CSTNode, place: Place) -> None:
        super().__init__()
        self.place = place
        self.names = Names(node, place)


def visited(
    program: Program, transformer: Callable[..., cst.CSTTransformer], *given: Any
) -> Program:
    """Give the Program after a visit of a transformer, made with (code, place, *given), to each."""
    return changed(
        program,
        lambda node, place: cast(cst.CSTNode, node.visit(transformer(node, place, *given))),
    )


def called_method(node: cst.CSTNode) -> str | None:
    """Give the name of the method in a call of one."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return node.func.attr.value
    return None


def text_of(node: cst.CSTNode) -> str | None:
    """Give the value of a plain string literal."""
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None
