"""What the code of authors becomes where it deals with the space; before and after."""

from typing import Any

import pytest

from abm_quant.compiling.fragments import parsed
from abm_quant.compiling.lower import lower
from abm_quant.compiling.rendering.views import functions_of
from abm_quant.compiling.targets.agentpy_dialect.spaces import rewrite_spaces
from abm_quant.errors import TargetLacks
from small_specs import attribute, behavior, function, spec

GRID: dict[str, Any] = {"description": "", "type": "grid", "width": 6, "height": 5}
SINGLE = GRID | {"cellCapacity": 1}
CROSS = SINGLE | {"neighborhood": "von_neumann"}
NETWORK: dict[str, Any] = {"description": "", "type": "network", "graph": {"generator": "complete"}}
PLANE = GRID | {"type": "continuous"}


def rewritten(line: str, topology: dict[str, Any], *functions: str) -> str:
    """Give the line of an agent's behavior as it becomes for AgentPy."""
    program = lower(
        spec(
            topology=topology,
            attributes=[attribute("seen", 0), attribute("home", 0)],
            behaviors=[behavior(f"def act(self):\n    {line}\n")],
            functions=[function(each) for each in functions],
        )
    )
    after, _ = rewrite_spaces(program)
    made = {each.name: each.definition for each in functions_of(after)}
    return parsed(made["act"]).text.split("\n", 1)[1].strip().replace("\n    ", "\n")


CELLS = [
    ("c = self.cell", "c = self.pos"),
    ("x, y = self.cell.coordinate", "x, y = self.pos"),
    ("mates = self.cell.agents", "mates = self.model.grid.agents_at(self.pos)"),
    ("mates = list(self.cell.agents)", "mates = self.model.grid.agents_at(self.pos)"),
    ("near = self.cell.neighborhood", "near = self.model.grid.neighborhood(self.pos)"),
    ("near = self.cell.neighborhood.cells", "near = self.model.grid.neighborhood(self.pos)"),
    (
        "near = self.cell.get_neighborhood(2, include_center=True)",
        "near = self.model.grid.neighborhood(self.pos, radius=2, include_center=True)",
    ),
    (
        "a = list(self.cell.neighborhood.agents)",
        "a = self.model.grid.agents_near(self.pos)",
    ),
    (
        "a = list(self.cell.get_neighborhood(radius=3).agents)",
        "a = self.model.grid.agents_near(self.pos, radius=3)",
    ),
    (
        "near = self.cell.neighborhood; a = list(near.agents)",
        "near = self.model.grid.neighborhood(self.pos); a = self.model.grid.agents_at(*near)",
    ),
    (
        "self.cell = self.cell.neighborhood.select_random_cell()",
        "self.model.grid.move_to(self, self.random.choice(self.model.grid.neighborhood(self.pos)))",
    ),
    (
        "prey = self.cell.neighborhood.select_random_agent()",
        "prey = self.random.choice(self.model.grid.agents_near(self.pos))",
    ),
    (
        "for c in self.cell.neighborhood: self.seen += len(c.agents)",
        "for c in self.model.grid.neighborhood(self.pos): "
        "self.seen += len(self.model.grid.agents_at(c))",
    ),
    (
        "best = max(self.cell.neighborhood, key=lambda c: len(c.agents)); self.move_to(best)",
        "best = max(self.model.grid.neighborhood(self.pos), "
        "key=lambda c: len(self.model.grid.agents_at(c))); self.model.grid.move_to(self, best)",
    ),
    (
        "free = [c for c in self.cell.neighborhood if c.is_empty]",
        "free = [c for c in self.model.grid.neighborhood(self.pos) "
        "if self.model.grid.is_empty(c)]",
    ),
    (
        "free = self.cell.neighborhood.select(lambda c: c.is_empty, at_most=2)",
        "free = [c for c in self.model.grid.neighborhood(self.pos) "
        "if self.model.grid.is_empty(c)][:2]",
    ),
    (
        "c = self.cell.connections.get((0, 1))",
        "c = self.model.grid.beside(self.pos, (0, 1))",
    ),
    ("c = self.cell.connections[1, 0]", "c = self.model.grid.beside(self.pos, (1, 0))"),
    ("c = self.model.grid[self.seen, 0]", "c = (self.seen, 0)"),
    ("c = self.model.grid[(3, 4)]; c is self.cell", "c = (3, 4); c == self.pos"),
    ("gone = self.cell is None", "gone = self.pos is None"),
    ("self.cell = None", "self.model.grid.remove_agents(self)"),
    ("self.move_relative((0, 1))", "self.model.grid.move_by(self, (0, 1))"),
    (
        "self.cell = self.model.grid.select_random_empty_cell()",
        "self.model.grid.move_to(self, self.random.choice(self.model.grid.empty))",
    ),
    (
        "for c in self.model.grid.empties: self.cell = c",
        "for c in list(self.model.grid.empty): self.model.grid.move_to(self, c)",
    ),
    (
        "n = sum(len(c.agents) for c in self.model.grid.all_cells) + self.model.grid.width",
        "n = sum(len(self.model.grid.agents_at(c)) for c in self.model.grid.all) "
        "+ self.model.grid.shape[0]",
    ),
    (
        "self.home = self.cell; self.seen = len(self.home.agents)",
        "self.home = self.pos; self.seen = len(self.model.grid.agents_at(self.home))",
    ),
    ("Walker(self.model, cell=self.cell)", "Walker(self.model, pos=self.pos)"),
    (
        "child = Walker(self.model); child.cell = self.cell",
        "child = Walker(self.model); self.model.grid.place(child, self.pos)",
    ),
    (
        "others = [a for a in self.model.agents if a.cell == self.cell]",
        "others = [a for a in self.model.agents if a.pos == self.pos]",
    ),
]
POSITIONS = [
    (
        "near = self.model.grid.get_neighborhood(self.pos, moore=True, include_center=False)",
        "near = self.model.grid.neighborhood(self.pos)",
    ),
    (
        "a = self.model.grid.get_neighbors(self.pos, True, True, 2)",
        "a = self.model.grid.agents_near(self.pos, radius=2, include_center=True)",
    ),
    (
        "mates = self.model.grid.get_cell_list_contents([self.pos])",
        "mates = self.model.grid.agents_at(self.pos)",
    ),
    (
        "p = self.pos; mates = self.model.grid.get_cell_list_contents(p)",
        "p = self.pos; mates = self.model.grid.agents_at(p)",
    ),
    (
        "near = self.model.grid.get_neighborhood(self.pos, moore=True); "
        "a = self.model.grid.get_cell_list_contents(near)",
        "near = self.model.grid.neighborhood(self.pos); a = self.model.grid.agents_at(*near)",
    ),
    ("self.model.grid.move_agent(self, (1, 2))", "self.model.grid.move_to(self, (1, 2))"),
    (
        "child = Walker(self.model); self.model.grid.place_agent(child, self.pos)",
        "child = Walker(self.model); self.model.grid.add_agents([child], [self.pos])",
    ),
    ("self.model.grid.remove_agent(self)", "self.model.grid.remove_agents(self)"),
    (
        "x, y = self.pos; a = self.model.grid[x][y]",
        "x, y = self.pos; a = self.model.grid.agents_at((x, y))",
    ),
    (
        "for mates, (x, y) in self.model.grid.coord_iter(): self.seen += len(mates)",
        "for mates, (x, y) in self.model.grid.contents(): self.seen += len(mates)",
    ),
    (
        "grid = self.model.grid; p = grid.torus_adj((7, 7)); far = grid.out_of_bounds((7, 7))",
        "grid = self.model.grid; p = grid.wrapped((7, 7)); far = grid.is_outside((7, 7))",
    ),
    (
        "self.pos; n = self.model.grid.width * self.model.grid.height",
        "self.pos; n = self.model.grid.shape[0] * self.model.grid.shape[1]",
    ),
]
SINGLE_POSITIONS = [
    (
        "a = self.model.grid.get_neighbors(self.pos, moore=True)",
        "a = list(self.model.grid.neighbors(self))",
    ),
    (
        "a = [n for n in self.model.grid.iter_neighbors(self.pos, moore=True, radius=2)]",
        "a = [n for n in self.model.grid.neighbors(self, distance=2)]",
    ),
    (
        "a = self.model.grid.get_neighbors(self.pos, moore=False)",
        "a = self.model.grid.agents_near(self.pos)",
    ),
    (
        "self.model.grid.move_to_empty(self)",
        "self.model.grid.place(self, self.random.choice(self.model.grid.empty))",
    ),
    (
        "free = self.model.grid.is_cell_empty((0, 1)) and self.model.grid.exists_empty_cells()",
        "free = self.model.grid.is_empty((0, 1)) and (len(self.model.grid.empty) > 0)",
    ),
]
NODES = [
    (
        "a = self.model.grid.get_neighbors(self.pos, include_center=False)",
        "a = list(self.model.network.neighbors(self))",
    ),
    (
        "a = self.model.grid.get_neighbors(self.pos, radius=2)",
        "a = self.model.network.agents_near(self.pos, radius=2)",
    ),
    (
        "a = self.model.grid.get_cell_list_contents(list(self.model.G.neighbors(self.pos)))",
        "a = self.model.network.agents_at(*list(self.model.G.neighbors(self.pos)))",
    ),
    (
        "self.model.grid.move_agent(self, node_id=self.model.grid.get_neighborhood(self.pos)[0])",
        "self.model.network.place(self, self.model.network.neighborhood(self.pos)[0])",
    ),
    (
        "self.pos; self.seen = self.model.grid.G.degree[self.pos]",
        "self.pos; self.seen = self.model.G.degree[self.pos]",
    ),
]
NODE_CELLS = [
    (
        "a = list(self.cell.neighborhood.agents)",
        "a = list(self.model.network.neighbors(self))",
    ),
    (
        "self.cell = self.cell.neighborhood.select_random_cell()",
        "self.model.network.place(self, "
        "self.random.choice(self.model.network.neighborhood(self.pos)))",
    ),
    (
        "a = list(self.cell.connections.values()); n = self.cell.coordinate",
        "a = self.model.network.neighborhood(self.pos); n = self.pos",
    ),
]
POINTS = [
    (
        "self.model.space.move_agent(self, (self.pos[0] + 1, 2))",
        "self.model.space.move_to(self, (self.pos[0] + 1, 2))",
    ),
    (
        "a = self.model.space.get_neighbors(self.pos, 3, include_center=False)",
        "a = list(self.model.space.neighbors(self, distance=3))",
    ),
    (
        "a = self.model.space.get_neighbors(self.pos, radius=3)",
        "a = self.model.space.agents_near(self.pos, 3)",
    ),
    (
        "d = self.model.space.get_distance(self.pos, (1, 1)) / self.model.space.x_max",
        "d = self.model.space.distance(self.pos, (1, 1)) / self.model.space.shape[0]",
    ),
]
ROWS = [
    *((GRID, *row) for row in CELLS),
    *((GRID, *row) for row in POSITIONS),
    *((SINGLE, *row) for row in SINGLE_POSITIONS),
    *((NETWORK, *row) for row in NODES),
    *((NETWORK, *row) for row in NODE_CELLS),
    *((PLANE, *row) for row in POINTS),
    (
        *(SINGLE, "a = list(self.cell.neighborhood.agents)"),
        "a = list(self.model.grid.neighbors(self))",
    ),
    (
        *(CROSS, "a = list(self.cell.neighborhood.agents)"),
        "a = self.model.grid.agents_near(self.pos)",
    ),
]


@pytest.mark.parametrize(("topology", "before", "after"), ROWS, ids=[row[1] for row in ROWS])
def test_the_code_of_authors_is_brought_to_agentpy(
    topology: dict[str, Any], before: str, after: str
) -> None:
    kept = (
        topology if "empt" not in before or topology is SINGLE else topology | {"cellCapacity": 9}
    )
    assert rewritten(before, kept) == after


def test_functions_give_places_too() -> None:
    spots = "def spots(model):\n    return [c for c in model.grid.all_cells if not c.agents]\n"
    after = rewritten("c = spots(self.model)[0]; n = len(c.agents)", GRID, spots)
    assert after.endswith("n = len(self.model.grid.agents_at(c))")


def test_attributes_of_the_author_keep_their_names() -> None:
    program = lower(
        spec(
            topology=GRID,
            attributes=[attribute("cells", "[]", "array"), attribute("neighborhood", "north")],
            behaviors=[
                behavior(
                    "def act(self):\n    self.cells.append(self.cell)\n    self.neighborhood = 'x'\n"
                )
            ],
        )
    )
    after, _ = rewrite_spaces(program)
    code = parsed(next(functions_of(after)).definition).text
    assert "self.cells.append(self.pos)" in code and "self.neighborhood = 'x'" in code


def test_an_agent_that_leaves_the_model_need_not_leave_the_space_before() -> None:
    assert (
        rewritten("self.model.grid.remove_agent(self)\n    self.remove()", GRID) == "self.remove()"
    )


LACKING = [
    (GRID, "self.cell; x = mystery(self.model).agents", "Name a cell `cell`"),
    (GRID, "a, self.cell = self.cell, self.model.grid[1, 1]", "Move one agent"),
    (GRID, "self.pos = (1, 2)", "`move_agent` or `place_agent`"),
    (GRID, "self.model.grid.swap_pos(self, self)", "no counterpart for"),
    (GRID, "for c in self.cell.connections: self.seen = c", "no counterpart for"),
    (GRID, "self.cell.neighborhood.select(at_most=0.5)", "not a share"),
    (PLANE, "self.pos += 1", "`move_agent` or `place_agent`"),
]


@pytest.mark.parametrize(("topology", "line", "advice"), LACKING, ids=[row[1] for row in LACKING])
def test_what_agentpy_lacks_is_named(topology: dict[str, Any], line: str, advice: str) -> None:
    mystery = "def mystery(model):\n    return model.agents[0].home\n"
    with pytest.raises(TargetLacks, match=advice):
        rewritten(line, topology, mystery)
