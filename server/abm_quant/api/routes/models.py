"""Models: specifications that are kept, and the code that is made of them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.concurrency import run_in_threadpool

from abm_quant.api.bodies import (
    CompiledView,
    KeptView,
    ModelBody,
    ModelPage,
    ModelView,
    SpanView,
    Validated,
    VerificationView,
    model_links,
    summary,
)
from abm_quant.api.dependencies import Service, ServiceDep
from abm_quant.api.documenting import failures, request_body
from abm_quant.api.examples import SPECIFICATION
from abm_quant.api.problems import InvalidFields
from abm_quant.api.reading import json_object
from abm_quant.api.words import clean_markdown, short_title
from abm_quant.compiling.read import Reading
from abm_quant.compiling.targets.table import target_named
from abm_quant.contracts.code import CodeBundle
from abm_quant.contracts.problems import errors
from abm_quant.errors import SpecRejected
from abm_quant.pipeline import (
    Compiled,
    check_model,
    compile_model,
    compile_or_check,
    in_turn,
    is_foreign,
    keep,
    verify_model,
)
from abm_quant.storage.archive import zip_bytes
from abm_quant.storage.files import slug
from abm_quant.storage.models import KeptModel, KeptParameter, Origin
from abm_quant.verifying.judge import Judging

router = APIRouter(tags=["models"])

BodyDep = Annotated[dict[str, Any], Depends(json_object)]
ModelId = Annotated[str, Path(description="Twenty hexadecimal digits.", alias="id")]
Target = Annotated[str | None, Query(description="A framework; the model's own where absent.")]
UNNAMED = "Agent-Based Model"
BODY = request_body(ModelBody, {"A specification": {"model": SPECIFICATION, "title": "Coin flips"}})


@router.post(
    "/models",
    status_code=201,
    summary="Check and keep a specification",
    responses=failures(400, 404, 413, 422),
    openapi_extra=BODY,
)
async def create_model(body: BodyDep, service: ServiceDep, response: Response) -> KeptView:
    """Compiles a specification and keeps it with its code. The same model gets the same id.

    A specification in a language that is not compiled is kept without code; a note says so.
    """
    kept = await keep_model(service, body)
    response.headers["Location"] = model_links(kept.id).self
    return KeptView(
        id=kept.id, title=kept.title, problems=kept.problems, links=model_links(kept.id)
    )


@router.post(
    "/validate",
    summary="Check a specification",
    responses=failures(400, 413, 422),
    openapi_extra=BODY,
)
async def validate(
    body: BodyDep,
    service: ServiceDep,
    deep: Annotated[bool, Query(description="Also run the model, and judge it.")] = False,
) -> Validated:
    """Says what is assumed in a specification without errors; errors are answered with 422.

    With `deep` the model is also run, as long as `ABM_VERIFY_BUDGET_S` allows.
    """
    reading = await in_turn(service.tools, check_model, body)
    if errors(reading.problems):
        raise SpecRejected(reading.problems)
    title = short_title(reading.title)
    if not deep or is_foreign(reading.problems):
        return Validated(title=title, problems=reading.problems)
    judging = Judging(budget_s=service.tools.verify_budget_s, is_deep=True)
    compiled = await compile_body(service, body)
    verified = await verify_model(compiled, service.tools, judging)
    if errors(verified.problems) or verified.verification is None:
        raise SpecRejected(verified.problems)
    view = VerificationView.model_validate(verified.verification.wire())
    return Validated(title=title, problems=verified.problems, verification=view)


@router.post(
    "/compile",
    summary="Compile a specification",
    responses=failures(400, 404, 413, 422),
    openapi_extra=BODY,
)
async def compile_specification(body: BodyDep, service: ServiceDep) -> CompiledView:
    """Gives the generated project without keeping anything."""
    compiled = await compile_body(service, body)
    bundle = compiled.bundle
    return CompiledView(
        target=bundle.target,
        entry_point=bundle.entry_point,
        files=bundle.files,
        requirements=list(bundle.requirements),
        parameters=[
            KeptParameter(name=each.name, default=each.default, description=each.description)
            for each in compiled.program.parameters
        ],
        max_steps=bundle.max_steps,
        source_map=[SpanView(**vars(each)) for each in bundle.source_map],
        problems=compiled.problems,
    )


@router.get("/models", summary="List kept models", responses=failures(404, 422))
def list_models(
    service: ServiceDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
) -> ModelPage:
    """Gives kept models, newest first."""
    page = service.tools.models.page(limit=limit, cursor=cursor)
    return ModelPage(items=[summary(each) for each in page.items], next_cursor=page.next_cursor)


@router.get("/models/{id}", summary="Read a kept model", responses=failures(404))
def read_model(model_id: ModelId, service: ServiceDep) -> ModelView:
    """Gives the specification with its problems, parameters and origin."""
    models = service.tools.models
    kept = models.get(model_id)
    known = dict(kept)
    known |= {
        "title": short_title(kept.title),
        "explanation": clean_markdown(kept.explanation),
    }
    return ModelView(**known, model=models.spec(model_id).wire(), links=model_links(kept.id))


@router.get(
    "/models/{id}/code",
    summary="Read the generated source",
    response_class=Response,
    responses={
        **failures(404, 422),
        200: {"description": "model.py", "content": {"text/x-python": {}}},
    },
)
async def read_code(model_id: ModelId, service: ServiceDep, target: Target = None) -> Response:
    """Gives model.py: the whole model in one module."""
    return _text(await bundle_for(service, model_id, target), "model.py", "text/x-python")


@router.get(
    "/models/{id}/odd",
    summary="Read the ODD description",
    response_class=Response,
    responses={
        **failures(404, 422),
        200: {"description": "ODD.md", "content": {"text/markdown": {}}},
    },
)
async def read_odd(model_id: ModelId, service: ServiceDep, target: Target = None) -> Response:
    """Gives the description of the model by the ODD protocol, in Markdown."""
    return _text(await bundle_for(service, model_id, target), "ODD.md", "text/markdown")


@router.get(
    "/models/{id}/download",
    summary="Download the project",
    response_class=Response,
    responses={
        **failures(404, 422),
        200: {"description": "A zip file.", "content": {"application/zip": {}}},
    },
)
async def download(model_id: ModelId, service: ServiceDep, target: Target = None) -> Response:
    """Gives the whole project as a zip file; the same model gives the same bytes."""
    bundle = await bundle_for(service, model_id, target)
    kept = await run_in_threadpool(service.tools.models.get, model_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{slug(kept.title)}-{bundle.target}.zip"'
    }
    return Response(
        await run_in_threadpool(zip_bytes, bundle), media_type="application/zip", headers=headers
    )


async def compile_body(service: Service, body: Mapping[str, Any]) -> Compiled:
    """Give what is made of a body's specification, for the target that it names."""
    return await in_turn(service.tools, compile_model, body, _target_of(body))


async def keep_model(
    service: Service, body: Mapping[str, Any], *, with_code: bool = False
) -> KeptModel:
    """Give the kept model of a body's specification; `with_code` refuses one without code."""
    make: Callable[[Any, str | None], Compiled | Reading]
    make = compile_model if with_code else compile_or_check
    made = await in_turn(service.tools, make, body, _target_of(body))
    assert made.spec is not None
    given = made.reading.title if isinstance(made, Compiled) else made.title
    title = short_title(given) or short_title(made.spec.environment.name) or UNNAMED
    return await run_in_threadpool(
        keep, made, service.tools.models, Origin(author="user"), title=title
    )


async def bundle_for(service: Service, model_id: str, target: str | None) -> CodeBundle:
    """Give the code of a kept model: as it was kept, or compiled now for another target."""
    models = service.tools.models
    kept = await run_in_threadpool(models.get, model_id)
    if kept.target is not None and target in (None, kept.target):
        return await run_in_threadpool(models.bundle, model_id)
    spec = await run_in_threadpool(models.spec, model_id)
    raw = {"model": spec.wire(), "title": kept.title, "explanation": kept.explanation}
    return (await in_turn(service.tools, compile_model, raw, target)).bundle


def _target_of(body: Mapping[str, Any]) -> str | None:
    """Give the target that a body names, None where it names none; raises NotFound."""
    target = body.get("target") or None
    if target is None:
        return None
    if not isinstance(target, str):
        raise InvalidFields([{"path": "/target", "message": "must be text"}])
    return target_named(target).name


def _text(bundle: CodeBundle, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(bundle.files[name], media_type=media_type, headers=headers)
