"""Opinions with bounded confidence.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

import pandas as pd

from model import MAX_STEPS, OpinionsBoundedConfidence, Person


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Opinions with bounded confidence.")
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
        "--population",
        type=int,
        default=500,
        help="Number of people (default: %(default)s)",
    )
    parameters.add_argument(
        "--confidence-bound",
        type=float,
        default=0.2,
        help="Largest difference at which two people still influence each other, on the scale of opinions from 0 to 1 (default: %(default)s)",
    )
    parameters.add_argument(
        "--convergence-rate",
        type=float,
        default=0.5,
        help="Share of the difference by which both opinions move; at 0.5 they meet in the middle (default: %(default)s)",
    )
    return parser.parse_args()


def agents_data(model):
    """Give what was recorded of each agent, by type, step and agent."""
    tables = {}
    for agent_type in [Person]:
        table = model.datacollector.get_agenttype_vars_dataframe(agent_type)
        tables[agent_type.__name__] = table
    return pd.concat(tables, names=["type", "step", "agent"])


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = OpinionsBoundedConfidence(
        population=arguments.population,
        confidence_bound=arguments.confidence_bound,
        convergence_rate=arguments.convergence_rate,
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
