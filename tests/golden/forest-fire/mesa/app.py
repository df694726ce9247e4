"""Forest fire.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import ForestFire

TREE_STATE_COLORS = {
    "fine": "tab:blue",
    "burned": "tab:red",
    "burning": "tab:green",
    "ignited": "tab:orange",
}


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color=TREE_STATE_COLORS.get(agent.state, "tab:gray"),
        marker="s",
        size=8,
        zorder=1,
    )


model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "width": Slider(
        "Width",
        value=100,
        min=1,
        max=200,
        step=1,
    ),
    "height": Slider(
        "Height",
        value=100,
        min=1,
        max=200,
        step=1,
    ),
    "density": Slider(
        "Density",
        value=0.65,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "spread_probability": Slider(
        "Spread probability",
        value=1.0,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = ForestFire(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(alpha=0.2)
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "fine_count",
                "burning_count",
                "burned_count",
            ]
        ),
        make_plot_component(
            [
                "burned_share",
            ]
        ),
    ],
    model_params=model_params,
    name="Forest fire",
)
