"""What the tagger found in the turns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """Part of a turn's text that carried a hit: characters start..end (end excluded), and its share of the weight."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label and its calibrated probability, 0..1."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A label over its threshold in one turn."""

    turn: int
    """Index of the turn."""
    label: str
    score: float
    threshold: float
    start: float
    """Seconds; of the words that carried the hit where word times are known, else of the turn."""
    end: float
    quote: str
    """Verbatim text of the turn (or its part, when the turn is long)."""
    evidence: tuple[EvidenceSpan, ...] = ()
    """Positions in the turn's text, not in the quote."""


@dataclass(frozen=True, slots=True)
class KeptVectors:
    """What a tagger keeps of a meeting's turns, so that they need not be understood anew: only it can read `data`."""

    encoder: str
    """Version of what made them."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Utterance:
    """Input of a tagger that has no meeting around it."""

    text: str
    role: str
    """"customer" or "manager"."""
    previous: str = ""
    """What the other side said just before."""
