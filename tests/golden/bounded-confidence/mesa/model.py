"""Opinions with bounded confidence.

People discuss in pairs and come closer to each other, but only when their opinions are
not too far apart to begin with.

What happens. Opinions are numbers between 0 and 1, spread evenly at the start. In each
step everybody meets one person chosen at random. When the two differ by less than the
confidence bound, both move toward each other by the convergence rate times the
difference; otherwise nothing changes.

What to watch. Opinions gather in clusters that no longer talk to each other. Their
number is about 1 / (2 x confidence bound): with a bound of 0.5 there is consensus, with
0.2 two camps remain in most runs, rarely three. The mean opinion never changes, since
what one gives up the other gains. A few individuals may end up alone at the extremes;
they are not counted as clusters.

Source. Deffuant, Neau, Amblard and Weisbuch (2000).
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

import itertools
import statistics

from mesa import Agent, DataCollector, Model
from mesa.agent import AgentSet

MAX_STEPS = 100


def draw_opinion(model):
    """Draw an opinion between 0 and 1."""
    return model.random.random()


def list_people(model):
    """Give all people as a list, so that a random one can be drawn quickly."""
    return list(model.agents_by_type[Person])


def average_opinion(model):
    """Give the mean of all opinions."""
    return statistics.fmean(person.opinion for person in model.people)


def measure_spread(model):
    """Give the standard deviation of all opinions."""
    return statistics.pstdev(person.opinion for person in model.people)


def count_clusters(model):
    """Count the groups of opinions that hold at least one person in twenty.

    A gap wider than half of the confidence bound parts two groups.
    """
    opinions = sorted(person.opinion for person in model.people)
    sizes = [1]
    for lower, upper in itertools.pairwise(opinions):
        if upper - lower > model.confidence_bound / 2:
            sizes.append(0)
        sizes[-1] += 1
    return sum(20 * size >= len(opinions) for size in sizes)


class Person(Agent):
    """Holds an opinion and listens to people who think alike.

    Attributes:
        opinion: Opinion from 0 to 1.
    """

    def __init__(self, model):
        super().__init__(model)
        self.opinion = draw_opinion(model)

    def discuss(self):
        """Meet a random person and move toward each other unless too far apart."""
        other = self.random.choice(self.model.people)
        difference = other.opinion - self.opinion
        if abs(difference) < self.model.confidence_bound:
            shift = self.model.convergence_rate * difference
            self.opinion += shift
            other.opinion -= shift


class OpinionsBoundedConfidence(Model):
    """People who meet in random pairs.

    Args:
        population: Number of people.
        confidence_bound: Largest difference at which two people still influence each
            other, on the scale of opinions from 0 to 1.
        convergence_rate: Share of the difference by which both opinions move; at 0.5
            they meet in the middle.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        mean_opinion: Mean of all opinions.
        opinion_spread: Standard deviation of all opinions.
        cluster_count: Groups of opinions, without individuals who stand alone.
        people: All people.
    """

    def __init__(
        self,
        population=500,
        confidence_bound=0.2,
        convergence_rate=0.5,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.population = population
        self.confidence_bound = confidence_bound
        self.convergence_rate = convergence_rate

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Person, AgentSet([], random=self.random))

        Person.create_agents(self, self.population)

        self.people = list_people(self)
        self.mean_opinion = average_opinion(self)
        self.opinion_spread = measure_spread(self)
        self.cluster_count = count_clusters(self)

        self.datacollector = DataCollector(
            model_reporters={
                "mean_opinion": "mean_opinion",
                "opinion_spread": "opinion_spread",
                "cluster_count": "cluster_count",
                "Person.count": lambda model: len(model.agents_by_type[Person]),
            },
            agenttype_reporters={
                Person: {"opinion": "opinion"},
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Person].shuffle_do("discuss")
        self.mean_opinion = average_opinion(self)
        self.opinion_spread = measure_spread(self)
        self.cluster_count = count_clusters(self)
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None
