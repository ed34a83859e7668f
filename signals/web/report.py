"""The report page: a frame that the page's own scripts fill from /api/v1."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from signals.store import cards
from signals.store.access import find_meeting, may
from signals.store.audit import record
from signals.store.models import Status
from signals.web.access import PageCaller, SessionDep
from signals.web.downloads import Format
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
DOWNLOADS = (
    (Format.DOCX.value, "Word", "存档用的完整报告"),
    (Format.XLSX.value, "Excel", "信号、时机、逐句记录各一张表"),
    (Format.HTML.value, "网页", "单个文件，可离线打开"),
    (Format.MD.value, "Markdown", "纯文字报告"),
    (Format.SRT.value, "SRT", "字幕"),
    (Format.JSON.value, "JSON", "全部数据，供程序使用"),
)


@router.get("/meetings/{id}")
def page(request: Request, session: SessionDep, caller: PageCaller, id: str) -> Response:
    """The page of one meeting; one that is not done yet is in the list, with how far it is."""
    meeting = find_meeting(session, caller.user, id)
    if meeting.status is not Status.DONE:
        return RedirectResponse("/", status_code=303)
    record(session, caller.user, "view", meeting, address=caller.address)
    scored = cards.may_read(session, caller.user, meeting)
    return render(request, "report.j2", caller, meeting=meeting, downloads=DOWNLOADS, may=may, scored=scored)
