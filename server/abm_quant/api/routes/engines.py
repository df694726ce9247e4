"""The engines routes, in the form that existing clients fix."""

import hmac
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query, Request
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from abm_quant import pipeline
from abm_quant.api.dependencies import Service, ServiceDep
from abm_quant.api.documenting import example, request_body
from abm_quant.api.engines import ENGINES, RECOMMENDED, engine_named, parameters
from abm_quant.api.examples import FAILED, GENERATED, INITIALIZED, PROMPT, REFINEMENT
from abm_quant.api.plain import field_errors
from abm_quant.api.problems import Forbidden, InvalidFields, MalformedBody, failure_body, sentence
from abm_quant.api.reading import json_object, parse_json
from abm_quant.api.streams import accepts_events, events_of, until_closed
from abm_quant.api.words import clean_markdown, short_title
from abm_quant.authoring.author import DEFAULT_REPAIRS, MOST_REPAIRS
from abm_quant.compiling.read import read_spec
from abm_quant.contracts.problems import errors
from abm_quant.contracts.spec import ModelSpec
from abm_quant.contracts.usage import Usage
from abm_quant.contracts.verification import Check, Verification
from abm_quant.errors import AbmError, InvalidModel, NothingFits, SpecRejected
from abm_quant.llm.routing import RouteRequest, route
from abm_quant.pipeline import Generated, GenerateRequest

log = structlog.get_logger(__name__)

router = APIRouter(tags=["engines"])

READY = "Diagram generation session is ready."
UNSUPPORTED = "Your client application is not currently supported."
UNAUTHORIZED = "Unauthorized, please pass valid Authentication header."
COMPILED = tuple(
    Check(name=name, question=question, outcome="passed", evidence=evidence)
    for name, question, evidence in (
        ("format", "Does it have the agreed format?", "Every field was read."),
        ("references", "Is everything declared that is used?", "Every reference was resolved."),
        ("compiled", "Does it become code?", "Code was generated from it, and it is Python."),
        ("imports", "Is the code harmless?", "It imports nothing outside the allow-list."),
    )
)
"""What the compiler proves of every model that it lets through; of a foreign one only the first."""

EngineName = Annotated[str, Path(examples=["abm-quant"])]


def is_blank(value: Any) -> bool:
    """Tell whether a value is text without a word in it."""
    return isinstance(value, str) and not value.strip()


class GenerateBody(BaseModel):
    """A request for a model."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="ignore",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    prompt: Annotated[str, Field(min_length=1)]
    """What to model, or what to change, in your own words."""
    current_model: Any = None
    """The model to change: the object, the whole answer that held it, or either as JSON text."""
    underlying_model: Any = None
    """The language model, or `offline`; see the parameters route for the list."""
    open_ai_key: SecretStr | None = Field(default=None, alias="openAIKey")
    """Your key for OpenAI models."""
    google_key: SecretStr | None = None
    """Your key for Google models."""
    anthropic_key: SecretStr | None = None
    """Your key for Anthropic models."""
    target: str | None = None
    """The framework to compile for; that of the model's own library where absent."""
    seed: Annotated[int, Field(ge=0)] | None = None
    """Accepted for clients that send it; authors draw no random numbers of ours, and the runs in
    which a new model is judged have fixed seeds."""
    max_repairs: Annotated[int, Field(ge=0, le=MOST_REPAIRS)] | None = None
    """How often a language model may mend its own draft; the offline author needs no mending."""

    @field_validator("prompt", mode="before")
    @classmethod
    def _something(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is empty. Describe the model that you want, or what to change")
        return value

    @property
    def keys(self) -> dict[str, SecretStr]:
        """The request's own keys by vendor."""
        keys = {
            "openai": self.open_ai_key,
            "google": self.google_key,
            "anthropic": self.anthropic_key,
        }
        return {vendor: key for vendor, key in keys.items() if key is not None}


@router.get(
    "/initialize",
    summary="Open a session",
    responses=example("application/json", INITIALIZED, "Whether the client is served."),
)
async def initialize(
    client_product: Annotated[str, Query(alias="clientProduct")] = "",
    client_version: Annotated[str, Query(alias="clientVersion")] = "",
) -> dict[str, Any]:
    """Says whether the client is served: any that names its product and version is."""
    is_known = bool(client_product.strip() and client_version.strip())
    return {"success": is_known, "message": READY if is_known else UNSUPPORTED}


@router.get("/engines", summary="List the engines")
async def list_engines() -> dict[str, Any]:
    """Gives every engine, and the recommended one for each kind of model."""
    engines = [{**asdict(each), "supports": list(each.supports)} for each in ENGINES.values()]
    return {"success": True, "engines": engines, "recommendedDefaults": RECOMMENDED}


@router.get(
    "/engines/{engine}/parameters",
    summary="List what an engine takes",
    responses={404: {"description": "There is no such engine."}},
)
async def list_parameters(engine: EngineName, service: ServiceDep) -> dict[str, Any]:
    """Gives the fields of a generate request, for clients that build a form of them."""
    engine_named(engine)
    return {"success": True, "parameters": parameters(service.settings)}


@router.post(
    "/engines/{engine}/generate",
    summary="Write a model",
    response_class=Response,
    responses={
        200: {
            "description": "The model, or `{success: false, message}` with the reason.",
            "content": {
                "application/json": {
                    "examples": {
                        "A model": {"summary": "A model", "value": GENERATED},
                        "A failure": {"summary": "A failure", "value": FAILED},
                    }
                }
            },
        },
        403: {"description": "The header `Authentication` is missing or wrong."},
        404: {"description": "There is no such engine."},
        413: {"description": "The body is too large."},
    },
    openapi_extra=request_body(
        GenerateBody, {"A new model": PROMPT, "A change of a model": REFINEMENT}
    ),
)
async def generate(engine: EngineName, request: Request, service: ServiceDep) -> Response:
    """Writes a model for a sentence, or changes the current one; checks, compiles and keeps it."""
    engine_named(engine)
    try:
        raw = await json_object(request)
    except MalformedBody as error:
        require_authentication(service, request, {})
        return refusal(error)
    require_authentication(service, request, raw)
    try:
        body = read_body(raw)
        current = await run_in_threadpool(read_current, body.current_model)
        parent = await run_in_threadpool(known_parent, body.current_model, service)
        wanted = GenerateRequest(
            prompt=body.prompt,
            route=route_request(body, service),
            current_model=current,
            target=body.target,
            parent=parent,
            max_repairs=DEFAULT_REPAIRS if body.max_repairs is None else body.max_repairs,
        )
        if accepts_events(request):
            return events_of(written(wanted, service))
        generated = await until_closed(request, pipeline.generate(wanted, service.tools))
    except AbmError as error:
        log.info("no model", kind=type(error).__name__)
        return refusal(error)
    if generated is None:
        log.info("the client went away")
        return Response(status_code=204)
    return JSONResponse(await run_in_threadpool(success, generated))


async def written(wanted: GenerateRequest, service: Service) -> AsyncGenerator[dict[str, Any]]:
    """Give the events of a model being written: its progress, then `done` or `failed`."""
    try:
        async with aclosing(pipeline.generating(wanted, service.tools)) as steps:
            async for step in steps:
                if isinstance(step, Generated):
                    yield {"type": "done"} | await run_in_threadpool(success, step)
                else:
                    yield step.model_dump(mode="json")
    except AbmError as error:
        log.info("no model", kind=type(error).__name__)
        yield {"type": "failed"} | refusal_body(error)


def read_body(raw: Mapping[str, Any]) -> GenerateBody:
    """Give the request, in which blank text means "not given".

    Raises InvalidFields, which never holds a key.
    """
    given = {name: value for name, value in raw.items() if not is_blank(value)}
    try:
        return GenerateBody.model_validate({"prompt": None, **given})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise InvalidFields(field_errors(found)) from None


def read_current(raw: Any) -> ModelSpec | None:
    """Give the model that a client sends along, None for a new one; raises SpecRejected."""
    value = _unpacked(raw)
    if is_no_model(value):
        return None
    reading = read_spec(value)
    if reading.spec is None:
        raise SpecRejected(reading.problems)
    return reading.spec


def known_parent(raw: Any, service: Service) -> str | None:
    """Give the id of the current model, where a client sends the whole answer that named it."""
    value = _unpacked(raw)
    info = value.get("supportingInfo") if isinstance(value, dict) else None
    model_id = info.get("modelId") if isinstance(info, dict) else None
    if not isinstance(model_id, str):
        return None
    try:
        return service.tools.models.get(model_id).id
    except AbmError:
        return None


def is_no_model(value: Any) -> bool:
    """Tell whether a value means "no model yet": nothing, or an object of nothing but empties."""
    if isinstance(value, dict):
        return all(each in ([], {}, "", None) for each in value.values())
    return value in (None, False, []) or is_blank(value)


def _unpacked(raw: Any) -> Any:
    """Give the value of JSON text, and everything else as it is."""
    if not isinstance(raw, str):
        return raw
    try:
        return parse_json(raw.encode())
    except MalformedBody:
        return raw


def route_request(body: GenerateBody, service: Service) -> RouteRequest:
    """Give what decides on the language model: the request's keys win over the server's."""
    return RouteRequest(
        underlying_model=body.underlying_model,
        keys={**service.settings.vendor_keys, **body.keys},
        default_model=service.settings.default_model,
        vendors=service.settings.vendors,
    )


def require_authentication(service: Service, request: Request, raw: Mapping[str, Any]) -> None:
    """Raise Forbidden unless the client knows the server's key or pays with its own."""
    key = service.settings.authentication_key
    if key is None or not key.get_secret_value():
        return
    given = request.headers.get("authentication", "").encode("latin-1")
    if hmac.compare_digest(given, key.get_secret_value().encode()):
        return
    if not brings_own_key(service, raw):
        raise Forbidden(UNAUTHORIZED)


def brings_own_key(service: Service, raw: Mapping[str, Any]) -> bool:
    """Tell whether a request holds a key of its own for the vendor of the model that it names."""
    try:
        body = read_body({**raw, "prompt": "any"})
        return route(route_request(body, service)).vendor in body.keys
    except AbmError:
        return False


def success(generated: Generated) -> dict[str, Any]:
    """Give the answer that carries a model."""
    draft, kept = generated.draft, generated.kept
    info = {
        "explanation": clean_markdown(draft.explanation),
        "title": short_title(draft.title),
        "modelId": kept.id,
        "problems": [each.model_dump() for each in generated.problems],
        "verification": verification(generated),
        "provider": draft.provider,
        "usage": used(draft.usage),
        "assumptions": [*generated.route.notices, *draft.assumptions],
        "repairs": draft.repairs,
        "isDraft": bool(errors(generated.problems)),
        "changes": [
            {"kind": each.kind, "path": each.path, "description": each.description}
            for each in draft.changes
        ],
    }
    return {"success": True, "model": generated.spec.wire(), "supportingInfo": info}


def used(usage: Usage) -> dict[str, Any]:
    """Give what language models took and cost, all calls for one request together."""
    return {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "costUsd": usage.cost_usd,
    }


def verification(generated: Generated) -> dict[str, Any]:
    """Give what was proved by reading and compiling, and what runs of the model showed."""
    proved = COMPILED if generated.compiled else COMPILED[:1]
    made = (generated.compiled and generated.compiled.verification) or Verification()
    return made.model_copy(update={"checks": (*proved, *made.checks)}).wire()


def refusal(error: AbmError) -> Response:
    """Give the answer that says why there is no model; status 200, as clients expect."""
    return JSONResponse(refusal_body(error))


def refusal_body(error: AbmError) -> dict[str, Any]:
    """Give the body of the answer that says why there is no model."""
    more: dict[str, Any] = {}
    if isinstance(error, InvalidModel):
        more["problems"] = [each.model_dump() for each in error.problems]
    if isinstance(error, NothingFits):
        more["closest"] = error.closest
    if error.usage:
        more["usage"] = used(error.usage)
    return failure_body(f"Request failed: Error: {sentence(error)}", **more)
