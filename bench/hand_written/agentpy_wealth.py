"""The exchange of coins, written by hand for AgentPy as its users write it."""

import agentpy as ap


class Person(ap.Agent):
    """Owns coins."""

    def setup(self):
        self.wealth = 1

    def give(self):
        """Give a coin to anybody."""
        if self.wealth > 0:
            other = self.model.random.choice(self.model.people)
            self.wealth -= 1
            other.wealth += 1


class Wealth(ap.Model):
    """People who give coins away."""

    def setup(self):
        self.agents = ap.AgentList(self, self.p.population, Person)
        self.people = list(self.agents)
        self.measure()

    def measure(self):
        """Measure what is recorded."""
        self.total_wealth = sum(person.wealth for person in self.people)
        wealth = sorted(person.wealth for person in self.people)
        n = len(wealth)
        ranked = sum(rank * value for rank, value in enumerate(wealth, start=1))
        self.gini = 2 * ranked / (n * self.total_wealth) - (n + 1) / n
        self.poor = sum(person.wealth == 0 for person in self.people) / n

    def step(self):
        self.agents.shuffle().give()
        self.measure()

    def update(self):
        self.record(["total_wealth", "gini", "poor"])
        self.record("count", len(self.agents))
