"""Each fault is found, named and explained; a model without a fault has none."""

import asyncio
from typing import Any

import pytest

from abm_quant.contracts.problems import Problem
from abm_quant.contracts.verification import Verification
from abm_quant.pipeline import compile_model
from abm_quant.verifying.judge import Judging, judge
from abm_quant.verifying.subject import Subject
from broken_models import BROKEN, DRAW, answered, epidemic, walking
from in_process import InProcess
from small_specs import behavior, function, tracked, variable, wire

GENEROUS = Judging(budget_s=40, is_deep=True)


def judged(raw: dict[str, Any], judging: Judging = GENEROUS) -> tuple[Verification, list[Problem]]:
    """Give the verification of a model, and the warnings and errors that compiling and it give."""
    made = compile_model(answered(raw))
    subject = Subject(made.spec, made.program, made.bundle, tuple(made.problems))
    found = asyncio.run(judge(subject, InProcess(), judging))
    problems = [each for each in (*made.problems, *found.problems) if each.severity != "note"]
    return found, problems


@pytest.mark.parametrize("name", BROKEN)
def test_exactly_the_fault_is_found(name: str) -> None:
    raw, code, words = BROKEN[name]
    _, problems = judged(raw)
    assert [each.code for each in problems] == [code], problems
    assert words in problems[0].message
    assert problems[0].hint


def test_every_code_of_verifying_has_a_model() -> None:
    assert {code for _, code, _ in BROKEN.values()} == {
        *("nothing-happens", "no-effect", "fires-at-once", "never-fires", "wrong-start"),
        *("not-a-number", "explodes", "out-of-domain", "not-conserved", "not-deterministic"),
        *(
            "wrong-rate",
            "seed-ignored",
            "hidden-state",
            "fails-at-extremes",
            "run-failed",
            "never-updated",
        ),
    }


def test_a_parameter_that_is_read_in_vain_is_noted() -> None:
    idle = walking(f"pace = self.model.speed\n    {DRAW}", variables=[variable("speed", 3)])
    found, problems = judged(idle)
    assert problems == []
    (note,) = [each for each in found.problems if each.code == "no-visible-effect"]
    assert note.message.startswith("speed showed no effect: with 1 and with 6 instead of 3")


def test_an_advantage_of_who_acts_first_is_noted() -> None:
    grab = """def grab(self):
    if not self.model.grabbed:
        self.model.grabbed = True
        self.model.winner = self.unique_id
"""
    early = wire(
        count=20,
        max_steps=30,
        variables=[variable("grabbed", False, "boolean"), variable("winner", 0)],
        functions=[function("def lay_out(model):\n    model.grabbed = False")],
        behaviors=[behavior(grab)],
        schedule=["globalFunction.lay_out", "agent.Walker.agentBehavior.grab"],
        tracked=[tracked("globalVariable.winner")],
    )
    found, problems = judged(early)
    (note,) = [each for each in found.problems if each.code == "order-dependent"]
    assert "winner" in note.message and "seeds 1 to 6" in note.message
    assert [each.code for each in problems] == []


def test_a_model_that_works_passes_every_check() -> None:
    found, problems = judged(epidemic())
    assert problems == []
    assert {each.outcome for each in found.checks} <= {"passed", "not-applicable"}
    assert found.passed and found.verdict.startswith("Verified against its description")
