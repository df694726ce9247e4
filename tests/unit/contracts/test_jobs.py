"""A caller may lower a limit and never raise it."""

import pytest
from pydantic import ValidationError

from abm_quant.contracts.jobs import Limits

OWN = Limits(memory_mb=256, cpu_s=10, wall_s=20)


def test_without_wishes_the_limits_stay() -> None:
    assert OWN.lowered(None) == OWN


def test_smaller_wishes_hold() -> None:
    assert OWN.lowered(Limits(memory_mb=64, cpu_s=1.5)) == OWN.model_copy(
        update={"memory_mb": 64, "cpu_s": 1.5}
    )


def test_larger_wishes_do_not() -> None:
    assert OWN.lowered(Limits(memory_mb=4096, wall_s=600)) == OWN


def test_defaults_of_a_wish_are_not_wishes() -> None:
    generous = Limits(cpu_s=1000)
    assert generous.lowered(Limits(wall_s=5)).cpu_s == 1000


@pytest.mark.parametrize(
    "wish", [{"memory_mb": 0}, {"cpu_s": 0}, {"wall_s": -1}, {"steps": 0}, {"disk": 1}]
)
def test_impossible_limits_are_refused(wish: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(wish)
