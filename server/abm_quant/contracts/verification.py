"""Verification: what was found out about a model by running it, check by check."""

from typing import Any, Literal

from pydantic import ConfigDict

from abm_quant.contracts.problems import Problem
from abm_quant.contracts.wire import Wire

Outcome = Literal["passed", "failed", "not-checked", "not-applicable"]

CLAIM = "Verified against its description; this does not show that the model is like the world."
"""What may be said where checks were made and none failed."""


class _Reported(Wire):
    """A part of the report: camelCase on the wire."""

    model_config = ConfigDict(frozen=True)


class Check(_Reported):
    """One question that was asked of a model, and the answer."""

    name: str
    """The stable name of the check, such as `same-seed`."""
    question: str
    """What was asked, in words."""
    outcome: Outcome
    """passed, failed (see the problems), not-checked (no time, or no means: the evidence says
    which), or not-applicable (the model has nothing of the kind)."""
    evidence: str
    """What was seen, in words, with numbers and seeds."""
    problems: tuple[Problem, ...] = ()
    """What is wrong, where a check failed; notes also where it passed."""


class Verification(_Reported):
    """All checks of one model."""

    checks: tuple[Check, ...] = ()
    """Each check that there is, also those that were not made."""
    not_checked: tuple[str, ...] = ()
    """What no check of this version looks at, in words."""
    runs: int = 0
    """Runs that were made."""
    seconds: float = 0
    """Time that it took."""

    @property
    def problems(self) -> list[Problem]:
        """What the checks found, each finding once."""
        found = [problem for check in self.checks for problem in check.problems]
        return list(dict.fromkeys(found))

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.outcome != "failed" for check in self.checks)

    @property
    def verdict(self) -> str:
        """What the checks allow to say, as a sentence."""
        outcomes = [check.outcome for check in self.checks]
        failed, open_ = outcomes.count("failed"), outcomes.count("not-checked")
        if failed:
            return f"Not verified: {failed} of {len(outcomes)} checks failed."
        if "passed" not in outcomes:
            return "Not verified: nothing could be checked."
        were = "1 check was" if open_ == 1 else f"{open_} checks were"
        return f"{CLAIM} {were} not made." if open_ else CLAIM

    def wire(self) -> dict[str, Any]:
        """Give the report as JSON: the verdict, and for each check the codes of its problems."""
        checks = []
        for check in self.checks:
            line = check.model_dump(mode="json", exclude={"problems"})
            checks.append(line | {"problems": sorted({each.code for each in check.problems})})
        rest = self.model_dump(mode="json", exclude={"checks"})
        return {"verdict": self.verdict, "checks": checks, **rest}
