"""OpenAPI: every route is described, the examples work, and no generated request crashes us."""

import json

import hypothesis
import jsonschema
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from abm_quant.api.app import create_app
from abm_quant.api.documenting import EVENTS
from abm_quant.api.examples import SPECIFICATION
from abm_quant.settings import load_settings

ROUTES = {
    "GET /api/v1/initialize",
    "GET /api/v1/engines",
    "GET /api/v1/engines/{engine}/parameters",
    "POST /api/v1/engines/{engine}/generate",
    "POST /api/v1/models",
    "GET /api/v1/models",
    "GET /api/v1/models/{id}",
    "GET /api/v1/models/{id}/code",
    "GET /api/v1/models/{id}/odd",
    "GET /api/v1/models/{id}/download",
    "POST /api/v1/validate",
    "POST /api/v1/compile",
    "GET /api/v1/gallery",
    "GET /api/v1/gallery/{name}",
    "POST /api/v1/runs",
    "GET /api/v1/runs",
    "GET /api/v1/runs/{id}",
    "DELETE /api/v1/runs/{id}",
    "GET /api/v1/runs/{id}/results",
    "GET /api/v1/runs/{id}/events",
    "GET /api/v1/health",
    "GET /ready",
    "GET /version",
}


@pytest.fixture(scope="module")
def description(client):
    return client.get("/openapi.json").json()


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_is_described(description):
    found = dict(operations(description))
    assert found.keys() == ROUTES
    for name, operation in found.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name


def test_every_reference_leads_somewhere(description):
    def references(value):
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for each in value.values():
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    schemas = description["components"]["schemas"]
    for reference in references(description):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference


def test_what_a_stream_sends_is_what_the_schemas_say(client, description):
    body = {"model": SPECIFICATION, "seed": 1, "steps": 3, "record": {"framesEvery": 1}}
    run = client.post("/api/v1/runs", json=body, headers={"Prefer": "wait=30"}).json()
    schemas = description["components"]["schemas"]
    named = {
        schema["properties"]["type"]["const"]: name
        for name, schema in schemas.items()
        if "const" in schema.get("properties", {}).get("type", {})
    }
    assert {"pause", "resume", "step", "set", "speed", "stop"} <= named.keys()
    stream = client.get(run["links"]["events"]).text
    told = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")][1:]
    assert {each["type"] for each in told} >= {"run-started", "step-recorded", "frame-recorded"}
    for each in told:
        schema = {"$ref": f"#/components/schemas/{named[each['type']]}"}
        jsonschema.validate(each, schema | {"components": description["components"]})
    described = client.get("/openapi.json").json()["paths"]["/api/v1/runs/{id}/events"]["get"]
    assert all(each.__name__ in described["description"] for each in EVENTS)


def test_the_examples_of_bodies_are_accepted(client, description):
    model_id = None
    for name, operation in operations(description):
        if "requestBody" not in operation:
            continue
        url = name.removeprefix("POST ").replace("{engine}", "abm-quant")
        examples = operation["requestBody"]["content"]["application/json"]["examples"]
        assert examples, name
        for each in examples.values():
            body = dict(each["value"])
            if "modelId" in body:
                body["modelId"] = model_id
            answer = client.post(url, json=body, headers={"Prefer": "wait=30"})
            assert answer.status_code in (200, 201), (name, answer.text)
            assert answer.json().get("success", True) is True, answer.text
            model_id = answer.json().get("id", model_id) if url.endswith("models") else model_id


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory, clean_environment):
    folder = tmp_path_factory.mktemp("schemathesis")
    app = create_app(load_settings(data_dir=folder, limit_wall_s=2, max_active_runs=3))
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_no_request_crashes_the_service(api_schema, route):
    method, path = route.split()
    operation = api_schema[path][method]

    @hypothesis.settings(
        max_examples=25,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy())
    def answer(case):
        case.call_and_validate(
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ]
        )

    answer()
