"""Moments that a coach listens to: which come first, what was decided of them, and what was written at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from signals.domain.catalogue import Catalogue
from signals.domain.errors import RequestError
from signals.store.access import find_meeting
from signals.store.derived_models import Fact, Moment, MomentKind, SpokenTurn
from signals.store.index import DECIDED, DISPUTED, MISSED, NO_NEED, UNSURE, place_of, places, rank
from signals.store.models import Meeting, User, now
from signals.store.overview import Scope, within
from signals.store.review_models import Comment, Decision, Review

SHOWN = ("todo", "unsure", "disputed", "done", "all", "heard")
"""Parts of the queue: what waits, the unsure among it, disputed ones, decided ones, simply every moment,
and what is worth hearing whether decided or not."""
_WINDOWS = (MomentKind.MISSED, MomentKind.TAKEN, MomentKind.OPEN)
_FEW = 100
_AROUND = 3
"""Turns before and after a moment that are shown with it."""


@dataclass(frozen=True, slots=True)
class Key:
    """Finds a moment again after its meeting was indexed anew."""

    meeting_id: str
    kind: MomentKind
    label: str
    turn: int


def moments(
    session: Session, user: User, scope: Scope, *, show: str = "todo", label: str = "", page: int = 1, size: int = 50
) -> tuple[list[tuple[Moment, Meeting]], bool]:
    """One page of moments in the queue's order, and whether there are more.

    `label`: a label's id, one of the kinds of windows, "premature", or "windows" for all that closed.
    """
    conditions = [*within(Moment, user, scope, in_order=True), *_shown(show), *_of(label)]
    few = _few_meetings(session, scope.client)
    if few is not None:
        conditions.append(Moment.meeting_id.in_(few))
    query = (
        select(Moment, Meeting)
        .join(Meeting, Meeting.id == Moment.meeting_id)
        .where(*conditions)
        .order_by(Moment.place, Moment.meeting_id, Moment.start)
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    rows = [(row[0], row[1]) for row in session.execute(query).unique()]
    return rows[:size], len(rows) > size


def _few_meetings(session: Session, client: str) -> Sequence[str] | None:
    """The meetings with a client, where they are so few that it's best to look into each; None where they are many."""
    if not client:
        return None
    named = select(Fact.meeting_id).where(Fact.client.contains(client, autoescape=True))
    found = session.scalars(named.limit(_FEW + 1)).all()
    return found if len(found) <= _FEW else None


def find_moment(session: Session, user: User, key: Key, action: str = "view") -> tuple[Moment, Meeting]:
    """The moment with its meeting. Raises `RequestError` when the user may not, or when a correction has removed it."""
    meeting = find_meeting(session, user, key.meeting_id, action)
    found = session.scalars(select(Moment).where(*_is(key))).first()
    if found is None:
        raise RequestError("not_found", "这个时刻已经不在了，可能被别的修改去掉了", "请刷新页面")
    return found, meeting


def decide(
    session: Session, user: User, key: Key, decision: Decision | None, catalogue: Catalogue, *, disputed: bool = False
) -> None:
    """Keeps what was decided, and puts the moment where it belongs in the queue. None takes a decision back."""
    review = session.scalars(select(Review).where(*_is(key, Review))).first()
    if review is None:
        review = Review(meeting_id=key.meeting_id, kind=key.kind, label=key.label, turn=key.turn)
        session.add(review)
    review.decision, review.disputed, review.user_id, review.made_at = decision, disputed, user.id, now()
    session.flush()
    for moment in session.scalars(select(Moment).where(*_is(key))):
        state = {
            "kind": moment.kind,
            "label": moment.label,
            "margin": moment.margin,
            "decision": decision.value if decision else "",
            "disputed": disputed,
        }
        session.execute(
            update(Moment)
            .where(Moment.id == moment.id)
            .values(decision=state["decision"], disputed=disputed, place=place_of(rank(state, catalogue), moment.day))
        )


def context(session: Session, moment: Moment) -> Sequence[SpokenTurn]:
    """The turns around a moment."""
    query = select(SpokenTurn).where(
        SpokenTurn.meeting_id == moment.meeting_id,
        SpokenTurn.turn.between(moment.turn - _AROUND, moment.turn + _AROUND),
    )
    return session.scalars(query.order_by(SpokenTurn.turn)).all()


def comments(session: Session, meeting_id: str, start: float = 0.0, end: float = float("inf")) -> Sequence[Comment]:
    """What was written at a stretch of a meeting, earliest time first."""
    query = select(Comment).where(Comment.meeting_id == meeting_id, Comment.time >= start)
    if end != float("inf"):
        query = query.where(Comment.time <= end)
    return session.scalars(query.order_by(Comment.time, Comment.id)).all()


def add_comment(session: Session, user: User, meeting: Meeting, time: float, text: str) -> Comment:
    """Writes at a time of a meeting, seconds. Raises `RequestError` for an empty or overlong text."""
    text = text.strip()
    if not text or len(text) > 2000:
        raise RequestError("invalid", "评论应为 1 到 2000 字", "请修改后重试")
    comment = Comment(meeting_id=meeting.id, user=user, time=time, text=text)
    session.add(comment)
    session.flush()
    return comment


def _is(key: Key, table: type[Moment] | type[Review] = Moment) -> list[ColumnElement[bool]]:
    return [
        table.meeting_id == key.meeting_id,
        table.kind == key.kind,
        table.label == key.label,
        table.turn == key.turn,
    ]


def _shown(show: str) -> list[ColumnElement[bool]]:
    parts: dict[str, list[ColumnElement[bool]]] = {
        "todo": [Moment.place.between(*places(MISSED, NO_NEED - 1))],
        "unsure": [Moment.place.between(*places(UNSURE, UNSURE))],
        "disputed": [Moment.place.between(*places(DISPUTED, DISPUTED))],
        "heard": [~Moment.place.between(*places(NO_NEED, NO_NEED))],
        "done": [Moment.place.between(*places(DECIDED, DECIDED))],
    }
    return parts.get(show, [])


def _of(label: str) -> list[ColumnElement[bool]]:
    if not label:
        return []
    if label == "windows":
        return [(Moment.kind + "").in_(_WINDOWS[:2])]
    if label in set(MomentKind):
        return [Moment.kind == MomentKind(label)]
    return [Moment.kind == MomentKind.HIT, Moment.label == label]
