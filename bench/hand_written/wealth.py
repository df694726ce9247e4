"""Boltzmann wealth exchange as a Mesa programmer would write it by hand."""

from mesa import Agent, DataCollector, Model


class Person(Agent):
    def __init__(self, model):
        super().__init__(model)
        self.wealth = 1

    def give_coin(self):
        if self.wealth > 0:
            other = self.random.choice(self.model.people)
            self.wealth -= 1
            other.wealth += 1


def gini(model):
    wealth = sorted(person.wealth for person in model.people)
    count, total = len(wealth), sum(wealth)
    ranked = sum(rank * value for rank, value in enumerate(wealth, start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


REPORTERS = {
    "total": lambda m: sum(person.wealth for person in m.people),
    "gini": gini,
    "poor": lambda m: sum(p.wealth == 0 for p in m.people) / len(m.people),
}


class Wealth(Model):
    def __init__(self, population=1000, seed=None):
        super().__init__(rng=seed)
        self.people = list(Person.create_agents(self, population))
        self.datacollector = DataCollector(model_reporters=REPORTERS)
        self.datacollector.collect(self)

    def step(self):
        self.agents.shuffle_do("give_coin")
        self.datacollector.collect(self)


class WealthWithSummary(Model):
    def __init__(self, population=1000, seed=None):
        super().__init__(rng=seed)
        self.people = list(Person.create_agents(self, population))
        self.datacollector = DataCollector(
            model_reporters=REPORTERS
            | {
                "mean": lambda m: sum(m.wealth) / len(m.wealth),
                "min": lambda m: min(m.wealth),
                "max": lambda m: max(m.wealth),
            }
        )
        self.collect()

    def collect(self):
        self.wealth = [person.wealth for person in self.agents]
        self.datacollector.collect(self)

    def step(self):
        self.agents.shuffle_do("give_coin")
        self.collect()
