"""Sugarscape: foragers on a sugar landscape.

Foragers live on sugar that grows on two hills. They differ only in how far they see and
how much they need, and yet a society with rich and poor arises.

What happens. In each step every forager looks along the four directions as far as its
vision reaches, moves to the nearest free cell with the most sugar, gathers all of it
and burns its metabolism. Who has no sugar left dies. Then the sugar of every cell grows
back by the growth rate, up to what the cell can bear.

What to watch. The population falls at first and then levels off at the carrying
capacity of the landscape; those who remain see farther and need less. Sugar piles up in
few hands: the Gini coefficient rises from about 0.22 to nearly 0.4. Slower growth
carries fewer foragers.

Source. Epstein and Axtell (1996), chapter 2, rules M and G, without replacement of the
dead.
"""

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import math
from math import nan

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 300,
    # Columns of the landscape, in cells.
    "width": 50,
    # Rows of the landscape, in cells.
    "height": 50,
    # Sugar that grows on a cell in one step, up to the capacity of the cell.
    "growth_rate": 1,
    # How far the most far-sighted forager sees, in cells; the others see at least 1.
    "max_vision": 6,
    # Sugar that the hungriest forager burns in one step; the others burn at least 1.
    "max_metabolism": 4,
    # Number of Forager agents at the start.
    "initial_forager_count": 400,
}


def mean(values):
    """Give the mean of some numbers, nan when there are none."""
    return sum(values) / len(values) if values else nan


def shape_landscape(width, height):
    """Give the sugar that each cell can bear: 4 on two hilltops, less around."""

    def capacity(x, y):
        distances = [
            math.hypot(x / width - peak_x, y / height - peak_y)
            for peak_x, peak_y in ((0.3, 0.3), (0.7, 0.7))
        ]
        return max(0, 4 - int(min(distances) / 0.1))

    return [[capacity(x, y) for y in range(height)] for x in range(width)]


def copy_landscape(model):
    """Give a landscape on which each cell bears all the sugar that it can."""
    return [list(column) for column in model.capacity]


def draw_vision(model):
    """Draw how far a forager sees."""
    return model.random.randint(1, model.p.max_vision)


def draw_metabolism(model):
    """Draw how much a forager needs."""
    return model.random.randint(1, model.p.max_metabolism)


def draw_endowment(model):
    """Draw the sugar that a forager owns at the start."""
    return model.random.randint(5, 25)


def measure_gini(model):
    """Give the Gini coefficient of the foragers' sugar, from 0 to nearly 1."""
    wealth = sorted(forager.sugar for forager in model.agents)
    count, total = len(wealth), sum(wealth)
    if total == 0:
        return 0.0
    ranked = sum(rank * value for rank, value in enumerate(wealth, start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


def sum_sugar(model):
    """Give the sugar that grows on the landscape."""
    return sum(map(sum, model.sugar))


class Grid(ap.Grid):
    """A grid that tells who is where."""

    def setup(self):
        """Keep the agents of each position at hand: to look them up by name takes long."""
        self.occupants = self.grid.agents

    def move_to(self, agent, pos):
        """Move an agent to a position that has room for it."""
        if pos != self.positions[agent] and self.occupants[pos]:
            raise ValueError(f"There is no room for {agent} on {pos}.")
        super().move_to(agent, pos)

    def is_empty(self, pos):
        """Whether nobody is on a position."""
        return not self.occupants[pos]

    def beside(self, pos, direction):
        """Give the position one step away."""
        width, height = self.shape
        x, y = pos[0] + direction[0], pos[1] + direction[1]
        return x % width, y % height


class Forager(ap.Agent):
    """Looks for sugar, gathers it and lives on it.

    Attributes:
        vision: How far the forager sees, in cells.
        metabolism: Sugar that the forager burns in one step.
        sugar: Sugar that the forager owns; it dies when nothing is left.
    """

    def setup(self):
        self.vision = draw_vision(self.model)
        self.metabolism = draw_metabolism(self.model)
        self.sugar = draw_endowment(self.model)

    @property
    def pos(self):
        """The agent's column and row, None while it is not on the grid."""
        return self.model.grid.positions.get(self)

    def move(self):
        """Move to the nearest free cell in sight that bears the most sugar."""
        sugar = self.model.sugar
        best_cell = self.pos
        x, y = best_cell
        most, least_distance = sugar[x][y], 0
        directions = [(-1, 0), (1, 0), (0, -1), (0, 1)]
        self.model.random.shuffle(directions)
        for direction in directions:
            cell = self.pos
            for distance in range(1, self.vision + 1):
                cell = self.model.grid.beside(cell, direction)
                if cell is None:
                    break
                x, y = cell
                found = sugar[x][y]
                is_better = found > most or (
                    found == most and distance < least_distance
                )
                if is_better and self.model.grid.is_empty(cell):
                    best_cell, most, least_distance = cell, found, distance
        self.model.grid.move_to(self, best_cell)

    def gather(self):
        """Gather all sugar of the cell."""
        x, y = self.pos
        self.sugar += self.model.sugar[x][y]
        self.model.sugar[x][y] = 0

    def eat(self):
        """Burn sugar, and die when nothing is left."""
        self.sugar -= self.metabolism
        if self.sugar <= 0:
            self.remove()

    def remove(self):
        """Leave the model and its space for good."""
        if self in self.model.grid.positions:
            self.model.grid.remove_agents(self)
        if self in self.model.agents:
            self.model.agents.remove(self)


class SugarscapeForagersSugarLandscape(ap.Model):
    """A landscape with two hills of sugar.

    Attributes:
        gini: Gini coefficient of the foragers' sugar: 0 when all own the same, near 1
            when one owns everything.
        standing_sugar: Sugar that grows on the landscape.
        capacity: Most sugar that each cell can bear, by column and row.
        sugar: Sugar on each cell now, by column and row.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.grid = Grid(
            self, (self.p.width, self.p.height), torus=True, track_empty=True
        )

        self.capacity = shape_landscape(self.p.width, self.p.height)
        self.sugar = copy_landscape(self)

        self.agents = ap.AgentDList(self, self.p.initial_forager_count, Forager)
        self.grid.add_agents(self.agents, random=True, empty=True)

        self.gini = measure_gini(self)
        self.standing_sugar = sum_sugar(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().buffer().move()
        self.agents.shuffle().buffer().gather()
        self.agents.shuffle().buffer().eat()
        self.grow_sugar()
        self.gini = measure_gini(self)
        self.standing_sugar = sum_sugar(self)

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("gini")
        self.record("standing_sugar")
        vision_values = [agent.vision for agent in self.agents]
        self.record("Forager.vision.mean", mean(vision_values))
        self.record("Forager.vision.min", min(vision_values, default=nan))
        self.record("Forager.vision.max", max(vision_values, default=nan))
        metabolism_values = [agent.metabolism for agent in self.agents]
        self.record("Forager.metabolism.mean", mean(metabolism_values))
        self.record("Forager.metabolism.min", min(metabolism_values, default=nan))
        self.record("Forager.metabolism.max", max(metabolism_values, default=nan))
        sugar_values = [agent.sugar for agent in self.agents]
        self.record("Forager.sugar.mean", mean(sugar_values))
        self.record("Forager.sugar.min", min(sugar_values, default=nan))
        self.record("Forager.sugar.max", max(sugar_values, default=nan))
        self.record("Forager.count", len(self.agents))

    def grow_sugar(self):
        """Let sugar grow on every cell, up to the capacity of the cell."""
        for sugar, capacity in zip(self.sugar, self.capacity):
            for y, limit in enumerate(capacity):
                if sugar[y] < limit:
                    sugar[y] = min(sugar[y] + self.p.growth_rate, limit)
