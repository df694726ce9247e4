"""Asks for more memory than the limit in one array."""


def act(model):
    import numpy

    return float(numpy.ones(10**10).sum())
