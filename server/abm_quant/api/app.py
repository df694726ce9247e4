"""The HTTP door: `create_app(settings)` gives the application that uvicorn serves."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline

from abm_quant.api.bodies import ModelBody, RunBody
from abm_quant.api.dependencies import lifespan
from abm_quant.api.documenting import DESCRIPTION, document
from abm_quant.api.middleware import BodyLimit, Surroundings
from abm_quant.api.problems import add_handlers
from abm_quant.api.routes import engines, gallery, models, operations, runs, watching
from abm_quant.api.routes.engines import GenerateBody
from abm_quant.pipeline import Tools
from abm_quant.settings import Settings
from abm_quant.version import __version__

PREFIX = "/api/v1"


def create_app(settings: Settings, tools: Tools | None = None) -> FastAPI:
    """Give the application; its tools are made from the settings where none are given."""
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="ABM Quant",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        static_url="/docs-files",
    )
    app.state.settings, app.state.tools = settings, tools
    add_handlers(app)
    _add_routes(app)
    app.add_middleware(BodyLimit, max_bytes=int(settings.max_body_mb * 2**20))
    app.add_middleware(Surroundings)
    _describe(app)
    return app


def _add_routes(app: FastAPI) -> None:
    """Serve ours under the prefix, and what clients also ask without it at both places."""
    base = APIRouter()
    for part in (engines, models, gallery, runs, watching):
        base.include_router(part.router)
    base.include_router(operations.health_router)
    app.include_router(base, prefix=PREFIX)
    app.include_router(engines.router, include_in_schema=False)
    app.include_router(operations.health_router, include_in_schema=False)
    app.include_router(operations.router)


def _describe(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        return document(app, (GenerateBody, ModelBody, RunBody))

    app.openapi = openapi  # type: ignore[method-assign]
