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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 100,
    # Columns of the city, in cells.
    "width": 30,
    # Rows of the city, in cells.
    "height": 30,
    # Share of the cells that are occupied.
    "density": 0.8,
    # Probability that a household belongs to the minority.
    "minority_share": 0.5,
    # Least share of neighbors of the own group with which a household is happy.
    "wanted_similarity": 0.33,
}


def count_households(density, width, height):
    """Give the number of households; at least one cell stays empty for moves."""
    return min(round(density * width * height), width * height - 1)


def draw_group(model):
    """Draw the group of a household."""
    return "minority" if model.random.random() < model.p.minority_share else "majority"


def look_around(model):
    """Let all households judge their neighborhoods for the first time."""
    for household in model.agents:
        household.judge_neighborhood()


def measure_segregation(model):
    """Give the mean share of neighbors of the own group."""
    households = model.agents
    shares = [h.similar_share for h in households if h.similar_share is not None]
    return sum(shares) / len(shares) if shares else 0.0


def count_unhappy(model):
    """Count the unhappy households."""
    return sum(not household.is_happy for household in model.agents)


class Household(ap.Agent):
    """Belongs to one of two groups and moves when too few neighbors are of its own.

    Attributes:
        group: The group: majority or minority. It never changes.
        similar_share: Share of the neighbors who belong to the same group; nothing
            without neighbors.
        is_happy: Whether the household wants to stay.
    """

    def setup(self):
        self.group = draw_group(self.model)
        self.similar_share = None
        self.is_happy = True

    def move_if_unhappy(self):
        """Move to a random empty cell when the neighborhood does not suit."""
        if not self.is_happy:
            self.model.grid.move_to(
                self, self.model.random.choice(self.model.grid.empty)
            )

    def judge_neighborhood(self):
        """Find the share of similar neighbors and decide whether it is enough."""
        neighbors = list(self.model.grid.neighbors(self))
        if not neighbors:
            self.similar_share = None
            self.is_happy = True
            return
        similar = sum(neighbor.group == self.group for neighbor in neighbors)
        self.similar_share = similar / len(neighbors)
        self.is_happy = self.similar_share >= self.p.wanted_similarity


class SchellingSegregation(ap.Model):
    """A city of houses, each for one household.

    Attributes:
        segregation_index: Mean share of neighbors of the own group: about 0.5 in a
            mixed city of two equal groups, 1 when they are apart.
        unhappy_count: Households that want to move.
        initial_household_count: Number of Household agents at the start.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.stop_reason = None

        self.initial_household_count = count_households(
            self.p.density, self.p.width, self.p.height
        )

        self.grid = ap.Grid(
            self, (self.p.width, self.p.height), torus=True, track_empty=True
        )

        self.agents = ap.AgentDList(self, self.initial_household_count, Household)
        self.grid.add_agents(self.agents, random=True, empty=True)

        look_around(self)

        self.segregation_index = measure_segregation(self)
        self.unhappy_count = count_unhappy(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().move_if_unhappy()
        self.agents.shuffle().judge_neighborhood()
        self.segregation_index = measure_segregation(self)
        self.unhappy_count = count_unhappy(self)
        self.stop_reason = self.find_stop_reason()
        if self.stop_reason is not None:
            self.stop()

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("segregation_index")
        self.record("unhappy_count")
        group_values = [agent.group for agent in self.agents]
        self.record("Household.group.majority", group_values.count("majority"))
        self.record("Household.group.minority", group_values.count("minority"))
        self.record("Household.count", len(self.agents))

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # Nobody wants to move any more.
        if self.unhappy_count == 0:
            return "globalVariable.unhappy_count"
        return None
