"""Records more in one step than a message can carry."""


def act(model):
    return ["x" * 9000] * 1000
