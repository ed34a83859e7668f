"""Machine reports and the corrections on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signals.domain.errors import RequestError
from signals.store.models import Correction, Meeting, Report, Status, User, now


def machine_report(session: Session, meeting: Meeting) -> Report:
    """What the machine said. Raises `RequestError` while there is no report."""
    found = session.get(Report, meeting.id)
    if found is None or meeting.status is not Status.DONE:
        raise RequestError("no_report", "这场会谈还没有报告", "请等分析完成后再打开；分析失败时请先重试")
    return found


def hold(session: Session, meeting_id: str) -> None:
    """Until the transaction ends nobody else changes the meeting's corrections or what is derived from them."""
    session.execute(select(Meeting.id).where(Meeting.id == meeting_id).with_for_update())


def corrections(session: Session, meeting_id: str, *, undone: bool = False) -> list[Correction]:
    """In the order in which they were made; with `undone` also those that no longer count."""
    query = select(Correction).where(Correction.meeting_id == meeting_id).order_by(Correction.id)
    if not undone:
        query = query.where(Correction.undone_at.is_(None))
    return list(session.scalars(query))


def add_correction(session: Session, meeting: Meeting, user: User, change: dict[str, Any]) -> Correction:
    """Adds a correction that was checked against the meeting."""
    correction = Correction(meeting_id=meeting.id, user=user, change=change)
    session.add(correction)
    session.flush()
    return correction


def undo(session: Session, meeting: Meeting, user: User, id: int | None = None) -> Correction:
    """Undoes one correction, or the latest that still counts. Raises `RequestError` when there is none."""
    standing = [c for c in corrections(session, meeting.id) if id is None or c.id == id]
    if not standing:
        raise RequestError("nothing_to_undo", "没有可以撤销的修改", "请刷新页面")
    found = standing[-1]
    found.undone_at, found.undone_by_id = now(), user.id
    return found
