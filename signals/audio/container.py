"""Opening a recording with FFmpeg as the hostile input that it may be."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from signals.audio.damage import looks_like_cut_mp4
from signals.domain.errors import AudioError

if TYPE_CHECKING:
    from av.container import InputContainer

# Demuxers that read nothing but the file itself: no playlists (hls, concat, dash) that pull in other files.
_FORMATS = "wav,w64,mp3,mov,mp4,m4a,3gp,3g2,mj2,aac,amr,amrnb,amrwb,flac,ogg,asf,matroska,webm,aiff,caf,au,ape,avi,flv"
FORMATS_SHOWN = "wav、mp3、m4a/aac、amr、flac、ogg/opus、wma、mp4/mov"


@contextmanager
def open_container(path: Path) -> Iterator[InputContainer]:
    """Opens a file as audio. Raises `AudioError` that says in Chinese what is wrong with it.

    FFmpeg gets an open file object and never the path, so that a file name can't act as a protocol.
    """
    import av

    _check_file(path)
    try:
        handle = path.open("rb")
    except OSError as error:
        raise _cannot_open(path, error) from None
    with handle:
        try:
            container = av.open(
                _Source(handle),
                mode="r",
                container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
                metadata_errors="ignore",
            )
        except (av.error.FFmpegError, ValueError):
            raise (_lost_index(path) if looks_like_cut_mp4(path) else not_audio(path)) from None
        except OSError as error:
            raise _cannot_open(path, error) from None
        with container:
            if not container.streams.audio:
                raise AudioError(
                    "no_audio_stream", f"文件“{path.name}”里没有声音", "请确认选的是录音文件，而不是图片或无声视频"
                )
            yield container


class _Source:
    """A file that answers a jump to an impossible place, which damaged files ask for, with an error code.

    PyAV would print an exception raised there on the user's terminal.
    """

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self.read = handle.read
        self.tell = handle.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._handle.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -errno.EINVAL


def not_audio(path: Path) -> AudioError:
    return AudioError(
        "not_audio",
        f"文件“{path.name}”不是能识别的录音，或已损坏",
        f"支持的格式：{FORMATS_SHOWN}；请用播放器确认能正常播放，必要时从录音设备重新导出",
    )


def _lost_index(path: Path) -> AudioError:
    return AudioError(
        "truncated", f"文件“{path.name}”不完整：缺少文件末尾的索引", "录音可能没有录完或没有拷完，请从录音设备重新导出"
    )


def _cannot_open(path: Path, error: OSError) -> AudioError:
    if isinstance(error, FileNotFoundError):
        return AudioError("not_found", f"找不到文件“{path.name}”", "请检查文件名和所在文件夹")
    if isinstance(error, PermissionError):
        return AudioError(
            "no_permission", f"没有权限读取“{path.name}”", "请检查文件权限，或把文件复制到自己的文件夹后重试"
        )
    reason = errno.errorcode.get(error.errno or 0, "?")
    return AudioError("unreadable", f"无法读取文件“{path.name[:80]}”（{reason}）", "请检查文件名和磁盘后重试")


def _check_file(path: Path) -> None:
    try:
        status = path.stat()
    except OSError as error:
        raise _cannot_open(path, error) from None
    except ValueError:  # a zero character in the name
        raise AudioError("not_found", "文件名无效", "请检查文件名和所在文件夹") from None
    if not stat.S_ISREG(status.st_mode):
        raise AudioError("not_a_file", f"“{path.name}”不是文件", "请选择一个录音文件")
    if status.st_size == 0:
        raise AudioError("empty", f"文件“{path.name}”是空的（0 字节）", "录音可能没有保存成功，请从录音设备重新导出")
