"""What a recording is, without decoding it whole."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from signals.audio.container import FORMATS_SHOWN, open_container
from signals.domain.audio import AudioInfo
from signals.domain.errors import AudioError

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext

_RATES = range(2_000, 768_001)
"""Hz. Anything else is damage or an attack: the resampler's memory grows with the rate."""


def probe(path: Path) -> AudioInfo:
    """Container, codec, rate, channels, stated duration and sha256 of a recording.

    Raises `AudioError` for anything that is not readable audio.
    """
    with open_container(path) as container:
        stream = container.streams.audio[0]
        context: AudioCodecContext | None = stream.codec_context
        if context is None:
            raise AudioError(
                "unknown_codec", f"文件“{path.name}”的编码方式无法识别", f"请转换成常见格式后重试：{FORMATS_SHOWN}"
            )
        if context.sample_rate not in _RATES or not 1 <= context.channels <= 64:
            raise AudioError("bad_header", f"文件“{path.name}”的文件头有误", "请从录音设备重新导出后重试")
        duration = None
        if stream.duration is not None and stream.time_base is not None:
            duration = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            duration = container.duration / 1_000_000
        return AudioInfo(
            name=path.name,
            sha256=_sha256(path),
            container=container.format.name,
            codec=context.name,
            sample_rate=context.sample_rate,
            channels=context.channels,
            duration=duration if duration is not None and duration > 0 else None,
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
