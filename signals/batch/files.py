"""Which files below a folder are recordings and transcripts, and what tells them apart: their content."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from signals.api import TRANSCRIPT_SUFFIXES
from signals.domain.errors import BatchError

RECORDING_SUFFIXES = frozenset(
    [
        ".wav",
        ".w64",
        ".mp3",
        ".m4a",
        ".mp4",
        ".mov",
        ".m4v",
        ".3gp",
        ".3g2",
        ".aac",
        ".amr",
        ".awb",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".wma",
        ".asf",
        ".mkv",
        ".webm",
        ".aiff",
        ".aif",
        ".caf",
        ".au",
        ".ape",
        ".avi",
        ".flv",
    ]
)
MARKER = ".signals-batch"
"""Lies in every output folder, so that no later run takes what was written there for transcripts."""
_COMPACT = {".wav": 1.0, ".w64": 1.0, ".aiff": 1.0, ".aif": 1.0, ".au": 1.0, ".flac": 2.0, ".ape": 2.0}
_COMPACT_OTHERS = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was when it was looked at."""

    path: Path
    name: str
    """Its path below the folder, with slashes."""
    size: int
    changed: int
    """Nanoseconds."""

    @property
    def is_recording(self) -> bool:
        """False for a transcript."""
        return self.path.suffix.lower() in RECORDING_SUFFIXES

    @property
    def work(self) -> float:
        """About how much work it is, in no unit: as much as an uncompressed recording of so many bytes."""
        if not self.is_recording:
            return 1e5
        return self.size * _COMPACT.get(self.path.suffix.lower(), _COMPACT_OTHERS)


def find_files(folder: Path) -> tuple[Found, ...]:
    """Recordings and transcripts below the folder in order of their names. Raises `BatchError` without the folder.

    Hidden files and folders, report folders (NAME.report) and the output of other runs are passed over.
    """
    if not folder.is_dir():
        raise BatchError("no_folder", f"没有文件夹“{folder}”", "请检查路径")
    return tuple(sorted(_walk(folder), key=lambda f: f.name))


def _walk(folder: Path) -> Iterator[Found]:
    for at, folders, names in os.walk(folder):
        if MARKER in names:
            folders.clear()
            continue
        folders[:] = [f for f in folders if not f.startswith(".") and not f.endswith(".report")]
        for name in names:
            path = Path(at, name)
            if name.startswith((".", "~$")) or path.suffix.lower() not in RECORDING_SUFFIXES | TRANSCRIPT_SUFFIXES:
                continue
            try:
                seen = path.stat()
            except OSError:  # taken away while we looked
                continue
            if stat.S_ISREG(seen.st_mode):  # opening a pipe would wait for ever
                yield Found(path, path.relative_to(folder).as_posix(), seen.st_size, seen.st_mtime_ns)


def content_hash(path: Path) -> str:
    """SHA-256. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
