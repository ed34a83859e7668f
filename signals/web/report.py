"""The report page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from signals.report import AudioSource, HtmlReport, asset
from signals.store.access import find_meeting, may
from signals.store.audit import record
from signals.store.models import MeetingKind, Status
from signals.web.access import PageCaller, ServiceDep, SessionDep
from signals.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/meetings/{id}")
def page(request: Request, session: SessionDep, service: ServiceDep, caller: PageCaller, id: str) -> Response:
    meeting = find_meeting(session, caller.user, id)
    if meeting.status is not Status.DONE:
        return RedirectResponse("/", status_code=303)
    view = request.app.state.views.corrected(session, meeting)
    record(session, caller.user, "view", meeting, address=caller.address)
    audio = AudioSource(f"/api/v1/meetings/{id}/audio") if meeting.kind is MeetingKind.RECORDING else None
    body = HtmlReport(service.catalogue, audio).body(view.report)
    return render(request, "report.j2", caller, meeting=meeting, body=Markup(body), may=may)  # noqa: S704 escaped there


@router.get("/assets/report.css")
def style() -> Response:
    return Response(asset("report.css"), media_type="text/css; charset=utf-8")


@router.get("/assets/report.js")
def script() -> Response:
    return Response(asset("report.js"), media_type="text/javascript; charset=utf-8")
