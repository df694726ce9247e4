"""Draws the tracked variables of a run as a picture."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abm_quant.cli.console import plain
from abm_quant.cli.series import number, numbers
from abm_quant.contracts.results import RunResult, Series
from abm_quant.errors import BadRequest

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
"""Distinguishable also by color-blind readers (Okabe and Ito 2008)."""
RATIO = 10.0
"""Series whose largest values differ by more stand in panels of their own."""
MOST_LINES = len(COLORS)
MOST_PANELS = 6


@dataclass(frozen=True)
class Line:
    """One series of numbers, perhaps with the range around a mean."""

    label: str
    """The name of the series, without control characters."""
    values: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None

    @property
    def magnitude(self) -> float:
        """The largest absolute value, that of the mean where there is a range."""
        return max((abs(each) for each in self.values if not math.isnan(each)), default=0.0)


def draw(result: RunResult, title: str, path: Path) -> None:
    """Write the picture of a run; raises BadRequest when there is nothing to draw or no disk."""
    panels = panels_of(lines_of(result.model))
    if not panels:
        raise BadRequest("No tracked variable is a number, so there is nothing to plot.")
    figure = make_figure(panels, title, result.first_step)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            # a letter that the font lacks is drawn as a box
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure.savefig(path, dpi=150)
    except OSError as error:
        raise BadRequest(f"{str(path)!r} cannot be written: {error.strerror}.") from error


def lines_of(model: Mapping[str, Series]) -> list[Line]:
    """Give the lines to draw: min and max become the band of their mean, equal series one line."""
    numeric = {plain(name): series for name, series in model.items() if numbers(series)}
    lines: dict[tuple[float | None, ...], Line] = {}
    for name, series in numeric.items():
        base, dot, kind = name.rpartition(".")
        has_band = dot and {f"{base}.mean", f"{base}.min", f"{base}.max"} <= numeric.keys()
        if has_band and kind in ("min", "max"):
            continue
        band = (f"{base}.min", f"{base}.max") if has_band and kind == "mean" else None
        label = f"{base} (mean, range)" if band else name
        low, high = (_floats(numeric[each]) for each in band) if band else (None, None)
        key = tuple(number(each) for each in series)
        if key in lines and not band:
            lines[key] = Line(f"{lines[key].label}\n= {label}", *_parts(lines[key]))
        else:
            lines[(*key, None) if band else key] = Line(label, _floats(series), low, high)
    return list(lines.values())


def _parts(line: Line) -> tuple[Sequence[float], Sequence[float] | None, Sequence[float] | None]:
    return line.values, line.low, line.high


def _floats(series: Series) -> list[float]:
    return [math.nan if (value := number(each)) is None else value for each in series]


def panels_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Give groups of lines of like magnitude, the largest first; in a group in the given order.

    Lines with a range stand apart from those without.
    """
    groups: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: (each.low is not None, -each.magnitude)):
        if groups and _belongs(line, groups[-1]):
            groups[-1].append(line)
        else:
            groups.append([line])
    order = {id(line): place for place, line in enumerate(lines)}
    return [sorted(group, key=lambda each: order[id(each)]) for group in groups[:MOST_PANELS]]


def _belongs(line: Line, group: Sequence[Line]) -> bool:
    alike = (line.low is None) == (group[0].low is None)
    return alike and line.magnitude * RATIO >= group[0].magnitude and len(group) < MOST_LINES


def make_figure(panels: Sequence[Sequence[Line]], title: str, first_step: int = 0) -> Figure:
    """Give the picture: one panel below the other, the steps from the first one along the bottom."""
    figure = Figure(figsize=(9.0, 1.2 + 2.9 * len(panels)), layout="constrained")
    figure.suptitle(plain(title), fontsize=13, fontweight="bold", parse_math=False)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)
    for axes, panel in zip(grid[:, 0], panels, strict=True):
        _draw_panel(axes, panel, first_step)
    grid[-1, 0].set_xlabel("step")
    return figure


def _draw_panel(axes: Axes, panel: Sequence[Line], first_step: int) -> None:
    for line, color in zip(panel, COLORS, strict=False):
        steps = range(first_step, first_step + len(line.values))
        marker = "o" if len(line.values) == 1 else None
        axes.plot(steps, line.values, color=color, label=_label(line), lw=1.7, marker=marker)
        if line.low and line.high:
            axes.fill_between(steps, line.low, line.high, color=color, alpha=0.15, lw=0)
    axes.set_ylabel(_quantity(panel), parse_math=False)
    axes.margins(x=0.01)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if len(panel) > 1:
        legend = axes.legend(
            loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=9
        )
        for text in legend.get_texts():
            text.set_parse_math(False)


def _quantity(panel: Sequence[Line]) -> str:
    """Give what the vertical axis shows."""
    if len(panel) == 1:
        return panel[0].label
    return "count" if all(line.label.endswith("count") for line in panel) else "value"


def _label(line: Line) -> str:
    """Give a label that the legend shows; matplotlib hides those that begin with an underscore."""
    return f"\u200b{line.label}" if line.label.startswith("_") else line.label
