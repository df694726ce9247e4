"""Compiles gallery models and runs the generated `model.py` in process."""

import json
from functools import cache
from types import ModuleType
from typing import Any

from abm_quant import resources
from abm_quant.pipeline import Compiled, compile_model


@cache
def compiled(name: str, target: str = "mesa") -> Compiled:
    """Give the generated project of a gallery model."""
    path = resources.root("schemas") / "examples" / f"{name}.json"
    return compile_model(json.loads(path.read_text(encoding="utf-8")), target)


@cache
def module_of(name: str, target: str = "mesa") -> ModuleType:
    """Give the generated `model.py` of a gallery model as a module."""
    module = ModuleType(f"generated_{name.replace('-', '_')}")
    source = compiled(name, target).bundle.files["model.py"]
    exec(compile(source, f"{name}/model.py", "exec"), vars(module))
    return module


class Run:
    """A run of a generated model, with what it recorded."""

    def __init__(self, name: str, seed: int, parameters: dict[str, Any]) -> None:
        self.module = module_of(name)
        model_class = getattr(self.module, compiled(name).bundle.entry_point)
        self.model = model_class(**parameters, seed=seed)

    def __getitem__(self, series: str) -> list[Any]:
        """Give a recorded series, step 0 first."""
        values: list[Any] = self.model.datacollector.model_vars[series]
        return values

    def agents(self, agent_type: str) -> list[Any]:
        """Give the living agents of a type."""
        return list(self.model.agents_by_type[getattr(self.module, agent_type)])


def play(name: str, seed: int, steps: int, **parameters: Any) -> Run:
    """Give a run of at most `steps` steps; it ends earlier when the model stops itself."""
    run = Run(name, seed, parameters)
    while run.model.running and run.model.tick < steps:
        run.model.step()
    return run
