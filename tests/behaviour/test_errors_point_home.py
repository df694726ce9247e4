"""A model that breaks while it runs: the message leads to the author's own line, and to the agent."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from abm_quant.compiling.behaviors.author_lines import AuthorLine
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import Problem
from abm_quant.pipeline import compile_model
from corpus_runs import CORPUS
from sandboxed import result
from small_specs import attribute, behavior, function, variable, wire, world_behavior

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
ACT = ["agent.Walker.agentBehavior.act"]
ACTED = "/agents/0/0/agentBehaviors/0/code"


@dataclass(frozen=True)
class Break:
    """A model that breaks, and what is said of it."""

    changes: dict[str, Any]
    path: str
    says: tuple[str, ...]
    silent: tuple[str, ...] = field(default=())
    target: str = "mesa"


def acting(code: str, **changes: Any) -> dict[str, Any]:
    """Give a model whose agents do something."""
    base = {"behaviors": [behavior(code) | {"name": "act", "sourceName": ACT[0]}], "schedule": ACT}
    return base | changes


ENERGY = [attribute("energy", 3)]
BREAKS = {
    "division-by-zero": Break(
        acting(
            "def act(self):\n    # A share for each.\n    total = self.model.total\n\n"
            "    share = 1 / total\n    self.energy = share",
            attributes=ENERGY,
            variables=[variable("total", 0)],
        ),
        ACTED,
        (
            "ZeroDivisionError: division by zero in Walker.act of Walker ",
            ", in step 1. Line 5 of its code: `share = 1 / total`",
        ),
    ),
    "empty-sequence": Break(
        acting("def act(self):\n    others = []\n    self.energy = max(others)", attributes=ENERGY),
        ACTED,
        ("ValueError", "Line 3 of its code: `self.energy = max(others)`"),
    ),
    "missing-key": Break(
        acting("def act(self):\n    prices = {}\n    if prices['corn'] > 1:\n        pass"),
        ACTED,
        ("KeyError: 'corn'", "Line 3 of its code: `if prices['corn'] > 1:`"),
    ),
    "attribute-of-none": Break(
        acting(
            "def act(self):\n    friend = None\n    for n in range(2):\n"
            "        if n:\n            friend.energy += 1",
            attributes=ENERGY,
        ),
        ACTED,
        ("AttributeError", "of Walker ", "Line 5 of its code: `friend.energy += 1`"),
    ),
    "global-function": Break(
        acting(
            "def act(self):\n    self.energy = share(self.energy)",
            attributes=ENERGY,
            functions=[function("def share(amount):\n    return amount / 0")],
        ),
        "/globalFunctions/0/code",
        ("in share in the turn of Walker ", "Line 2 of its code: `return amount / 0`"),
    ),
    "initial-value": Break(
        {"attributes": [attribute("energy", "[1, 2][globalVariable.total]")]}
        | {"variables": [variable("total", 2, "integer")]},
        "/agents/0/0/agentAttributes/0",
        ("in Walker.energy of Walker 1, while the model was set up.", "of model.py"),
        ("of its code",),
    ),
    "set-up": Break(
        {
            "functions": [function("def prepare(model):\n    model.total = 1 / model.total")],
            "variables": [variable("total", 0)],
            "initialize": ["globalFunction.prepare"],
        },
        "/globalFunctions/0/code",
        ("in prepare, while the model was set up.", "Line 2 of its code: `model.total = 1"),
        ("Walker",),
    ),
    "stop-rule": Break(
        {
            "variables": [variable("total", 1, "integer")],
            "rules": [
                {
                    "sourceName": "globalVariable.total",
                    "description": "",
                    "type": "integer",
                    "value": "1 / (globalVariable.total - 1)",
                }
            ],
        },
        "/terminationCriteria/terminationRules/0",
        ("in stop rule globalVariable.total, in step 1.",),
        ("of its code", "Walker"),
    ),
    "lambda": Break(
        acting(
            "def act(self):\n    worth = lambda x: x / 0\n    ranked = sorted([2, 1], key=worth)"
        ),
        ACTED,
        ("of Walker ", "Line 2 of its code: `worth = lambda x: x / 0`"),
    ),
    "nested-function": Break(
        acting(
            "def act(self):\n    def halve(x):\n        return x / 0\n\n    self.energy = halve(4)",
            attributes=ENERGY,
        ),
        ACTED,
        ("of Walker ", "Line 3 of its code: `return x / 0`"),
    ),
    "fences-and-windows": Break(
        acting(
            "Here it is:\r\n\r\n```python\r\n\r\ndef act(self):\r\n\tenergy = 0\r\n"
            "\tself.energy = 1 / energy\r\n```\r\n",
            attributes=ENERGY,
        ),
        ACTED,
        ("Line 7 of its code: `self.energy = 1 / energy`",),
    ),
    "body-without-def": Break(
        acting("\nenergy = 0\nself.energy = 1 / energy", attributes=ENERGY),
        ACTED,
        ("Line 3 of its code: `self.energy = 1 / energy`",),
    ),
    "class-wrapper": Break(
        acting(
            "import math\n\nclass Walker(Agent):\n    def act(self):\n        import random\n"
            "        self.energy = random.random() / 0",
            attributes=ENERGY,
        ),
        ACTED,
        ("Line 6 of its code: `self.energy = random.random() / 0`",),
    ),
    "escaped-newlines": Break(
        acting("def act(self):\\n    zero = 0\\n    self.energy = 1 / zero", attributes=ENERGY),
        ACTED,
        ("Line 3 of its code: `self.energy = 1 / zero`",),
    ),
    "statement-of-many-lines": Break(
        acting(
            "def act(self):\n    '''Do it.'''\n    self.energy = sum(\n        1 / n\n"
            "        for n in range(3)\n    )",
            attributes=ENERGY,
        ),
        ACTED,
        ("of Walker ", "Line 3 of its code: `self.energy = sum( 1 / n for n in range(3) )`"),
    ),
    "statements-that-a-dialect-inserts": Break(
        {
            "behaviors": [
                behavior("def act(self):\n    self.energy += 1"),
                behavior("def rest(self):\n    self.energy += 1"),
            ],
            "attributes": ENERGY,
            "world_behaviors": [
                world_behavior(
                    "def run(self):\n    self.schedule.step()\n    zero = 0\n"
                    "    self.heat = 1 / zero"
                )
            ],
            "variables": [variable("heat", 0)],
            "schedule": ["environment.environmentBehavior.run"],
        },
        "/environment/environmentBehaviors/0/code",
        ("in step 1. Line 4 of its code: `self.heat = 1 / zero`",),
    ),
    "agent-left-by-a-loop": Break(
        {
            "world_behaviors": [
                world_behavior(
                    "def tally(self):\n    for agent in self.agents:\n        agent.energy += 1\n"
                    "    self.heat = 1 / 0"
                )
            ],
            "attributes": ENERGY,
            "variables": [variable("heat", 0)],
            "schedule": ["environment.environmentBehavior.tally"],
        },
        "/environment/environmentBehaviors/0/code",
        ("Line 4 of its code: `self.heat = 1 / 0`",),
        ("Walker",),
    ),
    "agentpy": Break(
        acting(
            "def act(self):\n    amount = self.random.random()\n\n    self.energy = amount / 0",
            attributes=ENERGY,
        ),
        ACTED,
        ("in Walker.act of Walker ", "Line 4 of its code: `self.energy = amount / 0`"),
        target="agentpy",
    ),
}


def failure(case: Break) -> Problem:
    """Give what a run of the model says when it breaks."""
    made = compile_model(wire(**case.changes), target=case.target)
    outcome = asyncio.run(result(RunJob(bundle=made.bundle, seed=1, steps=2)))
    assert outcome.failure == "exception"
    return outcome.problems[-1]


@pytest.mark.parametrize("name", BREAKS)
def test_the_message_leads_to_the_line_and_the_agent(name: str) -> None:
    case = BREAKS[name]
    problem = failure(case)
    assert problem.path == case.path
    for words in case.says:
        assert words in problem.message
    for words in case.silent:
        assert words not in problem.message


def specifications() -> list[Path]:
    """Give the gallery and what of the corpus is written for Mesa."""
    found = [*CORPUS.glob("*.json"), *EXAMPLES.glob("*.json")]
    return sorted(path for path in found if "-agentpy-" not in path.name)


@pytest.mark.parametrize("path", specifications(), ids=lambda path: path.stem)
def test_every_statement_knows_its_line_and_no_file_shows_it(path: Path) -> None:
    made = compile_model(json.loads(path.read_text(encoding="utf-8")))
    spans = [span for span in made.bundle.source_map if span.code_line is not None]
    assert len(spans) > 3
    written = json.loads(made.bundle.files["spec.json"])
    for span in spans:
        code = at(written, span.path).replace("\t", "    ").split("\n")
        assert span.code_text.startswith(code[span.code_line - 1].strip())
    assert not any(AuthorLine.__name__ in text for text in made.bundle.files.values())


def at(raw: Any, path: str) -> Any:
    """Give what stands at a JSON pointer."""
    for step in path.split("/")[1:]:
        raw = raw[int(step)] if isinstance(raw, list) else raw[step]
    return raw
