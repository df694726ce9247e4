"""Forest fire.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import PARAMETERS, ForestFire


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Forest fire.",
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
        default=100,
        help="Columns of the forest, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--height",
        type=int,
        default=100,
        help="Rows of the forest, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--density",
        type=float,
        default=0.65,
        help="Share of the cells on which a tree stands (default: %(default)s)",
    )
    parameters.add_argument(
        "--spread-probability",
        type=float,
        default=1.0,
        help="Probability that a burning tree sets one neighboring tree on fire (default: %(default)s)",
    )
    return parser.parse_args()


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = ForestFire(
        {
            "steps": arguments.steps,
            "width": arguments.width,
            "height": arguments.height,
            "density": arguments.density,
            "spread_probability": arguments.spread_probability,
        }
    )
    results = model.run(seed=seed, display=False)

    data = results.variables["ForestFire"]
    data.index.name = "step"
    reason = model.stop_reason or "the number of steps"
    print(f"{model.t} steps with seed {seed}, ended by {reason}")
    print(data.iloc[[0, -1]].astype(object).T.to_string(header=["start", "end"]))
    if arguments.csv:
        data.to_csv(arguments.csv)


if __name__ == "__main__":
    main()
