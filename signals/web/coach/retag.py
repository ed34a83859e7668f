"""Tagging all history anew, asked for by an admin and done by a worker."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from signals.corrected import judged_by
from signals.store import retag as store
from signals.store.audit import record
from signals.web.access import AdminCaller, ServiceDep, SessionDep
from signals.web.coach.names import label_name
from signals.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/retag")
def page(request: Request, session: SessionDep, service: ServiceDep, caller: AdminCaller) -> Response:
    """How many meetings an earlier model has tagged, how far the work is, and what the last time changed."""
    chore = store.latest(session)
    waiting = len(store.stale(session, judged_by(service.load_tagger(), service.catalogue)))
    rows = [
        (label_name(service.catalogue, label), change)
        for label, change in (chore.result.get("labels", {}) if chore else {}).items()
        if label in service.catalogue.by_id
    ]
    return render(request, "coach/retag.j2", caller, chore=chore, waiting=waiting, rows=rows, parts=store.PARTS)


@router.post("/retag")
def ask(session: SessionDep, caller: AdminCaller) -> Response:
    """Asks for it."""
    store.ask(session, caller.user.id)
    record(session, caller.user, "retag", address=caller.address)
    return RedirectResponse("/retag", status_code=303)
