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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap
import networkx as nx

PARAMETERS = {
    # The last step of a run.
    "steps": 300,
    # Number of people; each is one node of the network.
    "population": 500,
    # Contacts of a person, on average; an even number.
    "average_degree": 6,
    # Share of the contacts that are replaced by contacts to random people: the long
    # links.
    "rewiring_probability": 0.1,
    # People who are infected when the run begins.
    "initial_infected": 5,
    # Probability that an infected person infects one susceptible contact in one day.
    "infection_probability": 0.08,
    # Probability that an infected person recovers in one day; the mean illness lasts 1
    # / this many days.
    "recovery_probability": 0.1,
}


def infect_first_cases(model):
    """Infect the first cases, chosen at random."""
    people = list(model.agents)
    cases = min(model.p.initial_infected, len(people))
    for person in model.random.sample(people, cases):
        person.state = "infected"
        person.next_state = "infected"


def count_susceptible(model):
    """Count the people who are susceptible."""
    people = model.agents
    return sum(person.state == "susceptible" for person in people)


def count_infected(model):
    """Count the people who are infected."""
    people = model.agents
    return sum(person.state == "infected" for person in people)


def count_recovered(model):
    """Count the people who are recovered."""
    people = model.agents
    return sum(person.state == "recovered" for person in people)


class Person(ap.Agent):
    """Somebody who catches the disease from a contact and becomes immune by recovering.

    Attributes:
        state: Health today: susceptible, infected or recovered.
        next_state: Health tomorrow, decided during the day.
    """

    def setup(self):
        self.state = "susceptible"
        self.next_state = "susceptible"

    def meet_contacts(self):
        """Pass the infection on to susceptible contacts."""
        if self.state != "infected":
            return
        for contact in self.model.network.neighbors(self):
            is_passed_on = self.model.random.random() < self.p.infection_probability
            if contact.state == "susceptible" and is_passed_on:
                contact.next_state = "infected"

    def recover(self):
        """Recover from the infection with the recovery probability."""
        if self.state != "infected":
            return
        if self.model.random.random() < self.p.recovery_probability:
            self.next_state = "recovered"

    def update_state(self):
        """Take on the state that was decided during the day."""
        self.state = self.next_state


class SIREpidemic(ap.Model):
    """Who meets whom; the links never change during a run. One step is one day.

    Attributes:
        susceptible_count: People who can still be infected.
        infected_count: People who are ill and pass the infection on.
        recovered_count: People who have recovered and are immune.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.stop_reason = None

        graph = nx.watts_strogatz_graph(
            n=self.p.population,
            k=round(self.p.average_degree),
            p=self.p.rewiring_probability,
            seed=self.random.randrange(2**32),
        )
        self.network = ap.Network(self, graph)

        self.agents = ap.AgentDList(self, self.p.population, Person)
        self.network.add_agents(
            self.agents, self.random.sample(list(self.network.graph), len(self.agents))
        )

        infect_first_cases(self)

        self.susceptible_count = count_susceptible(self)
        self.infected_count = count_infected(self)
        self.recovered_count = count_recovered(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().meet_contacts()
        self.agents.shuffle().recover()
        self.agents.shuffle().update_state()
        self.susceptible_count = count_susceptible(self)
        self.infected_count = count_infected(self)
        self.recovered_count = count_recovered(self)
        self.stop_reason = self.find_stop_reason()
        if self.stop_reason is not None:
            self.stop()

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("susceptible_count")
        self.record("infected_count")
        self.record("recovered_count")
        self.record("Person.count", len(self.agents))

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # The epidemic is over when nobody is infected.
        if self.infected_count == 0:
            return "globalVariable.infected_count"
        return None
