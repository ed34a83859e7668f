"""Decoding in pieces: memory stays flat whatever the length of the meeting."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from signals.audio.container import not_audio, open_container
from signals.audio.damage import cut_short
from signals.audio.frames import SoundReader
from signals.domain.audio import SAMPLE_RATE, AudioInfo, Waveform
from signals.domain.errors import AudioError
from signals.domain.protocols import Progress

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import InputContainer

_BYTES_PER_SAMPLE = 2
_SPARE_BYTES = 50_000_000
_BLOCK = 1 << 20
_UPSIDE_DOWN = -0.9
"""Correlation of the channels under which they are one sound of opposite sign."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodeLimits:
    """What is refused. Seconds; dBFS of the loudest sample."""

    shortest: float = 1.0
    longest: float = 12 * 3600.0
    silent_below: float = -60.0


def decode(
    path: Path, info: AudioInfo, target: Path, progress: Progress, limits: DecodeLimits | None = None
) -> tuple[Waveform, bool]:
    """Decodes a recording into `target` as raw 16 kHz int16 samples, mono or stereo.

    More than two channels are mixed to one. Returns the waveform and whether the file broke off early (damage or
    truncation after at least `limits.shortest` seconds of sound: what is there is kept). Raises `AudioError`; then, and
    when `progress` raises, nothing is left at `target`.
    """
    limits = limits or DecodeLimits()
    channels = 2 if info.channels == 2 else 1
    try:
        _check_space(target, info, channels)
        with open_container(path) as container, target.open("wb") as sink:
            copied = _copy(container, sink, channels, info, progress, limits)
        _check_content(path, copied, limits)
        if copied.correlation < _UPSIDE_DOWN:
            _turn_right_channel(target)
        progress(1.0)
    except OSError as error:
        target.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise disk_full() from None
        raise AudioError("cannot_write", "无法写入临时文件", "请检查临时文件夹的权限，或用 --work-dir 换一个") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    waveform = Waveform(path=target, frames=copied.frames, channels=channels)
    return waveform, copied.broken or cut_short(path, info, waveform.duration)


def disk_full() -> AudioError:
    return AudioError("disk_full", "磁盘空间不足，无法解码录音", "请清理磁盘，或用 --work-dir 换一个空间充足的文件夹")


def _check_space(target: Path, info: AudioInfo, channels: int) -> None:
    if info.duration is None:
        return
    needed = int(info.duration * SAMPLE_RATE) * channels * _BYTES_PER_SAMPLE + _SPARE_BYTES
    if info.duration < 24 * 3600 and shutil.disk_usage(target.parent).free < needed:
        raise disk_full()


@dataclass(frozen=True, slots=True)
class _Copied:
    frames: int
    peak: int
    """The loudest absolute sample, 0..32768."""
    broken: bool
    correlation: float
    """Of the two channels, -1..1; 0 for one channel."""


def _copy(
    container: InputContainer, sink: BinaryIO, channels: int, info: AudioInfo, progress: Progress, limits: DecodeLimits
) -> _Copied:
    """Writes all samples."""
    import numpy as np

    frames, peak = 0, 0
    products = np.zeros((channels, channels))
    reader = SoundReader(container, format="s16", layout="stereo" if channels == 2 else "mono")
    for frame in reader:
        chunk = _content(frame)
        samples = np.frombuffer(chunk, np.int16).reshape(-1, channels).astype(np.float64)
        peak = max(peak, int(np.abs(samples).max(initial=0)))
        products += samples.T @ samples
        sink.write(chunk)
        frames += len(samples)
        if frames > limits.longest * SAMPLE_RATE:
            raise AudioError(
                "too_long", f"录音超过 {limits.longest / 3600:.0f} 小时", "请先把录音按会谈切开，每次会谈一个文件"
            )
        progress(min(0.99, frames / SAMPLE_RATE / info.duration) if info.duration else 0.0)
    power = float(np.sqrt(products[0, 0] * products[-1, -1]))
    correlation = float(products[0, 1]) / power if channels == 2 and power else 0.0
    return _Copied(frames, peak, reader.broken, correlation)


def _content(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * len(frame.layout.channels) * _BYTES_PER_SAMPLE]


def _turn_right_channel(target: Path) -> None:
    """Undoes crossed wires: a right channel that is the left one upside down would cancel it when they are mixed."""
    import numpy as np

    mapped = np.memmap(target, "<i2", "r+")
    samples = mapped.reshape(-1, 2)
    for at in range(0, len(samples), _BLOCK):
        block = samples[at : at + _BLOCK, 1].astype(np.int32)
        samples[at : at + _BLOCK, 1] = np.minimum(-block, 32767)
    mapped.flush()


def _check_content(path: Path, copied: _Copied, limits: DecodeLimits) -> None:
    seconds = copied.frames / SAMPLE_RATE
    if seconds < limits.shortest:
        if copied.broken or copied.frames == 0:
            raise not_audio(path)
        raise AudioError(
            "too_short",
            f"录音只有 {seconds:.1f} 秒，短于 {limits.shortest:.0f} 秒",
            "请确认录音完整，或选择正确的文件",
        )
    if copied.peak < 32768 * 10 ** (limits.silent_below / 20):
        raise AudioError("silent", f"录音“{path.name}”没有声音", "请检查录音设备的麦克风，并确认选的是正确的文件")
