"""`signals push`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from signals.domain.errors import RequestError

_PAUSE = 3.0


def push(file: Path, server: str, token: str, fields: Mapping[str, str], *, wait: bool) -> None:
    """Uploads one file and prints where its report will be."""
    import httpx

    address = server.rstrip("/")
    with httpx.Client(
        headers={"Authorization": f"Bearer {token}"}, timeout=httpx.Timeout(30.0, write=None, read=300.0)
    ) as http:
        try:
            with file.open("rb") as content:
                sent = {k: v for k, v in fields.items() if v}
                answer = _answer(
                    http.post(f"{address}/api/v1/meetings", data=sent, files={"file": (file.name, content)})
                )
            known = "（这份文件以前上传过）" if answer["duplicate"] else ""
            typer.echo(f"已上传{known}：{address}/meetings/{answer['id']}")
            while wait and answer["status"] in ("queued", "running"):
                time.sleep(_PAUSE)
                answer = _answer(http.get(f"{address}/api/v1/meetings/{answer['id']}"))
        except OSError:
            raise RequestError("unreadable", f"无法读取“{file.name}”", "请检查文件名和权限") from None
        except httpx.HTTPError:
            raise RequestError("no_server", f"连不上 {address}", "请检查网址、网络和服务是否启动") from None
    if wait:
        _tell(answer)


def _tell(answer: Mapping[str, Any]) -> None:
    if answer["status"] != "done":
        error = answer["error"] or {"message": answer["status_name"], "remedy": "请在网页上查看"}
        raise RequestError("not_done", error["message"], error["remedy"])
    typer.echo("分析完成")


def _answer(response: Any) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        body = {}
    if response.status_code >= 400 or "id" not in body:
        error = body.get("error") or {"code": "refused", "message": "服务没有接受", "remedy": "请检查网址和令牌"}
        raise RequestError(error["code"], error["message"], error["remedy"])
    return dict(body)
