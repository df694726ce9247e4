"""Pictures of tracked variables: what stands in which panel."""

import pytest

from abm_quant.cli.plotting import MOST_LINES, draw, lines_of, make_figure, panels_of
from abm_quant.contracts.results import RunResult
from abm_quant.errors import BadRequest

SIR = {"susceptible": [495, 300, 100], "infected": [5, 150, 50], "recovered": [0, 50, 350]}


def labels(panels):
    return [[line.label for line in panel] for panel in panels]


def test_series_of_like_size_share_a_panel_in_their_order():
    assert labels(panels_of(lines_of(SIR))) == [["susceptible", "infected", "recovered"]]


def test_series_of_other_sizes_get_their_own_panel():
    panels = panels_of(lines_of({"gini": [0.1, 0.5], "wealth": [900, 1000], "poor": [0, 600]}))
    assert labels(panels) == [["wealth", "poor"], ["gini"]]


def test_a_mean_is_drawn_with_its_range():
    (line,) = lines_of(
        {"Sheep.energy.mean": [2, 3], "Sheep.energy.min": [0, 1]} | {"Sheep.energy.max": [5, 9]}
    )
    assert line.label == "Sheep.energy (mean, range)"
    assert (line.low, line.high) == ([0, 1], [5, 9])


def test_ranges_stand_apart_from_single_lines():
    energy = {f"Wolf.energy.{kind}": [20, 30] for kind in ("min", "max")}
    energy["Wolf.energy.mean"] = [20, 31]
    panels = panels_of(lines_of({"Wolf.count": [50, 60], **energy}))
    assert labels(panels) == [["Wolf.count"], ["Wolf.energy (mean, range)"]]


def test_equal_series_become_one_line_with_both_names():
    (line,) = lines_of({"infected": [5, 9], "Person.state.infected": [5, 9]})
    assert line.label == "infected\n= Person.state.infected"


def test_text_is_left_out_and_gaps_stay_gaps():
    (line,) = lines_of({"mood": ["calm", "wild"], "share": [None, 0.5]})
    assert line.label == "share"
    assert line.values[0] != line.values[0]


def test_a_panel_holds_no_more_lines_than_there_are_colors():
    panels = panels_of(lines_of({f"x{place}": [100 + place] for place in range(MOST_LINES + 3)}))
    assert [len(panel) for panel in panels] == [MOST_LINES, 3]


def test_a_figure_names_its_axes_and_lines():
    figure = make_figure(panels_of(lines_of({**SIR, "rate": [0.1, 0.2, 0.3]})), "An SIR model")
    upper, lower = figure.axes
    counts = {"Wolf.count": [5, 6], "infected_count": [7, 8]}
    assert make_figure(panels_of(lines_of(counts)), "").axes[0].get_ylabel() == "count"
    assert figure.get_suptitle() == "An SIR model"
    assert [text.get_text() for text in upper.get_legend().get_texts()] == list(SIR)
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("value", "rate")
    assert lower.get_xlabel() == "step"


@pytest.mark.parametrize(
    "title", ["costs $5 or $x_1^2$", r"a \frac{1}{2} $", "_hidden", "x\x1b[1m"]
)
def test_any_title_and_name_is_drawn_as_it_is(tmp_path, title):
    path = tmp_path / "new" / "plot.png"
    draw(RunResult(model={title: [1, 2], f"{title}2": [2, 3]}), title, path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_is_said(tmp_path):
    with pytest.raises(BadRequest, match="nothing to plot"):
        draw(RunResult(model={"mood": ["calm"]}), "Moods", tmp_path / "plot.png")


def test_a_picture_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadRequest, match="cannot be written"):
        draw(RunResult(model=SIR), "SIR", tmp_path / "file" / "plot.png")


def test_the_picture_of_a_continued_run_begins_after_its_checkpoint():
    figure = make_figure(panels_of(lines_of({"wolves": [5, 6, 7]})), "Wolves", 31)
    assert list(figure.axes[0].lines[0].get_xdata()) == [31, 32, 33]
