"""Schelling segregation.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import SchellingSegregation

HOUSEHOLD_GROUP_COLORS = {
    "majority": "tab:blue",
    "minority": "tab:red",
}


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color=HOUSEHOLD_GROUP_COLORS.get(agent.group, "tab:gray"),
        marker="o",
        size=36,
        zorder=2,
    )


model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "width": Slider(
        "Width",
        value=30,
        min=1,
        max=60,
        step=1,
    ),
    "height": Slider(
        "Height",
        value=30,
        min=1,
        max=60,
        step=1,
    ),
    "density": Slider(
        "Density",
        value=0.8,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "minority_share": Slider(
        "Minority share",
        value=0.5,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "wanted_similarity": Slider(
        "Wanted similarity",
        value=0.33,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = SchellingSegregation(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(alpha=0.2)
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "segregation_index",
            ]
        ),
        make_plot_component(
            [
                "unhappy_count",
            ]
        ),
        make_plot_component(
            [
                "Household.group.majority",
                "Household.group.minority",
            ]
        ),
    ],
    model_params=model_params,
    name="Schelling segregation",
)
