"""Scorecards: the machine proposes with evidence, the coach overrides with a reason, the manager answers."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from signals.api import deck_rubric, propose_scores
from signals.domain.coaching import RubricTemplate
from signals.domain.errors import RequestError
from signals.store import cards as store
from signals.store.access import find_meeting, may
from signals.store.audit import record
from signals.store.models import MeetingKind, UserRole
from signals.store.queue import comments
from signals.store.review_models import CardStatus, Scorecard
from signals.web.access import AdminCaller, PageCaller, SessionDep
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
STATUS = {
    CardStatus.DRAFT: "草稿",
    CardStatus.SHARED: "已发给客户经理",
    CardStatus.ACKNOWLEDGED: "客户经理已确认",
    CardStatus.DISPUTED: "客户经理有异议",
}


@router.get("/coach/cards")
def listing(request: Request, session: SessionDep, caller: PageCaller, page: int = 1) -> Response:
    """All cards that the caller may read."""
    page = max(1, min(page, 10_000))
    found, more = store.list_cards(session, caller.user, page=page)
    rows = [(card, store.mean_score(card)) for card in found]
    return render(request, "coach/cards.j2", caller, rows=rows, more=more, page=page, statuses=STATUS)


@router.get("/meetings/{id}/card")
def card(request: Request, session: SessionDep, caller: PageCaller, id: str) -> Response:
    """The meeting's card; a coach who opens it first gets a draft with the machine's proposals."""
    meeting = find_meeting(session, caller.user, id)
    found = store.card_for(session, meeting)
    if found is None:
        rubric = store.active_rubric(session, deck_rubric())
        report = request.app.state.views.corrected(session, meeting).report
        proposed = propose_scores(report, store.template_of(rubric).items, meeting.client_kind)
        found = store.start_card(session, meeting, caller.user, rubric, proposed)
        record(session, caller.user, "score", meeting, detail="draft", address=caller.address)
    return _page(request, session, caller, store.find_card(session, caller.user, found.id))


def _page(request: Request, session: SessionDep, caller: PageCaller, found: Scorecard, fault: str = "") -> Response:
    meeting = found.meeting
    proposed = {p["item"]: p for p in found.proposed}
    return render(
        request,
        "coach/card.j2",
        caller,
        card=found,
        meeting=meeting,
        items=[(item, proposed.get(item["id"]), found.overrides.get(item["id"])) for item in found.rubric.items],
        scores=store.final_scores(found),
        mean=store.mean_score(found),
        statuses=STATUS,
        status=CardStatus,
        comments=comments(session, meeting.id),
        heard=meeting.kind is MeetingKind.RECORDING and may(caller.user, "play", meeting),
        may_score=caller.user.role in store.COACHES and meeting.owner_id != caller.user.id,
        may_answer=meeting.owner_id == caller.user.id and found.status is not CardStatus.DRAFT,
        fault=fault,
    )


@router.post("/coach/cards/{id}")
async def save(request: Request, session: SessionDep, caller: PageCaller, id: str) -> Response:
    """Keeps the coach's scores, and shares the card when the button said so."""
    form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
    found = store.find_card(session, caller.user, id)
    overrides: dict[str, tuple[int | None, str]] = {}
    for item in found.rubric.items:
        given = form.get(f"score-{item['id']}", "")
        if given == "na" or re.fullmatch(r"[1-5]", given):
            overrides[item["id"]] = (None if given == "na" else int(given), form.get(f"reason-{item['id']}", ""))
    try:
        store.save(session, found, caller.user, overrides, form.get("summary", ""))
    except RequestError as error:
        if error.code != "no_reason":
            raise
        return _page(request, session, caller, found, fault=f"{error.message}。{error.remedy}。")
    if form.get("then") == "share":
        store.share(session, found, caller.user)
    record(session, caller.user, "score", found.meeting, detail=found.status.value, address=caller.address)
    return RedirectResponse(f"/meetings/{found.meeting_id}/card", status_code=303)


@router.post("/coach/cards/{id}/answer")
def answer(
    session: SessionDep,
    caller: PageCaller,
    id: str,
    agrees: Annotated[str, Form(max_length=10)],
    text: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """The manager acknowledges or disputes."""
    found = store.find_card(session, caller.user, id)
    store.answer(session, found, caller.user, agrees=agrees == "yes", text=text)
    record(session, caller.user, "answer", found.meeting, detail=found.status.value, address=caller.address)
    return RedirectResponse(f"/meetings/{found.meeting_id}/card", status_code=303)


@router.get("/coach/rubric")
def rubric(request: Request, session: SessionDep, caller: PageCaller) -> Response:
    """The template of new cards; an admin may make a new version of it."""
    found = store.active_rubric(session, deck_rubric())
    return render(request, "coach/rubric.j2", caller, rubric=found, may_edit=caller.user.role is UserRole.ADMIN)


@router.post("/coach/rubric")
async def change_rubric(request: Request, session: SessionDep, caller: AdminCaller) -> Response:
    """A new version: items with an emptied name are left out, one more may be added."""
    form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
    before = store.active_rubric(session, deck_rubric())
    items: list[dict[str, Any]] = []
    for item in before.items:
        name = form.get(f"name-{item['id']}", "").strip()
        if name:
            items.append(item | {"name": name, "asks": form.get(f"asks-{item['id']}", "").strip()})
    if added := form.get("name-new", "").strip():
        number = 1 + max((int(m[1]) for i in before.items if (m := re.fullmatch(r"own_(\d+)", i["id"]))), default=0)
        items.append({"id": f"own_{number}", "name": added, "asks": form.get("asks-new", "").strip()})
    try:
        template = RubricTemplate.model_validate({"name": before.name, "items": items})
    except ValidationError:
        raise RequestError("invalid", "评分项应为 1 到 20 项，名称 1 到 30 字", "请修改后重试") from None
    store.add_version(session, caller.user, template)
    record(session, caller.user, "rubric", detail=f"version {before.version + 1}", address=caller.address)
    return RedirectResponse("/coach/rubric", status_code=303)
