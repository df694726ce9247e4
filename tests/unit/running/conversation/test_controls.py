"""A run does what its watcher asks, between two steps, and says from which step on."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from abm_quant.contracts.events import (
    ParameterSet,
    RunEvent,
    RunFailed,
    RunFinished,
    RunPaused,
    RunResumed,
    StepRecorded,
)
from abm_quant.contracts.jobs import Limits, ParameterChange, RunJob
from abm_quant.contracts.results import collect
from abm_quant.errors import BadRequest
from abm_quant.running.admission import Admission
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.table import make_sandbox
from abm_quant.running.warm import Launcher
from gallery_runs import compiled
from sandboxed import bundle, confined, program, result, running, walkers

TARGETS = ("mesa", "agentpy")
Act = Callable[[Controls, RunEvent], None]


def gallery(name: str, target: str, **changes: object) -> RunJob:
    """Give a job of a gallery model."""
    return RunJob(**({"bundle": compiled(name, target).bundle, "seed": 3} | changes))  # type: ignore[arg-type]


async def watched(job: RunJob, act: Act, *, controls: Controls | None = None) -> list[RunEvent]:
    """Give the events of a run, each of which is answered by asking for something."""
    controls = controls or Controls(job.bundle)
    told = []
    async for event in confined().run(job, controls=controls):
        told.append(event)
        act(controls, event)
    return told


async def as_stream(told: list[RunEvent]) -> AsyncIterator[RunEvent]:
    for event in told:
        yield event


def kinds(told: list[RunEvent]) -> list[str]:
    """Give what happened, in short: the numbers of steps, and the other events."""
    return [
        str(event.step) if isinstance(event, StepRecorded) else event.type for event in told[1:]
    ]


@pytest.mark.parametrize("target", TARGETS)
async def test_a_run_can_be_paused_stepped_and_resumed(target: str) -> None:
    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, RunPaused):
            orders = {0: controls.step, 1: lambda: controls.step(2), 3: controls.resume}
            orders[event.step]()

    job = gallery("boltzmann-wealth", target, steps=5)
    controls = Controls(job.bundle)
    controls.pause()
    told = await watched(job, act, controls=controls)
    assert kinds(told) == [
        *("0", "run-paused", "run-resumed", "1", "run-paused", "run-resumed", "2", "3"),
        *("run-paused", "run-resumed", "4", "5", "run-finished"),
    ]
    assert told[2:4] == [RunPaused(step=0), RunResumed(step=0)]
    undisturbed = await result(job)
    assert (await collect(as_stream(told))).model_dump() == undisturbed.model_dump()


@pytest.mark.parametrize("target", TARGETS)
async def test_a_stopped_run_ends_in_order_with_what_it_recorded(target: str) -> None:
    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, RunPaused):
            controls.stop()

    job = gallery("boltzmann-wealth", target, steps=50)
    controls = Controls(job.bundle)
    controls.step(3)
    told = await watched(job, act, controls=controls)
    assert told[-1] == RunFinished(steps=3, stop_reason="stopped")
    assert kinds(told)[:1] + kinds(told)[-3:] == ["0", "3", "run-paused", "run-finished"]


async def test_a_run_that_computes_can_be_stopped() -> None:
    slow = program("import time\ndef act(model):\n    time.sleep(0.05)", steps=8)

    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, StepRecorded) and event.step == 2:
            controls.stop()

    last = (await watched(slow, act))[-1]
    assert isinstance(last, RunFinished)
    assert last.stop_reason == "stopped"
    assert 2 <= last.steps < 8


@pytest.mark.parametrize("target", TARGETS)
async def test_a_parameter_that_is_set_holds_from_the_step_that_is_told(target: str) -> None:
    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, RunPaused):
            controls.set("infection_probability", 0.9)
            controls.set("recovery_probability", 0)
            controls.resume()

    job = gallery("sir-network", target, steps=12)
    controls = Controls(job.bundle)
    controls.step(4)
    told = await watched(job, act, controls=controls)
    changes = [event for event in told if isinstance(event, ParameterSet)]
    assert changes == [
        ParameterSet(step=5, name="infection_probability", value=0.9),
        ParameterSet(step=5, name="recovery_probability", value=0),
    ]
    live = await collect(as_stream(told))
    plain = await result(job)
    for name in ("infected_count", "recovered_count"):
        assert live.model[name][:5] == plain.model[name][:5]
    assert live.model["recovered_count"][4:] == [live.model["recovered_count"][4]] * 9
    assert live.model["infected_count"][12] > plain.model["infected_count"][12]


@pytest.mark.parametrize("target", TARGETS)
async def test_a_job_with_the_changes_of_a_run_repeats_it(target: str) -> None:
    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, StepRecorded) and event.step in (2, 5):
            controls.set("infection_probability", event.step / 10)

    job = gallery("sir-network", target, steps=60)
    controls = Controls(job.bundle)
    controls.speed(1_000)  # So that no step is taken before the one before it is answered.
    live = await collect(as_stream(await watched(job, act, controls=controls)))
    assert [change.value for change in live.changes] == [0.2, 0.5]
    again = await result(gallery("sir-network", target, steps=60, changes=tuple(live.changes)))
    assert again.model_dump() == live.model_dump()
    assert again.model != (await result(job)).model


async def test_changes_that_were_asked_for_before_the_start_hold_from_the_first_step() -> None:
    job = gallery("sir-network", "mesa", steps=2)
    controls = Controls(job.bundle)
    controls.set("recovery_probability", 1.0)
    outcome = await collect(confined().run(job, controls=controls))
    assert outcome.changes == [ParameterChange(step=1, name="recovery_probability", value=1.0)]
    assert outcome.model["recovered_count"][1] == outcome.model["infected_count"][0]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("luck", 1, "no parameter 'luck'"),
        ("infection_probability", "much", "is a number"),
        ("infection_probability", float("inf"), "finite"),
        ("population", 100, "only while the model is set up; start a new run"),
        ("rewiring_probability", 0.5, "only while the model is set up"),
    ],
)
def test_what_cannot_be_set_is_an_error_of_the_caller(
    target: str, name: str, value: float, sentence: str
) -> None:
    controls = Controls(gallery("sir-network", target).bundle)
    with pytest.raises(BadRequest, match=sentence):
        controls.set(name, value)


@pytest.mark.parametrize("count", [0, -1, 1.5, True])
def test_a_number_of_steps_is_1_or_more(count: int) -> None:
    with pytest.raises(BadRequest, match="1 or more"):
        Controls(walkers().bundle).step(count)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan"), "fast"])
def test_a_speed_is_above_0(speed: float) -> None:
    with pytest.raises(BadRequest, match="above 0"):
        Controls(walkers().bundle).speed(speed)


async def test_a_slow_run_takes_so_many_steps_a_second_until_it_may_be_fast_again() -> None:
    times: dict[int, float] = {}

    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, StepRecorded):
            times[event.step] = time.monotonic()
            if event.step == 5:
                controls.speed(None)

    job = walkers(steps=8, limits=Limits(wall_s=1))
    controls = Controls(job.bundle)
    controls.speed(4)
    told = await watched(job, act, controls=controls)
    assert kinds(told) == [*map(str, range(9)), "run-finished"]
    assert times[5] - times[1] > 0.8
    assert times[8] - times[6] < 0.49


async def test_a_slow_run_can_be_paused_and_stepped() -> None:
    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, StepRecorded) and event.step == 2:
            controls.pause()
        if isinstance(event, RunPaused):
            (controls.stop if event.step == 4 else lambda: controls.step(2))()

    job = walkers(steps=8)
    controls = Controls(job.bundle)
    controls.speed(50)
    told = await watched(job, act, controls=controls)
    assert kinds(told) == [
        *("0", "1", "2", "run-paused", "run-resumed", "3", "4", "run-paused", "run-finished")
    ]


async def test_no_time_goes_by_while_a_run_is_paused() -> None:
    job = walkers(steps=2, limits=Limits(wall_s=0.4))
    controls = Controls(job.bundle)
    controls.pause()

    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, RunPaused):
            asyncio.get_running_loop().call_later(0.8, controls.resume)

    assert (await watched(job, act, controls=controls))[-1] == RunFinished(
        steps=2, stop_reason="steps"
    )


async def test_the_time_of_all_pauses_is_limited() -> None:
    job = walkers(limits=Limits(pause_s=0.3))
    controls = Controls(job.bundle)
    controls.pause()

    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, RunPaused):
            asyncio.get_running_loop().call_later(0.1, controls.step)

    told = await watched(job, act, controls=controls)
    assert isinstance(told[-1], RunFailed)
    assert (told[-1].reason, told[-1].steps) == ("pause", 2)
    assert "limit of 0.3 seconds (pause_s)" in told[-1].problem.message


async def test_a_paused_run_leaves_its_place_to_another() -> None:
    sandbox = ProcessSandbox(
        confined().report, Launcher(LEVELS["full"]).start, admission=Admission(at_once=1)
    )
    paused = walkers(steps=3)
    controls = Controls(paused.bundle)
    controls.pause()
    async with aclosing(sandbox.run(paused, controls=controls)) as stream:
        async for event in stream:
            if isinstance(event, RunPaused):
                async with asyncio.timeout(10):
                    assert (await result(walkers(), sandbox)).finished
                controls.resume()
        assert isinstance(event, RunFinished)


async def test_a_child_that_does_not_pause_uses_up_its_time() -> None:
    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, StepRecorded):
            asyncio.get_running_loop().call_later(0.1, controls.pause)

    job = program("def act(model):\n    while True: pass", limits=Limits(wall_s=0.5))
    told = await watched(job, act)
    assert isinstance(told[-1], RunFailed)
    assert told[-1].reason == "wall"


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        ('{"type":"paused","step":0}', "a pause that was not asked for"),
        ('{"type":"resumed","step":0}', "going on without being asked"),
        ('{"type":"set","step":1,"name":"target","value":""}', "a change that was not asked for"),
        ('{"type":"paused","step":1}', "was not due"),
        ('{"type":"paused"}', "not of the type int"),
    ],
)
async def test_a_confirmation_of_nothing_breaks_the_protocol(sent: str, what: str) -> None:
    code = f"import os\ndef act(model):\n    os.write(3, {sent!r}.encode() + b'\\n')"
    outcome = await result(program(code))
    assert outcome.failure == "protocol"
    assert what in outcome.problems[-1].message


@pytest.mark.parametrize(
    ("lie", "found"),
    [
        (
            """os.write(3, b'{"type":"steps","first":2,"count":1,"model":{}}' + end)""",
            "a step while it was paused",
        ),
        ("while True: pass", "that it rests, while it computes"),
    ],
)
async def test_a_child_that_says_it_waits_and_goes_on_breaks_the_protocol(
    lie: str, found: str
) -> None:
    code = f"""
    import os
    import time

    def act(model):
        end = chr(10).encode()
        if model.tick == 1:
            time.sleep(0.1)  # Lets the step before be sent at once.
        if model.tick == 2:
            time.sleep(0.4)
            os.write(3, b'{{"type":"paused","step":1}}' + end)
            {lie}
            time.sleep(60)
    """

    def act(controls: Controls, event: RunEvent) -> None:
        if isinstance(event, StepRecorded) and event.step == 1:
            asyncio.get_running_loop().call_later(0.1, controls.pause)

    told = await watched(program(code, steps=3), act)
    assert kinds(told)[-2:] == ["run-paused", "run-failed"]
    assert found in told[-1].problem.message


async def test_what_is_asked_of_a_run_that_is_over_is_an_error() -> None:
    job = walkers()
    controls = Controls(job.bundle)
    await collect(confined().run(job, controls=controls))
    with pytest.raises(BadRequest, match="is over"):
        controls.pause()


async def test_only_so_many_changes_may_wait_for_a_run() -> None:
    job = program("import time\ndef act(model):\n    time.sleep(60)\n    return model.target")
    controls = Controls(job.bundle)
    async with aclosing(confined().run(job, controls=controls)) as stream:
        async for event in stream:
            if isinstance(event, StepRecorded):
                break
        with pytest.raises(BadRequest, match="not taken the changes"):
            for _ in range(2_000):
                controls.set("target", "x" * 1_000)
    assert running() == []


async def test_the_unconfined_sandbox_is_steered_as_well() -> None:
    job = walkers(steps=2)
    controls = Controls(job.bundle)
    controls.step(1)
    async with aclosing(make_sandbox("none").run(job, controls=controls)) as stream:
        told: list[RunEvent] = []
        async for event in stream:
            told.append(event)
            if isinstance(event, RunPaused):
                controls.resume()
    assert kinds(told)[-3:] == ["run-resumed", "2", "run-finished"]


def test_a_model_that_takes_attributes_by_any_name_can_be_changed_in_all() -> None:
    code = "class M:\n    def step(self):\n        return getattr(self, 'a' + 'b')"
    assert Controls(bundle(code, "M", parameters=("ab",))).live_parameters == {"ab"}


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_asked_in_whatever_order_the_numbers_stay_the_same(seed: int) -> None:
    rng = random.Random(seed)
    job = walkers()
    controls = Controls(job.bundle)
    orders = [
        *(controls.pause, controls.resume, controls.resume, controls.step),
        *(lambda: controls.step(3), lambda: controls.speed(200), lambda: controls.speed(None)),
    ]

    async def pester() -> None:
        while True:
            rng.choice(orders)()
            await asyncio.sleep(rng.choice([0, 0.0005, 0.002, 0.01]))

    pestering = asyncio.create_task(pester())
    told: list[RunEvent] = []
    async with asyncio.timeout(30):
        async for event in confined().run(job, controls=controls):
            told.append(event)
    with pytest.raises(BadRequest, match="is over"):
        await pestering
    pauses = [event.type for event in told if isinstance(event, RunPaused | RunResumed)]
    assert pauses == ["run-paused", "run-resumed"] * (len(pauses) // 2)
    assert (await collect(as_stream(told))).model_dump() == (await result(job)).model_dump()


def test_only_so_much_can_be_asked_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm_quant.running.conversation.controls._MOST_ORDERS", 2)
    controls = Controls(walkers().bundle)
    controls.pause()
    controls.resume()
    with pytest.raises(BadRequest, match="More than 2 times"):
        controls.pause()


def test_a_text_that_is_set_is_not_longer_than_what_is_recorded() -> None:
    controls = Controls(program("def act(model): return model.target").bundle)
    controls.set("target", "x" * 10_000)
    with pytest.raises(BadRequest, match="it may have 10,000"):
        controls.set("target", "x" * 10_001)
