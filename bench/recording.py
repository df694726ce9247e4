"""Recording: what it costs in the process of the run and in the service, beside the frameworks' own.

The peer of each row is measured in the same process, in turns. Usage: python bench/recording.py
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.jobs import RunJob
from abm_quant.running.conversation.messages import Listener
from abm_quant.running.harness import load
from abm_quant.running.inside.adapters import ADAPTERS
from abm_quant.running.inside.freezing import freeze, thaw
from abm_quant.running.inside.reporting import Reporter

AGENTS = 1_000
STEPS = 5_000
SERIES = 4
ROUNDS = 5
MODELS = {
    "mesa": f"""
import mesa


class Walker(mesa.Agent):
    def __init__(self, model):
        super().__init__(model)
        self.x, self.y, self.mood = self.random.random(), 1, 0.5


class Walkers(mesa.Model):
    def __init__(self, seed=None):
        super().__init__(rng=seed)
        Walker.create_agents(self, {AGENTS})
        tracked = {{"x": "x", "y": "y", "mood": "mood"}}
        self.datacollector = mesa.DataCollector(agenttype_reporters={{Walker: tracked}})
        self.datacollector.collect(self)

    def step(self):
        self.datacollector.collect(self)
""",
    "agentpy": f"""
import agentpy as ap

PARAMETERS = {{}}


class Walker(ap.Agent):
    def setup(self):
        self.x, self.y, self.mood = self.model.random.random(), 1, 0.5


class Walkers(ap.Model):
    def setup(self):
        self.agents = ap.AgentDList(self, {AGENTS}, Walker)

    def update(self):
        self.agents.record(["x", "y", "mood"])
""",
}


def cpu_s(work: Callable[[], object]) -> float:
    """Give the processor seconds of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def built(module: ModuleType, target: str, *, tracked: bool) -> tuple[Any, Any]:
    """Give a model, and what reads its agents in the place of the framework."""
    adapter = ADAPTERS[target]
    tracking = adapter.track(lambda agent_type, ids: None)
    follow = tracking.follow if tracked else None
    return adapter.build(module, "Walkers", {}, 1, follow), tracking


def agents_ns(target: str) -> tuple[float, float]:
    """Give nanoseconds for each agent, attribute and step: here, and by the framework."""
    module, adapter = load(MODELS[target]), ADAPTERS[target]
    model, tracking = built(module, target, tracked=True)
    own, _ = built(module, target, tracked=False)

    def here() -> None:
        for _ in range(20):
            adapter.step(model)
            tracking.take()

    def framework() -> None:
        for _ in range(20):
            adapter.step(own)

    here()
    pairs = [(cpu_s(here), cpu_s(framework)) for _ in range(ROUNDS)]
    values = 20 * AGENTS * 3 / 1e9
    mine, theirs = zip(*pairs, strict=True)
    return statistics.median(mine) / values, statistics.median(theirs) / values


def report_all(reporter: Reporter, rows: list[dict[str, float]]) -> None:
    """Report the series of every step."""
    for step, row in enumerate(rows):
        reporter.step(step, row)
    reporter.flush()


def read_all(listener: Listener, lines: list[bytes]) -> None:
    """Read every line as the service does."""
    for line in lines:
        listener.read(line)


def steps_us() -> tuple[float, float]:
    """Give microseconds a step for reporting the series, and for reading them in the service."""
    names = [f"series_{number}" for number in range(SERIES)]
    rows = [{name: step * 0.37 + n for n, name in enumerate(names)} for step in range(STEPS)]
    bundle = CodeBundle(
        target="mesa",
        files={"model.py": ""},
        entry_point="Walkers",
        parameters=(),
        max_steps=STEPS,
        requirements=(),
    )
    found = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryFile() as file:
            reporter = Reporter(file.fileno())

            child = cpu_s(partial(report_all, reporter, rows))
            lines = os.pread(file.fileno(), 1 << 30, 0).splitlines()
        listener = Listener(RunJob(bundle=bundle, seed=1))
        service = cpu_s(partial(read_all, listener, lines))
        found.append((child * 1e6 / STEPS, service * 1e6 / STEPS))
    child_us, service_us = (statistics.median(each) for each in zip(*found, strict=True))
    return child_us, service_us


def checkpoint_ms() -> tuple[float, float, int]:
    """Give milliseconds for saving and reading back a model, and the bytes of its state."""
    model, _ = built(load(MODELS["mesa"]), "mesa", tracked=False)
    state = freeze(model)
    saving = statistics.median(cpu_s(lambda: freeze(model)) for _ in range(ROUNDS))
    reading = statistics.median(cpu_s(lambda: thaw(state)) for _ in range(ROUNDS))
    return saving * 1e3, reading * 1e3, len(state)


def main() -> int:
    """Print each measurement beside its peer."""
    for target in MODELS:
        here, framework = agents_ns(target)
        ratio = here / framework
        print(f"agents, {target:8} {here:7.0f} ns a value, framework {framework:7.0f}: {ratio:.2f}")
    child, service = steps_us()
    print(f"{SERIES} series, a step  {child:7.2f} us in the run, {service:.2f} us in the service")
    saving, reading, size = checkpoint_ms()
    print(f"checkpoint, {AGENTS:,} agents  {saving:.1f} ms, back {reading:.1f} ms, {size:,} bytes")
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
