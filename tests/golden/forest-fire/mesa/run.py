"""Forest fire.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import MAX_STEPS, ForestFire


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Forest fire.")
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
        width=arguments.width,
        height=arguments.height,
        density=arguments.density,
        spread_probability=arguments.spread_probability,
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
