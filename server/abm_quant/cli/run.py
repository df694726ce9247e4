"""`abm run`: runs a model in the sandbox and shows what it tracked."""

import asyncio
import secrets
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from abm_quant.cli.checkpoints import CheckpointFile, check_checkpoints, check_rest, saved_run
from abm_quant.cli.console import complain, console, say, show_json, show_problems
from abm_quant.cli.folders import STDOUT, check_file, write_text
from abm_quant.cli.following import STOPPED, follow
from abm_quant.cli.parameters import read_parameters
from abm_quant.cli.series import series_table
from abm_quant.cli.sources import read_source
from abm_quant.cli.tools import make_tools
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.results import RunResult
from abm_quant.errors import BadRequest, InvalidModel
from abm_quant.pipeline import Compiled, Tools, compile_model, run
from abm_quant.running.conversation.controls import Controls
from abm_quant.settings import load_settings
from abm_quant.storage.tables import csv_text, model_table

INTERRUPTED = 130
PICTURES = (".png", ".svg", ".pdf")


def command(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A JSON file, gallery:NAME, or - for stdin.")
    ],
    steps: Annotated[
        int | None, typer.Option(min=0, help="Steps to take; the model's own maximum always holds.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of all random numbers; drawn when absent.")
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter; repeatable."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="mesa or agentpy; the library of the model when absent.")
    ] = None,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the series; - for standard output."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only the result as JSON on standard output.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the series: .png, .svg or .pdf.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the last checkpoint, for --resume."),
    ] = None,
    checkpoint_every: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Steps from one checkpoint to the next.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Go on from a checkpoint of the same model, with its seed and parameters.",
        ),
    ] = None,
) -> None:
    """Run a model in the sandbox and show what it tracked.

    Example: abm run gallery:sir-network --seed 1 --set population=1000 --plot sir.png
    """
    _check_outputs(csv_file, as_json, plot)
    check_checkpoints(checkpoint, checkpoint_every)
    saved = saved_run(resume, seed, assignments)
    target = target or (saved.target if saved else None)
    settings = load_settings()
    tools = make_tools(settings, warm=target or "mesa")
    try:
        compiled = compile_model(read_source(model), target)
    except InvalidModel as refusal:
        if not as_json:
            raise
        show_json({"problems": [each.model_dump(mode="json") for each in refusal.problems]})
        raise typer.Exit(1) from None
    job = RunJob(
        bundle=compiled.bundle,
        seed=secrets.randbelow(2**31) if seed is None else seed,
        steps=steps,
        parameters=read_parameters(assignments or [], compiled.program, compiled.spec),
        limits=settings.limits,
        checkpoint_every=checkpoint_every,
    )
    if saved is not None:
        job = replace(job, resume=saved, seed=saved.seed, parameters=saved.parameters)
        check_rest(job)
    kept = CheckpointFile(checkpoint) if checkpoint else None
    result = asyncio.run(_perform(job, tools, compiled.program.title, kept))
    if result.model or not was_interrupted(result):
        _show(result, compiled, as_json=as_json, csv_file=csv_file)
        _write_files(result, compiled.program.title, csv_file, plot)
    if kept is not None:
        say(kept.sentence(), to_stderr=True)
    if was_interrupted(result):
        complain(f"Interrupted after {result.steps:,} steps.")
        raise typer.Exit(INTERRUPTED)
    if not result.finished:
        complain(f"The run failed after {result.steps} steps ({result.failure}).")
        raise typer.Exit(1)


async def _perform(job: RunJob, tools: Tools, title: str, kept: CheckpointFile | None) -> RunResult:
    controls = Controls(job.bundle)
    events = run(job, tools, controls=controls)
    return await follow(kept.keeping(events) if kept else events, title, controls)


def was_interrupted(result: RunResult) -> bool:
    """Tell whether Ctrl-C ended a run."""
    return result.stop_reason == STOPPED or result.failure == "cancelled"


def _check_outputs(csv_file: Path | None, as_json: bool, plot: Path | None) -> None:
    if as_json and csv_file == STDOUT:
        raise BadRequest("--json and --csv - both write to standard output. Choose one.")
    if csv_file is not None and csv_file != STDOUT:
        check_file(csv_file)
    if plot is not None:
        check_file(plot)
        if plot.suffix.lower() not in PICTURES:
            raise BadRequest(f"--plot {str(plot)!r} must end in one of {', '.join(PICTURES)}.")


def _show(result: RunResult, compiled: Compiled, *, as_json: bool, csv_file: Path | None) -> None:
    """Write the result to standard output, and what was noticed to standard error."""
    show_problems([*compiled.problems, *result.problems], to_stderr=True)
    if as_json:
        show_json(as_document(result), indent=None)
    elif csv_file == STDOUT:
        typer.echo(csv_text(model_table(result)), nl=False)
    else:
        say(compiled.program.title, style="bold")
        if result.model:
            out = console()
            out.print(series_table(result.model, out.width))
        say("\n" + summary(result, compiled.bundle.max_steps))


def as_document(result: RunResult) -> dict[str, Any]:
    """Give a result as `--json` prints it."""
    document = result.model_dump(mode="json")
    names = ["seed", "steps", "stopReason", "model"]
    names += ["firstStep"] if document["firstStep"] else []
    names += [name for name in ("agents", "problems", "printed", "failure") if document[name]]
    return {name: document[name] for name in names}


def summary(result: RunResult, most_steps: int) -> str:
    """Give the sentences that say how far the run came, why it ended and what guarded it."""
    reasons = {
        "max-steps": "the model's own maximum",
        "steps": f"as asked; the model's own maximum is {most_steps:,}",
        "ended-by-code": "until the model's own code ended the run",
        STOPPED: f"until it was interrupted; at most {most_steps:,}",
        None: "then it was interrupted" if was_interrupted(result) else "then it failed",
    }
    rule = f"until the rule on {result.stop_reason} held; at most {most_steps:,}"
    level = result.sandbox.level if result.sandbox else "unknown"
    continued = f" Continued after step {result.first_step - 1:,}." if result.first_step else ""
    return (
        f"{result.steps:,} steps, {reasons.get(result.stop_reason, rule)}. "
        f"Seed {result.seed}. Sandbox: {level}.{continued}"
    )


def _write_files(result: RunResult, title: str, csv_file: Path | None, plot: Path | None) -> None:
    if csv_file is not None and csv_file != STDOUT:
        write_text(csv_file, csv_text(model_table(result)))
        say(f"Wrote {csv_file}.", to_stderr=True)
        for agent_type, columns in result.agents.items():
            path = csv_file.with_name(f"{csv_file.stem}.{agent_type}{csv_file.suffix}")
            write_text(path, csv_text(columns))
            say(f"Wrote {path}.", to_stderr=True)
    if plot is not None and result.model:
        # matplotlib takes half a second to load, which a run without a picture need not pay
        import_module("abm_quant.cli.plotting").draw(result, title, plot)
        say(f"Wrote {plot}.", to_stderr=True)
