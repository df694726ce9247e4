"""Wolves, sheep and grass.

Sheep graze, wolves hunt sheep, grass grows back: the smallest food chain in which
predator and prey can live side by side for a long time.

What happens. In each step every animal walks to a random neighboring cell and loses one
unit of energy. A sheep on a grown cell eats the grass there; a wolf that meets a sheep
eats it. An animal without energy dies; with a small probability it has one offspring
and gives it half of its energy. An eaten cell is bare until its grass has grown back.

What to watch. Both populations swing, and the wolves follow the sheep with a delay.
Grass moves against the sheep: it limits them, and so it keeps the swings from growing
until one species is gone. Let the grass grow back at once (a regrowth time of 0) and
the swings become violent. On small fields either species can die out by chance.

Source. The rules follow the model Wolf Sheep Predation (Wilensky 1997), with parameters
for clear swings on this grid; the cycles were predicted by Lotka (1925) and Volterra
(1926).
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid

MAX_STEPS = 500


def mean(values):
    """Give the mean of some numbers, None when there are none."""
    return sum(values) / len(values) if values else None


def sow_grass(model):
    """Give the steps until each cell bears grass: none in about half of them."""
    shape = (model.width, model.height)
    wait = model.rng.integers(0, model.grass_regrowth_time, shape, endpoint=True)
    wait[model.rng.random(shape) < 0.5] = 0
    return wait


def count_grass(model):
    """Count the cells that bear grass."""
    return int((model.grass_wait == 0).sum())


def count_sheep(model):
    """Count the living sheep."""
    return len(model.agents_by_type[Sheep])


def draw_sheep_energy(model):
    """Draw the energy of a sheep at the start, at most two meals."""
    return model.random.uniform(0, 2 * model.sheep_gain_from_food)


def draw_wolf_energy(model):
    """Draw the energy of a wolf at the start, at most two meals."""
    return model.random.uniform(0, 2 * model.wolf_gain_from_food)


class Sheep(CellAgent):
    """Eats grass and is eaten by wolves.

    Attributes:
        energy: Energy reserve; the sheep dies when it falls below 0.
    """

    removed = False

    def __init__(self, model, cell=None, energy=None):
        super().__init__(model)
        self.cell = cell
        self.energy = draw_sheep_energy(model) if energy is None else energy

    def move(self):
        """Walk to a random neighboring cell, at the cost of one unit of energy."""
        self.cell = self.cell.neighborhood.select_random_cell()
        self.energy -= 1

    def eat_grass(self):
        """Eat the grass of the cell, if there is any."""
        if self.model.grass_wait[self.cell.coordinate] == 0:
            self.energy += self.model.sheep_gain_from_food
            self.model.grass_wait[self.cell.coordinate] = self.model.grass_regrowth_time

    def starve(self):
        """Die when the energy is used up."""
        if self.energy < 0:
            self.remove()

    def reproduce(self):
        """Have one offspring by chance, and share the energy with it."""
        if self.random.random() < self.model.sheep_reproduction:
            self.energy /= 2
            Sheep(self.model, cell=self.cell, energy=self.energy)

    def remove(self):
        """Leave the model for good."""
        super().remove()
        self.removed = True


class Wolf(CellAgent):
    """Eats sheep.

    Attributes:
        energy: Energy reserve; the wolf dies when it falls below 0.
    """

    removed = False

    def __init__(self, model, cell=None, energy=None):
        super().__init__(model)
        self.cell = cell
        self.energy = draw_wolf_energy(model) if energy is None else energy

    def move(self):
        """Walk to a random neighboring cell, at the cost of one unit of energy."""
        self.cell = self.cell.neighborhood.select_random_cell()
        self.energy -= 1

    def hunt(self):
        """Eat one sheep of the cell, if there is any."""
        prey = [animal for animal in self.cell.agents if isinstance(animal, Sheep)]
        if prey:
            self.energy += self.model.wolf_gain_from_food
            self.random.choice(prey).remove()

    def starve(self):
        """Die when the energy is used up."""
        if self.energy < 0:
            self.remove()

    def reproduce(self):
        """Have one offspring by chance, and share the energy with it."""
        if self.random.random() < self.model.wolf_reproduction:
            self.energy /= 2
            Wolf(self.model, cell=self.cell, energy=self.energy)

    def remove(self):
        """Leave the model for good."""
        super().remove()
        self.removed = True


class WolvesSheepGrass(Model):
    """A field of grass without edges.

    Args:
        width: Columns of the field, in cells.
        height: Rows of the field, in cells.
        sheep_gain_from_food: Energy that a sheep gains from one cell of grass.
        wolf_gain_from_food: Energy that a wolf gains from one sheep.
        sheep_reproduction: Probability that a sheep has an offspring in one step.
        wolf_reproduction: Probability that a wolf has an offspring in one step.
        grass_regrowth_time: Steps until an eaten cell bears grass again.
        initial_sheep_count: Number of Sheep agents at the start.
        initial_wolf_count: Number of Wolf agents at the start.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        sheep_count: Living sheep.
        grass_count: Cells that bear grass.
        grass_wait: Steps until each cell bears grass; 0 where it stands.
    """

    def __init__(
        self,
        width=50,
        height=50,
        sheep_gain_from_food=6,
        wolf_gain_from_food=25,
        sheep_reproduction=0.06,
        wolf_reproduction=0.05,
        grass_regrowth_time=30,
        initial_sheep_count=100,
        initial_wolf_count=50,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.width = width
        self.height = height
        self.sheep_gain_from_food = sheep_gain_from_food
        self.wolf_gain_from_food = wolf_gain_from_food
        self.sheep_reproduction = sheep_reproduction
        self.wolf_reproduction = wolf_reproduction
        self.grass_regrowth_time = grass_regrowth_time
        self.initial_sheep_count = initial_sheep_count
        self.initial_wolf_count = initial_wolf_count

        # Every type has its set of agents, also while it is empty.
        for agent_type in (Sheep, Wolf):
            self.agents_by_type.setdefault(agent_type, AgentSet([], random=self.random))

        self.grid = OrthogonalMooreGrid(
            (self.width, self.height), torus=True, random=self.random
        )

        self.grass_wait = sow_grass(self)

        Sheep.create_agents(
            self,
            self.initial_sheep_count,
            cell=self.random.choices(
                self.grid.all_cells.cells, k=self.initial_sheep_count
            ),
        )
        Wolf.create_agents(
            self,
            self.initial_wolf_count,
            cell=self.random.choices(
                self.grid.all_cells.cells, k=self.initial_wolf_count
            ),
        )

        self.sheep_count = count_sheep(self)
        self.grass_count = count_grass(self)

        self.datacollector = DataCollector(
            model_reporters={
                "grass_count": "grass_count",
                "Sheep.energy.mean": lambda model: mean(model.sheep_energy),
                "Sheep.energy.min": lambda model: min(model.sheep_energy, default=None),
                "Sheep.energy.max": lambda model: max(model.sheep_energy, default=None),
                "Wolf.energy.mean": lambda model: mean(model.wolf_energy),
                "Wolf.energy.min": lambda model: min(model.wolf_energy, default=None),
                "Wolf.energy.max": lambda model: max(model.wolf_energy, default=None),
                "Sheep.count": lambda model: len(model.agents_by_type[Sheep]),
                "Wolf.count": lambda model: len(model.agents_by_type[Wolf]),
            },
        )
        self.collect()

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        for sheep in self.in_random_order(self.agents_by_type[Sheep]):
            sheep.move()
        for sheep in self.in_random_order(self.agents_by_type[Sheep]):
            sheep.eat_grass()
        for sheep in self.in_random_order(self.agents_by_type[Sheep]):
            sheep.starve()
        for sheep in self.in_random_order(self.agents_by_type[Sheep]):
            sheep.reproduce()
        for wolf in self.in_random_order(self.agents_by_type[Wolf]):
            wolf.move()
        for wolf in self.in_random_order(self.agents_by_type[Wolf]):
            wolf.hunt()
        for wolf in self.in_random_order(self.agents_by_type[Wolf]):
            wolf.starve()
        for wolf in self.in_random_order(self.agents_by_type[Wolf]):
            wolf.reproduce()
        self.grow_grass()
        self.sheep_count = count_sheep(self)
        self.grass_count = count_grass(self)
        self.collect()
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def collect(self):
        """Record the state of the model; what is summed up is read once."""
        self.sheep_energy = [agent.energy for agent in self.agents_by_type[Sheep]]
        self.wolf_energy = [agent.energy for agent in self.agents_by_type[Wolf]]
        self.datacollector.collect(self)

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # Without sheep the wolves starve.
        if self.sheep_count == 0:
            return "globalVariable.sheep_count"
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None

    def grow_grass(self):
        """Bring the grass of each bare cell one step closer."""
        self.grass_wait[self.grass_wait > 0] -= 1

    def in_random_order(self, agents):
        """Give each agent once, in random order.

        Agents that are removed before their turn are left out.
        """
        order = list(agents)
        self.random.shuffle(order)
        for agent in order:
            if not agent.removed:
                yield agent
