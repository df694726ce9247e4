"""Wolves, sheep and grass.

Usage: python app.py --steps 100 --seed 1 --output animation.html

In a notebook: from app import explore; explore()
"""

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import argparse

import agentpy as ap
import matplotlib.pyplot as plt

from model import PARAMETERS, WolvesSheepGrass

PLOTS = [
    ["grass_count"],
    ["Sheep.energy.mean", "Sheep.energy.min", "Sheep.energy.max"],
    ["Wolf.energy.mean", "Wolf.energy.min", "Wolf.energy.max"],
    ["Sheep.count", "Wolf.count"],
]
"""The recorded series of each plot."""


def draw(model, axes):
    """Draw what was recorded so far."""
    for ax, names in zip(axes, PLOTS):
        for name in names:
            ax.plot(model.log["t"], model.log[name], label=name)
        ax.set_xlabel("step")
        ax.legend()


def animate(steps=100, seed=1, **parameters):
    """Give the animation of a run."""
    model = WolvesSheepGrass(PARAMETERS | parameters)
    figure, axes = plt.subplots(
        len(PLOTS), squeeze=False, figsize=(7, 3.5 * len(PLOTS))
    )
    return ap.animate(model, figure, list(axes.flat), draw, steps=steps, seed=seed)


def explore():
    """Show the animation beside sliders for the parameters, in a notebook."""
    import ipywidgets
    from IPython.display import HTML

    def show(**parameters):
        return HTML(animate(**parameters).to_jshtml())

    return ipywidgets.interact_manual(
        show,
        steps=ipywidgets.IntText(value=100),
        seed=ipywidgets.IntText(value=1),
        width=ipywidgets.IntSlider(
            value=50,
            min=1,
            max=100,
            step=1,
        ),
        height=ipywidgets.IntSlider(
            value=50,
            min=1,
            max=100,
            step=1,
        ),
        sheep_gain_from_food=ipywidgets.IntSlider(
            value=6,
            min=1,
            max=12,
            step=1,
        ),
        wolf_gain_from_food=ipywidgets.IntSlider(
            value=25,
            min=1,
            max=50,
            step=1,
        ),
        sheep_reproduction=ipywidgets.FloatSlider(
            value=0.06,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
        wolf_reproduction=ipywidgets.FloatSlider(
            value=0.05,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
        grass_regrowth_time=ipywidgets.IntSlider(
            value=30,
            min=1,
            max=60,
            step=1,
        ),
        initial_sheep_count=ipywidgets.IntSlider(
            value=100,
            min=1,
            max=200,
            step=1,
        ),
        initial_wolf_count=ipywidgets.IntSlider(
            value=50,
            min=1,
            max=100,
            step=1,
        ),
    )


def main():
    """Write the animation of a run to a page."""
    parser = argparse.ArgumentParser(description="Wolves, sheep and grass.")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default="animation.html")
    arguments = parser.parse_args()
    page = animate(arguments.steps, arguments.seed).to_jshtml()
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(page)
    print(f"Open {arguments.output} in a browser.")


if __name__ == "__main__":
    main()
