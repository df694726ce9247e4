"""Health, readiness, version, and what they say when something is missing."""

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from abm_quant.api.examples import SPECIFICATION
from abm_quant.contracts.jobs import SandboxReport
from abm_quant.version import __version__


class Refusing:
    """A sandbox on a machine that cannot confine code."""

    report = SandboxReport(level="kernel", available=False, reason="No Landlock. Set ABM_SANDBOX.")

    async def run(self, job, **_):
        raise AssertionError("nothing may run here")
        yield


@pytest.mark.parametrize("url", ["/health", "/api/v1/health", "/health/"])
def test_the_service_is_alive(client, url):
    assert client.get(url).json() == {"status": "ok"}


def test_the_version_is_that_of_the_package(client):
    assert client.get("/version").json() == {
        "name": "abm-quant",
        "version": __version__,
        "python": platform.python_version(),
    }


def test_readiness_names_the_sandbox_and_the_data_folder(client):
    answer = client.get("/ready")
    checks = {each["name"]: each for each in answer.json()["checks"]}
    assert checks.keys() == {"sandbox", "storage"}
    assert answer.status_code == (200 if all(each["ok"] for each in checks.values()) else 503)
    assert checks["storage"]["ok"] is True


def test_without_a_sandbox_the_service_says_so_and_runs_nothing(serve):
    client = serve()
    service = client.app.state.service
    tools = replace(service.tools, sandbox=Refusing())
    client.app.state.service = replace(service, tools=tools)
    service.desk._tools = tools
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "Set ABM_SANDBOX" in str(answer.json()["checks"])
    run = client.post("/api/v1/runs", json={"model": SPECIFICATION, "seed": 1})
    assert run.status_code == 503
    assert run.headers["content-type"] == "application/problem+json"
    assert "No Landlock" in run.json()["detail"]


def test_a_data_folder_that_cannot_be_used_is_not_ready(serve, tmp_path: Path):
    (tmp_path / "file").write_text("")
    client = serve(data_dir=tmp_path / "file" / "data")
    answer = client.get("/ready")
    assert answer.status_code == 503
    checks = {each["name"]: each for each in answer.json()["checks"]}
    assert checks["storage"]["ok"] is False
    assert "ABM_DATA_DIR" in checks["storage"]["detail"]
    kept = client.post("/api/v1/models", json={"model": SPECIFICATION})
    assert kept.status_code == 500
    assert "ABM_DATA_DIR" in kept.json()["detail"]
    generated = client.post("/engines/abm-quant/generate", json={"prompt": "forest fire"})
    assert generated.json()["success"] is False
    assert "ABM_DATA_DIR" in generated.json()["message"]


def test_the_documentation_page_needs_no_network(client):
    page = client.get("/docs").text
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    script = client.get("/docs-files/swagger-ui-bundle.js")
    assert script.status_code == 200
    assert len(script.content) > 100_000
