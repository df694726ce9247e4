"""Tracked variables as people read them: numbers, sparklines, tables."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from abm_quant.cli.console import plain
from abm_quant.contracts.results import Series

BLOCKS = "▁▂▃▄▅▆▇█"
CONSTANT = "─"
SPARK_WIDTH, LEAST_SPARK_WIDTH = 32, 8
NAME_WIDTH = 40
GAP = 2


def number(value: Any) -> float | None:
    """Give a value as a finite number; None for text, gaps and everything else."""
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def numbers(series: Series) -> list[float]:
    """Give the finite numbers of a series, without its gaps."""
    return [each for each in map(number, series) if each is not None]


def brief(value: Any) -> str:
    """Give a value in a few characters: whole numbers in full, others with four digits."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.4g}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    text = value if isinstance(value, str) else json.dumps(value)
    text = plain(" ".join(text.split()))
    return text if len(text) <= 20 else text[:19] + "…"


def sparkline(series: Series, width: int = SPARK_WIDTH) -> str:
    """Give the course of a series as at most `width` blocks; a gap is a space, a constant a line."""
    known = numbers(series)
    if not known:
        return ""
    low, high = min(known), max(known)
    return "".join(_block(cell, low, high) for cell in _cells(series, width))


def _cells(series: Series, width: int) -> Iterable[float | None]:
    """Give the mean of the numbers that fall into each cell."""
    cells = min(width, len(series))
    for index in range(cells):
        start = index * len(series) // cells
        part = numbers(series[start : (index + 1) * len(series) // cells])
        yield math.fsum(each / len(part) for each in part) if part else None


def _block(value: float | None, low: float, high: float) -> str:
    if value is None:
        return " "
    if high == low:
        return CONSTANT
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span else 0.0
    return BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)]


def series_table(model: Mapping[str, Series], width: int) -> Table:
    """Give the table of tracked variables: first, last, smallest, largest value and the course.

    The course is as long as `width`, the columns of the terminal, leaves room for.
    """
    rows = [(plain(name), *_facts(series)) for name, series in model.items()]
    headings = ("tracked variable", "first", "last", "min", "max")
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    widths[0] = min(widths[0], NAME_WIDTH)
    room = width - sum(widths) - GAP * len(widths)
    spark_width = max(LEAST_SPARK_WIDTH, min(SPARK_WIDTH, room))
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
    table.add_column(headings[0], overflow="fold", min_width=widths[0])
    for heading in headings[1:]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("course", no_wrap=True, style="cyan")
    for row, series in zip(rows, model.values(), strict=True):
        table.add_row(*map(Text, row), sparkline(series, spark_width))
    return table


def _facts(series: Series) -> tuple[str, str, str, str]:
    """Give the first, last, smallest and largest value in a few characters."""
    known = numbers(series)
    first, last = (series[0], series[-1]) if series else (None, None)
    lowest, highest = (min(known), max(known)) if known else (None, None)
    return brief(first), brief(last), brief(lowest), brief(highest)
