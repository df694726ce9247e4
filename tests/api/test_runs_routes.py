"""Runs: performed for real, in the sandbox."""

import copy
import csv
import io
import time

import pandas as pd
import pytest

from abm_quant.api.examples import SPECIFICATION

RUNS = "/api/v1/runs"
WAIT = {"Prefer": "wait=60"}


def with_code(code: str, max_steps: int = 50) -> dict:
    spec = copy.deepcopy(SPECIFICATION)
    spec["agents"][0][0]["agentBehaviors"][0]["code"] = code
    spec["terminationCriteria"]["maxSteps"] = max_steps
    return spec


SLOW = with_code(
    "def flip(self):\n    total = 0\n    for i in range(20000):\n        total += i\n    self.heads = total > 0",
    max_steps=100000,
)


@pytest.fixture(scope="module")
def model_id(client):
    body = {"model": SPECIFICATION, "title": "Coin flips"}
    return client.post("/api/v1/models", json=body).json()["id"]


@pytest.fixture(scope="module")
def done(client, model_id):
    body = {"modelId": model_id, "steps": 5, "seed": 7, "parameters": {"bias": 1.0}}
    answer = client.post(RUNS, json=body, headers=WAIT)
    assert answer.status_code == 200, answer.text
    assert answer.headers["preference-applied"] == "wait=60"
    return answer.json()


def until_over(client, run_id: str) -> dict:
    for _ in range(600):
        run = client.get(f"{RUNS}/{run_id}").json()
        if run["status"] in ("finished", "failed", "cancelled"):
            return run
        time.sleep(0.05)
    raise AssertionError(run)


def test_waiting_gives_the_result(done, model_id):
    assert done["status"] == "finished"
    assert (done["step"], done["of"], done["seed"]) == (5, 5, 7)
    assert done["stopReason"] == "steps"
    assert done["modelId"] == model_id
    assert done["parameters"] == {"bias": 1.0}
    assert done["sandbox"]["available"] is True
    assert done["result"]["model"]["Coin.heads.true"] == [0, 20, 20, 20, 20, 20]
    assert done["result"]["seed"] == 7


def test_the_run_is_kept(client, done):
    run = client.get(done["links"]["self"]).json()
    assert {**run, "result": done["result"]} | {"ended": done["ended"]} == done
    assert client.get(RUNS).json()["items"]


def test_results_come_as_json_and_csv(client, done):
    url = done["links"]["results"]
    whole = client.get(url).json()
    assert whole == done["result"]
    assert "agents" not in client.get(url, params={"level": "model"}).json()
    text = client.get(url, params={"format": "csv"})
    assert text.headers["content-type"].startswith("text/csv")
    assert "attachment" in text.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert [row["step"] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert rows[-1]["Coin.heads.true"] == "20"


def test_agent_results_are_a_tidy_table(client):
    spec = copy.deepcopy(SPECIFICATION)
    spec["dataAnalytics"]["trackedVariables"][0]["collectionLevel"] = "agent"
    run = client.post(RUNS, json={"model": spec, "steps": 2, "seed": 1}, headers=WAIT).json()
    url = run["links"]["results"]
    text = client.get(url, params={"format": "csv", "level": "agent"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["type", "step", "id", "heads"]
    assert len(rows) == 3 * 20
    assert {row["heads"] for row in rows} == {"true", "false"}
    agents = client.get(url, params={"level": "agent"}).json()["agents"]["Coin"]
    assert len(agents["heads"]) == 60


def test_results_come_as_parquet(client, done):
    answer = client.get(done["links"]["results"], params={"format": "parquet"})
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert '-model.parquet"' in answer.headers["content-disposition"]
    frame = pd.read_parquet(io.BytesIO(answer.content))
    assert frame.set_index("step")["Coin.heads.true"].to_list() == [0, 20, 20, 20, 20, 20]


def test_agent_results_come_as_parquet(client):
    spec = copy.deepcopy(SPECIFICATION)
    spec["dataAnalytics"]["trackedVariables"][0]["collectionLevel"] = "agent"
    run = client.post(RUNS, json={"model": spec, "steps": 2, "seed": 1}, headers=WAIT).json()
    query = {"format": "parquet", "level": "agent"}
    frame = pd.read_parquet(io.BytesIO(client.get(run["links"]["results"], params=query).content))
    assert list(frame.columns) == ["type", "step", "id", "heads"]
    assert frame.groupby("step").size().to_list() == [20, 20, 20]
    assert frame["heads"].dtype == bool


def test_the_same_seed_gives_the_same_bytes(client, model_id):
    body = {"modelId": model_id, "steps": 10, "seed": 3}
    runs = [client.post(RUNS, json=body, headers=WAIT).json() for _ in range(2)]
    first, second = (client.get(each["links"]["results"]).content for each in runs)
    assert first == second
    assert runs[0]["id"] != runs[1]["id"]


def test_a_missing_seed_is_drawn_and_reported(client, model_id):
    body = {"modelId": model_id, "steps": 1}
    seeds = {client.post(RUNS, json=body, headers=WAIT).json()["seed"] for _ in range(2)}
    assert len(seeds) == 2


def test_without_waiting_the_run_goes_on_by_itself(client, model_id):
    answer = client.post(RUNS, json={"modelId": model_id, "steps": 3, "seed": 1})
    assert answer.status_code == 202
    accepted = answer.json()
    assert accepted.keys() == {"id", "status", "seed", "links"}
    assert answer.headers["location"] == accepted["links"]["self"]
    run = until_over(client, accepted["id"])
    assert (run["status"], run["step"], run["stopReason"]) == ("finished", 3, "steps")
    assert client.get(accepted["links"]["results"]).status_code == 200


def test_a_run_that_takes_longer_is_answered_before_its_end_and_can_be_cancelled(client):
    answer = client.post(RUNS, json={"model": SLOW, "seed": 1}, headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    url = answer.json()["links"]["self"]
    early = client.get(url + "/results")
    assert early.status_code == 409
    assert "of 100000" in early.json()["detail"]
    cancelled = client.delete(url).json()
    assert cancelled["status"] == "cancelled"
    assert client.get(url).json()["status"] == "cancelled"
    assert client.delete(url).json()["status"] == "cancelled"
    result = client.get(url + "/results").json()
    assert result["failure"] == "cancelled"


def test_a_model_in_the_request_is_kept(client):
    body = {"model": SPECIFICATION, "steps": 1, "seed": 1}
    run = client.post(RUNS, json=body, headers=WAIT).json()
    assert client.get(run["links"]["model"]).json()["model"] == SPECIFICATION


def test_a_model_that_breaks_says_where(client):
    code = "def flip(self):\n    self.heads = 1 / (self.model.tick - 2) > 0"
    run = client.post(RUNS, json={"model": with_code(code), "seed": 1}, headers=WAIT).json()
    assert (run["status"], run["failure"]) == ("failed", "exception")
    [found] = [each for each in run["problems"] if each["code"] == "run-failed"]
    assert "ZeroDivisionError" in found["message"]
    assert found["path"].startswith("/agents/0/0/agentBehaviors/0")
    assert len(run["result"]["model"]["Coin.count"]) == 2
    assert client.get(run["links"]["results"]).status_code == 200


def test_a_limit_can_be_lowered_and_stops_the_run(client):
    code = "def flip(self):\n    while True:\n        pass"
    body = {"model": with_code(code), "seed": 1, "limits": {"cpuS": 1, "wallS": 3}}
    run = client.post(RUNS, json=body, headers=WAIT).json()
    assert run["status"] == "failed"
    assert run["failure"] in ("cpu", "wall")
    assert run["limits"]["cpuS"] == 1


def test_a_limit_cannot_be_raised(client, model_id):
    body = {"modelId": model_id, "steps": 1, "limits": {"memoryMb": 10**6, "cpuS": 10**6}}
    run = client.post(RUNS, json=body, headers=WAIT).json()
    assert (run["limits"]["memoryMb"], run["limits"]["cpuS"]) == (512, 30)


def test_the_step_limit_holds(serve):
    client = serve(limit_steps=2)
    body = {"model": SPECIFICATION, "steps": 9, "seed": 1}
    run = client.post(RUNS, json=body, headers=WAIT).json()
    assert (run["step"], run["of"]) == (2, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameters": {"nope": 1}}, "bias"),
        ({"parameters": {"bias": "high"}}, "bias"),
        ({"parameters": {"bias": [1]}}, "`parameters/bias` must be a number, text, true or false"),
        ({"parameters": []}, "`parameters` must be an object"),
        ({"steps": -1}, "`steps`"),
        ({"steps": "many"}, "`steps` must be a whole number"),
        ({"steps": 1.5}, "`steps` must be a whole number"),
        ({"seed": -1}, "`seed`"),
        ({"seed": 2**70}, "`seed`"),
        ({"limits": {"memory": 1}}, "`limits/memory` is not a field of this request"),
        ({"limits": {"cpuS": 0}}, "`limits/cpuS` must be greater than 0"),
        ({"record": {"framesEvery": 0}}, "`record/framesEvery` must be greater than or equal to 1"),
        ({"record": {"agents": "most"}}, "`record/agents` must be 'tracked', 'none' or 'all'"),
        ({"color": "red"}, "`color` is not a field of this request"),
        ({"model": SPECIFICATION}, "exactly one of `modelId` and `model`"),
        ({"modelId": None}, "exactly one of `modelId` and `model`"),
        ({"modelId": 5}, "`modelId` must be text"),
    ],
)
def test_a_request_that_cannot_be_followed_says_why(client, model_id, change, words):
    answer = client.post(RUNS, json={"modelId": model_id, "seed": 1, **change})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("change", [{"modelId": "0" * 20}, {"target": "cobol"}])
def test_unknown_models_and_targets_are_not_found(client, model_id, change):
    answer = client.post(RUNS, json={"modelId": model_id, **change})
    assert answer.status_code == 404


def test_a_model_with_errors_is_not_run(client):
    answer = client.post(RUNS, json={"model": {"agents": []}})
    assert answer.status_code == 422
    assert answer.json()["problems"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("run_id", ["x", "0" * 36, "..%2f", "00000000-0000-7000-8000-000000000000"])
def test_an_unknown_run_is_not_found(client, method, run_id):
    answer = client.request(method, f"{RUNS}/{run_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"{RUNS}/{run_id}/results").status_code == 404


@pytest.mark.parametrize("query", [{"format": "xml"}, {"level": "planet"}])
def test_unknown_forms_of_results_are_problems(client, done, query):
    answer = client.get(done["links"]["results"], params=query)
    assert answer.status_code == 422
    assert "json" in answer.json()["detail"] or "agent" in answer.json()["detail"]


def test_more_runs_than_the_service_takes_are_refused(serve):
    client = serve(max_active_runs=1)
    first = client.post(RUNS, json={"model": SLOW, "seed": 1})
    assert first.status_code == 202
    second = client.post(RUNS, json={"model": SLOW, "seed": 2})
    assert second.status_code == 429
    assert second.headers["retry-after"]
    client.delete(first.json()["links"]["self"])
    third = client.post(RUNS, json={"model": SPECIFICATION, "steps": 1, "seed": 1}, headers=WAIT)
    assert third.status_code == 200


def test_runs_are_listed_newest_first_with_those_under_way(serve):
    client = serve()
    body = {"model": SPECIFICATION, "steps": 1, "seed": 1}
    first = client.post(RUNS, json=body, headers=WAIT).json()["id"]
    second = client.post(RUNS, json={"model": SLOW, "seed": 1}).json()["id"]
    page = client.get(RUNS, params={"limit": 1}).json()
    assert [each["id"] for each in page["items"]] == [second]
    assert page["items"][0]["status"] in ("queued", "running")
    rest = client.get(RUNS, params={"cursor": page["nextCursor"]}).json()
    assert [each["id"] for each in rest["items"]] == [first]
    client.delete(f"{RUNS}/{second}")


def test_runs_end_with_the_service_and_their_records_stay(clean_environment, tmp_path):
    from fastapi.testclient import TestClient

    from abm_quant.api.app import create_app
    from abm_quant.settings import load_settings

    settings = load_settings(data_dir=tmp_path)
    with TestClient(create_app(settings)) as client:
        run_id = client.post(RUNS, json={"model": SLOW, "seed": 1}).json()["id"]
    with TestClient(create_app(settings)) as client:
        assert client.get(f"{RUNS}/{run_id}").json()["status"] == "cancelled"


@pytest.fixture(scope="module")
def local(serve):
    client = serve(sandbox="none")
    client.base_url = "http://127.0.0.1:3001"
    return client


class TestUnconfined:
    @pytest.mark.parametrize("origin", [None, "http://localhost:8000", "http://127.0.0.1:3001"])
    def test_this_computer_may_run(self, local, origin):
        headers = {**WAIT, **({"Origin": origin} if origin else {})}
        body = {"model": SPECIFICATION, "steps": 1, "seed": 1}
        run = local.post(RUNS, json=body, headers=headers).json()
        assert run["status"] == "finished"
        assert run["sandbox"]["level"] == "none"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://example.org"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1.example.org"},
            {"Host": "rebound.example.org"},
        ],
    )
    def test_the_page_of_another_site_may_not(self, local, headers):
        answer = local.post(RUNS, json={"model": SPECIFICATION}, headers=headers)
        assert answer.status_code == 403
        assert "ABM_SANDBOX=none" in answer.json()["detail"]
