"""Traffic jams on a ring road.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

import pandas as pd

from model import MAX_STEPS, Car, TrafficJamsRingRoad


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Traffic jams on a ring road.")
    parser.add_argument(
        "--steps",
        type=int,
        default=MAX_STEPS,
        help="Steps to run (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, help="Seed of all random numbers (default: a new one)"
    )
    parser.add_argument("--csv", help="Write all recorded series to this file")
    parser.add_argument("--agents-csv", help="Write all recorded agents to this file")
    parameters = parser.add_argument_group("parameters of the model")
    parameters.add_argument(
        "--road-length",
        type=int,
        default=200,
        help="Cells of the ring road; a cell is 7.5 m long, the room of one car in a jam (default: %(default)s)",
    )
    parameters.add_argument(
        "--car-count",
        type=int,
        default=40,
        help="Number of cars; at most one for each cell (default: %(default)s)",
    )
    parameters.add_argument(
        "--max-speed",
        type=int,
        default=5,
        help="Speed limit in cells a step; 5 is about 120 km/h (default: %(default)s)",
    )
    parameters.add_argument(
        "--slowdown-probability",
        type=float,
        default=0.3,
        help="Probability that a car drives one cell slower than it could in one step (default: %(default)s)",
    )
    return parser.parse_args()


def agents_data(model):
    """Give what was recorded of each agent, by type, step and agent."""
    tables = {}
    for agent_type in [Car]:
        table = model.datacollector.get_agenttype_vars_dataframe(agent_type)
        tables[agent_type.__name__] = table
    return pd.concat(tables, names=["type", "step", "agent"])


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = TrafficJamsRingRoad(
        road_length=arguments.road_length,
        car_count=arguments.car_count,
        max_speed=arguments.max_speed,
        slowdown_probability=arguments.slowdown_probability,
        seed=seed,
    )
    while model.running and model.tick < arguments.steps:
        model.step()

    data = model.datacollector.get_model_vars_dataframe()
    data.index.name = "step"
    reason = model.stop_reason or "the number of steps"
    print(f"{model.tick} steps with seed {seed}, ended by {reason}")
    print(data.iloc[[0, -1]].astype(object).T.to_string(header=["start", "end"]))
    if arguments.csv:
        data.to_csv(arguments.csv)
    if arguments.agents_csv:
        agents_data(model).to_csv(arguments.agents_csv)


if __name__ == "__main__":
    main()
