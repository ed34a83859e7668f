"""Tables that `signals.store.index` derives from the effective report, and work on all history.

They can be made anew at any time; owner, unit and day stand in them so that a period of one part of the bank is read
without a join.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signals.store.models import Base, Utc, now, stored_enum


class MomentKind(StrEnum):
    """What happened at a moment."""

    HIT = "hit"
    """A label of the catalogue; `Moment.label` says which."""
    MISSED = "missed"
    """A closing window that the manager let pass. `label` is the strategy that was advised."""
    TAKEN = "taken"
    OPEN = "open"
    PREMATURE = "premature"
    """A closing attempt before the customer was ready. `label` is the attempt's."""


def _meeting_key() -> Mapped[str]:
    return mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True)


class Fact(Base):
    """The figures of one meeting, for sums over many. Seconds; shares 0..1."""

    __tablename__ = "facts"
    __table_args__ = (
        Index("ix_facts_day_owner", "day", "owner_id"),
        Index("ix_facts_unit_day", "unit_id", "day"),
        Index("ix_facts_owner_day", "owner_id", "day"),
    )

    meeting_id: Mapped[str] = _meeting_key()
    owner_id: Mapped[int]
    unit_id: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    """When the meeting was, or when it was uploaded where nobody said."""
    client: Mapped[str] = mapped_column(String(120))
    client_kind: Mapped[str] = mapped_column(String(20))
    seconds: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(20))
    signals: Mapped[int]
    objections: Mapped[int]
    windows_taken: Mapped[int]
    windows_missed: Mapped[int]
    windows_open: Mapped[int]
    premature: Mapped[int]
    reaction: Mapped[float | None]
    """From the opening of the first window that was taken to the manager's proposal."""
    manager_share: Mapped[float | None]
    manager_monologue: Mapped[float | None]
    """The longest of a manager's."""
    patience: Mapped[float | None]
    customer_turns: Mapped[int]
    indexed_at: Mapped[datetime] = mapped_column(Utc, default=now)
    tagger: Mapped[str] = mapped_column(String(120), default="")
    """Version of what the machine's report was judged by: `signals.corrected.judged_by`."""


class LabelCount(Base):
    """How often each label was heard in a meeting."""

    __tablename__ = "label_counts"
    __table_args__ = (Index("ix_label_counts_day_owner", "day", "owner_id", "unit_id", "label", "count"),)

    meeting_id: Mapped[str] = _meeting_key()
    label: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
    owner_id: Mapped[int]
    unit_id: Mapped[int]
    day: Mapped[date] = mapped_column(Date)


class Moment(Base):
    """A stretch of a meeting that a coach may want to hear: a hit or a closing window. Seconds."""

    __tablename__ = "moments"
    __table_args__ = (
        Index("ix_moments_meeting", "meeting_id", "turn", "kind", "label"),
        Index("ix_moments_queue", "place", "meeting_id", "start"),
        Index("ix_moments_owner", "owner_id", "place", "meeting_id", "start"),
        Index("ix_moments_unit", "unit_id", "place", "meeting_id", "start"),
        Index("ix_moments_kind", "kind", "place", "meeting_id", "start"),
        Index("ix_moments_label", "label", "kind", "place", "meeting_id", "start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    owner_id: Mapped[int]
    unit_id: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    client: Mapped[str] = mapped_column(String(120))
    kind: Mapped[MomentKind] = mapped_column(stored_enum(MomentKind))
    label: Mapped[str] = mapped_column(String(40))
    turn: Mapped[int]
    """Index of the turn in the conversation."""
    start: Mapped[float]
    end: Mapped[float]
    score: Mapped[float]
    """Calibrated probability of a hit; readiness at the peak of a window. 0..1."""
    margin: Mapped[float]
    """How far the score is above the label's threshold; small means unsure. 0 for windows."""
    quote: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(String(20), default="")
    """A `Decision`, or empty while nobody decided."""
    disputed: Mapped[bool] = mapped_column(default=False)
    place: Mapped[int]
    """In the coach's queue, the first is the lowest: `signals.store.index.place_of`."""


class SpokenTurn(Base):
    """One turn of the effective transcript, for search."""

    __tablename__ = "spoken_turns"
    __table_args__ = (Index("ix_spoken_turns_meeting", "meeting_id", "turn", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    turn: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))
    speaker: Mapped[str] = mapped_column(String(60))
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    """The text cut into words, joined by spaces: what full-text search looks into."""


class TurnVectors(Base):
    """The encoder's vectors of a meeting's turns, so that history is tagged again without computing them anew."""

    __tablename__ = "turn_vectors"

    meeting_id: Mapped[str] = _meeting_key()
    encoder: Mapped[str] = mapped_column(String(80))
    """Version of the encoder that made them."""
    vectors: Mapped[bytes] = mapped_column(LargeBinary)


class Chore(Base):
    """Work on all history that an admin asked for: one worker takes it, tells how far it is, and leaves the result."""

    __tablename__ = "chores"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(Utc, default=now)
    claim: Mapped[str] = mapped_column(String(80), default="")
    seen_at: Mapped[datetime | None] = mapped_column(Utc)
    """When its worker was last heard of."""
    finished_at: Mapped[datetime | None] = mapped_column(Utc)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """`signals.jobs.retag.Outcome` as JSON; {"failed": true} when it went wrong."""
