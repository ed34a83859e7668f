"""Stand-ins for the models, so that most tests run without them. Each remembers how often it was asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from signals.domain.audio import Waveform
from signals.domain.conversation import Conversation, Diarization, DiarizationMethod, Role, SpeakerSpan
from signals.domain.errors import Cancelled, SignalsError
from signals.domain.protocols import Progress
from signals.domain.tags import EvidenceSpan, Hit, KeptVectors, LabelScore, Utterance
from signals.domain.transcript import Coverage, Removal, Segment, SpeechSpan, Transcript, Word
from signals.tagging.encoder import BEGIN, END, Tokens, UtteranceEncoder, Vectors


def spoken(text: str, start: float, end: float, *, probability: float = 0.9) -> Segment:
    """A segment whose characters are words of equal length between two times in seconds."""
    step = (end - start) / max(1, len(text))
    words = tuple(
        Word(c, round(start + i * step, 6), round(start + (i + 1) * step, 6), probability, c)
        for i, c in enumerate(text)
    )
    return Segment(start, end, text, text, words, avg_logprob=-0.2, no_speech_probability=0.01)


def transcript(
    *segments: Segment, removed: Sequence[Removal] = (), covered: float | None = None, engine: str = "fake"
) -> Transcript:
    """A transcript whose speech is where its segments are; `covered` seconds of it got text (None: all)."""
    speech = tuple(SpeechSpan(s.start, s.end) for s in segments)
    seconds = sum(s.end - s.start for s in speech)
    coverage = Coverage(seconds, seconds if covered is None else covered, ())
    return Transcript(segments, tuple(removed), speech, coverage, engine)


@dataclass
class FakeTranscriber:
    """Gives `answer`, or raises it, and reports its progress on the way."""

    answer: Transcript | SignalsError = field(default_factory=transcript)
    description: str = "fake-asr v1"
    calls: int = 0

    def transcribe(
        self, waveform: Waveform, progress: Progress, on_speech: Callable[[tuple[SpeechSpan, ...]], None] | None = None
    ) -> Transcript:
        self.calls += 1
        if on_speech is not None and isinstance(self.answer, Transcript):
            on_speech(self.answer.speech)
        for done in (0.0, 0.5, 1.0):
            progress(done)
        if isinstance(self.answer, SignalsError):
            raise self.answer
        return self.answer


@dataclass
class FakeRewriter:
    """Replaces words that are there as a whole, and leaves the rest."""

    words: Mapping[str, str] = field(default_factory=dict)
    description: str = "fake-rewriter v1"

    def rewrite(self, transcript: Transcript) -> Transcript:
        return replace(transcript, segments=tuple(self._rewritten(s) for s in transcript.segments))

    def _rewritten(self, segment: Segment) -> Segment:
        words = tuple(
            replace(w, text=self.words[w.text], heard=w.text) if w.text in self.words else w for w in segment.words
        )
        return replace(segment, words=words, text="".join(w.text for w in words))


@dataclass
class FakeDiarizer:
    """Gives `spans` as the two speakers' speech, or raises `error`."""

    spans: tuple[SpeakerSpan, ...] = ()
    method: DiarizationMethod = DiarizationMethod.VOICE
    channels: tuple[str, ...] = ()
    note: str = ""
    error: SignalsError | None = None
    description: str = "fake-diarizer v1"
    asked_for: list[int | None] = field(default_factory=list)
    """The number of speakers that each call was given."""

    def diarize(
        self, waveform: Waveform, speech: Sequence[SpeechSpan], speakers: int | None, progress: Progress
    ) -> Diarization:
        self.asked_for.append(speakers)
        progress(0.5)
        if self.error is not None:
            raise self.error
        return Diarization(self.spans, self.method, self.channels, self.note)


@dataclass
class FakeRoleScorer:
    """Log-odds by the words in an utterance: those of the first key that it holds, else 0."""

    by_words: Mapping[str, float] = field(default_factory=dict)

    def manager_log_odds(self, texts: Sequence[str]) -> list[float]:
        return [next((odds for words, odds in self.by_words.items() if words in text), 0.0) for text in texts]


@dataclass
class FakeTagger:
    """A hit of 0.9 wherever a known role says the words that stand for a label."""

    by_words: Mapping[str, str] = field(default_factory=dict)
    """Label id by words."""
    description: str = "fake-tagger v1"
    calls: int = 0

    def tag_again(
        self,
        conversations: Sequence[Conversation],
        before: Sequence[Sequence[Hit]],
        kept: Sequence[KeptVectors | None],
    ) -> list[tuple[tuple[Hit, ...], KeptVectors | None]]:
        return [(FakeTagger.tag(self, c), None) for c in conversations]

    def search_words(self, texts: Sequence[str]) -> list[str]:
        """Characters."""
        return [" ".join(text) for text in texts]

    def query_words(self, text: str) -> list[str]:
        return [c for c in text if c.strip()]

    def score(self, utterances: Sequence[Utterance]) -> list[tuple[LabelScore, ...]]:
        return [tuple(LabelScore(x, 0.9) for words, x in self.by_words.items() if words in u.text) for u in utterances]

    def tag(self, conversation: Conversation) -> tuple[Hit, ...]:
        self.calls += 1
        hits = []
        for turn in conversation.turns:
            for words, label in self.by_words.items():
                at = turn.text.find(words)
                if at >= 0 and turn.role is not Role.UNKNOWN:
                    evidence = (EvidenceSpan(at, at + len(words), 1.0),)
                    hits.append(Hit(turn.index, label, 0.9, 0.5, turn.start, turn.end, turn.text, evidence))
        return tuple(hits)


class FakeEncoder(UtteranceEncoder):
    """A vector has a place for each topic: how much of the utterance is words of it. Each character is a token."""

    LOUD = 100.0
    """What a character that belongs to a topic has in the topic's place."""

    def __init__(
        self, topics: Mapping[str, int] | None = None, *, width: int = 4, version: str = "fake-encoder"
    ) -> None:
        """`topics`: by words the number of what they mean, 0..width - 1."""
        self._topics, self._places, self._named = topics or {}, width, version
        self.asked: list[Utterance] = []
        self._recent = {}

    @property
    def version(self) -> str:
        return self._named

    @property
    def _width(self) -> int:
        return self._places

    def states(self, utterances: Sequence[Utterance]) -> Generator[tuple[Vectors, Tokens], None, None]:
        for utterance in utterances:
            self.asked.append(utterance)
            text = utterance.text
            states = np.zeros((len(text) + 1, self._places), np.float32)
            for words, topic in self._topics.items():
                at = text.find(words)
                if at >= 0:
                    states[at : at + len(words), topic] = self.LOUD
            spans = [(i, i + 1) for i in range(len(text))]
            yield states, Tokens([BEGIN, *map(ord, text), END], [0, *[2] * (len(text) + 1)], 1, spans)


@dataclass
class RecordingWatcher:
    """Remembers the stages and the progress of each."""

    stages: list[str] = field(default_factory=list)
    reported: dict[str, list[float]] = field(default_factory=dict)

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def progress(self, done: float) -> None:
        self.reported.setdefault(self.stages[-1], []).append(done)


@dataclass
class CancellingWatcher(RecordingWatcher):
    """The user who stops the work in a stage, as soon as it reports that it has come to `at` (0..1)."""

    in_stage: str = "asr"
    at: float = 0.5
    look: Callable[[], None] = lambda: None
    """Called just before the work is stopped."""

    def progress(self, done: float) -> None:
        super().progress(done)
        if self.stages[-1] == self.in_stage and done >= self.at:
            self.look()
            raise Cancelled
