"""Telling speakers apart by their voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signals.domain.audio import Waveform
from signals.domain.conversation import Diarization, DiarizationMethod, SpeakerSpan
from signals.domain.errors import DiarizationError
from signals.domain.protocols import Progress
from signals.domain.transcript import SpeechSpan
from signals.speakers.clustering import MOST_SPEAKERS, cluster
from signals.speakers.embedding import HOP, SpeakerEmbedder, Window, cut_windows
from signals.speakers.spans import join_own_gaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "3"
_FRAME = 0.1
_SWITCH_COST = 0.1
"""Cosine times seconds that a change of speaker within a stretch of speech must earn, so that no odd window makes a turn."""
_LEAST_SPEECH = 3.0


@dataclass(frozen=True)
class VoiceDiarizer:
    """Windows → embeddings → spectral clusters → the likeliest sequence of speakers → spans."""

    embedder: SpeakerEmbedder

    @property
    def description(self) -> str:
        return f"campplus+spectral v{VERSION}"

    def diarize(
        self, waveform: Waveform, speech: Sequence[SpeechSpan], speakers: int | None, progress: Progress
    ) -> Diarization:
        """See `Diarizer.diarize`. Raises `DiarizationError` when there is too little speech to compare."""
        if speakers is not None and not 1 <= speakers <= MOST_SPEAKERS:
            raise DiarizationError(
                "bad_count", f"说话人数应在 1 到 {MOST_SPEAKERS} 之间", "请修改 --speakers，或用 auto"
            )
        windows = cut_windows(speech)
        if sum(s.end - s.start for s in speech) < _LEAST_SPEECH:
            raise DiarizationError("too_little_speech", "录音中的说话声太少，无法区分说话人", "请人工核对说话人")
        embeddings = self.embedder.embed(waveform, windows, progress)
        _, centres = cluster(embeddings, speakers)
        found = _spans(speech, windows, embeddings @ centres.T)
        if speakers is not None and len(found.speakers) < speakers:
            return Diarization(
                found.spans, found.method, note=f"只听出 {len(found.speakers)} 个不同的声音，少于指定的人数"
            )
        return found


def _spans(speech: Sequence[SpeechSpan], windows: Sequence[Window], likeness: NDArray[np.float32]) -> Diarization:
    """Spans from each window's likeness (cosine) to each speaker's centre, shape (windows, speakers)."""
    spans: list[SpeakerSpan] = []
    names: dict[int, str] = {}
    at = 0
    for stretch in speech:
        last = at
        while last < len(windows) and windows[last].start < stretch.end:
            last += 1
        path = _likeliest(_frame_scores(stretch, windows[at:last], likeness[at:last]))
        _add_spans(spans, names, stretch, path)
        at = last
    return Diarization(join_own_gaps(spans), DiarizationMethod.VOICE)


def _frame_scores(stretch: SpeechSpan, windows: Sequence[Window], likeness: NDArray[np.float32]) -> NDArray[np.float64]:
    """Likeness per frame, shape (frames, speakers): the windows over a frame, those centred near it counting most."""
    import numpy as np

    frames = max(1, round((stretch.end - stretch.start) / _FRAME))
    centres = stretch.start + (np.arange(frames) + 0.5) * _FRAME
    middles = np.array([(w.start + w.end) / 2 for w in windows])
    nearness = np.exp(-(((centres[:, None] - middles) / HOP) ** 2) * 2) + 1e-9
    return np.asarray((nearness @ likeness) / nearness.sum(axis=1, keepdims=True), dtype=np.float64)


def _likeliest(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The sequence of speakers with the highest sum of scores less the cost of each change (Viterbi)."""
    import numpy as np

    frames, speakers = scores.shape
    cost = _SWITCH_COST / _FRAME
    best = scores[0].copy()
    came = np.zeros((frames, speakers), np.int64)
    for t in range(1, frames):
        leap = int(best.argmax())
        stay = best >= best[leap] - cost
        came[t] = np.where(stay, np.arange(speakers), leap)
        best = np.where(stay, best, best[leap] - cost) + scores[t]
    path = np.zeros(frames, np.int64)
    path[-1] = int(best.argmax())
    for t in range(frames - 1, 0, -1):
        path[t - 1] = came[t, path[t]]
    return path


def _add_spans(spans: list[SpeakerSpan], names: dict[int, str], stretch: SpeechSpan, path: NDArray[np.int64]) -> None:
    at = 0
    while at < len(path):
        stop = at
        while stop < len(path) and path[stop] == path[at]:
            stop += 1
        speaker = names.setdefault(int(path[at]), f"SPEAKER_{len(names):02d}")
        end = stretch.end if stop == len(path) else stretch.start + stop * _FRAME
        spans.append(SpeakerSpan(stretch.start + at * _FRAME, end, speaker))
        at = stop
