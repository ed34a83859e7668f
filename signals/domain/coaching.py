"""Figures measured on the conversation, and kinds of clients; nothing here is a judgement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signals.domain.conversation import Role


class ClientKind(StrEnum):
    """The deck's kinds of customers, which want different offers and answers."""

    STATE = "state"
    PRIVATE = "private"
    FOREIGN = "foreign"
    PUBLIC = "public"
    """Hospitals, schools and authorities."""


@dataclass(frozen=True, slots=True)
class SpeakerShare:
    """How much and how long one speaker talked."""

    speaker: str
    role: Role
    seconds: float
    share: float
    """0..1 of all talking time."""
    turns: int
    longest_monologue: float
    """Seconds the speaker held the floor, pauses and bare backchannels of others included."""


@dataclass(frozen=True, slots=True)
class TalkStatistics:
    """The figures of a meeting."""

    speakers: tuple[SpeakerShare, ...]
    silence_seconds: float
    manager_share: float | None
    """0..1 of talking time; None when no manager is known."""
    patience: float | None
    """Median seconds the manager waits after the customer stops; None without such pairs."""
    switches_per_minute: float
    questions: tuple[tuple[str, int], ...]
    """Manager's questions by kind id (q_closed, q_open, q_clarify, q_lead)."""
