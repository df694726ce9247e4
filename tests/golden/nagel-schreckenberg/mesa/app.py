"""Traffic jams on a ring road.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import TrafficJamsRingRoad


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color="tab:blue",
        marker="o",
        size=8,
        zorder=2,
    )


model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "road_length": Slider(
        "Road length",
        value=200,
        min=1,
        max=400,
        step=1,
    ),
    "car_count": Slider(
        "Car count",
        value=40,
        min=1,
        max=80,
        step=1,
    ),
    "max_speed": Slider(
        "Max speed",
        value=5,
        min=1,
        max=10,
        step=1,
    ),
    "slowdown_probability": Slider(
        "Slowdown probability",
        value=0.3,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = TrafficJamsRingRoad(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(alpha=0.2)
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "mean_speed",
            ]
        ),
        make_plot_component(
            [
                "flow",
            ]
        ),
        make_plot_component(
            [
                "stopped_count",
            ]
        ),
    ],
    model_params=model_params,
    name="Traffic jams on a ring road",
)
