"""Wolves, sheep and grass as a Mesa programmer would write it by hand.

Animals that were eaten must not act any more, so each pass asks whether an animal still lives.
"""

from mesa import DataCollector, Model
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid


class Animal(CellAgent):
    def __init__(self, model, cell, energy):
        super().__init__(model)
        self.cell = cell
        self.energy = energy

    def move(self):
        self.cell = self.cell.neighborhood.select_random_cell()
        self.energy -= 1

    def starve(self):
        if self.energy < 0:
            self.remove()


class Sheep(Animal):
    def eat_grass(self):
        if self.model.grass_wait[self.cell.coordinate] == 0:
            self.energy += 6
            self.model.grass_wait[self.cell.coordinate] = 30

    def reproduce(self):
        if self.random.random() < 0.06:
            self.energy /= 2
            Sheep(self.model, self.cell, self.energy)


class Wolf(Animal):
    def hunt(self):
        prey = [animal for animal in self.cell.agents if isinstance(animal, Sheep)]
        if prey:
            self.energy += 25
            self.random.choice(prey).remove()

    def reproduce(self):
        if self.random.random() < 0.05:
            self.energy /= 2
            Wolf(self.model, self.cell, self.energy)


def energies(kind, summary):
    def report(model):
        values = model.energies[kind]
        return summary(values) if values else None

    return report


def mean(values):
    return sum(values) / len(values)


class WolfSheep(Model):
    def __init__(self, width=50, height=50, sheep=100, wolves=50, seed=None):
        super().__init__(rng=seed)
        self.grid = OrthogonalMooreGrid((width, height), torus=True, random=self.random)
        wait = self.rng.integers(0, 30, (width, height), endpoint=True)
        wait[self.rng.random((width, height)) < 0.5] = 0
        self.grass_wait = wait
        for kind, count, gain in ((Sheep, sheep, 6), (Wolf, wolves, 25)):
            for cell in self.random.choices(self.grid.all_cells.cells, k=count):
                kind(self, cell, self.random.uniform(0, 2 * gain))
        self.datacollector = DataCollector(
            model_reporters={
                "grass": lambda m: int((m.grass_wait == 0).sum()),
                "sheep": lambda m: len(m.agents_by_type[Sheep]),
                "wolves": lambda m: len(m.agents_by_type[Wolf]),
                **{
                    f"{kind.__name__}.{name}": energies(kind, summary)
                    for kind in (Sheep, Wolf)
                    for name, summary in (("mean", mean), ("min", min), ("max", max))
                },
            }
        )
        self.collect()

    def collect(self):
        self.energies = {
            kind: [animal.energy for animal in self.agents_by_type[kind]] for kind in (Sheep, Wolf)
        }
        self.datacollector.collect(self)

    def act(self, kind, action):
        living = self.agents_by_type[kind]
        order = list(living)
        self.random.shuffle(order)
        for animal in order:
            if animal in living:
                getattr(animal, action)()

    def step(self):
        for action in ("move", "eat_grass", "starve", "reproduce"):
            self.act(Sheep, action)
        for action in ("move", "hunt", "starve", "reproduce"):
            self.act(Wolf, action)
        self.grass_wait[self.grass_wait > 0] -= 1
        self.collect()
