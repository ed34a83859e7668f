"""Reading a container's sound frame by frame, whatever is wrong with parts of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from signals.domain.audio import SAMPLE_RATE
from signals.domain.errors import AudioError

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.container import InputContainer


class SoundReader:
    """Iterates over frames of the first audio stream at `SAMPLE_RATE` in the wanted sample format and layout.

    `broken` tells afterwards whether some of the file could not be decoded. Raises `AudioError` when the disk fails.
    """

    def __init__(self, container: InputContainer, *, format: str, layout: str) -> None:
        self._container = container
        self._format = format
        self._layout = layout
        self.broken = False

    def __iter__(self) -> Iterator[AudioFrame]:
        resampler: AudioResampler | None = None
        kind: tuple[object, ...] = ()
        for frame in self._frames():
            frame.pts = None  # damaged or edited files have jumping times; the sound itself is what counts
            if resampler is None or kind != _kind(frame):  # joined recordings change their format on the way
                yield from self._flush(resampler)
                resampler, kind = self._resampler(), _kind(frame)
            yield from resampler.resample(frame)
        yield from self._flush(resampler)

    def _resampler(self) -> AudioResampler:
        import av

        return av.AudioResampler(format=self._format, layout=self._layout, rate=SAMPLE_RATE)

    @staticmethod
    def _flush(resampler: AudioResampler | None) -> Iterator[AudioFrame]:
        if resampler is not None:
            yield from resampler.resample(None)

    def _frames(self) -> Iterator[AudioFrame]:
        import av

        packets = self._container.demux(self._container.streams.audio[0])
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.broken = True
                return
            except OSError:  # from the file itself: a network drive that went away, a bad sector
                raise AudioError("unreadable", "读取录音文件时出错", "请把文件复制到本机磁盘后重试") from None
            try:
                yield from packet.decode()
            except av.error.FFmpegError:
                self.broken = True  # one bad packet costs its own fraction of a second, not the meeting


def _kind(frame: AudioFrame) -> tuple[object, ...]:
    return frame.format.name, frame.layout.name, frame.sample_rate
