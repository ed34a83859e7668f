"""The case library, and what coaches ask managers to listen to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from signals.domain.errors import RequestError
from signals.store.access import find_meeting, seen_by, visible_people
from signals.store.cards import COACHES
from signals.store.models import Meeting, User, now
from signals.store.review_models import Assignment, AssignmentItem, Clip

LONGEST = 300.0
"""Seconds of a clip."""
_MOST_ITEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClip:
    """A stretch of a meeting that is worth hearing again; seconds."""

    start: float
    end: float
    title: str
    note: str = ""
    tags: str = ""
    """Separated by spaces or commas."""
    quote: str = ""


def add_clip(session: Session, user: User, meeting: Meeting, new: NewClip) -> Clip:
    """Keeps a case. Raises `RequestError` for one without a title or of an odd length."""
    title = new.title.strip()[:120]
    if not title:
        raise RequestError("invalid", "请给案例起个标题", "写几个字说明它好在哪里")
    if not 0 <= new.start < new.end <= new.start + LONGEST:
        raise RequestError("invalid", f"案例应在 {LONGEST / 60:.0f} 分钟以内", "请选短一些的片段")
    clip = Clip(
        meeting_id=meeting.id, start=new.start, end=new.end, title=title, note=new.note.strip()[:2000],
        tags=tidy_tags(new.tags), quote=new.quote[:500], user=user,
    )  # fmt: skip
    session.add(clip)
    session.flush()
    return clip


def tidy_tags(tags: str) -> str:
    """Each once, at most ten, joined by spaces."""
    return " ".join(list(dict.fromkeys(t[:20] for t in tags.replace("，", " ").replace(",", " ").split()))[:10])


def clips(session: Session, user: User, *, text: str = "", page: int = 1, size: int = 30) -> tuple[list[Clip], bool]:
    """Cases that the user may hear, the latest first, and whether there are more. `text` is part of title, note, quote or tag."""
    query = _visible(user)
    for word in text.split()[:5]:
        query = query.where(
            or_(
                Clip.title.contains(word, autoescape=True),
                Clip.note.contains(word, autoescape=True),
                Clip.quote.contains(word, autoescape=True),
                Clip.tags.contains(word, autoescape=True),
            )
        )
    found = session.scalars(query.order_by(Clip.made_at.desc(), Clip.id).offset((page - 1) * size).limit(size + 1))
    rows = list(found.unique())
    return rows[:size], len(rows) > size


def find_clip(session: Session, user: User, id: str) -> Clip:
    """The case. Raises `RequestError` "not_found" also for one that the user may not hear."""
    clip = session.scalars(_visible(user).where(Clip.id == id)).unique().one_or_none()
    if clip is None:
        raise RequestError("not_found", "没有这个案例，或您无权收听", "请从案例库进入")
    return clip


def delete_clip(session: Session, user: User, clip: Clip) -> None:
    """Takes a case out of the library. Raises `RequestError` unless the user made it or leads the unit."""
    if clip.user_id != user.id and user.role not in COACHES:
        raise RequestError("forbidden", "只能删除自己收的案例", "需要删除请联系收案例的人")
    session.delete(clip)


def assign(
    session: Session,
    coach: User,
    manager_id: int,
    *,
    meetings: Sequence[str] = (),
    clips: Sequence[str] = (),
    note: str = "",
    due: date | None = None,
) -> Assignment:
    """Asks a manager to listen. Raises `RequestError` unless a coach asks one of his people for what both may hear."""
    if coach.role not in COACHES:
        raise RequestError("forbidden", "任务由教练或负责人布置", "请联系您的教练")
    manager = session.scalars(visible_people(coach).where(User.id == manager_id)).unique().one_or_none()
    if manager is None:
        raise RequestError("not_found", "没有这位客户经理", "请从列表中选择")
    if not 1 <= len(meetings) + len(clips) <= _MOST_ITEMS:
        raise RequestError("invalid", f"一次可以布置 1 到 {_MOST_ITEMS} 段", "请勾选要听的会谈或案例")
    items = []
    for id in meetings:
        find_meeting(session, manager, id)
        items.append(AssignmentItem(meeting_id=find_meeting(session, coach, id).id))
    for id in clips:
        clip = find_clip(session, coach, id)
        items.append(AssignmentItem(meeting_id=clip.meeting_id, clip_id=clip.id))
    assignment = Assignment(manager=manager, coach=coach, note=note.strip()[:2000], due=due, items=items)
    session.add(assignment)
    session.flush()
    return assignment


def assignments(session: Session, user: User) -> list[Assignment]:
    """What the user was asked, or has asked others; unfinished ones first."""
    mine = or_(Assignment.manager_id == user.id, Assignment.coach_id == user.id)
    found = session.scalars(select(Assignment).where(mine).order_by(Assignment.id.desc()).limit(200)).unique()
    return sorted(found, key=lambda a: (all(i.done_at for i in a.items), -a.id))


def mark_heard(session: Session, user: User, item_id: int) -> None:
    """The manager has listened. Raises `RequestError` for somebody else's task."""
    item = session.get(AssignmentItem, item_id)
    asked = session.get(Assignment, item.assignment_id) if item else None
    if item is None or asked is None or asked.manager_id != user.id:
        raise RequestError("not_found", "没有这项任务", "请刷新页面")
    item.done_at = item.done_at or now()


def _visible(user: User) -> Select[Clip]:
    """Cases of meetings that the user may see, and those that he was asked to listen to."""
    asked = (
        select(AssignmentItem.clip_id)
        .join(Assignment, Assignment.id == AssignmentItem.assignment_id)
        .where(Assignment.manager_id == user.id, AssignmentItem.clip_id.is_not(None))
    )
    seen = or_(seen_by(user, Meeting.owner_id, Meeting.unit_id), Clip.id.in_(asked))
    return select(Clip).join(Meeting, Meeting.id == Clip.meeting_id).where(seen)
