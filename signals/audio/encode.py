"""A small copy of the sound for a report that must play anywhere."""

from __future__ import annotations

import io
from pathlib import Path

from signals.audio.container import open_container
from signals.audio.frames import SoundReader
from signals.domain.audio import SAMPLE_RATE

BITS_PER_SECOND = 32_000


def stretch(start: float, end: float) -> tuple[int, int]:
    """First byte and the one after the last of a stretch (seconds) of what `compress` makes; players find the next frame."""
    rate = BITS_PER_SECOND // 8
    return int(max(0.0, start) * rate), int(end * rate)


def compress(path: Path) -> bytes:
    """The recording as mono MP3 at a constant 32 kbit/s: every browser plays it and can jump to any place at once.

    About 240 kB a minute. Raises `AudioError` for a file that is not audio.
    """
    import av

    sink = io.BytesIO()
    with open_container(path) as source, av.open(sink, "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        for frame in SoundReader(source, format="s16p", layout="mono"):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return sink.getvalue()
