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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap
import networkx as nx

PARAMETERS = {
    # The last step of a run.
    "steps": 120,
    # Number of consumers; each is one node of the network.
    "population": 500,
    # Contacts of a consumer, on average; an even number.
    "average_degree": 8,
    # Share of the contacts that are replaced by contacts to random consumers: the long
    # links.
    "rewiring_probability": 0.1,
    # Probability to adopt in one month without any influence of others (Bass's p).
    "innovation_rate": 0.01,
    # Probability to adopt in one month when all contacts have adopted, beyond the
    # innovation rate (Bass's q).
    "imitation_rate": 0.4,
}


def count_adopters(model):
    """Count the consumers who have adopted."""
    return sum(consumer.has_adopted for consumer in model.agents)


class Consumer(ap.Agent):
    """Adopts the product once, by own interest or because contacts have it.

    Attributes:
        has_adopted: Whether the consumer has the product.
        is_convinced: Whether the consumer adopts at the end of this month.
    """

    def setup(self):
        self.has_adopted = False
        self.is_convinced = False

    def consider(self):
        """Decide whether to adopt; adopting contacts make it more likely."""
        if self.has_adopted:
            return
        contacts = list(self.model.network.neighbors(self))
        adopters = sum(contact.has_adopted for contact in contacts)
        influence = adopters / len(contacts) if contacts else 0.0
        chance = self.p.innovation_rate + self.p.imitation_rate * influence
        self.is_convinced = self.model.random.random() < chance

    def adopt(self):
        """Adopt the product when convinced."""
        if self.is_convinced:
            self.has_adopted = True


class InnovationDiffusionWordMouth(ap.Model):
    """Consumers who talk about a product. One step is one month.

    Attributes:
        adopter_count: Consumers who have adopted so far.
        new_adopters: Consumers who adopted in this month.
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

        self.agents = ap.AgentDList(self, self.p.population, Consumer)
        self.network.add_agents(
            self.agents, self.random.sample(list(self.network.graph), len(self.agents))
        )

        self.adopter_count = count_adopters(self)
        self.new_adopters = count_adopters(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().consider()
        self.agents.shuffle().adopt()
        self.count_market()
        self.stop_reason = self.find_stop_reason()
        if self.stop_reason is not None:
            self.stop()

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("adopter_count")
        self.record("new_adopters")
        self.record("Consumer.count", len(self.agents))

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        # Everybody has adopted.
        if self.agents and all(agent.has_adopted for agent in self.agents):
            return "agent.Consumer.agentAttribute.has_adopted"
        return None

    def count_market(self):
        """Count the adopters, and those who are new in this month."""
        before = self.adopter_count
        self.adopter_count = count_adopters(self)
        self.new_adopters = self.adopter_count - before
