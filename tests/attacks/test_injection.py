"""Hostile text in every field of a model: nothing of it may become code, markup or an option.

A language model can be talked into writing anything into titles and descriptions, and users open
the generated files in editors, terminals, browsers and Markdown viewers.
"""

import ast
import builtins
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import black
import libcst as cst
import pytest
from jinja2 import UndefinedError
from markdown_it import MarkdownIt

from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.program import (
    Activate,
    CallFunction,
    CreateAgents,
    Program,
    SetVariable,
    Space,
    StopRule,
)
from generated import (
    activate,
    agent_type,
    attribute,
    expression,
    function,
    generate,
    parameter,
    program,
    run,
    tracker,
    variable,
    write,
)
from payloads import OWNED, PAYLOADS

SHOWN = MarkdownIt("gfm-like", {"linkify": False, "html": True})
FIELDS = ("title", "description", "environment_name", "environment_description")


def hostile(text: str) -> Program:
    """Give a model with the text in every field that holds words."""
    greet = replace(function("def greet(self):\n    self.mood = 'b'\n"), description=text)
    mood = attribute("mood", "'a'", "string", description=text, categories=("a", text))
    person = agent_type(
        "Person",
        attributes=(mood, attribute("age", "1", description=text)),
        description=text,
    )
    person = replace(person, behaviors=(greet,))
    rules = (
        StopRule(
            source_name=text, attribute="level", agent_type=None, value=expression("9"),
            crossing=True, description=text, path="/r",
        ),
    )  # fmt: skip
    return program(
        person,
        **dict.fromkeys(FIELDS, text),
        schedule_description=text,
        initialization_description=text,
        parameters=(
            parameter("level", 1, description=text),
            parameter("word", text, description=text),
        ),
        variables=(variable("kept", "1", description=text),),
        functions=(replace(function("def nothing(model):\n    pass\n"), description=text),),
        behaviors=(replace(function("def rest(self):\n    pass\n"), description=text),),
        space=Space(
            kind="grid", width=expression("5"), height=expression("5"), description=text,
            made_by_author=True,
        ),
        setup=(SetVariable(name="kept"), CreateAgents(agent_type="Person", place=False)),
        steps=(
            activate("Person", "greet"),
            CallFunction(name="rest", arguments=(), path="/s", is_method=True),
        ),
        stop_rules=rules,
        trackers=(
            tracker("mood", "Person", "string", description=text, categories=("a", text)),
            tracker("age", "Person", description=text, level="agent"),
            tracker("word", type="string", description=text),
        ),
    )  # fmt: skip


@pytest.fixture(params=PAYLOADS.values(), ids=PAYLOADS)
def payload(request: pytest.FixtureRequest) -> Any:
    yield request.param
    assert not hasattr(builtins, "OWNED")


@pytest.fixture
def bundle(payload: str) -> CodeBundle:
    return generate(hostile(payload))


def skeleton(source: str) -> str:
    """Give a module's code without the text of its strings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def test_the_code_is_that_of_a_harmless_model(bundle: CodeBundle) -> None:
    harmless = generate(hostile("harmless"))
    for name in ("model.py", "run.py", "app.py"):
        assert skeleton(bundle.files[name]) == skeleton(harmless.files[name]), name


def test_the_code_is_formatted(bundle: CodeBundle) -> None:
    for name in ("model.py", "run.py", "app.py"):
        assert black.format_str(bundle.files[name], mode=black.Mode()) == bundle.files[name], name


def test_the_model_runs_and_nothing_else_does(
    bundle: CodeBundle, payload: str, tmp_path: Path
) -> None:
    model = run(bundle, tmp_path, steps=2)
    assert model.datacollector.model_vars["Person.count"] == [10, 10, 10]
    assert model.word == payload


def test_every_file_is_utf_8_without_control_characters(bundle: CodeBundle) -> None:
    for name, text in bundle.files.items():
        text.encode()
        assert text.replace("\n", "").isprintable() or name == "spec.json", name


def test_markdown_has_no_markup_but_ours(bundle: CodeBundle) -> None:
    harmless = generate(hostile("harmless"))
    for name in ("README.md", "ODD.md"):
        tokens = SHOWN.parse(bundle.files[name])
        kinds = {each.type for each in tokens}
        kinds |= {child.type for each in tokens for child in each.children or ()}
        assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_block"}
        headings = [each for each in tokens if each.type == "heading_open"]
        ours = [each for each in SHOWN.parse(harmless.files[name]) if each.type == "heading_open"]
        assert len(headings) == len(ours)
        rows = sum(each.type == "td_open" for each in tokens)
        assert rows == sum(each.type == "td_open" for each in SHOWN.parse(harmless.files[name]))


def test_the_authors_code_cannot_leave_its_fence() -> None:
    code = "def f(model):\n    '''\n```\n# Heading\n<script>\n'''\n"
    made = program(agent_type(), functions=(function(code, "Does it."),))
    tokens = SHOWN.parse(generate(made).files["ODD.md"])
    (fence,) = [each for each in tokens if each.type == "fence"]
    assert "<script>" in fence.content
    assert not any(each.type == "html_block" for each in tokens)


def test_the_help_of_the_command_line_shows_the_text(tmp_path: Path) -> None:
    folder = write(generate(hostile(PAYLOADS["formats"])), tmp_path)
    command = [sys.executable, "run.py", "--help"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "%(prog)s %s %d {0}" in done.stdout


def test_spec_json_is_what_came_in(bundle: CodeBundle) -> None:
    assert json.loads(bundle.files["spec.json"])["codingLanguage"] == "python"


NAMES = ["x = 1", "x(", "x\ny", "class", "a.b", "import os", "", "x;y", 'x"]']


@pytest.mark.parametrize("name", NAMES)
def test_no_name_becomes_code(name: str) -> None:
    plain = program(agent_type())
    definition = cst.ensure_type(cst.parse_module("def f():\n    pass\n").body[0], cst.FunctionDef)
    attempts: list[dict[str, Any]] = [
        {"class_name": name},
        {"parameters": (parameter(name, 1),)},
        {"agent_types": (agent_type(name),)},
        {"agent_types": (agent_type(attributes=(attribute(name, "1"),)),)},
        {"variables": (variable(name, "1"),), "setup": (SetVariable(name=name),)},
        {"steps": (Activate(agent_type="Person", behavior=name, arguments=(), path=""),)},
        {"steps": (CallFunction(name=name, arguments=(), path=""),)},
        {"steps": (CallFunction(name="f", arguments=(), path="", stores=name or " "),)},
        {"trackers": (tracker(name, "Person"),)},
        {"trackers": (tracker("x", name, level="agent"),)},
    ]
    assert definition.name.value == "f"
    for attempt in attempts:
        with pytest.raises((ValueError, KeyError, UndefinedError)):
            generate(replace(plain, **attempt))


@pytest.mark.parametrize("line", [f"{OWNED}", "import os\nimport sys", "print('x')", "x"])
def test_no_import_line_becomes_code(line: str) -> None:
    used = function("def f():\n    return os\n")
    made = program(agent_type(), functions=(used,), imports=(line,))
    try:
        text = generate(made).files["model.py"]
    except ValueError:
        return
    assert "OWNED" not in text and "print" not in text
