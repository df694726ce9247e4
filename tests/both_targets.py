"""Runs one specification on every target and gives what its agents know afterwards.

`world` gives such a specification: agents on given places that look around."""

from types import ModuleType
from typing import Any

from abm_quant.pipeline import compile_model
from abm_quant.running.inside.adapters import ADAPTERS
from small_specs import attribute, behavior, function, wire

TARGETS = ("mesa", "agentpy")
GRID = {"type": "grid", "width": 6, "height": 5}
SINGLE = [(0, 0), (5, 0), (0, 4), (5, 4), (2, 2), (3, 2), (2, 3), (4, 1), (1, 1), (3, 4)]
SHARED = [(0, 0), (0, 0), (5, 4), (2, 2), (2, 2), (2, 2), (3, 3), (5, 0), (1, 2), (2, 1)]
PLACE_POS = """def put(model):
    places = {places}
    for index, walker in enumerate(model.agents):
        walker.index = index
        model.grid.place_agent(walker, places[index])
"""
PLACE_CELL = """def put(model):
    places = {places}
    for index, walker in enumerate(model.agents):
        walker.index = index
        walker.cell = model.grid[places[index]]
"""
LOOK = """def look(self):
    self.seen = {queries}
"""


def played(raw: dict[str, Any], target: str, *, steps: int = 1, seed: int = 1) -> Any:
    """Give the model of a target after some steps."""
    made = compile_model(raw, target)
    module = ModuleType("generated")
    exec(compile(made.bundle.files["model.py"], f"{target}/model.py", "exec"), vars(module))
    adapter = ADAPTERS[target]
    model = adapter.build(module, made.bundle.entry_point, {}, seed)
    for _ in range(steps):
        adapter.step(model)
    return model


def known(raw: dict[str, Any], target: str, attribute: str, **how: Any) -> dict[int, Any]:
    """Give an attribute of each agent, by its `index`."""
    return {agent.index: getattr(agent, attribute) for agent in played(raw, target, **how).agents}


def recorded(raw: dict[str, Any], target: str, *, steps: int, seed: int = 1) -> dict[str, Any]:
    """Give the last recorded value of each series."""
    return ADAPTERS[target].series(played(raw, target, steps=steps, seed=seed))


def world(topology: dict[str, Any], put: str, queries: list[str]) -> dict[str, Any]:
    """Give a model whose ten agents stand on given places and look around once."""
    listed = ",\n        ".join(queries)
    return wire(
        topology={"description": "", **topology},
        functions=[function(put)],
        attributes=[attribute("index", 0, "integer"), attribute("seen", "[]", "array")],
        behaviors=[behavior(LOOK.format(queries=f"[\n        {listed},\n    ]"))],
        count=10,
        initialize=["agent.Walker.initialCount", "globalFunction.put"],
        schedule=["agent.Walker.agentBehavior.look"],
    )
