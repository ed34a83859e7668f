"""Text as the classifier sees it, with the way back to the characters a reader sees."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_UNIT = "十百千万亿"
_DIGIT = f"零〇一二两三四五六七八九{_UNIT}"
_PATTERN = re.compile(
    rf"(?P<mark>[\W_]+)"
    rf"|(?=[\d{_DIGIT}])(?:"  # most characters are passed over at this look ahead
    rf"(?P<percent>百分之[{_DIGIT}点\d.]+|\d+(?:\.\d+)?\s*%)"
    rf"|(?P<number>(?:\d+(?:[.,]\d+)+|\d{{2,}})[{_UNIT}]*|\d[{_UNIT}]+|[{_DIGIT}]+点[{_DIGIT}]+"
    rf"|(?!(?:万一|千万)(?![{_DIGIT}]))[{_DIGIT}]{{2,}})"  # in case, by all means: no numbers
    rf"|(?P<digit>\d))"
)
PERCENT = "率"
"""Stands for any percentage; chosen among characters so that words and pinyin see it as one."""
NUMBER = "数"
_DIGITS = "零一二三四五六七八九"
_STAND_IN = {"percent": PERCENT, "number": NUMBER, "mark": ""}


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` without punctuation, numbers made alike.

    Its i-th character stands for the characters starts[i]..ends[i] (end excluded) of the input.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def plain(text: str) -> str:
    """Half-width, lower case, no punctuation; a percentage becomes 率 and a number 数 however it was written.

    A single Chinese digit stays, since it is most often part of a word (一起, 三方), and a single Arabic one becomes it.
    """
    return _PATTERN.sub(_stand_in, text.translate(_NARROW))


def _stand_in(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    return _DIGITS[unicodedata.digit(match[0])] if kind == "digit" else _STAND_IN[kind]


def normalise(text: str) -> Normalised:
    """`plain` text with the place of each of its characters in the input."""
    text = text.translate(_NARROW)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def keep(start: int, end: int) -> None:
        characters.extend(text[start:end])
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))

    at = 0
    for match in _PATTERN.finditer(text):
        keep(at, match.start())
        if stand_in := _stand_in(match):
            characters.append(stand_in)
            starts.append(match.start())
            ends.append(match.end())
        at = match.end()
    keep(at, len(text))
    return Normalised("".join(characters), tuple(starts), tuple(ends))


def narrow(text: str) -> tuple[str, list[int]]:
    """Half-width, lower case, without white space; and for each character of it its place in the input."""
    kept = [(c, i) for i, c in enumerate(text.translate(_NARROW)) if not c.isspace()]
    return "".join(c for c, _ in kept), [i for _, i in kept]


def is_blank(text: str) -> bool:
    """True for a text that nothing is left of without punctuation."""
    return _ANY.search(text) is None


_ANY = re.compile(r"[^\W_]")


class _Narrow(dict[int, str]):
    """Half-width lower case of each character, found when it is first met. One for one, so that places stay right."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character).lower()
        self[code] = folded if len(folded) == 1 else character
        return self[code]


_NARROW = _Narrow()
