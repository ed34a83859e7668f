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
            frames, peak, broken = _copy(container, sink, channels, info, progress, limits)
        _check_content(path, frames, peak, broken, limits)
        progress(1.0)
    except OSError as error:
        target.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise disk_full() from None
        raise AudioError("cannot_write", "无法写入临时文件", "请检查临时文件夹的权限，或用 --work-dir 换一个") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    waveform = Waveform(path=target, frames=frames, channels=channels)
    return waveform, broken or cut_short(path, info, waveform.duration)


def disk_full() -> AudioError:
    return AudioError("disk_full", "磁盘空间不足，无法解码录音", "请清理磁盘，或用 --work-dir 换一个空间充足的文件夹")


def _check_space(target: Path, info: AudioInfo, channels: int) -> None:
    if info.duration is None:
        return
    needed = int(info.duration * SAMPLE_RATE) * channels * _BYTES_PER_SAMPLE + _SPARE_BYTES
    if info.duration < 24 * 3600 and shutil.disk_usage(target.parent).free < needed:
        raise disk_full()


def _copy(
    container: InputContainer, sink: BinaryIO, channels: int, info: AudioInfo, progress: Progress, limits: DecodeLimits
) -> tuple[int, int, bool]:
    """Writes all samples; gives frames written, the loudest absolute sample (0..32768) and whether decoding broke off."""
    import numpy as np

    frames, peak = 0, 0
    reader = SoundReader(container, format="s16", layout="stereo" if channels == 2 else "mono")
    for frame in reader:
        chunk = _content(frame)
        samples = np.frombuffer(chunk, np.int16)
        peak = max(peak, int(np.abs(samples.astype(np.int32)).max(initial=0)))
        sink.write(chunk)
        frames += samples.size // channels
        if frames > limits.longest * SAMPLE_RATE:
            raise AudioError(
                "too_long", f"录音超过 {limits.longest / 3600:.0f} 小时", "请先把录音按会谈切开，每次会谈一个文件"
            )
        progress(min(0.99, frames / SAMPLE_RATE / info.duration) if info.duration else 0.0)
    return frames, peak, reader.broken


def _content(frame: AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * len(frame.layout.channels) * _BYTES_PER_SAMPLE]


def _check_content(path: Path, frames: int, peak: int, broken: bool, limits: DecodeLimits) -> None:
    if frames < limits.shortest * SAMPLE_RATE:
        if broken or frames == 0:
            raise not_audio(path)
        raise AudioError(
            "too_short",
            f"录音只有 {frames / SAMPLE_RATE:.1f} 秒，短于 {limits.shortest:.0f} 秒",
            "请确认录音完整，或选择正确的文件",
        )
    if peak < 32768 * 10 ** (limits.silent_below / 20):
        raise AudioError("silent", f"录音“{path.name}”没有声音", "请检查录音设备的麦克风，并确认选的是正确的文件")
