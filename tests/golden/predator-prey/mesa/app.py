"""Wolves, sheep and grass.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import Sheep, WolvesSheepGrass


def portray(agent):
    """Give the look of an agent."""
    if isinstance(agent, Sheep):
        return AgentPortrayalStyle(
            color="tab:blue",
            marker="o",
            size=13,
            zorder=2,
        )
    return AgentPortrayalStyle(
        color="tab:red",
        marker="^",
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
    "sheep_gain_from_food": Slider(
        "Sheep gain from food",
        value=6,
        min=1,
        max=12,
        step=1,
    ),
    "wolf_gain_from_food": Slider(
        "Wolf gain from food",
        value=25,
        min=1,
        max=50,
        step=1,
    ),
    "sheep_reproduction": Slider(
        "Sheep reproduction",
        value=0.06,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "wolf_reproduction": Slider(
        "Wolf reproduction",
        value=0.05,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "grass_regrowth_time": Slider(
        "Grass regrowth time",
        value=30,
        min=1,
        max=60,
        step=1,
    ),
    "initial_sheep_count": Slider(
        "Initial sheep count",
        value=100,
        min=1,
        max=200,
        step=1,
    ),
    "initial_wolf_count": Slider(
        "Initial wolf count",
        value=50,
        min=1,
        max=100,
        step=1,
    ),
}

model = WolvesSheepGrass(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(alpha=0.2)
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "grass_count",
            ]
        ),
        make_plot_component(
            [
                "Sheep.energy.mean",
                "Sheep.energy.min",
                "Sheep.energy.max",
            ]
        ),
        make_plot_component(
            [
                "Wolf.energy.mean",
                "Wolf.energy.min",
                "Wolf.energy.max",
            ]
        ),
        make_plot_component(
            [
                "Sheep.count",
                "Wolf.count",
            ]
        ),
    ],
    model_params=model_params,
    name="Wolves, sheep and grass",
)
