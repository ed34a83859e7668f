"""Where the report's player finds the sound."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class AudioSource:
    """The address that the audio element plays."""

    href: str

    @classmethod
    def embedded(cls, sound: bytes, media_type: str) -> AudioSource:
        """The sound inside the report: one file that can be moved anywhere."""
        return cls(f"data:{media_type};base64,{base64.b64encode(sound).decode('ascii')}")

    @classmethod
    def linked(cls, sound: Path, report_folder: Path) -> AudioSource:
        """A relative link from the report's folder to the recording; it holds while both are moved together."""
        relative = os.path.relpath(sound.resolve(), report_folder.resolve())
        return cls(quote(Path(relative).as_posix()))
