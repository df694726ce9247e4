"""Draws random numbers and makes objects, so that the next run might go on from there."""


def act(model):
    import random

    import mesa
    import numpy

    random.seed(99)
    numpy.random.seed(99)
    return [mesa.Agent(mesa.Model(rng=3)).unique_id for _ in range(100)] and None
