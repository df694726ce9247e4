"""The command line as a whole: its commands, its exit codes, and what a failure looks like.

Exit codes: 0 done, 1 the model has errors or the run failed, 2 wrong usage, 130 interrupted.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import Annotated

import typer

from abm_quant.cli.console import complain, show_problems
from abm_quant.errors import AbmError, BadRequest, BadSetting, InvalidModel, NotFound
from abm_quant.version import __version__

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
MISUSE = (BadRequest, BadSetting, NotFound)
HELP = """Turn a sentence into a checked, running agent-based model.

A MODEL is a JSON file, [bold]gallery:NAME[/bold] for a built-in model, or [bold]-[/bold] for
standard input. Exit codes: 0 done, 1 the model has errors or the run failed, 2 wrong usage.
"""
EXAMPLES = """Try: [bold]abm gallery[/bold], then [bold]abm run gallery:sir-network --seed 1[/bold],
then [bold]abm generate "an SIR epidemic on a small-world network of 500 people"[/bold]."""


@dataclass(frozen=True)
class Command:
    """One command: the module whose function `command` does it, and its line in the help."""

    module: str
    summary: str


def make_app(commands: Mapping[str, Command], wanted: Sequence[str]) -> typer.Typer:
    """Give the command line with the wanted commands loaded and the others only listed."""
    app = typer.Typer(
        name="abm",
        help=HELP,
        epilog=EXAMPLES,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name, command in commands.items():
        if name in wanted:
            function = import_module(command.module).command
            app.command(name, help=paragraphs(function.__doc__ or command.summary))(function)
        else:
            app.command(name, help=command.summary)(_listed)
    return app


def paragraphs(text: str) -> str:
    """Give a docstring with each paragraph on one line, for terminals of any width."""
    parts = cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def _listed() -> None:
    """Stand in the help for a command that is not asked for."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"abm {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def run(commands: Mapping[str, Command], arguments: Sequence[str]) -> int:
    """Give the exit code of a command line; a failure becomes sentences on standard error."""
    wanted = [each for each in arguments if not each.startswith("-")][:1]
    try:
        make_app(commands, wanted)(list(arguments), prog_name="abm")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except KeyboardInterrupt:  # while a command was being loaded; typer hears all others
        return INTERRUPTED
    except InvalidModel as refusal:
        complain("The model has errors.")
        show_problems(refusal.problems, to_stderr=True)
        return FAILED
    except AbmError as failure:
        complain(str(failure))
        return MISUSED if isinstance(failure, MISUSE) else FAILED
    except Exception as fault:
        complain(_described(fault))
        return FAILED
    return DONE


def _described(fault: Exception) -> str:
    """Give the sentences for a fault of the product itself, with the place but no traceback."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return (
        f"This is a fault of abm, not of your model: {type(fault).__name__}: {fault}{place}. "
        "Please report it with the command that you typed."
    )
