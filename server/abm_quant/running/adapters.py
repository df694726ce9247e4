"""Builds, steps and reads a generated model, one adapter for each target framework."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class AgentTable:
    """The tracked attributes of the agents of one type at one step."""

    agent_type: str
    ids: list[Any]
    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class Adapter:
    """How the models of one framework are built, stepped and read."""

    build: Callable[[ModuleType, str, dict[str, Any], int], Any]
    """Gives a model at step 0, of a module, its entry point, parameters and a seed."""
    step: Callable[[Any], None]
    """Takes one step."""
    is_running: Callable[[Any], bool]
    """Tells whether no stop rule has held."""
    stop_reason: Callable[[Any], str | None]
    """Gives the rule that held, None when none did."""
    series: Callable[[Any], dict[str, Any]]
    """Gives the last recorded value of each model-level series."""
    take_agents: Callable[[Any], list[AgentTable]]
    """Gives the last recorded agent-level values and drops all that were recorded."""
    set_parameter: Callable[[Any, str, Any], None]
    """Gives a parameter of a model another value."""
    identity: str
    """The attribute of an agent that holds its id."""


def _mesa_build(module: ModuleType, entry_point: str, parameters: dict[str, Any], seed: int) -> Any:
    return getattr(module, entry_point)(**parameters, seed=seed)


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


def _mesa_take_agents(model: Any) -> list[AgentTable]:
    """Mesa keeps the agents of every step; dropping what was read keeps memory bounded."""
    collector = model.datacollector
    records = collector._agenttype_records
    if not records:
        return []
    last = records[max(records)]
    tables = []
    for agent_type, rows in last.items():
        names = list(collector.agenttype_reporters[agent_type])
        columns = list(zip(*rows, strict=True)) if rows else [()] * (len(names) + 2)
        values = {name: list(columns[place + 2]) for place, name in enumerate(names)}
        tables.append(AgentTable(agent_type.__name__, list(columns[1]), values))
    records.clear()
    return tables


def _agentpy_build(
    module: ModuleType, entry_point: str, parameters: dict[str, Any], seed: int
) -> Any:
    model = getattr(module, entry_point)(module.PARAMETERS | parameters)
    model.sim_setup(seed=seed)
    return model


def _agentpy_step(model: Any) -> None:
    model.sim_step()


def _agentpy_stop_reason(model: Any) -> str | None:
    """A model without stop rules has no reason of its own: AgentPy ends it at its last step."""
    reason: str | None = getattr(model, "stop_reason", None)
    return reason


def _agentpy_series(model: Any) -> dict[str, Any]:
    return {name: values[-1] for name, values in model.log.items() if name != "t"}


def _agentpy_take_agents(model: Any) -> list[AgentTable]:
    """AgentPy keeps every step of every agent, also of removed ones; only the last one is left."""
    tables = []
    for agent_type, logs in model._logs.items():
        if agent_type == model.type:
            continue
        last = {key: log for key, log in logs.items() if log["t"][-1] == model.t}
        logs.clear()
        logs.update(last)
        columns: dict[str, list[Any]] = {}
        for log in last.values():
            for name, values in log.items():
                del values[:-1]
                columns.setdefault(name, []).append(values[0])
        columns.pop("t", None)
        tables.append(AgentTable(agent_type, list(last), columns))
    return tables


def _agentpy_set(model: Any, name: str, value: Any) -> None:
    """A parameter that the model changes itself is copied to an attribute when it is set up."""
    model.p[name] = value
    if name in vars(model):
        setattr(model, name, value)


ADAPTERS: dict[str, Adapter] = {
    "mesa": Adapter(
        build=_mesa_build,
        step=_mesa_step,
        is_running=_is_running,
        stop_reason=_mesa_stop_reason,
        series=_mesa_series,
        take_agents=_mesa_take_agents,
        set_parameter=setattr,
        identity="unique_id",
    ),
    "agentpy": Adapter(
        build=_agentpy_build,
        step=_agentpy_step,
        is_running=_is_running,
        stop_reason=_agentpy_stop_reason,
        series=_agentpy_series,
        take_agents=_agentpy_take_agents,
        set_parameter=_agentpy_set,
        identity="id",
    ),
}
"""By name of the target framework."""
