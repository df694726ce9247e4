"""Watching a run as server-sent events: what is sent, and from where it goes on."""

import json

import pytest

from abm_quant.api.examples import SPECIFICATION

RUNS = "/api/v1/runs"
WAIT = {"Prefer": "wait=60"}


def events_in(text: str) -> list[dict[str, str]]:
    """Give the fields of each server-sent event; comments are left out."""
    found = []
    for block in text.split("\r\n\r\n"):
        lines = [line for line in block.split("\r\n") if line and not line.startswith(":")]
        if lines:
            found.append(dict(line.split(": ", 1) for line in lines))
    return found


@pytest.fixture(scope="module")
def done(client):
    body = {"model": SPECIFICATION, "steps": 5, "seed": 7}
    return client.post(RUNS, json=body, headers=WAIT).json()


def watched(client, run, after: int | None = None) -> list[dict[str, str]]:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    answer = client.get(run["links"]["events"], headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    return events_in(answer.text)


def test_a_run_is_told_from_its_first_event_to_its_last(client, done):
    status, *events = watched(client, done)
    assert status.keys() == {"event", "data"}
    assert json.loads(status["data"])["type"] == status["event"] == "run-status"
    assert json.loads(status["data"])["run"] == client.get(done["links"]["self"]).json()
    assert [each["id"] for each in events] == [str(number) for number in range(1, 9)]
    told = [json.loads(each["data"]) for each in events]
    assert [each["type"] for each in told] == [each["event"] for each in events]
    assert [str(each["id"]) for each in told] == [each["id"] for each in events]
    assert told[0]["type"] == "run-started"
    series = [each["model"]["Coin.heads.true"] for each in told[1:-1]]
    assert series == done["result"]["model"]["Coin.heads.true"]
    assert told[-1] == {"id": 8, "type": "run-finished", "steps": 5, "stopReason": "steps"}


@pytest.mark.parametrize("after", [0, 1, 4, 7])
def test_a_client_goes_on_where_it_was(client, done, after):
    whole = watched(client, done)
    assert watched(client, done, after)[1:] == whole[1 + after :]
    answer = client.get(done["links"]["events"], params={"from": after})
    assert events_in(answer.text)[1:] == whole[1 + after :]


def test_the_header_wins_since_a_browser_reconnects_to_the_same_address(client, done):
    answer = client.get(done["links"]["events"], params={"from": 2}, headers={"Last-Event-ID": "6"})
    assert [each.get("id") for each in events_in(answer.text)] == [None, "7", "8"]


def test_a_client_that_has_everything_is_told_to_stay_away(client, done):
    answer = client.get(done["links"]["events"], headers={"Last-Event-ID": "8"})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 16, "٣"])
def test_what_is_no_id_is_refused(client, done, text):
    answer = client.get(done["links"]["events"], params={"from": text})
    assert answer.status_code == 422
    assert "`from` must be the id of an event" in answer.json()["detail"]


def test_asking_for_the_headers_alone_does_not_stream(client, done):
    answer = client.head(done["links"]["events"])
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_unknown_run_is_not_found(client):
    for run_id in ("x", "00000000-0000-7000-8000-000000000000"):
        answer = client.get(f"{RUNS}/{run_id}/events")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_cancelled_run_ends_with_an_event(client):
    spec = json.loads(json.dumps(SPECIFICATION))
    behavior = spec["agents"][0][0]["agentBehaviors"][0]
    behavior["code"] = "def flip(self):\n    while True:\n        pass"
    run = client.post(RUNS, json={"model": spec, "seed": 1}).json()
    client.delete(run["links"]["self"])
    last = json.loads(watched(client, run)[-1]["data"])
    assert (last["type"], last["reason"]) == ("run-failed", "cancelled")


def test_a_run_that_breaks_ends_with_its_problem(client):
    spec = json.loads(json.dumps(SPECIFICATION))
    spec["agents"][0][0]["agentBehaviors"][0]["code"] = "def flip(self):\n    self.heads = 1 / 0"
    run = client.post(RUNS, json={"model": spec, "seed": 1}, headers=WAIT).json()
    last = json.loads(watched(client, run)[-1]["data"])
    assert (last["type"], last["reason"]) == ("run-failed", "exception")
    assert "ZeroDivisionError" in last["problem"]["message"]


def test_events_outlive_the_service(clean_environment, tmp_path):
    from fastapi.testclient import TestClient

    from abm_quant.api.app import create_app
    from abm_quant.settings import load_settings

    settings = load_settings(data_dir=tmp_path)
    with TestClient(create_app(settings)) as first:
        body = {"model": SPECIFICATION, "steps": 2, "seed": 1}
        run = first.post(RUNS, json=body, headers=WAIT).json()
        before = watched(first, run)
    with TestClient(create_app(settings)) as second:
        assert watched(second, run) == before


def test_frames_come_as_they_are_asked_for(client, gallery):
    body = {
        "model": gallery("schelling-segregation"),
        "steps": 4,
        "seed": 1,
        "record": {"framesEvery": 2, "mostAgents": 7, "agents": "none"},
    }
    run = client.post(RUNS, json=body, headers=WAIT).json()
    told = [json.loads(each["data"]) for each in watched(client, run)[1:]]
    frames = [each for each in told if each["type"] == "frame-recorded"]
    assert [each["step"] for each in frames] == [0, 2, 4]
    assert frames[0]["space"]["kind"] == "grid"
    [agents] = frames[0]["agents"].values()
    assert len(agents["id"]) == len(agents["x"]) == len(agents["y"]) == 7
    assert agents["total"] > 7
    assert [each["id"] for each in told] == list(range(1, len(told) + 1))
    assert run["result"]["agents"] == {}


def test_no_frames_come_unasked(client, done):
    assert "frame-recorded" not in {each["event"] for each in watched(client, done)}
