"""Forest fire.

A fire enters a forest at its left edge and jumps from tree to neighboring tree. Whether
it burns out or crosses the whole forest depends on how densely the trees stand.

What happens. Every burning tree sets each untouched tree on the four neighboring cells
on fire with the spread probability, and is burned down after one step. Trees that
caught fire burn in the next step. The run ends when nothing burns.

What to watch. The burned share changes abruptly with the density of the trees. With a
spread probability of 1 the fire stays near the edge below a density of about 0.59 and
consumes almost everything above it: this is site percolation, and 0.593 is its
threshold on the square grid. Near the threshold the fire lasts longest.

Sources. Percolation: Stauffer and Aharony (1994). The forest fire as a model of it:
Drossel and Schwabl (1992), who add growing trees and lightning.
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import FixedAgent, OrthogonalVonNeumannGrid

MAX_STEPS = 1000


def count_planted(density, width, height):
    """Give the number of trees for a density."""
    return min(round(density * width * height), width * height)


def set_fire(model):
    """Set the trees in the leftmost column on fire."""
    for tree in model.agents_by_type[Tree]:
        column, _ = tree.cell.coordinate
        if column == 0:
            tree.state = "burning"


def count_fine(model):
    """Count the trees that are fine."""
    return sum(tree.state == "fine" for tree in model.agents_by_type[Tree])


def count_burning(model):
    """Count the trees that are burning."""
    return sum(tree.state == "burning" for tree in model.agents_by_type[Tree])


def count_burned(model):
    """Count the trees that are burned."""
    return sum(tree.state == "burned" for tree in model.agents_by_type[Tree])


def measure_damage(model):
    """Give the share of the trees that are burned."""
    return model.burned_count / max(1, len(model.agents_by_type[Tree]))


class Tree(FixedAgent):
    """Catches fire from a neighboring tree and burns down.

    Attributes:
        state: fine, ignited (burns in the next step), burning or burned.
    """

    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.state = "fine"

    def burn(self):
        """Set neighboring trees on fire and burn down."""
        if self.state != "burning":
            return
        for tree in self.cell.neighborhood.agents:
            catches_fire = self.random.random() < self.model.spread_probability
            if tree.state == "fine" and catches_fire:
                tree.state = "ignited"
        self.state = "burned"

    def flare_up(self):
        """Burn from now on, after having caught fire in this step."""
        if self.state == "ignited":
            self.state = "burning"


class ForestFire(Model):
    """A piece of forest whose left edge is on fire.

    Args:
        width: Columns of the forest, in cells.
        height: Rows of the forest, in cells.
        density: Share of the cells on which a tree stands.
        spread_probability: Probability that a burning tree sets one neighboring tree on
            fire.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        fine_count: Trees that the fire has not reached.
        burning_count: Trees on fire.
        burned_count: Trees that are burned down.
        burned_share: Share of the trees that are burned down.
        initial_tree_count: Number of Tree agents at the start.
    """

    def __init__(
        self,
        width=100,
        height=100,
        density=0.65,
        spread_probability=1.0,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.width = width
        self.height = height
        self.density = density
        self.spread_probability = spread_probability

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Tree, AgentSet([], random=self.random))

        self.initial_tree_count = count_planted(self.density, self.width, self.height)

        self.grid = OrthogonalVonNeumannGrid(
            (self.width, self.height), torus=False, capacity=1, random=self.random
        )

        Tree.create_agents(
            self,
            self.initial_tree_count,
            cell=self.free_places(self.initial_tree_count),
        )

        set_fire(self)

        self.fine_count = count_fine(self)
        self.burning_count = count_burning(self)
        self.burned_count = count_burned(self)
        self.burned_share = measure_damage(self)

        self.datacollector = DataCollector(
            model_reporters={
                "fine_count": "fine_count",
                "burning_count": "burning_count",
                "burned_count": "burned_count",
                "burned_share": "burned_share",
                "Tree.count": lambda model: len(model.agents_by_type[Tree]),
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Tree].shuffle_do("burn")
        self.agents_by_type[Tree].shuffle_do("flare_up")
        self.fine_count = count_fine(self)
        self.burning_count = count_burning(self)
        self.burned_count = count_burned(self)
        self.burned_share = measure_damage(self)
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # The fire is out.
        if self.burning_count == 0:
            return "globalVariable.burning_count"
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
