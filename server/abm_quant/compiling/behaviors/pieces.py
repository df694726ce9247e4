"""Pieces: every function and behavior of a specification, in the one dialect."""

from dataclasses import dataclass, field, replace

import libcst as cst

from abm_quant.compiling.behaviors.uses import Uses, uses
from abm_quant.compiling.dialects.agentpy_facts import AgentPy
from abm_quant.compiling.dialects.scope import (
    FunctionFacts,
)
from abm_quant.compiling.dialects.translate import idle_calls_left_out
from abm_quant.compiling.resolve import Declared
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.program import Function
from abm_quant.contracts.spec import Behavior, ExecutionMode, GlobalFunction, Input


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One translated function or behavior."""

    declared: Declared
    owner: str
    """`agent`, `model` or `function`: where its code goes."""
    mode: ExecutionMode
    definition: cst.FunctionDef
    code: str
    """The definition as text."""
    parameters: tuple[str, ...]
    """Without the first one of a method."""
    required: int
    """How many of them have no default."""
    inputs: tuple[Input, ...]
    imports: dict[str, str]
    free: frozenset[str]
    uses: Uses

    @property
    def item(self) -> "Behavior | GlobalFunction":
        """The declaration in the specification."""
        assert isinstance(self.declared.item, (Behavior, GlobalFunction))
        return self.declared.item


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """All code of a specification."""

    by_path: dict[str, Piece]
    functions: dict[str, FunctionFacts]
    """Facts of each global function, by every name under which it is called."""
    problems: list[Problem]
    ids_from_zero: bool = False
    """Whether the author counts unique ids from 0."""
    numbers_agents: bool = False
    """Whether ids only serve to number the agents of each type."""
    agentpy: AgentPy = field(default_factory=AgentPy)
    """What the author's code builds with AgentPy."""

    def of(self, owner: str, agent_type: str | None = None) -> list[Piece]:
        """Give the pieces of an owner, in order of declaration."""
        return [
            piece
            for piece in self.by_path.values()
            if piece.owner == owner
            and (owner != "agent" or piece.declared.agent_type == agent_type)
        ]

    def methods(self, agent_type: str | None) -> frozenset[str]:
        """Give the names of the methods of an agent type, or of the model where it is None."""
        pieces = self.of("agent", agent_type) if agent_type else self.of("model")
        return frozenset(each.declared.python for each in pieces)

    def function(self, name: str) -> Piece | None:
        """Give the global function of a Python name."""
        found = (p for p in self.of("function") if p.declared.python == name)
        return next(found, None)

    def all_uses(self) -> Uses:
        """Give what all code together touches."""
        total = Uses()
        for piece in self.by_path.values():
            total = total | piece.uses
        return total

    def sets_on_model(self, attribute: str) -> bool:
        """Tell whether any code assigns an attribute of the model."""
        return any(
            attribute in piece.uses.model_writes
            or (piece.owner == "model" and attribute in piece.uses.own_writes)
            for piece in self.by_path.values()
        )

    def deep_uses(self, of: Uses) -> Uses:
        """Give what some code touches, with all functions and behaviors that it calls."""
        seen: set[str] = set()
        pending = [of]
        total = Uses()
        while pending:
            current = pending.pop()
            total = total | current
            for piece in self.by_path.values():
                name = piece.declared.python
                if name in current.called and piece.declared.path not in seen:
                    seen.add(piece.declared.path)
                    pending.append(piece.uses)
        return total


def without_calls(piece: Piece, names: set[str]) -> Piece:
    """Give a piece without the statements that only call functions of these names."""
    if not names & piece.uses.called:
        return piece
    definition = idle_calls_left_out(piece.definition, names)
    code = cst.Module([definition]).code
    return replace(piece, definition=definition, code=code, uses=uses(code))


def function_of(piece: Piece) -> Function:
    """Give the Program's function for a piece."""
    item = piece.item
    description = getattr(item, "description", "") or getattr(item, "function_description", "")
    return Function(
        name=piece.declared.python,
        definition=piece.definition,
        description=description,
        mode=piece.mode,
        path=piece.declared.path.partition("/code/")[0],
    )
