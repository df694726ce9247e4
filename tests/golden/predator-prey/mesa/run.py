"""Wolves, sheep and grass.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import MAX_STEPS, WolvesSheepGrass


def number(text):
    """Read a whole number as an int, and any other as a float."""
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Wolves, sheep and grass.")
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
        help="Columns of the field, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--height",
        type=int,
        default=50,
        help="Rows of the field, in cells (default: %(default)s)",
    )
    parameters.add_argument(
        "--sheep-gain-from-food",
        type=number,
        default=6,
        help="Energy that a sheep gains from one cell of grass (default: %(default)s)",
    )
    parameters.add_argument(
        "--wolf-gain-from-food",
        type=number,
        default=25,
        help="Energy that a wolf gains from one sheep (default: %(default)s)",
    )
    parameters.add_argument(
        "--sheep-reproduction",
        type=float,
        default=0.06,
        help="Probability that a sheep has an offspring in one step (default: %(default)s)",
    )
    parameters.add_argument(
        "--wolf-reproduction",
        type=float,
        default=0.05,
        help="Probability that a wolf has an offspring in one step (default: %(default)s)",
    )
    parameters.add_argument(
        "--grass-regrowth-time",
        type=int,
        default=30,
        help="Steps until an eaten cell bears grass again (default: %(default)s)",
    )
    parameters.add_argument(
        "--initial-sheep-count",
        type=int,
        default=100,
        help="Number of Sheep agents at the start (default: %(default)s)",
    )
    parameters.add_argument(
        "--initial-wolf-count",
        type=int,
        default=50,
        help="Number of Wolf agents at the start (default: %(default)s)",
    )
    return parser.parse_args()


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = WolvesSheepGrass(
        width=arguments.width,
        height=arguments.height,
        sheep_gain_from_food=arguments.sheep_gain_from_food,
        wolf_gain_from_food=arguments.wolf_gain_from_food,
        sheep_reproduction=arguments.sheep_reproduction,
        wolf_reproduction=arguments.wolf_reproduction,
        grass_regrowth_time=arguments.grass_regrowth_time,
        initial_sheep_count=arguments.initial_sheep_count,
        initial_wolf_count=arguments.initial_wolf_count,
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
