"""/api/v1: the same actions as the pages, as JSON, for programs with a token and for the pages' own scripts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from signals.domain.coaching import ClientKind
from signals.domain.corrections import Change
from signals.domain.errors import RequestError
from signals.store import meetings as store
from signals.store.access import find_meeting
from signals.store.audit import record
from signals.store.index import follow_details
from signals.store.meetings import peaks_key, sound_key
from signals.store.models import Status
from signals.web import downloads, ranges, uploads
from signals.web.access import ApiCaller, Caller, ServiceDep, SessionDep, UploadCaller
from signals.web.described import described
from signals.web.meetings import remove, take_file

_ERRORS: dict[int | str, dict[str, Any]] = {}


class Fault(BaseModel):
    """What went wrong, in Chinese for people, by `code` for programs."""

    code: str
    message: str
    remedy: str


class FaultAnswer(BaseModel):
    """Every answer from 400 on."""

    error: Fault


class MeetingAnswer(BaseModel):
    """A meeting and how far the work on it is. Seconds; `progress` 0..1."""

    id: str
    title: str
    client: str
    client_kind: str | None
    met_on: str | None
    attendees: str
    speakers: int | None
    manager_channel: int | None
    kind: str
    file_name: str
    sha256: str
    size: int
    duration: float | None
    owner: str
    unit: str
    created_at: str
    status: str
    status_name: str
    stage: str
    stage_name: str
    progress: float
    seconds_left: float | None
    error: Fault | None


class UploadAnswer(MeetingAnswer):
    """`duplicate`: the same file had been uploaded before; this is that meeting."""

    duplicate: bool


class ListAnswer(BaseModel):
    """One page of the list, newest first."""

    meetings: list[MeetingAnswer]
    total: int
    page: int


class Details(BaseModel):
    """What the user says of a meeting; fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    client: Annotated[str, Field(max_length=120)] | None = None
    met_on: str | None = None
    attendees: Annotated[str, Field(max_length=300)] | None = None
    client_kind: ClientKind | Literal[""] | None = None


class Undo(BaseModel):
    """Which correction to take back; None the latest."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


for _status in (400, 401, 403, 404, 409, 422):
    _ERRORS[_status] = {"model": FaultAnswer}
router = APIRouter(prefix="/api/v1", responses=_ERRORS)


@router.get("/me", tags=["account"])
def me(caller: ApiCaller) -> dict[str, str]:
    """Who the token belongs to."""
    user = caller.user
    return {"username": user.username, "name": user.name, "role": user.role.value, "unit": user.unit.name}


@router.get("/meetings", tags=["meetings"])
def listing(
    session: SessionDep,
    caller: ApiCaller,
    search: Annotated[str, Query(max_length=60)] = "",
    status: Status | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ListAnswer:
    """The meetings that the caller may see."""
    found = store.list_meetings(session, caller.user, search=search, status=status, page=page)
    meetings = [MeetingAnswer(**described(m)) for m in found.meetings]
    return ListAnswer(meetings=meetings, total=found.total, page=page)


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "title": {"type": "string", "maxLength": 200},
                        "client": {"type": "string", "maxLength": 120},
                        "met_on": {"type": "string", "format": "date"},
                        "attendees": {"type": "string", "maxLength": 300},
                        "speakers": {"type": "string", "pattern": "^([1-9]|1[0-9]|20)?$"},
                        "manager_channel": {"type": "string", "enum": ["", "0", "1"]},
                        "client_kind": {"type": "string", "enum": ["", *ClientKind]},
                    },
                }
            }
        },
    }
}


@router.post(
    "/meetings",
    tags=["meetings"],
    status_code=201,
    openapi_extra=_FORM,
    responses={200: {"model": UploadAnswer}, 413: {"model": FaultAnswer}, 507: {"model": FaultAnswer}},
)
async def upload(request: Request, response: Response, service: ServiceDep, caller: UploadCaller) -> UploadAnswer:
    """Uploads one recording or transcript. 201 when it waits for analysis, 200 when the same file was there already."""
    done = await take_file(request, service, caller)
    if done.duplicate:
        response.status_code = 200
    return UploadAnswer(**described(done.meeting), duplicate=done.duplicate)


@router.get("/meetings/{id}", tags=["meetings"])
def meeting(session: SessionDep, caller: ApiCaller, id: str) -> MeetingAnswer:
    """One meeting."""
    return MeetingAnswer(**described(find_meeting(session, caller.user, id)))


@router.patch("/meetings/{id}", tags=["meetings"])
def change(session: SessionDep, caller: ApiCaller, id: str, details: Details) -> MeetingAnswer:
    """Changes title, client, date or attendees; nothing is analysed again."""
    found = find_meeting(session, caller.user, id, "change")
    given = details.model_dump(exclude_none=True)
    fields = uploads.fields_of(given)
    for name in given:
        value = getattr(fields, name)
        if name == "title" and not value:
            raise RequestError("invalid", "标题不能为空", "请填写标题")
        setattr(found, name, value)
    follow_details(session, found)
    record(session, caller.user, "change", found, detail="details", address=caller.address)
    return MeetingAnswer(**described(found))


@router.delete("/meetings/{id}", tags=["meetings"], status_code=204)
def delete(session: SessionDep, service: ServiceDep, caller: ApiCaller, id: str) -> None:
    """Deletes a meeting with everything derived from it."""
    remove(session, service, caller, id)


@router.post("/meetings/{id}/cancel", tags=["meetings"])
def cancel(session: SessionDep, caller: ApiCaller, id: str) -> MeetingAnswer:
    """Stops the work; stages that are done are kept."""
    return _acted(session, caller, id, "cancel")


@router.post("/meetings/{id}/retry", tags=["meetings"])
def retry(session: SessionDep, caller: ApiCaller, id: str) -> MeetingAnswer:
    """Goes on with a failed or cancelled meeting at the stage that failed."""
    return _acted(session, caller, id, "retry")


def _acted(session: SessionDep, caller: Caller, id: str, action: str) -> MeetingAnswer:
    found = find_meeting(session, caller.user, id, "change")
    (store.request_cancel if action == "cancel" else store.prepare_retry)(found)
    record(session, caller.user, action, found, address=caller.address)
    return MeetingAnswer(**described(found))


@router.get("/meetings/{id}/view", tags=["report"])
def view(request: Request, session: SessionDep, caller: ApiCaller, id: str) -> dict[str, Any]:
    """The effective view: the machine's report with the corrections on it (docs/service.md)."""
    return dict(request.app.state.views.document(session, find_meeting(session, caller.user, id), caller))


@router.post("/meetings/{id}/corrections", tags=["report"], status_code=201)
def add_correction(
    request: Request, session: SessionDep, caller: ApiCaller, id: str, change: Annotated[Change, Body()]
) -> dict[str, Any]:
    """Corrects the report. Answers with the new view; its last correction is this one."""
    found = find_meeting(session, caller.user, id, "correct")
    request.app.state.views.add(session, found, caller, change)
    return dict(request.app.state.views.document(session, found, caller))


@router.post("/meetings/{id}/corrections/undo", tags=["report"])
def undo(
    request: Request, session: SessionDep, caller: ApiCaller, id: str, which: Annotated[Undo, Body()]
) -> dict[str, Any]:
    """Takes back a correction. Answers with the new view."""
    found = find_meeting(session, caller.user, id, "correct")
    request.app.state.views.undo(session, found, caller, which.id)
    return dict(request.app.state.views.document(session, found, caller))


@router.get(
    "/meetings/{id}/report.{format}",
    tags=["report"],
    response_class=Response,
    responses={200: {"content": {t: {} for t in downloads.TYPES.values()}}},
)
def download(
    request: Request, session: SessionDep, service: ServiceDep, caller: ApiCaller, id: str, format: downloads.Format
) -> Response:
    """The report as Word, Excel, Markdown, JSON, SRT or a web page, corrections included."""
    found = find_meeting(session, caller.user, id, "export")
    report = request.app.state.views.corrected(session, found).report
    record(session, caller.user, "export", found, detail=format.value, address=caller.address)
    return downloads.answer(service, report, found.title, format)


@router.get(
    "/meetings/{id}/audio",
    tags=["report"],
    response_class=Response,
    responses={200: {"content": {"audio/mpeg": {}}}, 206: {"content": {"audio/mpeg": {}}}, 416: {"model": FaultAnswer}},
)
def audio(request: Request, session: SessionDep, service: ServiceDep, caller: ApiCaller, id: str) -> Response:
    """The sound as mono MP3; ranges are answered."""
    found = find_meeting(session, caller.user, id, "play")
    if request.headers.get("range", "bytes=0-").startswith("bytes=0-"):
        record(session, caller.user, "play", found, address=caller.address)
    return ranges.send(request, service.blobs, sound_key(found.id), "audio/mpeg")


@router.get("/meetings/{id}/peaks", tags=["report"], response_class=Response)
def peaks(request: Request, session: SessionDep, service: ServiceDep, caller: ApiCaller, id: str) -> Response:
    """The waveform's outline: {"duration": seconds, "per_second": 10, "peaks": [0..1, …]}."""
    found = find_meeting(session, caller.user, id, "play")
    return ranges.send(request, service.blobs, peaks_key(found.id), "application/json")
