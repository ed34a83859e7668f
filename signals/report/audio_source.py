"""Where the report's player finds the sound."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_MEDIA_TYPE = re.compile(r"(?:audio|video)/[a-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class AudioSource:
    """The address that the audio element plays. Made by `embedded` or `linked`, or a path of a service."""

    href: str

    @classmethod
    def embedded(cls, sound: bytes, media_type: str) -> AudioSource:
        """The sound inside the report: one file that can be moved anywhere. `media_type` such as audio/mpeg."""
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise ValueError(f"not a media type of sound: {media_type!r}")
        return cls(f"data:{media_type};base64,{base64.b64encode(sound).decode('ascii')}")

    @classmethod
    def linked(cls, sound: Path, report_folder: Path) -> AudioSource:
        """A percent-encoded relative link from the report's folder to the recording; it holds while both move together.

        An absolute file: link where no relative one exists (another drive of Windows).
        """
        try:
            relative = Path(os.path.relpath(sound.resolve(), report_folder.resolve())).as_posix()
        except ValueError:
            return cls(sound.resolve().as_uri())
        return cls(quote(os.fsencode(relative)))
