"""What a run makes the service keep grows only with what the run sends."""

import pytest

from abm_quant.contracts.jobs import Limits
from abm_quant.running.child import ProtocolBroken, TooMuchOutput
from abm_quant.running.conversation.tables import Tables

SERIES = {f"x{number}" for number in range(10_000)}


def test_series_that_stay_away_may_not_fill_the_memory_with_gaps() -> None:
    tables = Tables(Limits(output_mb=64))
    tables.add_steps(SERIES, 0, 1)
    with pytest.raises(TooMuchOutput):
        tables.add_steps(set(), 1, 10_000)


def test_series_that_come_late_may_not_fill_the_memory_with_gaps() -> None:
    tables = Tables(Limits(output_mb=64))
    tables.add_steps(set(), 0, 1_000_000)
    with pytest.raises(TooMuchOutput):
        tables.add_steps(SERIES, 1_000_000, 1)


def test_series_may_not_be_new_ones_at_every_step() -> None:
    tables = Tables(Limits())
    tables.add_steps(SERIES, 0, 1)
    with pytest.raises(ProtocolBroken, match="more series"):
        tables.add_steps({"another"}, 1, 1)


def test_a_series_may_not_have_an_endless_name() -> None:
    with pytest.raises(ProtocolBroken, match="name"):
        Tables(Limits()).add_steps({"x" * 20_001}, 0, 1)


def test_a_long_name_costs_at_each_step() -> None:
    told = {str(number).ljust(19_000, "x") for number in range(45)}  # One message holds them.
    tables = Tables(Limits(output_mb=64))
    with pytest.raises(TooMuchOutput):
        for first in range(0, 10_000, 1_000):
            tables.add_steps(told, first, 1_000)


def test_what_fits_into_the_output_fits_into_the_tables() -> None:
    tables = Tables(Limits(output_mb=1))
    tables.add_steps({"a", "b", "c", "d", "e"}, 0, 100_000)
    tables.add_steps({"a", "b", "c", "d", "e"}, 100_000, 4_000)


def test_types_of_agents_may_not_be_new_ones_at_every_step() -> None:
    tables = Tables(Limits())
    with pytest.raises(ProtocolBroken, match="more types"):
        for number in range(1_001):
            tables.add_agents(f"Wolf{number}", set(), 0)


def test_all_types_together_have_no_more_attributes_than_one_may_have() -> None:
    tables = Tables(Limits())
    tables.add_agents("Wolf", {f"x{number}" for number in range(6_000)}, 0)
    with pytest.raises(ProtocolBroken, match="attributes"):
        tables.add_agents("Sheep", {f"x{number}" for number in range(6_000)}, 0)


@pytest.mark.parametrize("name", ["", "../Wolf", "a b", "W" * 1_001, "x\x1b[2J"])
def test_types_of_agents_have_names_of_classes(name: str) -> None:
    with pytest.raises(ProtocolBroken, match="name"):
        Tables(Limits()).add_agents(name, {"energy"}, 1)


@pytest.mark.parametrize("name", ["a" * 1_001, "agent.id", "agent.step", "agent.type"])
def test_attributes_may_not_be_called_like_columns_that_tell_others_apart(name: str) -> None:
    with pytest.raises(ProtocolBroken, match="name|called"):
        Tables(Limits()).add_agents("Wolf", {"id", name}, 1)
