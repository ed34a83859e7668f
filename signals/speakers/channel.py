"""Telling speakers apart by the side of a stereo recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signals.domain.audio import SAMPLE_RATE, Waveform
from signals.domain.conversation import Diarization, DiarizationMethod, SpeakerSpan
from signals.domain.protocols import Progress
from signals.domain.transcript import SpeechSpan
from signals.speakers.spans import join_own_gaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "2"
_FRAME = 0.1
_SMOOTH = 5
"""Frames over which levels are averaged before the sides are compared."""
_LOUD = 99
"""Percentile of a side's levels that stands for its speaker's voice: high, so that a side that hardly speaks is not
measured by what it hears of the other."""
_SHORTEST = 0.3
_NAMES = ("SPEAKER_00", "SPEAKER_01")


@dataclass(frozen=True)
class ChannelDiarizer:
    """The louder side is speaking, after each channel's own level is evened out."""

    @property
    def description(self) -> str:
        return f"channel v{VERSION}"

    def diarize(
        self,
        waveform: Waveform,
        speech: Sequence[SpeechSpan],
        speakers: int | None,  # noqa: ARG002 the sides are two, whatever was said
        progress: Progress,
    ) -> Diarization:
        """See `Diarizer.diarize`. The left channel is SPEAKER_00, the right one SPEAKER_01."""
        import numpy as np

        levels = [np.concatenate([_levels(waveform, s, c) for s in speech] or [np.zeros(0)]) for c in (0, 1)]
        offset = [float(np.percentile(x, _LOUD)) if len(x) else 0.0 for x in levels]
        spans: list[SpeakerSpan] = []
        for number, span in enumerate(speech, 1):
            left, right = (_smooth(_levels(waveform, span, c) - offset[c]) for c in (0, 1))
            spans.extend(_runs(span, np.asarray(right > left)))
            progress(number / len(speech))
        return Diarization(join_own_gaps(spans), DiarizationMethod.CHANNEL, channels=_NAMES)


def _levels(waveform: Waveform, span: SpeechSpan, channel: int) -> NDArray[np.float64]:
    """dBFS per frame, at least one frame."""
    import numpy as np

    size = int(_FRAME * SAMPLE_RATE)
    samples = waveform.read(span.start, span.end, channel)
    frames = max(1, len(samples) // size)
    padded = np.pad(samples, (0, max(0, frames * size - len(samples))))[: frames * size].reshape(frames, size)
    return np.asarray(10 * np.log10(np.maximum((padded.astype(np.float64) ** 2).mean(axis=1), 1e-12)))


def _smooth(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    half = _SMOOTH // 2
    padded = np.pad(levels, half, mode="edge")
    return np.convolve(padded, np.full(_SMOOTH, 1 / _SMOOTH), mode="valid")


def _runs(span: SpeechSpan, right: NDArray[np.bool_]) -> list[SpeakerSpan]:
    """Runs of one side; a run under 0.3 s joins the one before it."""
    runs: list[tuple[int, int, int]] = []
    for frame, side in enumerate(right.astype(int).tolist()):
        if runs and runs[-1][2] == side:
            runs[-1] = (runs[-1][0], frame + 1, side)
        else:
            runs.append((frame, frame + 1, side))
    kept: list[tuple[int, int, int]] = []
    for first, last, side in runs:
        if kept and ((last - first) * _FRAME < _SHORTEST or kept[-1][2] == side):
            kept[-1] = (kept[-1][0], last, kept[-1][2])
        else:
            kept.append((first, last, side))
    return [
        SpeakerSpan(span.start + a * _FRAME, span.end if b == len(right) else span.start + b * _FRAME, _NAMES[side])
        for a, b, side in kept
    ]
