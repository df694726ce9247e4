"""The sandbox: how soon a run starts and ends, how many fit in a second, what confinement costs.

The peer is the same model in a new Python, `python model.py`, measured in the same run. The goals
are for two cores with nothing else to do: the load at the start is printed beside them.
Usage: python bench/sandbox.py [--rounds 60] [--level full]
"""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.events import StepRecorded
from abm_quant.contracts.jobs import Limits, RunJob
from abm_quant.contracts.results import RunResult, collect
from abm_quant.running.admission import Admission
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.conversation.broker import Echo
from abm_quant.running.inside.inbox import Inbox
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.sandbox import Sandbox
from abm_quant.running.table import launcher, make_sandbox
from abm_quant.running.warm import Launcher

MODEL = """
import mesa


class Walker(mesa.Agent):
    def __init__(self, model):
        super().__init__(model)
        self.energy = self.random.random()

    def act(self):
        self.energy += self.random.gauss(0, 1)


class Walkers(mesa.Model):
    def __init__(self, seed=None):
        super().__init__(rng=seed)
        self.stop_reason = None
        Walker.create_agents(self, 100)
        self.datacollector = mesa.DataCollector({"energy": lambda m: m.agents.agg("energy", sum)})
        self.datacollector.collect(self)

    def step(self):
        self.agents.shuffle_do("act")
        self.datacollector.collect(self)
"""
COMPUTING = MODEL.replace(
    '        self.agents.shuffle_do("act")\n',
    """        import time
        start = time.process_time()
        for _ in range(300):
            self.agents.shuffle_do("act")
        self.agents.set("energy", (time.process_time() - start) / 100)
""",
)
"""Records the processor seconds of 300 rounds as the sum of all energies."""
ASKING = MODEL.replace(
    '        self.agents.shuffle_do("act")\n',
    """        import statistics, time
        import abm_host
        times = []
        for _ in range({rounds}):
            start = time.perf_counter()
            abm_host.ask({questions})
            times.append(time.perf_counter() - start)
        self.agents.set("energy", statistics.median(times) / 100)
""",
)
"""Records the median seconds of an answer as the sum of all energies."""
ENDLESS = MODEL.replace('self.agents.shuffle_do("act")', "while True: pass")
SLEEPING = MODEL.replace('self.agents.shuffle_do("act")', '__import__("time").sleep(60)')
MANY_QUESTIONS = '["x" * 500] * 1_000'
GOALS = {
    "first step, p50": "25 ms",
    "first step, p95": "60 ms",
    "first step, all cores busy, p95": "120 ms",
    "first step / python model.py": "0.1",
    "short runs in a second": "at least 80",
    "memory that a run adds (PSS)": "15 MB",
    "kill to reaped, p95": "50 ms",
    "service killed to all gone, max": "200 ms",
    "zygote ready": "4 s",
    "confined / unconfined, computing": "1.03",
    "question and answer, p50": "0.2 ms",
    "1,000 questions at once, p50": "15 ms",
    "killed while it asks, p95": "50 ms",
    "looking for orders in a step": "2 us",
}


def job(source: str = MODEL, steps: int = 1) -> RunJob:
    """Give a job for one of the models."""
    bundle = CodeBundle(
        target="mesa",
        files={"model.py": source},
        entry_point="Walkers",
        parameters=(),
        max_steps=1000,
        requirements=(),
        source_map=(),
    )
    return RunJob(bundle=bundle, seed=1, steps=steps)


def cold_s() -> float:
    """Give the seconds of a new Python that makes the model and takes a step."""
    start = time.perf_counter()
    source = f"{MODEL}\nWalkers(seed=1).step()\n"
    subprocess.run([sys.executable, "-c", source], check=True)
    return time.perf_counter() - start


async def first_step_s(sandbox: Sandbox) -> float:
    """Give the seconds from asking for a run to hearing of its first step."""
    start = time.perf_counter()
    async with aclosing(sandbox.run(job())) as events:
        async for event in events:
            if isinstance(event, StepRecorded) and event.step == 1:
                return time.perf_counter() - start
    raise RuntimeError("the run took no step")


async def busy_first_steps_s(sandbox: Sandbox, level: str, rounds: int) -> list[float]:
    """Give sorted seconds to the first step while other runs keep all cores busy."""
    cores = len(os.sched_getaffinity(0))
    admission = Admission(at_once=cores + 1)
    crowded = ProcessSandbox(sandbox.report, launcher(level).start, admission=admission)
    endless = replace(job(ENDLESS), limits=Limits(cpu_s=600, wall_s=600))
    others = [asyncio.create_task(collect(crowded.run(endless))) for _ in range(cores)]
    await asyncio.sleep(1)
    found = await repeated(rounds, lambda: first_step_s(crowded))
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return found


def gone_s(level: str) -> float:
    """Give the seconds from kill -9 of a service to the end of all that it started.

    Its run ignores all signals that can be ignored.
    """
    command = [sys.executable, __file__, "--hold", "--level", level]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        service.stdout.readline()
        family = started_by(service.pid)
        assert family
        service.kill()
        start = time.perf_counter()
        while any(is_there(pid) for pid in family):
            time.sleep(0.001)
        return time.perf_counter() - start


def is_there(pid: int) -> bool:
    """Tell whether a process is more than an entry of the kernel's list."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def hold(sandbox: Sandbox) -> None:
    """Run what ignores all signals, say so, and wait."""
    deaf = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\n"
    async for event in sandbox.run(job(deaf + SLEEPING)):
        if isinstance(event, StepRecorded):
            print("running", flush=True)


async def runs_a_second(sandbox: Sandbox, runs: int) -> float:
    """Give how many runs of ten steps are done in a second when all are asked for at once."""
    start = time.perf_counter()
    results = await asyncio.gather(*[collect(sandbox.run(job(steps=10))) for _ in range(runs)])
    assert all(each.finished for each in results)
    return runs / (time.perf_counter() - start)


async def kill_s(sandbox: Sandbox) -> float:
    """Give the seconds from giving up a run to its process being gone."""
    stream = sandbox.run(job(SLEEPING))
    async for event in stream:
        if isinstance(event, StepRecorded):
            break
    start = time.perf_counter()
    await stream.aclose()
    return time.perf_counter() - start


def started_by(pid: int) -> list[int]:
    """Give the processes that a process has started, and those that they have."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, thread.read_text().split()):
            found += [child, *started_by(child)]
    return found


def memory_mb() -> float:
    """Give the proportional set size of everything that this process has started."""
    total = 0
    for pid in started_by(os.getpid()):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue  # It has just ended.
        total += int(text.partition("\nPss:")[2].split()[0])
    return total / 1024


async def idle_run_mb(sandbox: Sandbox) -> float:
    """Give the memory that one more run adds, when its model only waits."""
    await asyncio.sleep(1)
    before = memory_mb()
    async with aclosing(sandbox.run(job(SLEEPING))) as events:
        async for event in events:
            if isinstance(event, StepRecorded):
                break
        await asyncio.sleep(1)
        return memory_mb() - before


async def asking_s(sandbox: Sandbox, questions: str, rounds: int) -> float:
    """Give the median seconds of an answer of a host that answers at once."""
    source = ASKING.replace("{rounds}", str(rounds)).replace("{questions}", questions)
    limits = Limits(questions=10_000_000)
    result = await collect(sandbox.run(replace(job(source), limits=limits), host=Echo()))
    return float(result.model["energy"][1])


async def kill_asking_s(sandbox: Sandbox) -> float:
    """Give the seconds from giving up a run that waits for its host to its process being gone."""
    source = ASKING.replace("{rounds}", "1").replace("{questions}", "[1]")
    run = asyncio.create_task(collect(sandbox.run(job(source), host=Echo(delay_s=60))))
    await asyncio.sleep(0.1)
    start = time.perf_counter()
    run.cancel()
    await asyncio.wait((run,))
    return time.perf_counter() - start


def looking_s(rounds: int = 100_000) -> float:
    """Give the seconds that a run spends in each step to look whether anything is asked of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        inbox = Inbox(theirs.fileno())
        start = time.perf_counter()
        for _ in range(rounds):
            inbox.poll()
        return (time.perf_counter() - start) / rounds


async def computing_s(sandbox: Sandbox) -> float:
    """Give the processor seconds of one step that only computes, as the model measures them."""
    result: RunResult = await collect(sandbox.run(job(COMPUTING)))
    return float(result.model["energy"][1])


async def repeated(rounds: int, measure: Callable[[], Awaitable[float]]) -> list[float]:
    """Give sorted measurements."""
    return sorted([await measure() for _ in range(rounds)])


async def measure(sandbox: Sandbox, level: str, rounds: int) -> dict[str, float]:
    """Give every measurement by the name of its goal."""
    start = time.perf_counter()
    new = ProcessSandbox(sandbox.report, Launcher(LEVELS[level]).start)
    await collect(new.run(job()))
    ready = time.perf_counter() - start
    del new
    cold = statistics.median(cold_s() for _ in range(5))
    await collect(sandbox.run(job()))
    first = await repeated(rounds, lambda: first_step_s(sandbox))
    busy = await busy_first_steps_s(sandbox, level, rounds)
    idle = await idle_run_mb(sandbox)
    kills = await repeated(rounds // 2, lambda: kill_s(sandbox))
    free = make_sandbox("none")
    kills_asking = await repeated(rounds // 2, lambda: kill_asking_s(sandbox))
    pairs = [(await computing_s(sandbox), await computing_s(free)) for _ in range(7)]
    return {
        "python model.py": cold * 1e3,
        "first step, p50": statistics.median(first) * 1e3,
        "first step, p95": first[int(0.95 * len(first))] * 1e3,
        "first step, all cores busy, p95": busy[int(0.95 * len(busy))] * 1e3,
        "first step / python model.py": statistics.median(first) / cold,
        "short runs in a second": await runs_a_second(sandbox, 3 * rounds),
        "memory that a run adds (PSS)": idle,
        "kill to reaped, p95": kills[int(0.95 * len(kills))] * 1e3,
        "service killed to all gone, max": max(gone_s(level) for _ in range(5)) * 1e3,
        "zygote ready": ready,
        "confined / unconfined, computing": min(a for a, _ in pairs) / min(b for _, b in pairs),
        "question and answer, p50": 1e3 * await asking_s(sandbox, "[1]", 50 * rounds),
        "1,000 questions at once, p50": 1e3 * await asking_s(sandbox, MANY_QUESTIONS, rounds),
        "killed while it asks, p95": kills_asking[int(0.95 * len(kills_asking))] * 1e3,
        "looking for orders in a step": 1e6 * min(looking_s() for _ in range(5)),
    }


def main() -> int:
    """Print each measurement beside its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--level", choices=LEVELS, default=None)
    parser.add_argument("--hold", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sandbox = make_sandbox(arguments.level or "auto")
    if not sandbox.report.available:
        print(sandbox.report.reason)
        return 1
    if arguments.hold:
        asyncio.run(hold(sandbox))
    level = sandbox.report.level
    print(f"level {level}, load {os.getloadavg()[0]:.1f}")
    for name, value in asyncio.run(measure(sandbox, level, arguments.rounds)).items():
        print(f"{name:34} {value:9.2f}   goal: {GOALS.get(name, '-')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
