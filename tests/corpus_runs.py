"""Compiles the specifications of tests/corpus, which language models wrote, and runs them."""

import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from abm_quant.pipeline import Compiled, compile_model

CORPUS = Path(__file__).parent / "corpus"


@cache
def compiled(name: str) -> Compiled:
    """Give the generated project of a specification, for Mesa."""
    return compile_model(json.loads((CORPUS / f"{name}.json").read_text("utf-8")), "mesa")


def module_of(made: Compiled) -> ModuleType:
    """Give the generated `model.py` as a module."""
    module = ModuleType("generated")
    exec(compile(made.bundle.files["model.py"], "model.py", "exec"), vars(module))
    return module


def started(made: Compiled, seed: int, **parameters: Any) -> Any:
    """Give a new model, at step 0."""
    return getattr(module_of(made), made.bundle.entry_point)(**parameters, seed=seed)


class Run:
    """A run of a specification, with what it recorded."""

    def __init__(self, name: str, seed: int, steps: int, **parameters: Any) -> None:
        self.model = started(compiled(name), seed, **parameters)
        while self.model.running and self.model.tick < steps:
            self.model.step()

    def __getitem__(self, series: str) -> list[Any]:
        """Give a recorded series, step 0 first."""
        values: list[Any] = self.model.datacollector.model_vars[series]
        return values

    @property
    def agents(self) -> list[Any]:
        """The living agents of all types."""
        return list(self.model.agents)
