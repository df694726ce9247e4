"""Program: the resolved model, between the specification and any target's code.

All code in a Program is parsed (libcst, so that comments survive), complete and in one dialect,
plain current Mesa: names are resolved, every reference is an attribute of `self`, `model` or
`self.model`, random numbers come from seeded generators. Expressions of initial values, counts and
arguments are written to stand in a method of the model class (`self` is the model), those of agent
attributes to stand in the agent's `__init__` (`self` is the agent, `model` the model).
"""

from dataclasses import dataclass, field
from typing import Literal

import libcst as cst

from abm_quant.contracts.jobs import ParameterValue
from abm_quant.contracts.problems import Problem
from abm_quant.contracts.spec import ExecutionMode, ValueType

Expression = cst.BaseExpression


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A keyword argument of the model class."""

    name: str
    default: ParameterValue
    description: str
    path: str
    """JSON pointer of the value in the specification."""
    is_state: bool = False
    """Whether the model's own code assigns it later, so that this is only its initial value."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """Model-level state that is not a parameter."""

    name: str
    initial: Expression
    type: ValueType
    description: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function or method of the author."""

    name: str
    definition: cst.FunctionDef
    description: str
    mode: ExecutionMode
    path: str
    """JSON pointer of the declaration in the specification."""


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """State of an agent."""

    name: str
    initial: Expression
    type: ValueType
    description: str
    path: str
    is_argument: bool = False
    """Whether the author's code passes it when it creates agents."""
    categories: tuple[str | bool, ...] = ()
    """The values that the code compares with or assigns, where the type is text or boolean."""


@dataclass(frozen=True, kw_only=True)
class AgentType:
    """A class of agents."""

    name: str
    """The class name."""
    description: str
    attributes: tuple[Attribute, ...]
    behaviors: tuple[Function, ...]
    count: Expression
    path: str
    position: Expression | None = None
    """Coordinates of each initial agent where the author gave them, written to stand in a method
    of the model with the new agent as `agent`; None for a random place."""
    is_removed: bool = False
    """Whether the code removes agents of this type while the model runs."""
    moves: bool = True
    """Whether an agent of this type may change its place or start without one: the author's code
    moves agents, or creates agents of this type."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A generated network: a networkx generator and its arguments."""

    generator: str
    arguments: tuple[tuple[str, Expression], ...]
    """Without the number of nodes; an expression may name it `n`."""


@dataclass(frozen=True, kw_only=True)
class Space:
    """Where agents are."""

    kind: Literal["none", "grid", "network", "continuous"]
    api: Literal["cell", "pos"] = "cell"
    """cell: mesa.discrete_space. pos: mesa.space."""
    width: Expression | None = None
    height: Expression | None = None
    torus: bool = False
    capacity: int | None = None
    """The most agents in a cell, None for no limit."""
    neighborhood: Literal["moore", "von_neumann"] = "moore"
    graph: Graph | None = None
    network: Expression | None = None
    """The graph that the author's own code makes, where the space is a network on it."""
    made_by_author: bool = False
    """Whether the author's own code builds the space, so that none is built for it."""
    description: str = ""
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class SetVariable:
    """Set-up: give a variable its initial value."""

    name: str


@dataclass(frozen=True, kw_only=True)
class BuildSpace:
    """Set-up: make the space."""


@dataclass(frozen=True, kw_only=True)
class CreateAgents:
    """Set-up: create the initial agents of a type, and place them unless the author's code does."""

    agent_type: str
    place: bool = True


@dataclass(frozen=True, kw_only=True)
class CallFunction:
    """Call a module-level function once, or a method of the model when `is_method`."""

    name: str
    arguments: tuple[Expression, ...]
    path: str
    is_method: bool = False
    stores: str | None = None
    """The variable that takes the result."""
    each_agent: bool = False
    """Call it for each living agent, in random order; the argument `agent` is that agent."""
    agent_type: str | None = None
    """Restricts `each_agent` to one type."""


@dataclass(frozen=True, kw_only=True)
class Activate:
    """Let each living agent of a type act once, in random order."""

    agent_type: str
    behavior: str
    arguments: tuple[Expression, ...]
    path: str


SetupAction = SetVariable | BuildSpace | CreateAgents | CallFunction | Activate
StepAction = CallFunction | Activate


@dataclass(frozen=True, kw_only=True)
class StopRule:
    """Ends the run when a watched value equals, or for floats reaches or crosses, a target."""

    source_name: str
    attribute: str
    agent_type: str | None
    """None for a model variable; else every living agent of this type must satisfy the rule."""
    value: Expression
    crossing: bool
    description: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """A recorded variable."""

    source_name: str
    attribute: str
    type: ValueType
    agent_type: str | None
    """None for a model variable."""
    level: Literal["model", "agent"]
    at_start: bool
    """Recorded before any behavior of the step instead of after all."""
    description: str
    path: str
    categories: tuple[str | bool, ...] = ()
    """For text and booleans of agents at level `model`: one count is recorded for each."""
    name: str = ""
    """The name under which it is recorded; "" for that of the attribute."""

    @property
    def label(self) -> str:
        """The name under which it is recorded."""
        return self.name or self.attribute


@dataclass(frozen=True, kw_only=True)
class Program:
    """A model that any target can be rendered from."""

    title: str
    class_name: str
    description: str
    parameters: tuple[Parameter, ...]
    variables: tuple[Variable, ...]
    functions: tuple[Function, ...]
    behaviors: tuple[Function, ...]
    """Methods of the model."""
    agent_types: tuple[AgentType, ...]
    space: Space
    setup: tuple[SetupAction, ...]
    steps: tuple[StepAction, ...]
    max_steps: int
    stop_rules: tuple[StopRule, ...]
    trackers: tuple[Tracker, ...]
    imports: tuple[str, ...]
    """Import statements that the code needs, such as `import math`."""
    problems: tuple[Problem, ...] = field(default=())
    """Warnings and notes: every assumption that was made."""
    schedule_description: str = ""
    initialization_description: str = ""
    environment_name: str = ""
    environment_description: str = ""
    ends_itself: bool = False
    """Whether the author's code ends the run by setting the model's `running`."""

    def parameter(self, name: str) -> Parameter | None:
        """Give the parameter of a name."""
        return next((each for each in self.parameters if each.name == name), None)

    def agent_type(self, name: str) -> AgentType:
        """Give the agent type of a class name; KeyError when there is none."""
        return {each.name: each for each in self.agent_types}[name]
