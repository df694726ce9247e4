"""`abm generate`: writes a model from a sentence."""

import asyncio
import json
import re
import shlex
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import typer

from abm_quant.cli.console import command_name, counted, say, show_problems, shown
from abm_quant.cli.folders import check_folder, write_project
from abm_quant.cli.sources import read_source
from abm_quant.cli.tools import make_tools
from abm_quant.cli.watching import Watch
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.usage import Usage
from abm_quant.errors import AbmError, BadRequest, MissingKey, SpecRejected
from abm_quant.llm.routing import RouteRequest
from abm_quant.pipeline import Generated, GenerateRequest, Tools, check_model, generating
from abm_quant.settings import load_settings

LANGUAGE_MODEL = r"offline|(?:gpt|o\d|claude|gemini|deepseek|local:|openrouter:)\S*"
"""What `-m` is given by those who mean `--model`."""
KEY_ADVICE = (
    "Set it in the environment, such as OPENAI_API_KEY=... for OpenAI, or choose --model offline, "
    "which needs none."
)
SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def command(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="The model in your own words.")],
    current: Annotated[
        str | None,
        typer.Option("--current", "-m", metavar="MODEL", help="The model to change."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder of the new project."),
    ] = None,
    author: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="Language model, or offline (no key)."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="mesa or agentpy; the library of the model when absent.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder in use.")] = False,
) -> None:
    """Write a model from a sentence, check it and make a project of it.

    Example: abm generate "an SIR epidemic on a small-world network of 500 people" -o sir
    """
    if not prompt.strip():
        raise BadRequest("The prompt is empty. Say in a sentence what the model is about.")
    if output is not None:
        check_folder(output, force=force)
    settings = load_settings()
    tools = make_tools(settings, warm=target)
    request = GenerateRequest(
        prompt=prompt,
        route=RouteRequest(
            underlying_model=author,
            keys=settings.vendor_keys,
            default_model=settings.default_model,
            vendors=settings.vendors,
        ),
        current_model=None if current is None else _current_model(current),
        target=target,
    )
    try:
        generated = asyncio.run(follow(request, tools))
    except MissingKey as failure:
        raise MissingKey(f"{failure}. {KEY_ADVICE}") from None
    except AbmError as failure:
        if failure.usage:
            say(f"It took {_price(failure.usage)}.", style="dim", to_stderr=True)
        raise
    folder = tools.models.folder(generated.kept.id)
    if output is not None:
        write_project(_files(generated), output)
    _show(generated, output or folder)


async def follow(request: GenerateRequest, tools: Tools) -> Generated:
    """Give the model, and show on standard error how it comes into being."""
    with Watch() as watch:
        async with aclosing(generating(request, tools)) as steps:
            async for step in steps:
                if isinstance(step, Generated):
                    return step
                watch.show(step)
    raise AssertionError("generating ends with a model or an exception")


def _current_model(source: str) -> ModelSpec:
    if re.fullmatch(LANGUAGE_MODEL, source) and not Path(source).exists():
        raise BadRequest(
            f"There is no file {source!r}. -m is short for --current, the model to change; "
            "a language model is named with --model."
        )
    reading = check_model(read_source(source))
    if reading.spec is None:
        raise SpecRejected(reading.problems)
    return reading.spec


def _price(usage: Usage) -> str:
    """Give what language models took."""
    cost = "unknown price" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    return f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out, {cost}"


def _files(generated: Generated) -> dict[str, str]:
    """Give the files of the project; the specification alone where its code is not compiled."""
    if generated.compiled is not None:
        return generated.compiled.bundle.files
    return {"spec.json": json.dumps(generated.spec.wire(), indent=2, ensure_ascii=False) + "\n"}


def _show(generated: Generated, folder: Path) -> None:
    draft, problems = generated.draft, generated.problems
    say(draft.title, style="bold")
    mended = f", mended {draft.repairs} times" if draft.repairs else ""
    price = f" ({_price(draft.usage)}{mended})" if draft.usage else ""
    say(f"written by {draft.provider}{price}", style="dim")
    for change in draft.changes:
        say(f"  {SIGNS[change.kind]} {change.description}")
    for assumption in (*generated.route.notices, *draft.assumptions):
        say(f"  - {assumption}")
    show_problems(problems, to_stderr=True)
    say(f"\nThe project is in {shown(folder)} ({counted(problems)}; model {generated.kept.id}).")
    spec, plot = (shlex.quote(shown(folder / name)) for name in ("spec.json", "plot.png"))
    say(f"Next: {command_name()} run {spec} --plot {plot}")
