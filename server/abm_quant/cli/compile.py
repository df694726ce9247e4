"""`abm compile`: makes a Python project of a specification."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from abm_quant.cli.console import command_name, counted, say, show_problems
from abm_quant.cli.folders import check_folder, write_project
from abm_quant.cli.sources import read_source
from abm_quant.pipeline import compile_model


def command(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A JSON file, gallery:NAME, or - for stdin.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of the new project.")
    ],
    target: Annotated[
        str | None, typer.Option(help="mesa or agentpy; the library of the model when absent.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder in use.")] = False,
) -> None:
    """Make a Python project of a specification.

    The folder gets model.py, run.py (command line), app.py (page in the browser), the
    specification, an ODD description, a README and requirements.txt. Nothing in it needs abm.
    """
    check_folder(output, force=force)
    compiled = compile_model(read_source(model), target)
    write_project(compiled.bundle.files, output)
    show_problems(compiled.problems, to_stderr=True)
    say(f"{compiled.program.title}: {counted(compiled.problems)}.", style="bold")
    say(f"Wrote {', '.join(compiled.bundle.files)} to {output}.")
    say(f"Next: {command_name()} run {shlex.quote(str(output / 'spec.json'))}")
