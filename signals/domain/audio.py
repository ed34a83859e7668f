"""What is known of a recording, and its decoded samples on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Hz; every stage after decoding works at this rate."""


class ChannelLayout(StrEnum):
    """How a recording's channels relate to its speakers."""

    MONO = "mono"
    DUAL_MONO = "dual_mono"
    """Two channels with the same sound: treated as mono."""
    SPLIT = "split"
    """Two channels that differ: one side of the conversation each."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What probing a file tells without decoding it whole."""

    name: str
    sha256: str
    container: str
    codec: str
    sample_rate: int
    channels: int
    duration: float | None
    """Seconds as the container states them; None when it does not."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """Decoded sound: interleaved little-endian int16 at `SAMPLE_RATE` in a raw file on disk.

    Kept on disk and read in slices, so that memory does not grow with the length of the meeting.
    """

    path: Path
    frames: int
    channels: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.frames / SAMPLE_RATE

    def read(self, start: float = 0.0, end: float | None = None, channel: int | None = None) -> NDArray[np.float32]:
        """Samples between two times as float32 mono of shape (n,), range -1..1.

        `start`, `end` in seconds, clipped to the recording. `channel` picks one channel; None mixes all of them.
        """
        import numpy as np

        first = min(max(0, round(start * SAMPLE_RATE)), self.frames)
        last = self.frames if end is None else min(max(first, round(end * SAMPLE_RATE)), self.frames)
        if last == first:
            return np.zeros(0, np.float32)
        raw = np.fromfile(
            self.path, np.dtype("<i2"), count=(last - first) * self.channels, offset=first * self.channels * 2
        ).reshape(-1, self.channels)
        picked = raw.astype(np.float32).mean(axis=1) if channel is None else raw[:, channel].astype(np.float32)
        return np.asarray(picked / np.float32(32768.0), dtype=np.float32)
