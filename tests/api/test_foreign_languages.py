"""Specifications in languages that are not compiled: valid, kept and returned, never compiled."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from abm_quant.contracts.problems import CODES

BASE = "/api/v1"
FOREIGN: list[dict[str, Any]] = [
    {"codingLanguage": "netlogo"},
    {"codingLanguage": "Julia"},
    {"codingLanguage": "r", "abmLibrary": None},
    {"abmLibrary": {"name": "repast4py"}},
]


def foreign(gallery: Callable[[str], dict[str, Any]], change: dict[str, Any]) -> dict[str, Any]:
    """Give a model whose code is in another language; its names are not Python's either."""
    model = {**gallery("sir-network"), **change}
    group = [dict(each) for each in model["agents"][0]]
    behaviors = [
        {**each, "code": "to go ask turtles [ fd 1 ] end"} for each in group[0]["agentBehaviors"]
    ]
    group[0] = {**group[0], "agentBehaviors": behaviors}
    return {**model, "agents": [group, *model["agents"][1:]]}


@pytest.mark.parametrize("change", FOREIGN)
def test_a_foreign_specification_is_valid_with_a_note(
    client: TestClient, gallery: Callable[[str], dict[str, Any]], change: dict[str, Any]
) -> None:
    answer = client.post(f"{BASE}/validate", json={"model": foreign(gallery, change)})
    assert answer.status_code == 200, answer.text
    assert [each["code"] for each in answer.json()["problems"]] == ["foreign-code"]
    assert CODES["foreign-code"].severity == "note"


@pytest.mark.parametrize("change", FOREIGN)
def test_compiling_and_running_it_is_refused(
    client: TestClient, gallery: Callable[[str], dict[str, Any]], change: dict[str, Any]
) -> None:
    body = {"model": foreign(gallery, change)}
    for route in ("compile", "runs"):
        answer = client.post(f"{BASE}/{route}", json=body)
        assert answer.status_code == 422, answer.text
        assert "unsupported-language" in {each["code"] for each in answer.json()["problems"]}


def test_it_is_kept_and_returned_without_code(
    client: TestClient, gallery: Callable[[str], dict[str, Any]]
) -> None:
    model = foreign(gallery, {"codingLanguage": "netlogo"})
    kept = client.post(f"{BASE}/models", json={"model": model, "title": "Turtles"})
    assert kept.status_code == 201, kept.text
    read = client.get(kept.json()["links"]["self"]).json()
    assert read["model"]["codingLanguage"] == "netlogo"
    assert read["model"]["agents"] == model["agents"]
    assert (read["target"], read["title"]) == (None, "Turtles")
    assert [each["code"] for each in read["problems"]] == ["foreign-code"]
    for link in ("code", "odd", "download"):
        for query in ("", "?target=mesa"):
            answer = client.get(kept.json()["links"][link] + query)
            assert answer.status_code == 422
            assert "unsupported-language" in {each["code"] for each in answer.json()["problems"]}
    run = client.post(f"{BASE}/runs", json={"modelId": kept.json()["id"]})
    assert run.status_code == 422
    listed = client.get(f"{BASE}/models").json()["items"]
    assert kept.json()["id"] in {each["id"] for each in listed}


def test_the_engine_returns_a_foreign_model_that_it_changed(
    client: TestClient, gallery: Callable[[str], dict[str, Any]]
) -> None:
    model = foreign(gallery, {"codingLanguage": "netlogo"})
    body = {"prompt": "set the population to 120", "currentModel": model}
    answer = client.post("/engines/abm-quant/generate", json=body).json()
    assert answer["success"], answer
    assert answer["model"]["codingLanguage"] == "netlogo"
    checks = answer["supportingInfo"]["verification"]["checks"]
    assert [each["name"] for each in checks] == ["format"]
