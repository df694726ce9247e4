"""Innovation diffusion by word of mouth.

A new product spreads through a society: a few people try it on their own, most follow
those they know.

What happens. In each month everybody who has not adopted yet does so with the
probability innovation rate + imitation rate x (share of the own contacts who have
adopted). The first part stands for advertising, the second for word of mouth. Nobody
gives the product up.

What to watch. The number of adopters follows an S: slow at first, fastest in the
middle, slow again when few are left. The new adopters of a month rise to one peak and
fall. Bass described this for a market in which everybody hears of everybody; on a
small-world network news first runs through the neighborhood of the first adopters, and
the long links decide how soon it reaches the rest.

Sources. Bass (1969); the network is that of Watts and Strogatz (1998).
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

import networkx as nx
from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import FixedAgent, Network

MAX_STEPS = 120


def count_adopters(model):
    """Count the consumers who have adopted."""
    return sum(consumer.has_adopted for consumer in model.agents_by_type[Consumer])


class Consumer(FixedAgent):
    """Adopts the product once, by own interest or because contacts have it.

    Attributes:
        has_adopted: Whether the consumer has the product.
        is_convinced: Whether the consumer adopts at the end of this month.
    """

    def __init__(self, model, cell):
        super().__init__(model)
        self.cell = cell
        self.has_adopted = False
        self.is_convinced = False

    def consider(self):
        """Decide whether to adopt; adopting contacts make it more likely."""
        if self.has_adopted:
            return
        contacts = list(self.cell.neighborhood.agents)
        adopters = sum(contact.has_adopted for contact in contacts)
        influence = adopters / len(contacts) if contacts else 0.0
        chance = self.model.innovation_rate + self.model.imitation_rate * influence
        self.is_convinced = self.random.random() < chance

    def adopt(self):
        """Adopt the product when convinced."""
        if self.is_convinced:
            self.has_adopted = True


class InnovationDiffusionWordMouth(Model):
    """Consumers who talk about a product. One step is one month.

    Args:
        population: Number of consumers; each is one node of the network.
        average_degree: Contacts of a consumer, on average; an even number.
        rewiring_probability: Share of the contacts that are replaced by contacts to
            random consumers: the long links.
        innovation_rate: Probability to adopt in one month without any influence of
            others (Bass's p).
        imitation_rate: Probability to adopt in one month when all contacts have
            adopted, beyond the innovation rate (Bass's q).
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        adopter_count: Consumers who have adopted so far.
        new_adopters: Consumers who adopted in this month.
    """

    def __init__(
        self,
        population=500,
        average_degree=8,
        rewiring_probability=0.1,
        innovation_rate=0.01,
        imitation_rate=0.4,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.population = population
        self.average_degree = average_degree
        self.rewiring_probability = rewiring_probability
        self.innovation_rate = innovation_rate
        self.imitation_rate = imitation_rate

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Consumer, AgentSet([], random=self.random))

        self.G = nx.watts_strogatz_graph(
            n=self.population,
            k=round(self.average_degree),
            p=self.rewiring_probability,
            seed=self.random.randrange(2**32),
        )
        self.grid = Network(self.G, random=self.random)

        Consumer.create_agents(
            self, self.population, cell=self.free_places(self.population)
        )

        self.adopter_count = count_adopters(self)
        self.new_adopters = count_adopters(self)

        self.datacollector = DataCollector(
            model_reporters={
                "adopter_count": "adopter_count",
                "new_adopters": "new_adopters",
                "Consumer.count": lambda model: len(model.agents_by_type[Consumer]),
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Consumer].shuffle_do("consider")
        self.agents_by_type[Consumer].shuffle_do("adopt")
        self.count_market()
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # Everybody has adopted.
        if self.agents_by_type[Consumer] and all(
            agent.has_adopted for agent in self.agents_by_type[Consumer]
        ):
            return "agent.Consumer.agentAttribute.has_adopted"
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None

    def count_market(self):
        """Count the adopters, and those who are new in this month."""
        before = self.adopter_count
        self.adopter_count = count_adopters(self)
        self.new_adopters = self.adopter_count - before

    def free_places(self, count):
        """Give random places with room for one agent each; each is given once."""
        places = self.grid.empties.cells
        if count > len(places):
            raise ValueError(
                f"{count} agents do not fit into {len(places)} free places."
            )
        return self.random.sample(places, count)
