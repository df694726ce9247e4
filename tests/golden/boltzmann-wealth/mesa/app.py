"""Boltzmann wealth exchange.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, make_plot_component

from model import BoltzmannWealthExchange

model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "population": Slider(
        "Population",
        value=500,
        min=1,
        max=1000,
        step=1,
    ),
    "starting_wealth": Slider(
        "Starting wealth",
        value=1,
        min=1,
        max=10,
        step=1,
    ),
}

model = BoltzmannWealthExchange(seed=1)

page = SolaraViz(
    model,
    components=[
        make_plot_component(
            [
                "total_wealth",
            ]
        ),
        make_plot_component(
            [
                "gini",
            ]
        ),
        make_plot_component(
            [
                "share_without_money",
            ]
        ),
    ],
    model_params=model_params,
    name="Boltzmann wealth exchange",
)
