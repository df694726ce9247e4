"""Messages of a child, changed at random: what is not refused becomes a result that can be told.

Whatever comes, only the exceptions that end a run may be raised, and tables keep their shape.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from abm_quant.contracts.events import StepRecorded, run_event
from abm_quant.contracts.jobs import Record
from abm_quant.contracts.results import RunResult, add_event
from abm_quant.running.child import ProtocolBroken, TooMuchOutput
from abm_quant.running.frames import Frames
from abm_quant.running.messages import Listener
from abm_quant.storage.tables import agent_table, csv_text, model_table
from sandboxed import walkers

NESTED: list[Any] = [[], {}, [1], [1, 2], [[1, 2]], [None], {"a": 1}, {"a": [1]}, [{}], [[], []]]
PLAIN = [None, True, False, 0, 1, -1, 2, 10**15, 10**307, -(10**307), 1.5, -0.0, 1e308]
TEXTS = ["", "x", "a b", "../x", "\0", "\u202e", "9" * 400, "network", "agents", "id", "agent.id"]
VALUES = [*NESTED, *PLAIN, *TEXTS]
WOLVES = {"total": 2, "id": [1, 2], "attributes": {"mood": ["a", "b"]}}
GRID = {"kind": "grid", "width": 3, "height": 3}
LINKS = {"nodes": [1, 2], "from": [1], "to": [2]}
MESSAGES: list[dict[str, Any]] = [
    {
        "type": "agents",
        "step": 0,
        "agent_type": "Wolf",
        "id": [1, 2],
        "attributes": {"energy": [1, 2]},
    },
    {"type": "steps", "first": 0, "count": 1, "model": {"x": [1]}},
    {
        "type": "frame",
        "step": 0,
        "agents": {"Wolf": WOLVES | {"x": [1, 2], "y": [1, 2]}},
        "space": GRID,
    },
    {
        "type": "frame",
        "step": 0,
        "agents": {"Wolf": WOLVES | {"node": [1, 2]}},
        "space": {"kind": "network", "width": None, "height": None},
        "network": LINKS,
    },
    {"type": "bounded", "what": "sample", "agent_type": "Wolf", "kept": 1, "of": 2},
    {"type": "bounded", "what": "agents"},
    {"type": "bounded", "what": "links", "nodes": 1, "links": 2},
    {"type": "printed", "text": "x"},
    {"type": "not-json", "series": "x", "kind": "set"},
    {"type": "finished", "steps": 0, "stop_reason": "steps"},
    {"type": "failed", "reason": "memory", "line": None},
    {
        "type": "failed",
        "reason": "exception",
        "line": 3,
        "exception": "E",
        "message": "m",
        "agent": {"type": "Wolf", "id": 3},
    },
]


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the places of all values in a message."""
    parts = enumerate(node) if isinstance(node, list) else node.items()
    for key, value in parts:
        yield (*place, key)
        if isinstance(value, list | dict):
            yield from places(value, (*place, key))


def mutated(message: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Give a copy with one value replaced, renamed, removed or repeated."""
    copy: dict[str, Any] = json.loads(json.dumps(message))
    *above, key = chance.choice(list(places(copy)))
    node: Any = copy
    for each in above:
        node = node[each]
    way = chance.random()
    if way < 0.6:
        node[key] = chance.choice(VALUES)
    elif way < 0.75 and isinstance(node, dict):
        node[chance.choice(["a", "id", "agent.id", "step", "\0", "y" * 2_000])] = node.pop(key)
    elif way < 0.85:
        del node[key]
    else:
        node[key] = [node[key]] * chance.randint(0, 3)
    return copy


def run_of_messages(chance: random.Random) -> RunResult:
    """Give what some messages make of a run, until one breaks it."""
    job = walkers(steps=3, record=Record(frames_every=1))
    listener, result = Listener(job, Frames(job).replies), RunResult()
    recorded = 0
    for _ in range(chance.randint(1, 8)):
        message = chance.choice([*MESSAGES, *MESSAGES[1:4] * 3])
        due = recorded - 1 if message["type"] == "frame" else recorded
        message = message | {name: due for name in ("step", "first") if name in message}
        if chance.random() < 0.5:
            message = mutated(message, chance)
        try:
            events = listener.read(json.dumps(message).encode())
        except (ProtocolBroken, TooMuchOutput):
            break
        for event in events:
            add_event(result, event)
            recorded += isinstance(event, StepRecorded)
            assert run_event.validate_json(run_event.dump_json(event)) == event
    return result


@pytest.mark.parametrize("seed", range(4))
def test_no_message_gets_further_than_it_may(seed: int) -> None:
    chance = random.Random(seed)
    steps = 0
    for _ in range(2_000):
        result = run_of_messages(chance)
        assert RunResult.model_validate_json(result.model_dump_json()) == result
        csv_text(agent_table(result))
        csv_text(model_table(result))
        steps += sum(map(len, result.model.values()))
    assert steps > 200
