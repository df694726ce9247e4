"""Report: what an instrument tells of the state of a model at the end of a step."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

Plain = bool | int | float | str | None


class Report(BaseModel):
    """One report. It comes from a process that ran foreign code, so its shape is checked."""

    model_config = ConfigDict(frozen=True)

    born: dict[str, int]
    """New agents by type; at step 0 all of them."""
    died: dict[str, int]
    """Agents that are gone since the step before, by type."""
    places: dict[str, int]
    """Agents that are somewhere, by type."""
    moves: dict[str, dict[str, int]]
    """Changes of category in this step as `before>after`, by `Type.attribute`."""
    tallies: dict[str, dict[str, int]]
    """Agents in each category, by `Type.attribute`."""
    sums: dict[str, float | None]
    """Sums over all agents, by `Type.attribute`."""
    ranges: dict[str, tuple[float, float]]
    """Smallest and largest value, by `Type.attribute`."""
    bad: dict[str, str]
    """Numbers that are NaN or infinite, by name."""
    changed: list[str]
    """Attributes of agents that changed in this step, and `Type.place`."""
    vars: dict[str, Plain]
    """Plain attributes of the model; None for a number that is not finite."""
    crowded: int
    """The most agents at one place."""
    outside: int
    """Agents that are outside of the space."""
    ghosts: int
    """Agents that stand in the space and are not in the model."""
    links: int | None
    """The most links of a node of the network."""


def read_reports(values: list[Any]) -> list[Report]:
    """Give the reports of a run up to the first that has another shape."""
    found = []
    for value in values:
        try:
            found.append(Report.model_validate(value))
        except ValidationError:
            break
    return found
