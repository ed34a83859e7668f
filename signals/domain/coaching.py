"""Figures measured on the conversation, and what a coach scores."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

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


class RubricItem(BaseModel):
    """One thing that is scored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: str = Field(pattern=r"^[a-z][a-z_0-9]{0,39}$")
    """The deck's own ids have a proposal of the machine's; others are the coach's alone."""
    name: str = Field(min_length=1, max_length=30)
    asks: str = Field(default="", max_length=200)
    """Chinese; what is looked at."""
    needs: dict[str, tuple[str, ...]] = {}
    """Topics and the words by which they are known; only of the item "needs"."""


class RubricTemplate(BaseModel):
    """What a scorecard asks, in its order."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=60)
    items: tuple[RubricItem, ...] = Field(min_length=1, max_length=20)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of the meeting that a score stands on. `time` in seconds."""

    time: float
    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class ItemScore:
    """The machine's proposal for one item."""

    item: str
    score: int | None
    """1..5; None where nothing can be said, which is no bad score."""
    reason: str
    """Chinese; from what the score follows."""
    evidence: tuple[Evidence, ...] = ()
