"""Traffic jams on a ring road.

Cars drive one behind the other on a ring road. When there are enough of them, jams
appear that nobody causes.

What happens. In each step (about one second) all cars do the same at once: speed up by
one up to the maximum speed, brake to the free cells ahead, slow down by one more at
random with the slowdown probability, and then drive on by their speed.

What to watch. Few cars hardly meet, and the mean speed is close to the maximum speed
less the slowdown probability. Beyond about one car on eight cells jams form out of
single random slowdowns and move against the traffic. Flow, the number of cars that pass
a point in one step, is highest in between: one more car on the road, and fewer arrive.
Set the slowdown probability to 0 and the jams dissolve.

Source. Nagel and Schreckenberg (1992).
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa import DataCollector, Model
from mesa.agent import AgentSet
from mesa.discrete_space import CellAgent, OrthogonalVonNeumannGrid

MAX_STEPS = 300


def line_up(model):
    """Put the cars on distinct random cells and tell each which is ahead."""
    cars = list(model.agents_by_type[Car])
    if len(cars) > model.road_length:
        raise ValueError("There are more cars than cells of the road.")
    sites = sorted(model.random.sample(range(model.road_length), len(cars)))
    for index, car in enumerate(cars):
        car.site = sites[index]
        car.cell = model.grid[car.site, 0]
        car.car_ahead = cars[(index + 1) % len(cars)]


def average_speed(model):
    """Give the mean speed of all cars."""
    cars = model.agents_by_type[Car]
    return sum(car.speed for car in cars) / max(1, len(cars))


def measure_flow(model):
    """Give the cars that pass a point in one step, averaged over the road."""
    return sum(car.speed for car in model.agents_by_type[Car]) / model.road_length


def count_stopped(model):
    """Count the cars that stand."""
    return sum(car.speed == 0 for car in model.agents_by_type[Car])


class Car(CellAgent):
    """Drives as fast as the road ahead, the limit and its own attention allow.

    Attributes:
        site: Cell of the road on which the car is, counted from 0 in driving direction.
        speed: Cells that the car drives in one step.
        car_ahead: The next car in driving direction; cars never overtake.
    """

    def __init__(self, model, cell=None):
        super().__init__(model)
        self.cell = cell
        self.site = 0
        self.speed = 0
        self.car_ahead = None

    def choose_speed(self):
        """Speed up, brake to the gap ahead, and slow down by chance."""
        gap = (self.car_ahead.site - self.site - 1) % self.model.road_length
        self.speed = min(self.speed + 1, self.model.max_speed, gap)
        if self.speed > 0 and self.random.random() < self.model.slowdown_probability:
            self.speed -= 1

    def drive(self):
        """Drive on by the chosen speed."""
        self.site = (self.site + self.speed) % self.model.road_length
        self.cell = self.model.grid[self.site, 0]


class TrafficJamsRingRoad(Model):
    """A road with one lane that leads back to its start.

    Args:
        road_length: Cells of the ring road; a cell is 7.5 m long, the room of one car
            in a jam.
        car_count: Number of cars; at most one for each cell.
        max_speed: Speed limit in cells a step; 5 is about 120 km/h.
        slowdown_probability: Probability that a car drives one cell slower than it
            could in one step.
        seed: Seed of all random numbers of the run; None for another run each time.

    Attributes:
        mean_speed: Mean speed of all cars, in cells a step.
        flow: Cars that pass a point of the road in one step, averaged over the road.
        stopped_count: Cars that stand.
    """

    def __init__(
        self,
        road_length=200,
        car_count=40,
        max_speed=5,
        slowdown_probability=0.3,
        seed=None,
    ):
        super().__init__(rng=seed)
        self.tick = 0
        self.stop_reason = None
        self.road_length = road_length
        self.car_count = car_count
        self.max_speed = max_speed
        self.slowdown_probability = slowdown_probability

        # Every type has its set of agents, also while it is empty.
        self.agents_by_type.setdefault(Car, AgentSet([], random=self.random))

        self.grid = OrthogonalVonNeumannGrid(
            (self.road_length, 1), torus=True, random=self.random
        )

        Car.create_agents(
            self,
            self.car_count,
            cell=self.random.choices(self.grid.all_cells.cells, k=self.car_count),
        )

        line_up(self)

        self.mean_speed = average_speed(self)
        self.flow = measure_flow(self)
        self.stopped_count = count_stopped(self)

        self.datacollector = DataCollector(
            model_reporters={
                "mean_speed": "mean_speed",
                "flow": "flow",
                "stopped_count": "stopped_count",
                "Car.count": lambda model: len(model.agents_by_type[Car]),
            },
            agenttype_reporters={
                Car: {"site": "site", "speed": "speed"},
            },
        )
        self.datacollector.collect(self)

    def step(self):
        """Advance the model by one step."""
        self.tick += 1
        self.agents_by_type[Car].shuffle_do("choose_speed")
        self.agents_by_type[Car].shuffle_do("drive")
        self.mean_speed = average_speed(self)
        self.flow = measure_flow(self)
        self.stopped_count = count_stopped(self)
        self.datacollector.collect(self)
        self.stop_reason = self.find_stop_reason()
        self.running = self.stop_reason is None

    def find_stop_reason(self):
        """Give the reason to end the run, None while there is none."""
        if self.tick >= MAX_STEPS:
            return "max-steps"
        return None
