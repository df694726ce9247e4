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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 1000,
    # Columns of the forest, in cells.
    "width": 100,
    # Rows of the forest, in cells.
    "height": 100,
    # Share of the cells on which a tree stands.
    "density": 0.65,
    # Probability that a burning tree sets one neighboring tree on fire.
    "spread_probability": 1.0,
}


def count_planted(density, width, height):
    """Give the number of trees for a density."""
    return min(round(density * width * height), width * height)


def set_fire(model):
    """Set the trees in the leftmost column on fire."""
    for tree in model.agents:
        column, _ = tree.pos
        if column == 0:
            tree.state = "burning"


def count_fine(model):
    """Count the trees that are fine."""
    return sum(tree.state == "fine" for tree in model.agents)


def count_burning(model):
    """Count the trees that are burning."""
    return sum(tree.state == "burning" for tree in model.agents)


def count_burned(model):
    """Count the trees that are burned."""
    return sum(tree.state == "burned" for tree in model.agents)


def measure_damage(model):
    """Give the share of the trees that are burned."""
    return model.burned_count / max(1, len(model.agents))


class Grid(ap.Grid):
    """A grid that tells who is where and what is around."""

    def setup(self):
        """Keep the agents of each position at hand: to look them up by name takes long."""
        self.occupants = self.grid.agents

    def agents_at(self, *positions):
        """Give the agents on some positions."""
        return [agent for pos in positions for agent in self.occupants[pos]]

    def agents_near(self, pos):
        """Give the agents around a position."""
        return self.agents_at(*self.neighborhood(pos))

    def neighborhood(self, pos):
        """Give the positions around a position, without the diagonal ones."""
        width, height = self.shape
        x, y = pos
        reach = range(-1, 2)
        steps = [(dx, dy) for dx in reach for dy in reach if abs(dx) + abs(dy) <= 1]
        around = [
            (x + dx, y + dy)
            for dx, dy in steps
            if 0 <= x + dx < width and 0 <= y + dy < height
        ]
        return [place for place in around if place != (x, y)]


class Tree(ap.Agent):
    """Catches fire from a neighboring tree and burns down.

    Attributes:
        state: fine, ignited (burns in the next step), burning or burned.
    """

    def setup(self):
        self.state = "fine"

    @property
    def pos(self):
        """The agent's column and row, None while it is not on the grid."""
        return self.model.grid.positions.get(self)

    def burn(self):
        """Set neighboring trees on fire and burn down."""
        if self.state != "burning":
            return
        for tree in self.model.grid.agents_near(self.pos):
            catches_fire = self.model.random.random() < self.p.spread_probability
            if tree.state == "fine" and catches_fire:
                tree.state = "ignited"
        self.state = "burned"

    def flare_up(self):
        """Burn from now on, after having caught fire in this step."""
        if self.state == "ignited":
            self.state = "burning"


class ForestFire(ap.Model):
    """A piece of forest whose left edge is on fire.

    Attributes:
        fine_count: Trees that the fire has not reached.
        burning_count: Trees on fire.
        burned_count: Trees that are burned down.
        burned_share: Share of the trees that are burned down.
        initial_tree_count: Number of Tree agents at the start.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.stop_reason = None

        self.initial_tree_count = count_planted(
            self.p.density, self.p.width, self.p.height
        )

        self.grid = Grid(
            self, (self.p.width, self.p.height), torus=False, track_empty=True
        )

        self.agents = ap.AgentDList(self, self.initial_tree_count, Tree)
        self.grid.add_agents(self.agents, random=True, empty=True)

        set_fire(self)

        self.fine_count = count_fine(self)
        self.burning_count = count_burning(self)
        self.burned_count = count_burned(self)
        self.burned_share = measure_damage(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().burn()
        self.agents.shuffle().flare_up()
        self.fine_count = count_fine(self)
        self.burning_count = count_burning(self)
        self.burned_count = count_burned(self)
        self.burned_share = measure_damage(self)
        self.stop_reason = self.find_stop_reason()
        if self.stop_reason is not None:
            self.stop()

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("fine_count")
        self.record("burning_count")
        self.record("burned_count")
        self.record("burned_share")
        self.record("Tree.count", len(self.agents))

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # The fire is out.
        if self.burning_count == 0:
            return "globalVariable.burning_count"
        return None
