"""A run is saved and continued as if nothing had happened, or it is said why that cannot be."""

import json
from dataclasses import replace
from typing import Any

import pytest

from abm_quant.contracts.events import (
    CheckpointTaken,
    ProblemNoticed,
    RunEvent,
    RunFailed,
    RunFinished,
    RunPaused,
    RunStarted,
    StepRecorded,
)
from abm_quant.contracts.jobs import Checkpoint, ParameterChange, Record, RunJob
from abm_quant.errors import BadRequest
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.confining.levels import LEVELS
from abm_quant.running.conversation.checkpoints import Checkpoints
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.conversation.messages import Listener
from abm_quant.running.process import ProcessSandbox
from abm_quant.running.warm import Launcher
from sandboxed import WALKERS, bundle, confined, events, walkers

CHAIN = """
        for one, other in zip(self.agents, list(self.agents)[1:]):
            one.friend = other
        self.datacollector = mesa.DataCollector("""


def walking(changed: dict[str, str] | None = None, **changes: Any) -> RunJob:
    """Give a job of the walkers with other code, which takes a checkpoint every three steps."""
    source = WALKERS
    for old, new in (changed or {}).items():
        assert old in source
        source = source.replace(old, new)
    names = ("walker_count", "gain", "mode", "torus")
    given: dict[str, Any] = {
        "bundle": bundle(source, "Walkers", parameters=names),
        "record": Record(frames_every=2, agents_a_step=3),
        "checkpoint_every": 3,
    }
    return walkers(**(given | changes))


def taken(stream: list[RunEvent]) -> list[Checkpoint]:
    """Give the checkpoints of a run."""
    return [each.checkpoint for each in stream if isinstance(each, CheckpointTaken)]


def after(stream: list[RunEvent], step: int) -> list[RunEvent]:
    """Give what happened after the checkpoint of a step, without checkpoints."""
    place = next(
        n
        for n, each in enumerate(stream)
        if isinstance(each, CheckpointTaken) and each.step == step
    )
    return [each for each in stream[place:] if not isinstance(each, CheckpointTaken)]


async def test_a_continued_run_goes_on_as_the_whole_one_did_also_on_a_fresh_service() -> None:
    job = walking()
    whole = await events(job)
    assert [each.step for each in taken(whole)] == [3, 6]
    report = confined().report
    fresh = ProcessSandbox(report, Launcher(LEVELS[report.level]).start)
    for sandbox in (confined(), fresh):
        for checkpoint in taken(whole):
            first, *rest = await events(replace(job, resume=checkpoint), sandbox)
            assert isinstance(first, RunStarted) and first.step == checkpoint.step
            seen = [each for each in rest if not isinstance(each, CheckpointTaken)]
            assert seen == after(whole, checkpoint.step)


async def test_checkpoints_change_nothing_in_a_run() -> None:
    with_them = await events(walking())
    without = await events(walking(checkpoint_every=None))
    assert [each for each in with_them if not isinstance(each, CheckpointTaken)] == without


async def test_a_continued_run_can_take_more_steps_than_the_first_and_no_fewer() -> None:
    (checkpoint,) = taken(await events(walking(steps=3)))
    whole = await events(walking(checkpoint_every=None))
    longer = await events(walking(resume=checkpoint, checkpoint_every=None))
    steps = [each for each in whole if isinstance(each, StepRecorded) and each.step > 3]
    assert [each for each in longer if isinstance(each, StepRecorded)] == steps
    _, end = await events(walking(resume=checkpoint, steps=3))
    assert end == RunFinished(steps=3, stop_reason="steps")
    with pytest.raises(BadRequest, match="after step 3, and the run is to end after step 2"):
        await events(walking(resume=checkpoint, steps=2))


async def test_agents_in_a_long_chain_can_be_saved() -> None:
    job = walking(
        {"\n        self.datacollector = mesa.DataCollector(": CHAIN},
        parameters={"walker_count": 20_000},
        steps=4,
    )
    whole = await events(job)
    (checkpoint,) = taken(whole)
    rest = await events(replace(job, resume=checkpoint))
    assert rest[1:] == after(whole, 3)


async def test_global_state_of_random_numbers_and_classes_is_saved() -> None:
    acting = "self.energy += self.random.gauss(0, 1)"
    code = """self.energy += random.random() + numpy.random.random() + Walker.turns
        Walker.turns += 1
        MEMORY.append(self.energy)
        self.energy += len(MEMORY)"""
    head = "import mesa\n\nimport random\nimport numpy\nMEMORY = []\n"
    job = walking(
        {acting: code, "import mesa\n": head, "    def act(": "    turns = 0\n\n    def act("}
    )
    whole = await events(job)
    checkpoint = taken(whole)[0]
    assert after(await events(replace(job, resume=checkpoint)), 6) == after(whole, 6)
    steps = [each for each in whole if isinstance(each, StepRecorded)]
    assert steps[4].model != steps[3].model


async def test_what_cannot_be_saved_is_named_and_the_run_goes_on() -> None:
    job = walking({"self.energy = ": "self.plan = (n for n in range(3))\n        self.energy = "})
    stream = await events(job)
    (notice,) = [each.problem for each in stream if isinstance(each, ProblemNoticed)][1:]
    assert notice.code == "not-checkpointed"
    assert "`plan` of Walker (generator)" in notice.message
    assert isinstance(stream[-1], RunFinished) and not taken(stream)


async def test_a_set_of_agents_is_told_since_its_order_is_lost() -> None:
    collect = "        self.datacollector.collect(self)\n        if self.tick"
    job = walking({collect: f"        self.seen = set(self.agents)\n{collect}"})
    stream = await events(job)
    notices = [each.problem.code for each in stream if isinstance(each, ProblemNoticed)]
    assert notices[1:] == ["checkpoint-inexact"]
    assert len(taken(stream)) == 2


async def test_changes_that_a_checkpoint_holds_are_not_made_again() -> None:
    changes = tuple(ParameterChange(step=n, name="gain", value=n / 2) for n in (2, 5))
    act = "self.energy += self.random.gauss(0, 1)"
    source = {
        act: "self.energy += self.model.gain",
        "self.tick = 0": "self.tick = 0; self.gain = gain",
    }
    job = walking(source, changes=changes)
    whole = await events(job)
    rest = await events(replace(job, resume=taken(whole)[0]))
    assert after(rest, 6) == after(whole, 6)


async def test_a_watcher_gets_a_checkpoint_on_request_also_when_the_run_is_to_stop() -> None:
    job = walking(checkpoint_every=None)
    whole = await events(job)
    controls = Controls(job.bundle)
    stopped: list[RunEvent] = []
    async for event in confined().run(job, controls=controls):
        stopped.append(event)
        if isinstance(event, RunStarted):
            controls.pause()
        elif isinstance(event, RunPaused):
            controls.checkpoint()
            controls.stop()
    (checkpoint,) = taken(stopped)
    assert isinstance(stopped[-1], RunFinished) and stopped[-1].stop_reason == "stopped"
    rest = await events(replace(job, resume=checkpoint))
    place = next(n for n, each in enumerate(whole) if getattr(each, "step", 0) > checkpoint.step)
    assert rest[1:] == whole[place:]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("source", "0" * 64, "another model"),
        ("target", "agentpy", "another model"),
        ("seed", 8, "another seed"),
        ("parameters", {"gain": 2.0}, "other parameters"),
        ("versions", {}, "other versions of libraries: python None (here 3."),
        ("state", b"x" * (64 * 1024**2 + 1), "larger than"),
    ],
)
async def test_a_checkpoint_of_something_else_is_refused(
    field: str, value: Any, message: str
) -> None:
    checkpoint = taken(await events(walking(steps=3)))[0]
    other = checkpoint.model_copy(update={field: value})
    with pytest.raises(BadRequest, match=message.replace("(", r"\(")):
        await events(walking(resume=other))


@pytest.mark.parametrize("cut", [0, 1, 10, -1])
async def test_a_broken_state_ends_the_run_with_a_sentence(cut: int) -> None:
    checkpoint = taken(await events(walking(steps=3)))[0]
    broken = checkpoint.model_copy(update={"state": checkpoint.state[:cut]})
    *_, end = await events(walking(resume=broken))
    assert isinstance(end, RunFailed)
    assert "The checkpoint cannot be read" in end.problem.message
    assert "from its start" in end.problem.hint


PART = {"type": "checkpoint", "step": 1, "part": 0, "of": 2, "data": "AAAA"}


def listener(*messages: dict[str, Any], every: int | None = 1) -> Listener:
    """Give a listener that has read two steps and some messages."""
    job = walking(checkpoint_every=every)
    made = Listener(job, Checkpoints(job, lambda size: None).replies)
    steps = {"type": "steps", "first": 0, "count": 2, "model": {}}
    for message in (steps, *messages):
        made.read(json.dumps(message).encode())
    return made


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ([], PART | {"step": 2}),
        ([], PART | {"step": True}),
        ([], PART | {"part": 1}),
        ([], PART | {"of": 0}),
        ([], PART | {"of": 97}),
        ([], PART | {"data": None}),
        ([], PART | {"data": "A"}),
        ([], PART | {"data": "AAAA\n"}),
        ([], PART | {"data": "ääää"}),
        ([PART], PART),
        ([PART, PART | {"part": 1}], PART),
        ([], {"type": "unsaved", "step": 1, "why": None}),
        ([], {"type": "inexact", "of": 1}),
        ([{"type": "inexact", "of": "A"}], {"type": "inexact", "of": "A"}),
    ],
)
def test_forged_checkpoints_break_the_protocol(
    before: list[dict[str, Any]], message: dict[str, Any]
) -> None:
    heard = listener(*before)
    with pytest.raises(ProtocolBroken):
        heard.read(json.dumps(message).encode())


def test_a_checkpoint_that_nobody_asked_for_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolBroken, match="nobody asked"):
        listener(PART, every=None)


def test_parts_become_one_checkpoint() -> None:
    heard = listener(PART)
    (event,) = heard.read(json.dumps(PART | {"part": 1, "data": "AQ=="}).encode())
    assert isinstance(event, CheckpointTaken)
    assert event.checkpoint.state == b"\0\0\0\1"
