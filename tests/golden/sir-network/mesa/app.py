"""SIR epidemic on a small-world network.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from model import SIREpidemic

PERSON_STATE_COLORS = {
    "susceptible": "tab:blue",
    "infected": "tab:red",
    "recovered": "tab:green",
}


def portray(agent):
    """Give the look of an agent."""
    return AgentPortrayalStyle(
        color=PERSON_STATE_COLORS.get(agent.state, "tab:gray"),
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
        value=6,
        min=1,
        max=12,
        step=1,
    ),
    "rewiring_probability": Slider(
        "Rewiring probability",
        value=0.1,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "initial_infected": Slider(
        "Initial infected",
        value=5,
        min=1,
        max=10,
        step=1,
    ),
    "infection_probability": Slider(
        "Infection probability",
        value=0.08,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "recovery_probability": Slider(
        "Recovery probability",
        value=0.1,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = SIREpidemic(seed=1)
renderer = SpaceRenderer(model, backend="matplotlib")
renderer.draw_structure(node_kwargs={"node_size": 0}, edge_kwargs={"alpha": 0.3})
renderer.draw_agents(portray)

page = SolaraViz(
    model,
    renderer,
    components=[
        make_plot_component(
            [
                "susceptible_count",
                "infected_count",
                "recovered_count",
            ]
        ),
    ],
    model_params=model_params,
    name="SIR epidemic on a small-world network",
)
