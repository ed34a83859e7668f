"""Was a recording cut off? What its header promised against what was there."""

from __future__ import annotations

from pathlib import Path

from signals.domain.audio import AudioInfo

_SLACK_SECONDS = 2.0
_SLACK_SHARE = 0.02
_UNKNOWN_SIZE = 0x7FFF_0000
"""Recorders that write a header before they know the length put a number from here on into it, or 0."""
_HEADERLESS = ("aac", "amr")
"""Containers whose duration FFmpeg can only guess from the bit rate."""


def cut_short(path: Path, info: AudioInfo, seconds: float) -> bool:
    """Whether the header promised clearly more than the `seconds` that were decoded.

    Ogg and MP3 without a Xing header promise nothing, so that a cut in them goes unnoticed unless it breaks a frame.
    """
    if info.container in ("wav", "w64") and _riff_incomplete(path):
        return True  # FFmpeg quietly shortens the stated duration to what the file holds
    if info.duration is None or not _states_duration(path, info):
        return False
    return seconds < info.duration - max(_SLACK_SECONDS, info.duration * _SLACK_SHARE)


def looks_like_cut_mp4(path: Path) -> bool:
    """MP4 and M4A keep their index at the end: a file that starts as one but can't be opened has lost it."""
    with path.open("rb") as handle:
        return handle.read(8)[4:] == b"ftyp"


def _riff_incomplete(path: Path) -> bool:
    with path.open("rb") as handle:
        header = handle.read(8)
    promised = int.from_bytes(header[4:8], "little") + 8
    if header[:4] != b"RIFF" or promised <= 8 or promised >= _UNKNOWN_SIZE:
        return False
    return path.stat().st_size < promised * (1 - _SLACK_SHARE)


def _states_duration(path: Path, info: AudioInfo) -> bool:
    if info.container == "mp3":
        return _mp3_has_length(path)
    return info.container not in _HEADERLESS


def _mp3_has_length(path: Path) -> bool:
    """Whether the first frame holds a Xing, Info or VBRI header (their places differ by the kind of frame)."""
    with path.open("rb") as handle:
        tag = handle.read(10)
        start = 0
        if tag[:3] == b"ID3" and len(tag) == 10:
            start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(tag[6:], (21, 14, 7, 0), strict=True))
        handle.seek(start)
        first = handle.read(256)
    return any(mark in first for mark in (b"Xing", b"Info", b"VBRI"))
