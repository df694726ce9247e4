"""Joins the verbs: prompt -> draft -> specification -> Program -> CodeBundle -> events.

Each function takes what a door hands it and calls the stages in order; nothing is decided here.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, TypeVar, TypeVarTuple

from abm_quant.authoring.author import (
    DEFAULT_REPAIRS,
    Author,
    AuthoringRequest,
    Draft,
    Review,
)
from abm_quant.compiling.check import check
from abm_quant.compiling.lower import lower
from abm_quant.compiling.read import Reading, read_spec
from abm_quant.compiling.render import render
from abm_quant.compiling.targets.table import target_named, usual_target
from abm_quant.compiling.verify import verify
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.events import RunEvent
from abm_quant.contracts.jobs import RunJob
from abm_quant.contracts.problems import Problem, errors, problem
from abm_quant.contracts.program import Program
from abm_quant.contracts.progress import Checking, Compiling, Step, Verifying
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.verification import Verification
from abm_quant.errors import CannotCompile, InvalidModel, SpecRejected, TargetLacks, WorkTooLarge
from abm_quant.llm.routing import Route, RouteRequest, route
from abm_quant.llm.secrets import without_keys
from abm_quant.running.conversation.broker import Host
from abm_quant.running.conversation.controls import Controls
from abm_quant.running.sandbox import Sandbox
from abm_quant.running.workers import Workers
from abm_quant.storage.models import KeptModel, ModelStore, Origin
from abm_quant.verifying.judge import Judging, judging
from abm_quant.verifying.subject import Subject

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a walk needs from outside; a door makes it from Settings."""

    author: Callable[[Route], Author]
    models: ModelStore
    sandbox: Sandbox
    workers: Workers | None = None
    """Who compiles; None to do it in this process, one walk at a time."""
    verify_budget_s: float = 0
    """Seconds that `generate` may spend on running a new model to verify it; 0 for not at all."""


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A specification and all that was made of it."""

    reading: Reading
    """How it was read: with its title and explanation, where it came with them."""
    spec: ModelSpec
    program: Program
    bundle: CodeBundle
    problems: list[Problem]
    """Warnings and notes, and the error of a run that was made to verify it."""
    verification: Verification | None = None
    """What runs showed; None where none were made."""


@dataclass(frozen=True, kw_only=True)
class GenerateRequest:
    """A request for a model."""

    prompt: str
    route: RouteRequest
    current_model: ModelSpec | None = None
    target: str | None = None
    """The framework to compile for; that of the specification's own library where None."""
    parent: str | None = None
    """The id of the current model, where it is a kept one."""
    max_repairs: int = DEFAULT_REPAIRS
    """How often a language model may mend its draft."""


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A model that was written, checked, compiled and kept."""

    route: Route
    """Who was asked, with what the user should know about the choice."""
    draft: Draft
    spec: ModelSpec
    compiled: Compiled | None
    """None when the specification is in a language that is not compiled."""
    kept: KeptModel

    @property
    def problems(self) -> list[Problem]:
        """What was assumed: warnings and notes."""
        return self.kept.problems if self.compiled is None else self.compiled.problems


def check_model(raw: Any) -> Reading:
    """Give the specification in any JSON value or text, with everything that is wrong or assumed.

    The specification is None when it cannot be read. Never raises for what is in `raw`.
    """
    reading = _checked(raw)
    problems = list(reading.problems)
    if reading.spec is not None and not errors(problems) and not is_foreign(problems):
        problems += _lowering_problems(reading.spec)
    return replace(reading, problems=list(dict.fromkeys(problems)))


def compile_model(raw: Any, target: str | None = None) -> Compiled:
    """Give the generated project for a specification; raises InvalidModel with all problems.

    `raw` is a specification, an author's answer {model, title, explanation}, or JSON text. Without
    a target it is that of the library that the specification is written for.
    """
    return _compiled(_checked(raw), target)


def compile_or_check(raw: Any, target: str | None = None) -> Compiled | Reading:
    """Give the generated project, or the reading of a model in a language that is not compiled.

    Raises InvalidModel with all problems.
    """
    if target is not None:
        target_named(target)
    reading = _checked(raw)
    return reading if is_foreign(reading.problems) else _compiled(reading, target)


def _checked(raw: Any) -> Reading:
    """Give the reading, with the problems of checking it among its own.

    Code that asks for what models do not have can be lowered, so that all is said at once.
    """
    reading = read_spec(raw)
    if reading.spec is None:
        return reading
    problems = reading.problems + check(reading.spec)
    if {each.code for each in errors(problems)} == {"forbidden-code"}:
        problems += _lowering_problems(reading.spec)
    return replace(reading, problems=list(dict.fromkeys(problems)))


def _lowering_problems(spec: ModelSpec) -> list[Problem]:
    try:
        return list(lower(spec).problems)
    except CannotCompile as refusal:
        return refusal.problems


def _compiled(reading: Reading, target: str | None) -> Compiled:
    if reading.spec is None:
        raise SpecRejected(reading.problems)
    if errors(reading.problems):
        raise CannotCompile(reading.problems)
    try:
        program = lower(reading.spec, title=reading.title, explanation=reading.explanation)
        framework = target_named(target) if target else usual_target(reading.spec)
        bundle = verify(render(program, framework, reading.spec))
    except InvalidModel as refusal:
        refusal.problems = list(dict.fromkeys([*reading.problems, *refusal.problems]))
        raise
    problems = list(dict.fromkeys([*reading.problems, *program.problems]))
    return Compiled(
        reading=reading, spec=reading.spec, program=program, bundle=bundle, problems=problems
    )


def is_foreign(problems: Iterable[Problem]) -> bool:
    """Tell whether a specification was found to be in a language that is not compiled."""
    return any(each.code == "foreign-code" for each in problems)


async def in_turn(tools: Tools, work: Callable[[*Ts], T], *args: *Ts) -> T:
    """Give what work that compiles gives; it is done where it does not keep others waiting.

    Raises CannotCompile, besides what it raises, when it takes too much time or memory.
    """
    if tools.workers is None:
        return await asyncio.to_thread(work, *args)
    try:
        return await tools.workers.do(work, *args)
    except WorkTooLarge as limit:
        hint = "Make the model smaller: shorten its code and texts."
        raise CannotCompile([problem("too-large", "", str(limit), hint)]) from limit


async def generate(request: GenerateRequest, tools: Tools) -> Generated:
    """Give a model for a prompt: written by the routed author, checked, compiled and kept.

    Raises InvalidModel with all problems when the author's best draft cannot be compiled.
    """
    async with aclosing(generating(request, tools)) as steps:
        async for step in steps:
            if isinstance(step, Generated):
                return step
    raise AssertionError("generating ends with a model or an exception")


async def generating(request: GenerateRequest, tools: Tools) -> AsyncGenerator[Step | Generated]:
    """Give what happens while a model is written, then the model; see generate."""
    way = route(request.route)
    if request.target is not None:
        target_named(request.target)
    writing = tools.author(way).write(
        AuthoringRequest(
            prompt=request.prompt,
            review=lambda answer: reviewing(answer, request.target, tools),
            current_model=request.current_model,
            max_repairs=request.max_repairs,
        )
    )
    async with aclosing(writing) as steps:
        async for step in steps:
            if isinstance(step, Draft):
                yield await _kept(request, way, step, tools)
            else:
                yield step


async def reviewing(answer: Any, target: str | None, tools: Tools) -> AsyncGenerator[Step | Review]:
    """Give the judgement of an author's answer: read, checked, compiled and run."""
    yield Checking()
    reading = await in_turn(tools, _checked, answer)
    if errors(reading.problems) or is_foreign(reading.problems):
        made = reading if is_foreign(reading.problems) else None
        yield Review(problems=reading.problems, spec=reading.spec, made=made)
        return
    yield Compiling()
    try:
        compiled = await in_turn(tools, _compiled, reading, target)
    except InvalidModel as refusal:
        yield Review(problems=refusal.problems, spec=reading.spec)
        return
    except TargetLacks as lack:
        hint = "Write it in terms of the agents and the space."
        missing = problem("no-counterpart", "", str(lack), hint)
        yield Review(problems=[*reading.problems, missing], spec=reading.spec)
        return
    ran = tools.verify_budget_s > 0
    if ran:
        how = Judging(budget_s=tools.verify_budget_s)
        async with aclosing(verifying(compiled, tools, how)) as steps:
            async for step in steps:
                if isinstance(step, Compiled):
                    compiled = step
                else:
                    yield step
    yield Review(problems=compiled.problems, spec=compiled.spec, made=compiled, ran=ran)


async def _kept(request: GenerateRequest, way: Route, draft: Draft, tools: Tools) -> Generated:
    """Give the kept model of a draft; raises InvalidModel for one that cannot be compiled."""
    made, problems = draft.review.made, draft.review.problems
    if made is None:
        refusal = (CannotCompile if draft.review.spec else SpecRejected)(problems)
        refusal.usage = draft.usage
        raise refusal
    prompt = without_keys(request.prompt)
    origin = Origin(prompt=prompt, author=draft.provider, parent=request.parent)
    kept = await asyncio.to_thread(keep, made, tools.models, origin, title=draft.title)
    compiled = made if isinstance(made, Compiled) else None
    return Generated(route=way, draft=draft, spec=made.spec, compiled=compiled, kept=kept)


async def verify_model(compiled: Compiled, tools: Tools, how: Judging) -> Compiled:
    """Give a compiled model with what runs show about it, within the time that is given for it."""
    async with aclosing(verifying(compiled, tools, how)) as steps:
        async for step in steps:
            if isinstance(step, Compiled):
                return step
    raise AssertionError("verifying ends with the model")


async def verifying(
    compiled: Compiled, tools: Tools, how: Judging
) -> AsyncGenerator[Verifying | Compiled]:
    """Give each check as it ends, then the model with what they found."""
    subject = Subject(compiled.spec, compiled.program, compiled.bundle, tuple(compiled.problems))
    async with aclosing(judging(subject, tools.sandbox, how)) as steps:
        async for step in steps:
            if isinstance(step, Verification):
                problems = list(dict.fromkeys([*compiled.problems, *step.problems]))
                yield replace(compiled, problems=problems, verification=step)
            else:
                yield step


def keep(made: Compiled | Reading, models: ModelStore, origin: Origin, *, title: str) -> KeptModel:
    """Give the kept model of what compile_or_check gave."""
    assert made.spec is not None
    compiled = made if isinstance(made, Compiled) else None
    reading = made.reading if isinstance(made, Compiled) else made
    return models.save(
        made.spec,
        compiled.bundle if compiled else None,
        title=title,
        explanation=reading.explanation,
        problems=made.problems,
        origin=origin,
        parameters=compiled.program.parameters if compiled else (),
    )


def run(
    job: RunJob, tools: Tools, *, controls: Controls | None = None, host: Host | None = None
) -> AsyncIterator[RunEvent]:
    """Give the events of a run; see contracts.results.collect for the whole result."""
    return tools.sandbox.run(job, controls=controls, host=host)
