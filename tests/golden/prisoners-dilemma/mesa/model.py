"""Spatial prisoner's dilemma.

Players who always cooperate and players who always defect play the prisoner's dilemma
with their neighbors and copy whoever does best. In space cooperation survives, although
defection always pays more in a single game.

What happens. Every player plays with its eight neighbors and with itself. A cooperator
earns 1 from each cooperator it plays with; a defector earns the temptation; nobody
earns anything from a defector. Then all players at once take over the strategy of the
most successful player among their neighbors and themselves. Chance plays a part only at
the start.

What to watch. For a temptation between 1.8 and 2 cooperators and defectors chase each
other in ever-changing patterns, and the share of cooperators settles near 0.318 from
almost any start. Below 1.8 cooperators fare better. Above 2 only a few square blocks of
them are left, and above 3 a defector at the edge of such a block does better than
anybody in it: cooperation dies out.

Source. Nowak and May (1992).
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import FixedAgent, OrthogonalMooreGrid

MAX_STEPS = 200


def reached(target, before, now):
    """Whether a value is at the target, or has crossed it since the step before."""
    return now == target or (before - target) * (now - target) < 0


def count_cells(width, height):
    """Give the number of cells."""
    return width * height


def draw_strategy(model):
    """Draw whether a player cooperates at the start."""
    return model.random.random() < model.initial_cooperator_share


def measure_cooperation(model):
    """Give the share of players who cooperate."""
    players = model.agents_by_type[Player]
    return sum(player.cooperates for player in players) / max(1, len(players))


class Player(FixedAgent):
    """Always cooperates or always defects, until a neighbor does better.

    Attributes:
        cooperates: Whether the player cooperates in this round.
        cooperates_next: Whether the player will cooperate in the next round.
        payoff: What the player earned in this round.
    """

    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.cooperates = draw_strategy(model)
        self.cooperates_next = self.cooperates
        self.payoff = 0

    def play(self):
        """Play with all neighbors and oneself, and add up the payoff."""
        partners = sum(
            neighbor.cooperates for neighbor in self.cell.neighborhood.agents
        )
        if self.cooperates:
            self.payoff = partners + 1
        else:
            self.payoff = self.model.temptation * partners

    def choose_strategy(self):
        """Choose the strategy of whoever earned most, the own one in a draw."""
        best = self
        for neighbor in self.cell.neighborhood.agents:
            if neighbor.payoff > best.payoff:
                best = neighbor
        self.cooperates_next = best.cooperates

    def adopt_strategy(self):
        """Take over the chosen strategy."""
        self.cooperates = self.cooperates_next


class SpatialPrisonersDilemma(Model):
    """A field on which every cell is a player.

    Args:
        width: Columns of the grid, in cells.
        height: Rows of the grid, in cells.
        temptation: What a defector earns from a cooperator; mutual cooperation earns 1.
        initial_cooperator_share: Probability that a player cooperates at the start.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        cooperator_share: Share of players who cooperate.
        initial_player_count: Number of Player agents at the start.
    """

    def __init__(
        self,
        width=50,
        height=50,
        temptation=1.85,
        initial_cooperator_share=0.9,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.width = width
        self.height = height
        self.temptation = temptation
        self.initial_cooperator_share = initial_cooperator_share

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Player, AgentSet([], random=self.random))

        self.initial_player_count = count_cells(self.width, self.height)

        self.grid = OrthogonalMooreGrid(
            (self.width, self.height), torus=True, capacity=1, random=self.random
        )

        Player.create_agents(
            self,
            self.initial_player_count,
            cell=self.free_places(self.initial_player_count),
        )

        self.cooperator_share = measure_cooperation(self)

        self.datacollector = DataCollector(
            model_reporters={
                "cooperator_share": "cooperator_share",
                "Player.count": lambda model: len(model.agents_by_type[Player]),
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        cooperator_share_before = self.cooperator_share
        self.agents_by_type[Player].shuffle_do("play")
        self.agents_by_type[Player].shuffle_do("choose_strategy")
        self.agents_by_type[Player].shuffle_do("adopt_strategy")
        self.cooperator_share = measure_cooperation(self)
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason(cooperator_share_before)
        self.running = self.stop_reason is None

    def find_stop_reason(self, cooperator_share_before):
        """Give the reason to end the run, None while there is none."""
        # Nobody cooperates any more.
        if reached(0, cooperator_share_before, self.cooperator_share):
            return "globalVariable.cooperator_share"
        # Everybody cooperates.
        if reached(1, cooperator_share_before, self.cooperator_share):
            return "globalVariable.cooperator_share"
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
