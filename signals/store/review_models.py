"""Tables of what coaches and managers say in the workbench."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from signals.store.derived_models import MomentKind
from signals.store.models import Base, Meeting, User, Utc, new_id, now, stored_enum


class Decision(StrEnum):
    """What a coach said of a moment."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class CardStatus(StrEnum):
    """How far a scorecard is."""

    DRAFT = "draft"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"


class Review(Base):
    """What a coach decided of a moment. The key outlives a new index: kind, label and turn of the meeting."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("meeting_id", "kind", "label", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    kind: Mapped[MomentKind] = mapped_column(stored_enum(MomentKind))
    label: Mapped[str] = mapped_column(String(40))
    turn: Mapped[int]
    decision: Mapped[Decision | None] = mapped_column(stored_enum(Decision))
    disputed: Mapped[bool] = mapped_column(default=False)
    """The manager does not agree."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)
    user: Mapped[User] = relationship(lazy="joined")


class Comment(Base):
    """What somebody wrote at a time of a meeting; seconds."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    time: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)
    user: Mapped[User] = relationship(lazy="joined")


class Rubric(Base):
    """A version of a scorecard's template: what is scored. Never changed; a new version is a new row."""

    __tablename__ = "rubrics"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """A `signals.domain.coaching` rubric's items."""
    active: Mapped[bool] = mapped_column(default=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who wrote it; None for the deck's own."""
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)


class Scorecard(Base):
    """A meeting scored by a rubric: what the machine proposed and what the coach said, both kept."""

    __tablename__ = "scorecards"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    rubric_id: Mapped[int] = mapped_column(ForeignKey("rubrics.id"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    status: Mapped[CardStatus] = mapped_column(stored_enum(CardStatus), default=CardStatus.DRAFT)
    proposed: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The machine's scores with their evidence, by item."""
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The coach's scores with their reasons, by item."""
    summary: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    """The manager's, when he acknowledges or disputes."""
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)
    shared_at: Mapped[datetime | None] = mapped_column(Utc)
    answered_at: Mapped[datetime | None] = mapped_column(Utc)
    coach: Mapped[User] = relationship(lazy="joined")
    rubric: Mapped[Rubric] = relationship(lazy="joined")
    meeting: Mapped[Meeting] = relationship(lazy="joined")


class Clip(Base):
    """A moment kept in the case library, with its sound. Seconds."""

    __tablename__ = "clips"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    start: Mapped[float]
    end: Mapped[float]
    title: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[str] = mapped_column(String(220), default="")
    """Joined by spaces."""
    quote: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Utc, default=now, index=True)
    user: Mapped[User] = relationship(lazy="joined")
    meeting: Mapped[Meeting] = relationship(lazy="joined")


class Assignment(Base):
    """What a coach asks a manager to listen to."""

    __tablename__ = "assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    coach_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    due: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)
    manager: Mapped[User] = relationship(foreign_keys=manager_id, lazy="joined")
    coach: Mapped[User] = relationship(foreign_keys=coach_id, lazy="joined")
    items: Mapped[list[AssignmentItem]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class AssignmentItem(Base):
    """One meeting, or one clip of it, that is to be listened to."""

    __tablename__ = "assignment_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"), index=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    clip_id: Mapped[str | None] = mapped_column(ForeignKey("clips.id", ondelete="CASCADE"))
    done_at: Mapped[datetime | None] = mapped_column(Utc)
    meeting: Mapped[Meeting] = relationship(lazy="joined")
