"""Subject: the model that is judged, and what can be read off its code without running it."""

import ast
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from abm_quant.compiling.behaviors.uses import Uses, uses
from abm_quant.compiling.rendering.series import Series, model_series
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.program import (
    Activate,
    Attribute,
    CallFunction,
    Function,
    Parameter,
    Program,
    SetupAction,
    Variable,
)
from abm_quant.contracts.spec import ModelSpec

CHANCE = {"random", "rng", "rvs"}
"""Names that stand in code that draws random numbers."""
HORIZON = 200
"""Steps after which a model has shown what it does, unless it ends before."""


@dataclass(frozen=True)
class Piece:
    """A function or behavior of the author."""

    function: Function
    owner: str | None
    """The agent type of a behavior; None for code of the model."""
    tree: ast.Module
    uses: Uses

    @property
    def draws(self) -> bool:
        """Whether it draws random numbers."""
        return bool(CHANCE & (self.uses.names | self.uses.reads))

    @property
    def label(self) -> str:
        """What a user calls it."""
        return f"{self.owner}.{self.function.name}" if self.owner else self.function.name


@dataclass(frozen=True)
class Subject:
    """A model: its specification, what it means and the code that was made of it."""

    spec: ModelSpec
    program: Program
    bundle: CodeBundle
    known: tuple[Problem, ...] = ()
    """What was found before: it is not said twice."""

    @property
    def is_still(self) -> bool:
        """Whether it was found that nothing happens."""
        return any(each.code == "nothing-happens" for each in self.known)

    @property
    def horizon(self) -> int:
        """Steps of a run for verification."""
        return min(self.program.max_steps, HORIZON)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of the generated model."""
        return ast.parse(self.bundle.files["model.py"])

    @cached_property
    def reads(self) -> frozenset[str]:
        """Attributes that the generated model reads, of whatever object."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)]
        read = {node.attr for node in nodes if isinstance(node.ctx, ast.Load)}
        changed = [node.target for node in ast.walk(self.tree) if isinstance(node, ast.AugAssign)]
        return frozenset(read | {each.attr for each in changed if isinstance(each, ast.Attribute)})

    @cached_property
    def series(self) -> dict[str, Series]:
        """What is recorded once a step, by name."""
        return {each.name: each for each in model_series(self.program)}

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The author's functions and behaviors."""
        program = self.program
        owned: list[tuple[Function, str | None]] = []
        owned += [(each, None) for each in (*program.functions, *program.behaviors)]
        owned += [(each, kind.name) for kind in program.agent_types for each in kind.behaviors]
        return tuple(_piece(function, owner) for function, owner in owned)

    @cached_property
    def active(self) -> tuple[Piece, ...]:
        """The pieces that the steps of a run can reach."""
        return self._reached({_called(each) for each in self.program.steps})

    @cached_property
    def first(self) -> tuple[Piece, ...]:
        """The pieces that the set-up can reach."""
        names = {_called(each) for each in self.program.setup}
        expressions = [each.initial for each in self.program.variables]
        expressions += [each.initial for _, each in self.attributes]
        called = {name for each in expressions for name in uses(code_of(each)).called}
        return self._reached(names | called)

    @cached_property
    def attributes(self) -> tuple[tuple[str, Attribute], ...]:
        """Every attribute of agents, with its type."""
        types = self.program.agent_types
        return tuple((each.name, attribute) for each in types for attribute in each.attributes)

    @property
    def state(self) -> tuple[Parameter | Variable, ...]:
        """The variables of the model, parameters among them."""
        return (*self.program.variables, *self.program.parameters)

    @cached_property
    def labelled(self) -> dict[str, Parameter | Variable | Attribute]:
        """Each variable by its name and each attribute as `Type.attribute`: as reports name them."""
        found: dict[str, Parameter | Variable | Attribute] = {
            each.name: each for each in self.state
        }
        return found | {f"{kind}.{each.name}": each for kind, each in self.attributes}

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """The parameters that are numbers and stay as they are."""
        return tuple(
            each
            for each in self.program.parameters
            if isinstance(each.default, int | float) and not isinstance(each.default, bool)
        )

    def writers(self, name: str) -> list[Piece]:
        """Give the pieces that assign an attribute of a name."""
        return [each for each in self.pieces if name in each.uses.writes]

    @property
    def written(self) -> frozenset[str]:
        """Attributes that the steps of a run may assign."""
        stored = {getattr(each, "stores", None) for each in self.program.steps}
        written = {name for piece in self.active for name in piece.uses.writes}
        return frozenset(written | {name for name in stored if name})

    def _reached(self, names: set[str]) -> tuple[Piece, ...]:
        """Give the pieces of some names, and those that they call or pass on."""
        found: dict[str, Piece] = {}
        while True:
            new = [
                each
                for each in self.pieces
                if each.function.name in names and each.label not in found
            ]
            if not new:
                return tuple(found.values())
            for piece in new:
                found[piece.label] = piece
                names = names | piece.uses.called | piece.uses.names | piece.uses.reads


def code_of(node: cst.CSTNode) -> str:
    """Give the text of parsed code."""
    return cst.Module([]).code_for_node(node)


def _piece(function: Function, owner: str | None) -> Piece:
    text = code_of(function.definition.with_changes(leading_lines=()))
    return Piece(function, owner, ast.parse(text), uses(text))


def _called(action: SetupAction) -> str:
    """Give the name of what an action calls, "" when it calls nothing of the author's."""
    if isinstance(action, Activate):
        return action.behavior
    return action.name if isinstance(action, CallFunction) else ""
