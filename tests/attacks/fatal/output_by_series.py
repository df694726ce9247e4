"""Records a long text in each step, until the limit on output is reached."""


def act(model):
    return ["x" * 9000] * 100
