"""Forges a step full of lists: two bytes each on the channel, and sixty in the service's memory."""


def act(model):
    import os

    lists = ",".join(["[]"] * 30_000)
    line = f'{{"type": "steps", "first": 1, "count": 1, "model": {{"value": [[{lists}]]}}}}\n'
    os.write(3, line.encode())
