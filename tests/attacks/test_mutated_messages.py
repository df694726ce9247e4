"""Messages of a child, changed at random: what is not refused becomes a result that can be told.

Whatever comes, only the exceptions that end a run may be raised, and tables keep their shape.
"""

import json
import random

import pytest

from abm_quant.contracts.events import StepRecorded, run_event
from abm_quant.contracts.jobs import Record
from abm_quant.contracts.results import RunResult, add_event
from abm_quant.running.child import ProtocolBroken, TooMuchOutput
from abm_quant.running.conversation.frames import Frames
from abm_quant.running.conversation.messages import Listener
from abm_quant.storage.tables import agent_table, csv_text, model_table
from mutations import MESSAGES, mutated
from sandboxed import walkers


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
