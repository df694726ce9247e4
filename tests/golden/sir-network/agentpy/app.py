"""SIR epidemic on a small-world network.

Usage: python app.py --steps 100 --seed 1 --output animation.html

In a notebook: from app import explore; explore()
"""

# AgentPy ships without type information.
# mypy: disable-error-code="import-untyped"

import argparse
import math

import matplotlib.pyplot as plt
import networkx as nx
from matplotlib.animation import FuncAnimation

from model import PARAMETERS, SIREpidemic

FRAMES = 50
"""The most frames after the first one; a long run shows only some of its steps."""

PLOTS = [
    ["susceptible_count", "infected_count", "recovered_count"],
]
"""The recorded series of each plot."""

COLORS = ["tab:blue", "tab:red", "tab:green", "tab:orange", "tab:purple", "tab:brown"]
"""The colors of the curves in a plot."""

LOOKS = {
    "susceptible": {"color": "tab:blue", "marker": "o"},
    "infected": {"color": "tab:red", "marker": "o"},
    "recovered": {"color": "tab:green", "marker": "o"},
}
"""How agents are drawn, by their label; what is below others comes first."""


def label_of(agent):
    """Give what the legend calls an agent."""
    return f"{agent.state}"


def mark_agents(ax, places, size):
    """Mark the place of each agent, in the color of its label."""
    marked = {label: [] for label in LOOKS}
    for agent, place in places.items():
        marked.setdefault(label_of(agent), []).append(place)
    for label, found in marked.items():
        x, y = zip(*found) if found else ([], [])
        look = LOOKS.get(label, {"color": "tab:gray"})
        ax.scatter(x, y, s=size, linewidths=0, clip_on=False, label=label, **look)
    legend = ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0), ncols=4, frameon=False
    )
    for handle in legend.legend_handles:
        handle.set_sizes([40])
    ax.set_anchor("N")


def lay_out(graph):
    """Give each node a place that it keeps."""
    return nx.spring_layout(graph, iterations=50 if len(graph) < 500 else 10, seed=1)


def draw_network(model, ax, layout):
    """Draw the links, and the agents on their nodes."""
    nx.draw_networkx_edges(
        model.network.graph, layout, width=0.5, edge_color="silver", ax=ax, arrows=False
    )
    positions = model.network.positions
    places = {agent: layout[node] for agent, node in positions.items()}
    mark_agents(ax, places, max(8, min(100, 10_000 / max(1, len(layout)))))
    ax.axis("off")


def draw_curves(model, axes):
    """Draw what was recorded so far."""
    for ax, names in zip(axes, PLOTS):
        ax.set_prop_cycle(color=COLORS)
        for name in names:
            ax.plot(model.log["t"], model.log[name], label=name)
        ax.set_xlim(0, max(1, model.t))
        ax.tick_params(labelbottom=False)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
    ax.tick_params(labelbottom=True)
    ax.set_xlabel("step")


def animate(steps=100, seed=1, **parameters):
    """Give the animation of a run."""
    model = SIREpidemic(PARAMETERS | parameters)
    model.sim_setup(steps, seed)
    stride = max(1, math.ceil(steps / FRAMES))
    # In megabytes; frames beyond it would be left out.
    plt.rcParams["animation.embed_limit"] = 100
    layout = lay_out(model.network.graph)
    size = (11, max(5, 1.8 * len(PLOTS)))
    figure = plt.figure(figsize=size, dpi=80, layout="constrained")
    axes = figure.subplot_mosaic([["space", plot] for plot in range(len(PLOTS))])
    space_ax = axes.pop("space")

    def frames():
        yield model.t
        while model.running:
            for _ in range(stride):
                if model.running:
                    model.sim_step()
            yield model.t

    def draw(step):
        for ax in figure.axes:
            ax.clear()
        figure.suptitle(f"step {step}")
        draw_network(model, space_ax, layout)
        draw_curves(model, axes.values())

    draw(model.t)
    # The layout of the first frame is kept: it takes long to find, and axes would jump.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    plt.close(figure)
    return FuncAnimation(figure, draw, frames=frames, save_count=FRAMES + 1)


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
            value=6,
            min=1,
            max=12,
            step=1,
        ),
        rewiring_probability=ipywidgets.FloatSlider(
            value=0.1,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
        initial_infected=ipywidgets.IntSlider(
            value=5,
            min=1,
            max=10,
            step=1,
        ),
        infection_probability=ipywidgets.FloatSlider(
            value=0.08,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
        recovery_probability=ipywidgets.FloatSlider(
            value=0.1,
            min=0.0,
            max=1.0,
            step=0.01,
        ),
    )


def main():
    """Write the animation of a run to a page."""
    parser = argparse.ArgumentParser(
        description="SIR epidemic on a small-world network."
    )
    parser.add_argument("--steps", type=int, default=100, help="steps to show")
    parser.add_argument("--seed", type=int, default=1, help="seed of the run")
    parser.add_argument(
        "--output", default="animation.html", help="file of the page to write"
    )
    arguments = parser.parse_args()
    page = animate(arguments.steps, arguments.seed).to_jshtml()
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write(page)
    print(f"Open {arguments.output} in a browser.")


if __name__ == "__main__":
    main()
