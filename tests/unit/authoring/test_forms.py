"""The forms that the instructions teach work: each is compiled and run as it stands there."""

import re
import textwrap
from types import ModuleType
from typing import Any

import pytest

from abm_quant.authoring.instructions import instructions
from abm_quant.contracts.problems import errors
from abm_quant.pipeline import compile_model
from small_specs import attribute, behavior, function, variable, wire, world_attribute

BLOCK = re.search(r"```python\n(.*?)```", instructions(), re.DOTALL)
assert BLOCK is not None
PARTS = {
    part.splitlines()[0]: part.partition("\n")[2]
    for part in re.split(r"^# (?=[A-Z])", BLOCK[1], flags=re.MULTILINE)[1:]
}
"""The code under each heading."""


def body(heading: str) -> str:
    """Give the code under the heading that begins so."""
    (found,) = [text for name, text in PARTS.items() if name.startswith(heading)]
    return found


def run(model: dict[str, Any], steps: int = 3) -> Any:
    made = compile_model(model)
    assert not errors(made.problems)
    module = ModuleType("generated")
    exec(made.bundle.files["model.py"], vars(module))
    running = getattr(module, made.bundle.entry_point)(seed=1)
    for _ in range(steps):
        running.step()
    return running


def acting(code: str) -> dict[str, Any]:
    return behavior(f"def act(self):\n{textwrap.indent(code, '    ')}")


def specification(code: str, **more: Any) -> dict[str, Any]:
    act = acting(code)
    settings: dict[str, Any] = {"behaviors": [act], "schedule": [act["sourceName"]]}
    return wire(**(settings | more))


def test_every_part_is_tried() -> None:
    assert len(PARTS) == 5


def test_agents_of_a_type() -> None:
    code = body("All agents").replace("Person", "Walker")
    walker = [attribute("wealth", 3, "integer"), attribute("state", "healthy", "string")]
    assert run(specification(code, attributes=walker)).tick == 3


GRID = {"type": "grid", "boundaryConditions": "torus", "width": 12, "height": 12}


@pytest.mark.parametrize("capacity", [None, 1])
def test_grids(capacity: int | None) -> None:
    code = body("Grid and network")
    topology = GRID | ({"cellCapacity": 1} if capacity else {})
    if capacity:
        code = code.replace("self.cell = self.cell.neighborhood.select_random_cell()", "pass")
    model = run(specification(code, topology=topology))
    shared = [len(cell.agents) for cell in model.grid.all_cells]
    assert sum(shared) == 5 and (capacity is None or max(shared) == 1)


def test_networks() -> None:
    lines = body("Grid and network").splitlines()
    code = "\n".join(line for line in lines if line.startswith(("neighbors", "here")))
    graph = {"generator": "watts_strogatz", "averageDegree": 4, "rewiringProbability": 0.1}
    model = run(
        specification(
            code + "\nself.met = len(neighbors)", topology={"type": "network", "graph": graph}
        )
    )
    assert sum(walker.met for walker in model.agents) == 5 * 4


def test_continuous_space() -> None:
    code = "x, y = self.pos\nx += 3\nother = self\n" + body("Continuous space")
    plane = {"type": "continuous", "boundaryConditions": "torus", "width": 20, "height": 20}
    start = "x, y = self.pos\nself.start = getattr(self, 'start', x)\n"
    settings = {"topology": plane, "variables": [variable("vision", 3, "number")]}
    model = run(specification(start + code, **settings))
    moved = [(walker.pos[0] - walker.start) % 20 for walker in model.agents]
    assert moved == pytest.approx([9] * 5)


def test_fields_of_values() -> None:
    make, _, use = body("A field").partition("# ... ")
    code = use.partition("\n")[2]
    sow = function(make.strip())
    grass = world_attribute("grass", {"function": "sow_grass", "args": []}, "array")
    sizes = [variable("width", 12, "integer"), variable("height", 12, "integer")]
    model = run(specification(code, topology=GRID, functions=[sow], world=[grass], variables=sizes))
    assert model.grass.sum() == 12 * 12 - 5 * 3


def test_birth_and_death() -> None:
    code = body("Birth and death").replace("Sheep", "Walker")
    model = run(specification(code, topology=GRID, attributes=[attribute("energy", 8, "number")]))
    energies = {walker.energy for walker in model.agents}
    assert energies == {1.0}, "each has been replaced by a newborn with half of its energy"
