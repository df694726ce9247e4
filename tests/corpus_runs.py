"""Compiles the specifications of tests/corpus, which language models wrote, and runs them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from abm_quant.pipeline import Compiled, compile_model
from generated_runs import Run

CORPUS = Path(__file__).parent / "corpus"


@cache
def compiled(name: str, target: str = "mesa") -> Compiled:
    """Give the generated project of a specification, for a target."""
    raw = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    return compile_model(raw, target)


def play(name: str, seed: int, steps: int, *, target: str = "mesa", **parameters: Any) -> Run:
    """Give a run of at most `steps` steps; it ends earlier when the model stops itself."""
    return Run(compiled(name, target), seed, steps, parameters)
