"""Time per step of generated code against code written by hand, for the same rules and framework.

Both run in this process, in turns, with the same seeds; the ratio of the medians is printed. The
goal is a ratio of at most 1.05, for AgentPy 1.1. Usage: python bench/step_time.py [--rounds 15]
"""

import argparse
import gc
import importlib.util
import json
import statistics
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from abm_quant.pipeline import compile_model
from abm_quant.resources import root

GOAL = 1.05
HERE = Path(__file__).parent


def generated(name: str, target: str = "mesa", *, tracked: str | None = None) -> type:
    """Give the model class that is generated for a gallery model; it may track one thing more."""
    text = (root("schemas") / "examples" / f"{name}.json").read_text(encoding="utf-8")
    document = json.loads(text)
    if tracked is not None:
        trackers = document["model"]["dataAnalytics"]["trackedVariables"]
        trackers.append({"sourceName": tracked, "collectionLevel": "model"})
    bundle = compile_model(json.dumps(document), target).bundle
    module = types.ModuleType(f"generated_{name}_{target}")
    exec(compile(bundle.files["model.py"], f"{name}/model.py", "exec"), module.__dict__)
    return getattr(module, bundle.entry_point)  # type: ignore[no-any-return]


def hand_written(name: str, entry: str) -> type:
    """Give the model class that was written by hand."""
    spec = importlib.util.spec_from_file_location(name, HERE / "hand_written" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, entry)  # type: ignore[no-any-return]


def cases() -> dict[str, tuple[Callable[[int], Any], Callable[[int], Any], int]]:
    """Give, by label, a maker of the generated and of the hand-written model, and the steps."""
    wealth, wealth_by_hand = generated("boltzmann-wealth"), hand_written("wealth", "Wealth")
    summary = generated("boltzmann-wealth", tracked="agent.Person.agentAttribute.wealth")
    summary_by_hand = hand_written("wealth", "WealthWithSummary")
    city, city_by_hand = generated("schelling-segregation"), hand_written("schelling", "Schelling")
    meadow, meadow_by_hand = generated("predator-prey"), hand_written("wolf_sheep", "WolfSheep")
    size = {"width": 50, "height": 50}
    coins = generated("boltzmann-wealth", "agentpy")
    coins_by_hand = hand_written("agentpy_wealth", "Wealth")
    given = {"population": 1000, "starting_wealth": 1, "steps": 500}
    return {
        "AgentPy: wealth, 1,000": (
            lambda seed: started(coins(given), seed),
            lambda seed: started(coins_by_hand(given), seed),
            60,
        ),
        "wealth, 1,000 agents": (
            lambda seed: wealth(population=1000, seed=seed),
            lambda seed: wealth_by_hand(population=1000, seed=seed),
            60,
        ),
        "wealth, mean, min, max": (
            lambda seed: summary(population=1000, seed=seed),
            lambda seed: summary_by_hand(population=1000, seed=seed),
            60,
        ),
        "Schelling, 50 x 50": (
            lambda seed: city(**size, wanted_similarity=0.7, seed=seed),
            lambda seed: city_by_hand(**size, wanted=0.7, seed=seed),
            12,
        ),
        "wolves, sheep, grass": (
            lambda seed: meadow(**size, seed=seed),
            lambda seed: meadow_by_hand(**size, seed=seed),
            60,
        ),
    }


def started(model: Any, seed: int) -> Any:
    """Give a model of AgentPy at step 0."""
    model.sim_setup(seed=seed)
    return model


def seconds_per_step(make: Callable[[int], Any], seed: int, steps: int) -> float:
    """Give the processor time of one step, setup excluded."""
    model = make(seed)
    step = getattr(model, "sim_step", model.step)
    gc.collect()
    start = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - start) / steps


def main() -> int:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    worst = 0.0
    for label, (ours, theirs, steps) in cases().items():
        pairs = []
        for seed in range(rounds):
            order = (ours, theirs) if seed % 2 else (theirs, ours)
            times = {make: seconds_per_step(make, seed, steps) for make in order}
            pairs.append((times[ours], times[theirs]))
        mine = statistics.median(pair[0] for pair in pairs)
        other = statistics.median(pair[1] for pair in pairs)
        worst = max(worst, mine / other)
        print(
            f"{label:24} generated / hand-written = {mine / other:.3f}"
            f"   ({mine * 1e3:.2f} / {other * 1e3:.2f} ms a step)"
        )
    print(f"largest ratio {worst:.3f}; goal: at most {GOAL}, 1.1 for AgentPy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
