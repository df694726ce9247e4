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

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

import math

from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import CellAgent, OrthogonalVonNeumannGrid

MAX_STEPS = 300


def mean(values):
    """Give the mean of some numbers, None when there are none."""
    return sum(values) / len(values) if values else None


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
    return model.random.randint(1, model.max_vision)


def draw_metabolism(model):
    """Draw how much a forager needs."""
    return model.random.randint(1, model.max_metabolism)


def draw_endowment(model):
    """Draw the sugar that a forager owns at the start."""
    return model.random.randint(5, 25)


def measure_gini(model):
    """Give the Gini coefficient of the foragers' sugar, from 0 to nearly 1."""
    wealth = sorted(forager.sugar for forager in model.agents_by_type[Forager])
    count, total = len(wealth), sum(wealth)
    if total == 0:
        return 0.0
    ranked = sum(rank * value for rank, value in enumerate(wealth, start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


def sum_sugar(model):
    """Give the sugar that grows on the landscape."""
    return sum(map(sum, model.sugar))


class Forager(CellAgent):
    """Looks for sugar, gathers it and lives on it.

    Attributes:
        vision: How far the forager sees, in cells.
        metabolism: Sugar that the forager burns in one step.
        sugar: Sugar that the forager owns; it dies when nothing is left.
    """

    removed = False

    def __init__(self, model, cell=None):
        super().__init__(model)
        self.cell = cell
        self.vision = draw_vision(model)
        self.metabolism = draw_metabolism(model)
        self.sugar = draw_endowment(model)

    def move(self):
        """Move to the nearest free cell in sight that bears the most sugar."""
        sugar = self.model.sugar
        best_cell = self.cell
        x, y = best_cell.coordinate
        most, least_distance = sugar[x][y], 0
        directions = [(-1, 0), (1, 0), (0, -1), (0, 1)]
        self.random.shuffle(directions)
        for direction in directions:
            cell = self.cell
            for distance in range(1, self.vision + 1):
                cell = cell.connections.get(direction)
                if cell is None:
                    break
                x, y = cell.coordinate
                found = sugar[x][y]
                is_better = found > most or (
                    found == most and distance < least_distance
                )
                if is_better and cell.is_empty:
                    best_cell, most, least_distance = cell, found, distance
        self.cell = best_cell

    def gather(self):
        """Gather all sugar of the cell."""
        x, y = self.cell.coordinate
        self.sugar += self.model.sugar[x][y]
        self.model.sugar[x][y] = 0

    def eat(self):
        """Burn sugar, and die when nothing is left."""
        self.sugar -= self.metabolism
        if self.sugar <= 0:
            self.remove()

    def remove(self):
        """Leave the model for good."""
        super().remove()
        self.removed = True


class SugarscapeForagersSugarLandscape(Model):
    """A landscape with two hills of sugar.

    Args:
        width: Columns of the landscape, in cells.
        height: Rows of the landscape, in cells.
        growth_rate: Sugar that grows on a cell in one step, up to the capacity of the
            cell.
        max_vision: How far the most far-sighted forager sees, in cells; the others see
            at least 1.
        max_metabolism: Sugar that the hungriest forager burns in one step; the others
            burn at least 1.
        initial_forager_count: Number of Forager agents at the start.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        gini: Gini coefficient of the foragers' sugar: 0 when all own the same, near 1
            when one owns everything.
        standing_sugar: Sugar that grows on the landscape.
        capacity: Most sugar that each cell can bear, by column and row.
        sugar: Sugar on each cell now, by column and row.
    """

    def __init__(
        self,
        width=50,
        height=50,
        growth_rate=1,
        max_vision=6,
        max_metabolism=4,
        initial_forager_count=400,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.width = width
        self.height = height
        self.growth_rate = growth_rate
        self.max_vision = max_vision
        self.max_metabolism = max_metabolism
        self.initial_forager_count = initial_forager_count

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Forager, AgentSet([], random=self.random))

        self.grid = OrthogonalVonNeumannGrid(
            (self.width, self.height), torus=True, capacity=1, random=self.random
        )

        self.capacity = shape_landscape(self.width, self.height)
        self.sugar = copy_landscape(self)

        Forager.create_agents(
            self,
            self.initial_forager_count,
            cell=self.free_places(self.initial_forager_count),
        )

        self.gini = measure_gini(self)
        self.standing_sugar = sum_sugar(self)

        self.datacollector = DataCollector(
            model_reporters={
                "gini": "gini",
                "standing_sugar": "standing_sugar",
                "Forager.vision.mean": lambda model: mean(model.forager_vision),
                "Forager.vision.min": lambda model: min(
                    model.forager_vision, default=None
                ),
                "Forager.vision.max": lambda model: max(
                    model.forager_vision, default=None
                ),
                "Forager.metabolism.mean": lambda model: mean(model.forager_metabolism),
                "Forager.metabolism.min": lambda model: min(
                    model.forager_metabolism, default=None
                ),
                "Forager.metabolism.max": lambda model: max(
                    model.forager_metabolism, default=None
                ),
                "Forager.sugar.mean": lambda model: mean(model.forager_sugar),
                "Forager.sugar.min": lambda model: min(
                    model.forager_sugar, default=None
                ),
                "Forager.sugar.max": lambda model: max(
                    model.forager_sugar, default=None
                ),
                "Forager.count": lambda model: len(model.agents_by_type[Forager]),
            },
        )
        self.collect()

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        for forager in self.in_random_order(self.agents_by_type[Forager]):
            forager.move()
        for forager in self.in_random_order(self.agents_by_type[Forager]):
            forager.gather()
        for forager in self.in_random_order(self.agents_by_type[Forager]):
            forager.eat()
        self.grow_sugar()
        self.gini = measure_gini(self)
        self.standing_sugar = sum_sugar(self)
        self.collect()
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def collect(self):
        """Record the state of the model; what is summed up is read once."""
        self.forager_vision = [agent.vision for agent in self.agents_by_type[Forager]]
        self.forager_metabolism = [
            agent.metabolism for agent in self.agents_by_type[Forager]
        ]
        self.forager_sugar = [agent.sugar for agent in self.agents_by_type[Forager]]
        self.datacollector.collect(self)

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None

    def grow_sugar(self):
        """Let sugar grow on every cell, up to the capacity of the cell."""
        for sugar, capacity in zip(self.sugar, self.capacity):
            for y, limit in enumerate(capacity):
                if sugar[y] < limit:
                    sugar[y] = min(sugar[y] + self.growth_rate, limit)

    def free_places(self, count):
        """Give random places with room for one agent each; each is given once."""
        places = self.grid.empties.cells
        if count > len(places):
            raise ValueError(
                f"{count} agents do not fit into {len(places)} free places."
            )
        return self.random.sample(places, count)

    def in_random_order(self, agents):
        """Give each agent once, in random order.

        Agents that are removed before their turn are left out.
        """
        order = list(agents)
        self.random.shuffle(order)
        for agent in order:
            if not agent.removed:
                yield agent
