"""The application in process, on real parts, with its own data folder."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi.testclient import TestClient

from abm_quant.api.app import create_app
from abm_quant.resources import root
from abm_quant.settings import Settings, env_name, load_settings
from pausing import pausing

BASE = "/api/v1"


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """Tests do not see the settings of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for field in Settings.model_fields:
            patch.delenv(env_name(field), raising=False)
        for name in ("AUTHENTICATION_KEY", "GEMINI_API_KEY"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def gallery() -> Callable[[str], dict[str, Any]]:
    """Give the specification of a gallery model by name."""

    def load(name: str) -> dict[str, Any]:
        path = root("schemas") / "examples" / f"{name}.json"
        return json.loads(path.read_text())["model"]

    return load


@pytest.fixture(scope="module")
def serve(
    clean_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., TestClient]]:
    """Give a started application with some settings."""
    with ExitStack() as stack:

        def start(**overrides: Any) -> TestClient:
            overrides.setdefault("data_dir", tmp_path_factory.mktemp("data"))
            overrides.setdefault("verify_budget_s", 0)
            app = create_app(load_settings(**overrides))
            return stack.enter_context(TestClient(app))

        yield start


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def client(serve: Callable[..., TestClient], data_dir: Path) -> TestClient:
    """Give an application with default settings, but that it does not run what it generates."""
    return serve(data_dir=data_dir)


@pytest.fixture(scope="module")
def url(clean_environment: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a service that listens on a real socket."""
    app = create_app(load_settings(data_dir=tmp_path_factory.mktemp("data")))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def network(url: str) -> Iterator[httpx2.Client]:
    """Give a client of a service that listens on a real socket."""
    with httpx2.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def model_id(network: httpx2.Client) -> str:
    """Give a kept model that takes fifty steps a second."""
    return network.post(f"{BASE}/models", json={"model": pausing()}).json()["id"]


@pytest.fixture
def run(network: httpx2.Client, model_id: str) -> Iterator[dict[str, Any]]:
    """Give a run of fifty steps a second that goes on for long."""
    run = network.post(f"{BASE}/runs", json={"modelId": model_id, "seed": 1}).json()
    yield run
    network.delete(run["links"]["self"])
