"""What only the templates of AgentPy need to know of a Program."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import libcst.matchers as m

from abm_quant.compiling.fragments import (
    Code,
    identifier,
    imported,
    join,
    local_name,
    sentence,
)
from abm_quant.compiling.rendering.series import AgentSeries, Series, agent_series, model_series
from abm_quant.compiling.rendering.views import (
    Call,
    documentation,
    free_name,
    member_names,
    module_names,
    snake_case,
)
from abm_quant.compiling.targets.agentpy_dialect.code import pieces
from abm_quant.compiling.targets.agentpy_dialect.lists import AgentLists
from abm_quant.compiling.targets.agentpy_dialect.names import LIST_NAMES
from abm_quant.contracts.program import CreateAgents, Program

USAGE = """Usage: python app.py --steps 100 --seed 1 --output animation.html

In a notebook: from app import explore; explore()"""


@dataclass(frozen=True, kw_only=True)
class ListView:
    """The list of a type's agents."""

    type: str
    code: Code
    """The list, as methods of the model see it."""
    name: Code
    list_class: Code
    loses_agents: bool
    is_early: bool
    """Whether it is made before its agents are."""
    is_joined: bool
    """Whether agents put themselves on it."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Series that are recorded together, as they come from the same values."""

    series: tuple[Series, ...]
    values: Code
    """The name that holds the values of an attribute while they are summed up."""
    list: ListView | None


@dataclass(frozen=True, kw_only=True)
class AgentRecord:
    """What is recorded of each agent of a type."""

    list: ListView
    plain: tuple[AgentSeries, ...]
    """Attributes that are recorded under their own names."""
    other: tuple[AgentSeries, ...]
    variable: Code


class Lists:
    """The lists of a model, for its templates."""

    def __init__(self, program: Program, lists: AgentLists) -> None:
        self.lists = lists
        self.types = tuple(self.of(each.name) for each in program.agent_types)

    def of(self, agent_type: str | None) -> ListView:
        """Give the list of a type, or of all agents for None."""
        name = self.lists.name_of(agent_type)
        return ListView(
            type=agent_type or "",
            code=join([identifier("self"), identifier(name)], "."),
            name=identifier(name),
            list_class=identifier(self.lists.class_of(agent_type)),
            loses_agents=self.lists.loses(agent_type),
            is_early=agent_type in self.lists.early,
            is_joined=agent_type in self.lists.joining,
        )

    def is_broadcast(self, action: Call) -> bool:
        """Whether one call on a list lets its agents act."""
        plain = action.is_behavior and not action.stores and action.same_arguments
        return plain and action.call not in LIST_NAMES

    @property
    def whole(self) -> str:
        """How the model has all agents."""
        return self.lists.whole


def agentpy_context(program: Program, lists: AgentLists) -> dict[str, Any]:
    """Give what the templates print of a Program that has been brought to AgentPy."""
    shown = Lists(program, lists)
    records = tuple(_records(program, shown))
    of_agents = tuple(_agent_records(program, shown))
    made = {each.agent_type for each in program.setup if isinstance(each, CreateAgents)}
    at_start = any(each.series[0].at_start for each in records) or any(
        each.at_start for record in of_agents for each in (*record.plain, *record.other)
    )
    taken = module_names(program) | member_names(program)
    by_type = m.Attribute(attr=m.Name("agents_by_type"))
    return {
        "lists": shown,
        "empty_lists": [each for each in shown.types if each.is_early or each.type not in made],
        "reads_by_type": any(m.findall(node, by_type) for node, _ in pieces(program)),
        "records": records,
        "agent_records": of_agents,
        "records_at_start": at_start,
        "record_start": identifier(free_name("record_start", taken)),
        "model_documentation": _model_documentation(program),
        "ends_early": bool(program.stop_rules) or program.ends_itself,
        "imports_of_run": imported("model", ["PARAMETERS", program.class_name]),
        "imports_of_app": imported("model", ["PARAMETERS", program.class_name]),
        "usage_of_app": f"{sentence(program.title)}\n\n{USAGE}",
    }


def _records(program: Program, lists: Lists) -> Iterator[Record]:
    def source(series: Series) -> tuple[str, str, bool]:
        attribute = series.attribute if series.measure not in ("variable", "count") else ""
        return series.agent_type or "", attribute, series.at_start

    taken = module_names(program)
    for (agent_type, attribute, _), series in groupby(model_series(program), key=source):
        stem = f"{snake_case(agent_type)}_{attribute}" if len(lists.types) > 1 else attribute
        yield Record(
            series=tuple(series),
            values=local_name(f"{stem}_values" if attribute else "values", taken),
            list=lists.of(agent_type) if agent_type else None,
        )


def _agent_records(program: Program, lists: Lists) -> Iterator[AgentRecord]:
    for (agent_type, _), found in groupby(
        agent_series(program), key=lambda each: (each.agent_type, each.at_start)
    ):
        series = tuple(found)
        plain = tuple(
            each for each in series if each.name == each.attribute and not each.is_mutable
        )
        yield AgentRecord(
            list=lists.of(agent_type),
            plain=plain,
            other=tuple(each for each in series if each not in plain),
            variable=local_name(snake_case(agent_type), module_names(program)),
        )


def _model_documentation(program: Program) -> str:
    """Give the docstring of the model class: what it is, and its state."""
    text = program.environment_description or program.space.description or program.title
    parameters = {each.name for each in program.parameters}
    own = [each for each in program.variables if each.name not in parameters]
    return documentation(text, ("Attributes", own))
