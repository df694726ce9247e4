"""How routes appear in OpenAPI: the schema of bodies that are read by hand, and of failures."""

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from abm_quant.api.bodies import ProblemDocument
from abm_quant.api.commands import COMMANDS
from abm_quant.contracts.events import Event, RunEvent

DESCRIPTION = """
Turns a sentence into a checked, running agent-based model.

- **Engines**: the routes that existing clients use. Failures are `{success: false, message}`.
- **Models**: keep, compile and download specifications.
- **Runs**: run a model in a sandbox, watch it and read its tracked variables. The WebSocket
  `/api/v1/runs/{id}/stream` sends the events of `/api/v1/runs/{id}/events`, one JSON object each, and
  takes commands: `{"type": "pause"}`, `resume`, `step`, `set`, `speed`, `stop`. Events (RunStarted to
  RunFailed) and commands (Pause to Speed) are among the schemas.

Outside the engines routes every failure is an RFC 9457 problem document. Every answer carries an
`X-Request-Id`, under which the service's log tells more.
"""
TAGS = [
    {"name": "engines", "description": "From a sentence to a model, as existing clients ask."},
    {"name": "models", "description": "Specifications and the code that is made of them."},
    {"name": "gallery", "description": "The built-in example models."},
    {"name": "runs", "description": "Running models and reading what they gave."},
    {"name": "operations", "description": "Is the service alive, ready, and which one is it."},
]
REFERENCE = "#/components/schemas/{model}"
EVENTS: tuple[type[Event], ...] = get_args(get_args(RunEvent)[0])
PROBLEM = "application/problem+json"
MEANINGS = {
    400: "The body is not a JSON object.",
    403: "The request is refused.",
    404: "There is nothing of this name.",
    409: "It is not ready yet.",
    413: "The body is too large.",
    422: "The model or a field of the request is wrong; the answer lists what.",
    429: "Too many runs are under way.",
    500: "The data folder or the installation is broken.",
    503: "This machine cannot confine code, so it runs none.",
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Give the documentation of the failures that a route may answer with."""
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {
        status: {"description": MEANINGS[status], "content": {PROBLEM: {"schema": schema}}}
        for status in sorted({*statuses, 500})
    }


def request_body(model: type[BaseModel], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Give the documentation of a JSON body, with examples by their summary."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{model.__name__}"},
                    "examples": {
                        name: {"summary": name, "value": value} for name, value in examples.items()
                    },
                }
            },
        }
    }


def example(media_type: str, value: Any, description: str) -> dict[int | str, dict[str, Any]]:
    """Give the documentation of a successful answer that is not made from a class."""
    return {200: {"description": description, "content": {media_type: {"example": value}}}}


def _correct(description: dict[str, Any]) -> None:
    """Take out the failure that FastAPI adds to each route with a parameter: ours look otherwise."""
    for operations in description["paths"].values():
        for operation in operations.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        description.get("components", {}).get("schemas", {}).pop(name, None)


def document(app: FastAPI, bodies: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    """Give the OpenAPI description, with the schemas of bodies that are read by hand."""
    if app.openapi_schema is None:
        description = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=TAGS,
        )
        every: tuple[type[BaseModel], ...] = (ProblemDocument, *bodies)
        _, schemas = models_json_schema(
            [(each, "validation") for each in every],
            ref_template=REFERENCE,
        )
        _correct(description)
        components = description.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in (schemas["$defs"] | conversation_schemas()).items():
            components.setdefault(name, schema)
        app.openapi_schema = description
    return app.openapi_schema


def conversation_schemas() -> dict[str, Any]:
    """Give the schemas of the events that watchers hear and of the commands that they may send."""
    every = [(each, "validation") for each in (*EVENTS, *COMMANDS.values())]
    _, found = models_json_schema(every, ref_template=REFERENCE)  # type: ignore[arg-type]
    schemas: dict[str, Any] = found["$defs"]
    for each in EVENTS:
        schema = schemas[each.__name__]
        number = {"type": "integer", "description": "Its number, from 1."}
        schema["properties"] = {"id": number} | schema["properties"]
        schema["required"] = ["id", "type", *schema.get("required", [])]
    for kind, command in COMMANDS.items():
        schemas[command.__name__]["properties"]["type"] = {"const": kind}
    del schemas["Checkpoint"]["properties"]["state"]  # what only a sandbox can read is not sent
    schemas["Checkpoint"]["required"].remove("state")
    return schemas
