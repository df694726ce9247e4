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

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa import Agent, DataCollector, Model
from mesa.agent import AgentSet

MAX_STEPS = 500


def list_people(model):
    """Give all people as a list, so that a random one can be drawn quickly."""
    return list(model.agents_by_type[Person])


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


class Person(Agent):
    """Owns coins and gives them away one by one.

    Attributes:
        wealth: Money that the person owns, in coins.
    """

    def __init__(self, model):
        super().__init__(model)
        self.wealth = model.starting_wealth

    def give_coin(self):
        """Give one coin to a random person, if there is one to give."""
        if self.wealth > 0:
            receiver = self.random.choice(self.model.people)
            self.wealth -= 1
            receiver.wealth += 1


class BoltzmannWealthExchange(Model):
    """An economy that no money enters or leaves.

    Args:
        population: Number of people.
        starting_wealth: Coins that everybody owns at the start.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        total_wealth: Money of all people, in coins.
        gini: Gini coefficient of wealth: 0 when all own the same, near 1 when one owns
            everything.
        share_without_money: Share of people who own nothing.
        people: All people.
    """

    def __init__(
        self,
        population=500,
        starting_wealth=1,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.population = population
        self.starting_wealth = starting_wealth

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Person, AgentSet([], random=self.random))

        Person.create_agents(self, self.population)

        self.people = list_people(self)
        self.total_wealth = sum_wealth(self)
        self.gini = measure_gini(self)
        self.share_without_money = measure_poverty(self)

        self.datacollector = DataCollector(
            model_reporters={
                "total_wealth": "total_wealth",
                "gini": "gini",
                "share_without_money": "share_without_money",
                "Person.count": lambda model: len(model.agents_by_type[Person]),
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Person].shuffle_do("give_coin")
        self.total_wealth = sum_wealth(self)
        self.gini = measure_gini(self)
        self.share_without_money = measure_poverty(self)
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None
