"""Opinions with bounded confidence.

Usage: solara run app.py
"""

# Mesa ships without type information.
# mypy: disable-error-code="import-untyped"

from mesa.visualization import Slider, SolaraViz, make_plot_component

from model import OpinionsBoundedConfidence

model_params = {
    "seed": Slider("Seed", value=1, min=0, max=1000, step=1),
    "population": Slider(
        "Population",
        value=500,
        min=1,
        max=1000,
        step=1,
    ),
    "confidence_bound": Slider(
        "Confidence bound",
        value=0.2,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
    "convergence_rate": Slider(
        "Convergence rate",
        value=0.5,
        min=0.0,
        max=1.0,
        step=0.01,
    ),
}

model = OpinionsBoundedConfidence(seed=1)

page = SolaraViz(
    model,
    components=[
        make_plot_component(
            [
                "mean_opinion",
            ]
        ),
        make_plot_component(
            [
                "opinion_spread",
            ]
        ),
        make_plot_component(
            [
                "cluster_count",
            ]
        ),
    ],
    model_params=model_params,
    name="Opinions with bounded confidence",
)
