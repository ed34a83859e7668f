"""The tables. Times are UTC; customers' words are only in `StageResult`, `Report` and `Correction`."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    Enum,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from signals.domain.coaching import ClientKind


class Level(StrEnum):
    """Levels of the organisation, from the top."""

    HEAD_OFFICE = "head_office"
    BRANCH = "branch"
    SUB_BRANCH = "sub_branch"
    TEAM = "team"


class UserRole(StrEnum):
    """What a user is; `signals.store.access` says what each may do."""

    MANAGER = "manager"
    COACH = "coach"
    BRANCH_HEAD = "branch_head"
    ADMIN = "admin"


class Status(StrEnum):
    """Where the work on a meeting stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MeetingKind(StrEnum):
    """What was uploaded."""

    RECORDING = "recording"
    TRANSCRIPT = "transcript"


class Utc(TypeDecorator[datetime]):
    """A time with its zone in Python, UTC in the database: SQLite forgets zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """An identifier that nobody can guess."""
    return uuid.uuid4().hex


def stored_enum(kind: type[StrEnum]) -> Enum:
    """Stored as the member's value in plain text, so that a new member is no migration of a database type."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda k: [m.value for m in k])


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Unit(Base):
    """A node of the organisation tree. `path` is its ancestors' ids and its own: "/1/4/9/"."""

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[Level] = mapped_column(stored_enum(Level))
    path: Mapped[str] = mapped_column(String(200), default="", index=True)
    retention_days: Mapped[int | None]
    """Days after which meetings are deleted; None takes the parent's, 0 keeps them."""


class User(Base):
    """Who may log in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[UserRole] = mapped_column(stored_enum(UserRole))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)
    unit: Mapped[Unit] = relationship(lazy="joined")


class LoginSession(Base):
    """A login. `id` is the SHA-256 of the cookie: who reads the database can't log in."""

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)
    expires_at: Mapped[datetime] = mapped_column(Utc)
    user: Mapped[User] = relationship(lazy="joined")


class ApiToken(Base):
    """A program's key. `digest` is the SHA-256 of the token."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Utc)
    user: Mapped[User] = relationship(lazy="joined")


class LoginFailure(Base):
    """Failed logins by what tried: "user:NAME" or "from:ADDRESS"."""

    __tablename__ = "login_failures"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Utc)


class Meeting(Base):
    """One uploaded recording or transcript, and how far the work on it is."""

    __tablename__ = "meetings"
    __table_args__ = (
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
        Index("ix_meetings_unit_created", "unit_id", "created_at"),
        Index("ix_meetings_owner_sha", "owner_id", "sha256"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    title: Mapped[str] = mapped_column(String(200))
    client: Mapped[str] = mapped_column(String(120), default="")
    client_kind: Mapped[ClientKind | None] = mapped_column(stored_enum(ClientKind))
    met_on: Mapped[date | None] = mapped_column(Date)
    attendees: Mapped[str] = mapped_column(String(300), default="")
    speakers: Mapped[int | None]
    manager_channel: Mapped[int | None]
    kind: Mapped[MeetingKind] = mapped_column(stored_enum(MeetingKind))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the upload."""
    duration: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(Utc, default=now)

    status: Mapped[Status] = mapped_column(stored_enum(Status), default=Status.QUEUED, index=True)
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    dispatched: Mapped[bool] = mapped_column(default=False)
    """Whether this attempt has been handed to the workers' queue."""
    stage: Mapped[str] = mapped_column(String(20), default="")
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    """0..1 of the whole work."""
    seconds_left: Mapped[float | None] = mapped_column(Float)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    claim: Mapped[str] = mapped_column(String(80), default="")
    """Who is at work: only the holder may write results, so that a worker that was taken for dead spoils nothing."""
    started_at: Mapped[datetime | None] = mapped_column(Utc)
    finished_at: Mapped[datetime | None] = mapped_column(Utc)
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_message: Mapped[str] = mapped_column(String(300), default="")
    error_remedy: Mapped[str] = mapped_column(String(300), default="")

    owner: Mapped[User] = relationship(lazy="joined")
    unit: Mapped[Unit] = relationship(lazy="joined")


class StageResult(Base):
    """What a stage made, as `signals.stages` writes it: work that is never done twice."""

    __tablename__ = "stage_results"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)


class Report(Base):
    """What the machine said of a meeting: never changed by corrections."""

    __tablename__ = "reports"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(20))
    """Of the effective view, for the list."""
    signals: Mapped[int]
    """Buying signals of the effective view, for the list."""
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)


class Correction(Base):
    """One correction by one person; undone ones stay as history."""

    __tablename__ = "corrections"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Utc, default=now)
    change: Mapped[dict[str, Any]] = mapped_column(JSON)
    """A `signals.domain.corrections.Change`."""
    undone_at: Mapped[datetime | None] = mapped_column(Utc)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(foreign_keys=user_id, lazy="joined")


class AuditEntry(Base):
    """Who did what, when. Outlives the user and the meeting; holds no word of a meeting."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, default=now, index=True)
    username: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    meeting_id: Mapped[str] = mapped_column(String(32), default="", index=True)
    unit_path: Mapped[str] = mapped_column(String(200), default="")
    """Of the meeting or user it was done to: who may read the entry."""
    detail: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(60), default="")


class Worker(Base):
    """A process that works on meetings, and when it was last seen alive."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    host: Mapped[str] = mapped_column(String(120), default="")
    started_at: Mapped[datetime] = mapped_column(Utc, default=now)
    seen_at: Mapped[datetime] = mapped_column(Utc, default=now)
    taken_over_by: Mapped[str] = mapped_column(String(80), default="")
