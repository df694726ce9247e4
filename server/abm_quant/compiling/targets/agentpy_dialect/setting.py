"""What the space rewrites know: of the space itself, and of the place where code stands."""

from dataclasses import dataclass
from typing import Literal

import libcst as cst

from abm_quant.compiling.targets.agentpy_dialect.code import Place


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The space of a Program, as the rewrites need to know it."""

    kind: Literal["grid", "network", "continuous"]
    api: Literal["cell", "pos"]
    found: str
    """The attribute of the model that holds the space in the author's code."""
    name: str
    """The attribute that holds it in the generated code."""
    pos: str = "pos"
    """The property of an agent that gives its position."""
    capacity: int | None = None
    """The most agents in a place, where it is enforced: mesa.space enforces no limit but 1."""
    single: bool = False
    """Whether no place ever holds more than one agent."""
    moore: bool | None = True
    """Whether diagonal cells are neighbors; None where the code asks for both at times."""
    torus: bool = False
    graph: str | None = None
    """The attribute of the model that holds the graph of the author or of ours."""
    rewired: bool = False
    """Whether code changes that graph while the model runs."""
    types: frozenset[str] = frozenset()
    """The classes of agents."""
    placed: frozenset[str] = frozenset()
    """Classes whose agents always have a place when they act."""
    members: frozenset[str] = frozenset()
    """Attributes and methods that the author declares."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a piece of code stands."""

    owner: Literal["agent", "model", "function"]
    model: str | None
    """The model as it is written here; None where it cannot be reached."""
    agent_type: str | None = None
    """The class that the code is a method of."""

    @property
    def random(self) -> str:
        """The random numbers as they are written here."""
        return f"{self.model}.random" if self.owner == "function" else "self.random"


def scope_of(node: cst.CSTNode, place: Place) -> Scope:
    """Give the scope of a piece of code: the model of a function is an argument of it."""
    if place.owner == "model":
        return Scope(owner="model", model="self")
    if place.owner == "agent":
        return Scope(owner="agent", model="self.model", agent_type=place.agent_type)
    names: list[str] = []
    if isinstance(node, cst.FunctionDef):
        names = [each.name.value for each in node.params.params]
    if "model" in names or "self" in names:
        return Scope(owner="function", model="model" if "model" in names else "self")
    return Scope(owner="function", model="agent.model" if "agent" in names else None)
