"""How long a caller wants to wait for a run."""

import pytest

from abm_quant.api.routes.runs import MAX_WAIT_S, wanted_wait


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=10", 10),
        ("respond-async, wait=5", 5),
        ("WAIT = 7", 7),
        ('wait="3"', 3),
        ("wait=5; foo=bar", 5),
        ("wait=0", 0),
        ("wait=-5", 0),
        ("wait=soon", 0),
        ("await=10", 0),
        ("wait=999999", MAX_WAIT_S),
    ],
)
def test_prefer(prefer, seconds):
    assert wanted_wait(prefer) == seconds
