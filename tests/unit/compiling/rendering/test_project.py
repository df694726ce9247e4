"""The files of a project besides its model: the command line and the page in the browser."""

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from abm_quant.compiling.rendering.project import looks
from abm_quant.contracts.program import BuildSpace, CallFunction, CreateAgents, Space
from generated import (
    activate,
    agent_type,
    attribute,
    expression,
    function,
    generate,
    parameter,
    program,
    tracker,
    variable,
    write,
)

LEARN = "def learn(self):\n    self.memory.append(self.model.tick)\n"
SHUFFLE = "def shuffle_seats(model):\n    pass\n"
FLY = "def fly(self):\n    self.model.space.move_agent(self, (1, 1))\n"


def grid(width: str, height: str, **more: Any) -> Space:
    return Space(kind="grid", width=expression(width), height=expression(height), **more)


def run_project(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "run.py", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def learners() -> Any:
    return program(
        agent_type("Learner", LEARN, attributes=(attribute("memory", "[]", "array"),)),
        steps=(activate("Learner", "learn"),),
        trackers=(
            tracker("memory", "Learner", "array", level="agent"),
            tracker("memory", "Learner", "array"),
        ),
    )


def test_lists_of_agents_are_recorded_as_they_were(tmp_path: Path) -> None:
    write(generate(learners()), tmp_path)
    run_project(tmp_path, "--steps", "2", "--seed", "1", "--agents-csv", "agents.csv")
    rows = csv.DictReader((tmp_path / "agents.csv").read_text().splitlines())
    found = {(row["step"], row["memory"]) for row in rows}
    assert found == {("0", "[]"), ("1", "[1]"), ("2", "[1, 2]")}


def test_only_numbers_are_shown(tmp_path: Path) -> None:
    write(generate(learners()), tmp_path)
    shown = run_project(tmp_path, "--steps", "2", "--seed", "1")
    assert "Learner.count" in shown and "Learner.memory" not in shown


def test_the_seed_of_a_run_is_reported(tmp_path: Path) -> None:
    write(generate(learners()), tmp_path)
    assert "3 steps with seed 7, " in run_project(tmp_path, "--steps", "3", "--seed", "7")
    shown = run_project(tmp_path, "--steps", "1")
    assert shown.split("with seed ")[1].split(",")[0].isdecimal()


@pytest.mark.parametrize(
    ("space", "size"),
    [
        (grid("10", "5"), 100),
        (grid("30", "20"), 36),
        (grid("20", "200"), 8),
        (grid("len(self.rows)", "20"), 30),
        (Space(kind="continuous", api="pos", width=expression("9"), height=expression("9")), 30),
    ],
)
def test_markers_fit_into_the_cells(space: Space, size: int) -> None:
    assert [each.size for each in looks(program(agent_type("Person"), space=space))] == [size]


def test_what_moves_is_drawn_above_what_stays() -> None:
    made = program(agent_type("Tree", moves=False), agent_type("Bird", FLY, moves=False))
    tree, bird = looks(made)
    assert (tree.marker, tree.zorder) == ("s", 1)
    assert (bird.marker, bird.zorder) == ("^", 2)


DRAWN = """
import app
axes = app.renderer.canvas
print(*axes.get_xlim(), *axes.get_ylim())
"""


def test_the_picture_shows_the_whole_space(tmp_path: Path) -> None:
    setup = (BuildSpace(), CreateAgents(agent_type="Person"))
    made = program(agent_type("Person"), space=grid("12", "8"), setup=setup)
    write(generate(made), tmp_path)
    environment = {"MPLBACKEND": "agg", "PATH": "", "HOME": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", DRAWN]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    ends = [float(word) for word in done.stdout.split()]
    assert ends == [-0.5, 11.5, -0.5, 7.5]


def test_odd_tells_what_happens_before_the_first_step() -> None:
    first = CallFunction(name="shuffle_seats", arguments=(expression("self"),), path="/setup")
    setup = (CreateAgents(agent_type="Person"), first)
    made = program(agent_type("Person"), setup=setup, functions=(function(SHUFFLE),))
    text = generate(made).files["ODD.md"].split("## 5. ")[1].split("## 6. ")[0]
    created = text.index("1. `10` agents of the type `Person` are created.\n")
    assert created < text.index("2. The model does `shuffle_seats`.\n")


def test_a_long_description_of_a_type_starts_with_a_summary() -> None:
    text = "Sees e.g. Anna. Lives in the house of a family that shares its food. Moves out."
    long, short = f"{text} Then it rents a flat of its own.", "Eats. Sleeps."
    made = program(
        replace(agent_type("Person"), description=long),
        replace(agent_type("Cat"), description=short),
    )
    lines = generate(made).files["model.py"].split("\n")
    start = lines.index('    """Sees e.g. Anna.')
    assert lines[start + 1] == "" and lines[start + 2].startswith("    Lives in the house")
    assert '    """Eats. Sleeps."""' in lines


def test_odd_tells_parameters_from_state_that_starts_with_a_value() -> None:
    made = program(
        agent_type("Person"),
        parameters=(parameter("rate", 0.5), replace(parameter("seen", 0), is_state=True)),
        variables=(variable("landscape", "[]"),),
        trackers=(tracker("seen"),),
    )
    odd = generate(made).files["ODD.md"]
    constants, state = odd.split("| Parameter |")[1].split("### Scales")[0].split("| State var")
    assert "`rate`" in constants and "`seen`" not in constants
    assert "| `seen` | integer | `0` |" in state and "`landscape`" in state
    assert "What the agents do together shows in: `seen`." in odd
