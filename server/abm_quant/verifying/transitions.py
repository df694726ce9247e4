"""Transitions: behaviors that change a category of their agent with a stated probability."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from abm_quant.contracts.program import Activate, Parameter
from abm_quant.verifying.subject import Piece, Subject

STEM = 4
"""Letters that two words share when they mean the same, as in recovery and recovered."""


@dataclass(frozen=True)
class Transition:
    """`if self.random.random() < self.model.p: self.attribute = value`, alone in a behavior."""

    kind: str
    method: str
    attribute: str
    value: str | bool
    parameter: Parameter
    is_inverse: bool
    """Whether the code changes the agent when the draw lies above the parameter."""
    path: str

    @property
    def label(self) -> str:
        """What a user calls the behavior."""
        return f"{self.kind}.{self.method}"

    @property
    def states_its_chance(self) -> bool:
        """Whether the parameter is named after what happens, so that it must be its chance."""
        words = f"{self.method}_{self.value}".lower().split("_")
        stems = {word[:STEM] for word in words if len(word) >= STEM}
        return any(word[:STEM] in stems for word in self.parameter.name.lower().split("_"))

    def chance(self, value: float) -> float:
        """Give the probability of the change for a value of the parameter."""
        return 1 - value if self.is_inverse and not self.states_its_chance else value


def transitions(subject: Subject) -> tuple[Transition, ...]:
    """Give the transitions of behaviors that every step runs."""
    run = {
        (each.agent_type, each.behavior)
        for each in subject.program.steps
        if isinstance(each, Activate)
    }
    pieces = [each for each in subject.pieces if (each.owner, each.function.name) in run]
    return tuple(found for piece in pieces if (found := _transition(piece, subject)))


def _transition(piece: Piece, subject: Subject) -> Transition | None:
    draws = [node for node in ast.walk(piece.tree) if _is_draw(node)]
    body = piece.tree.body[0]
    if len(draws) != 1 or not isinstance(body, ast.FunctionDef) or piece.owner is None:
        return None
    for block in _blocks(body):
        for place, statement in enumerate(block):
            found = _decided(statement, block[place + 1 :])
            if found is None:
                continue
            compared, is_below, changed = found
            parameter = subject.program.parameter(compared)
            if parameter is None or parameter.is_state or not _is_chance(parameter):
                return None
            return Transition(
                kind=piece.owner,
                method=piece.function.name,
                attribute=changed[0],
                value=changed[1],
                parameter=parameter,
                is_inverse=not is_below,
                path=f"{piece.function.path}/code",
            )
    return None


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Give every list of statements that runs as part of a function, outside of loops."""
    for name in ("body", "orelse"):
        block = getattr(node, name, [])
        if block:
            yield block
        for statement in block:
            if isinstance(statement, ast.If):
                yield from _blocks(statement)


def _decided(
    statement: ast.stmt, rest: list[ast.stmt]
) -> tuple[str, bool, tuple[str, str | bool]] | None:
    """Give the parameter, whether a draw below it changes the agent, and the change."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return None
    test = statement.test
    last = (
        test.values[-1] if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else test
    )
    compared = _comparison(last)
    if compared is None:
        return None
    changed = _assigned(statement.body)
    if changed is not None:
        return compared[0], compared[1], changed
    leaves = last is test and isinstance(statement.body[-1], ast.Return)
    changed = _assigned(rest) if leaves else None
    return (compared[0], not compared[1], changed) if changed else None


def _comparison(node: ast.expr) -> tuple[str, bool] | None:
    """Give the attribute that a draw is compared with, and whether the draw must be below it."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    left, right, operator = node.left, node.comparators[0], node.ops[0]
    below = isinstance(operator, ast.Lt | ast.LtE)
    if not below and not isinstance(operator, ast.Gt | ast.GtE):
        return None
    if _is_draw(left) and isinstance(right, ast.Attribute):
        return right.attr, below
    if _is_draw(right) and isinstance(left, ast.Attribute):
        return left.attr, not below
    return None


def _assigned(block: list[ast.stmt]) -> tuple[str, str | bool] | None:
    """Give the attribute of `self` that a block sets to a category, None unless it is one."""
    found = []
    for statement in block:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            value = statement.value.value
            match statement.targets[0]:
                case ast.Attribute(value=ast.Name(id="self"), attr=name) if isinstance(
                    value, str | bool
                ):
                    found.append((name, value))
    return found[0] if found else None


def _is_draw(node: ast.AST) -> bool:
    """Tell whether code is `....random.random()`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "random"
        and not node.args
    )


def _is_chance(parameter: Parameter) -> bool:
    value = parameter.default
    return not isinstance(value, bool | str) and 0 <= value <= 1
