"""What every HTTP client may count on: HEAD, Allow, and a service that stays awake."""

import time

import pytest
from fastapi.testclient import TestClient

from abm_quant.api.reading import MAX_VALUES
from abm_quant.api.routes.runs import MAX_WAIT_S, wanted_wait

BASE = "/api/v1"


@pytest.mark.parametrize("path", ["/health", "/engines", "/ready", f"{BASE}/gallery", "/nothing"])
def test_head_answers_as_get_does_without_a_body(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("content-type", "access-control-allow-origin"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (f"{BASE}/runs", "GET, HEAD, OPTIONS, POST"),
        (f"{BASE}/runs/5", "DELETE, GET, HEAD, OPTIONS"),
        ("/engines/abm-quant/generate", "OPTIONS, POST"),
    ],
)
def test_a_refused_method_lists_all_that_are_taken(
    client: TestClient, path: str, allowed: str
) -> None:
    answer = client.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_body_of_countless_values_is_refused_at_once(client: TestClient) -> None:
    body = b'{"model": [' + b"[]," * MAX_VALUES + b"[]]}"
    started = time.perf_counter()
    answer = client.post(f"{BASE}/models", content=body)
    assert time.perf_counter() - started < 1
    assert answer.status_code == 400
    assert "2,000,000 values" in answer.json()["detail"]


def test_a_wait_beyond_every_bound_is_the_longest_wait() -> None:
    assert wanted_wait("wait=99999999999") == MAX_WAIT_S


@pytest.mark.parametrize("nothing", [False, 0, None, [], {}, "", "null"])
def test_a_current_model_that_is_nothing_begins_a_new_one(
    client: TestClient, nothing: object
) -> None:
    body = {"prompt": "an SIR epidemic", "currentModel": nothing}
    assert client.post("/engines/abm-quant/generate", json=body).json()["success"] is True


def test_a_broken_engine_name_is_refused_in_the_engines_form(client: TestClient) -> None:
    answer = client.post("/engines/a%0Ab/x/generate", json={})
    assert answer.status_code == 404
    assert answer.json()["success"] is False
