"""Says in plain words why a run broke or was stopped, where in the specification, and what to do."""

import signal
from dataclasses import dataclass

from abm_quant.contracts.code import CodeBundle, SourceSpan
from abm_quant.contracts.events import FailureReason
from abm_quant.contracts.jobs import Limits
from abm_quant.contracts.problems import Problem, problem
from abm_quant.running.child import Exit

_LONGEST_LINE = 200


@dataclass(frozen=True)
class Claim:
    """What a child says about an exception; any part may be invented."""

    line: int | None
    exception: str
    message: str
    agent: str = ""
    """The agent whose turn it was, such as `Wolf 12`; empty where there was none."""


@dataclass(frozen=True)
class LimitText:
    """How a limit is named, and what helps against it."""

    field: str
    unit: str
    happened: str
    advice: str


LIMITS: dict[FailureReason, LimitText] = {
    "memory": LimitText(
        "memory_mb", "MiB", "The run needed more memory", "Use fewer agents or a smaller space"
    ),
    "cpu": LimitText(
        "cpu_s", "seconds", "The run needed more processor time", "Take fewer steps or agents"
    ),
    "wall": LimitText(
        "wall_s", "seconds", "The run took longer", "Take fewer steps, or look for an endless loop"
    ),
    "pause": LimitText(
        "pause_s", "seconds", "The run was paused or held back longer", "Let it go on, or stop it"
    ),
    "output": LimitText(
        "output_mb",
        "MiB",
        "The run sent back more",
        "Track fewer variables, or per model instead of per agent",
    ),
}
"""By the reason of a failure: the limit behind it."""

HINTS: dict[str, str] = {
    "ZeroDivisionError": "Give the case in which the divisor is 0 a value of its own.",
    "IndexError": "Check that the list has an element before taking one.",
    "KeyError": "Check that the key exists, or use .get() with a default.",
    "AttributeError": "Declare the attribute in the specification, or correct its name.",
    "NameError": "Declare what the code refers to, or correct its name.",
    "UnboundLocalError": "Give the name a value on every path before it is used.",
    "TypeError": "Check the types and the number of the arguments.",
    "ValueError": "Check that the value lies in the range that the function accepts.",
    "RecursionError": "Replace the recursion with a loop, or give it an end.",
    "ModuleNotFoundError": "Use Python's standard library, numpy, pandas, networkx or mesa.",
    "ImportError": "Use Python's standard library, numpy, pandas, networkx or mesa.",
    "PermissionError": "A model has no access to files, the network or other processes.",
    "SyntaxError": "Correct the code of the behavior.",
    "CannotContinue": "Run the model from its start.",
    "SystemExit": "End a run with a termination rule, not by leaving the program.",
}
"""By the exception's name: what usually helps."""


def exception_problem(bundle: CodeBundle, claim: Claim, steps: int | None) -> Problem:
    """Give the problem of an exception; `steps` were completed, None while setting up."""
    when = "while the model was set up" if steps is None else f"in step {steps + 1}"
    what = f"{claim.exception}: {claim.message}" if claim.message else claim.exception
    origin = None if claim.line is None else bundle.origin(claim.line)
    where = _place(origin, claim.agent)
    shown = _shown_line(bundle, claim.line, origin)
    hint = HINTS.get(claim.exception, "Correct the code that the message points at.")
    return problem(
        "run-failed", origin.path if origin else "", f"{what}{where}, {when}.{shown}", hint
    )


def limit_problem(reason: FailureReason, limits: Limits, detail: str = "") -> Problem:
    """Give the problem of a run that was stopped by one of LIMITS."""
    text = LIMITS[reason]
    return _limit_problem(text, limits, detail)


def scratch_problem(limits: Limits, most_files: int) -> Problem:
    """Give the problem of a run that wrote too much into its scratch folder."""
    text = LimitText(
        "scratch_mb", "MiB", "The run wrote more files", "Do not write files from a model"
    )
    return _limit_problem(text, limits, f"It may write at most {most_files} files.")


def rows_problem(limits: Limits) -> Problem:
    """Give the problem of a run that sent back more rows than it may."""
    text = LimitText(
        "rows",
        "rows",
        "The run recorded more",
        "Take fewer steps, or track fewer variables per agent",
    )
    return _limit_problem(text, limits, "")


def ended_problem(end: Exit, limits: Limits) -> tuple[FailureReason, Problem]:
    """Give the reason and the problem of a child that ended without saying how its run went."""
    if end.lost:
        hint = "Run it again. If it happens often, look for what ends processes on that machine."
        text = "The process of the run was ended together with what starts runs."
        return "crash", problem("run-failed", "", text, hint)
    if end.forced:
        return "protocol", protocol_problem("it closed its channel and went on")
    if end.status == -signal.SIGXCPU:
        return "cpu", limit_problem("cpu", limits)
    if end.status == -signal.SIGKILL:
        reason: FailureReason = "cpu" if end.cpu_s >= limits.cpu_s else "memory"
        return reason, limit_problem(reason, limits)
    if end.status >= 0:
        how = f"The model ended its own process (exit status {end.status})"
        hint = "End a run with a termination rule, not by leaving the program."
    else:
        how = f"The process of the model was ended by {_signal_name(-end.status)}"
        hint = "Look for very deep recursion or for data that a library cannot handle."
    return "crash", problem("run-failed", "", f"{how} before the run was over.", hint)


def protocol_problem(what: str) -> Problem:
    """Give the problem of a child that sent something no run sends."""
    message = f"The process of the model sent what no run sends: {what}. The run was stopped."
    return problem("run-failed", "", message, "A model must not write to open descriptors.")


def _limit_problem(text: LimitText, limits: Limits, detail: str) -> Problem:
    value = getattr(limits, text.field)
    message = f"{text.happened} than its limit of {value:,.10g} {text.unit} ({text.field})."
    hint = (
        f"{text.advice}. A request can only lower {text.field}; whoever runs the service raises "
        f"it with ABM_LIMIT_{text.field.upper()}."
    )
    return problem("limit-exceeded", "", f"{message} {detail}".strip(), hint)


def _place(origin: SourceSpan | None, agent: str) -> str:
    """Give the words for a place: `in Wolf.hunt of Wolf 12` where the code is the agent's own."""
    where = f" in {origin.label}" if origin else ""
    if not agent:
        return where
    owner = origin.label.split(".")[0] if origin else ""
    return f"{where} of {agent}" if owner == agent.split()[0] else f"{where} in the turn of {agent}"


def _shown_line(bundle: CodeBundle, line: int | None, origin: SourceSpan | None) -> str:
    """Give the line to look at: the author's own, else that of the generated model."""
    if origin is not None and origin.code_line is not None:
        return f" Line {origin.code_line} of its code: `{origin.code_text[:_LONGEST_LINE]}`"
    lines = bundle.files["model.py"].splitlines()
    if line is None or not 1 <= line <= len(lines):
        return ""
    return f" Line {line} of model.py: {lines[line - 1].strip()[:_LONGEST_LINE]}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
