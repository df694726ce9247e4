"""What agents see of their space is the same on every target: each fact here is exact."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from abm_quant.pipeline import compile_model
from both_targets import (
    GRID,
    PLACE_CELL,
    PLACE_POS,
    SHARED,
    SINGLE,
    TARGETS,
    known,
    played,
    recorded,
    world,
)
from corpus_runs import CORPUS
from small_specs import attribute, behavior, function, tracked, variable, wire, world_attribute


def agents(query: str) -> str:
    """Give code that tells which agents a query gives."""
    return f"sorted(other.index for other in {query})"


def places(query: str) -> str:
    """Give code that tells which positions a query gives."""
    return f"sorted({query})"


def both(raw: dict[str, Any]) -> dict[int, Any]:
    """Give what the agents have seen, which is the same on all targets."""
    first, *others = [known(raw, target, "seen") for target in TARGETS]
    assert all(each == first for each in others)
    return first


def around(options: str) -> list[str]:
    """Give the queries of mesa.space for some options of a neighborhood."""
    return [
        agents(f"self.model.grid.get_neighbors(self.pos, {options})"),
        agents(f"self.model.grid.iter_neighbors(self.pos, {options})"),
        places(f"self.model.grid.get_neighborhood(self.pos, {options})"),
    ]


MOORE = [f"moore=True, {more}" for more in ("radius=1", "include_center=True", "radius=2")]
CROSS = [f"moore=False, {more}" for more in ("radius=1", "include_center=True", "radius=2")]


@pytest.mark.parametrize("boundary", ["fixed", "torus"])
@pytest.mark.parametrize("where", [SINGLE, SHARED], ids=["single", "shared"])
@pytest.mark.parametrize("options", [MOORE, CROSS, MOORE + CROSS], ids=["moore", "cross", "both"])
def test_coordinates_have_the_same_surroundings(
    boundary: str, where: list[tuple[int, int]], options: list[str]
) -> None:
    queries = [query for each in options for query in around(each)]
    topology = {**GRID, "boundaryConditions": boundary}
    topology["cellCapacity"] = 1 if where is SINGLE else None
    seen = both(world(topology, PLACE_POS.format(places=where), queries))
    if options is MOORE and boundary == "fixed" and where is SINGLE:
        assert seen[0][0] == [8] and seen[0][2] == [(0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("boundary", ["fixed", "torus"])
@pytest.mark.parametrize("neighborhood", ["moore", "von_neumann"])
@pytest.mark.parametrize("where", [SINGLE, SHARED], ids=["single", "shared"])
def test_cells_have_the_same_surroundings(
    boundary: str, neighborhood: str, where: list[tuple[int, int]]
) -> None:
    near = ["neighborhood", "get_neighborhood(radius=2)", "get_neighborhood(include_center=True)"]
    queries = [agents(f"self.cell.{each}.agents") for each in near]
    queries += [places(f"c.coordinate for c in self.cell.{each}") for each in near]
    queries += [
        agents("self.cell.agents"),
        places("c.coordinate for c in self.model.grid.empties"),
        places("c.coordinate for c in self.cell.neighborhood.select(lambda c: c.is_empty)"),
        "len(self.model.grid.all_cells.cells)",
        "[c.coordinate if c else None for c in [self.cell.connections.get((0, 1))]]",
        "(self.model.grid.width, self.model.grid.height, self.cell.coordinate)",
        "[self.model.grid[0, 0].is_empty, self.model.grid[(1, 3)].is_empty]",
    ]
    topology = {**GRID, "boundaryConditions": boundary, "neighborhood": neighborhood}
    topology["cellCapacity"] = 1 if where is SINGLE else 3
    raw = world(topology, PLACE_CELL.format(places=where), queries)
    seen = both(raw)
    assert seen[0][9] == 30 and seen[3][12] == [False, True]


PUT_ON_NODES = """def put(model):
    model.G = nx.cycle_graph(12)
    nx.add_path(model.G, [0, 4, 8, 11])
    model.grid = {maker}
    nodes = [0, 1, 2, 4, 5, 8, 11, 4, 4, 10]
    for index, walker in enumerate(model.agents):
        walker.index = index
        {place}
"""
OF_NODES = [
    agents("self.model.grid.get_neighbors(self.pos)"),
    agents("self.model.grid.get_neighbors(self.pos, include_center=True)"),
    agents("self.model.grid.get_neighbors(self.pos, radius=2)"),
    places("self.model.grid.get_neighborhood(self.pos, include_center=True, radius=2)"),
    agents("self.model.grid.get_cell_list_contents([self.pos])"),
    agents("self.model.grid.get_cell_list_contents(list(self.model.G.neighbors(self.pos)))"),
    agents("self.model.grid.get_all_cell_contents()"),
    "[self.model.grid.is_cell_empty(node) for node in self.model.G.nodes]",
    "(self.pos, self.model.G.degree[self.pos])",
]
OF_CELLS = [
    agents("self.cell.neighborhood.agents"),
    agents("self.cell.get_neighborhood(include_center=True).agents"),
    agents("self.cell.get_neighborhood(radius=2).agents"),
    places("c.coordinate for c in self.cell.get_neighborhood(radius=2, include_center=True)"),
    agents("self.cell.agents"),
    "[self.model.grid[node].is_empty for node in self.model.G.nodes]",
    "(self.cell.coordinate, len(self.model.grid.all_cells))",
]


@pytest.mark.parametrize(
    ("maker", "place", "queries"),
    [
        ("NetworkGrid(model.G)", "model.grid.place_agent(walker, nodes[index])", OF_NODES),
        (
            "Network(model.G, random=model.random)",
            "walker.cell = model.grid[nodes[index]]",
            OF_CELLS,
        ),
    ],
    ids=["nodes", "cells"],
)
def test_nodes_have_the_same_surroundings(maker: str, place: str, queries: list[str]) -> None:
    put = PUT_ON_NODES.format(maker=maker, place=place)
    seen = both(world({"type": "network"}, put, queries))
    assert seen[1][0] == [0, 2] and seen[3][0] == [0, 4, 5]


LIFE = {
    "topology": {"description": "", "type": "grid", "width": 8, "height": 8, "cellCapacity": 1}
    | {"boundaryConditions": "torus", "neighborhood": "moore"},
    "attributes": [attribute("alive", False, "boolean"), attribute("lives_on", False, "boolean")],
    "count": 64,
    "world": [world_attribute("living", 0, "integer"), world_attribute("moment", 0, "integer")],
    "functions": [
        function(
            "def sow(model):\n"
            "    for cell in model.agents:\n"
            "        cell.alive = PLACE in [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2), (6, 6), (6, 5)]\n"
        ),
        function(
            "def count(model):\n"
            "    model.living = sum(cell.alive for cell in model.agents)\n"
            "    model.moment = sum(\n"
            "        (PLACE[0] + 1) * (PLACE[1] + 3) for cell in model.agents if cell.alive\n"
            "    )\n"
        ),
    ],
    "behaviors": [
        behavior(
            "def decide(self):\n"
            "    others = sum(other.alive for other in AROUND)\n"
            "    self.lives_on = others == 3 or (self.alive and others == 2)\n"
        ),
        behavior("def change(self):\n    self.alive = self.lives_on\n"),
    ],
    "initialize": ["agent.Walker.initialCount", "globalFunction.sow", "globalFunction.count"],
    "schedule": [
        *("agent.Walker.agentBehavior.decide", "agent.Walker.agentBehavior.change"),
        "globalFunction.count",
    ],
    "tracked": [
        tracked("environment.environmentAttribute.living"),
        tracked("environment.environmentAttribute.moment"),
    ],
}


@pytest.mark.parametrize(
    ("place", "around"),
    [
        ("cell.cell.coordinate", "self.cell.neighborhood.agents"),
        ("cell.pos", "self.model.grid.get_neighbors(self.pos, moore=True)"),
    ],
    ids=["cell", "pos"],
)
def test_the_game_of_life_is_the_same(place: str, around: str) -> None:
    text = json.dumps(wire(**LIFE)).replace("PLACE", place).replace("AROUND", around)
    for steps in (0, 1, 6):
        mesa, agentpy = (recorded(json.loads(text), each, steps=steps) for each in TARGETS)
        assert mesa == agentpy
    assert mesa["living"] == 5


LEAVING = """def leave(self):
    grid = self.model.grid
    if self.index % 3 == 0:
        grid.remove_agent(self)
        self.remove()
    elif self.index == 1:
        self.model.absent = Walker(self.model)
        child = Walker(self.model)
        child.index = 20
        grid.place_agent(child, self.pos)
"""


def test_who_leaves_or_was_never_there_is_nowhere() -> None:
    queries = [
        "self.model.absent.pos is None",
        agents("self.model.grid.get_neighbors(self.pos, moore=True, include_center=True)"),
        agents("[a for cell, place in self.model.grid.coord_iter() for a in cell]"),
    ]
    raw = world(GRID, PLACE_POS.format(places=SHARED), queries)
    raw["globalVariables"] = [variable("absent", "None", "object")]
    walker = raw["agents"][0][0]
    walker["agentBehaviors"].append(behavior(LEAVING))
    order = raw["scheduler"]["schedule"]["scheduleOrder"]
    order.insert(0, {"sourceName": "agent.Walker.agentBehavior.leave", "orderInSchedule": -1})
    order[1]["orderInSchedule"] = 1
    walker["agentBehaviors"][0]["code"] = walker["agentBehaviors"][0]["code"].replace(
        "    self.seen", "    if self.pos is None:\n        return\n    self.seen"
    )
    seen = both(raw)
    assert seen[20] == [True, [1, 20], [1, 2, 4, 5, 7, 8, 20]]


PUT_ANYWHERE = """def put(model):
    points = [(0, 0), (0.5, 9.5), (3, 4), (3, 4), (9.75, 5), (5, 5), (1, 1), (9, 9), (4, 8), (2, 0)]
    for index, walker in enumerate(model.agents):
        walker.index = index
        model.space.place_agent(walker, points[index])
        if index == 8:
            model.space.move_agent(walker, (4, 7.5))
"""
IN_PLANE = [
    agents("self.model.space.get_neighbors(self.pos, 3)"),
    agents("self.model.space.get_neighbors(self.pos, radius=5, include_center=False)"),
    "[round(self.model.space.get_distance(self.pos, (x, 9)), 9) for x in range(10)]",
    "[round(float(value), 9) for value in self.model.space.get_heading(self.pos, (9, 2))]",
    "[float(value) for value in self.pos]",
    "(self.model.space.x_max, self.model.space.height, self.model.space.out_of_bounds((3, 11)))",
]


@pytest.mark.parametrize("boundary", ["fixed", "torus"])
def test_points_have_the_same_surroundings(boundary: str) -> None:
    plane = {"type": "continuous", "width": 10, "height": 12, "boundaryConditions": boundary}
    seen = both(world(plane, PUT_ANYWHERE, IN_PLANE))
    across = [4] if boundary == "torus" else []
    assert seen[2][0] == [2, 3, 5] and seen[2][1] == [0, *across, 5, 6, 8, 9]


def test_who_crosses_the_border_of_a_torus_comes_back() -> None:
    plane = {"type": "continuous", "width": 10, "height": 12, "boundaryConditions": "torus"}
    walk = "def look(self):\n    x, y = self.pos\n    self.model.space.move_agent(self, STEP)\n"
    see = "    self.seen = [round(float(value), 9) for value in self.pos]\n"
    for step in ("(x + 7, y - 9)", "[x + 10, y + 12]"):
        raw = world(plane, PUT_ANYWHERE, ["0"])
        raw["agents"][0][0]["agentBehaviors"][0]["code"] = walk.replace("STEP", step) + see
        assert both(raw)[5] == ([2, 8] if "7" in step else [5, 5])


def test_the_far_border_of_a_torus_is_the_near_one() -> None:
    plane = {"type": "continuous", "width": 10, "height": 12, "boundaryConditions": "torus"}
    walk = "def look(self):\n    self.model.space.move_agent(self, (self.pos[0] - 1e-18, 12))\n"
    see = "    self.seen = [float(value) for value in self.pos]\n"
    raw = world(plane, PUT_ANYWHERE, ["0"])
    raw["agents"][0][0]["agentBehaviors"][0]["code"] = walk + see
    assert known(raw, "agentpy", "seen")[0] == [0, 0]


def test_first_attributes_may_depend_on_the_place() -> None:
    grid = {"description": "", **GRID, "cellCapacity": 1}
    raw = wire(
        topology=grid,
        functions=[function("def find_row(agent):\n    return agent.cell.coordinate[1]\n")],
        attributes=[
            attribute("column", "self.cell.coordinate[0]", "integer"),
            attribute("row", {"function": "find_row", "args": []}, "integer"),
        ],
        behaviors=[behavior("def stay(self):\n    self.cell = self.cell\n")],
        count=30,
    )
    for target in TARGETS:
        spots = {(each.column, each.row) for each in played(raw, target).agents}
        assert spots == {(x, y) for x in range(6) for y in range(5)}


CROWD = """def crowd(self):
    self.cell = self.model.grid[0, 0]
"""


@pytest.mark.parametrize("capacity", [1, 3])
def test_nobody_enters_a_full_cell(capacity: int) -> None:
    grid = {"description": "", **GRID, "cellCapacity": capacity}
    raw = wire(topology=grid, behaviors=[behavior(CROWD)], count=5)
    with pytest.raises(Exception, match="full"):
        played(raw, "mesa")
    with pytest.raises(ValueError, match=r"no room for .* on \(0, 0\)"):
        played(raw, "agentpy")


@pytest.mark.parametrize("target", TARGETS)
def test_a_left_cell_is_empty_only_when_nobody_is_left(target: str) -> None:
    code = """def leave(self):
    self.model.empty_before = len(self.model.grid.empties)
    if self.index in (0, 3):
        self.remove()
"""
    raw = world({**GRID, "cellCapacity": 5}, PLACE_CELL.format(places=SHARED), ["0"])
    raw["globalVariables"] = [variable("empty_before", 0, "integer")]
    raw["agents"][0][0]["agentBehaviors"].append(behavior(code))
    raw["scheduler"]["schedule"]["scheduleOrder"] = [
        {"sourceName": "agent.Walker.agentBehavior.leave", "orderInSchedule": 0}
    ]
    assert played(raw, target, steps=2).empty_before == 30 - 7


REWIRE = """def rewire(self):
    graph = self.model.grid.G
    if self.index == 1:
        graph.remove_edge(1, 2)
        graph.add_edge(1, 7)
"""


def test_links_that_change_while_the_model_runs_count() -> None:
    put = PUT_ON_NODES.format(
        maker="NetworkGrid(model.G)", place="model.grid.place_agent(walker, nodes[index])"
    )
    raw = world({"type": "network"}, put, [OF_NODES[0], OF_NODES[2], OF_NODES[3]])
    walker = raw["agents"][0][0]
    walker["agentBehaviors"].append(behavior(REWIRE))
    raw["scheduler"]["schedule"]["scheduleOrder"].insert(
        0, {"sourceName": "agent.Walker.agentBehavior.rewire", "orderInSchedule": -1}
    )
    seen = both(raw)
    assert seen[1] == [[0], [0, 3, 5, 6, 7, 8], [0, 1, 4, 6, 7, 8, 11]]


RUN = """
import sys
sys.path.insert(0, sys.argv[1])
moved_in_memory = [object() for _ in range(int(sys.argv[2]))]
import model
chosen = next(each for each in vars(model).values() if getattr(each, "__base__", 0) is model.ap.Model)
run = chosen(model.PARAMETERS | {"steps": 8})
run.run(seed=5, display=False)
print(run.log)
"""


@pytest.mark.parametrize("name", ["a01-sir-network", "b01-predator-prey"])
def test_sets_of_agents_do_not_decide_what_happens(name: str, tmp_path: Path) -> None:
    raw = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    files = compile_model(raw, "agentpy").bundle.files
    (tmp_path / "model.py").write_text(files["model.py"], encoding="utf-8")
    seen = {
        subprocess.run(
            [sys.executable, "-c", RUN, str(tmp_path), str(other)],
            env=os.environ | {"PYTHONHASHSEED": str(other)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for other in (1, 77777)
    }
    assert len(seen) == 1 and len(seen.pop()) > 200
