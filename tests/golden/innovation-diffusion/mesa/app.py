"""Innovation diffusion by word of mouth.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import InnovationDiffusionWordMouth

CONSUMER_HAS_ADOPTED_COLORS = {
    True: "tab:blue",
    False: "tab:red",
}


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color=CONSUMER_HAS_ADOPTED_COLORS.get(agent.has_adopted, "tab:gray"),
        marker="s",
        size=30,
        zorder=1,
    )


model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "population": Slider(
        "Population",
        value=500,
        min=1,
        max=1000,
        step=1,
    ),
    "average_degree": Slider(
        "Average degree",
        value=8,
        min=1,
        max=16,
        step=1,
    ),
    "rewiring_probability": Slider(
        "Rewiring probability",
        value=0.1,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "innovation_rate": Slider(
        "Innovation rate",
        value=0.01,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "imitation_rate": Slider(
        "Imitation rate",
        value=0.4,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = InnovationDiffusionWordMouth(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(node_kwargs={"node_size": 0}, edge_kwargs={"alpha": 0.3})
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "adopter_count",
            ]
        ),
        make_plot_component(
            [
                "new_adopters",
            ]
        ),
    ],
    model_params=model_params,
    name="Innovation diffusion by word of mouth",
)
