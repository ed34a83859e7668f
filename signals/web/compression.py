"""Compression of what is large and holds no secret."""

from __future__ import annotations

import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_COMPRESSED = re.compile(r"/static/.*|/api/v1/meetings/[^/]+/(?:view|peaks)")
_LEAST = 2048
"""Bytes below which compressing is not worth it."""


class Compressed:
    """ASGI middleware: gzip for assets and for a report's data.

    Never for a page: its CSRF token beside words that a visitor chose could be guessed from the length (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain, self._gzip = app, GZipMiddleware(app, minimum_size=_LEAST, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fits = scope["type"] == "http" and _COMPRESSED.fullmatch(scope["path"]) is not None
        await (self._gzip if fits else self._plain)(scope, receive, send)
