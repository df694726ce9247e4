"""How language models write code about the space: it gives the same on every target."""

import pytest

from both_targets import GRID, PLACE_CELL, PLACE_POS, SHARED, TARGETS, known, world

IDIOMS_OF_POSITIONS = [
    """def look(self):
    grid = self.model.grid
    cells = grid.get_neighborhood(self.pos, moore=True, include_center=False)
    empty_cells = [c for c in cells if grid.is_cell_empty(c)]
    self.seen = sorted(empty_cells)
""",
    """def look(self):
    cellmates = self.model.grid.get_cell_list_contents([self.pos])
    cellmates.pop(cellmates.index(self))
    self.seen = sorted(a.index for a in cellmates)
""",
    """def look(self):
    (x, y) = self.pos
    contents = self.model.grid.get_cell_list_contents((x, y))
    self.seen = sorted(a.index for a in contents)
""",
    """def look(self):
    total = 0
    for pos in self.model.grid.iter_neighborhood(self.pos, moore=False):
        this_cell = self.model.grid.get_cell_list_contents([pos])
        total += len(this_cell)
        other = self.model.grid.get_cell_list_contents(pos)
        total += 10 * len(other)
    self.seen = [total]
""",
    """def look(self):
    best, best_pos = -1, None
    for neighbor_pos in self.model.grid.get_neighborhood(self.pos, moore=True, radius=2):
        n = len(self.model.grid.get_cell_list_contents([neighbor_pos]))
        if n > best or (n == best and neighbor_pos < best_pos):
            best, best_pos = n, neighbor_pos
    if best_pos is not None and best_pos != self.pos:
        self.seen = [best, best_pos]
""",
    """def look(self):
    def crowded(pos):
        return len(self.model.grid.get_cell_list_contents([pos])) > 1
    self.seen = [crowded(self.pos)] + [crowded((x, 0)) for x in range(self.model.grid.width)]
""",
    """def look(self):
    found = []
    for x in range(self.model.grid.width):
        for y in range(self.model.grid.height):
            agents = self.model.grid.get_cell_list_contents([(x, y)])
            found.append(len([a for a in agents if isinstance(a, Walker)]))
    self.seen = found
""",
    """def look(self):
    neighbors = self.model.grid.get_neighbors(self.pos, moore=True)
    if neighbors:
        nearest = min(neighbors, key=lambda n: (abs(n.pos[0] - self.pos[0]), n.index))
        self.seen = [nearest.index]
    else:
        self.seen = []
""",
    """def look(self):
    new_pos = (self.pos[0] + 1, self.pos[1])
    if not self.model.grid.out_of_bounds(new_pos):
        self.seen = [a.index for a in self.model.grid.get_cell_list_contents([new_pos])]
        self.seen.sort()
""",
    """def look(self):
    self.seen = sorted((len(content), pos) for content, pos in self.model.grid.coord_iter())
""",
    """def look(self):
    neighbors = [n for n in self.model.grid.get_neighbors(self.pos, moore=True) if n is not self]
    self.seen = [sum(1 for n in neighbors if n.pos == self.pos), len(neighbors)]
""",
]
IDIOMS_OF_CELLS = [
    """def look(self):
    cells = list(self.cell.neighborhood)
    free = [cell for cell in cells if not cell.is_full]
    target = min(free, key=lambda cell: (len(cell.agents), cell.coordinate))
    self.seen = [target.coordinate]
""",
    """def look(self):
    def count(cell):
        return len(cell.agents)
    self.seen = [count(cell) for cell in self.cell.neighborhood]
    self.seen.sort()
""",
    """def look(self):
    others = [a for a in self.cell.agents if a is not self]
    self.seen = sorted(o.index for o in others)
""",
    """def look(self):
    neighborhood = self.cell.get_neighborhood(radius=2, include_center=True)
    self.seen = [len(neighborhood.cells), sorted(a.index for a in neighborhood.agents)]
""",
    """def look(self):
    x, y = self.cell.coordinate
    target = self.model.grid[((x + 1) % self.model.grid.width, y)]
    self.seen = [len(target.agents), target == self.cell, target is self.cell]
""",
    """def look(self):
    self.home = self.cell
    near = [c for c in self.home.neighborhood.cells if c.is_empty]
    self.seen = sorted(c.coordinate for c in near)
""",
    """def look(self):
    total = 0
    for cell in self.model.grid.all_cells:
        if cell in self.cell.neighborhood:
            total += len(cell.agents)
    self.seen = [total, sum(1 for c in self.model.grid.all_cells if c.is_empty)]
""",
    """def look(self):
    step = self.cell
    for _ in range(2):
        nxt = step.connections.get((1, 0))
        if nxt is None:
            break
        step = nxt
    self.seen = [step.coordinate]
""",
    """def look(self):
    if self.cell is not None:
        self.seen = [self.cell.coordinate[0]]
""",
]
CASES = [
    *((PLACE_POS, code) for code in IDIOMS_OF_POSITIONS),
    *((PLACE_CELL, code) for code in IDIOMS_OF_CELLS),
]


@pytest.mark.parametrize(("put", "code"), CASES)
def test_an_idiom_gives_the_same_on_every_target(put: str, code: str) -> None:
    raw = world(GRID | {"cellCapacity": 7}, put.format(places=SHARED), ["0"])
    raw["agents"][0][0]["agentBehaviors"][0]["code"] = code
    mesa, agentpy = (known(raw, target, "seen") for target in TARGETS)
    assert mesa == agentpy and any(mesa.values())
