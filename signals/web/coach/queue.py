"""The queue: moments one after the other, each with its sound and words, decided by one key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import Response

from signals.domain.corrections import JudgeHit
from signals.domain.errors import RequestError
from signals.store import overlay, queue
from signals.store.access import may
from signals.store.audit import record
from signals.store.derived_models import Moment, MomentKind
from signals.store.models import Meeting, MeetingKind
from signals.store.queue import SHOWN, Key
from signals.store.review_models import Decision
from signals.web.access import Caller, PageCaller, ServiceDep, SessionDep
from signals.web.coach.names import moment_name, moment_names
from signals.web.coach.scope import PERIODS, WantedDep, choices
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
SHOWN_NAMES = dict(zip(SHOWN, ("待听", "拿不准的", "有异议的", "已处理的", "全部时刻", "值得听的"), strict=True))


def key_of(
    meeting: Annotated[str, Path(max_length=32)],
    kind: MomentKind,
    label: Annotated[str, Path(max_length=40)],
    turn: Annotated[int, Path(ge=0, lt=2**31)],
) -> Key:
    """The moment that an address names."""
    return Key(meeting, kind, label, turn)


KeyDep = Annotated[Key, Depends(key_of)]
_MOMENT = "/coach/moments/{meeting}/{kind}/{label}/{turn}"


@router.get("/coach/queue")
def page(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    caller: PageCaller,
    wanted: WantedDep,
    show: str = "todo",
    label: str = "",
    page: int = 1,
) -> Response:
    """One page of moments, the most urgent first."""
    show = show if show in SHOWN else "todo"
    page = max(1, min(page, 10_000))
    names = moment_names(service.catalogue)
    label = label if label in names else ""
    found, more = queue.moments(session, caller.user, wanted.scope, show=show, label=label, page=page)
    return render(
        request,
        "coach/queue.j2",
        caller,
        wanted=wanted,
        offered=choices(session, caller.user),
        periods=PERIODS,
        found=found,
        more=more,
        page=page,
        show=show,
        shown=SHOWN_NAMES,
        label=label,
        names=names,
        catalogue=service.catalogue,
        moment_name=moment_name,
        may=may,
    )


@router.get(_MOMENT)
def around(request: Request, session: SessionDep, service: ServiceDep, caller: PageCaller, key: KeyDep) -> Response:
    """What was said around a moment, and what was written at it."""
    moment, meeting = queue.find_moment(session, caller.user, key)
    turns = queue.context(session, moment)
    first = min([moment.start, *(t.start for t in turns)])
    written = queue.comments(session, meeting.id, first, max([moment.end, *(t.end for t in turns)]))
    return render(
        request,
        "coach/around.j2",
        caller,
        moment=moment,
        meeting=meeting,
        turns=turns,
        comments=written,
        heading=moment_name(moment, service.catalogue),
        meaning=_meaning(service, moment),
        heard=meeting.kind is MeetingKind.RECORDING and may(caller.user, "play", meeting),
        may_keep=may(caller.user, "play", meeting),
        may_decide=may(caller.user, "correct", meeting),
    )


@router.post(_MOMENT + "/decision")
def decide(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    caller: PageCaller,
    key: KeyDep,
    decision: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Accepts or rejects a moment, or takes that back with an empty decision.

    Of a label that the model gave this is a correction of the report, with everything that follows from it.
    """
    moment, meeting = queue.find_moment(session, caller.user, key, "correct")
    wanted = _decision(decision)
    if key.kind is MomentKind.HIT:
        _correct(request, session, caller, meeting, moment, wanted)
    queue.decide(session, caller.user, key, wanted, service.catalogue)
    record(session, caller.user, "review", meeting, detail=f"{key.kind} {key.label} {decision}", address=caller.address)
    return Response(status_code=204)


@router.post(_MOMENT + "/dispute")
def dispute(session: SessionDep, service: ServiceDep, caller: PageCaller, key: KeyDep) -> Response:
    """The manager does not agree with what was made of his meeting: the coach listens again."""
    _, meeting = queue.find_moment(session, caller.user, key)
    if meeting.owner_id != caller.user.id:
        raise RequestError("forbidden", "只有本场会谈的客户经理可以提出异议", "请联系会谈的客户经理")
    queue.decide(session, caller.user, key, None, service.catalogue, disputed=True)
    record(session, caller.user, "dispute", meeting, detail=f"{key.kind} {key.label}", address=caller.address)
    return Response(status_code=204)


@router.post(_MOMENT + "/comment")
def comment(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    caller: PageCaller,
    key: KeyDep,
    text: Annotated[str, Form(max_length=4000)],
) -> Response:
    """Writes at the moment; the manager reads it in the report."""
    moment, meeting = queue.find_moment(session, caller.user, key)
    queue.add_comment(session, caller.user, meeting, moment.start, text)
    record(session, caller.user, "comment", meeting, address=caller.address)
    return around(request, session, service, caller, key)


def _decision(text: str) -> Decision | None:
    if text not in ("", *Decision):
        raise RequestError("invalid", "没有这种处理", "请刷新页面后再试")
    return Decision(text) if text else None


def _correct(
    request: Request, session: SessionDep, caller: Caller, meeting: Meeting, moment: Moment, wanted: Decision | None
) -> None:
    """What was said of the same hit before is taken back first, so that decisions do not pile up."""
    views, turn, label = request.app.state.views, moment.turn, moment.label
    for earlier in overlay.corrections(session, meeting.id):
        said = earlier.change
        if said.get("kind") == "judge_hit" and (said.get("turn"), said.get("label")) == (turn, label):
            views.undo(session, meeting, caller, earlier.id)
    if wanted is not None:
        change = JudgeHit(
            kind="judge_hit",
            turn=turn,
            label=label,
            verdict="confirmed" if wanted is Decision.ACCEPTED else "rejected",
        )
        views.add(session, meeting, caller, change)


def _meaning(service: ServiceDep, moment: Moment) -> str:
    if moment.kind in (MomentKind.HIT, MomentKind.PREMATURE):
        return service.catalogue.label(moment.label).meaning
    return next((f"当时适合：{s.name}，{s.when}" for s in service.catalogue.strategies if s.id == moment.label), "")
