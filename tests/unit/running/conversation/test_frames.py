"""Frames and notes are read as if an enemy had sent them."""

import json
from typing import Any

import pytest

from abm_quant.contracts.events import FrameRecorded
from abm_quant.contracts.jobs import Record
from abm_quant.running.child import ProtocolBroken
from abm_quant.running.conversation.frames import Frames
from abm_quant.running.conversation.messages import Listener
from sandboxed import walkers

STEP = {"type": "steps", "first": 0, "count": 1, "model": {}}
COLUMNS = {
    "total": 2,
    "id": [1, 2],
    "x": [0, 1.5],
    "y": [None, 2],
    "attributes": {"mood": ["a", 3]},
}
GRID = {"kind": "grid", "width": 3, "height": 3}
FRAME = {"type": "frame", "step": 0, "space": GRID, "agents": {"Walker": COLUMNS}, "network": None}
NETWORK = {"nodes": [1, 2], "from": [1], "to": [2]}
ON_NODES = {"total": 2, "id": [1, 2], "node": [1, None], "attributes": {}}


def listener(*messages: dict[str, Any], **record: Any) -> Listener:
    """Give a listener that has read step 0 and some messages."""
    job = walkers(steps=3, record=Record(**({"frames_every": 1} | record)))
    made = Listener(job, Frames(job).replies)
    for message in (STEP, *messages):
        made.read(json.dumps(message).encode())
    return made


def test_an_honest_frame_is_believed() -> None:
    (event,) = listener().read(json.dumps(FRAME).encode())
    assert isinstance(event, FrameRecorded)
    assert event.agents["Walker"].x == [0, 1.5]
    assert event.agents["Walker"].attributes == {"mood": ["a", 3]}


def test_the_links_of_a_network_are_read_as_pairs() -> None:
    space = {"kind": "network", "width": None, "height": None}
    frame = FRAME | {"space": space, "network": NETWORK, "agents": {"Walker": ON_NODES}}
    (event,) = listener().read(json.dumps(frame).encode())
    assert isinstance(event, FrameRecorded)
    assert event.space.links == [(1, 2)]
    assert event.agents["Walker"].node == [1, None]


def changed(**changes: Any) -> dict[str, Any]:
    """Give a frame with other columns."""
    return FRAME | {"agents": {"Walker": COLUMNS | changes}}


@pytest.mark.parametrize(
    "message",
    [
        FRAME | {"step": 1},
        FRAME | {"step": True},
        FRAME | {"space": None},
        FRAME | {"space": GRID | {"kind": "moon"}},
        FRAME | {"space": GRID | {"kind": ["grid"]}},
        FRAME | {"space": GRID | {"width": "3"}},
        FRAME | {"space": GRID | {"height": True}},
        FRAME | {"agents": []},
        FRAME | {"agents": {"Walker": []}},
        FRAME | {"agents": {str(n): COLUMNS for n in range(501)}},
        changed(total=1),
        changed(total=2.0),
        changed(id=[1, "2"]),
        changed(id=[1, True]),
        changed(id=[1]),
        changed(x=[1]),
        changed(x="12"),
        changed(x=[1, "2"]),
        changed(y=[[1], 2]),
        changed(attributes=[]),
        changed(attributes={"mood": ["a"]}),
        changed(attributes={"mood": "ab"}),
        changed(attributes={str(n): [1, 2] for n in range(1_001)}),
        FRAME | {"space": GRID | {"kind": "network"}},
        *(
            FRAME
            | {"space": GRID | {"kind": "network"}, "agents": {"Walker": ON_NODES}}
            | {"network": network}
            for network in (
                [],
                NETWORK | {"from": []},
                NETWORK | {"to": "2"},
                NETWORK | {"nodes": list(range(10_001))},
                NETWORK | {"from": [1] * 20_001, "to": [1] * 20_001},
            )
        ),
        {"type": "bounded", "what": "truth"},
        {"type": "bounded", "what": ["agents"]},
        {"type": "bounded", "what": "sample", "agent_type": "A", "kept": "1", "of": 2},
        {"type": "bounded", "what": "links", "nodes": 1},
    ],
)
def test_a_forged_frame_or_note_breaks_the_protocol(message: dict[str, Any]) -> None:
    with pytest.raises(ProtocolBroken):
        listener().read(json.dumps(message).encode())


@pytest.mark.parametrize(
    ("record", "before"),
    [
        ({"frames_every": None}, ()),
        ({"most_agents": 1}, ()),
        ({}, (FRAME,)),
        ({"frames_every": 2}, ({**STEP, "first": 1},)),
    ],
)
def test_frames_that_nobody_asked_for_break_the_protocol(
    record: dict[str, Any], before: tuple[dict[str, Any], ...]
) -> None:
    frame = FRAME | {"step": len(before) if "first" in str(before) else 0}
    with pytest.raises(ProtocolBroken):
        listener(*before, **record).read(json.dumps(frame).encode())


def test_endless_notes_break_the_protocol() -> None:
    note = {"type": "bounded", "what": "frames"}
    with pytest.raises(ProtocolBroken):
        listener(*[note] * 1_001)
