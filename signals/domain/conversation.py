"""Who said what: speakers, roles and turns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signals.domain.transcript import Word


class Role(StrEnum):
    """Which side of the table a speaker sits on."""

    MANAGER = "manager"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"


class DiarizationMethod(StrEnum):
    """How the speakers were told apart."""

    CHANNEL = "channel"
    """Each side of a stereo recording is a speaker."""
    VOICE = "voice"
    """Told apart by voice embeddings."""
    GIVEN = "given"
    """An imported transcript named its speakers."""
    NONE = "none"
    """Not separated; see `Diarization.note`."""


@dataclass(frozen=True, slots=True)
class SpeakerSpan:
    """One speaker talking without interruption. Seconds. Spans of two speakers may overlap."""

    start: float
    end: float
    speaker: str
    """SPEAKER_00, SPEAKER_01, … in order of first appearance, or the name an import gave."""


@dataclass(frozen=True, slots=True)
class Diarization:
    """Who spoke when."""

    spans: tuple[SpeakerSpan, ...]
    method: DiarizationMethod
    channels: tuple[str, ...] = ()
    """Speaker of each audio channel, left first, when the method is CHANNEL."""
    note: str = ""
    """Chinese; why the separation failed or is doubtful. Empty when all is well."""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Distinct speakers in order of first appearance."""
        return tuple(dict.fromkeys(span.speaker for span in self.spans))


@dataclass(frozen=True, slots=True)
class SpeakerRole:
    """The role one speaker was given, and how sure that is."""

    speaker: str
    role: Role
    confidence: float
    """0..1; 1.0 when the user said so."""
    source: str
    """"said" (judged from what was said) or "given" (the user or an import said so)."""
    name: str = ""
    """What a user calls the speaker; empty when nobody gave a name."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said until another spoke or a long pause came. One turn is one utterance for tagging."""

    index: int
    speaker: str
    role: Role
    start: float
    end: float
    text: str
    raw: str
    words: tuple[Word, ...] = ()
    """Empty when an imported transcript had no word times."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The attributed meeting: input of tagging, closing and coaching."""

    turns: tuple[Turn, ...]
    roles: tuple[SpeakerRole, ...]
    duration: float
    """Seconds."""
    times_estimated: bool = False
    """True when an import had no times and they were estimated from the length of the text."""
