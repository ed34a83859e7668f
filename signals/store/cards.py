"""Scorecards: what the machine proposed, what the coach said, what the manager answered. All of it stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from signals.domain.coaching import ItemScore, RubricTemplate
from signals.domain.errors import RequestError
from signals.store.access import find_meeting, seen_by
from signals.store.models import Meeting, User, UserRole, now
from signals.store.review_models import CardStatus, Rubric, Scorecard

COACHES = frozenset({UserRole.COACH, UserRole.BRANCH_HEAD, UserRole.ADMIN})
LEAST_REASON = 2
"""Characters."""


def active_rubric(session: Session, deck: RubricTemplate) -> Rubric:
    """The template that new scorecards use: the latest active version, or the deck's own, entered when first needed."""
    found = session.scalars(select(Rubric).where(Rubric.active.is_(True)).order_by(Rubric.id.desc())).first()
    return found or _enter(session, deck, None, 1)


def add_version(session: Session, user: User, template: RubricTemplate) -> Rubric:
    """A new version of the template; scorecards made by an earlier one keep it. Raises `RequestError` "forbidden"."""
    if user.role is not UserRole.ADMIN:
        raise RequestError("forbidden", "只有管理员可以修改评分表", "需要修改请联系管理员")
    last = session.scalar(select(func.max(Rubric.version)).where(Rubric.name == template.name)) or 0
    for earlier in session.scalars(select(Rubric).where(Rubric.active.is_(True))):
        earlier.active = False
    return _enter(session, template, user, last + 1)


def template_of(rubric: Rubric) -> RubricTemplate:
    """A stored version as a value."""
    return RubricTemplate.model_validate({"name": rubric.name, "items": rubric.items})


def card_for(session: Session, meeting: Meeting) -> Scorecard | None:
    """The meeting's latest scorecard."""
    query = select(Scorecard).where(Scorecard.meeting_id == meeting.id).order_by(Scorecard.made_at.desc())
    return session.scalars(query).unique().first()


def may_read(session: Session, user: User, meeting: Meeting) -> bool:
    """Whether a card waits for the user behind the meeting: a coach may always begin one, its manager reads what was shared."""
    if user.role in COACHES and meeting.owner_id != user.id:
        return True
    card = card_for(session, meeting)
    return card is not None and _shared_with(card, meeting, user)


def start_card(
    session: Session, meeting: Meeting, coach: User, rubric: Rubric, proposed: Sequence[ItemScore]
) -> Scorecard:
    """A draft with the machine's proposals. Raises `RequestError` unless a coach begins it."""
    _require_coach(coach, meeting)
    card = Scorecard(
        meeting_id=meeting.id,
        rubric_id=rubric.id,
        coach_id=coach.id,
        proposed=[asdict(p) for p in proposed],
        overrides={},
    )
    session.add(card)
    session.flush()
    return card


def find_card(session: Session, user: User, id: str) -> Scorecard:
    """A card that the user may read: coaches of the meeting always, its manager once it is shared."""
    card = session.get(Scorecard, id)
    if card is not None:
        meeting = find_meeting(session, user, card.meeting_id)
        if user.role in COACHES or card.coach_id == user.id or _shared_with(card, meeting, user):
            return card
    raise RequestError("not_found", "没有这张评分表，或您无权查看", "请从评分列表进入")


def save(
    session: Session, card: Scorecard, coach: User, overrides: Mapping[str, tuple[int | None, str]], summary: str
) -> None:
    """Keeps the coach's scores: by item a score 1..5 or None for 不适用, each with its reason.

    Raises `RequestError` for a score without a reason, or a card that is not the coach's to change.
    """
    _require_coach(coach, session.get_one(Meeting, card.meeting_id))
    known = {item["id"]: item["name"] for item in card.rubric.items}
    kept: dict[str, Any] = {}
    for item, (score, reason) in overrides.items():
        if item not in known or (score is not None and score not in range(1, 6)):
            raise RequestError("invalid", "评分应为 1 到 5", "请修改后重试")
        if len(reason.strip()) < LEAST_REASON:
            raise RequestError("no_reason", f"“{known[item]}”改了分，请写上理由", "写几个字说明为什么不同意机器的分")
        kept[item] = {"score": score, "reason": reason.strip()[:500], "by": coach.name}
    if len(summary) > 4000:
        raise RequestError("invalid", "总评超过 4000 字", "请缩短后重试")
    card.overrides, card.summary = kept, summary.strip()


def share(session: Session, card: Scorecard, coach: User) -> None:
    """The manager may read it from now on; what he answered to an earlier state is open again."""
    _require_coach(coach, session.get_one(Meeting, card.meeting_id))
    card.status, card.shared_at, card.answered_at, card.answer = CardStatus.SHARED, now(), None, ""


def answer(session: Session, card: Scorecard, manager: User, *, agrees: bool, text: str) -> None:
    """The manager has read it, or disputes it with a reason. Raises `RequestError`."""
    meeting = session.get_one(Meeting, card.meeting_id)
    if meeting.owner_id != manager.id:
        raise RequestError("forbidden", "只有本场会谈的客户经理可以答复", "请联系会谈的客户经理")
    if card.status is CardStatus.DRAFT:
        raise RequestError("not_shared", "教练还没有发出这张评分表", "请等教练发出后再答复")
    if not agrees and len(text.strip()) < LEAST_REASON:
        raise RequestError("no_reason", "提出异议请写上理由", "写几个字说明哪一项不同意")
    card.status = CardStatus.ACKNOWLEDGED if agrees else CardStatus.DISPUTED
    card.answer, card.answered_at = text.strip()[:2000], now()


def list_cards(
    session: Session, user: User, *, owner_id: int | None = None, page: int = 1, size: int = 50
) -> tuple[list[Scorecard], bool]:
    """Cards that the user may read, of one manager or of all, disputed ones first, then the latest; and whether there are more."""
    conditions: list[ColumnElement[bool]] = [seen_by(user, Meeting.owner_id, Meeting.unit_id)]
    if owner_id is not None:
        conditions.append(Meeting.owner_id == owner_id)
    if user.role not in COACHES:
        conditions.append(or_(Scorecard.status != CardStatus.DRAFT, Scorecard.coach_id == user.id))
    query = (
        select(Scorecard)
        .join(Meeting, Meeting.id == Scorecard.meeting_id)
        .where(*conditions)
        .order_by((Scorecard.status == CardStatus.DISPUTED).desc(), Scorecard.made_at.desc(), Scorecard.id)
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    found = list(session.scalars(query).unique())
    return found[:size], len(found) > size


def final_scores(card: Scorecard) -> dict[str, int | None]:
    """What counts for each item: the coach's score where he gave one, else the machine's."""
    scores = {p["item"]: p["score"] for p in card.proposed}
    return scores | {item: given["score"] for item, given in card.overrides.items()}


def mean_score(card: Scorecard) -> float | None:
    """Over the items that apply."""
    given = [s for s in final_scores(card).values() if s is not None]
    return sum(given) / len(given) if given else None


def _enter(session: Session, template: RubricTemplate, user: User | None, version: int) -> Rubric:
    items = [item.model_dump(mode="json") for item in template.items]
    rubric = Rubric(name=template.name, version=version, items=items, user_id=user.id if user else None)
    session.add(rubric)
    session.flush()
    return rubric


def _require_coach(user: User, meeting: Meeting) -> None:
    if user.role not in COACHES or meeting.owner_id == user.id:
        raise RequestError("forbidden", "评分由教练或负责人填写，不能给自己评分", "请联系您的教练")


def _shared_with(card: Scorecard, meeting: Meeting, user: User) -> bool:
    return meeting.owner_id == user.id and card.status is not CardStatus.DRAFT
