"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from signals.domain.errors import OutputError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_whole(path: Path, text: str) -> None:
    """Writes UTF-8 text by way of a temporary file beside it. Raises `OutputError`; then `path` is as it was.

    What UTF-8 cannot hold (bytes of a file name that are no text) becomes a question mark.
    """
    write_whole_bytes(path, text.encode("utf-8", "replace"))


def write_whole_bytes(path: Path, data: bytes) -> None:
    """The same for bytes."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        _remove(temporary)
        if error.errno in _FULL:
            raise OutputError(
                "disk_full", f"磁盘空间不足，无法写入 {path.name}", "请清理磁盘，或用 --output 换一个文件夹"
            ) from None
        raise OutputError(
            "cannot_write", f"无法写入 {path.name}", "请检查文件夹的权限，或用 --output 换一个文件夹"
        ) from None


def _remove(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # what kept us from writing may keep us from removing; the error itself is told by the caller
