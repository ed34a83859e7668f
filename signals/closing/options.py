"""What can be set in the judgement of closing moments. None of these figures is the deck's; docs/closing.md says why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingOptions:
    """Times in seconds, readiness and weights 0..1.

    The times do not depend on how long the meeting is, so that a moment is judged alike in a short and a long
    recording, and alike whether or not the rest is known yet.
    """

    half_life: float = 300.0
    """After which a signal counts half: the moment it shows is a matter of minutes."""
    objection_half_life: float = 900.0
    """After which an unanswered objection counts half: doubts outlast enthusiasm."""
    repeat_ceiling: float = 1.3
    """However often a label is repeated it counts at most this many times its weight."""

    open_at: float = 0.6
    """Readiness at which a window opens."""
    close_at: float = 0.4
    """Readiness below which a window closes; lower than `open_at`, so that windows do not flicker."""
    strong_weight: float = 0.6
    """A single signal opens a window when its catalogue weight is this high and its score at least `strong_score`."""
    strong_score: float = 0.5
    min_evidence: int = 2
    """Hits that a window needs when none of them is strong."""
    memory: float = 600.0
    """How far back before its opening a window's evidence reaches."""
    stale: float = 240.0
    """A window closes after so long without any signal of the customer's: the talk has moved on."""
    grace: float = 60.0
    """After a window fell in which a recovery still keeps it and a proposal still takes it."""

    answer_within: float = 180.0
    """In which the manager's reply counts as the answer to an objection."""
    patience: float = 120.0
    """After which an objection that nothing has settled ends the window it fell into."""
    reply: float = 180.0
    """After a proposal in which the customer's signals are the reply to it and open no new window."""
    hold: float = 600.0
    """After the customer agreed to a proposal in which no new window opens."""
    probe_floor: float = 0.15
    """A probing proposal below this readiness is premature; any other below `close_at`."""

    tick: float = 5.0
    """Step at which readiness is looked at between what was said."""
    max_points: int = 600
    """Most points of the readiness curve that are handed out."""

    def __post_init__(self) -> None:
        """Raises `ValueError` for figures that contradict each other."""
        if not 0.0 < self.close_at < self.open_at < 1.0:
            raise ValueError("close_at must lie between 0 and open_at, open_at below 1")
        if min(self.half_life, self.objection_half_life, self.tick) <= 0.0:
            raise ValueError("half-lives and tick must be positive")
        if self.repeat_ceiling < 1.0 or self.min_evidence < 1 or self.max_points < 10:
            raise ValueError("repeat_ceiling and min_evidence must be at least 1, max_points at least 10")
