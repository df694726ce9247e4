"""Builds, steps and reads a generated model, one adapter for each target framework."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from abm_quant.running.inside.tracking import AgentPyTracking, Choose, MesaTracking, Tracking


@dataclass(frozen=True)
class AgentTable:
    """The tracked attributes of the agents of one type at one step."""

    agent_type: str
    ids: list[Any]
    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class Adapter:
    """How the models of one framework are built, stepped and read."""

    make: Callable[[ModuleType, str, dict[str, Any], int], Any]
    """Gives a model of a module, its entry point, parameters and a seed."""
    begin: Callable[[Any, int], None]
    """Brings a model that was just made to step 0, with a seed."""
    step: Callable[[Any], None]
    """Takes one step."""
    is_running: Callable[[Any], bool]
    """Tells whether no stop rule has held."""
    stop_reason: Callable[[Any], str | None]
    """Gives the rule that held, None when none did."""
    series: Callable[[Any], dict[str, Any]]
    """Gives the last recorded value of each model-level series."""
    track: Callable[[Choose], Tracking]
    """Gives what reads the tracked attributes of agents, for one model."""
    agents: Callable[[Any, dict[str, str]], dict[str, list[Any]]]
    """Gives the living agents of a model by type, with the attribute that holds each type's."""
    set_parameter: Callable[[Any, str, Any], None]
    """Gives a parameter of a model another value."""
    identity: str
    """The attribute of an agent that holds its id."""

    def build(
        self,
        module: ModuleType,
        entry_point: str,
        parameters: dict[str, Any],
        seed: int,
        follow: Callable[[Any], None] | None = None,
    ) -> Any:
        """Give a model at step 0; `follow` gets it as soon as it is made."""
        model = self.make(module, entry_point, parameters, seed)
        if follow is not None:
            follow(model)
        self.begin(model, seed)
        return model


def _mesa_make(module: ModuleType, entry_point: str, parameters: dict[str, Any], seed: int) -> Any:
    return getattr(module, entry_point)(**parameters, seed=seed)


def _mesa_begin(model: Any, seed: int) -> None:
    """A model of Mesa is at step 0 when it is made."""


def _mesa_step(model: Any) -> None:
    model.step()


def _is_running(model: Any) -> bool:
    return bool(model.running)


def _mesa_stop_reason(model: Any) -> str | None:
    reason: str | None = model.stop_reason
    return reason


def _mesa_series(model: Any) -> dict[str, Any]:
    recorded = model.datacollector.model_vars
    return {name: values[-1] for name, values in recorded.items() if values}


def _mesa_agents(model: Any, _: dict[str, str]) -> dict[str, list[Any]]:
    return {kind.__name__: list(agents) for kind, agents in model.agents_by_type.items()}


def _agentpy_make(module: ModuleType, entry_point: str, parameters: dict[str, Any], _: int) -> Any:
    return getattr(module, entry_point)(module.PARAMETERS | parameters)


def _agentpy_begin(model: Any, seed: int) -> None:
    model.sim_setup(seed=seed)


def _agentpy_step(model: Any) -> None:
    model.sim_step()


def _agentpy_stop_reason(model: Any) -> str | None:
    """A model without stop rules has no reason of its own: AgentPy ends it at its last step."""
    reason: str | None = getattr(model, "stop_reason", None)
    return reason


def _agentpy_series(model: Any) -> dict[str, Any]:
    return {name: values[-1] for name, values in model.log.items() if name != "t"}


def _agentpy_agents(model: Any, lists: dict[str, str]) -> dict[str, list[Any]]:
    return {kind: list(getattr(model, name)) for kind, name in lists.items()}


def _agentpy_set(model: Any, name: str, value: Any) -> None:
    """A parameter that the model changes itself is copied to an attribute when it is set up."""
    model.p[name] = value
    if name in vars(model):
        setattr(model, name, value)


ADAPTERS: dict[str, Adapter] = {
    "mesa": Adapter(
        make=_mesa_make,
        begin=_mesa_begin,
        step=_mesa_step,
        is_running=_is_running,
        stop_reason=_mesa_stop_reason,
        series=_mesa_series,
        track=MesaTracking,
        agents=_mesa_agents,
        set_parameter=setattr,
        identity="unique_id",
    ),
    "agentpy": Adapter(
        make=_agentpy_make,
        begin=_agentpy_begin,
        step=_agentpy_step,
        is_running=_is_running,
        stop_reason=_agentpy_stop_reason,
        series=_agentpy_series,
        track=AgentPyTracking,
        agents=_agentpy_agents,
        set_parameter=_agentpy_set,
        identity="id",
    ),
}
"""By name of the target framework."""
