"""Time from a specification to formatted code, in process, with its parts.

The peer is the formatter alone: black on the finished model.py, measured in the same run. The goals
are 150 ms for the predator-prey specification and 300 ms for the largest one of the corpus.
Usage: python bench/compile_time.py [--rounds 15] [--spec FILE]
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import black

from abm_quant.compiling.check import check
from abm_quant.compiling.lower import lower
from abm_quant.compiling.read import read_spec
from abm_quant.compiling.render import render
from abm_quant.compiling.targets.table import target_named
from abm_quant.resources import root

CORPUS = Path(__file__).parent.parent / "tests" / "corpus"


def median_ms(action: Callable[[], object], rounds: int) -> float:
    """Give the median time of an action in milliseconds, after one call that is not counted."""
    action()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def main() -> int:
    """Print the parts and the sum for each specification."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--spec", type=Path)
    arguments = parser.parse_args()
    largest = max(CORPUS.glob("*.json"), key=lambda path: path.stat().st_size)
    goals = {root("schemas") / "examples/predator-prey.json": 150, largest: 300}
    for path in [arguments.spec] if arguments.spec else list(goals):
        report(path, goals.get(path), arguments.rounds)
    return 0


def report(path: Path, goal_ms: int | None, rounds: int) -> None:
    """Print the parts and the sum for one specification."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    reading = read_spec(raw)
    spec, target = reading.spec, target_named("mesa")
    assert spec is not None
    program = lower(spec, title=reading.title)
    source = render(program, target, spec).files["model.py"]
    parts = {
        "read": lambda: read_spec(raw),
        "check": lambda: check(spec),
        "lower": lambda: lower(spec, title=reading.title),
        "render and format": lambda: render(program, target, spec),
    }
    times = {name: median_ms(action, rounds) for name, action in parts.items()}
    peer = median_ms(lambda: black.format_str(source, mode=black.Mode()), rounds)
    print(f"{path.stem}, {path.stat().st_size:,} bytes")
    for name, value in times.items():
        print(f"{name:20} {value:7.1f} ms")
    total = sum(times.values())
    print(f"{'sum':20} {total:7.1f} ms" + (f"; goal: under {goal_ms} ms" if goal_ms else ""))
    print(f"{'black alone':20} {peer:7.1f} ms; sum / black = {total / peer:.2f}")


if __name__ == "__main__":
    sys.exit(main())
