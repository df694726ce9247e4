"""A run from start to end: what is recorded, when it ends, what is left behind."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

import pytest

import abm_quant
from abm_quant.contracts.code import SourceSpan
from abm_quant.contracts.events import (
    RunFailed,
    RunFinished,
    RunStarted,
    StepRecorded,
    run_event,
)
from abm_quant.contracts.jobs import Limits, Record, SandboxReport
from abm_quant.errors import BadRequest, SandboxUnavailable
from abm_quant.running.admission import Admission
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.warm import Launcher
from sandboxed import (
    WALKERS,
    bundle,
    confined,
    descendants,
    ended,
    events,
    program,
    result,
    running,
    walkers,
)


async def test_an_honest_run_is_recorded_from_step_0_to_its_own_end() -> None:
    told = await events(walkers())
    assert isinstance(told[0], RunStarted)
    assert (told[0].seed, told[0].steps, told[0].sandbox.level) == (7, 8, "full")
    recorded = [event for event in told if isinstance(event, StepRecorded)]
    assert [event.step for event in recorded] == list(range(9))
    assert all(event.model["Walker.count"] == 5 for event in recorded)
    for event in recorded:
        energies = event.agents["Walker"].attributes["energy"]
        assert event.agents["Walker"].id == [1, 2, 3, 4, 5]
        assert event.model["Walker.energy.mean"] == pytest.approx(sum(energies) / 5)
    assert told[-1] == RunFinished(steps=8, stop_reason="max-steps")


async def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = """
    import random
    import numpy

    class Thing:
        pass

    def start(model):
        things = [Thing() for _ in range(500)]
        for number, thing in enumerate(things):
            thing.number = number
        by_hash = [thing.number for thing in set(things)]
        words = list({"wolf", "sheep", "grass", "hunter", "fox"})
        return [random.random(), float(numpy.random.random()), words, by_hash[:20]]
    """
    for job in (walkers(), program(code)):
        first, second = [
            [run_event.dump_json(event) for event in await events(job)] for _ in range(2)
        ]
        assert first == second


async def test_another_seed_gives_another_run() -> None:
    one, other = await result(walkers(seed=1, steps=1)), await result(walkers(seed=2, steps=1))
    assert one.model["Walker.energy.mean"] != other.model["Walker.energy.mean"]


async def test_the_run_ends_at_the_number_of_steps_that_was_asked_for() -> None:
    outcome = await result(walkers(steps=3))
    assert (outcome.steps, outcome.stop_reason) == (3, "steps")
    assert len(outcome.model["Walker.count"]) == 4
    nothing = await result(walkers(steps=0))
    assert (nothing.steps, len(nothing.model["Walker.count"])) == (0, 1)


async def test_a_run_takes_no_more_steps_than_its_limit() -> None:
    outcome = await result(walkers(limits=Limits(steps=2)))
    assert (outcome.steps, outcome.stop_reason) == (2, "steps")


async def test_parameters_reach_the_model() -> None:
    outcome = await result(walkers(parameters={"walker_count": 3}, steps=1))
    assert outcome.model["Walker.count"] == [3, 3]


async def test_a_job_that_cannot_run_is_refused_before_anything_starts() -> None:
    with pytest.raises(BadRequest, match="walker_count"):
        await events(walkers(parameters={"wolves": 3}))


async def test_an_exception_is_placed_in_the_specification() -> None:
    source = WALKERS.replace(
        "self.energy += self.random.gauss(0, 1)",
        "self.energy = 1 / (self.model.tick - 3)",
    )
    line = 1 + source.splitlines().index("        self.energy = 1 / (self.model.tick - 3)")
    span = SourceSpan(
        file="model.py",
        first_line=line - 2,
        last_line=line,
        path="/agents/0/0/agentBehaviors/0",
        label="Walker.act",
    )
    outcome = await result(walkers(bundle=bundle(source, "Walkers", source_map=(span,))))
    assert (outcome.failure, outcome.steps, outcome.stop_reason) == ("exception", 2, None)
    (problem,) = outcome.problems
    assert (problem.code, problem.path) == ("run-failed", "/agents/0/0/agentBehaviors/0")
    for part in ("ZeroDivisionError", "Walker.act", "step 3", f"Line {line}", "model.tick - 3"):
        assert part in problem.message
    assert "divisor" in problem.hint
    assert len(outcome.model["Walker.count"]) == 3


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def act(model):\n    raise SystemExit(3)", "SystemExit: 3"),
        ("def act(model):\n    raise KeyboardInterrupt", "KeyboardInterrupt, in step 1"),
        ("def act(model):\n    act(model)", "RecursionError"),
        ("def act(model:\n    pass", "SyntaxError"),
    ],
)
async def test_whatever_is_raised_is_an_event(code: str, expected: str) -> None:
    outcome = await result(program(code))
    assert outcome.failure == "exception"
    assert expected in outcome.problems[-1].message


async def test_leaving_the_process_is_a_crash_that_is_named() -> None:
    outcome = await result(program("import os\ndef act(model):\n    os._exit(0)"))
    assert outcome.failure == "crash"
    assert "exit status 0" in outcome.problems[-1].message


async def test_print_comes_back_in_order_and_bounded() -> None:
    told = await events(program("def act(model):\n    print('tick', model.tick)", steps=2))
    kinds = [event.type for event in told]
    assert kinds[1:] == [
        "step-recorded",
        "text-printed",
        "step-recorded",
        "text-printed",
        "step-recorded",
        "run-finished",
    ]
    outcome = await result(program("def act(model):\n    print('x' * 10**6)"))
    assert 100_000 <= len(outcome.printed) < 100_200
    assert "only the first 100,000 characters" in outcome.printed


async def test_values_without_json_form_are_recorded_as_text_and_noticed_once() -> None:
    code = """
    def act(model):
        return [{1}, float("nan"), {2}][model.tick - 1]
    """
    outcome = await result(program(code, steps=3))
    assert outcome.model["value"] == [None, "{1}", None, "{2}"]
    assert [problem.code for problem in outcome.problems] == ["value-not-json"]


async def test_agents_of_a_large_population_come_in_one_event() -> None:
    job = walkers(parameters={"walker_count": 12_000}, steps=1, record=Record(agents_a_step=12_000))
    outcome = await result(job)
    assert outcome.agents["Walker"]["id"] == [*range(1, 12_001)] * 2
    assert outcome.agents["Walker"]["step"] == [0] * 12_000 + [1] * 12_000


async def test_lazy_libraries_can_still_be_imported() -> None:
    code = """
    def act(model):
        import scipy.stats, zoneinfo, xml.dom.minidom, networkx
        graph = networkx.watts_strogatz_graph(20, 4, 0.1, seed=1)
        return [scipy.stats.norm.cdf(0), sum(networkx.pagerank(graph).values())]
    """
    outcome = await result(program(code))
    assert outcome.model["value"][1] == pytest.approx([0.5, 1.0])


async def test_a_cancelled_iterator_leaves_no_process_and_no_folder() -> None:
    code = "import os, time\ndef start(model):\n    return os.getcwd()\n"
    sleeper = program(code + "def act(model):\n    time.sleep(60)")
    async with aclosing(confined().run(sleeper)) as stream:
        await anext(stream)
        name = Path((await anext(stream)).model["value"]).name
        (folder,) = Path(tempfile.gettempdir()).glob(f"abm-run-*/{name}")
        assert len(running()) == 1
        started = time.monotonic()
    assert time.monotonic() - started < 1
    assert running() == []
    assert not folder.exists()


async def test_a_cancelled_task_leaves_no_process() -> None:
    sleeper = program("import time\ndef act(model):\n    time.sleep(60)")
    task = asyncio.create_task(events(sleeper))
    while not running():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert running() == []


async def test_no_more_runs_at_once_than_there_are_slots() -> None:
    sandbox = ProcessSandbox(
        confined().report, Launcher(LEVELS["full"]).start, admission=Admission(at_once=1)
    )
    counts: list[int] = []

    async def follow() -> None:
        async for _ in sandbox.run(walkers(steps=2)):
            counts.append(len(running()))

    await asyncio.gather(follow(), follow())
    assert max(counts) == 1


async def test_a_sandbox_that_is_not_available_refuses_before_the_first_event() -> None:
    report = SandboxReport(level="kernel", available=False, reason="no Landlock here")
    with pytest.raises(SandboxUnavailable, match="no Landlock here"):
        await events(walkers(), ProcessSandbox(report, Launcher(LEVELS["full"]).start))


async def test_a_process_that_cannot_be_started_is_said_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SandboxUnavailable, match="No such file"):
        await events(walkers(), ProcessSandbox(confined().report, Launcher(LEVELS["full"]).start))


async def test_the_limit_behind_a_failure_is_named_with_the_way_to_raise_it() -> None:
    limits = Limits(wall_s=0.3)
    told = await events(program("import time\ndef act(model):\n    time.sleep(60)", limits=limits))
    last = told[-1]
    assert isinstance(last, RunFailed)
    assert (last.reason, last.problem.code) == ("wall", "limit-exceeded")
    assert "0.3 seconds (wall_s)" in last.problem.message
    assert "ABM_LIMIT_WALL_S" in last.problem.hint


def test_nothing_outlives_the_service(tmp_path: Path) -> None:
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    paths = os.pathsep.join(
        [str(Path(abm_quant.__file__).parents[1]), str(Path(__file__).parents[2])]
    )
    service = subprocess.Popen(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with service:
        assert service.stdout is not None
        service.stdout.readline()
        family = descendants(service.pid)
        service.kill()
    assert len(family) == 4  # the keeper, the template, the run, and the next one
    assert ended(family)


SERVICE = """
import asyncio
from sandboxed import confined, program

async def serve():
    code = "import signal, time\\ndef act(model):\\n"
    code += "    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))\\n    time.sleep(60)"
    async for event in confined().run(program(code)):
        if event.type == "step-recorded":
            await asyncio.sleep(0.2)
            print("running", flush=True)

asyncio.run(serve())
"""
