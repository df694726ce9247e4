"""What a run records of its agents, in the sandbox: bounded, told, and never the end of the run."""

from typing import Any

import pytest

from abm_quant.contracts.events import (
    FrameRecorded,
    RunEvent,
    RunFinished,
    RunPaused,
    RunStarted,
)
from abm_quant.contracts.jobs import Limits, Record
from abm_quant.contracts.results import RunResult, add_event
from abm_quant.running.conversation.controls import Controls
from sandboxed import WALKERS, bundle, confined, events, result, walkers


async def recorded(record: Record, **changes: Any) -> tuple[RunResult, list[FrameRecorded]]:
    """Give the result of an honest run of 50 agents, and its frames."""
    parameters = {"walker_count": 50} | changes.pop("parameters", {})
    stream: list[RunEvent] = await events(
        walkers(record=record, parameters=parameters, steps=4, **changes)
    )
    result = RunResult()
    for event in stream:
        add_event(result, event)
    return result, [event for event in stream if isinstance(event, FrameRecorded)]


async def test_without_a_wish_tracked_agents_are_recorded_and_no_frames() -> None:
    result, frames = await recorded(Record())
    assert result.agents["Walker"].keys() == {"step", "id", "energy"}
    assert result.agents["Walker"]["id"] == list(range(1, 51)) * 5
    assert not frames and not result.problems


async def test_a_sample_holds_the_same_agents_with_the_values_that_all_have() -> None:
    whole, _ = await recorded(Record())
    part, _ = await recorded(Record(agents_a_step=7))
    rows, every = part.agents["Walker"], whole.agents["Walker"]
    assert len(rows["id"]) == 7 * 5
    assert rows["id"] == rows["id"][:7] * 5
    values = dict(zip(zip(every["step"], every["id"], strict=True), every["energy"], strict=True))
    for step, identity, energy in zip(rows["step"], rows["id"], rows["energy"], strict=True):
        assert values[step, identity] == energy
    (problem,) = part.problems
    assert problem.code == "recording-bounded"
    assert "Of the 50 agents of the type 'Walker' at step 0, 7 are recorded" in problem.message
    assert part.model == whole.model


async def test_rows_are_bounded_for_a_run_and_the_run_goes_on() -> None:
    result, _ = await recorded(Record(agent_rows=120))
    assert result.finished and result.steps == 4
    assert result.agents["Walker"]["step"] == [0] * 50 + [1] * 50
    (problem,) = result.problems
    assert problem.code == "recording-bounded"
    assert problem.message.startswith("No single agents are recorded after step 1: with step 2")


@pytest.mark.parametrize("limits", [Limits(rows=130), Limits(output_mb=0.01)])
async def test_agents_never_let_a_run_meet_its_limits(limits: Limits) -> None:
    result, _ = await recorded(Record(), limits=limits, parameters={"walker_count": 300})
    assert result.finished and result.steps == 4
    assert result.agents == {}
    assert [each.code for each in result.problems] == ["recording-bounded"]


async def test_no_agents_are_recorded_where_none_are_wanted() -> None:
    result, _ = await recorded(Record(agents="none"))
    assert result.finished and result.agents == {} and not result.problems


async def test_all_attributes_are_recorded_where_they_are_wanted() -> None:
    untracked = '            agenttype_reporters={Walker: {"energy": "energy"}},\n'
    job = walkers()
    files = {"model.py": job.bundle.files["model.py"].replace(untracked, "")}
    bundle = type(job.bundle)(**{**vars(job.bundle), "files": files})
    nothing, _ = await recorded(Record(), bundle=bundle)
    assert nothing.agents == {}
    result, _ = await recorded(Record(agents="all"), bundle=bundle)
    tracked, _ = await recorded(Record())
    assert result.agents == tracked.agents


async def test_frames_come_when_they_are_due_and_say_what_they_leave_out() -> None:
    result, frames = await recorded(Record(frames_every=2, most_agents=10))
    assert [each.step for each in frames] == [0, 2, 4]
    for frame in frames:
        assert frame.space.kind == "none"
        assert frame.agents["Walker"].total == 50
        assert len(frame.agents["Walker"].id) == 10
    assert result.finished and not result.problems


async def test_frames_end_before_a_limit_is_met() -> None:
    result, frames = await recorded(Record(frames_every=1, agents="none"), limits=Limits(rows=500))
    assert result.finished and result.steps == 4
    assert [each.step for each in frames] == [0, 1]
    (problem,) = result.problems
    assert problem.code == "recording-bounded"
    assert "no frames from step 2 on" in problem.message


async def test_a_watcher_gets_a_frame_on_request_also_of_a_paused_run() -> None:
    job = walkers(steps=6)
    controls = Controls(job.bundle)
    told: list[RunEvent] = []
    async for event in confined().run(job, controls=controls):
        told.append(event)
        if isinstance(event, RunStarted):
            controls.pause()
        elif isinstance(event, RunPaused):
            controls.frame()
            controls.frame()
        elif isinstance(event, FrameRecorded):
            controls.resume()
    (frame,) = [each for each in told if isinstance(each, FrameRecorded)]
    (pause,) = [each for each in told if isinstance(each, RunPaused)]
    assert frame.step == pause.step
    assert frame.agents["Walker"].total == 5
    assert isinstance(told[-1], RunFinished)


@pytest.mark.parametrize("identity", ['f"wolf {self.unique_id}"', "10**18", "-7", "None", "0.5"])
async def test_ids_of_the_authors_own_making_end_no_run(identity: str) -> None:
    own = f"\n        self.unique_id = {identity}\n\n    def act(self):"
    source = WALKERS.replace("\n\n    def act(self):", own, 1)
    names = ("walker_count", "gain", "mode", "torus")
    job = walkers(
        bundle=bundle(source, "Walkers", parameters=names), record=Record(frames_every=1), steps=1
    )
    stream = await events(job)
    frames = [event for event in stream if isinstance(event, FrameRecorded)]
    assert isinstance(stream[-1], RunFinished)
    assert [frame.agents["Walker"].id for frame in frames] == [[-1] * 5] * 2


async def test_an_agent_whose_id_is_of_the_authors_own_making_may_break() -> None:
    source = WALKERS.replace(
        "self.energy += ", "self.unique_id = -7\n        self.energy += 1 / 0 * "
    )
    names = ("walker_count", "gain", "mode", "torus")
    broken = await result(walkers(bundle=bundle(source, "Walkers", parameters=names)))
    assert broken.failure == "exception"
    assert "ZeroDivisionError" in broken.problems[-1].message


@pytest.mark.parametrize("place", ['"home"', "5", "()", "(True, None)", "(10**400, [1])"])
async def test_places_of_the_authors_own_making_end_no_run(place: str) -> None:
    own = f"\n        self.pos = {place}\n\n    def act(self):"
    source = WALKERS.replace("\n\n    def act(self):", own, 1)
    grid = "import mesa.space\n        self.grid = mesa.space.MultiGrid(5, 5, True)"
    source = source.replace("self.tick = 0", f"self.tick = 0\n        {grid}", 1)
    names = ("walker_count", "gain", "mode", "torus")
    job = walkers(
        bundle=bundle(source, "Walkers", parameters=names), record=Record(frames_every=1), steps=0
    )
    stream = await events(job)
    (frame,) = [event for event in stream if isinstance(event, FrameRecorded)]
    assert isinstance(stream[-1], RunFinished)
    assert frame.space.kind == "grid"
    assert frame.agents["Walker"].x == frame.agents["Walker"].y == [None] * 5
