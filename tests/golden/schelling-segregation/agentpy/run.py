"""Schelling segregation.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import PARAMETERS, SchellingSegregation


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Schelling segregation.",
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
        {
            "steps": arguments.steps,
            "width": arguments.width,
            "height": arguments.height,
            "density": arguments.density,
            "minority_share": arguments.minority_share,
            "wanted_similarity": arguments.wanted_similarity,
        }
    )
    results = model.run(seed=seed, display=False)

    data = results.variables["SchellingSegregation"]
    data.index.name = "step"
    reason = model.stop_reason or "the number of steps"
    print(f"{model.t} steps with seed {seed}, ended by {reason}")
    print(data.iloc[[0, -1]].astype(object).T.to_string(header=["start", "end"]))
    if arguments.csv:
        data.to_csv(arguments.csv)


if __name__ == "__main__":
    main()
