"""Boltzmann wealth exchange.

Everybody starts with the same amount of money and gives single coins to random others.
Pure chance makes few rich and many poor.

What happens. In each step everybody who owns at least one coin gives it to a person
chosen at random. (Who draws themselves keeps the coin.) Nobody is cleverer than anybody
else, and no money is made or lost.

What to watch. The Gini coefficient starts at 0, passes 0.4 within a few steps and
settles between 0.6 and two thirds when everybody starts with one coin: wealth then
nearly follows the Boltzmann-Gibbs law, the same exponential distribution as the energy
of molecules in a gas. Almost half of the people own nothing at any moment, though not
always the same people.

Source. Drăgulescu and Yakovenko (2000).
"""

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 500,
    # Number of people.
    "population": 500,
    # Coins that everybody owns at the start.
    "starting_wealth": 1,
}


def list_people(model):
    """Give all people as a list, so that a random one can be drawn quickly."""
    return list(model.agents)


def sum_wealth(model):
    """Give the money of all people."""
    return sum(person.wealth for person in model.people)


def measure_gini(model):
    """Give the Gini coefficient of wealth, from 0 (equal) to nearly 1."""
    wealth = sorted(person.wealth for person in model.people)
    count, total = len(wealth), sum(wealth)
    if total == 0:
        return 0.0
    ranked = sum(rank * value for rank, value in enumerate(wealth, start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


def measure_poverty(model):
    """Give the share of people who own nothing."""
    penniless = sum(person.wealth == 0 for person in model.people)
    return penniless / max(1, len(model.people))


class Person(ap.Agent):
    """Owns coins and gives them away one by one.

    Attributes:
        wealth: Money that the person owns, in coins.
    """

    def setup(self):
        self.wealth = self.p.starting_wealth

    def give_coin(self):
        """Give one coin to a random person, if there is one to give."""
        if self.wealth > 0:
            receiver = self.model.random.choice(self.model.people)
            self.wealth -= 1
            receiver.wealth += 1


class BoltzmannWealthExchange(ap.Model):
    """An economy that no money enters or leaves.

    Attributes:
        total_wealth: Money of all people, in coins.
        gini: Gini coefficient of wealth: 0 when all own the same, near 1 when one owns
            everything.
        share_without_money: Share of people who own nothing.
        people: All people.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.agents = ap.AgentDList(self, self.p.population, Person)

        self.people = list_people(self)
        self.total_wealth = sum_wealth(self)
        self.gini = measure_gini(self)
        self.share_without_money = measure_poverty(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().give_coin()
        self.total_wealth = sum_wealth(self)
        self.gini = measure_gini(self)
        self.share_without_money = measure_poverty(self)

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("total_wealth")
        self.record("gini")
        self.record("share_without_money")
        self.record("Person.count", len(self.agents))
