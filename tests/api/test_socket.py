"""The same service over a real socket: what a client on the network sees."""

import socket
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

GENERATE = "/api/v1/engines/abm-quant/generate"
SIR = {"prompt": "an SIR epidemic on a small-world network of 500 people"}


@pytest.fixture(scope="module")
def network(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, timeout=60) as client:
        yield client


def test_from_a_sentence_to_tracked_variables(network):
    generated = network.post(GENERATE, json=SIR).json()
    assert generated["success"] is True
    body = {"modelId": generated["supportingInfo"]["modelId"], "steps": 20, "seed": 1}
    run = network.post("/api/v1/runs", json=body, headers={"Prefer": "wait=60"})
    assert run.status_code == 200, run.text
    model = run.json()["result"]["model"]
    counts = [model[name] for name in ("susceptible_count", "infected_count", "recovered_count")]
    assert {sum(step) for step in zip(*counts, strict=True)} == {500}


def test_a_body_of_51_mb_hears_the_answer(network):
    answer = network.post(GENERATE, content=b" " * (51 * 2**20))
    assert answer.status_code == 413
    assert "larger than 50 MiB" in answer.json()["message"]


def test_a_chunked_body_of_51_mb_hears_the_answer(network):
    def chunks() -> Iterator[bytes]:
        for _ in range(51):
            yield b" " * 2**20

    answer = network.post("/api/v1/compile", content=chunks())
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def raw(url: str, text: bytes) -> bytes:
    """Send bytes as they are and give what comes back."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(text)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize(
    "request_line",
    [b"GET /api/v1/models/%00 HTTP/1.1", b"GET /%ff%fe HTTP/1.1", b"POST /api/v1/runs HTTP/1.1"],
)
def test_odd_requests_get_a_problem(url, request_line):
    received = raw(url, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert received.split()[1] in (b"400", b"404")
    assert b"application/problem+json" in received
    assert b"Traceback" not in received


def test_a_client_that_leaves_does_not_disturb_others(url, network):
    host, port = url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(
        b"POST " + GENERATE.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"
    )
    connection.close()
    assert network.get("/health").json() == {"status": "ok"}


def test_a_preflight_and_an_error_carry_cors(network):
    headers = {"Origin": "http://a.example", "Access-Control-Request-Method": "POST"}
    assert network.options(GENERATE, headers=headers).status_code == 204
    assert network.get("/nowhere").headers["access-control-allow-origin"] == "*"


def test_the_service_answers_while_it_compiles(network):
    threads = [threading.Thread(target=lambda: network.post(GENERATE, json=SIR)) for _ in range(3)]
    for each in threads:
        each.start()
    slowest = 0.0
    while any(each.is_alive() for each in threads):
        started = time.perf_counter()
        assert network.get("/health").status_code == 200
        slowest = max(slowest, time.perf_counter() - started)
    assert slowest < 5
