"""One piece of a transcript as its format gives it, before pieces become turns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from signals.domain.errors import TranscriptError
from signals.domain.transcript import Word

MAX_SECONDS = 100 * 3600.0
"""Times beyond this are an error of the file, not of a long meeting."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cue:
    """`start` and `end` in seconds, None where the file has none; `speaker` empty where nobody is named."""

    text: str
    raw: str
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    words: tuple[Word, ...] = ()


def tidy(text: str) -> str:
    """One line without control characters, lone surrogates or runs of blanks; the wording is untouched."""
    return _SPACES.sub(" ", _UNPRINTABLE.sub(" ", text)).strip()


def printable(text: str) -> str:
    """The text with its line breaks, but without what no file or page can hold."""
    return _UNPRINTABLE.sub(" ", text).strip()


def join_text(pieces: Iterable[str]) -> str:
    """Puts pieces together as Chinese is written: a blank only between two Latin words."""
    joined = ""
    for piece in filter(None, pieces):
        gap = " " if joined and _latin(joined[-1]) and _latin(piece[0]) else ""
        joined += gap + piece
    return joined


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def invalid(code: str, what: str, remedy: str, line: int | None = None) -> TranscriptError:
    """The error for bad input; `line` counts from 1."""
    where = f"文字稿第 {line} 行：" if line is not None else "文字稿"
    return TranscriptError(code, f"{where}{what}", remedy)
