"""Runs one specification on every target and gives what its agents know afterwards."""

from types import ModuleType
from typing import Any

from abm_quant.pipeline import compile_model
from abm_quant.running.adapters import ADAPTERS

TARGETS = ("mesa", "agentpy")


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
