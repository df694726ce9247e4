"""Schelling segregation.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import MAX_STEPS, SchellingSegregation


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Schelling segregation.")
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
    parameters = parser.add_argument_group("parameters of the model")
    parameters.add_argument(
        "--width",
        type=int,
        default=30,
        help="Columns of the city, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--height",
        type=int,
        default=30,
        help="Rows of the city, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--density",
        type=float,
        default=0.8,
        help="Share of the cells that are occupied (default: %(default)s)",
    )
    parameters.add_argument(
        "--minority-share",
        type=float,
        default=0.5,
        help="Probability that a household belongs to the minority (default: %(default)s)",
    )
    parameters.add_argument(
        "--wanted-similarity",
        type=float,
        default=0.33,
        help="Least share of neighbors of the own group with which a household is happy (default: %(default)s)",
    )
    return parser.parse_args()


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = SchellingSegregation(
        width=arguments.width,
        height=arguments.height,
        density=arguments.density,
        minority_share=arguments.minority_share,
        wanted_similarity=arguments.wanted_similarity,
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


if __name__ == "__main__":
    main()
