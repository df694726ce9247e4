"""Every gallery and corpus model, on every target, goes on from a checkpoint as if it had not stopped."""

from dataclasses import replace

import pytest

import corpus_runs
import gallery_runs
from abm_quant.contracts.events import CheckpointTaken, ProblemNoticed, run_event
from abm_quant.contracts.jobs import Record, RunJob
from abm_quant.resources import root
from generated_runs import TARGETS
from sandboxed import events

GALLERY = sorted(path.stem for path in (root("schemas") / "examples").glob("*.json"))
CORPUS = sorted(path.stem for path in corpus_runs.CORPUS.glob("*.json"))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", GALLERY + CORPUS)
async def test_a_continued_run_is_the_rest_of_the_whole_one(name: str, target: str) -> None:
    runs = gallery_runs if name in GALLERY else corpus_runs
    bundle = runs.compiled(name, target).bundle
    record = Record(frames_every=2, most_agents=50, agents_a_step=50)
    job = RunJob(bundle=bundle, seed=5, steps=8, record=record, checkpoint_every=3)
    whole = await events(job)
    place, taken = next(
        (n, each) for n, each in enumerate(whole) if isinstance(each, CheckpointTaken)
    )
    rest = await events(replace(job, resume=taken.checkpoint))
    expected = [run_event.dump_json(each) for each in whole[place + 1 :]]
    seen = [run_event.dump_json(each) for each in rest[1:]]
    assert len(seen) > 1 or name == "c10-bank-run"
    assert [each for each in seen if b'"checkpoint-taken"' not in each] == [
        each for each in expected if b'"checkpoint-taken"' not in each
    ]
    codes = {each.problem.code for each in whole if isinstance(each, ProblemNoticed)}
    assert not codes & {"not-checkpointed", "checkpoint-inexact"}
