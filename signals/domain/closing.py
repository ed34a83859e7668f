"""When to propose the deal, how, and what became of the moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signals.domain.tags import Hit


@dataclass(frozen=True, slots=True)
class ReadinessPoint:
    """Readiness to buy at a moment: 0 (none) .. 1 (as ready as it gets)."""

    time: float
    value: float


class WindowOutcome(StrEnum):
    """What became of a window."""

    TAKEN = "taken"
    """The manager proposed the deal in time."""
    MISSED = "missed"
    """The talk moved on without a proposal."""
    OPEN = "open"
    """Still open when the recording ends: propose now."""


@dataclass(frozen=True, slots=True)
class StrategyAdvice:
    """One of the deck's four ways to close, for one window."""

    strategy: str
    """Id in the catalogue: probe, summarise, direct, stepwise."""
    reason: str
    """Chinese; the deck's condition that holds here, with what the customer said."""
    line: str
    """Chinese; what to say, adapted to what the customer asked."""
    preconditions: tuple[str, ...] = ()
    """Chinese; open points to settle before or while proposing (an unanswered question, an objection)."""


@dataclass(frozen=True, slots=True)
class ClosingWindow:
    """A stretch in which proposing the deal was right. Seconds."""

    start: float
    end: float
    peak: ReadinessPoint
    outcome: WindowOutcome
    evidence: tuple[Hit, ...]
    """The customer's signals that opened it, strongest first."""
    advice: StrategyAdvice
    proposal: Hit | None = None
    """The manager's own closing attempt that took it."""

    @property
    def seconds_to_proposal(self) -> float | None:
        """From the window's opening to the manager's proposal; None when there was none."""
        return None if self.proposal is None else max(0.0, self.proposal.start - self.start)


class Verdict(StrEnum):
    """The one-word answer at the top of the report."""

    PROPOSE_NOW = "propose_now"
    TAKEN = "taken"
    MISSED = "missed"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class PrematureClose:
    """A closing attempt of the manager's before the customer was ready."""

    proposal: Hit
    readiness: float


@dataclass(frozen=True, slots=True)
class StageSpan:
    """The stage of the buyer's mind (1..8 of the deck) judged for a stretch of the meeting. Seconds."""

    start: float
    end: float
    stage: int
    because: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosingAnalysis:
    """Everything that closing says about a meeting."""

    verdict: Verdict
    reason: str
    """Chinese; why this verdict, in one or two sentences. For NOT_YET: what is still missing."""
    readiness: tuple[ReadinessPoint, ...]
    threshold: float
    """Readiness at which a window opens."""
    windows: tuple[ClosingWindow, ...]
    premature: tuple[PrematureClose, ...]
    stages: tuple[StageSpan, ...]
    next_steps: tuple[str, ...]
    """Chinese; what the manager should do after the meeting, most important first."""
    open_objections: tuple[Hit, ...] = ()
    """Objections that nothing later in the meeting answered."""
