"""Errors as a page for people and as JSON for programs, always with what to do."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from signals.domain.errors import RequestError, SignalsError, StoreError
from signals.web.access import LoginNeeded, PasswordChangeNeeded
from signals.web.pages import render
from signals.web.security import BodyTooLarge

log = logging.getLogger("signals.web")
_STATUS = {
    "not_found": 404, "forbidden": 403, "forged": 403, "throttled": 429, "unauthenticated": 401, "too_large": 413,
    "unreachable": 503, "schema": 503, "disk_full": 507, "no_report": 409, "not_running": 409, "not_failed": 409,
    "nothing_to_undo": 409, "taken": 409, "last_admin": 409, "internal": 500, "invalid": 422, "bad_range": 416,
}  # fmt: skip
_HTTP = {404: "not_found", 405: "not_found", 413: "too_large"}


def answer(request: Request, error: SignalsError) -> Response:
    """The error in the form that the asker reads."""
    status = _STATUS.get(error.code, 400)
    if wants_json(request):
        body = {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return JSONResponse(body, status_code=status, headers=headers)
    return render(request, "error.j2", status_code=status, error=error)


def wants_json(request: Request) -> bool:
    """Programs and the pages' scripts."""
    return (
        request.url.path.startswith(("/api/", "/meetings/guess"))
        or _is_upload(request)
        or "application/json" in request.headers.get("accept", "")
    )


def _is_upload(request: Request) -> bool:
    return request.method == "POST" and request.url.path == "/meetings"


def install(app: FastAPI) -> None:
    """Handlers for everything that a route may raise."""

    @app.exception_handler(SignalsError)
    def known(request: Request, error: SignalsError) -> Response:
        return answer(request, error)

    @app.exception_handler(LoginNeeded)
    def login(request: Request, _: LoginNeeded) -> Response:
        if wants_json(request) or "hx-request" in request.headers:
            error = RequestError("unauthenticated", "登录已过期", "请重新登录")
            response = answer(request, error)
            response.headers["HX-Redirect"] = "/login"
            return response
        there = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/login?next={quote(there)}", status_code=303)

    @app.exception_handler(PasswordChangeNeeded)
    def password(_: Request, __: PasswordChangeNeeded) -> Response:
        return RedirectResponse("/password", status_code=303)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        fields = "、".join(str(e["loc"][-1]) for e in error.errors()[:5])
        return answer(request, RequestError("invalid", f"填写有误：{fields}", "请检查后重试"))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        code = _HTTP.get(error.status_code, "bad_request")
        message = "没有这一页" if code == "not_found" else "请求有误"
        return answer(request, RequestError(code, message, "请从会谈列表进入"))

    @app.exception_handler(BodyTooLarge)
    def large(request: Request, _: BodyTooLarge) -> Response:
        return answer(request, RequestError("too_large", "文件太大", "请分成几段上传，或联系管理员提高上限"))

    @app.exception_handler(DBAPIError)
    def database(request: Request, error: DBAPIError) -> Response:
        log.error("database", extra={"kind": type(error.orig).__name__})
        return answer(
            request, StoreError("unreachable", "数据库暂时连不上", "请稍等一分钟后刷新；仍然不行请联系管理员")
        )

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> Response:
        log.error("fault", extra={"kind": type(error).__name__}, exc_info=_without_values(error))
        return answer(request, RequestError("internal", "程序内部错误，很抱歉", "请重试；反复出现请把时间告诉管理员"))


def _without_values(error: Exception) -> Exception:
    """The trace tells the place; the message might quote what was said, so it is left out."""
    bare = RuntimeError(type(error).__name__)
    return bare.with_traceback(error.__traceback__)
