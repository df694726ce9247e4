"""Joins the verbs: prompt -> draft -> specification -> Program -> CodeBundle -> events.

Each function takes what a door hands it and calls the stages in order; nothing is decided here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

from abm_quant.authoring.author import Author, AuthoringRequest, Draft
from abm_quant.compiling.check import check
from abm_quant.compiling.lower import lower
from abm_quant.compiling.read import Reading, read_spec
from abm_quant.compiling.render import render
from abm_quant.compiling.targets.table import target_named
from abm_quant.compiling.verify import verify
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.events import RunEvent
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import Problem, errors
from abm_quant.contracts.program import Program
from abm_quant.contracts.spec import ModelSpec
from abm_quant.errors import CannotCompile, InvalidModel, SpecRejected
from abm_quant.llm.routing import Route, RouteRequest, route
from abm_quant.running.sandbox import Sandbox
from abm_quant.storage.models import KeptModel, ModelStore, Origin


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a walk needs from outside; a door makes it from Settings."""

    author: Callable[[Route], Author]
    models: ModelStore
    sandbox: Sandbox


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A specification and all that was made of it."""

    reading: Reading
    """How it was read: with its title and explanation, where it came with them."""
    spec: ModelSpec
    program: Program
    bundle: CodeBundle
    problems: list[Problem]
    """Warnings and notes; with an error there is no Compiled."""


@dataclass(frozen=True, kw_only=True)
class GenerateRequest:
    """A request for a model."""

    prompt: str
    route: RouteRequest
    current_model: ModelSpec | None = None
    target: str = "mesa"
    parent: str | None = None
    """The id of the current model, where it is a kept one."""


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A model that was written, compiled and kept."""

    draft: Draft
    compiled: Compiled
    kept: KeptModel


def check_model(raw: Any) -> Reading:
    """Give the specification in any JSON value or text, with everything that is wrong or assumed.

    The specification is None when it cannot be read. Never raises for what is in `raw`.
    """
    reading = read_spec(raw)
    if reading.spec is None:
        return reading
    problems = reading.problems + check(reading.spec)
    if not errors(problems):
        try:
            problems += lower(reading.spec, title=reading.title).problems
        except CannotCompile as refusal:
            problems += refusal.problems
    return replace(reading, problems=list(dict.fromkeys(problems)))


def compile_model(raw: Any, target: str = "mesa") -> Compiled:
    """Give the generated project for a specification; raises InvalidModel with all problems.

    `raw` is a specification, an author's answer {model, title, explanation}, or JSON text.
    """
    reading = read_spec(raw)
    if reading.spec is None:
        raise SpecRejected(reading.problems)
    problems = reading.problems + check(reading.spec)
    if errors(problems):
        raise CannotCompile(problems)
    try:
        program = lower(reading.spec, title=reading.title, explanation=reading.explanation)
        bundle = verify(render(program, target_named(target), reading.spec))
    except InvalidModel as refusal:
        refusal.problems = list(dict.fromkeys([*problems, *refusal.problems]))
        raise
    problems = list(dict.fromkeys([*problems, *program.problems]))
    return Compiled(
        reading=reading, spec=reading.spec, program=program, bundle=bundle, problems=problems
    )


async def generate(request: GenerateRequest, tools: Tools) -> Generated:
    """Give a model for a prompt: written by the routed author, checked, compiled and kept."""
    author = tools.author(route(request.route))
    draft = await author.write(
        AuthoringRequest(prompt=request.prompt, current_model=request.current_model)
    )
    answer = {"model": draft.model, "title": draft.title, "explanation": draft.explanation}
    compiled = await asyncio.to_thread(compile_model, answer, request.target)
    origin = Origin(prompt=request.prompt, author=draft.provider, parent=request.parent)
    kept = await asyncio.to_thread(
        tools.models.save,
        compiled.spec,
        compiled.bundle,
        title=draft.title,
        explanation=draft.explanation,
        problems=compiled.problems,
        origin=origin,
        parameters=compiled.program.parameters,
    )
    return Generated(draft=draft, compiled=compiled, kept=kept)


def run(job: RunJob, tools: Tools) -> AsyncIterator[RunEvent]:
    """Give the events of a run; see contracts.results.collect for the whole result."""
    return tools.sandbox.run(job)
