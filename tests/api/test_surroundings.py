"""What every answer has: CORS, a request id, a body limit, and never a stack trace."""

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from abm_quant.api.app import create_app
from abm_quant.settings import load_settings

GENERATE = "/api/v1/engines/abm-quant/generate"


@pytest.mark.parametrize(
    "url", ["/health", "/api/v1/engines", "/nowhere", "/api/v1/models/x", "/openapi.json", "/docs"]
)
def test_every_answer_may_be_read_by_any_page(client, url):
    answer = client.get(url)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("url", [GENERATE, "/engines/abm-quant/generate/", "/api/v1/runs", "/any"])
def test_a_preflight_allows_what_is_asked(client, url):
    headers = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authentication,content-type,x-odd",
    }
    answer = client.options(url, headers=headers)
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "authentication,content-type,x-odd"
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_a_sane_request_id_comes_back_and_another_is_replaced(client):
    assert (
        client.get("/health", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    )
    for odd in ("x" * 65, "a b", "<script>"):
        given = client.get("/health", headers={"X-Request-Id": odd}).headers["x-request-id"]
        assert given != odd
        assert len(given) == 16


def test_problem_documents_name_the_request(client):
    answer = client.get("/nowhere", headers={"X-Request-Id": "r-7"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["requestId"] == "r-7"
    assert document["status"] == 404
    assert document["instance"] == "/nowhere"


def test_a_wrong_method_is_a_problem_and_says_what_is_allowed(client):
    answer = client.put("/api/v1/models")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "allow" in answer.headers


@pytest.mark.parametrize("path", [GENERATE, "/api/v1/models", "/api/v1/compile", "/api/v1/runs"])
def test_a_body_of_51_mb_is_too_large(client, path):
    answer = client.post(path, content=b" " * (51 * 2**20))
    assert answer.status_code == 413
    message = answer.json()["message" if "engines" in path else "detail"]
    assert "larger than 50 MiB" in message


@pytest.mark.parametrize("path", [GENERATE, "/api/v1/models"])
def test_a_body_that_hides_its_size_is_too_large_as_well(serve, path):
    small = serve(max_body_mb=0.01)

    def chunks():
        for _ in range(40):
            yield b" " * 1000

    answer = small.post(path, content=chunks())
    assert answer.status_code == 413


def test_a_body_just_below_the_limit_is_read(serve):
    small = serve(max_body_mb=0.01)
    body = b'{"prompt": "' + b"x" * 9000 + b'"}'
    assert small.post(GENERATE, content=body).status_code == 200


class _Broken:
    """Tools whose every part fails in a way that nobody foresaw."""

    def __getattr__(self, name: str):
        raise RuntimeError("secret detail")


@pytest.mark.parametrize("path", [GENERATE, "/api/v1/models"])
def test_a_crash_is_a_short_answer_without_details(tmp_path, path, gallery):
    app = create_app(load_settings(data_dir=tmp_path))
    with TestClient(app, raise_server_exceptions=False) as crashing, capture_logs() as logs:
        service = app.state.service
        app.state.service = type(service)(
            settings=service.settings, tools=_Broken(), desk=service.desk
        )
        body = {"prompt": "forest fire", "model": gallery("boltzmann-wealth")}
        answer = crashing.post(path, json=body)
        app.state.service = service
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-request-id"] in answer.text
    assert any(each["event"] == "request crashed" for each in logs)


def test_keys_are_never_logged(serve, capsys):
    guarded = serve(authentication_key="door-secret", openai_key="sk-server")
    with capture_logs() as logs:
        guarded.post(
            GENERATE,
            json={"prompt": "x", "openAIKey": "sk-client", "underlyingModel": "gpt-5"},
            headers={"Authentication": "door-secret"},
        )
        guarded.post(GENERATE, content=b'{"openAIKey": "sk-client"')
    text = repr(logs) + "".join(capsys.readouterr())
    assert logs
    for secret in ("door-secret", "sk-server", "sk-client"):
        assert secret not in text


def test_each_request_is_one_log_line_with_its_id(client):
    with capture_logs(processors=[]) as logs:
        client.get("/health/")
    lines = [each for each in logs if each["event"] == "request"]
    assert [(each["method"], each["path"], each["status"]) for each in lines] == [
        ("GET", "/health", 200)
    ]
