"""Records a run in its process: series and agents after every step, frames of agents now and then.

Bounded, so that no run ends because of it; what is left out is told.
"""

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from abm_quant.running.inside import values
from abm_quant.running.inside.adapters import Adapter
from abm_quant.running.inside.reporting import AllowanceSpent, MessageTooLong, Reporter
from abm_quant.running.inside.sampling import Samples
from abm_quant.running.inside.spaces import Space, find_space
from abm_quant.running.inside.tracking import AgentTable, Choose

_PLAIN = (int, float, str, bool, type(None), np.generic)
_STATE = (
    "_tracks",
    "_tracked",
    "_rows",
    "_attributes",
    "_shows",
    "_shown",
    "_shown_rows",
    "_links",
    "_last_frame",
)
_FRAMEWORKS_OWN = ("unique_id", "pos", "cell", "id", "type")


class Recorder:
    """Reads a model and reports what it reads. `plan` is the part `record` of the job."""

    def __init__(self, adapter: Adapter, plan: dict[str, Any], reporter: Reporter) -> None:
        self._adapter = adapter
        self._plan = plan
        self._reporter = reporter
        self._model: Any = None
        self._tracks = plan["agents"] != "none"
        self._tracked = Samples(plan["agents_a_step"])
        self._rows = 0
        self._attributes: dict[str, list[str]] = {}
        self._shows = True
        self._shown = Samples(plan["most_agents"])
        self._shown_rows = 0
        self._last_frame = -1
        self._links: int | None = 0  # A hash of the links that were told; None where none will be.
        self._identity = attrgetter(adapter.identity)
        self.tracking = adapter.track(self._choose)
        reporter.allowed |= {"agents": plan["agent_bytes"], "frame": plan["frame_bytes"]}

    def follow(self, model: Any) -> None:
        """Record this model from now on; to be called before it records anything itself."""
        self._model = model
        self.tracking.follow(model)

    def state(self) -> dict[str, Any]:
        """Give what the next steps are recorded by, besides the plan."""
        own = {name: getattr(self, name) for name in _STATE}
        return {"own": own, "told": self._reporter.told, "allowed": self._reporter.allowed}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on recording as from that state."""
        for name in _STATE:
            setattr(self, name, state["own"][name])
        self._reporter.told = state["told"]
        self._reporter.allowed = state["allowed"]

    def record(self, step: int) -> None:
        """Report a step, and the frame that is due."""
        for table in self._tables(step):
            self._report(step, table)
        self._reporter.step(step, self._adapter.series(self._model))
        every = self._plan["frames_every"]
        if every and step % every == 0:
            self.show(step)

    def show(self, step: int) -> None:
        """Report a frame: where the agents are at the step that was reported last, and their looks."""
        if not self._shows or step <= self._last_frame:
            return
        self._last_frame = step
        space = find_space(self._model)
        agents = self._adapter.agents(self._model, self._plan["lists"])
        columns = {name: self._frame(name, listed, space) for name, listed in agents.items()}
        self._shown_rows += sum(len(each["id"]) for each in columns.values())
        extent = {"kind": space.kind, "width": space.width, "height": space.height}
        message = {"type": "frame", "step": step, "space": extent, "agents": columns}
        self._shows = self._shown_rows <= self._plan["frame_rows"]
        if self._shows:
            try:
                self._reporter.send(message | {"network": self._network(space)})
            except (MessageTooLong, AllowanceSpent):
                self._shows = False
        if not self._shows:
            self._tell(what="frames", step=step)

    def _report(self, step: int, table: AgentTable) -> None:
        if not self._tracks:
            return
        try:
            self._reporter.agents(step, table)
        except (MessageTooLong, AllowanceSpent):
            self._end_tracking(step)

    def _tables(self, step: int) -> list[AgentTable]:
        """Give what is to be reported of agents."""
        if not self._tracks:
            return []
        tables = self.tracking.take()
        if self._plan["agents"] == "all":
            tables = self._all_attributes({each.agent_type: each for each in tables})
        self._rows += sum(len(each.ids) for each in tables)
        if self._rows > self._plan["agent_rows"]:
            self._end_tracking(step)
            return []
        return tables

    def _end_tracking(self, step: int) -> None:
        """Track no agents from this step on."""
        self._tracks = False
        self._tell(what="agents", step=step)

    def _choose(self, agent_type: str, ids: Sequence[Any]) -> list[int] | None:
        """Give the places of the agents that are tracked, None for all."""
        if not self._tracks:
            return []
        is_new = agent_type not in self._tracked.highest
        places = self._tracked.choose(agent_type, ids)
        if places is not None and is_new:
            name = values.clean_text(agent_type, 100)
            self._tell(what="sample", agent_type=name, kept=len(places), of=len(ids))
        return places

    def _all_attributes(self, tracked: dict[str, AgentTable]) -> list[AgentTable]:
        """Give every plain attribute of the agents, after those that are tracked anyway.

        The first agents of a type decide which attributes these are.
        """
        tables = []
        for agent_type, listed in self._adapter.agents(self._model, self._plan["lists"]).items():
            agents = self._chosen(listed, agent_type, self._choose)
            ids = [self._identity(agent) for agent in agents]
            columns = _values_of(tracked.get(agent_type), ids)
            if agents and agent_type not in self._attributes:
                names = dict.fromkeys(chain.from_iterable(map(vars, agents)))
                self._attributes[agent_type] = [
                    name
                    for name in names
                    if name not in columns and _is_plain(name, _column(name, agents))
                ]
            for name in self._attributes.get(agent_type, ()):
                columns[name] = _column(name, agents)
            if columns:
                tables.append(AgentTable(agent_type, ids, columns))
        return tables

    def _frame(self, agent_type: str, listed: list[Any], space: Space) -> dict[str, Any]:
        """Give the columns of one type of agents."""
        agents = self._chosen(listed, agent_type, self._shown.choose)
        places = [space.place(agent) for agent in agents]
        columns: dict[str, Any] = {
            "total": len(listed),
            "id": [values.id_number(self._identity(agent)) for agent in agents],
        }
        if space.kind == "network":
            columns["node"] = _json(places)
        elif space.kind != "none":
            points = [*map(_point, places)]
            columns["x"] = _coordinates([x for x, _ in points])
            columns["y"] = _coordinates([y for _, y in points])
        names = self._plan["shown"].get(agent_type, ())
        columns["attributes"] = {name: _json(_column(name, agents)) for name in names}
        return columns

    def _network(self, space: Space) -> dict[str, Any] | None:
        """Give the nodes and links of a network; None where they are known already or too many."""
        if space.graph is None or self._links is None:
            return None
        found = space.links()
        if found is None:
            self._links = None
            self._tell(what="links", nodes=len(space.graph), links=space.graph.number_of_edges())
            return None
        known, self._links = self._links, hash(found)
        if known == self._links:
            return None
        nodes, links = found
        ends = ([a for a, _ in links], [b for _, b in links])
        return {"nodes": _json([*nodes]), "from": _json(ends[0]), "to": _json(ends[1])}

    def _chosen(self, agents: list[Any], agent_type: str, choose: Choose) -> list[Any]:
        """Give the agents that are chosen, in the order of their ids."""
        places = choose(agent_type, [self._identity(agent) for agent in agents])
        chosen = agents if places is None else [agents[place] for place in places]
        try:
            return sorted(chosen, key=self._identity)
        except TypeError:
            return chosen

    def _tell(self, **what: Any) -> None:
        self._reporter.send({"type": "bounded", **what})


def _values_of(table: AgentTable | None, ids: list[Any]) -> dict[str, list[Any]]:
    """Give the columns of a table for these ids; None for those that are not in it."""
    if table is None or table.ids == ids:
        return {} if table is None else dict(table.columns)
    place = {identity: n for n, identity in enumerate(table.ids)}
    return {
        name: [column[place[each]] if each in place else None for each in ids]
        for name, column in table.columns.items()
    }


def _column(name: str, agents: list[Any]) -> list[Any]:
    return [getattr(agent, name, None) for agent in agents]


def _is_plain(name: str, column: list[Any]) -> bool:
    """Tell whether an attribute is the author's and a plain value for every agent."""
    if name.startswith("_") or name in _FRAMEWORKS_OWN:
        return False
    return all(isinstance(each, _PLAIN) for each in column)


def _point(place: Any) -> tuple[Any, Any]:
    """Give the two coordinates of a place, 0 for a second that is not there; None for no place."""
    try:
        x, y = (*place, 0)[:2]
    except (TypeError, ValueError):
        return None, None
    return x, y


def _coordinates(column: list[Any]) -> list[Any]:
    """Give the numbers of a column, None for what authors may put in their place."""
    return [each if type(each) in (int, float) else None for each in _json(column)]


def _json(column: list[Any]) -> list[Any]:
    return values.column_to_json(column)[0]
