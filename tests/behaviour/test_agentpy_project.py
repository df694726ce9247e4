"""A project for AgentPy, as its owner uses it: the command line, the page, a run step by step."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from abm_quant.compiling.render import render
from abm_quant.compiling.targets.agentpy import AGENTPY
from abm_quant.running.inside.adapters import ADAPTERS
from gallery_runs import compiled
from generated import SPEC, activate, agent_type, attribute, tracker
from generated import program as made_by_hand
from generated_runs import module_of

NAME = "predator-prey"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is downloaded."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in compiled(NAME, "agentpy").bundle.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(project: Path, *arguments: str, hash_seed: str = "0") -> str:
    """Give what a command prints in the folder of the project."""
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "MPLBACKEND": "Agg"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_run_py_gives_the_same_bytes_in_every_process(project: Path) -> None:
    options = ("--steps", "25", "--seed", "3", "--width", "20", "--height", "20")
    for seed in ("1", "2"):
        printed = run(project, "run.py", *options, "--csv", f"{seed}.csv", hash_seed=seed)
        assert printed.startswith("25 steps with seed 3, ended by the number of steps")
    first = (project / "1.csv").read_bytes()
    assert first == (project / "2.csv").read_bytes()
    assert first.decode().splitlines()[1].startswith("0,")
    assert len(first.decode().splitlines()) == 27


def test_run_py_says_what_ended_the_run(project: Path) -> None:
    printed = run(project, "run.py", "--seed", "1", "--initial-sheep-count", "0")
    assert printed.startswith("1 steps with seed 1, ended by globalVariable.sheep_count")


def test_app_py_writes_an_animation(project: Path) -> None:
    run(project, "app.py", "--steps", "2", "--seed", "1", "--output", "page.html")
    page = (project / "page.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") == 3


def test_the_notebook_gets_a_slider_for_each_parameter(project: Path) -> None:
    code = (
        "import ipywidgets, app; seen = {};"
        "ipywidgets.interact_manual = lambda show, **controls: seen.update(controls);"
        "app.explore(); print(' '.join(seen))"
    )
    names = set(compiled(NAME, "agentpy").bundle.parameters)
    assert set(run(project, "-c", code).split()) == names | {"steps", "seed"}


def test_a_run_of_many_steps_keeps_no_agents_of_the_past() -> None:
    wolf = agent_type(
        "Wolf",
        "def act(self):\n    Wolf(self.model)\n    self.remove()",
        attributes=(attribute("energy", "1"),),
        is_removed=True,
    )
    made = made_by_hand(
        wolf,
        steps=(activate("Wolf", "act"),),
        trackers=(tracker("energy", "Wolf", level="agent"),),
        max_steps=50,
    )
    module = module_of(render(made, AGENTPY, SPEC).files["model.py"])
    adapter = ADAPTERS["agentpy"]
    tracking = adapter.track(lambda agent_type, ids: None)
    model: Any = adapter.build(module, "TestModel", {}, 1, tracking.follow)
    tracking.take()
    for _ in range(20):
        adapter.step(model)
        (table,) = tracking.take()
        assert table.ids == sorted(agent.id for agent in model.agents)
        assert table.columns == {"energy": [1] * 10}
    assert "Wolf" not in model._logs
    assert adapter.series(model) == {"Wolf.count": 10}
