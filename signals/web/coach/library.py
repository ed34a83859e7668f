"""The case library: moments worth hearing again, with their sound."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from signals.api import stretch
from signals.domain.errors import RequestError
from signals.jobs.process import safe_name
from signals.store import library as store
from signals.store.access import find_meeting
from signals.store.audit import record
from signals.store.cards import COACHES
from signals.store.meetings import sound_key
from signals.store.models import MeetingKind
from signals.web.access import PageCaller, ServiceDep, SessionDep
from signals.web.coach.scope import choices
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
_LEAD_IN = 5.0


@router.get("/coach/library")
def page(request: Request, session: SessionDep, caller: PageCaller, q: str = "", page: int = 1) -> Response:
    """Cases, the latest first."""
    page = max(1, min(page, 10_000))
    found, more = store.clips(session, caller.user, text=q[:60], page=page)
    return render(
        request,
        "coach/library.j2",
        caller,
        found=found,
        more=more,
        page=page,
        q=q[:60],
        offered=choices(session, caller.user),
        may_assign=caller.user.role in COACHES,
    )


@router.post("/coach/clips")
def add(
    session: SessionDep,
    caller: PageCaller,
    meeting: Annotated[str, Form(max_length=32)],
    start: Annotated[float, Form(ge=0, allow_inf_nan=False)],
    end: Annotated[float, Form(ge=0, allow_inf_nan=False)],
    title: Annotated[str, Form(max_length=400)],
    note: Annotated[str, Form(max_length=4000)] = "",
    tags: Annotated[str, Form(max_length=400)] = "",
    words: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Keeps a moment as a case."""
    found = find_meeting(session, caller.user, meeting, "play")
    new = store.NewClip(start=start, end=end, title=title, note=note, tags=tags, quote=words)
    store.add_clip(session, caller.user, found, new)
    record(session, caller.user, "clip", found, address=caller.address)
    return Response(status_code=204)


@router.post("/coach/clips/{id}/delete")
def delete(session: SessionDep, caller: PageCaller, id: str) -> Response:
    """Takes a case out of the library."""
    clip = store.find_clip(session, caller.user, id)
    record(session, caller.user, "unclip", clip.meeting, address=caller.address)
    store.delete_clip(session, caller.user, clip)
    return RedirectResponse("/coach/library", status_code=303)


@router.get("/coach/clips/{id}/audio")
def audio(session: SessionDep, service: ServiceDep, caller: PageCaller, id: str, download: str = "") -> Response:
    """The sound of a case alone, with five seconds of lead-in: also for a manager who was asked to listen to it."""
    clip = store.find_clip(session, caller.user, id)
    key = sound_key(clip.meeting_id)
    size = service.blobs.size(key)
    if clip.meeting.kind is not MeetingKind.RECORDING or size is None:
        raise RequestError("not_found", "这个案例没有声音", "文字稿的案例只有原话")
    first, last = stretch(clip.start - _LEAD_IN, clip.end + 1.0)
    sound = b"".join(service.blobs.read(key, min(first, size), min(last, size)))
    record(session, caller.user, "export" if download else "play", clip.meeting, detail="clip", address=caller.address)
    headers = {"Cache-Control": "private, max-age=3600"}
    if download:
        name = quote(f"{safe_name(clip.title)}.mp3")
        headers["Content-Disposition"] = f"attachment; filename=\"clip.mp3\"; filename*=UTF-8''{name}"
    return Response(sound, media_type="audio/mpeg", headers=headers)
