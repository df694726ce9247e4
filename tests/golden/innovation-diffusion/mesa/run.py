"""Innovation diffusion by word of mouth.

Usage: python run.py --steps 100 --seed 1 --csv out.csv
"""

import argparse
import random

from model import MAX_STEPS, InnovationDiffusionWordMouth


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Innovation diffusion by word of mouth."
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
        help="Number of consumers; each is one node of the network (default: %(default)s)",
    )
    parameters.add_argument(
        "--average-degree",
        type=int,
        default=8,
        help="Contacts of a consumer, on average; an even number (default: %(default)s)",
    )
    parameters.add_argument(
        "--rewiring-probability",
        type=float,
        default=0.1,
        help="Share of the contacts that are replaced by contacts to random consumers: the long links (default: %(default)s)",
    )
    parameters.add_argument(
        "--innovation-rate",
        type=float,
        default=0.01,
        help="Probability to adopt in one month without any influence of others (Bass's p) (default: %(default)s)",
    )
    parameters.add_argument(
        "--imitation-rate",
        type=float,
        default=0.4,
        help="Probability to adopt in one month when all contacts have adopted, beyond the innovation rate (Bass's q) (default: %(default)s)",
    )
    return parser.parse_args()


def main():
    """Run the model and show what came out."""
    arguments = parse_arguments()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    model = InnovationDiffusionWordMouth(
        population=arguments.population,
        average_degree=arguments.average_degree,
        rewiring_probability=arguments.rewiring_probability,
        innovation_rate=arguments.innovation_rate,
        imitation_rate=arguments.imitation_rate,
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
