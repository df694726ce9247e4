"""Reads what is tracked of single agents, as columns; one way for each target framework.

The frameworks record agents one by one, each attribute into a row or a log of its own, which takes
longer than many a model. Here whole columns are read instead, of a sample where there are many
agents. The values are those that the framework would have recorded.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Choose = Callable[[str, Sequence[Any]], list[int] | None]
"""Gives the places of those agents of a type, by their ids, that are tracked; None for all."""


@dataclass(frozen=True)
class AgentTable:
    """The tracked attributes of the agents of one type at one step, in the order of their ids."""

    agent_type: str
    ids: list[Any]
    columns: dict[str, list[Any]]


class Tracking(Protocol):
    """Reads the tracked attributes of the agents of one model."""

    def follow(self, model: Any) -> None:
        """Take recording over from the framework."""
        ...

    def release(self, model: Any) -> None:
        """Give it back, so that the model is as its own code made it."""
        ...

    def take(self) -> list[AgentTable]:
        """Give what was tracked in the last step."""
        ...


class MesaTracking:
    """Reads what Mesa's DataCollector would record of agents, after it has recorded the model."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._model: Any = None
        self._reporters: dict[type, dict[str, Callable[[Any], Any]]] = {}

    def follow(self, model: Any) -> None:
        """Take the reporters of agents out of the collector, and what they have recorded."""
        collector = model.datacollector
        self._model = model
        self._reporters = getattr(collector, "agenttype_reporters", {})
        collector.agenttype_reporters = {}
        collector._agenttype_records.clear()

    def release(self, model: Any) -> None:
        """Put the reporters back."""
        model.datacollector.agenttype_reporters = self._reporters

    def take(self) -> list[AgentTable]:
        """Give the attributes as they are now."""
        return [self._table(*each) for each in self._reporters.items()]

    def _table(self, agent_type: type, reporters: dict[str, Callable[[Any], Any]]) -> AgentTable:
        agents = self._agents(agent_type)
        ids = [agent.unique_id for agent in agents]
        places = self._choose(agent_type.__name__, ids)
        if places is not None:
            agents, ids = [agents[place] for place in places], [ids[place] for place in places]
        columns = {str(name): _values(each, agents) for name, each in reporters.items()}
        return sorted_table(AgentTable(agent_type.__name__, ids, columns))

    def _agents(self, agent_type: type) -> list[Any]:
        """Give the agents that the collector would ask, in its order."""
        by_type = self._model.agents_by_type
        if agent_type in by_type:
            return list(by_type[agent_type])
        return [agent for agent in self._model.agents if isinstance(agent, agent_type)]


def _values(reporter: Any, agents: list[Any]) -> list[Any]:
    """Give what a reporter gives for each agent; Mesa wraps the name of an attribute in one."""
    code = getattr(reporter, "__code__", None)
    if code is not None and code.co_qualname.endswith("<locals>.attr_reporter"):
        name = reporter.__closure__[0].cell_contents
        return [getattr(agent, name, None) for agent in agents]
    return [reporter(agent) for agent in agents]


class AgentPyTracking:
    """Takes what agents of AgentPy are told to record, where they would write logs."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self._parts: dict[str, list[AgentTable]] = {}

    def follow(self, model: Any) -> None:
        """Let the agents of a model, alone and in lists, record here."""
        agentpy = sys.modules["agentpy"]
        agentpy.Agent.record = _record_agent
        agentpy.sequences.AgentSequence.record = _record_agents
        model._tracking = self

    def release(self, model: Any) -> None:
        """Let them write logs."""
        del model._tracking

    def take(self) -> list[AgentTable]:
        """Give what was recorded since the last call."""
        parts, self._parts = self._parts, {}
        return [sorted_table(self._joined(*each)) for each in parts.items()]

    def record(self, agents: list[Any], names: Any, value: Any) -> None:
        """Record attributes of agents, or a value under their names, as AgentPy's `record` does."""
        wanted = [names] if isinstance(names, str) else list(names)
        for agent_type in dict.fromkeys([agent.type for agent in agents]):
            chosen = [agent for agent in agents if agent.type == agent_type]
            ids = [agent.id for agent in chosen]
            places = self._choose(agent_type, ids)
            if places is not None:
                chosen, ids = [chosen[place] for place in places], [ids[place] for place in places]
            columns = {name: _recorded(name, value, chosen) for name in wanted}
            self._parts.setdefault(agent_type, []).append(AgentTable(agent_type, ids, columns))

    def _joined(self, agent_type: str, parts: list[AgentTable]) -> AgentTable:
        """Give one table of what was recorded at several times, with gaps where agents were not."""
        if all(part.ids == parts[0].ids for part in parts):
            columns = {name: each for part in parts for name, each in part.columns.items()}
            return AgentTable(agent_type, parts[0].ids, columns)
        place = {each: n for n, each in enumerate(dict.fromkeys(i for p in parts for i in p.ids))}
        columns = {}
        for part in parts:
            for name, values in part.columns.items():
                column = columns.setdefault(name, [None] * len(place))
                for identity, value in zip(part.ids, values, strict=True):
                    column[place[identity]] = value
        whole = AgentTable(agent_type, list(place), columns)
        return rows_of(whole, self._choose(agent_type, whole.ids))


def _recorded(name: str, value: Any, agents: list[Any]) -> list[Any]:
    if value is not None:
        return [value] * len(agents)
    return [getattr(agent, name) for agent in agents]


def _record_agents(agents: Any, names: Any, value: Any = None) -> None:
    """Stand in for `record` of a list of agents."""
    listed = list(agents)
    tracking = getattr(listed[0].model, "_tracking", None) if listed else None
    if tracking is not None:
        tracking.record(listed, names, value)
    else:
        for agent in listed:
            agent.record(names, value)


def _record_agent(agent: Any, names: Any, value: Any = None) -> None:
    """Stand in for `record` of one agent."""
    tracking = getattr(agent.model, "_tracking", None)
    if tracking is not None:
        tracking.record([agent], names, value)
    else:
        super(sys.modules["agentpy"].Agent, agent).record(names, value)


def rows_of(table: AgentTable, places: list[int] | None) -> AgentTable:
    """Give some rows of a table; all where the places are None."""
    if places is None:
        return table
    columns = {name: [each[n] for n in places] for name, each in table.columns.items()}
    return AgentTable(table.agent_type, [table.ids[n] for n in places], columns)


def sorted_table(table: AgentTable) -> AgentTable:
    """Give a table in the order of the ids, where these can be ordered."""
    ids = table.ids
    try:
        if all(a <= b for a, b in zip(ids, ids[1:], strict=False)):
            return table
        return rows_of(table, sorted(range(len(ids)), key=ids.__getitem__))
    except TypeError:
        return table
