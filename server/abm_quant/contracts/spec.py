"""The agent-based model specification: the wire format that authors write and clients keep.

`null`, an absent key and `[]` all mean "none". Unknown keys are kept as they came, so whatever a
client sends beyond the format goes back to it untouched. The docstring under a field becomes its
description in `schemas/abm-model.schema.json`.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

ValueType = Literal["integer", "float", "number", "string", "boolean", "array", "object"]
ExecutionMode = Literal["per-agent", "model-once", "model-batch"]
Json = Any


def _whole(value: Any) -> Any:
    """Read 1000.0 as 1000, as JSON Schema does for integers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Natural = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Positive = Annotated[int, Field(ge=1), BeforeValidator(_whole)]


class Part(BaseModel):
    """A piece of the specification: camelCase on the wire, strict about types, keeps extra keys."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="allow",
        strict=True,
        frozen=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )


class Call(Part):
    """The value of a function, called with the given arguments."""

    function: Annotated[str, Field(min_length=1)]
    """The function's name or sourceName."""
    args: list[Json] | None = None
    """Arguments by position: literals, references or nested calls."""


BOUNDS = ("greater_than", "greater_than_equal", "less_than_equal")


def _once(wanted: str) -> WrapValidator:
    """Refuse a value with one error, instead of one for each form that it could have had."""

    def check(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
        try:
            return read(value)
        except ValidationError as error:
            for each in error.errors():
                if each["type"] in BOUNDS:
                    raise PydanticCustomError(each["type"], each["msg"]) from None
            message = f"Input should be {wanted}, a call or a reference"
            raise PydanticCustomError("quantity_type", message) from None

    return WrapValidator(check)


Count = Annotated[Call | Natural | str, _once("a whole number")]
"""How many, from 0 up: a number, a call, or a string that refers to something."""

Extent = Annotated[
    Call | Annotated[int, Field(gt=0)] | Annotated[float, Field(gt=0)] | str | None,
    _once("a number"),
]
"""How long, above 0: a number, a call, or a string that refers to something."""

Share = Annotated[
    Call | Annotated[float, Field(ge=0, le=1)] | str | None, _once("a number from 0 to 1")
]
"""A share or probability: a number, a call, or a string that refers to something."""

Value = Call | bool | int | float | str | list[Json] | dict[str, Json] | None
"""A literal, a call, or a string that refers to something by its sourceName."""


class Input(Part):
    """A parameter of a behavior or a function."""

    name: str
    """The name of the parameter, as in the code."""
    description: str = ""
    """What is passed here."""
    type: ValueType = "object"
    """The type of the argument."""
    optional: bool = False
    """Whether the code works without it."""
    default_value: Value = None
    """The value when nothing is passed."""


class Output(Part):
    """A value that a behavior or a function returns."""

    name: str
    """The name of the result; when it is a variable's name, the result is stored there."""
    description: str = ""
    """What the result means."""
    type: ValueType = "object"
    """The type of the result."""


class GlobalFunction(Part):
    """A function that any part of the model may call; a module-level function in the code."""

    name: str
    """The name of the function."""
    source_name: str
    """`globalFunction.N`."""
    function_description: str = ""
    """What the function computes or does."""
    function_inputs: list[Input] | None = None
    """Its parameters, in order."""
    function_outputs: list[Output] | None = None
    """What it returns."""
    execution_mode: ExecutionMode = "model-once"
    """How a plan calls it: for each agent, once, or once with the collection of agents."""
    code: str
    """The whole function in Python, starting with `def`."""


class Variable(Part):
    """A named value: a global variable, an environment attribute or an agent attribute."""

    name: str
    """The name of the variable."""
    description: str = ""
    """What it means and in what unit it is measured."""
    type: ValueType
    """The type of its values."""
    initial_value: Value
    """Its value at the start: a literal, a call or a reference."""
    source_name: str
    """`globalVariable.N`, `environment.environmentAttribute.N` or `agent.T.agentAttribute.N`."""


class Behavior(Part):
    """Something that an agent or the environment does when the schedule says so."""

    name: str
    """The name of the behavior."""
    description: str = ""
    """What happens, in words."""
    inputs: list[Input] | None = None
    """Its parameters besides `self`."""
    outputs: list[Output] | None = None
    """What it returns; a result with the name of a variable is stored in it."""
    execution_mode: ExecutionMode = "per-agent"
    """per-agent: once for each agent. model-once: once. model-batch: once, with all agents."""
    source_name: str
    """`agent.T.agentBehavior.N` or `environment.environmentBehavior.N`."""
    code: str
    """The whole method in Python, starting with `def`, its first parameter `self`."""


class Graph(Part):
    """How the network between the agents is generated."""

    generator: Literal[
        "erdos_renyi",
        "watts_strogatz",
        "barabasi_albert",
        "grid_2d",
        "complete",
        "random_regular",
    ]
    """The random graph model; the names are those of networkx."""
    average_degree: Extent = None
    """Mean number of links of a node: a number or a reference."""
    rewiring_probability: Share = None
    """watts_strogatz: the share of links that are rewired; a number or a reference."""


class Topology(Part):
    """The kind of space in which agents meet."""

    description: str = ""
    """The space in words."""
    type: Literal["none", "grid", "network", "continuous"]
    """none: everybody can meet everybody."""
    boundary_conditions: Literal["fixed", "torus"] | None = None
    """Whether a grid or a plane ends at its edges or wraps around."""
    width: Extent = None
    """Number of columns, or extent in x: a number or a reference."""
    height: Extent = None
    """Number of rows, or extent in y: a number or a reference."""
    cell_capacity: Positive | None = None
    """The most agents that one cell can hold; without it there is no limit."""
    neighborhood: Literal["moore", "von_neumann"] | None = None
    """Whether a cell touches 8 others (moore, the default) or 4."""
    graph: Graph | None = None
    """The network's generator."""


class Environment(Part):
    """The world of the model. In the code it is the model class."""

    name: str = ""
    """What the world is called."""
    description: str = ""
    """What the world is."""
    topology: Topology
    """Its space."""
    environment_attributes: list[Variable] | None = None
    """State of the world."""
    environment_behaviors: list[Behavior] | None = None
    """What the world itself does; `self` is the model."""


class AgentType(Part):
    """A kind of agent. Its name T stands in the sourceNames of its parts."""

    name: str | None = None
    """The name of the type: T."""
    description: str | None = None
    """Who these agents are."""
    agent_attributes: list[Variable] | None = None
    """State of each agent."""
    initial_count: Count
    """How many there are at the start: a number, a call or a reference."""
    agent_behaviors: list[Behavior] | None = None
    """What each agent can do."""


class TerminationRule(Part):
    """Stops the run when a variable reaches a value."""

    source_name: str
    """The variable that is watched."""
    description: str = ""
    """Why the run ends there."""
    type: str | None = None
    """The type of the value."""
    value: Value
    """The value that ends the run."""


class TerminationCriteria(Part):
    """When a run ends."""

    max_steps: Positive
    """The number of steps after which a run always ends."""
    termination_rules: list[TerminationRule] | None = None
    """Conditions that end it earlier; checked after each step."""


class InitializationItem(Part):
    """One entry of the initialization plan."""

    source_name: str
    """What is initialized or called."""
    type: (
        Literal[
            "agentAttribute",
            "environmentAttribute",
            "globalVariable",
            "globalFunction",
            "initialCount",
        ]
        | None
    ) = None
    """What kind of thing it is; the sourceName decides when the two differ."""
    order_in_initialization: int | float | None = None
    """Its place; equal numbers keep the order of the list."""


class Initialization(Part):
    """The initialization plan."""

    description: str = ""
    """The plan in words."""
    initialization_order: list[InitializationItem] | None = None
    """Its entries; what the values depend on comes first in any case."""


class ScheduleItem(Part):
    """One entry of the schedule of a step."""

    source_name: str
    """The behavior or function that runs."""
    type: Literal["agentBehavior", "environmentBehavior", "globalFunction"] | None = None
    """What kind of thing it is; the sourceName decides when the two differ."""
    order_in_schedule: int | float | None = None
    """Its place; equal numbers keep the order of the list."""


class Schedule(Part):
    """What happens in each step."""

    description: str = ""
    """The step in words."""
    schedule_order: list[ScheduleItem] | None = None
    """Behaviors one after the other: all agents do the first, then all do the second."""


class Scheduler(Part):
    """The plans of the start and of each step."""

    initialization: Initialization | None = None
    """What happens before the first step."""
    schedule: Schedule | None = None
    """What happens in each step."""


class TrackedVariable(Part):
    """A variable that is recorded in each step."""

    description: str = ""
    """What the series shows."""
    source_name: str
    """The variable."""
    collection_level: Literal["model", "agent"] = "model"
    """model: one value a step. agent: one value for each agent a step."""
    check_time: Literal["start-of-step", "end-of-step"] = "end-of-step"
    """Before any behavior of the step, or after all of them."""


class DataAnalytics(Part):
    """What is recorded."""

    tracked_variables: list[TrackedVariable] | None = None
    """The variables that come back from a run."""


class Library(Part):
    """The framework that the code is written for."""

    name: str
    """mesa, agentpy, ..."""
    version: str | None = None
    """Its version, as a hint."""


class ModelSpec(Part):
    """A complete agent-based model: agents, their world, the plan of a step, what is recorded."""

    coding_language: str
    """The language of the code; `python` is compiled, others are kept and returned."""
    abm_library: Library | None = None
    """The framework that the code is written for."""
    global_functions: list[GlobalFunction] | None = None
    """Functions that any part may call."""
    global_variables: list[Variable] | None = None
    """Parameters and state of the whole model. Literal numbers, booleans and strings are the
    model's parameters."""
    environment: Environment
    """The world."""
    agents: list[list[AgentType]]
    """Groups of agent types."""
    termination_criteria: TerminationCriteria
    """When a run ends."""
    scheduler: Scheduler
    """The plans of the start and of each step."""
    data_analytics: DataAnalytics | None = None
    """What is recorded."""

    def agent_types(self) -> Iterator[tuple[tuple[int, int], AgentType]]:
        """Give each agent type with its group and place."""
        for group_index, group in enumerate(self.agents):
            for index, agent_type in enumerate(group):
                yield (group_index, index), agent_type

    def wire(self) -> dict[str, Any]:
        """Give the JSON object as clients know it: keys in the written order, nothing invented."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)
