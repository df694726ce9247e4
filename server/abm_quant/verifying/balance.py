"""Accounts: nobody is lost between categories, and what is said to stay constant does."""

import re
from collections.abc import Iterator, Set
from typing import Any

from abm_quant.compiling.resolve import words_of
from abm_quant.contracts.problems import Problem, problem
from abm_quant.contracts.program import Attribute
from abm_quant.verifying.finding import Finding, counted, listed, short
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.trials import Outcome, Trials, reported, working

CONSERVED = re.compile(
    r"\b(conserved|is constant|stays? constant|remains? constant|never changes|stays? the same"
    r"|remains? the same|neither created nor (destroyed|lost)|does not change|fixed total"
    r"|constant total|total (is|stays|remains) (constant|fixed))\b",
    re.IGNORECASE,
)
DENIED = re.compile(r"\b(not|no longer|isn't) (conserved|constant)\b", re.IGNORECASE)
COUNT_WORDS = {"count", "num", "number", "total", "n", "population", "size", "current"}
TINY = 1e-6


async def accounting(subject: Subject, trials: Trials) -> Finding:
    """Check that every agent is in a known category, and births and deaths add up."""
    await working(trials)
    outcome = await reported(trials)
    problems = [*_unknown_categories(subject, outcome), *_leaks(subject, outcome)]
    born = sum(sum(each.born.values()) for each in outcome.reports[1:])
    died = sum(sum(each.died.values()) for each in outcome.reports[1:])
    first = sum(outcome.reports[0].born.values())
    evidence = (
        f"{first:,} agents at the start, {born:,} born and {died:,} gone in "
        f"{counted(outcome.result.steps, 'step')} leave {first + born - died:,} (seed 1)"
    )
    parts = [f"{kind}.{each.name}" for kind, each, _ in _partitions(subject, outcome)]
    sums = f"; counts by {listed(parts)} add up to all" if parts and not problems else ""
    return Finding(f"{evidence}{sums}.", tuple(problems))


def _unknown_categories(subject: Subject, outcome: Outcome) -> Iterator[Problem]:
    """Give a problem where agents are in a category that their tracked counts leave out."""
    groups: dict[tuple[str, str], set[Any]] = {}
    for each in subject.series.values():
        if each.measure == "category" and each.agent_type:
            groups.setdefault((each.agent_type, each.attribute), set()).add(each.category)
    for (kind, attribute), names in groups.items():
        label = f"{kind}.{attribute}"
        wanted = {str(name).lower() if isinstance(name, bool) else str(name) for name in names}
        for step, report in enumerate(outcome.reports):
            tally = report.tallies.get(label, {})
            lost = {name: number for name, number in tally.items() if str(name) not in wanted}
            if lost:
                name, number = next(iter(lost.items()))
                message = (
                    f"At step {step}, {counted(number, kind + ' agent')} have {attribute} "
                    f"{short(name)!r}, which no recorded count holds (seed 1)."
                )
                hint = f"Let the code use only the categories {listed(sorted(wanted))}."
                yield problem("not-conserved", _path(subject, label, kind), message, hint)
                break


def _path(subject: Subject, label: str, kind: str) -> str:
    """Give the path of an attribute, that of its agent type where it is not declared."""
    declared = subject.labelled.get(label)
    return declared.path if declared else subject.program.agent_type(kind).path


def _partitions(
    subject: Subject, outcome: Outcome
) -> Iterator[tuple[str, Attribute, dict[str, str]]]:
    """Give attributes for each of whose categories one variable of the model is named."""
    variables = [each.name for each in subject.state]
    for kind, attribute in subject.attributes:
        if attribute.type != "string":
            continue
        label = f"{kind}.{attribute.name}"
        seen = {name for report in outcome.reports for name in report.tallies.get(label, {})}
        names = sorted(seen | {each for each in attribute.categories if isinstance(each, str)})
        own = words_of(kind)
        found = {}
        for category in names:
            wanted = words_of(category)
            fits = [
                each
                for each in variables
                if words_of(each) - COUNT_WORDS - own == wanted
                and words_of(each) & COUNT_WORDS
                and not each.startswith("initial")
            ]
            if len(fits) == 1:
                found[category] = fits[0]
        if len(names) > 1 and len(found) == len(names):
            yield kind, attribute, found


def _leaks(subject: Subject, outcome: Outcome) -> Iterator[Problem]:
    """Give a problem where counts of all categories do not add up to the agents of a type."""
    known = subject.labelled
    for kind, _, variables in _partitions(subject, outcome):
        if any(each.born.get(kind) or each.died.get(kind) for each in outcome.reports[1:]):
            continue
        total = outcome.reports[0].born.get(kind, 0)
        for step, report in enumerate(outcome.reports[1:], start=1):
            values = [report.vars.get(each) for each in variables.values()]
            numbers = [each for each in values if isinstance(each, int | float)]
            if len(numbers) == len(values) and sum(numbers) != total:
                names = " + ".join(variables.values())
                message = (
                    f"{names} is {sum(numbers):g} at step {step}, and there are {total:,} {kind} "
                    "agents (seed 1)."
                )
                hint = "Count all of them at the same time, and let a change of category keep both sides."
                yield problem(
                    "not-conserved", known[next(iter(variables.values()))].path, message, hint
                )
                break


async def conservation(subject: Subject, trials: Trials) -> Finding:
    """Check that what the description says to be constant is constant."""
    stated = dict(_stated(subject))
    if not stated:
        return Finding("The description says of nothing that it stays constant.", applies=False)
    await working(trials)
    outcome = await reported(trials)
    known = subject.labelled
    seen, problems = [], []
    for name, words in stated.items():
        values = _course(outcome, name)
        if not values:
            continue
        low, high = min(values), max(values)
        seen.append(f"{name} from {low:.10g} to {high:.10g}")
        if high - low > TINY * max(abs(low), abs(high), 1):
            step = next(
                n
                for n, each in enumerate(values)
                if abs(each - values[0]) > TINY * max(abs(each), 1)
            )
            message = (
                f"{name} is said to stay constant (“{words}”), and goes from {values[0]:.6g} at "
                f"step 0 to {values[step]:.6g} at step {step} (seed 1)."
            )
            hint = "Let what one side gains be what the other side loses."
            path = known[name.removeprefix("the sum of ")].path
            problems.append(problem("not-conserved", path, message, hint))
    evidence = f"Stated as constant: {listed(seen)} (seed 1)." if seen else "No numbers were seen."
    return Finding(evidence, tuple(problems), applies=bool(seen))


def _stated(subject: Subject) -> Iterator[tuple[str, str]]:
    """Give the name of each quantity that the words of the model call constant, with the words."""
    program = subject.program
    state = {each.name for each in program.parameters if each.is_state}
    state |= {each.name for each in program.variables}
    named = [(each.name, each.description) for each in subject.state]
    named += [(each.attribute, each.description) for each in program.trackers]
    for name, text in named:
        if name in state and (words := _sentence(text)):
            yield name, words
    texts = [program.environment_description, program.description, program.schedule_description]
    texts += [each.description for each in program.agent_types]
    for kind, attribute in subject.attributes:
        if attribute.type not in ("integer", "float", "number"):
            continue
        wanted = words_of(attribute.name)
        for text in (*texts, attribute.description):
            words = _sentence(text, wanted)
            if words and re.search(
                r"\b(total|sum|overall|conserved|created)\b", words, re.IGNORECASE
            ):
                yield f"the sum of {kind}.{attribute.name}", words


def _sentence(text: str, wanted: Set[str] = frozenset()) -> str:
    """Give the first sentence that calls something constant and names what is wanted."""
    for sentence in re.split(r"(?<=[.!?;])\s+", " ".join(text.split())):
        words = set().union(*(words_of(each) for each in re.findall(r"\w+", sentence)))
        if CONSERVED.search(sentence) and not DENIED.search(sentence) and wanted <= words:
            return sentence[:200]
    return ""


def _course(outcome: Outcome, name: str) -> list[float]:
    """Give the values of a variable, or the sums of an attribute."""
    sums = name.removeprefix("the sum of ")
    key = "sums" if sums != name else "vars"
    values = [getattr(each, key).get(sums) for each in outcome.reports]
    return [float(each) for each in values if isinstance(each, int | float)]
