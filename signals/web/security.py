"""Headers that every answer carries, limits that every request keeps, and a line in the log for each."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signals.web.metrics import Metrics

log = logging.getLogger("signals.web")
_SMALL = 1 << 20
"""Bytes that a request without a file may have."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def policy(nonce: str) -> str:
    """Nothing from elsewhere, no inline script; style elements only with the page's nonce (wavesurfer.js makes one)."""
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class Guard:
    """ASGI middleware: limits the body, adds the headers, counts and logs (path, status, time; never a query or body)."""

    def __init__(self, app: ASGIApp, *, upload_limit: int, https: bool, metrics: Metrics) -> None:
        self._app, self._limit, self._https, self._metrics = app, upload_limit, https, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), [500]
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        limit = self._limit + _SMALL if _takes_files(scope) else _SMALL

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message["headers"] = [*message["headers"], *self._headers(scope, nonce, message["headers"])]
            await send(message)

        try:
            if _stated_length(scope) > limit:
                await _too_large(answer)
                return
            await self._app(scope, _limited(receive, limit), answer)
        finally:
            seconds = time.monotonic() - began
            route = getattr(scope.get("route"), "path", "-")
            self._metrics.request(scope["method"], route, status[0], seconds)
            log.info(
                "request",
                extra={"method": scope["method"], "route": route, "status": status[0], "ms": round(seconds * 1000)},
            )

    def _headers(self, scope: Scope, nonce: str, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = dict(HEADERS) | {"Content-Security-Policy": policy(nonce)}
        asset = scope["path"].startswith("/static/")
        headers["Cache-Control"] = "no-cache" if asset else "no-store"  # assets: kept, asked for by their ETag
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        there = {name.lower() for name, _ in given}
        return [(k.encode(), v.encode()) for k, v in headers.items() if k.lower().encode() not in there]


class BodyTooLarge(Exception):
    """More came than the request may have."""


def _takes_files(scope: Scope) -> bool:
    return scope["method"] == "POST" and scope["path"] in ("/meetings", "/api/v1/meetings")


def _stated_length(scope: Scope) -> int:
    value: Any = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _limited(receive: Receive, limit: int) -> Receive:
    """Stops a body that is longer than it said, or did not say."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise BodyTooLarge
        return message

    return limited


async def _too_large(send: Send) -> None:
    body = (
        '{"error":{"code":"too_large","message":"文件太大","remedy":"请分成几段上传，或联系管理员提高上限"}}'.encode()
    )
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
