"""Judging keeps to its time, works in the real sandbox, and says what it could not check."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from abm_quant.contracts.events import RunEvent
from abm_quant.contracts.jobs import RunJob, SandboxReport
from abm_quant.contracts.progress import Verifying
from abm_quant.contracts.verification import CLAIM, Check, Verification
from abm_quant.errors import SandboxUnavailable
from abm_quant.pipeline import compile_model
from abm_quant.running.sandbox import Sandbox
from abm_quant.verifying.judge import Judging, judge, judging
from abm_quant.verifying.report import read_reports
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.table import CHECKS
from abm_quant.verifying.transitions import transitions
from broken_models import DRAW, epidemic, walking
from in_process import InProcess
from sandboxed import confined
from small_specs import behavior, variable


def subject(raw: dict[str, Any], target: str = "mesa") -> Subject:
    """Give the subject of a model."""
    made = compile_model(raw, target)
    return Subject(made.spec, made.program, made.bundle, tuple(made.problems))


def judged(of: Subject, sandbox: Sandbox | None = None, **how: Any) -> Verification:
    """Give the verification of a model."""
    return asyncio.run(judge(of, sandbox or InProcess(), Judging(**how)))


class Closed:
    """A sandbox on a machine that cannot confine code."""

    report = SandboxReport(level="kernel", available=False, reason="No Landlock here.")

    async def run(self, job: RunJob, **_: Any) -> AsyncIterator[RunEvent]:
        """Refuse."""
        raise SandboxUnavailable(self.report.reason)
        yield


def outcomes(of: Verification) -> dict[str, str]:
    """Give the outcome of each check."""
    return {check.name: check.outcome for check in of.checks}


@pytest.mark.parametrize("target", ["mesa", "agentpy"])
def test_every_check_is_made_in_the_real_sandbox(target: str) -> None:
    found = judged(subject(epidemic(), target), confined(), budget_s=60, is_deep=True)
    made = outcomes(found)
    assert list(made) == list(CHECKS)
    left_out = {"copy", "order"} & made.keys() if target == "agentpy" else set()
    assert {made[name] for name in made.keys() - left_out} <= {"passed", "not-applicable"}
    assert found.problems == []
    assert found.runs > 6


def test_a_quick_look_leaves_out_what_needs_many_runs() -> None:
    made = outcomes(judged(subject(epidemic()), budget_s=20))
    deep = {name for name, kind in CHECKS.items() if not kind.is_quick}
    assert {name for name, outcome in made.items() if outcome == "not-checked"} == deep


def test_where_nothing_can_be_run_nothing_is_claimed() -> None:
    found = judged(subject(epidemic()), Closed())
    assert outcomes(found).pop("runs") == "not-checked"
    evidence = {check.name: check.evidence for check in found.checks}
    assert evidence["runs"] == "No Landlock here."
    assert found.problems == [] and found.runs == 0


def test_a_slow_model_is_left_in_time_and_the_rest_is_said_to_be_open() -> None:
    slow = walking(f"sum(range(1_000_000))\n    {DRAW}")
    found = judged(subject(slow), budget_s=2)
    assert found.seconds < 3.5
    evidence = {check.name: check.evidence for check in found.checks}
    assert "the time for it was up; 60 were asked for" in evidence["runs"]
    assert [each.code for each in found.problems if each.severity != "note"] == []


async def test_each_check_is_told_as_it_ends() -> None:
    steps = [each async for each in judging(subject(epidemic()), InProcess(), Judging(budget_s=20))]
    first, *told, found = steps
    quick = [name for name, kind in CHECKS.items() if kind.is_quick]
    assert isinstance(found, Verification)
    assert first == Verifying(done=0, of=len(quick))
    made = [each for each in found.checks if each.name in quick]
    assert [(each.check, each.question, each.outcome) for each in told] == [
        (each.name, each.question, each.outcome) for each in made
    ]
    assert [each.done for each in told] == list(range(1, len(quick) + 1))


async def test_who_stops_listening_ends_the_runs() -> None:
    sandbox = InProcess()
    async with aclosing(judging(subject(epidemic()), sandbox, Judging(budget_s=20))) as steps:
        await anext(steps)
        await anext(steps)
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    assert not tasks


def test_more_agents_are_timed() -> None:
    found = judged(subject(epidemic()), budget_s=40, is_deep=True)
    evidence = {check.name: check.evidence for check in found.checks}
    assert evidence["scaling"].startswith("10 times as many agents ")


def test_reports_of_another_shape_are_not_believed() -> None:
    assert read_reports([{"born": 3}, "all is well"]) == []


def test_the_verdict_never_claims_more_than_was_seen() -> None:
    def verdict(*results: str) -> str:
        lines = [Check(name="a", question="b?", outcome=each, evidence="c.") for each in results]
        return Verification(checks=tuple(lines)).verdict

    assert verdict("passed", "not-applicable") == CLAIM
    assert verdict("passed", "not-checked") == f"{CLAIM} 1 check was not made."
    assert verdict("not-checked") == "Not verified: nothing could be checked."
    assert verdict("passed", "failed", "passed") == "Not verified: 1 of 3 checks failed."
    assert "validated" not in CLAIM


def test_on_the_wire_a_check_names_the_codes_of_its_problems() -> None:
    wire = judged(subject(walking(DRAW, variables=[variable("speed", 3)])), budget_s=20).wire()
    assert list(wire) == ["verdict", "checks", "notChecked", "runs", "seconds"]
    first = wire["checks"][0]
    assert first["problems"] == ["no-effect"] and first["outcome"] == "failed"
    assert list(first) == ["name", "question", "outcome", "evidence", "problems"]


@pytest.mark.parametrize(
    ("code", "parameter", "chance"),
    [
        ('if R < P:\n        self.mood = "happy"', "luck", 0.25),
        ('if R >= P:\n        return\n    self.mood = "happy"', "luck", 0.25),
        ('if R > P:\n        self.mood = "dead"', "survival", 0.75),
        ('if R < P:\n        return\n    self.mood = "dead"', "survival", 0.75),
        ('if self.mood == "sad" and R < P:\n        self.mood = "happy"', "luck", 0.25),
        ('if R > P:\n        self.mood = "happy"', "happiness", 0.25),
        ('if R < P and self.mood == "sad":\n        self.mood = "happy"', "luck", None),
        ('if R < P or R < P:\n        self.mood = "happy"', "luck", None),
        ("if R < P:\n        self.energy = 3", "luck", None),
    ],
)
def test_a_transition_is_read_with_its_probability(
    code: str, parameter: str, chance: float | None
) -> None:
    text = code.replace("R", "self.random.random()").replace("P", f"self.model.{parameter}")
    raw = walking(
        "",
        behaviors=[behavior(f"def act(self):\n    {text}")],
        variables=[variable(parameter, 0.25)],
    )
    found = transitions(subject(raw))
    assert [each.chance(0.25) for each in found] == ([] if chance is None else [chance])
