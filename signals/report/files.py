"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

from signals.domain.errors import OutputError


def write_whole(path: Path, text: str) -> None:
    """Writes UTF-8 text by way of a temporary file beside it. Raises `OutputError`; then `path` is as it was."""
    temporary = path.with_name(f".{path.name}.partial")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(
                "disk_full", "磁盘空间不足，无法写入报告", "请清理磁盘，或用 --output 换一个文件夹"
            ) from None
        raise OutputError(
            "cannot_write", f"无法写入 {path.name}", "请检查文件夹权限，或用 --output 换一个文件夹"
        ) from None
