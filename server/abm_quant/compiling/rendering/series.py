"""What a generated model records: the series that the trackers of a Program ask for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import libcst as cst

from abm_quant.contracts.program import Attribute, Program, Tracker

Measure = Literal["variable", "count", "mean", "min", "max", "category", "frequencies", "values"]
NUMBERS = ("integer", "float", "number")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One value a step."""

    name: str
    """The name under which it is recorded."""
    measure: Measure
    attribute: str = ""
    agent_type: str | None = None
    category: str | bool | None = None
    at_start: bool = False
    """Recorded as it is before any behavior of the step."""
    is_number: bool = True
    """Whether it can be drawn as a line."""
    may_be_none: bool = False
    """Whether agents may lack the number that is aggregated."""
    is_mutable: bool = False
    description: str = ""
    path: str = ""

    @property
    def sums_up(self) -> bool:
        """Whether it is one of several numbers that are made of the same values."""
        return self.measure in ("mean", "min", "max", "category")


@dataclass(frozen=True, kw_only=True)
class AgentSeries:
    """One value a step and agent."""

    name: str
    agent_type: str
    attribute: str
    at_start: bool
    is_mutable: bool
    description: str


def model_series(program: Program) -> tuple[Series, ...]:
    """Give all that is recorded once a step; the population of each type always is."""
    found: list[Series] = []
    for tracker in program.trackers:
        if tracker.level == "model" or tracker.agent_type is None:
            found += _series_of(tracker, program)
    for agent_type in program.agent_types:
        name = f"{agent_type.name}.count"
        description = f"Number of living agents of the type {agent_type.name}."
        found.append(
            Series(name=name, measure="count", agent_type=agent_type.name, description=description)
        )
    return tuple(_distinct(found))


def _series_of(tracker: Tracker, program: Program) -> Iterator[Series]:
    base = Series(
        name=tracker.label,
        measure="variable",
        attribute=tracker.attribute,
        agent_type=tracker.agent_type,
        at_start=tracker.at_start,
        is_number=tracker.type in NUMBERS or tracker.type == "boolean",
        is_mutable=tracker.type in ("array", "object"),
        description=tracker.description,
        path=tracker.path,
    )
    if tracker.agent_type is None:
        yield base
        return
    stem = f"{tracker.agent_type}.{tracker.label}"
    if tracker.type in NUMBERS:
        lacking = _may_be_none(program, tracker)
        for measure in ("mean", "min", "max"):
            name = f"{stem}.{measure}"
            yield replace(base, name=name, measure=measure, may_be_none=lacking)
    elif tracker.type == "boolean" or (tracker.type == "string" and tracker.categories):
        for category in tracker.categories or (True, False):
            label = str(category).lower() if isinstance(category, bool) else category
            yield replace(
                base, name=f"{stem}.{label}", measure="category", category=category, is_number=True
            )
    elif tracker.type == "string":
        yield replace(base, name=stem, measure="frequencies")
    else:
        yield replace(base, name=stem, measure="values")


def _may_be_none(program: Program, tracker: Tracker) -> bool:
    """Whether the attribute starts as None, so that some agents may have no number yet."""
    attributes = program.agent_type(tracker.agent_type or "").attributes
    found = [each for each in attributes if each.name == tracker.attribute]
    return any(starts_as_none(each) for each in found)


def starts_as_none(attribute: Attribute) -> bool:
    """Whether the initial value of an attribute is None."""
    return isinstance(attribute.initial, cst.Name) and attribute.initial.value == "None"


def _distinct(series: list[Series]) -> Iterator[Series]:
    """Give each series once; what is recorded at both times of a step gets two names."""
    seen: dict[str, bool] = {}
    for each in series:
        if each.name not in seen:
            seen[each.name] = each.at_start
            yield each
        elif seen[each.name] != each.at_start and f"{each.name} (start)" not in seen:
            time = "start" if each.at_start else "end"
            seen[f"{each.name} ({time})"] = each.at_start
            yield replace(each, name=f"{each.name} ({time})")


def agent_series(program: Program) -> tuple[AgentSeries, ...]:
    """Give all that is recorded for each agent, each once."""
    found: dict[tuple[str, str, bool], AgentSeries] = {}
    for tracker in program.trackers:
        if tracker.level == "agent" and tracker.agent_type is not None:
            key = (tracker.agent_type, tracker.attribute, tracker.at_start)
            other = (tracker.agent_type, tracker.attribute, not tracker.at_start)
            time = " (start)" if tracker.at_start else " (end)"
            series = AgentSeries(
                name=tracker.label + (time if other in found else ""),
                agent_type=tracker.agent_type,
                attribute=tracker.attribute,
                at_start=tracker.at_start,
                is_mutable=tracker.type in ("array", "object"),
                description=tracker.description,
            )
            found.setdefault(key, series)
    return tuple(found.values())
