"""Activation: what `schedule.step()` of Mesa 2 lets the agents do.

A scheduler ran the `step` of every agent, or the stages that it was given. Where the plan of the
specification activates agents itself, it has taken over that work and the call is left out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from abm_quant.compiling.resolve import Declared, Names
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.spec import Behavior, GlobalFunction, ModelSpec

STEP = re.compile(r"\bschedule\.step\(")
STAGED = re.compile(r"\bStagedActivation\(.*?\[([^\]]*)\]", re.DOTALL)
SCHEDULERS = {
    "SimultaneousActivation": (("step", "advance"), "do"),
    "BaseScheduler": (("step",), "do"),
}
RANDOM = (("step",), "shuffle_do")
SCHEDULE = "/scheduler/schedule/scheduleOrder"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One behavior of all agents, or of the agents of one class."""

    behavior: str
    class_name: str | None
    """None for all agents."""
    method: str
    """`do` or `shuffle_do` of an AgentSet."""


def turns(spec: ModelSpec, names: Names) -> tuple[tuple[Turn, ...], list[Problem]]:
    """Give what `schedule.step()` means, nothing where the plan activates agents; and problems."""
    items = [each.item for each in names.declared]
    code = "\n".join(each.code for each in items if isinstance(each, (Behavior, GlobalFunction)))
    if STEP.search(code) is None or _plan_activates(spec, names):
        return (), []
    stages, method = _stages(code)
    found = [turn for stage in stages for turn in _turns(stage, method, names)]
    if found:
        return tuple(found), []
    called = set(re.findall(r"\.(\w+)\(", code))
    idle = [each for each in names.of("agent-behavior") if each.name not in {*called, "__init__"}]
    if not idle:
        return (), []
    listed = ", ".join(each.source_name for each in idle)
    message = f"`schedule.step()` finds no `step` of an agent; it runs, in this order: {listed}."
    hint = "List the behaviors in scheduleOrder."
    found = [_turn(each, method, names) for each in idle]
    return tuple(found), [problem("nothing-scheduled", SCHEDULE, message, hint)]


def _plan_activates(spec: ModelSpec, names: Names) -> bool:
    """Tell whether the schedule lists what agents do, or lists nothing."""
    schedule = spec.scheduler.schedule
    items = (schedule.schedule_order if schedule else None) or ()
    planned = [names.find(each.source_name) for each in items]
    return not items or any(each is not None and _is_of_agents(each) for each in planned)


def _is_of_agents(declared: Declared) -> bool:
    item = declared.item
    per_agent = isinstance(item, GlobalFunction) and item.execution_mode == "per-agent"
    return declared.kind == "agent-behavior" or per_agent


def _stages(code: str) -> tuple[tuple[str, ...], str]:
    staged = STAGED.search(code)
    if staged is not None:
        return tuple(re.findall(r"[\"'](\w+)[\"']", staged[1])), "shuffle_do"
    return next((found for name, found in SCHEDULERS.items() if f"{name}(" in code), RANDOM)


def _turns(stage: str, method: str, names: Names) -> Iterable[Turn]:
    having = [each for each in names.of("agent-behavior") if each.name == stage]
    if len(having) == len(names.type_names) and len({each.python for each in having}) == 1:
        return [Turn(behavior=having[0].python, class_name=None, method=method)]
    return [_turn(each, method, names) for each in having]


def _turn(declared: Declared, method: str, names: Names) -> Turn:
    class_name = names.type_names[declared.agent_type or ""]
    return Turn(behavior=declared.python, class_name=class_name, method=method)
