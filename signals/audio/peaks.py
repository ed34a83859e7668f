"""The outline of the sound, for drawing a waveform without loading the sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from signals.audio.container import open_container
from signals.audio.frames import SoundReader
from signals.domain.audio import SAMPLE_RATE

PER_SECOND = 10
_STEP = SAMPLE_RATE // PER_SECOND


def peaks(path: Path) -> dict[str, Any]:
    """{"duration": seconds, "per_second": 10, "peaks": [0..1, …]}: the loudest sample of each tenth of a second.

    Raises `AudioError` for a file that is not audio.
    """
    import numpy as np

    found: list[float] = []
    rest = np.zeros(0, np.int16)
    samples = 0
    with open_container(path) as source:
        for frame in SoundReader(source, format="s16", layout="mono"):
            new = frame.to_ndarray().reshape(-1)
            samples += len(new)
            rest = np.concatenate([rest, new])
            whole = len(rest) // _STEP
            if whole:
                loud = np.abs(rest[: whole * _STEP].astype(np.int32)).reshape(whole, _STEP).max(axis=1)
                found.extend((loud / 32768).round(3).tolist())
                rest = rest[whole * _STEP :]
    if len(rest):
        found.append(round(float(np.abs(rest.astype(np.int32)).max()) / 32768, 3))
    return {"duration": round(samples / SAMPLE_RATE, 3), "per_second": PER_SECOND, "peaks": found}
