"""Numbers, sparklines and tables of tracked variables."""

import io
import math

import pytest
from rich.console import Console

from abm_quant.cli.series import brief, numbers, series_table, sparkline


def test_a_sparkline_rises_with_its_series():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"


def test_a_sparkline_shows_gaps_and_constants():
    assert sparkline([None, 5, 5]) == " ──"
    assert sparkline([None, None]) == ""
    assert sparkline(["a", "b"]) == ""


def test_a_long_series_is_averaged_into_cells():
    assert sparkline([0] * 50 + [1] * 50, width=2) == "▁█"
    assert len(sparkline(list(range(1000)))) == 32


def test_extreme_numbers_do_not_overflow():
    assert sparkline([-1.7e308, 1.7e308]) == "▁█"
    assert sparkline([5e-324, 0.0]) in ("█▁", "▁▁")


def test_only_finite_numbers_count():
    assert numbers([1, None, math.nan, math.inf, "x", True, 2.5]) == [1.0, 1.0, 2.5]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (True, "true"),
        (500, "500"),
        (1234567, "1,234,567"),
        (10**12, "1e+12"),
        (3.0, "3"),
        (0.123456, "0.1235"),
        (123456.7, "123,457"),
        ("calm", "calm"),
        ([1, 2], "[1, 2]"),
        ("a" * 50, "a" * 19 + "…"),
        ("red\x1b[31m", "red\ufffd[31m"),
    ],
)
def test_values_are_brief(value, shown):
    assert brief(value) == shown


def test_the_table_shows_first_last_and_extremes():
    out = Console(width=120, file=io.StringIO())
    out.print(series_table({"infected": [5, 250, 0], "mood[bold]": ["calm", "wild", "calm"]}, 120))
    heading, infected, mood = out.file.getvalue().splitlines()
    assert heading.split() == ["tracked", "variable", "first", "last", "min", "max", "course"]
    assert infected.split() == ["infected", "5", "0", "0", "250", "▁█▁"]
    assert mood.split() == ["mood[bold]", "calm", "calm", "–", "–"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_fits_the_terminal_and_keeps_names_whole(width):
    out = Console(width=width, file=io.StringIO())
    names = ["Sheep.energy.mean", "Forager.metabolism.max"]
    out.print(series_table({name: list(range(900, 1000)) for name in names}, width))
    lines = out.file.getvalue().splitlines()
    assert [line.split()[0] for line in lines[1:]] == names
    assert max(len(line.rstrip()) for line in lines) <= width
