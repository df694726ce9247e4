"""Opinions with bounded confidence.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

import pandas as pd

from model import PARAMETERS, OpinionsBoundedConfidence


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Opinions with bounded confidence.",
    )
    parser.add_argument(
        "--steps",
        type=int,
        default=PARAMETERS["steps"],
        help="The last step (default: %(default)s)",
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


def agents_data(results):
    """Give what was recorded of each agent, by type, agent and step."""
    tables = {
        "Person": results.variables["Person"],
    }
    return pd.concat(tables, names=["type", "agent", "step"])


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = OpinionsBoundedConfidence(
        {
            "steps": arguments.steps,
            "population": arguments.population,
            "confidence_bound": arguments.confidence_bound,
            "convergence_rate": arguments.convergence_rate,
        }
    )
    results = model.run(seed=seed, display=False)

    data = results.variables["OpinionsBoundedConfidence"]
    data.index.name = "step"
    reason = "the number of steps"
    print(f"{model.t} steps with seed {seed}, ended by {reason}")
    print(data.iloc[[0, -1]].astype(object).T.to_string(header=["start", "end"]))
    if arguments.csv:
        data.to_csv(arguments.csv)
    if arguments.agents_csv:
        agents_data(results).to_csv(arguments.agents_csv)


if __name__ == "__main__":
    main()
