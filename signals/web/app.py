"""The application factory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import signals
from signals.settings import Settings
from signals.web import admin, api, faults, login, meetings, ops, report
from signals.web.coach import cards, exports, library, overview, queue, retag, search, tasks
from signals.web.compression import Compressed
from signals.web.metrics import Metrics
from signals.web.pages import FOLDER
from signals.web.security import Guard
from signals.web.service import Service
from signals.web.view import Views


def create_app(settings: Settings, service: Service | None = None) -> FastAPI:
    """The service as an ASGI application. `service` is for tests that bring their own engines."""
    service = service or Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.database.check()
        tempfile.tempdir = str(service.upload_folder())  # bodies arrive on the data disk, not on a small /tmp
        yield
        tempfile.tempdir = None
        service.database.close()

    app = FastAPI(
        title="buying-signals",
        version=signals.__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.service = service
    app.state.metrics = Metrics()
    app.state.views = Views(service)
    app.add_middleware(Compressed)
    app.add_middleware(Guard, upload_limit=service.upload_limit, https=settings.https, metrics=app.state.metrics)
    faults.install(app)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    workbench = (
        overview.router,
        queue.router,
        search.router,
        cards.router,
        library.router,
        tasks.router,
        exports.router,
        retag.router,
    )
    for router in (login.router, meetings.router, report.router, admin.router, ops.router, api.router, *workbench):
        app.include_router(router)
    return app
