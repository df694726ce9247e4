"""SIR epidemic on a small-world network.

An infectious disease spreads among people who meet only their contacts. The contacts
form a small-world network: most people know their neighborhood, a few links reach far.

What happens. Every day each infected person passes the infection to each susceptible
contact with the infection probability, and recovers with the recovery probability. Who
has recovered stays immune. All changes of a day take effect together at its end.

What to watch. The three curves always add up to the population; the susceptible only
fall, the recovered only rise, and the infected rise to one peak and return to zero,
where the run ends. Raise the rewiring probability and the same disease travels faster,
because the long links carry it into regions that it has not reached. Lower the
infection probability and most outbreaks die out after a few cases.

Sources. Kermack and McKendrick (1927) for the three states, Newman (2002) for the
spread on a network, Watts and Strogatz (1998) for the small world.
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

import networkx as nx
from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import FixedAgent, Network

MAX_STEPS = 300


def infect_first_cases(model):
    """Infect the first cases, chosen at random."""
    people = list(model.agents_by_type[Person])
    cases = min(model.initial_infected, len(people))
    for person in model.random.sample(people, cases):
        person.state = "infected"
        person.next_state = "infected"


def count_susceptible(model):
    """Count the people who are susceptible."""
    people = model.agents_by_type[Person]
    return sum(person.state == "susceptible" for person in people)


def count_infected(model):
    """Count the people who are infected."""
    people = model.agents_by_type[Person]
    return sum(person.state == "infected" for person in people)


def count_recovered(model):
    """Count the people who are recovered."""
    people = model.agents_by_type[Person]
    return sum(person.state == "recovered" for person in people)


class Person(FixedAgent):
    """Somebody who catches the disease from a contact and becomes immune by recovering.

    Attributes:
        state: Health today: susceptible, infected or recovered.
        next_state: Health tomorrow, decided during the day.
    """

    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.state = "susceptible"
        self.next_state = "susceptible"

    def meet_contacts(self):
        """Pass the infection on to susceptible contacts."""
        if self.state != "infected":
            return
        for contact in self.cell.neighborhood.agents:
            is_passed_on = self.random.random() < self.model.infection_probability
            if contact.state == "susceptible" and is_passed_on:
                contact.next_state = "infected"

    def recover(self):
        """Recover from the infection with the recovery probability."""
        if self.state != "infected":
            return
        if self.random.random() < self.model.recovery_probability:
            self.next_state = "recovered"

    def update_state(self):
        """Take on the state that was decided during the day."""
        self.state = self.next_state


class SIREpidemic(Model):
    """Who meets whom; the links never change during a run. One step is one day.

    Args:
        population: Number of people; each is one node of the network.
        average_degree: Contacts of a person, on average; an even number.
        rewiring_probability: Share of the contacts that are replaced by contacts to
            random people: the long links.
        initial_infected: People who are infected when the run begins.
        infection_probability: Probability that an infected person infects one
            susceptible contact in one day.
        recovery_probability: Probability that an infected person recovers in one day;
            the mean illness lasts 1 / this many days.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        susceptible_count: People who can still be infected.
        infected_count: People who are ill and pass the infection on.
        recovered_count: People who have recovered and are immune.
    """

    def __init__(
        self,
        population=500,
        average_degree=6,
        rewiring_probability=0.1,
        initial_infected=5,
        infection_probability=0.08,
        recovery_probability=0.1,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.population = population
        self.average_degree = average_degree
        self.rewiring_probability = rewiring_probability
        self.initial_infected = initial_infected
        self.infection_probability = infection_probability
        self.recovery_probability = recovery_probability

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Person, AgentSet([], random=self.random))

        self.G = nx.watts_strogatz_graph(
            n=self.population,
            k=round(self.average_degree),
            p=self.rewiring_probability,
            seed=self.random.randrange(2**32),
        )
        self.grid = Network(self.G, random=self.random)

        Person.create_agents(
            self, self.population, cell=self.free_places(self.population)
        )

        infect_first_cases(self)

        self.susceptible_count = count_susceptible(self)
        self.infected_count = count_infected(self)
        self.recovered_count = count_recovered(self)

        self.datacollector = DataCollector(
            model_reporters={
                "susceptible_count": "susceptible_count",
                "infected_count": "infected_count",
                "recovered_count": "recovered_count",
                "Person.count": lambda model: len(model.agents_by_type[Person]),
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Person].shuffle_do("meet_contacts")
        self.agents_by_type[Person].shuffle_do("recover")
        self.agents_by_type[Person].shuffle_do("update_state")
        self.susceptible_count = count_susceptible(self)
        self.infected_count = count_infected(self)
        self.recovered_count = count_recovered(self)
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # The epidemic is over when nobody is infected.
        if self.infected_count == 0:
            return "globalVariable.infected_count"
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
