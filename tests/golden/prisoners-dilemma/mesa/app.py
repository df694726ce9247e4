"""Spatial prisoner's dilemma.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import SpatialPrisonersDilemma

PLAYER_COOPERATES_COLORS = {
    True: "tab:blue",
    False: "tab:red",
}


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color=PLAYER_COOPERATES_COLORS.get(agent.cooperates, "tab:gray"),
        marker="s",
        size=13,
        zorder=1,
    )


model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "width": Slider(
        "Width",
        value=50,
        min=1,
        max=100,
        step=1,
    ),
    "height": Slider(
        "Height",
        value=50,
        min=1,
        max=100,
        step=1,
    ),
    "temptation": Slider(
        "Temptation",
        value=1.85,
        min=0.0,
        max=3.7,
        step=0.01,
    ),
    "initial_cooperator_share": Slider(
        "Initial cooperator share",
        value=0.9,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = SpatialPrisonersDilemma(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(alpha=0.2)
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "cooperator_share",
            ]
        ),
    ],
    model_params=model_params,
    name="Spatial prisoner's dilemma",
)
