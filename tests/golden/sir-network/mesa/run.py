"""SIR epidemic on a small-world network.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import MAX_STEPS, SIREpidemic


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="SIR epidemic on a small-world network."
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
        "--population",
        type=int,
        default=500,
        help="Number of people; each is one node of the network (default: %(default)s)",
    )
    parameters.add_argument(
        "--average-degree",
        type=int,
        default=6,
        help="Contacts of a person, on average; an even number (default: %(default)s)",
    )
    parameters.add_argument(
        "--rewiring-probability",
        type=float,
        default=0.1,
        help="Share of the contacts that are replaced by contacts to random people: the long links (default: %(default)s)",
    )
    parameters.add_argument(
        "--initial-infected",
        type=int,
        default=5,
        help="People who are infected when the run begins (default: %(default)s)",
    )
    parameters.add_argument(
        "--infection-probability",
        type=float,
        default=0.08,
        help="Probability that an infected person infects one susceptible contact in one day (default: %(default)s)",
    )
    parameters.add_argument(
        "--recovery-probability",
        type=float,
        default=0.1,
        help="Probability that an infected person recovers in one day; the mean illness lasts 1 / this many days (default: %(default)s)",
    )
    return parser.parse_args()


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = SIREpidemic(
        population=arguments.population,
        average_degree=arguments.average_degree,
        rewiring_probability=arguments.rewiring_probability,
        initial_infected=arguments.initial_infected,
        infection_probability=arguments.infection_probability,
        recovery_probability=arguments.recovery_probability,
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
