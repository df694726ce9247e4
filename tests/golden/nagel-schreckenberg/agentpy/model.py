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

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import agentpy as ap

PARAMETERS = {
    # The last step of a run.
    "steps": 300,
    # Cells of the ring road; a cell is 7.5 m long, the room of one car in a jam.
    "road_length": 200,
    # Number of cars; at most one for each cell.
    "car_count": 40,
    # Speed limit in cells a step; 5 is about 120 km/h.
    "max_speed": 5,
    # Probability that a car drives one cell slower than it could in one step.
    "slowdown_probability": 0.3,
}


def line_up(model):
    """Put the cars on distinct random cells and tell each which is ahead."""
    cars = list(model.agents)
    if len(cars) > model.p.road_length:
        raise ValueError("There are more cars than cells of the road.")
    sites = sorted(model.random.sample(range(model.p.road_length), len(cars)))
    for index, car in enumerate(cars):
        car.site = sites[index]
        model.grid.move_to(car, (car.site, 0))
        car.car_ahead = cars[(index + 1) % len(cars)]


def average_speed(model):
    """Give the mean speed of all cars."""
    cars = model.agents
    return sum(car.speed for car in cars) / max(1, len(cars))


def measure_flow(model):
    """Give the cars that pass a point in one step, averaged over the road."""
    return sum(car.speed for car in model.agents) / model.p.road_length


def count_stopped(model):
    """Count the cars that stand."""
    return sum(car.speed == 0 for car in model.agents)


class Car(ap.Agent):
    """Drives as fast as the road ahead, the limit and its own attention allow.

    Attributes:
        site: Cell of the road on which the car is, counted from 0 in driving direction.
        speed: Cells that the car drives in one step.
        car_ahead: The next car in driving direction; cars never overtake.
    """

    def setup(self):
        self.site = 0
        self.speed = 0
        self.car_ahead = None

    def choose_speed(self):
        """Speed up, brake to the gap ahead, and slow down by chance."""
        gap = (self.car_ahead.site - self.site - 1) % self.p.road_length
        self.speed = min(self.speed + 1, self.p.max_speed, gap)
        if self.speed > 0 and self.model.random.random() < self.p.slowdown_probability:
            self.speed -= 1

    def drive(self):
        """Drive on by the chosen speed."""
        self.site = (self.site + self.speed) % self.p.road_length
        self.model.grid.move_to(self, (self.site, 0))


class TrafficJamsRingRoad(ap.Model):
    """A road with one lane that leads back to its start.

    Attributes:
        mean_speed: Mean speed of all cars, in cells a step.
        flow: Cars that pass a point of the road in one step, averaged over the road.
        stopped_count: Cars that stand.
    """

    def setup(self):
        """Bring the model to its state before the first step."""
        self.grid = ap.Grid(self, (self.p.road_length, 1), torus=True)

        self.agents = ap.AgentDList(self, self.p.car_count, Car)
        self.grid.add_agents(self.agents, random=True)

        line_up(self)

        self.mean_speed = average_speed(self)
        self.flow = measure_flow(self)
        self.stopped_count = count_stopped(self)

    def step(self):
        """Advance the model by one step."""
        self.agents.shuffle().choose_speed()
        self.agents.shuffle().drive()
        self.mean_speed = average_speed(self)
        self.flow = measure_flow(self)
        self.stopped_count = count_stopped(self)

    def update(self):
        """Record the state of the model, at the start and after each step."""
        self.record("mean_speed")
        self.record("flow")
        self.record("stopped_count")
        self.record("Car.count", len(self.agents))
        self.agents.record(["site", "speed"])
