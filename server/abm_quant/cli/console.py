"""What the commands write to the terminal: results on standard output, the rest on standard error.

Words of a model or a file are shown as they are, without their control characters: a description
can neither color nor move anything on the terminal.
"""

import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from abm_quant.contracts.problems import Problem, Severity

COLORS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def console(*, to_stderr: bool = False) -> Console:
    """Give the console for results, or for everything else."""
    return Console(stderr=to_stderr, highlight=False, markup=False, emoji=False)


def plain(text: str) -> str:
    """Give a text without control characters, for any terminal."""
    return CONTROL.sub("\ufffd", text)


def say(text: str, *, style: str = "", to_stderr: bool = False) -> None:
    """Write a paragraph."""
    console(to_stderr=to_stderr).print(Text(plain(text), style=style), soft_wrap=True)


def complain(text: str) -> None:
    """Write a sentence about a failure to standard error."""
    line = Text("abm: ", style="bold red").append(plain(text), style="default not bold")
    console(to_stderr=True).print(line, soft_wrap=True)


def shown(path: Path) -> str:
    """Give a path as short as it can be typed here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def command_name() -> str:
    """Give what is typed to run `abm` here: its path where the shell would not find it."""
    typed = Path(sys.argv[0])
    on_path = shutil.which("abm")
    is_found = on_path is not None and Path(on_path).resolve() == typed.resolve()
    return "abm" if is_found or typed.name != "abm" else str(typed)


def show_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value as JSON, and nothing else, to standard output."""
    typer.echo(json.dumps(value, indent=indent, allow_nan=False))


def show_problems(problems: Iterable[Problem], *, to_stderr: bool = False) -> None:
    """Write each problem with its severity, code, path and hint; errors come first."""
    out = console(to_stderr=to_stderr)
    for problem in sorted(problems, key=lambda each: list(COLORS).index(each.severity)):
        line = Text(f"{problem.severity} ", style=f"bold {COLORS[problem.severity]}")
        line.append(f"[{problem.code}]", style="default not bold")
        line.append(f" {plain(problem.path) or '/'}", style="not bold dim")
        out.print(line, soft_wrap=True)
        out.print(Text(f"  {plain(problem.message)}"), soft_wrap=True)
        if problem.hint:
            out.print(Text(f"  hint: {plain(problem.hint)}", style="green"), soft_wrap=True)


def counted(problems: Sequence[Problem]) -> str:
    """Give a phrase such as `1 error, 2 warnings`; `no problems` when there are none."""
    counts = Counter(problem.severity for problem in problems)
    parts = [
        f"{counts[severity]} {severity}{'s' if counts[severity] > 1 else ''}"
        for severity in COLORS
        if counts[severity]
    ]
    return ", ".join(parts) or "no problems"
