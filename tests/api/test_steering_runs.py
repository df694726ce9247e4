"""Steering a run over a WebSocket: every command is answered, and no message does any harm."""

import json
import time
from collections.abc import Iterator
from socket import SHUT_RDWR

import pytest
from starlette.testclient import WebSocketDenialResponse
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from abm_quant.api.commands import MOST_A_SECOND
from abm_quant.api.examples import SPECIFICATION
from abm_quant.api.sockets import MOST_BYTES
from pausing import pausing

RUNS = "/api/v1/runs"


class Watcher:
    """A client that keeps what it hears, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict] = []

    def hear(self, kind: str, **fields) -> dict:
        """Give the next message of a type with these fields; all before it are kept."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            message = json.loads(self.socket.recv(timeout=20))
            self.heard.append(message)
            if message["type"] == kind and fields.items() <= message.items():
                return message
        raise AssertionError(self.heard)

    def ask(self, kind: str, **fields) -> dict:
        """Send a command and give its answer."""
        self.socket.send(json.dumps({"type": kind, "ref": kind, **fields}))
        while True:
            message = json.loads(self.socket.recv(timeout=20))
            self.heard.append(message)
            if message["type"].startswith("command-"):
                return message

    def events(self) -> list[dict]:
        return [each for each in self.heard if "id" in each]


@pytest.fixture
def watcher(url, run) -> Iterator[Watcher]:
    with connect(url.replace("http", "ws") + run["links"]["stream"]) as socket:
        yield Watcher(socket)


def test_the_same_events_come_as_over_http(network, url):
    run = network.post(RUNS, json={"model": pausing(0.001, 30), "seed": 1}).json()
    with connect(url.replace("http", "ws") + run["links"]["stream"]) as socket:
        status, *events = [json.loads(each) for each in socket]
        assert (socket.protocol.close_code, socket.protocol.close_reason) == (
            1000,
            "The run is over.",
        )
    assert status["type"] == "run-status"
    assert status["run"]["id"] == run["id"]
    assert [each["id"] for each in events] == list(range(1, 34))
    with connect(url.replace("http", "ws") + run["links"]["stream"] + "?from=31") as socket:
        _, *rest = [json.loads(each) for each in socket]
    assert rest == events[31:]
    text = network.get(run["links"]["events"]).text
    told = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data")]
    assert [json.loads(each) for each in told[1:]] == events


def test_a_run_is_paused_stepped_and_resumed(network, run, watcher):
    assert watcher.hear("run-status")["liveParameters"] == ["bias"]
    watcher.hear("step-recorded", step=3)
    assert watcher.ask("pause") == {
        "type": "command-accepted",
        "command": "pause",
        "ref": "pause",
    }
    at = watcher.hear("run-paused")["step"]
    assert network.get(run["links"]["self"]).json()["status"] == "paused"
    time.sleep(0.3)
    assert network.get(run["links"]["self"]).json()["step"] == at
    assert watcher.ask("step", count=3)["type"] == "command-accepted"
    assert watcher.hear("run-paused")["step"] == at + 3
    assert watcher.ask("resume")["type"] == "command-accepted"
    watcher.hear("step-recorded", step=at + 10)
    assert network.get(run["links"]["self"]).json()["status"] == "running"
    assert [each["id"] for each in watcher.events()] == list(range(1, len(watcher.events()) + 1))


def test_a_parameter_is_set_from_the_next_step_on(network, run, watcher):
    watcher.ask("set", name="bias", value=1.0)
    first = watcher.hear("parameter-set")
    assert (first["name"], first["value"]) == ("bias", 1.0)
    recorded = watcher.hear("step-recorded", step=first["step"] + 2)
    assert recorded["model"]["Coin.heads.true"] == 1
    assert watcher.ask("stop")["type"] == "command-accepted"
    assert watcher.hear("run-finished")["stopReason"] == "stopped"
    result = network.get(run["links"]["results"]).json()
    assert result["changes"] == [{"step": first["step"], "name": "bias", "value": 1.0}]
    assert network.get(run["links"]["self"]).json()["status"] == "finished"


def test_a_frame_of_a_paused_run_is_given_on_request(watcher):
    watcher.ask("pause")
    at = watcher.hear("run-paused")["step"]
    assert watcher.ask("frame")["type"] == "command-accepted"
    frame = watcher.hear("frame-recorded")
    assert frame["step"] == at
    assert len(frame["agents"]["Coin"]["id"]) == frame["agents"]["Coin"]["total"]


def test_a_run_is_slowed_down(watcher):
    watcher.ask("pause")
    at = watcher.hear("run-paused")["step"]
    assert watcher.ask("speed", stepsASecond=10)["type"] == "command-accepted"
    watcher.ask("resume")
    start = time.monotonic()
    watcher.hear("step-recorded", step=at + 6)
    assert time.monotonic() - start > 0.45
    assert watcher.ask("speed", stepsASecond=None)["type"] == "command-accepted"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The message is empty"),
        ("pause", "The message is not JSON"),
        ("[1]", "must be a JSON object, and it is an array"),
        ("{}", "`type` must be one of pause, resume, step, stop, set, speed, frame"),
        ('{"type": "explode"}', "`type` must be one of"),
        ('{"type": ["pause"]}', "`type` must be one of"),
        ('{"type": "pause", "count": 1}', "`count` is not a field"),
        ('{"type": "step", "count": 0}', "`count` must be greater than or equal to 1"),
        ('{"type": "step", "count": "many"}', "`count` must be a whole number"),
        ('{"type": "set", "value": 1}', "`name` is missing"),
        ('{"type": "set", "name": "bias"}', "`value` is missing"),
        ('{"type": "set", "name": "bias", "value": [1]}', "`value` must be a number, text, true"),
        ('{"type": "set", "name": "bias", "value": NaN}', "NaN is not a JSON value"),
        ('{"type": "set", "name": "bias", "value": 1e999}', "too large"),
        ('{"type": "set", "name": "nope", "value": 1}', "no parameter 'nope'"),
        ('{"type": "set", "name": "bias", "value": "high"}', "'bias' is a number"),
        ('{"type": "set", "name": "initial_coin_count", "value": 3}', "start a new run"),
        ('{"type": "speed"}', "`stepsASecond` is missing"),
        ('{"type": "speed", "stepsASecond": 0}', "`stepsASecond` must be greater than 0"),
        ('{"type": "pause", "ref": {}}', "`ref` must be text of at most 100 characters"),
        ('{"type": "pause", "ref": "\\ud800"}', "half of a character"),
        ("[" * 20_000, "The message is nested too deeply"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_words(watcher, text, words):
    watcher.socket.send(text)
    answer = watcher.hear("command-refused")
    assert words in answer["message"], answer
    watcher.hear("step-recorded")


def test_an_answer_names_its_command(watcher):
    answer = watcher.ask("set", name="nope", value=1, ref=7)
    assert (answer["command"], answer["ref"]) == ("set", 7)
    answer = watcher.ask("step", count="many", ref="mine")  # also where a field is wrong
    assert (answer["command"], answer["ref"]) == ("step", "mine")
    answer = watcher.ask("fly", ref=8)
    assert (answer["command"], answer["ref"]) == (None, 8)


def closing(watcher: Watcher) -> tuple[int, str]:
    """Give code and reason with which the service ends a connection."""
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            watcher.socket.recv(timeout=20)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


def test_binary_messages_end_the_connection_and_not_the_run(network, run, watcher):
    watcher.socket.send(b"\x00\xff")
    assert closing(watcher) == (1003, "Commands are text: one JSON object a message.")
    assert network.get(run["links"]["self"]).json()["status"] in ("queued", "running")


def test_messages_that_are_too_large_end_the_connection_and_not_the_run(network, run, watcher):
    watcher.socket.send(" " * (MOST_BYTES + 1))
    assert closing(watcher)[0] == 1009
    assert network.get(run["links"]["self"]).json()["status"] in ("queued", "running")


def test_too_many_messages_end_the_connection_and_not_the_run(network, run, watcher):
    with pytest.raises(ConnectionClosed):
        for _ in range(10 * MOST_A_SECOND):
            watcher.socket.send('{"type": "resume"}')
        while True:
            watcher.socket.recv(timeout=20)
    assert watcher.socket.protocol.close_code == 1008
    assert network.get(run["links"]["self"]).json()["status"] in ("queued", "running")


def test_a_watcher_that_breaks_off_changes_nothing(network, url, run):
    with connect(url.replace("http", "ws") + run["links"]["stream"]) as socket:
        socket.recv(timeout=20)
        socket.socket.shutdown(SHUT_RDWR)
    time.sleep(0.3)
    assert network.get(run["links"]["self"]).json()["status"] in ("queued", "running")


def test_a_run_that_is_over_takes_no_commands(network, url, run):
    with connect(url.replace("http", "ws") + run["links"]["stream"]) as socket:
        watcher = Watcher(socket)
        watcher.hear("step-recorded")
        network.delete(run["links"]["self"])
        assert watcher.hear("run-failed")["reason"] == "cancelled"
        assert closing(watcher) == (1000, "The run is over.")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("00000000-0000-7000-8000-000000000000/stream", 404),
        ("x/stream", 404),
        ("{id}/stream?from=x", 422),
    ],
)
def test_a_connection_that_cannot_be_made_is_refused_with_a_problem(url, run, path, status):
    with pytest.raises(InvalidStatus) as caught:
        connect(f"{url.replace('http', 'ws')}{RUNS}/{path.format(id=run['id'])}")
    response = caught.value.response
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(response.body)["status"] == status


@pytest.fixture(scope="module")
def local(serve):
    client = serve(sandbox="none")
    client.base_url = "http://127.0.0.1:3001"
    return client


@pytest.fixture(scope="module")
def stream(local):
    body = {"model": SPECIFICATION, "steps": 1, "seed": 1}
    run = local.post(RUNS, json=body, headers={"Prefer": "wait=60"}).json()
    return "ws://127.0.0.1:3001" + run["links"]["stream"]


class TestUnconfined:
    @pytest.mark.parametrize("origin", [None, "http://localhost:8000", "http://127.0.0.1:3001"])
    def test_this_computer_may_watch(self, local, stream, origin):
        headers = {"Origin": origin} if origin else {}
        with local.websocket_connect(stream, headers=headers) as socket:
            assert socket.receive_json()["run"]["status"] == "finished"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://example.org"},
            {"Origin": "null"},
            {"Host": "rebound.example.org"},
        ],
    )
    def test_the_page_of_another_site_may_not(self, local, stream, headers):
        with (
            pytest.raises(WebSocketDenialResponse) as caught,
            local.websocket_connect(stream, headers=headers),
        ):
            pass
        assert caught.value.status_code == 403
        assert "ABM_SANDBOX=none" in caught.value.json()["detail"]
