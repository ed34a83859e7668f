"""Rendering of templates, and what all of them know."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import signals
from signals.domain.coaching import ClientKind
from signals.report import wording
from signals.store.models import Level, MeetingKind, Status, UserRole
from signals.web.access import Caller

FOLDER = Path(__file__).parent
STATUS = {
    Status.QUEUED: "等待分析",
    Status.RUNNING: "正在分析",
    Status.DONE: "已完成",
    Status.FAILED: "失败",
    Status.CANCELLED: "已取消",
}
ROLE = {
    UserRole.MANAGER: "客户经理",
    UserRole.COACH: "教练",
    UserRole.BRANCH_HEAD: "机构负责人",
    UserRole.ADMIN: "管理员",
}
LEVEL = {Level.HEAD_OFFICE: "总行", Level.BRANCH: "分行", Level.SUB_BRANCH: "支行", Level.TEAM: "团队"}
STAGE = wording.STAGE | {
    "hear": "读取录音",
    "wording": "校正用词和数字",
    "understand": "识别信号",
    "publish": "准备播放",
    "": "准备",
}
CLIENT_KIND = {
    ClientKind.STATE: "国有",
    ClientKind.PRIVATE: "民营",
    ClientKind.FOREIGN: "外资",
    ClientKind.PUBLIC: "事业单位、机关",
}
VERDICT = {v.value: name for v, name in wording.VERDICT.items()}


COACH_PAGES = (
    ("/coach", "总览"),
    ("/coach/queue", "待听队列"),
    ("/coach/meetings", "会谈"),
    ("/coach/search", "搜索"),
    ("/coach/cards", "评分"),
    ("/coach/library", "案例库"),
    ("/coach/tasks", "任务"),
)


def indent_of(path: str) -> str:
    """How deep a unit lies, by its path."""
    return "　" * (path.count("/") - 2)


def left(seconds: float | None) -> str:
    """Time left as people say it; nothing is promised before it is known."""
    if seconds is None:
        return "正在估算剩余时间"
    return f"约剩 {wording.length(max(1.0, round(seconds)))}"


def local(moment: datetime | None) -> str:
    """A moment in the zone of the server."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        indent_of=indent_of,
        left=left,
        local=local,
        lasting=wording.length,
        clock=wording.clock,
        percent=wording.percent,
    )
    environment.globals.update(
        STATUS=STATUS, ROLE=ROLE, LEVEL=LEVEL, STAGE=STAGE, VERDICT=VERDICT, CLIENT_KIND=CLIENT_KIND,
        COACH_PAGES=COACH_PAGES, Status=Status, UserRole=UserRole,
        MeetingKind=MeetingKind, version=signals.__version__, notices=wording.NOTICES, enumerate=enumerate,
    )  # fmt: skip
    return environment


_templates = Jinja2Templates(env=_environment())


def render(
    request: Request, name: str, caller: Caller | None = None, *, status_code: int = 200, **values: Any
) -> HTMLResponse:
    """A page. `caller` is who reads it; None before the login."""
    values |= {"caller": caller, "nonce": request.state.nonce}
    return _templates.TemplateResponse(request, name, values, status_code=status_code)
