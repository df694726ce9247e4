"""The early look at code is no boundary: without it the same programs get nothing in the sandbox.

The programs of this folder never pass through it at all: they are bundles, and what runs a bundle
does not look.
"""

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abm_quant.compiling import verify
from abm_quant.compiling.availability import ALLOWED_IMPORTS
from abm_quant.compiling.values import values
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import errors
from abm_quant.errors import InvalidModel
from abm_quant.pipeline import compile_model
from abm_quant.running.confining.levels import LEVELS
from sandboxed import confined, program, result
from small_specs import attribute, behavior, tracked, wire

DENIED = {
    file.stem: file.read_text("utf-8")
    for file in sorted((Path(__file__).parent / "denied").glob("*.py"))
}
SECRET = "the key of the service"
NOT_ALLOWED = "PermissionError"
NOT_THERE = "FileNotFoundError"
DENIALS = {
    "x = open({path!r}).read()": (NOT_THERE, NOT_ALLOWED),
    "x = np.fromfile({path!r})": (NOT_THERE, NOT_ALLOWED),
    "x = pd.read_csv({path!r})": (NOT_THERE, NOT_ALLOWED),
    "x = eval(\"__import__('os').listdir({folder!r})\")": (NOT_THERE, NOT_ALLOWED),
    "import os; x = os.fork()": (NOT_ALLOWED,),
    "import subprocess; x = subprocess.run(['true'])": (NOT_ALLOWED, NOT_THERE),
    "import socket; x = socket.create_connection(('127.0.0.1', 9))": (NOT_ALLOWED,),
    "import pathlib; x = pathlib.Path({folder!r}, 'new').write_text('')": (NOT_ALLOWED, NOT_THERE),
    "import os; os.kill(os.getppid(), 9)": (NOT_ALLOWED,),
    "import threading; threading.Thread(target=print).start()": ("RuntimeError",),
    "x = print.__self__.open({path!r}).read()": (NOT_THERE, NOT_ALLOWED),
}
"""Programs that the early look refuses, and with what they end where it is switched off."""


@pytest.fixture
def secret(tmp_path: Any) -> Iterator[Any]:
    """Give a file that no run may read, in a folder that none may write to."""
    path = tmp_path / "secret"
    path.write_text(SECRET)
    yield path
    assert path.read_text() == SECRET
    assert os.listdir(tmp_path) == ["secret"]


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch the early look off."""
    for module in (verify, values):
        monkeypatch.setattr(module, "forbidden", lambda tree, place_of, own=frozenset(): [])


def model(code: str, secret: Any) -> dict[str, Any]:
    """Give a model whose agents run a program in their first step."""
    written = code.replace("{path!r}", repr(str(secret))).replace(
        "{folder!r}", repr(str(secret.parent))
    )
    body = "\n".join(f"    {line}" for line in [*written.split("; "), "self.energy = 1"])
    return wire(
        attributes=[attribute("energy", 0)],
        behaviors=[behavior(f"def act(self):\n{body}")],
        schedule=["agent.Walker.agentBehavior.act"],
        tracked=[tracked("agent.Walker.agentAttribute.energy")],
    )


@pytest.mark.parametrize("code", DENIALS)
def test_the_early_look_refuses_it(code: str, secret: Any) -> None:
    with pytest.raises(InvalidModel) as refusal:
        compile_model(model(code, secret))
    found = errors(refusal.value.problems)
    assert {each.code for each in found} == {"forbidden-code"}
    assert all("of its code: `" in each.message and each.hint for each in found)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.usefixtures("nobody_looks")
async def test_without_the_look_it_gets_nothing_either(level: str, secret: Any) -> None:
    for code, denials in DENIALS.items():
        made = compile_model(model(code, secret))
        outcome = await result(RunJob(bundle=made.bundle, seed=1, steps=1), confined(level))
        assert not outcome.finished, code
        (found,) = outcome.problems
        assert found.code == "run-failed" and found.message.startswith(denials), (code, found)
        assert SECRET not in found.message
        assert outcome.model["Walker.energy.mean"] == [0]


async def test_the_programs_of_this_folder_never_pass_through_it(
    secret: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(*given: Any) -> None:
        raise AssertionError("a bundle that is run is not looked at")

    for module in (verify, values):
        monkeypatch.setattr(module, "forbidden", seen)
    target = {"secret": str(secret), "folder": str(secret.parent)}
    for name in ("fork", "read_secret_file", "start_program"):
        start = f"\n\ndef start(model):\n    return attack({target!r})\n"
        outcome = await result(program(DENIED[name] + start), confined())
        (found,) = outcome.problems
        assert found.message.startswith((NOT_ALLOWED, NOT_THERE)), (name, found)


def test_it_would_have_refused_most_of_them() -> None:
    place = verify.Place("")
    found = {
        name: errors(verify.forbidden(ast.parse(source), lambda line: place))
        for name, source in DENIED.items()
    }
    assert sum(map(bool, found.values())) >= 0.9 * len(DENIED)


@pytest.mark.parametrize("level", LEVELS)
async def test_what_it_allows_can_be_imported(level: str) -> None:
    names = sorted(ALLOWED_IMPORTS - {"__future__", "agentpy", "scipy"})
    job = program(f"def start(model):\n    import {', '.join(names)}\n    return 1\n")
    outcome = await result(job, confined(level))
    assert outcome.finished, json.dumps([str(each) for each in outcome.problems])
