"""What was said, before anybody is named: words with times, and what was removed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word, simplified Chinese. Times in seconds from the start of the recording."""

    text: str
    start: float
    end: float
    probability: float
    """0..1, the recogniser's own."""
    raw: str
    """The recogniser's text before conversion and clean-up."""
    heard: str = ""
    """What the recogniser wrote where a word of the trade of the same sound was put in its place; else empty."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as the recogniser cut it; it may hold more than one speaker."""

    start: float
    end: float
    text: str
    raw: str
    words: tuple[Word, ...]
    avg_logprob: float
    no_speech_probability: float


class RemovalReason(StrEnum):
    """Why text was taken out."""

    LOOP = "loop"
    """A phrase the recogniser repeated without end."""
    CREDIT = "credit"
    """Subtitle credits and channel slogans (字幕由…, 请不吝点赞…), learnt from films, never said."""
    SILENCE = "silence"
    """Text where no speech was, and the recogniser itself was unsure."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Text that was taken out of the transcript, kept for inspection."""

    start: float
    end: float
    text: str
    reason: RemovalReason


@dataclass(frozen=True, slots=True)
class SpeechSpan:
    """A stretch in which voice activity was found. Seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the detected speech got text."""

    speech_seconds: float
    covered_seconds: float
    gaps: tuple[SpeechSpan, ...]
    """Speech without text of 2 s or more: worth listening to."""

    @property
    def ratio(self) -> float:
        """0..1; 1.0 when there was no speech at all."""
        return min(1.0, self.covered_seconds / self.speech_seconds) if self.speech_seconds else 1.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """The recogniser's whole answer. Segments are in order and their times never run backwards."""

    segments: tuple[Segment, ...]
    removed: tuple[Removal, ...]
    speech: tuple[SpeechSpan, ...]
    coverage: Coverage
    engine: str
    """Name and version of engine and model, with the settings that change the text."""
