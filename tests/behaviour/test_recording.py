"""What is recorded of agents, on every gallery and corpus model and target: as the frameworks do."""

import random
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

import corpus_runs
import gallery_runs
from abm_quant.compiling.rendering.project import looks
from abm_quant.contracts.jobs import Record, RunJob
from abm_quant.pipeline import Compiled
from abm_quant.resources import root
from abm_quant.running.conversation.jobs import recording_plan
from abm_quant.running.inside.adapters import ADAPTERS
from abm_quant.running.inside.recording import Recorder
from abm_quant.running.inside.reporting import Reporter
from abm_quant.running.inside.values import to_json
from generated_runs import TARGETS, module_of

GALLERY = sorted(path.stem for path in (root("schemas") / "examples").glob("*.json"))
CORPUS = sorted(path.stem for path in corpus_runs.CORPUS.glob("*.json"))
STEPS = 4
Table = dict[Any, dict[str, Any]]


def compiled(name: str, target: str) -> Compiled:
    """Give the project of a gallery or corpus model."""
    runs = gallery_runs if name in GALLERY else corpus_runs
    return runs.compiled(name, target)


def played(made: Compiled, *, by_framework: bool) -> Iterator[tuple[Any, dict[str, Table]]]:
    """Give, after each step, the model and the tracked attributes by agent type and id."""
    adapter = ADAPTERS[made.bundle.target]
    random.seed(3)
    np.random.seed(3)
    module = module_of(made.bundle.files["model.py"])
    tracking = adapter.track(lambda agent_type, ids: None)
    follow = None if by_framework else tracking.follow
    model = adapter.build(module, made.bundle.entry_point, {}, 3, follow)
    yield model, framework_tables(model) if by_framework else tables(tracking.take())
    for _ in range(STEPS):
        if not adapter.is_running(model):
            return
        adapter.step(model)
        yield model, framework_tables(model) if by_framework else tables(tracking.take())


def tables(taken: list[Any]) -> dict[str, Table]:
    """Give rows by type and id."""
    found = {}
    for table in taken:
        assert table.ids == sorted(table.ids)
        columns = table.columns.items()
        found[table.agent_type] = {
            each: {name: repr(column[place]) for name, column in columns}
            for place, each in enumerate(table.ids)
        }
    return {name: rows for name, rows in found.items() if rows}


def framework_tables(model: Any) -> dict[str, Table]:
    """Give what the framework itself has recorded last."""
    found: dict[str, Table] = {}
    if hasattr(model, "datacollector"):
        collector = model.datacollector
        records = collector._agenttype_records
        for kind, rows in records[max(records)].items() if records else ():
            names = list(collector.agenttype_reporters[kind])
            found[kind.__name__] = {
                row[1]: {name: repr(value) for name, value in zip(names, row[2:], strict=True)}
                for row in rows
            }
    else:
        for kind, logs in model._logs.items():
            if kind != model.type:
                found[kind] = {
                    each: {name: repr(log[name][-1]) for name in log if name != "t"}
                    for each, log in logs.items()
                    if log["t"][-1] == model.t
                }
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", GALLERY + CORPUS)
def test_tracked_agents_are_those_that_the_framework_records(name: str, target: str) -> None:
    made = compiled(name, target)
    mine, theirs = (played(made, by_framework=each) for each in (False, True))
    for (model, ours), (_, expected) in zip(mine, theirs, strict=True):
        assert ours == expected
        counts = ADAPTERS[target].series(model)
        agents = ADAPTERS[target].agents(model, made.bundle.lists)
        assert {
            f"{kind}.count": len(each) for kind, each in agents.items()
        }.items() <= counts.items()


class Kept:
    """Takes what a recorder reports."""

    def __init__(self) -> None:
        self.allowed: dict[str, int] = {}
        self.frames: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []

    def agents(self, step: int, table: Any) -> None:
        """Take agents."""

    def step(self, step: int, series: dict[str, Any]) -> None:
        """Take a step."""

    def send(self, message: dict[str, Any]) -> None:
        """Take a frame or a note."""
        (self.frames if message["type"] == "frame" else self.notes).append(message)


def place_of(model: Any, agent: Any) -> Any:
    """Give where the model itself says that an agent is."""
    if hasattr(model, "datacollector"):
        cell = getattr(agent, "cell", None)
        return agent.pos if cell is None else cell.coordinate
    space = next(each for name in ("grid", "network", "space") if (each := vars(model).get(name)))
    place = space.positions.get(agent)
    return getattr(place, "label", place)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", GALLERY + CORPUS)
def test_frames_show_agents_where_the_model_says_they_are(name: str, target: str) -> None:
    made = compiled(name, target)
    adapter = ADAPTERS[target]
    kept = Kept()
    job = RunJob(bundle=made.bundle, seed=3, record=Record(frames_every=2, most_agents=10**6))
    recorder: Any = Recorder(adapter, recording_plan(job), cast(Reporter, kept))
    module = module_of(made.bundle.files["model.py"])
    model = adapter.build(module, made.bundle.entry_point, {}, 3, recorder.follow)
    for step in range(3):
        recorder.record(step)
        if step % 2 == 0:
            frame = kept.frames[-1]
            assert frame["step"] == step
            assert_shown(model, frame, adapter.agents(model, made.bundle.lists), made)
        if adapter.is_running(model):
            adapter.step(model)
    assert not kept.notes


def assert_shown(
    model: Any, frame: dict[str, Any], agents: dict[str, list[Any]], made: Compiled
) -> None:
    """Assert that a frame holds every agent with its place and looks."""
    kind = frame["space"]["kind"]
    if not made.program.space.made_by_author:
        assert kind == made.program.space.kind
    assert list(frame["agents"]) == [each.name for each in made.program.agent_types]
    for agent_type, columns in frame["agents"].items():
        identity = ADAPTERS[made.bundle.target].identity
        living = sorted(agents[agent_type], key=lambda agent: getattr(agent, identity))
        assert columns["total"] == len(living)
        assert columns["id"] == [getattr(agent, identity) for agent in living]
        if kind == "network":
            assert columns["node"] == [place_of(model, agent) for agent in living]
        elif kind != "none":
            places = [place_of(model, agent) for agent in living]
            found = list(zip(columns["x"], columns["y"], strict=True))
            assert found == [(None, None) if each is None else tuple(each) for each in places]
        for attribute, values in columns["attributes"].items():
            assert values == [to_json(getattr(agent, attribute)) for agent in living]
    shown = {kind: set(columns["attributes"]) for kind, columns in frame["agents"].items()}
    for look in looks(made.program):
        assert not look.attribute or look.attribute in shown[look.type]


def test_every_kind_of_space_is_among_those_frames() -> None:
    kinds = {
        (compiled(name, target).program.space.kind, target)
        for name in GALLERY + CORPUS
        for target in TARGETS
    }
    assert kinds == {
        (kind, target) for kind in ("none", "grid", "network", "continuous") for target in TARGETS
    }
