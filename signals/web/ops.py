"""For those who run the service: is it well, and figures."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text

from signals.domain.errors import RequestError
from signals.web.access import ServiceDep, SessionDep

router = APIRouter(include_in_schema=False)
_HERE = ("127.0.0.1", "::1", "testclient")


@router.get("/healthz")
def health(session: SessionDep, service: ServiceDep) -> Response:
    """200 when database and files can be used. Says nothing else: anybody may ask."""
    session.execute(text("SELECT 1"))
    service.blobs.size("health/none")
    return JSONResponse({"status": "ok"})


@router.get("/metrics")
def metrics(request: Request, service: ServiceDep) -> Response:
    """For Prometheus: with the token that is set, else from this machine only."""
    token = service.settings.metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    here = request.client is not None and request.client.host in _HERE
    if not (hmac.compare_digest(given.encode(), token.encode()) if token else here):
        raise RequestError("not_found", "没有这一页", "请从会谈列表进入")
    return Response(request.app.state.metrics.page(service.database), media_type="text/plain; version=0.0.4")
