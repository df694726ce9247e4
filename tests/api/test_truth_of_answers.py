"""What the description promises is what is sent, and what the routing says is passed on."""

from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from abm_quant.api.app import create_app
from abm_quant.api.dependencies import make_tools
from abm_quant.authoring.offline.author import OfflineAuthor
from abm_quant.llm.catalogue import MODELS
from abm_quant.settings import load_settings


def test_no_failure_is_described_in_a_form_that_is_never_sent(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert "HTTPValidationError" not in str(description)
    assert "ValidationError" not in description["components"]["schemas"]
    fields = description["paths"]["/api/v1/models"]["get"]["responses"]["422"]["content"]
    assert list(fields) == ["application/problem+json"]


def test_a_replaced_model_is_told_to_the_client(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    tools = replace(make_tools(settings), author=lambda way: OfflineAuthor())
    retired = next(
        each for each in MODELS.values() if each.vendor == "openai" and each.replaced_by is not None
    )
    with TestClient(create_app(settings, tools)) as client:
        body = {"prompt": "sir epidemic", "underlyingModel": retired.id, "openAIKey": "any"}
        answer = client.post("/engines/abm-quant/generate", json=body).json()
    assert answer["success"], answer
    told = [each for each in answer["supportingInfo"]["assumptions"] if retired.id in each]
    assert told and str(retired.replaced_by) in told[0]
