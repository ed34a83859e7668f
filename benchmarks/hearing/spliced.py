"""Telling voices apart, measured alone: on whole recordings, and on meetings spliced from clips of real people.

The clips are measured and never copied.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearing_metrics import DiarizationErrors, Spoken, diarization_errors

from signals.domain.audio import SAMPLE_RATE, Waveform

_MOST = 12
"""Meetings of each size."""
_BELOW_LOUDEST, _ABOVE_NOISE = 35.0, 10.0
"""Decibels between which and the loudest frame, and above the quietest twentieth of the frames, somebody is heard in a clip."""


@dataclass(frozen=True, slots=True)
class ToldApart:
    """One recording, with the number of speakers told and not told."""

    name: str
    speakers: int
    """Those there are."""
    known: DiarizationErrors
    unknown: DiarizationErrors


def clips(manifest: Path) -> list[dict[str, Any]]:
    """The lines of a manifest."""
    return [json.loads(x) for x in manifest.read_text(encoding="utf-8").splitlines() if x.strip()]


def decoded(path: Path, folder: Path) -> Waveform:
    """A recording as the product decodes it."""
    from signals.audio import decode, probe

    return decode(path, probe(path), folder / "sound.raw", lambda _: None)[0]


def measure_recording(path: Path, reference: Sequence[Spoken]) -> ToldApart:
    """A recording as it is: the sound is decoded and its speakers told apart, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="voices-") as folder:
        return _told_apart(path.stem, decoded(path, Path(folder)), reference)


def measure(manifest: Path) -> list[ToldApart]:
    """Every pair and every three of the speakers who have several clips, taking turns with half-second pauses."""
    by_speaker: dict[str, list[Path]] = {}
    for clip in clips(manifest):
        by_speaker.setdefault(clip["speaker"], []).append(manifest.parent / clip["file"])
    several = {s: files for s, files in by_speaker.items() if len(files) > 1}
    groups = [
        group for size in (2, 3) for group in itertools.islice(itertools.combinations(sorted(several), size), _MOST)
    ]
    return [_measured({s: several[s] for s in group}) for group in groups]


def _measured(files: dict[str, list[Path]]) -> ToldApart:
    import numpy as np

    rounds = itertools.chain.from_iterable(itertools.zip_longest(*([(s, f) for f in x] for s, x in files.items())))
    sounds, reference, at = [], [], 0.5
    with tempfile.TemporaryDirectory(prefix="spliced-") as folder:
        sounds.append(np.zeros(SAMPLE_RATE // 2, np.float32))
        for speaker, path in filter(None, rounds):
            sound = decoded(path, Path(folder)).read()
            reference += said(speaker, sound, at)
            sounds += [sound, np.zeros(SAMPLE_RATE // 2, np.float32)]
            at += len(sound) / SAMPLE_RATE + 0.5
        whole = np.concatenate(sounds)
        (np.clip(whole, -1, 1) * 32767).astype("<i2").tofile(Path(folder) / "whole.raw")
        waveform = Waveform(Path(folder) / "whole.raw", len(whole), 1)
        return _told_apart(" ".join(files), waveform, reference)


def _told_apart(name: str, waveform: Waveform, reference: Sequence[Spoken]) -> ToldApart:
    from signals.asr.vad import find_speech
    from signals.resources import models_dir
    from signals.speakers.embedding import SpeakerEmbedder
    from signals.speakers.voice import VoiceDiarizer

    speech = find_speech(waveform, lambda _: None)
    diarizer = VoiceDiarizer(SpeakerEmbedder(models_dir() / "campplus.onnx"))
    speakers = len({x.speaker for x in reference})
    known, unknown = (
        diarization_errors(reference, [Spoken(s.speaker, s.start, s.end) for s in found.spans])
        for found in (diarizer.diarize(waveform, speech, n, lambda _: None) for n in (speakers, None))
    )
    return ToldApart(name, speakers, known, unknown)


def said(speaker: str, sound: Any, at: float) -> list[Spoken]:
    """Where in a clip somebody is heard: 20 ms frames that are loud beside the loudest and the clip's own noise, gaps under
    0.4 s closed."""
    import numpy as np

    size = SAMPLE_RATE // 50
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    level = np.sqrt((frames**2).mean(axis=1))
    noise = np.percentile(level, 5)
    loud = np.flatnonzero(level > max(level.max() * 10 ** (-_BELOW_LOUDEST / 20), noise * 10 ** (_ABOVE_NOISE / 20)))
    spans: list[list[float]] = []
    for frame in loud.tolist():
        start, end = at + frame / 50, at + (frame + 1) / 50
        if spans and start - spans[-1][1] < 0.4:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    return [Spoken(speaker, start, end) for start, end in spans]
