"""Checkpoints whose bytes attack when they are read: they get what any hostile model gets, nothing."""

import json
import pickle
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest

from abm_quant.contracts.events import CheckpointTaken, RunEvent, RunFailed
from abm_quant.contracts.jobs import Limits, RunJob
from abm_quant.running.confining.levels import LEVELS
from sandboxed import confined, events, walkers

HERE = Path(__file__).parent
PROGRAMS = (
    "read_secret_file",
    "read_password_file",
    "write_outside",
    "connect_tcp",
    "start_program",
)
RUN_ALL = """
import json
opened = []
for name, source in json.loads({programs!r}).items():
    names = {{"__name__": name}}
    try:
        exec(source, names)
        names["attack"](json.loads({target!r}))
        opened.append(name)
    except OSError:
        pass
raise ValueError(f"opened: {{opened}}")
"""


class Bomb:
    """Runs code when it is unpickled."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> Any:
        return exec, (self.code,)


async def saved(level: str) -> tuple[RunJob, list[RunEvent], CheckpointTaken]:
    """Give an honest job, its events and its checkpoint."""
    job = walkers(steps=6, checkpoint_every=3)
    stream = await events(job, confined(level))
    return job, stream, next(each for each in stream if isinstance(each, CheckpointTaken))


async def continued(job: RunJob, taken: CheckpointTaken, state: bytes, level: str) -> RunEvent:
    """Give the end of a run that is continued from other bytes than those of its checkpoint."""
    checkpoint = taken.checkpoint.model_copy(update={"state": state})
    changed = RunJob(**{**vars(job), "resume": checkpoint})
    return (await events(changed, confined(level)))[-1]


@pytest.mark.parametrize("level", LEVELS)
async def test_bytes_that_attack_when_they_are_read_get_nothing(level: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key of the service")
    job, honest, taken = await saved(level)
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        target = {"secret": str(secret), "folder": str(tmp_path), "port": tcp.getsockname()[1]}
        sources = {name: (HERE / "denied" / f"{name}.py").read_text() for name in PROGRAMS}
        code = RUN_ALL.format(programs=json.dumps(sources), target=json.dumps(target))
        end = await continued(job, taken, zlib.compress(pickle.dumps(Bomb(code))), level)
    assert isinstance(end, RunFailed)
    assert "ValueError: opened: []" in end.problem.message
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]
    assert await events(job, confined(level)) == honest


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("while True: pass", "cpu"),
        ("[0] * 10**10", "memory"),
        ("import os; os._exit(0)", "crash"),
        ("import os; os.write(3, b'{}' + bytes([10])); import time; time.sleep(5)", "protocol"),
    ],
)
async def test_bytes_that_take_too_much_end_only_their_run(code: str, reason: str) -> None:
    job, honest, taken = await saved("auto")
    greedy = RunJob(**{**vars(job), "limits": Limits(cpu_s=1, memory_mb=256)})
    end = await continued(greedy, taken, zlib.compress(pickle.dumps(Bomb(code))), "auto")
    assert isinstance(end, RunFailed) and end.reason == reason
    assert await events(job, confined()) == honest


async def test_a_bomb_of_compressed_bytes_meets_the_limit_of_memory() -> None:
    job, _, taken = await saved("auto")
    small = RunJob(**{**vars(job), "limits": Limits(memory_mb=128)})
    end = await continued(small, taken, zlib.compress(bytes(3 * 10**8), 9), "auto")
    assert isinstance(end, RunFailed) and end.reason == "memory"
