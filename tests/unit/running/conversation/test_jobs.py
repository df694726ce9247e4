"""A job that cannot run is refused with a sentence that says what to change."""

import json
from dataclasses import replace
from typing import Any

import pytest

from abm_quant.contracts.jobs import Limits, ParameterChange
from abm_quant.errors import BadRequest
from abm_quant.running.conversation.jobs import RUNNABLE_TARGETS, check_job, job_line, steps_to_take
from abm_quant.running.inside.adapters import ADAPTERS
from sandboxed import bundle, walkers


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"parameters": {"wolves": 1}}, "no parameter 'wolves'.*gain, mode, torus, walker_count"),
        ({"parameters": {"gain": "much"}}, "'gain' is a number .1.5 by default., not 'much'"),
        ({"parameters": {"gain": True}}, "'gain' is a number"),
        ({"parameters": {"torus": 1}}, "'torus' is true or false"),
        ({"parameters": {"mode": 1}}, "'mode' is a text"),
        ({"parameters": {"gain": float("nan")}}, "finite number"),
        ({"parameters": {"gain": 10**5_000}}, "too many digits"),
        ({"parameters": {"gain": [1]}}, "a number, a text, true or false"),
        ({"changes": (ParameterChange(step=2, name="mode", value="x"),)}, "only while the model"),
        ({"changes": (ParameterChange(step=2, name="wolves", value=1),)}, "no parameter 'wolves'"),
        ({"seed": -1}, "seed -1"),
        ({"seed": 2**63}, "seed"),
        ({"seed": True}, "seed"),
        ({"steps": -1}, "0 or more"),
        ({"bundle": bundle("")}, "no model.py"),
        ({"bundle": bundle("x = 1", "not a name")}, "not the name of a class"),
        ({"bundle": replace(bundle("x = 1"), target="netlogo")}, "'netlogo' cannot be run.*mesa"),
    ],
)
def test_a_bad_job_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence):
        check_job(walkers(**changes))


@pytest.mark.parametrize(
    "parameters",
    [{}, {"gain": 2, "walker_count": 4}, {"walker_count": 4.5, "torus": False, "mode": "fast"}],
)
def test_a_good_job_passes(parameters: dict[str, Any]) -> None:
    check_job(walkers(parameters=parameters))


def test_code_that_cannot_be_parsed_is_left_to_the_run() -> None:
    check_job(walkers(bundle=bundle("def (", parameters=("a",)), parameters={"a": 1}))


@pytest.mark.parametrize(
    ("asked", "allowed", "taken"), [(None, 100, 8), (3, 100, 3), (50, 100, 8), (None, 2, 2)]
)
def test_the_smallest_number_of_steps_holds(asked: int | None, allowed: int, taken: int) -> None:
    assert steps_to_take(walkers(steps=asked, limits=Limits(steps=allowed))) == taken


def test_a_job_is_one_line_whatever_the_source_holds() -> None:
    line = job_line(walkers(bundle=bundle("# \u2028 \r\n 'x'\n")))
    assert b"\n" not in line
    assert json.loads(line)["source"] == "# \u2028 \r\n 'x'\n"


def test_every_runnable_target_has_an_adapter() -> None:
    assert set(RUNNABLE_TARGETS) == set(ADAPTERS)
