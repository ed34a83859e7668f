"""Who may see and do what. Every route asks here and nowhere else."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from signals.domain.errors import RequestError
from signals.store.models import AuditEntry, Meeting, Unit, User, UserRole

Column = InstrumentedAttribute[int] | ColumnElement[int]
ACTIONS = ("view", "play", "export", "correct", "change", "delete")
"""What can be done to a meeting."""
_EVERYTHING = frozenset(ACTIONS)
_ALLOWED = {
    UserRole.MANAGER: frozenset(),
    UserRole.COACH: frozenset({"view", "play", "export", "correct"}),
    UserRole.BRANCH_HEAD: _EVERYTHING,
    UserRole.ADMIN: _EVERYTHING,
}
"""Actions on other people's meetings of the own unit and the units below it; with one's own everything is allowed."""


def visible_meetings(user: User) -> Select[Meeting]:
    """The meetings that a user may see: the one query behind every page, download and API call.

    A manager sees his own; a coach, branch head or admin those of his unit and all units below it.
    """
    return select(Meeting).where(seen_by(user, Meeting.owner_id, Meeting.unit_id))


def seen_by(user: User, owner_id: Column, unit_id: Column) -> ColumnElement[bool]:
    """Whether a row of a meeting is the user's to see, by the columns that hold the meeting's owner and unit."""
    if user.role is UserRole.MANAGER:
        return owner_id == user.id
    return (owner_id == user.id) | unit_id.in_(_unit_ids(user))


def visible_units(user: User) -> Select[Unit]:
    """The user's unit and all below it, from the top."""
    return select(Unit).where(_below(user)).order_by(Unit.path)


def visible_people(user: User) -> Select[User]:
    """Whose meetings the user may see, by name."""
    if user.role is UserRole.MANAGER:
        return select(User).where(User.id == user.id)
    return select(User).where((User.id == user.id) | User.unit_id.in_(_unit_ids(user))).order_by(User.name, User.id)


def visible_users(user: User) -> Select[User]:
    """For an admin the users of his part of the tree, for others nobody but themselves."""
    if user.role is UserRole.ADMIN:
        return select(User).where(User.unit_id.in_(_unit_ids(user))).order_by(User.username)
    return select(User).where(User.id == user.id)


def visible_audit(user: User) -> Select[AuditEntry]:
    """For an admin or branch head what was done in his part of the tree, for others what they did; latest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if user.role in (UserRole.ADMIN, UserRole.BRANCH_HEAD):
        return query.where(AuditEntry.unit_path.startswith(user.unit.path, autoescape=True))
    return query.where(AuditEntry.username == user.username)


def may(user: User, action: str, meeting: Meeting) -> bool:
    """Whether a user who can see the meeting may do one of `ACTIONS` to it."""
    return meeting.owner_id == user.id or action in _ALLOWED[user.role]


def find_meeting(session: Session, user: User, id: str, action: str = "view") -> Meeting:
    """The meeting. Raises `RequestError` "not_found" also for what exists but is not the user's to see,
    and "forbidden" for what he may see but not do."""
    meeting = session.scalars(visible_meetings(user).where(Meeting.id == id)).unique().one_or_none()
    if meeting is None:
        raise RequestError("not_found", "没有这场会谈，或您无权查看", "请从会谈列表进入；需要权限请联系管理员")
    if not may(user, action, meeting):
        raise RequestError("forbidden", "您的角色不能进行这项操作", "请联系会谈的客户经理或管理员")
    return meeting


def _unit_ids(user: User) -> Select[int]:
    return select(Unit.id).where(_below(user))


def _below(user: User) -> ColumnElement[bool]:
    return Unit.path.startswith(user.unit.path, autoescape=True)
