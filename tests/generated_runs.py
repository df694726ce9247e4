"""Runs generated models in process, on any target, and keeps what they record."""

from functools import cache
from types import ModuleType
from typing import Any

from abm_quant.compiling.targets.agentpy_dialect.names import list_names
from abm_quant.pipeline import Compiled
from abm_quant.running.inside.adapters import ADAPTERS

TARGETS = ("mesa", "agentpy")


@cache
def module_of(source: str) -> ModuleType:
    """Give a generated `model.py` as a module."""
    module = ModuleType("generated")
    exec(compile(source, "model.py", "exec"), vars(module))
    return module


class Run:
    """A run of a generated model, with what it recorded."""

    def __init__(self, made: Compiled, seed: int, steps: int, parameters: dict[str, Any]) -> None:
        self.made = made
        self.module = module_of(made.bundle.files["model.py"])
        self.adapter = ADAPTERS[made.bundle.target]
        self.model = self.adapter.build(self.module, made.bundle.entry_point, parameters, seed)
        self.tick = 0
        self.recorded: dict[str, list[Any]] = {}
        self._record()
        while self.is_running and self.tick < steps:
            self.step()

    def step(self) -> None:
        """Take one step."""
        self.adapter.step(self.model)
        self.tick += 1
        self._record()

    def _record(self) -> None:
        """Keep what was recorded last; there are no numbers where it is nan, as in events."""
        for name, value in self.adapter.series(self.model).items():
            number = isinstance(value, float) and value != value
            self.recorded.setdefault(name, []).append(None if number else value)

    def __getitem__(self, series: str) -> list[Any]:
        """Give a recorded series, step 0 first."""
        return self.recorded[series]

    @property
    def is_running(self) -> bool:
        """Whether nothing has ended the run."""
        return self.adapter.is_running(self.model)

    @property
    def stop_reason(self) -> str | None:
        """What has ended the run."""
        return self.adapter.stop_reason(self.model)

    def of_type(self, name: str) -> list[Any]:
        """Give the living agents of a type, in the order of their ids."""
        if self.made.bundle.target == "mesa":
            return list(self.model.agents_by_type[getattr(self.module, name)])
        agents = getattr(self.model, list_names(self.made.program)[name])
        return sorted(agents, key=lambda agent: int(agent.id))

    @property
    def agents(self) -> list[Any]:
        """The living agents of all types."""
        return [
            agent for each in self.made.program.agent_types for agent in self.of_type(each.name)
        ]

    def place(self, agent: Any) -> Any:
        """Give the coordinates of an agent, or the node that it stands on."""
        if self.made.bundle.target == "mesa":
            return agent.cell.coordinate
        space = getattr(self.model, "grid", None) or self.model.network
        return space.positions[agent]

    def neighbors(self, agent: Any) -> list[Any]:
        """Give the agents beside an agent."""
        if self.made.bundle.target == "mesa":
            return list(agent.cell.neighborhood.agents)
        space = getattr(self.model, "grid", None) or self.model.network
        return list(space.neighbors(agent))
