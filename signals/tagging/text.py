"""Text as the classifier sees it, with the way back to the characters a reader sees."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DIGIT = "零〇一二两三四五六七八九十百千万亿"
_PATTERN = re.compile(
    rf"(?P<percent>百分之[{_DIGIT}点\d.]+|\d+(?:\.\d+)?\s*[%％])"
    rf"|(?P<number>\d+(?:[.,]\d+)*|[{_DIGIT}]*[{_DIGIT}](?:点[{_DIGIT}]+)|[{_DIGIT}]{{2,}})"
    r"|(?P<mark>[\W_]+)",
)
PERCENT = "率"
"""Stands for any percentage; chosen among characters so that words and pinyin see it as one."""
NUMBER = "数"


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` without punctuation, numbers made alike; `origin[i]` is the place of its i-th character in the input."""

    text: str
    origin: tuple[int, ...]


def normalise(text: str) -> Normalised:
    """Half-width, lower case, no punctuation; a percentage becomes 率 and a number 数 however it was written."""
    text = "".join(_narrow(c) for c in text)
    characters: list[str] = []
    origin: list[int] = []
    at = 0
    for match in _PATTERN.finditer(text):
        characters.extend(text[at : match.start()])
        origin.extend(range(at, match.start()))
        if stand_in := {"percent": PERCENT, "number": NUMBER}.get(match.lastgroup or ""):
            characters.append(stand_in)
            origin.append(match.start())
        at = match.end()
    characters.extend(text[at:])
    origin.extend(range(at, len(text)))
    return Normalised("".join(characters), tuple(origin))


def _narrow(character: str) -> str:
    """One character for one, so that places stay right."""
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character
