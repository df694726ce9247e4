"""Models are run and judged when they are generated, and when a client asks for it."""

import json

import pytest

from abm_quant.api.examples import SPECIFICATION
from abm_quant.verifying.table import CHECKS
from small_specs import attribute, behavior, tracked, wire

BASE = "/api/v1"


@pytest.fixture(scope="module")
def judging(serve):
    """Give an application that takes its time to judge."""
    return serve(verify_budget_s=30)


def test_a_generated_model_is_judged_and_the_verdict_is_in_the_answer(judging):
    body = {"prompt": "an SIR epidemic on a network of 100 people", "underlyingModel": "offline"}
    info = judging.post("/engines/abm-quant/generate", json=body).json()["supportingInfo"]
    verification = info["verification"]
    assert list(verification) == ["verdict", "checks", "notChecked", "runs", "seconds"]
    assert verification["verdict"].startswith("Verified against its description")
    names = [check["name"] for check in verification["checks"]]
    assert names == ["format", "references", "compiled", "imports", *CHECKS]
    made = {check["name"]: check for check in verification["checks"]}
    assert made["same-seed"]["outcome"] == made["liveness"]["outcome"] == "passed"
    assert "(seed 1)" in made["accounting"]["evidence"]
    assert verification["runs"] >= 5 and info["problems"] == []


def test_progress_says_that_the_model_is_being_verified(judging):
    body = {"prompt": "wolves and sheep", "underlyingModel": "offline"}
    headers = {"Accept": "text/event-stream"}
    answer = judging.post("/engines/abm-quant/generate", json=body, headers=headers)
    names = [line[7:] for line in answer.text.splitlines() if line.startswith("event: ")]
    assert names.index("compiling") < names.index("verifying") < names.index("done")
    told = [json.loads(line[6:]) for line in answer.text.splitlines() if '"verifying"' in line]
    quick = [name for name, kind in CHECKS.items() if kind.is_quick]
    assert [each["check"] for each in told] == [None, *quick]
    assert [each["done"] for each in told] == list(range(len(quick) + 1))
    assert {each["of"] for each in told} == {len(quick)}


def test_validate_runs_the_model_only_where_it_is_asked_to(judging):
    plain = judging.post(f"{BASE}/validate", json=SPECIFICATION).json()
    assert plain["verification"] is None
    deep = judging.post(f"{BASE}/validate?deep=true", json=SPECIFICATION).json()
    checks = {each["name"]: each["outcome"] for each in deep["verification"]["checks"]}
    assert list(checks) == list(CHECKS)
    assert checks["liveness"] == checks["sensitivity"] == checks["extremes"] == "passed"


def test_what_never_changes_is_said_with_its_reason(judging):
    still = wire(
        attributes=[attribute("energy", 5)], tracked=[tracked("agent.Walker.agentAttribute.energy")]
    )
    answer = judging.post(f"{BASE}/validate?deep=true", json=still).json()
    (problem,) = [each for each in answer["problems"] if each["severity"] == "warning"]
    assert problem["code"] == "nothing-happens"
    assert "No scheduled code assigns energy." in problem["message"]


def test_a_model_that_breaks_when_it_runs_is_an_error_at_its_place(judging):
    breaking = wire(
        behaviors=[behavior("def act(self):\n    [].pop()")],
        schedule=["agent.Walker.agentBehavior.act"],
    )
    answer = judging.post(f"{BASE}/validate?deep=true", json=breaking)
    assert answer.status_code == 422
    errors = [each for each in answer.json()["problems"] if each["severity"] == "error"]
    assert [(each["code"], each["path"]) for each in errors] == [
        ("run-failed", "/agents/0/0/agentBehaviors/0/code")
    ]


def test_without_time_nothing_is_run_and_nothing_claimed(client):
    answer = client.post(f"{BASE}/validate?deep=true", json=SPECIFICATION).json()
    verification = answer["verification"]
    assert verification["runs"] == 0
    made = {each["name"]: each["outcome"] for each in verification["checks"]}
    assert made.pop("declarations") == "passed"
    assert made["runs"] == made["liveness"] == "not-checked"
    assert "passed" not in made.values()
    body = {"prompt": "an SIR epidemic", "underlyingModel": "offline"}
    generated = client.post("/engines/abm-quant/generate", content=json.dumps(body)).json()
    names = [each["name"] for each in generated["supportingInfo"]["verification"]["checks"]]
    assert names == ["format", "references", "compiled", "imports"]
