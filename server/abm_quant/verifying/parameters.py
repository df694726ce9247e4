"""Parameters: each is read, changes something, and may be extreme."""

from collections.abc import Iterator

from abm_quant.compiling.resolve import words_of
from abm_quant.contracts.jobs import ParameterValue
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import Parameter
from abm_quant.verifying.basics import differs
from abm_quant.verifying.finding import Finding, counted, listed
from abm_quant.verifying.subject import Subject, code_of
from abm_quant.verifying.trials import (
    BASE,
    NotChecked,
    Outcome,
    Trial,
    Trials,
    with_parameter,
    working,
)

FEW_STEPS = 50
CHANCES = {"probability", "prob", "chance", "share", "fraction", "rate", "proportion"}


async def declarations_used(subject: Subject, _: Trials) -> Finding:
    """Check, without a run, that every parameter and attribute is read."""
    told = {each.path for each in subject.known if each.code == "never-updated"}
    watched = {each.attribute for each in subject.program.trackers}
    problems = []
    for parameter in subject.program.parameters:
        path = parameter.path.removesuffix("/initialValue")
        if parameter.name not in subject.reads and not parameter.is_state and path not in told:
            message = f"No code reads {parameter.name}; changing it changes nothing."
            hint = f"Use globalVariable.{parameter.name} where it should count, or remove it."
            problems.append(problem("no-effect", parameter.path, message, hint))
    idle = [
        (f"{kind}.{each.name}", each.path)
        for kind, each in subject.attributes
        if each.name not in subject.reads | watched
    ]
    idle += [
        (each.name, each.path)
        for each in subject.program.variables
        if each.name not in subject.reads | watched
    ]
    for name, path in idle:
        message = f"No code reads {name}, and it is not tracked."
        problems.append(problem("unused-declaration", path, message, "Use it, or remove it."))
    unread = [each for each in problems if each.code == "no-effect"]
    evidence = (
        f"{len(subject.program.parameters) - len(unread)} of "
        f"{counted(len(subject.program.parameters), 'parameter')} are read by the code."
    )
    return Finding(evidence, tuple(problems))


async def sensitivity(subject: Subject, trials: Trials) -> Finding:
    """Check that each number changes something when it goes from one extreme to the other."""
    base = await working(trials)
    if subject.is_still:
        return Finding("Nothing changes anyway; see `liveness`.", applies=False)
    numbers = [each for each in subject.numbers if not each.is_state and each.name in subject.reads]
    if not numbers:
        return Finding("There is no number to change.", applies=False)
    still, unknown = await _unmoved(numbers, 0, base, trials)
    still, more = await _unmoved(still, 1, base, trials)
    unknown |= more
    problems = [_without_effect(each, base) for each in still]
    known = len(numbers) - len(unknown)
    evidence = f"{known - len(still)} of {counted(known, 'number')} changed the results (seed 1)"
    late = f"; not checked in time: {listed(sorted(unknown))}" if unknown else ""
    if not known:
        raise NotChecked("The time was up.")
    return Finding(f"{evidence}{late}.", tuple(problems))


async def _unmoved(
    numbers: list[Parameter], side: int, base: Outcome, trials: Trials
) -> tuple[list[Parameter], set[str]]:
    """Give the parameters whose low (0) or high (1) value changes nothing, and the unknown ones."""
    wanted = {each: with_parameter(BASE, each.name, extremes(each)[side]) for each in numbers}
    trials.ahead(*wanted.values())
    still, unknown = [], set()
    for parameter, trial in wanted.items():
        try:
            outcome = await trials.get(trial)
        except NotChecked:
            unknown.add(parameter.name)
            continue
        if not outcome.broke and differs(base, outcome) is None:
            still.append(parameter)
    return still, unknown


def _without_effect(parameter: Parameter, base: Outcome) -> Problem:
    low, high = extremes(parameter)
    message = (
        f"{parameter.name} showed no effect: with {low} and with {high} instead of "
        f"{parameter.default} all that is recorded stays the same in "
        f"{counted(base.result.steps, 'step')} (seed 1)."
    )
    hint = "Look whether the code that reads it is ever reached, and whether its result is used."
    return problem("no-visible-effect", parameter.path, message, hint)


def is_chance(parameter: Parameter) -> bool:
    """Tell whether a parameter is a probability or a share, going by its value and its name."""
    value = parameter.default
    return (
        type(value) in (int, float)
        and 0 <= float(value) <= 1
        and bool(words_of(parameter.name) & CHANCES or (isinstance(value, float) and 0 < value < 1))
    )


def extremes(parameter: Parameter) -> tuple[ParameterValue, ParameterValue]:
    """Give a low and a high value of a number."""
    value = parameter.default
    assert isinstance(value, int | float)
    if is_chance(parameter):
        return (1.0, 0.0) if value == 0 else (0.0, 1.0 if value != 1 else 0.5)
    if value == 0:
        return (1, 10) if isinstance(value, int) else (1.0, 10.0)
    if isinstance(value, int):
        return (value // 2, value * 2)
    return (value / 4, value * 4)


async def extreme_values(subject: Subject, trials: Trials) -> Finding:
    """Check that the model also runs with probabilities of 0 and 1, and with 0 and 1 agents."""
    await working(trials)
    wanted = list(_wanted(subject))
    if not wanted:
        return Finding("There is no probability and no number of agents to set.", applies=False)
    trials.ahead(*(each for _, _, each in wanted))
    tried, late, refused, problems = 0, [], [], []
    for parameter, value, trial in wanted:
        label = f"{parameter.name} = {value:g}"
        try:
            outcome = await trials.get(trial)
        except NotChecked:
            late.append(label)
            continue
        tried += 1
        if outcome.broke and not outcome.result.model:
            refused.append(label)
        elif outcome.broke:
            problems.append(_breaks(parameter, value, outcome))
    if not tried:
        raise NotChecked("The time was up.")
    ran = tried - len(problems) - len(refused)
    more = f"; the set-up refuses {listed(refused, 4)}" if refused else ""
    more += f"; not checked in time: {listed(late, 4)}" if late else ""
    evidence = f"{ran} of {counted(tried, 'extreme value')} ran (seed 1){more}."
    return Finding(evidence, tuple(problems))


def _wanted(subject: Subject) -> Iterator[tuple[Parameter, float, Trial]]:
    """Give the extreme values of probabilities and numbers of agents, and the runs with them."""
    for parameter in subject.numbers:
        if parameter.name in counts(subject):
            for number in (0, 1):
                trial = Trial(parameters=((parameter.name, number),), steps=FEW_STEPS)
                yield parameter, number, trial
        elif is_chance(parameter) and not parameter.is_state:
            for chance in (0.0, 1.0):
                if chance != parameter.default:
                    yield parameter, chance, with_parameter(BASE, parameter.name, chance)


def counts(subject: Subject) -> set[str]:
    """Give the parameters that are the number of agents of a type."""
    return {code_of(each.count).removeprefix("self.") for each in subject.program.agent_types}


def _breaks(parameter: Parameter, value: float, outcome: Outcome) -> Problem:
    why = next((each for each in outcome.result.problems if each.severity == "error"), None)
    reason = why.message.split(" Line ")[0] if why else "it ended."
    message = (
        f"With {parameter.name} = {value:g} the model breaks after "
        f"{counted(outcome.result.steps, 'step')} (seed 1): {reason}"
    )
    hint = (
        "Let the code also hold for this value, such as by not dividing by a count that may be 0."
    )
    path = parameter.path
    return problem("fails-at-extremes", path, message, hint)
