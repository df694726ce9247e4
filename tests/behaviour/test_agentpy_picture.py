"""The pictures in app.py of AgentPy projects: what a frame of the animation shows."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import same_color

from abm_quant.compiling.render import render
from abm_quant.compiling.targets.agentpy import AGENTPY
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.program import BuildSpace, CreateAgents, Space
from gallery_runs import compiled
from generated import SPEC, activate, agent_type, attribute, expression, parameter
from generated import program as made_by_hand
from generated_runs import module_of

matplotlib.use("agg")


@contextmanager
def page_of(bundle: CodeBundle) -> Iterator[Any]:
    """Give app.py as a module, with its model beside it."""
    sys.modules["model"] = module_of(bundle.files["model.py"])
    try:
        with plt.rc_context():
            yield module_of(bundle.files["app.py"])
    finally:
        del sys.modules["model"]


def last_frame(bundle: CodeBundle, steps: int, **parameters: Any) -> tuple[Any, int]:
    """Give the figure of the last frame, and the number of frames."""
    with page_of(bundle) as page:
        animation = page.animate(steps, 1, **parameters)
        numbers = list(animation.new_frame_seq())
        animation._draw_frame(numbers[-1])
        animation._draw_was_started = True
        assert animation._fig.get_suptitle() == f"step {numbers[-1]}"
        return animation._fig, len(numbers)


def marked(ax: Any) -> dict[str, int]:
    """Give the number of markers by their label in the legend."""
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    scattered = {each.get_label(): len(each.get_offsets()) for each in ax.collections}
    return {name: scattered[name] for name in names}


def curves(figure: Any) -> dict[str, Any]:
    """Give the last value of each curve."""
    return {line.get_label(): line.get_ydata()[-1] for ax in figure.axes for line in ax.lines}


def test_a_grid_shows_each_agent_in_the_color_of_its_category() -> None:
    figure, _ = last_frame(compiled("schelling-segregation", "agentpy").bundle, 3)
    ax = figure.axes[0]
    last = curves(figure)
    assert marked(ax) == {
        "majority": last["Household.group.majority"],
        "minority": last["Household.group.minority"],
    }
    majority, minority = ax.collections
    assert same_color(majority.get_facecolor()[0], "tab:blue")
    assert same_color(minority.get_facecolor()[0], "tab:red")
    places = [tuple(place) for each in ax.collections for place in each.get_offsets()]
    assert len(set(places)) == len(places) == 720
    assert {x for x, _ in places} | {y for _, y in places} == set(range(30))


def test_types_have_markers_of_their_own_that_come_and_go_with_the_agents() -> None:
    figure, _ = last_frame(compiled("predator-prey", "agentpy").bundle, 10)
    last = curves(figure)
    assert marked(figure.axes[0]) == {"Sheep": last["Sheep.count"], "Wolf": last["Wolf.count"]}


def test_a_network_shows_its_links_and_an_agent_on_each_node() -> None:
    bundle = compiled("sir-network", "agentpy").bundle
    figure, _ = last_frame(bundle, 5, population=60, average_degree=4)
    last = curves(figure)
    states = ("susceptible", "infected", "recovered")
    ax = figure.axes[0]
    assert marked(ax) == {state: last[f"{state}_count"] for state in states}
    (links,) = [each for each in ax.collections if hasattr(each, "get_segments")]
    assert len(links.get_segments()) == 120
    ends = {tuple(end) for link in links.get_segments() for end in link}
    assert ends == {tuple(at) for each in ax.collections[1:] for at in each.get_offsets()}


def test_a_continuous_space_shows_each_agent_at_its_coordinates() -> None:
    bird = agent_type(
        "Bird",
        "def fly(self):\n    self.model.space.move_agent(self, (1.5, self.pos[1]))",
        attributes=(attribute("is_old", "False", "boolean"),),
    )
    space = Space(
        kind="continuous", api="pos", width=expression("8"), height=expression("self.height")
    )
    made = made_by_hand(
        bird,
        parameters=(parameter("height", 5),),
        space=space,
        setup=(BuildSpace(), CreateAgents(agent_type="Bird")),
        steps=(activate("Bird", "fly"),),
    )
    figure, _ = last_frame(render(made, AGENTPY, SPEC), 1)
    ax = figure.axes[0]
    assert marked(ax) == {"is_old: False": 10, "is_old: True": 0}
    assert {x for each in ax.collections for x, _ in each.get_offsets()} == {1.5}
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 8), (0, 5))


def test_without_a_space_there_are_curves_only() -> None:
    bundle = compiled("boltzmann-wealth", "agentpy").bundle
    figure, _ = last_frame(bundle, 2)
    assert "LOOKS" not in bundle.files["app.py"]
    assert all(not ax.collections and ax.lines for ax in figure.axes)


@pytest.mark.parametrize(("steps", "frames"), [(0, 1), (7, 8), (50, 51), (250, 51)])
def test_a_long_run_has_no_more_frames_than_a_short_one(steps: int, frames: int) -> None:
    bundle = compiled("boltzmann-wealth", "agentpy").bundle
    figure, count = last_frame(bundle, steps, population=10)
    assert count == frames
    assert figure.get_suptitle() == f"step {steps}"
