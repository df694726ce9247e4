"""Judges a model: makes the checks of the table within a budget of time.

What is wrong in the model comes back as problems; that something could not be checked is said, too,
and is never an error.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from abm_quant.contracts.jobs import Limits
from abm_quant.contracts.progress import Verifying
from abm_quant.contracts.verification import Check, Verification
from abm_quant.running.sandbox import Sandbox
from abm_quant.verifying.finding import CheckKind, Finding
from abm_quant.verifying.subject import Subject
from abm_quant.verifying.table import BEYOND, CHECKS
from abm_quant.verifying.trials import AGAIN, BASE, OTHER_SEEDS, PROBED, NotChecked, Trials

QUICK_BUDGET_S = 3.0
DEEP_BUDGET_S = 10.0
LIMITS = Limits(cpu_s=60, wall_s=60)
"""What one run may use; the budget ends it earlier."""


@dataclass(frozen=True, kw_only=True)
class Judging:
    """How thoroughly a model is judged."""

    budget_s: float = QUICK_BUDGET_S
    """Seconds that it may take; what does not fit is reported as not checked."""
    is_deep: bool = False
    """Whether to make also the checks that need many runs."""


async def judge(subject: Subject, sandbox: Sandbox, how: Judging) -> Verification:
    """Give what was found out about a model; see judging."""
    async with aclosing(judging(subject, sandbox, how)) as steps:
        async for step in steps:
            if isinstance(step, Verification):
                return step
    raise AssertionError("judging ends with a verification")


async def judging(
    subject: Subject, sandbox: Sandbox, how: Judging
) -> AsyncGenerator[Verifying | Verification]:
    """Give each check as it ends, then what was found out about a model.

    Raises nothing for what is in the model, nor where the sandbox is not available: what could not
    be checked is reported so.
    """
    loop = asyncio.get_running_loop()
    begin = loop.time()
    trials = Trials(subject, sandbox, LIMITS, how.budget_s)
    wanted = {name for name, kind in CHECKS.items() if how.is_deep or kind.is_quick}
    checks: list[Check] = []
    done = 0
    yield Verifying(done=done, of=len(wanted))
    try:
        trials.ahead(BASE, PROBED, AGAIN, *OTHER_SEEDS)
        for name, kind in CHECKS.items():
            if name not in wanted:
                checks.append(left_out(name, kind))
                continue
            check = await _made(name, kind, subject, trials)
            checks.append(check)
            if check.problems:
                subject = replace(subject, known=(*subject.known, *check.problems))
            done += 1
            yield _step(check, done, len(wanted))
    finally:
        await trials.close()
    yield Verification(
        checks=tuple(checks),
        not_checked=BEYOND,
        runs=trials.made,
        seconds=round(loop.time() - begin, 2),
    )


def _step(check: Check, done: int, of: int) -> Verifying:
    """Give what is said of a check that has ended."""
    return Verifying(
        done=done, of=of, check=check.name, question=check.question, outcome=check.outcome
    )


async def _made(name: str, kind: CheckKind, subject: Subject, trials: Trials) -> Check:
    """Give the line of a check in the report."""
    try:
        finding = await kind.make(subject, trials)
    except NotChecked as reason:
        return kind.report(name, "not-checked", Finding(str(reason)))
    return kind.report(name, finding.outcome, finding)


def left_out(name: str, kind: CheckKind) -> Check:
    """Give the line of a check that needs more runs than a quick look makes."""
    return kind.report(name, "not-checked", Finding("Only `abm check --deep` looks at this."))
