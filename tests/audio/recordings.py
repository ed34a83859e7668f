"""Real recordings for the tests, written with the same FFmpeg that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

_CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A way to write a recording."""

    suffix: str
    codec: str
    container: str
    rate: int = 44_100
    layout: str = "mono"
    bit_rate: int = 0
    video: bool = False
    samples: str = "s16"
    options: dict[str, str] = field(default_factory=dict)

    @property
    def channels(self) -> int:
        return _CHANNELS[self.layout]


WAV = Kind(suffix=".wav", codec="pcm_s16le", container="wav", rate=16_000)
MP3 = Kind(suffix=".mp3", codec="libmp3lame", container="mp3")
M4A = Kind(suffix=".m4a", codec="aac", container="ipod")
FLAC = Kind(suffix=".flac", codec="flac", container="flac")
KINDS = {
    "wav at 8 kHz": Kind(suffix=".wav", codec="pcm_s16le", container="wav", rate=8_000),
    "wav at 44.1 kHz": Kind(suffix=".wav", codec="pcm_s16le", container="wav"),
    "wav at 48 kHz, stereo": Kind(suffix=".wav", codec="pcm_s16le", container="wav", rate=48_000, layout="stereo"),
    "wav, 5.1": Kind(suffix=".wav", codec="pcm_s16le", container="wav", rate=48_000, layout="5.1"),
    "wav, 24 bit": Kind(suffix=".wav", codec="pcm_s24le", container="wav", rate=48_000, samples="s32"),
    "wav, A-law telephone": Kind(suffix=".wav", codec="pcm_alaw", container="wav", rate=8_000),
    "mp3": MP3,
    "mp3, stereo": Kind(suffix=".mp3", codec="libmp3lame", container="mp3", layout="stereo"),
    "m4a": M4A,
    "aac without container": Kind(suffix=".aac", codec="aac", container="adts"),
    "amr": Kind(suffix=".amr", codec="libopencore_amrnb", container="amr", rate=8_000, bit_rate=12_200),
    "flac": FLAC,
    "ogg/opus": Kind(suffix=".ogg", codec="libopus", container="ogg", rate=48_000, bit_rate=32_000),
    "wma": Kind(suffix=".wma", codec="wmav2", container="asf", layout="stereo", bit_rate=64_000),
    "mp4 with video": Kind(suffix=".mp4", codec="aac", container="mp4", layout="stereo", video=True),
    "mov with video": Kind(suffix=".mov", codec="aac", container="mov", video=True),
    "webm": Kind(suffix=".webm", codec="libopus", container="webm", rate=48_000, bit_rate=32_000),
}


def tone(seconds: float, rate: int, *, pitch: float = 440.0, level: float = 0.3) -> Sound:
    """A sine, shape (samples,), range -1..1."""
    return np.asarray(level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate))


def write(path: Path, kind: Kind, *channels: Sound) -> Path:
    """Writes one sound for each channel (one sound: the same in all) and gives the path."""
    sound = np.stack(channels if len(channels) > 1 else channels * kind.channels, axis=1)
    with av.open(str(path), "w", format=kind.container, options=kind.options) as target:
        picture = _picture_stream(target) if kind.video else None
        stream: Any = target.add_stream(kind.codec, rate=kind.rate, layout=kind.layout)
        if kind.bit_rate:
            stream.bit_rate = kind.bit_rate
        if picture is not None:
            _show(target, picture, seconds=len(sound) / kind.rate)
        for frame in _frames(sound, kind):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def write_silent_video(path: Path) -> Path:
    """A video without a sound track."""
    with av.open(str(path), "w", format="mp4") as target:
        _show(target, _picture_stream(target), seconds=2.0)
    return path


def _frames(sound: Sound, kind: Kind) -> list[av.AudioFrame]:
    """Frames of a second each."""
    scale, width = (32767, np.int16) if kind.samples == "s16" else (2**31 - 1, np.int32)
    samples = (sound * scale).astype(width)
    frames = []
    for at in range(0, len(samples), kind.rate):
        packed = np.ascontiguousarray(samples[at : at + kind.rate]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format=kind.samples, layout=kind.layout)
        frame.sample_rate, frame.pts = kind.rate, at
        frames.append(frame)
    return frames


def _picture_stream(target: Any) -> Any:
    stream = target.add_stream("mpeg4", rate=10)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    return stream


def _show(target: Any, stream: Any, *, seconds: float) -> None:
    for _ in range(round(seconds * 10)):
        target.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
    target.mux(stream.encode(None))
