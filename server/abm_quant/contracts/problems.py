"""Problems: what is wrong in a user's model, as values.

Every problem has a stable code from the table CODES. The table decides the severity, so that the
same finding never has two weights, and its `meaning` is what the documentation prints.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class ProblemCode:
    """One row of the table of codes."""

    severity: Severity
    meaning: str


CODES: dict[str, ProblemCode] = {
    "not-json": ProblemCode("error", "The text is not JSON; the message says where it broke."),
    "not-a-specification": ProblemCode("error", "There is JSON, but no model in it."),
    "missing-field": ProblemCode("error", "A required field is absent."),
    "wrong-type": ProblemCode("error", "A field holds a value of another type than it must."),
    "unknown-choice": ProblemCode("error", "A field holds a word that is not one of its choices."),
    "out-of-range": ProblemCode("error", "A number is smaller or larger than the field allows."),
    "too-large": ProblemCode("error", "The specification is too large or nested too deeply."),
    "malformed-source-name": ProblemCode(
        "error", "A declaration's sourceName does not follow the grammar."
    ),
    "duplicate-name": ProblemCode("error", "Two declarations have the same sourceName."),
    "name-clash": ProblemCode("warning", "A name is used for two things; one was renamed."),
    "renamed": ProblemCode(
        "warning", "A name is not usable in Python or belongs to the framework; it was renamed."
    ),
    "undefined-reference": ProblemCode("error", "A reference points at nothing that is declared."),
    "ambiguous-reference": ProblemCode(
        "error", "A reference may mean several things; the message lists them."
    ),
    "undefined-function": ProblemCode("error", "A function is called that is not declared."),
    "no-counterpart": ProblemCode(
        "error", "The code uses what has no counterpart in the framework it is compiled for."
    ),
    "missing-argument": ProblemCode(
        "error", "A function that the plan calls has a parameter that nothing supplies."
    ),
    "code-unreadable": ProblemCode("error", "A piece of code is not Python."),
    "waiting-code": ProblemCode(
        "error", "A behavior waits with `yield`; a step runs it as a whole."
    ),
    "forbidden-code": ProblemCode(
        "error", "A piece of code uses files, processes, the network or another forbidden thing."
    ),
    "left-out": ProblemCode(
        "warning",
        "A statement that cannot change the model was left out: it waits, draws or writes.",
    ),
    "unusual-attribute": ProblemCode(
        "warning", "The code reads an attribute of Python's own machinery, which models rarely do."
    ),
    "unsupported-language": ProblemCode(
        "error", "The specification is written for a language or library that is not compiled."
    ),
    "foreign-code": ProblemCode(
        "note", "The code is in another language or for another library; it was not read."
    ),
    "initialization-cycle": ProblemCode(
        "error", "Initial values depend on each other in a circle."
    ),
    "initialization-order": ProblemCode(
        "warning", "The stated order contradicts what the values depend on."
    ),
    "no-agents": ProblemCode("error", "The specification declares no agent type."),
    "nothing-scheduled": ProblemCode(
        "warning", "No behavior is scheduled; all were scheduled in order of declaration."
    ),
    "space-assumed": ProblemCode("warning", "A size or a kind of the space had to be assumed."),
    "name-assumed": ProblemCode(
        "warning", "No declaration has exactly this name; the single close one was taken."
    ),
    "function-assumed": ProblemCode(
        "warning", "A function is not declared; it was read as a common one of that name."
    ),
    "declared": ProblemCode(
        "warning", "The code uses a variable that is not declared; it was declared."
    ),
    "type-assumed": ProblemCode(
        "warning", "A start value is not of the declared type; the value's own type was taken."
    ),
    "never-updated": ProblemCode(
        "warning", "A watched variable is never updated; the message says what was done."
    ),
    "value-assumed": ProblemCode("note", "It was assumed how a value in words is meant."),
    "dialect": ProblemCode("note", "Code in another dialect was brought to current Mesa."),
    "unused-declaration": ProblemCode("note", "Something is declared and never used."),
    "dropped": ProblemCode("warning", "An entry could not be followed and was left out."),
    "repaired": ProblemCode("note", "A small deviation from the format was read as intended."),
    "nothing-happens": ProblemCode(
        "warning", "What is recorded never changes in a run; the message says the likely reason."
    ),
    "no-effect": ProblemCode(
        "warning", "No code reads a parameter, so that changing it changes nothing."
    ),
    "no-visible-effect": ProblemCode(
        "note",
        "Extremes of a parameter change nothing that is recorded in the runs that were made.",
    ),
    "fires-at-once": ProblemCode("warning", "A stop rule ends every run in its first step."),
    "never-fires": ProblemCode("warning", "A stop rule waits for what cannot come."),
    "wrong-start": ProblemCode("warning", "A run does not start with the stated number of agents."),
    "not-a-number": ProblemCode("warning", "A number becomes NaN or infinite in a run."),
    "explodes": ProblemCode("warning", "A number grows without end."),
    "out-of-domain": ProblemCode(
        "warning", "A share, a count or a place is outside of the range that it can have."
    ),
    "not-conserved": ProblemCode(
        "warning", "What must add up, or is said to stay constant, does not."
    ),
    "wrong-rate": ProblemCode(
        "warning", "Something happens more or less often than its probability states."
    ),
    "not-deterministic": ProblemCode("warning", "The same seed gives different results."),
    "seed-ignored": ProblemCode("warning", "Different seeds give the same results."),
    "hidden-state": ProblemCode("warning", "A copy of a running model goes on differently."),
    "order-dependent": ProblemCode(
        "note", "The results depend on the order in which agents act, beyond chance."
    ),
    "fails-at-extremes": ProblemCode("warning", "The model breaks at an extreme of a parameter."),
    "run-failed": ProblemCode("error", "The generated code raised an exception while it ran."),
    "limit-exceeded": ProblemCode("error", "The run was stopped by a limit."),
    "not-checkpointed": ProblemCode(
        "warning", "A run could not be saved; the message says what stands in the way."
    ),
    "checkpoint-inexact": ProblemCode(
        "warning", "A run that is continued from a checkpoint may go another way."
    ),
    "recording-bounded": ProblemCode(
        "warning", "Less of single agents was recorded than there was; the message says what."
    ),
    "value-not-json": ProblemCode(
        "warning", "A tracked value has no JSON form; its repr was recorded."
    ),
}
"""Every code that a Problem may carry, with its severity and meaning."""


class Problem(BaseModel):
    """One finding about a user's model."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")

    severity: Severity
    """error: cannot be compiled. warning: compiled after an assumption. note: worth knowing."""
    code: str
    """The stable name of this kind of finding; one of the documented problem codes."""
    path: str
    """JSON pointer (RFC 6901) into the specification; empty for the whole document."""
    message: str
    """What is wrong, or what was assumed, in plain words."""
    hint: str = ""
    """What to change; empty when nothing needs to be changed."""

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.severity} [{self.code}] {self.path or '/'}: {self.message}{hint}"


def problem(code: str, path: str, message: str, hint: str = "") -> Problem:
    """Give the Problem of a documented code; KeyError when the code is not in the table."""
    return Problem(severity=CODES[code].severity, code=code, path=path, message=message, hint=hint)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Give those that forbid compiling."""
    return [each for each in problems if each.severity == "error"]


def pointer(*steps: str | int) -> str:
    """Give the JSON pointer of a walk of keys and indexes, escaped as RFC 6901 demands."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
