"""A model that takes its time, for tests of runs that are watched and steered while they go on."""

import copy

from abm_quant.api.examples import SPECIFICATION


def pausing(seconds: float = 0.02, max_steps: int = 10_000) -> dict:
    """Give a model whose every step takes some time on the clock and little of the processor.

    A statement that only sleeps would be left out; a value that waits for itself is kept.
    """
    spec = copy.deepcopy(SPECIFICATION)
    behavior = spec["agents"][0][0]["agentBehaviors"][0]
    spec["agents"][0][0]["initialCount"] = 1
    behavior["code"] = (
        "def flip(self):\n    import time\n    waited = time.sleep({seconds}) is None\n"
        "    self.heads = waited and self.random.random() < self.model.bias"
    ).replace("{seconds}", str(seconds))
    spec["terminationCriteria"]["maxSteps"] = max_steps
    return spec
