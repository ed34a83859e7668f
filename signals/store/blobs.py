"""Uploaded files and what is made of them for playing, in a folder or an S3 bucket (by fsspec)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from signals.domain.errors import StoreError

_BLOCK = 1 << 20
_CLIENTS = frozenset({"botocore", "aiobotocore", "aiohttp"})
"""Libraries below s3fs, whose errors it lets through."""


class BlobStore:
    """Files by key ("meetings/ID/upload"). Keys are made by the program, never from a user's file name."""

    def __init__(self, address: str) -> None:
        """`address`: a folder's path, or what fsspec understands, such as s3://bucket/prefix."""
        import fsspec

        self._files: Any
        self._files, self._root = fsspec.core.url_to_fs(address, use_listings_cache=False)
        self.is_local = "file" in self._files.protocol
        if self.is_local:
            Path(self._root).mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, key: str, source: Path) -> None:
        """Stores a file's content whole or not at all. Raises `StoreError`."""
        with _told(_unusable):
            if self.is_local:
                target = Path(self._path(key))
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                partial = target.with_name(f".{target.name}.partial")
                shutil.copyfile(source, partial)
                partial.replace(target)
            else:
                self._files.put_file(str(source), self._path(key))

    def size(self, key: str) -> int | None:
        """Bytes; None when there is no such file."""
        try:
            return int(self._files.size(self._path(key)))
        except FileNotFoundError:
            return None

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes start..end (end excluded) in blocks."""
        with _told(), self.open(key) as file:
            file.seek(start)
            left = end - start
            while left > 0 and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                yield block

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """The file, for reading. Raises `StoreError` when it is gone."""
        with _told():
            file = self._files.open(self._path(key), "rb")
        with file:
            yield file

    @contextmanager
    def local(self, key: str, work_dir: Path | None = None) -> Iterator[Path]:
        """A path of this machine with the content; a copy in `work_dir` when the store is elsewhere."""
        if self.is_local:
            path = Path(self._path(key))
            if not path.is_file():
                raise _gone()
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="signals-", dir=work_dir) as folder:
            path = Path(folder) / "blob"
            with _told():
                self._files.get_file(self._path(key), str(path))
            yield path

    def delete(self, prefix: str) -> None:
        """Deletes everything below a key's folder; what is not there is deleted already."""
        with _told():
            try:
                self._files.rm(self._path(prefix), recursive=True)
            except FileNotFoundError:
                return

    def all_keys(self) -> list[str]:
        """Every key, sorted."""
        with _told(_unusable):
            found = self._files.find(self._root)
        return sorted(str(f).removeprefix(str(self._root)).lstrip("/") for f in found)

    def _path(self, key: str) -> str:
        parts = key.split("/")
        if any(p in ("", ".", "..") for p in parts):
            raise ValueError("not a key")
        return "/".join([str(self._root), *parts])


def _gone() -> StoreError:
    return StoreError("blob_gone", "文件已不在存储中", "请重新上传这份录音")


def _unusable() -> StoreError:
    return StoreError("blobs", "存放文件的地方无法读写", "请检查数据文件夹或对象存储的权限和连接后重试")


@contextmanager
def _told(missing: Callable[[], StoreError] = _gone) -> Iterator[None]:
    """Faults of the file system or the bucket as errors of the tree; `missing` is what a file that is not there means."""
    try:
        yield
    except FileNotFoundError:
        raise missing() from None
    except OSError as error:
        import errno

        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from None
        raise _unusable() from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] in _CLIENTS:
            raise _unusable() from None
        raise


def disk_full() -> StoreError:
    """What a full disk is called."""
    return StoreError("disk_full", "磁盘空间不足，文件没有保存", "请联系管理员清理磁盘后重试")
