"""Messages of a child, and copies of them that are changed at random."""

import json
import random
from collections.abc import Iterator
from typing import Any

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
