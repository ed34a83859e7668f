"""What each replaceable capability must offer. Fakes for tests live in tests/fakes.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from signals.domain.audio import Waveform
from signals.domain.conversation import Conversation, Diarization
from signals.domain.report import Report
from signals.domain.tags import Hit, KeptVectors, LabelScore, Utterance
from signals.domain.transcript import SpeechSpan, Transcript


class Progress(Protocol):
    """Receives the progress of one stage and is the place where work stops when the user cancels."""

    def __call__(self, done: float) -> None:
        """`done` 0..1 of the running stage. Raises `Cancelled` when the user asked to stop."""


class Transcriber(Protocol):
    """Speech to words."""

    @property
    def description(self) -> str:
        """Engine, model and settings that change the text; part of the stage's identity."""

    def transcribe(
        self, waveform: Waveform, progress: Progress, on_speech: Callable[[tuple[SpeechSpan, ...]], None] | None = None
    ) -> Transcript:
        """Words with times. Raises `TranscriptionError` or `ModelError`; silence gives no segments, not an error.

        `on_speech` is told where speech is as soon as that is known, before any word is recognised.
        """


class Rewriter(Protocol):
    """From what was recognised to what is read."""

    @property
    def description(self) -> str:
        """Rules and word lists; part of the stage's identity."""

    def rewrite(self, transcript: Transcript) -> Transcript:
        """The same words and times with misheard words put right and numbers in digits."""


class Diarizer(Protocol):
    """Who spoke when."""

    @property
    def description(self) -> str:
        """Method, model and settings; part of the stage's identity."""

    def diarize(
        self, waveform: Waveform, speech: Sequence[SpeechSpan], speakers: int | None, progress: Progress
    ) -> Diarization:
        """Spans per speaker. `speakers` is the known number, None to estimate it. Raises `DiarizationError`."""


class RoleScorer(Protocol):
    """Manager or customer, from what was said."""

    def manager_log_odds(self, texts: Sequence[str]) -> list[float]:
        """For each utterance the natural-log odds that the bank's manager said it; 0 is undecided."""


class Tagger(Protocol):
    """Labels for what was said."""

    @property
    def description(self) -> str:
        """Model version and its thresholds; part of the stage's identity."""

    def tag(self, conversation: Conversation) -> tuple[Hit, ...]:
        """Labels over their thresholds, in order of time. Buying signals only from customers' turns."""

    def tag_again(
        self,
        conversations: Sequence[Conversation],
        before: Sequence[Sequence[Hit]],
        kept: Sequence[KeptVectors | None],
    ) -> list[tuple[tuple[Hit, ...], KeptVectors | None]]:
        """`tag` for many meetings that were tagged before, with what is worth keeping for the next time.

        What was kept is used where it is this tagger's; a hit that stays keeps its evidence.
        """

    def search_words(self, texts: Sequence[str]) -> list[str]:
        """Each text cut into words for full-text search, joined by spaces."""

    def query_words(self, text: str) -> list[str]:
        """The words to look for among those of `search_words`; all of them must be there."""

    def score(self, utterances: Sequence[Utterance]) -> list[tuple[LabelScore, ...]]:
        """For each utterance the labels over their thresholds, highest score first."""


class ReportWriter(Protocol):
    """One format of the report."""

    suffix: str
    """File ending with its dot."""

    def write(self, report: Report, path: Path) -> None:
        """Writes atomically: the file is whole or absent. Raises `OutputError`."""
