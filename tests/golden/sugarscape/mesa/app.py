"""Sugarscape: foragers on a sugar landscape.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import SugarscapeForagersSugarLandscape


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color="tab:blue",
        marker="o",
        size=13,
        zorder=2,
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
    "growth_rate": Slider(
        "Growth rate",
        value=1,
        min=1,
        max=10,
        step=1,
    ),
    "max_vision": Slider(
        "Max vision",
        value=6,
        min=1,
        max=12,
        step=1,
    ),
    "max_metabolism": Slider(
        "Max metabolism",
        value=4,
        min=1,
        max=10,
        step=1,
    ),
    "initial_forager_count": Slider(
        "Initial forager count",
        value=400,
        min=1,
        max=800,
        step=1,
    ),
}

model = SugarscapeForagersSugarLandscape(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(alpha=0.2)
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "gini",
            ]
        ),
        make_plot_component(
            [
                "standing_sugar",
            ]
        ),
        make_plot_component(
            [
                "Forager.vision.mean",
                "Forager.vision.min",
                "Forager.vision.max",
            ]
        ),
        make_plot_component(
            [
                "Forager.metabolism.mean",
                "Forager.metabolism.min",
                "Forager.metabolism.max",
            ]
        ),
        make_plot_component(
            [
                "Forager.sugar.mean",
                "Forager.sugar.min",
                "Forager.sugar.max",
            ]
        ),
        make_plot_component(
            [
                "Forager.count",
            ]
        ),
    ],
    model_params=model_params,
    name="Sugarscape: foragers on a sugar landscape",
)
