"""Answers with a file or the part of it that a player asks for (RFC 9110, single ranges)."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from signals.domain.errors import RequestError
from signals.store.blobs import BlobStore

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def send(request: Request, blobs: BlobStore, key: str, media_type: str) -> Response:
    """200 with all of it, 206 with the part asked for. Raises `RequestError` for a part that is not there."""
    size = blobs.size(key)
    if size is None:
        raise RequestError("not_found", "没有可以播放的声音", "请稍后再试；仍然没有请重试分析")
    wanted = asked(request.headers.get("range", ""), size)
    start, end = wanted or (0, size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start), "Cache-Control": "private, max-age=3600"}
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(
        blobs.read(key, start, end), status_code=206 if wanted else 200, media_type=media_type, headers=headers
    )


def asked(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None when all is wanted or the header is of a kind we don't know."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or (not found[1] and not found[2]) or len(header) > 60:
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
    if start >= end or start >= size:
        raise RequestError("bad_range", "请求的位置超出了文件", "请刷新页面后重新播放")
    return start, end
