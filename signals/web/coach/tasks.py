"""What coaches ask managers to listen to."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from signals.domain.errors import RequestError
from signals.store import library as store
from signals.store.audit import record
from signals.web.access import PageCaller, SessionDep
from signals.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/coach/tasks")
def page(request: Request, session: SessionDep, caller: PageCaller) -> Response:
    """What the caller was asked, and what he asked others."""
    found = store.assignments(session, caller.user)
    clips = {
        c.id: c for a in found for i in a.items if i.clip_id for c in [store.find_clip(session, caller.user, i.clip_id)]
    }
    return render(request, "coach/tasks.j2", caller, found=found, clips=clips)


@router.post("/coach/tasks")
def assign(
    session: SessionDep,
    caller: PageCaller,
    manager: Annotated[int, Form(ge=1, lt=2**31)],
    meeting: Annotated[list[str] | None, Form()] = None,
    clip: Annotated[list[str] | None, Form()] = None,
    note: Annotated[str, Form(max_length=4000)] = "",
    due: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Asks a manager to listen to some meetings or cases."""
    try:
        day = date.fromisoformat(due) if due else None
    except ValueError:
        raise RequestError("invalid", "日期有误", "请按 2026-11-20 的样子填写") from None
    made = store.assign(session, caller.user, manager, meetings=meeting or [], clips=clip or [], note=note, due=day)
    record(session, caller.user, "assign", detail=f"{len(made.items)} items", address=caller.address)
    return RedirectResponse("/coach/tasks", status_code=303)


@router.post("/coach/tasks/items/{id}/heard")
def heard(session: SessionDep, caller: PageCaller, id: int) -> Response:
    """The manager has listened."""
    store.mark_heard(session, caller.user, id)
    return RedirectResponse("/coach/tasks", status_code=303)
