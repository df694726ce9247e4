"""Sugarscape: foragers on a sugar landscape.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import MAX_STEPS, SugarscapeForagersSugarLandscape


def number(text):
    """Read a whole number as an int, and any other as a float."""
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Sugarscape: foragers on a sugar landscape."
    )
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
        default=50,
        help="Columns of the landscape, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--height",
        type=int,
        default=50,
        help="Rows of the landscape, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--growth-rate",
        type=number,
        default=1,
        help="Sugar that grows on a cell in one step, up to the capacity of the cell (default: %(default)s)",
    )
    parameters.add_argument(
        "--max-vision",
        type=int,
        default=6,
        help="How far the most far-sighted forager sees, in cells; the others see at least 1 (default: %(default)s)",
    )
    parameters.add_argument(
        "--max-metabolism",
        type=int,
        default=4,
        help="Sugar that the hungriest forager burns in one step; the others burn at least 1 (default: %(default)s)",
    )
    parameters.add_argument(
        "--initial-forager-count",
        type=int,
        default=400,
        help="Number of Forager agents at the start (default: %(default)s)",
    )
    return parser.parse_args()


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = SugarscapeForagersSugarLandscape(
        width=arguments.width,
        height=arguments.height,
        growth_rate=arguments.growth_rate,
        max_vision=arguments.max_vision,
        max_metabolism=arguments.max_metabolism,
        initial_forager_count=arguments.initial_forager_count,
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
