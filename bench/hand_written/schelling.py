"""Schelling segregation as a Mesa programmer would write it by hand."""

from mesa import DataCollector, Model
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid


class Household(CellAgent):
    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.group = "minority" if self.random.random() < 0.5 else "majority"
        self.similar_share = None
        self.is_happy = True

    def move_if_unhappy(self):
        if not self.is_happy:
            self.cell = self.model.grid.select_random_empty_cell()

    def judge_neighborhood(self):
        neighbors = list(self.cell.neighborhood.agents)
        if not neighbors:
            self.similar_share, self.is_happy = None, True
            return
        similar = sum(neighbor.group == self.group for neighbor in neighbors)
        self.similar_share = similar / len(neighbors)
        self.is_happy = self.similar_share >= self.model.wanted


def segregation(model):
    shares = [h.similar_share for h in model.agents if h.similar_share is not None]
    return sum(shares) / len(shares)


class Schelling(Model):
    def __init__(self, width=50, height=50, density=0.8, wanted=0.7, seed=None):
        super().__init__(rng=seed)
        self.wanted = wanted
        self.grid = OrthogonalMooreGrid((width, height), torus=True, capacity=1, random=self.random)
        count = round(density * width * height)
        cells = self.random.sample(self.grid.all_cells.cells, count)
        Household.create_agents(self, count, cell=cells)
        self.agents.do("judge_neighborhood")
        self.datacollector = DataCollector(
            model_reporters={
                "segregation": segregation,
                "unhappy": lambda m: sum(not h.is_happy for h in m.agents),
                "majority": lambda m: sum(h.group == "majority" for h in m.agents),
                "minority": lambda m: sum(h.group == "minority" for h in m.agents),
            }
        )
        self.datacollector.collect(self)

    def step(self):
        self.agents.shuffle_do("move_if_unhappy")
        self.agents.shuffle_do("judge_neighborhood")
        self.datacollector.collect(self)
