"""Forges a step full of lists, with a field beside it that makes them look like columns."""


def act(model):
    import json
    import os

    step = {"type": "steps", "first": 1, "count": 1, "model": {"value": [[[]] * 30_000]}}
    step["shown"] = dict.fromkeys(range(30_000))
    line = json.dumps(step, separators=(",", ":")).encode() + chr(10).encode()
    while line:
        line = line[os.write(3, line) :]
