"""Keys in odd places: they come back in no answer, no log line and no file."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from abm_quant.llm.secrets import HIDDEN, without_keys

BASE = "/api/v1"
KEYS = [
    "sk-proj-abcdefghijklmnopqrstuvwx0123",
    "sk-ant-api03-abcdefghijkl_mnopqrstuv-0123",
    "AIzaSyA0123456789abcdefghijklmnopqrstu",
]


@pytest.mark.parametrize("key", KEYS)
def test_keys_in_odd_places_are_not_repeated(
    client: TestClient, data_dir: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    generate = "/engines/abm-quant/generate"
    answers = [
        client.post(generate, json={"prompt": "sir epidemic", "underlyingModel": key}),
        client.post(generate, json={"prompt": "sir epidemic", "underlyingModel": {key: key}}),
        client.post(generate, json={"prompt": "sir epidemic", "target": key}),
        client.post(f"/engines/{key}/generate", json={"prompt": "sir"}),
        client.post(f"{BASE}/runs", json={key: 1, "modelId": key}),
        client.post(f"{BASE}/compile", json={"model": {"agents": [], key: 1}, "target": key}),
        client.get(f"{BASE}/gallery/{key}"),
        client.get(f"/{key}"),
        client.put(f"/engines?openAIKey={key}"),
        client.get("/health", headers={"X-Request-Id": key}),
    ]
    for answer in answers:
        assert key not in answer.text
        assert key not in json.dumps(dict(answer.headers))
    assert HIDDEN in answers[0].text
    captured = capsys.readouterr()
    assert '"path": ' in captured.err  # the requests were logged
    assert key not in captured.err + captured.out


def test_a_key_in_a_prompt_is_not_kept(client: TestClient, data_dir: Path) -> None:
    prompt = f"an SIR epidemic on a network of 77 people; key {KEYS[0]}"
    body = {"prompt": prompt, "openAIKey": KEYS[0], "underlyingModel": "offline"}
    answer = client.post("/engines/abm-quant/generate", json=body).json()
    assert answer["success"], answer
    kept = client.get(f"{BASE}/models/{answer['supportingInfo']['modelId']}").json()
    assert kept["origin"]["prompt"] == prompt.replace(KEYS[0], HIDDEN)
    files = [each for each in data_dir.rglob("*") if each.is_file()]
    assert files
    assert not [each for each in files if KEYS[0].encode() in each.read_bytes()]


def test_words_that_only_begin_like_a_key_stay() -> None:
    text = "task-oriented agents, sk-learn, AIza, risk-averse-investors-and-lenders"
    assert without_keys(text) == text
