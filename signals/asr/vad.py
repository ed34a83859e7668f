"""Where somebody speaks, found block by block with Silero VAD."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.protocols import Progress
from signals.domain.transcript import SpeechSpan

_BLOCK = 300.0
_MIN_SILENCE_MS = 160
_PAD_MS = 50
_JOIN = 0.1
"""Seconds; spans closer than this were one stretch that a block's edge or a breath cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the recording that is recognised at one go, cut in a pause. Seconds."""

    start: float
    end: float


def find_speech(waveform: Waveform, progress: Progress) -> tuple[SpeechSpan, ...]:
    """Stretches with speech, in order, not overlapping. Memory does not depend on the length of the recording."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_silence_duration_ms=_MIN_SILENCE_MS, speech_pad_ms=_PAD_MS, min_speech_duration_ms=60)
    spans: list[SpeechSpan] = []
    start = 0.0
    while start < waveform.duration:
        for found in get_speech_timestamps(waveform.read(start, start + _BLOCK), options):
            span = SpeechSpan(start + found["start"] / SAMPLE_RATE, start + found["end"] / SAMPLE_RATE)
            if spans and span.start - spans[-1].end < _JOIN:
                spans[-1] = SpeechSpan(spans[-1].start, max(span.end, spans[-1].end))
            else:
                spans.append(span)
        start += _BLOCK
        progress(min(1.0, start / waveform.duration))
    return tuple(spans)


def cut_at_pauses(speech: tuple[SpeechSpan, ...], duration: float, longest: float) -> tuple[Piece, ...]:
    """Cuts a recording into pieces of at most `longest` seconds, in the middle of the longest pause of each one's last half.

    Speech without any pause is cut at `longest`. Stretches without speech belong to no piece.
    """
    if not speech:
        return ()
    pieces: list[Piece] = []
    start = max(0.0, speech[0].start - 0.5)
    last = min(duration, speech[-1].end + 0.5)
    while last - start > longest:
        pauses = [
            (after.start - before.end, (after.start + before.end) / 2)
            for before, after in itertools.pairwise(speech)
            if start + longest / 2 <= before.end and after.start <= start + longest
        ]
        cut = max(pauses)[1] if pauses else start + longest
        pieces.append(Piece(start, cut))
        following = [s.start for s in speech if s.end > cut]
        start = max(cut, following[0] - 0.5) if following else last
    return (*pieces, Piece(start, last)) if last > start else tuple(pieces)
