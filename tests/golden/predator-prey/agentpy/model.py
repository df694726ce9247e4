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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

from math import nan

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 500,
    # Columns of the field, in cells.
    "width": 50,
    # Rows of the field, in cells.
    "height": 50,
    # Energy that a sheep gains from one cell of grass.
    "sheep_gain_from_food": 6,
    # Energy that a wolf gains from one sheep.
    "wolf_gain_from_food": 25,
    # Probability that a sheep has an offspring in one step.
    "sheep_reproduction": 0.06,
    # Probability that a wolf has an offspring in one step.
    "wolf_reproduction": 0.05,
    # Steps until an eaten cell bears grass again.
    "grass_regrowth_time": 30,
    # Number of Sheep agents at the start.
    "initial_sheep_count": 100,
    # Number of Wolf agents at the start.
    "initial_wolf_count": 50,
}


def mean(values):
    """Give the mean of some numbers, nan when there are none."""
    return sum(values) / len(values) if values else nan


def sow_grass(model):
    """Give the steps until each cell bears grass: none in about half of them."""
    shape = (model.p.width, model.p.height)
    wait = model.nprandom.integers(0, model.p.grass_regrowth_time, shape, endpoint=True)
    wait[model.nprandom.random(shape) < 0.5] = 0
    return wait


def count_grass(model):
    """Count the cells that bear grass."""
    return int((model.grass_wait == 0).sum())


def count_sheep(model):
    """Count the living sheep."""
    return len(model.sheep)


def draw_sheep_energy(model):
    """Draw the energy of a sheep at the start, at most two meals."""
    return model.random.uniform(0, 2 * model.p.sheep_gain_from_food)


def draw_wolf_energy(model):
    """Draw the energy of a wolf at the start, at most two meals."""
    return model.random.uniform(0, 2 * model.p.wolf_gain_from_food)


class Grid(ap.Grid):
    """A grid that tells who is where and what is around."""

    def setup(self):
        """Keep the agents of each position at hand: to look them up by name takes long."""
        self.occupants = self.grid.agents

    def agents_at(self, *positions):
        """Give the agents on some positions, in the order of their ids."""
        found = [agent for pos in positions for agent in self.occupants[pos]]
        return sorted(found, key=lambda agent: agent.id)

    def neighborhood(self, pos):
        """Give the positions around a position, also the diagonal ones."""
        width, height = self.shape
        x, y = pos
        columns = dict.fromkeys(i % width for i in range(x - 1, x + 2))
        rows = dict.fromkeys(j % height for j in range(y - 1, y + 2))
        around = [(i, j) for i in columns for j in rows]
        return [place for place in around if place != (x, y)]


class GridAgent(ap.Agent):
    """An agent that knows where it is."""

    @property
    def pos(self):
        """The agent's column and row, None while it is not on the grid."""
        return self.model.grid.positions.get(self)


class Sheep(GridAgent):
    """Eats grass and is eaten by wolves.

    Attributes:
        energy: Energy reserve; the sheep dies when it falls below 0.
    """

    def setup(self, pos=None, energy=None):
        if pos is not None:
            self.model.grid.add_agents([self], [pos])
        self.energy = draw_sheep_energy(self.model) if energy is None else energy

    def move(self):
        """Walk to a random neighboring cell, at the cost of one unit of energy."""
        self.model.grid.move_to(
            self, self.model.random.choice(self.model.grid.neighborhood(self.pos))
        )
        self.energy -= 1

    def eat_grass(self):
        """Eat the grass of the cell, if there is any."""
        if self.model.grass_wait[self.pos] == 0:
            self.energy += self.p.sheep_gain_from_food
            self.model.grass_wait[self.pos] = self.p.grass_regrowth_time

    def starve(self):
        """Die when the energy is used up."""
        if self.energy < 0:
            self.remove()

    def reproduce(self):
        """Have one offspring by chance, and share the energy with it."""
        if self.model.random.random() < self.p.sheep_reproduction:
            self.energy /= 2
            self.model.sheep.append(Sheep(self.model, pos=self.pos, energy=self.energy))

    def remove(self):
        """Leave the model and its space for good."""
        if self in self.model.grid.positions:
            self.model.grid.remove_agents(self)
        if self in self.model.sheep:
            self.model.sheep.remove(self)


class Wolf(GridAgent):
    """Eats sheep.

    Attributes:
        energy: Energy reserve; the wolf dies when it falls below 0.
    """

    def setup(self, pos=None, energy=None):
        if pos is not None:
            self.model.grid.add_agents([self], [pos])
        self.energy = draw_wolf_energy(self.model) if energy is None else energy

    def move(self):
        """Walk to a random neighboring cell, at the cost of one unit of energy."""
        self.model.grid.move_to(
            self, self.model.random.choice(self.model.grid.neighborhood(self.pos))
        )
        self.energy -= 1

    def hunt(self):
        """Eat one sheep of the cell, if there is any."""
        prey = [
            animal
            for animal in self.model.grid.agents_at(self.pos)
            if isinstance(animal, Sheep)
        ]
        if prey:
            self.energy += self.p.wolf_gain_from_food
            self.model.random.choice(prey).remove()

    def starve(self):
        """Die when the energy is used up."""
        if self.energy < 0:
            self.remove()

    def reproduce(self):
        """Have one offspring by chance, and share the energy with it."""
        if self.model.random.random() < self.p.wolf_reproduction:
            self.energy /= 2
            self.model.wolves.append(Wolf(self.model, pos=self.pos, energy=self.energy))

    def remove(self):
        """Leave the model and its space for good."""
        if self in self.model.grid.positions:
            self.model.grid.remove_agents(self)
        if self in self.model.wolves:
            self.model.wolves.remove(self)


class WolvesSheepGrass(ap.Model):
    """A field of grass without edges.

    Attributes:
        sheep_count: Living sheep.
        grass_count: Cells that bear grass.
        grass_wait: Steps until each cell bears grass; 0 where it stands.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.stop_reason = None

        self.grid = Grid(self, (self.p.width, self.p.height), torus=True)

        self.grass_wait = sow_grass(self)

        self.sheep = ap.AgentDList(self, self.p.initial_sheep_count, Sheep)
        self.grid.add_agents(self.sheep, random=True)
        self.wolves = ap.AgentDList(self, self.p.initial_wolf_count, Wolf)
        self.grid.add_agents(self.wolves, random=True)

        self.sheep_count = count_sheep(self)
        self.grass_count = count_grass(self)

    def step(self):
        """Advance the model by one step."""
        self.sheep.shuffle().buffer().move()
        self.sheep.shuffle().buffer().eat_grass()
        self.sheep.shuffle().buffer().starve()
        self.sheep.shuffle().buffer().reproduce()
        self.wolves.shuffle().buffer().move()
        self.wolves.shuffle().buffer().hunt()
        self.wolves.shuffle().buffer().starve()
        self.wolves.shuffle().buffer().reproduce()
        self.grow_grass()
        self.sheep_count = count_sheep(self)
        self.grass_count = count_grass(self)
        self.stop_reason = self.find_stop_reason()
        if self.stop_reason is not None:
            self.stop()

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("grass_count")
        sheep_energy_values = [agent.energy for agent in self.sheep]
        self.record("Sheep.energy.mean", mean(sheep_energy_values))
        self.record("Sheep.energy.min", min(sheep_energy_values, default=nan))
        self.record("Sheep.energy.max", max(sheep_energy_values, default=nan))
        wolf_energy_values = [agent.energy for agent in self.wolves]
        self.record("Wolf.energy.mean", mean(wolf_energy_values))
        self.record("Wolf.energy.min", min(wolf_energy_values, default=nan))
        self.record("Wolf.energy.max", max(wolf_energy_values, default=nan))
        self.record("Sheep.count", len(self.sheep))
        self.record("Wolf.count", len(self.wolves))

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # Without sheep the wolves starve.
        if self.sheep_count == 0:
            return "globalVariable.sheep_count"
        return None

    def grow_grass(self):
        """Bring the grass of each bare cell one step closer."""
        self.grass_wait[self.grass_wait > 0] -= 1
