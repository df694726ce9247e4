"""Schelling segregation.

Two groups of households live on a grid. Nobody wants to live apart; each only wants not
to be too small a minority next door. The city segregates all the same.

What happens. A household is happy when at least the wanted similarity of its neighbors
belongs to its own group; a household without neighbors is happy too. In each step every
unhappy household moves to a random empty cell. Then all look around again.

What to watch. The segregation index is the mean share of neighbors of the own group. It
starts near one half, where groups are mixed, and rises far above what anybody asks for:
with a wanted similarity of one third it passes 0.7. The run ends when nobody is
unhappy. Above about three quarters nobody can be satisfied, and the moving never ends.

Source. Schelling (1971).
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid

MAX_STEPS = 100


def count_households(density, width, height):
    """Give the number of households; at least one cell stays empty for moves."""
    return min(round(density * width * height), width * height - 1)


def draw_group(model):
    """Draw the group of a household."""
    return "minority" if model.random.random() < model.minority_share else "majority"


def look_around(model):
    """Let all households judge their neighborhoods for the first time."""
    for household in model.agents_by_type[Household]:
        household.judge_neighborhood()


def measure_segregation(model):
    """Give the mean share of neighbors of the own group."""
    households = model.agents_by_type[Household]
    shares = [h.similar_share for h in households if h.similar_share is not None]
    return sum(shares) / len(shares) if shares else 0.0


def count_unhappy(model):
    """Count the unhappy households."""
    return sum(not household.is_happy for household in model.agents_by_type[Household])


class Household(CellAgent):
    """Belongs to one of two groups and moves when too few neighbors are of its own.

    Attributes:
        group: The group: majority or minority. It never changes.
        similar_share: Share of the neighbors who belong to the same group; nothing
            without neighbors.
        is_happy: Whether the household wants to stay.
    """

    def __init__(self, model, cell=None):
        super().__init__(model)
        self.cell = cell
        self.group = draw_group(model)
        self.similar_share = None
        self.is_happy = True

    def move_if_unhappy(self):
        """Move to a random empty cell when the neighborhood does not suit."""
        if not self.is_happy:
            self.cell = self.model.grid.select_random_empty_cell()

    def judge_neighborhood(self):
        """Find the share of similar neighbors and decide whether it is enough."""
        neighbors = list(self.cell.neighborhood.agents)
        if not neighbors:
            self.similar_share = None
            self.is_happy = True
            return
        similar = sum(neighbor.group == self.group for neighbor in neighbors)
        self.similar_share = similar / len(neighbors)
        self.is_happy = self.similar_share >= self.model.wanted_similarity


class SchellingSegregation(Model):
    """A city of houses, each for one household.

    Args:
        width: Columns of the city, in cells.
        height: Rows of the city, in cells.
        density: Share of the cells that are occupied.
        minority_share: Probability that a household belongs to the minority.
        wanted_similarity: Least share of neighbors of the own group with which a
            household is happy.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        segregation_index: Mean share of neighbors of the own group: about 0.5 in a
            mixed city of two equal groups, 1 when they are apart.
        unhappy_count: Households that want to move.
        initial_household_count: Number of Household agents at the start.
    """

    def __init__(
        self,
        width=30,
        height=30,
        density=0.8,
        minority_share=0.5,
        wanted_similarity=0.33,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.width = width
        self.height = height
        self.density = density
        self.minority_share = minority_share
        self.wanted_similarity = wanted_similarity

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Household, AgentSet([], random=self.random))

        self.initial_household_count = count_households(
            self.density, self.width, self.height
        )

        self.grid = OrthogonalMooreGrid(
            (self.width, self.height), torus=True, capacity=1, random=self.random
        )

        Household.create_agents(
            self,
            self.initial_household_count,
            cell=self.free_places(self.initial_household_count),
        )

        look_around(self)

        self.segregation_index = measure_segregation(self)
        self.unhappy_count = count_unhappy(self)

        self.datacollector = DataCollector(
            model_reporters={
                "segregation_index": "segregation_index",
                "unhappy_count": "unhappy_count",
                "Household.group.majority": lambda model: model.household_group.count(
                    "majority"
                ),
                "Household.group.minority": lambda model: model.household_group.count(
                    "minority"
                ),
                "Household.count": lambda model: len(model.agents_by_type[Household]),
            },
        )
        self.collect()

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Household].shuffle_do("move_if_unhappy")
        self.agents_by_type[Household].shuffle_do("judge_neighborhood")
        self.segregation_index = measure_segregation(self)
        self.unhappy_count = count_unhappy(self)
        self.collect()
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def collect(self):
        """Record the state of the model; what is summed up is read once."""
        self.household_group = [agent.group for agent in self.agents_by_type[Household]]
        self.datacollector.collect(self)

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # Nobody wants to move any more.
        if self.unhappy_count == 0:
            return "globalVariable.unhappy_count"
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None

    def free_places(self, count):
        """Give random places with room for one agent each; each is given once."""
        places = self.grid.empties.cells
        if count > len(places):
            raise ValueError(
                f"{count} agents do not fit into {len(places)} free places."
            )
        return self.random.sample(places, count)
