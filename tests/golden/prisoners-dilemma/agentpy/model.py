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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 200,
    # Columns of the grid, in cells.
    "width": 50,
    # Rows of the grid, in cells.
    "height": 50,
    # What a defector earns from a cooperator; mutual cooperation earns 1.
    "temptation": 1.85,
    # Probability that a player cooperates at the start.
    "initial_cooperator_share": 0.9,
}


def reached(target, before, now):
    """Whether a value is at the target, or has crossed it since the step before."""
    return now == target or (before - target) * (now - target) < 0


def count_cells(width, height):
    """Give the number of cells."""
    return width * height


def draw_strategy(model):
    """Draw whether a player cooperates at the start."""
    return model.random.random() < model.p.initial_cooperator_share


def measure_cooperation(model):
    """Give the share of players who cooperate."""
    players = model.agents
    return sum(player.cooperates for player in players) / max(1, len(players))


class Player(ap.Agent):
    """Always cooperates or always defects, until a neighbor does better.

    Attributes:
        cooperates: Whether the player cooperates in this round.
        cooperates_next: Whether the player will cooperate in the next round.
        payoff: What the player earned in this round.
    """

    def setup(self):
        self.cooperates = draw_strategy(self.model)
        self.cooperates_next = self.cooperates
        self.payoff = 0

    def play(self):
        """Play with all neighbors and oneself, and add up the payoff."""
        partners = sum(
            neighbor.cooperates for neighbor in self.model.grid.neighbors(self)
        )
        if self.cooperates:
            self.payoff = partners + 1
        else:
            self.payoff = self.p.temptation * partners

    def choose_strategy(self):
        """Choose the strategy of whoever earned most, the own one in a draw."""
        best = self
        for neighbor in self.model.grid.neighbors(self):
            if neighbor.payoff > best.payoff:
                best = neighbor
        self.cooperates_next = best.cooperates

    def adopt_strategy(self):
        """Take over the chosen strategy."""
        self.cooperates = self.cooperates_next


class SpatialPrisonersDilemma(ap.Model):
    """A field on which every cell is a player.

    Attributes:
        cooperator_share: Share of players who cooperate.
        initial_player_count: Number of Player agents at the start.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.stop_reason = None

        self.initial_player_count = count_cells(self.p.width, self.p.height)

        self.grid = ap.Grid(
            self, (self.p.width, self.p.height), torus=True, track_empty=True
        )

        self.agents = ap.AgentDList(self, self.initial_player_count, Player)
        self.grid.add_agents(self.agents, random=True, empty=True)

        self.cooperator_share = measure_cooperation(self)

    def step(self):
        """Advance the model by one step."""
        cooperator_share_before = self.cooperator_share
        self.agents.shuffle().play()
        self.agents.shuffle().choose_strategy()
        self.agents.shuffle().adopt_strategy()
        self.cooperator_share = measure_cooperation(self)
        self.stop_reason = self.find_stop_reason(cooperator_share_before)
        if self.stop_reason is not None:
            self.stop()

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("cooperator_share")
        self.record("Player.count", len(self.agents))

    def find_stop_reason(self, cooperator_share_before):
        """Give the reason to end the run, None while there is none."""
        # Nobody cooperates any more.
        if reached(0, cooperator_share_before, self.cooperator_share):
            return "globalVariable.cooperator_share"
        # Everybody cooperates.
        if reached(1, cooperator_share_before, self.cooperator_share):
            return "globalVariable.cooperator_share"
        return None
