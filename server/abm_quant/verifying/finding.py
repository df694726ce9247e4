"""What a check hands back, and the record of a check in the table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from abm_quant.contracts.problems import Problem
from abm_quant.contracts.verification import Check, Outcome
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.trials import Trials


@dataclass(frozen=True)
class Finding:
    """The answer of a check."""

    evidence: str
    """What was seen, with numbers and seeds."""
    problems: tuple[Problem, ...] = ()
    applies: bool = True
    """Whether the model has anything of the kind."""

    @property
    def outcome(self) -> Outcome:
        """What it means."""
        if any(each.severity != "note" for each in self.problems):
            return "failed"
        return "passed" if self.applies else "not-applicable"


@dataclass(frozen=True)
class CheckKind:
    """A check that can be made of any model."""

    question: str
    make: Callable[[Subject, Trials], Awaitable[Finding]]
    is_quick: bool = True
    """Whether it belongs to every generation of a model."""

    def report(self, name: str, outcome: Outcome, finding: Finding) -> Check:
        """Give the line of the report."""
        return Check(
            name=name,
            question=self.question,
            outcome=outcome,
            evidence=finding.evidence,
            problems=finding.problems,
        )


def counted(number: int, what: str) -> str:
    """Give a number and its noun."""
    plural = what if number == 1 else f"{what}s"
    return f"{number:,} {plural}"


def listed(names: list[str], most: int = 6) -> str:
    """Give names in a row, the first few of many, none of them longer than a line."""
    names = [short(name) for name in names]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def short(text: object, most: int = 60) -> str:
    """Give a text that may come from a model's own code, cut at a bound."""
    plain = str(text)
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."
