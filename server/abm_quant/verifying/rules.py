"""Stop rules: they hold at the right time, and can hold at all."""

import ast
from itertools import pairwise

from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import StopRule
from abm_quant.verifying.finding import Finding, counted, listed
from abm_quant.verifying.subject import Subject, code_of
from abm_quant.verifying.trials import (
    BASE,
    OTHER_SEEDS,
    NotChecked,
    Outcome,
    Trials,
    reported,
    working,
)


async def rules(subject: Subject, trials: Trials) -> Finding:
    """Check that no rule ends a run at once, and that none waits for what cannot come."""
    first = await working(trials)
    own = subject.program.stop_rules
    if not own:
        return Finding(f"There is no rule; a run ends after {subject.program.max_steps:,} steps.")
    problems = await _at_once(subject, trials, first)
    if not problems:
        problems = await _never(subject, trials)
    most = f"of at most {subject.program.max_steps:,}"
    steps = counted(first.result.steps, "step")
    reason = first.result.stop_reason
    held = [rule.source_name for rule in own if rule.source_name == reason]
    said = f"The rule on {listed(held)} held after" if held else "No rule held in"
    return Finding(f"{said} {steps} {most} (seed 1).", tuple(problems))


async def _at_once(subject: Subject, trials: Trials, first: Outcome) -> list[Problem]:
    """Give the problem of a rule that ends every run in its first step."""
    if first.result.steps != 1 or subject.program.max_steps == 1:
        return []
    rule = next(
        (
            each
            for each in subject.program.stop_rules
            if each.source_name == first.result.stop_reason
        ),
        None,
    )
    others = await trials.all(*OTHER_SEEDS) if rule else []
    if rule is None or any(each.result.steps != 1 for each in others):
        return []
    start = first.series.get(rule.attribute, [None])[0]
    value = code_of(rule.value)
    begins = f"; it starts as {start}" if start is not None else ""
    message = (
        f"The rule on {rule.source_name} (value {value}) ends every run in its first step (seeds 1, "
        f"2, 3){begins}."
    )
    hint = (
        "Let the variable be computed before it is compared, start it with another value, or "
        "compare it with one that it reaches later."
    )
    return [problem("fires-at-once", rule.path, message, hint)]


async def _never(subject: Subject, trials: Trials) -> list[Problem]:
    """Give a problem for each rule that asks for what its variable cannot be."""
    known = {each.path for each in subject.known if each.code == "never-updated"}
    found = []
    paths = {each.name: each.path.removesuffix("/initialValue") for each in subject.state}
    for rule in subject.program.stop_rules:
        if rule.agent_type is not None:
            found += _agent_rule(subject, rule)
        elif paths.get(rule.attribute) not in known:
            found += await _model_rule(subject, rule, trials)
    return found


def _agent_rule(subject: Subject, rule: StopRule) -> list[Problem]:
    if rule.attribute in subject.written:
        return []
    message = (
        f"The rule on {rule.source_name} can never come to hold: no scheduled code assigns "
        f"{rule.attribute}."
    )
    return [problem("never-fires", rule.path, message, "Assign it in a scheduled behavior.")]


async def _model_rule(subject: Subject, rule: StopRule, trials: Trials) -> list[Problem]:
    target = _literal(rule)
    try:
        outcome = await reported(trials)
    except NotChecked:
        return []
    # The start value may stand for "not known yet", such as -1.
    values = [report.vars.get(rule.attribute) for report in outcome.reports]
    numbers = [each for each in values if isinstance(each, int | float)]
    if outcome.result.stop_reason == rule.source_name or len(numbers) < 2 or target is None:
        return []
    passed = [
        (before, now)
        for before, now in pairwise(numbers[1:])
        if (before - target) * (now - target) < 0
    ]
    if passed and target not in numbers and not rule.crossing:
        before, now = passed[0]
        message = (
            f"The rule on {rule.source_name} asks for exactly {target:g}; the variable went from "
            f"{before:g} to {now:g} (seed 1) and the run went on."
        )
        hint = "Declare the variable as float, so that crossing counts, or compare a condition."
        return [problem("never-fires", rule.path, message, hint)]
    whole = (await trials.get(BASE)).result.steps >= subject.program.max_steps
    if whole and set(numbers[1:]) == {numbers[-1]} and numbers[-1] != target:
        message = (
            f"The rule on {rule.source_name} waits for {target:g}; the variable stays "
            f"{numbers[-1]:g} in the whole run of {subject.program.max_steps:,} steps (seed 1)."
        )
        return [problem("never-fires", rule.path, message, "Assign it in a scheduled behavior.")]
    return []


def _literal(rule: StopRule) -> float | None:
    try:
        value = ast.literal_eval(code_of(rule.value))
    except (ValueError, SyntaxError):
        return None
    return float(value) if isinstance(value, int | float) else None
