"""`abm check`: says what is wrong in a specification."""

from typing import Annotated

import typer

from abm_quant.cli.console import counted, say, show_json, show_problems
from abm_quant.cli.sources import read_source
from abm_quant.contracts.problems import errors
from abm_quant.pipeline import check_model, is_foreign


def command(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A JSON file, gallery:NAME, or - for stdin.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only {'problems': [...]} on standard output.")
    ] = False,
) -> None:
    """Say what is wrong in a specification, and what was assumed.

    Every problem is shown at once, with its code, its place as a JSON pointer and a hint. Exit
    code 1 when there is an error, 0 when there are only warnings and notes.
    """
    problems = check_model(read_source(model)).problems
    if as_json:
        show_json({"problems": [problem.model_dump(mode="json") for problem in problems]})
    else:
        show_problems(problems)
        can = not errors(problems) and not is_foreign(problems)
        verdict = "It can be compiled" if can else "It cannot be compiled"
        say(f"{verdict}: {counted(problems)}.", style="bold")
    if errors(problems):
        raise typer.Exit(1)
