"""`abm check`: says what is wrong in a specification, and with --deep what runs of the model show."""

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from abm_quant.cli.console import console, counted, plain, say, show_json, show_problems
from abm_quant.cli.sources import read_source
from abm_quant.cli.tools import make_tools
from abm_quant.cli.watching import Watch
from abm_quant.contracts.problems import Problem, errors
from abm_quant.contracts.verification import Verification
from abm_quant.pipeline import (
    Compiled,
    Tools,
    check_model,
    compile_model,
    is_foreign,
    verifying,
)
from abm_quant.settings import load_settings
from abm_quant.verifying.judge import DEEP_BUDGET_S, Judging

OUTCOMES = {
    "passed": ("passed", "green"),
    "failed": ("failed", "yellow"),
    "not-checked": ("not checked", "dim"),
    "not-applicable": ("does not apply", "dim"),
}
"""The word and the color of an outcome."""


def command(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A JSON file, gallery:NAME, or - for stdin.")
    ],
    is_deep: Annotated[
        bool, typer.Option("--deep", help="Also run the model, to see whether it is any good.")
    ] = False,
    budget_s: Annotated[
        float, typer.Option("--budget", min=1, metavar="SECONDS", help="Time for --deep.")
    ] = DEEP_BUDGET_S,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only {'problems': [...]} on standard output.")
    ] = False,
) -> None:
    """Say what is wrong in a specification, and what was assumed.

    Every problem is shown at once, with its code, its place as a JSON pointer and a hint. Exit
    code 1 when there is an error, 0 when there are only warnings and notes.
    """
    raw = read_source(model)
    problems = check_model(raw).problems
    can = not errors(problems) and not is_foreign(problems)
    verification = None
    if is_deep and can:
        verified = verify(raw, budget_s)
        problems, verification = verified.problems, verified.verification
    if as_json:
        show_json(_document(problems, verification))
    else:
        _show(problems, verification, can=can)
    if errors(problems):
        raise typer.Exit(1)


def verify(raw: Any, budget_s: float) -> Compiled:
    """Give a model with what runs of it show; each check is said where a person watches."""
    compiled = compile_model(raw)
    tools = make_tools(load_settings(), warm=compiled.bundle.target)
    return asyncio.run(follow(compiled, tools, Judging(budget_s=budget_s, is_deep=True)))


async def follow(compiled: Compiled, tools: Tools, how: Judging) -> Compiled:
    """Give the model with what was found, and show on standard error what is being done."""
    with Watch() as watch:
        async with aclosing(verifying(compiled, tools, how)) as steps:
            async for step in steps:
                if isinstance(step, Compiled):
                    return step
                watch.show(step)
    raise AssertionError("verifying ends with the model")


def _document(problems: list[Problem], verification: Verification | None) -> dict[str, Any]:
    found: dict[str, Any] = {"problems": [each.model_dump(mode="json") for each in problems]}
    if verification is not None:
        found["verification"] = verification.wire()
    return found


def _show(problems: list[Problem], verification: Verification | None, *, can: bool) -> None:
    show_problems(problems)
    if verification is not None:
        out = console()
        out.print(verification_table(verification))
        beyond = "; ".join(verification.not_checked)
        say(f"Not looked at: {beyond}.", style="dim")
        runs = counted_runs(verification)
        say(f"{verification.verdict} {runs}")
    verdict = "It can be compiled" if can else "It cannot be compiled"
    say(f"{verdict}: {counted(problems)}.", style="bold")


def counted_runs(verification: Verification) -> str:
    """Give the number of runs and the time as a sentence."""
    runs = "1 run" if verification.runs == 1 else f"{verification.runs} runs"
    return f"{runs} in {verification.seconds:.1f} s."


def verification_table(verification: Verification) -> Table:
    """Give the checks as a table: question, result, evidence."""
    table = Table(box=None, pad_edge=False)
    for title in ("check", "result", "evidence"):
        table.add_column(title, overflow="fold")
    for check in verification.checks:
        word, style = OUTCOMES[check.outcome]
        table.add_row(Text(check.name), Text(word, style=style), Text(plain(check.evidence)))
    return table
