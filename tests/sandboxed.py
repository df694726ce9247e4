"""What the tests of running/ share: hand-written models, and ways to run them."""

import functools
import os
import time
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

from abm_quant.contracts.code import CodeBundle, SourceSpan
from abm_quant.contracts.events import RunEvent
from abm_quant.contracts.jobs import Limits, ParameterValue, RunJob
from abm_quant.contracts.results import RunResult, collect
from abm_quant.running.sandbox import Sandbox
from abm_quant.running.table import make_sandbox

WALKERS = '''
"""Walkers gain and lose energy."""

import mesa

MAX_STEPS = 8


class Walker(mesa.Agent):
    """Moves at random."""

    def __init__(self, model):
        super().__init__(model)
        self.energy = self.random.random()

    def act(self):
        """Gain or lose."""
        self.energy += self.random.gauss(0, 1)


class Walkers(mesa.Model):
    """Walkers on no space."""

    def __init__(self, walker_count=5, gain=1.5, mode="plain", torus=True, seed=None):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        Walker.create_agents(self, walker_count)
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "Walker.count": lambda model: len(model.agents_by_type[Walker]),
                "Walker.energy.mean": lambda model: model.agents.agg("energy", sum) / walker_count,
            },
            agenttype_reporters={Walker: {"energy": "energy"}},
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance by one step."""
        self.tick += 1
        self.agents_by_type[Walker].shuffle_do("act")
        self.datacollector.collect(self)
        if self.tick >= MAX_STEPS:
            self.running = False
            self.stop_reason = "max-steps"
'''

FRAME = '''
import types


class Collector:
    """Records one series from values that a test computes."""

    def __init__(self):
        self.model_vars = {"value": []}
        self._agenttype_records = {}


class Model:
    """Calls `start` once and `act` in each step; what they return is the series."""

    def __init__(self, seed=None, target=""):
        self.running = True
        self.stop_reason = None
        self.target = target
        self.tick = 0
        self.datacollector = Collector()
        self.datacollector.model_vars["value"].append(start(self))

    def step(self):
        self.tick += 1
        self.datacollector.model_vars["value"].append(act(self))


def start(model):
    return None


def act(model):
    return None
'''
"""The smallest thing that the sandbox takes for a model; programs define `start` and `act` anew."""


def bundle(
    source: str,
    entry_point: str = "Model",
    *,
    parameters: tuple[str, ...] = ("target",),
    source_map: tuple[SourceSpan, ...] = (),
    max_steps: int = 8,
) -> CodeBundle:
    """Give a bundle that holds one file."""
    return CodeBundle(
        target="mesa",
        files={"model.py": source},
        entry_point=entry_point,
        parameters=parameters,
        max_steps=max_steps,
        requirements=("mesa>=3.3",),
        source_map=source_map,
    )


def walkers(**changes: Any) -> RunJob:
    """Give a job of the honest model."""
    names = ("walker_count", "gain", "mode", "torus")
    given: dict[str, Any] = {"bundle": bundle(WALKERS, "Walkers", parameters=names), "seed": 7}
    return RunJob(**(given | changes))


def program(
    code: str,
    *,
    steps: int = 1,
    limits: Limits | None = None,
    parameters: Mapping[str, ParameterValue] | None = None,
) -> RunJob:
    """Give a job that runs FRAME with a program's own `start` and `act`."""
    return RunJob(
        bundle=bundle(FRAME + dedent(code)),
        seed=1,
        steps=steps,
        limits=limits or Limits(),
        parameters=dict(parameters or {}),
    )


@functools.cache
def confined(mode: str = "auto") -> Sandbox:
    """Give the sandbox that confines; the tests of running/ demand a machine that can."""
    sandbox = make_sandbox(mode)
    assert sandbox.report.available, sandbox.report.reason
    return sandbox


async def events(job: RunJob, sandbox: Sandbox | None = None) -> list[RunEvent]:
    """Give all events of a run."""
    return [event async for event in (sandbox or confined()).run(job)]


async def result(job: RunJob, sandbox: Sandbox | None = None) -> RunResult:
    """Give the result of a run."""
    return await collect((sandbox or confined()).run(job))


def descendants(ancestor: int, name: str = "") -> list[int]:
    """Give the living processes that a process has started, directly or not; those of a name."""
    parents, names = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                called, _, rest = folder.joinpath("stat").read_text().rpartition(")")
            except (FileNotFoundError, ProcessLookupError):
                continue
            state, parent = rest.split()[:2]
            if state != "Z":
                parents[int(folder.name)] = int(parent)
                names[int(folder.name)] = called.partition("(")[2]
    found = []
    for pid in parents:
        above = pid
        while above in parents and above != ancestor:
            above = parents[above]
        if above == ancestor and pid != ancestor and name in ("", names[pid]):
            found.append(pid)
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and no mere entry of the kernel's list."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ended(pids: list[int], within_s: float = 10) -> bool:
    """Tell whether processes are all gone within some seconds."""
    until = time.monotonic() + within_s
    while any(map(is_alive, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def zygotes(service: int | None = None) -> set[int]:
    """Give the zygotes of a process, by default this one."""
    children = Path(f"/proc/{service or os.getpid()}/task").glob("*/children")
    found = [int(pid) for each in children for pid in each.read_text().split()]
    return {
        pid
        for pid in found
        if is_alive(pid) and "abm_quant.running.zygote" in Path(f"/proc/{pid}/cmdline").read_text()
    }


def running() -> list[int]:
    """Give the confined runs of this process that have begun and not ended."""
    return descendants(os.getpid(), "abm-run")
