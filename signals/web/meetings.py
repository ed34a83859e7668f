"""The list of meetings: upload, live progress, cancel, retry, delete."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from signals.domain.errors import RequestError
from signals.domain.file_names import guess
from signals.store import meetings as store
from signals.store.access import find_meeting, may
from signals.store.audit import record
from signals.store.index import follow_details
from signals.store.models import Meeting, Status
from signals.web import uploads
from signals.web.access import Caller, PageCaller, ServiceDep, SessionDep, UploadCaller
from signals.web.described import described
from signals.web.pages import render
from signals.web.service import Service

router = APIRouter(include_in_schema=False)


@router.get("/")
def listing(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    caller: PageCaller,
    q: str = "",
    status: str = "",
    page: int = 1,
) -> Response:
    wanted = Status(status) if status in set(Status) else None
    page = max(1, min(page, 10_000))
    found = store.list_meetings(session, caller.user, search=q, status=wanted, page=page)
    pages = max(1, -(-found.total // 50))
    values: dict[str, Any] = {"found": found, "q": q[:60], "status": status, "page": page, "pages": pages, "may": may}
    return render(request, "list.j2", caller, settings=service.settings, **values)


@router.post("/meetings/guess")
def guesses(_: PageCaller, names: Annotated[list[str], Body(embed=True, max_length=100)]) -> list[dict[str, Any]]:
    """Proposals for the fields of files that were picked, by their names."""
    found = [guess(name[:300]) for name in names]
    return [
        {
            "title": g.title,
            "met_on": g.met_on.isoformat() if g.met_on else "",
            "client": g.client,
            "attendees": g.attendees,
            "speakers": g.speakers or "",
            "manager_channel": "" if g.manager_channel is None else g.manager_channel,
        }
        for g in found
    ]


@router.post("/meetings")
async def upload(request: Request, service: ServiceDep, caller: UploadCaller) -> Response:
    """One file a request: the page sends thirty one after the other, each with its own progress."""
    done = await take_file(request, service, caller)
    return JSONResponse(described(done.meeting) | {"duplicate": done.duplicate}, 200 if done.duplicate else 201)


async def take_file(request: Request, service: Service, caller: Caller) -> uploads.Upload:
    """The file of a multipart form, streamed to disk as it comes."""
    async with request.form(max_files=1, max_fields=10, max_part_size=64 * 1024) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise RequestError("no_file", "没有收到文件", "请选择一个录音或文字稿")
        fields = uploads.fields_of(dict(form))
        return await run_in_threadpool(
            uploads.receive, service, caller.user, file.file, file.filename or "", fields, caller.address
        )


@router.get("/meetings/{id}/row")
def row(request: Request, session: SessionDep, caller: PageCaller, id: str, was: str = "") -> Response:
    """One row of the list; a row at work asks for itself every two seconds. Tells the page when the work has ended."""
    meeting = find_meeting(session, caller.user, id)
    response = render(request, "row.j2", caller, meeting=meeting, may=may)
    if was in ("queued", "running") and meeting.status in (Status.DONE, Status.FAILED):
        event = {"meeting-ended": {"title": meeting.title, "status": meeting.status.value}}
        response.headers["HX-Trigger"] = json.dumps(event)  # ASCII: headers hold no Chinese
    return response


@router.post("/meetings/{id}/cancel")
def cancel(request: Request, session: SessionDep, caller: PageCaller, id: str) -> Response:
    return _act(request, session, caller, id, "cancel", store.request_cancel)


@router.post("/meetings/{id}/retry")
def retry(request: Request, session: SessionDep, caller: PageCaller, id: str) -> Response:
    return _act(request, session, caller, id, "retry", store.prepare_retry)


def _act(
    request: Request, session: SessionDep, caller: Caller, id: str, name: str, act: Callable[[Meeting], None]
) -> Response:
    meeting = find_meeting(session, caller.user, id, "change")
    act(meeting)
    record(session, caller.user, name, meeting, address=caller.address)
    if "hx-request" in request.headers:
        return render(request, "row.j2", caller, meeting=meeting, may=may)
    return RedirectResponse("/", status_code=303)


@router.post("/meetings/{id}/delete")
def delete(request: Request, session: SessionDep, service: ServiceDep, caller: PageCaller, id: str) -> Response:
    remove(session, service, caller, id)
    return Response("") if "hx-request" in request.headers else RedirectResponse("/", status_code=303)


def remove(session: SessionDep, service: Service, caller: Caller, id: str) -> None:
    """Deletes a meeting with everything derived from it."""
    meeting = find_meeting(session, caller.user, id, "delete")
    record(session, caller.user, "delete", meeting, address=caller.address)
    store.delete_meeting(session, meeting, service.blobs)


@router.post("/meetings/{id}/details")
def details(
    session: SessionDep,
    caller: PageCaller,
    id: str,
    title: Annotated[str, Form(max_length=200)],
    client: Annotated[str, Form(max_length=120)] = "",
    met_on: Annotated[str, Form(max_length=10)] = "",
    attendees: Annotated[str, Form(max_length=300)] = "",
    client_kind: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Changes what the user said of the meeting; nothing is analysed again."""
    meeting = find_meeting(session, caller.user, id, "change")
    fields = uploads.fields_of(
        {"title": title, "client": client, "met_on": met_on, "attendees": attendees, "client_kind": client_kind}
    )
    if not fields.title:
        raise RequestError("invalid", "标题不能为空", "请填写标题")
    meeting.title, meeting.client, meeting.met_on, meeting.attendees = (
        fields.title, fields.client, fields.met_on, fields.attendees,
    )  # fmt: skip
    meeting.client_kind = fields.client_kind
    follow_details(session, meeting)
    record(session, caller.user, "change", meeting, detail="details", address=caller.address)
    return RedirectResponse(f"/meetings/{id}", status_code=303)
