"""Compiles gallery models and runs the generated `model.py` in process."""

import json
from functools import cache
from typing import Any

from abm_quant import resources
from abm_quant.pipeline import Compiled, compile_model
from generated_runs import Run


@cache
def compiled(name: str, target: str = "mesa") -> Compiled:
    """Give the generated project of a gallery model."""
    path = resources.root("schemas") / "examples" / f"{name}.json"
    return compile_model(json.loads(path.read_text(encoding="utf-8")), target)


def play(name: str, seed: int, steps: int, *, target: str = "mesa", **parameters: Any) -> Run:
    """Give a run of at most `steps` steps; it ends earlier when the model stops itself."""
    return Run(compiled(name, target), seed, steps, parameters)
