"""Reads the tracked variables out of a model, one adapter for each target framework."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AgentTable:
    """The tracked attributes of the agents of one type at one step."""

    agent_type: str
    ids: list[Any]
    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class Adapter:
    """How the models of one framework are read."""

    series: Callable[[Any], dict[str, Any]]
    """Gives the last recorded value of each model-level series."""
    take_agents: Callable[[Any], list[AgentTable]]
    """Gives the last recorded agent-level values and drops all that were recorded."""


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


ADAPTERS: dict[str, Adapter] = {
    "mesa": Adapter(series=_mesa_series, take_agents=_mesa_take_agents),
}
"""By name of the target framework."""
