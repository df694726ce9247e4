"""Innovation diffusion by word of mouth.

Usage: python app.py --steps 100 --seed 1 --output animation.html

In a notebook: from app import explore; explore()
"""

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import argparse

import agentpy as ap
import matplotlib.pyplot as plt

from model import PARAMETERS, InnovationDiffusionWordMouth

PLOTS = [
    ["adopter_count"],
    ["new_adopters"],
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
    model = InnovationDiffusionWordMouth(PARAMETERS | parameters)
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
        population=ipywidgets.IntSlider(
            value=500,
            min=1,
            max=1000,
            step=1,
        ),
        average_degree=ipywidgets.IntSlider(
            value=8,
            min=1,
            max=16,
            step=1,
        ),
        rewiring_probability=ipywidgets.FloatSlider(
            value=0.1,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
        innovation_rate=ipywidgets.FloatSlider(
            value=0.01,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
        imitation_rate=ipywidgets.FloatSlider(
            value=0.4,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
    )


def main():
    """Write the animation of a run to a page."""
    parser = argparse.ArgumentParser(
        description="Innovation diffusion by word of mouth."
    )
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
