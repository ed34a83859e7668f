"""Character error rate, diarization error rate and speaker attribution, as plain functions of typed values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_NUMBER = re.compile(r"(\d[\d,]*)(\.\d+)?([%‰])?(?=(年)?)")
_SPELLINGS = str.maketrans("两幺〇", "二一零")
_FRAMES = 100
"""Frames a second on which times are compared."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One speaker talking from `start` to `end` (seconds): a reference turn, a span of a diarization, a turn."""

    speaker: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class CharacterErrors:
    errors: int
    characters: int

    @property
    def rate(self) -> float:
        """Edits per reference character; above 1 when more was invented than said."""
        return self.errors / self.characters if self.characters else float(self.errors > 0)

    def __add__(self, other: CharacterErrors) -> CharacterErrors:
        return CharacterErrors(self.errors + other.errors, self.characters + other.characters)


@dataclass(frozen=True, slots=True)
class DiarizationErrors:
    """Shares of the reference speech, 0..1 (false alarm may exceed it)."""

    miss: float
    false_alarm: float
    confusion: float
    speakers: int
    """Speakers that the diarization found."""

    @property
    def rate(self) -> float:
        return self.miss + self.false_alarm + self.confusion


def character_errors(reference: str, heard: str, simplify: Callable[[str], str]) -> CharacterErrors:
    """Levenshtein distance between the two texts after `normalise`."""
    wanted, found = normalise(reference, simplify), normalise(heard, simplify)
    return CharacterErrors(_distance(wanted, found), len(wanted))


def normalise(text: str, simplify: Callable[[str], str]) -> str:
    """Simplified characters, lower case, numbers as they are read aloud, no punctuation and no spaces.

    Digits become Chinese numerals (3.5% is 百分之三点五, 500万 is 五百万, 2024年 is 二零二四年; runs with a leading zero or of
    eleven digits and more are read digit by digit). 两, 幺 and 〇 become 二, 一 and 零. Both sides pass through the same rules.
    """
    plain = unicodedata.normalize("NFKC", simplify(text)).lower()
    read = _NUMBER.sub(_read_match, plain).translate(_SPELLINGS)
    return "".join(c for c in read if unicodedata.category(c)[0] in "LN")


def diarization_errors(reference: Sequence[Spoken], found: Sequence[Spoken]) -> DiarizationErrors:
    """DER without a collar on frames of 10 ms; frames in which two people speak in the reference are left out.

    Found speakers are paired with reference speakers so that the most time agrees.
    """
    import numpy as np

    frames = _frames(reference, found)
    wanted, _ = _activity(reference, frames)
    answer, names = _activity(found, frames)
    single = wanted.sum(axis=1) <= 1
    wanted, answer = wanted[single], answer[single]
    total = max(1, int(wanted.sum()))
    said, answered = wanted.any(axis=1), answer.any(axis=1)
    agreed = _agreement(wanted, answer)
    right = sum(agreed[a, b] for a, b in _pairs(agreed))
    miss, false_alarm = int((said & ~answered).sum()), int((~said & answered).sum())
    confusion = int(said.sum()) - miss - int(np.asarray(right))
    return DiarizationErrors(miss / total, false_alarm / total, confusion / total, len(names))


def attributed_share(reference: Sequence[Spoken], turns: Sequence[Spoken]) -> float:
    """Share (0..1) of the seconds of reference speech that lie in a turn of the right speaker.

    Speech that got no turn counts as wrong; overlapping reference speech is left out.
    """
    frames = _frames(reference, turns)
    wanted, _ = _activity(reference, frames)
    answer, _ = _activity(turns, frames)
    single = wanted.sum(axis=1) == 1
    agreed = _agreement(wanted[single], answer[single])
    return float(sum(agreed[a, b] for a, b in _pairs(agreed)) / max(1, int(single.sum())))


def _read_match(match: re.Match[str]) -> str:
    whole, fraction, sign, year = match[1].replace(",", ""), match[2] or "", match[3], match[4]
    digit_by_digit = (year and len(whole) == 4) or len(whole) >= 11 or (len(whole) > 1 and whole[0] == "0")
    text = _digits(whole) if digit_by_digit else _read(int(whole))
    if fraction:
        text += "点" + _digits(fraction[1:])
    return {"%": "百分之", "‰": "千分之"}.get(sign or "", "") + text


def _digits(text: str) -> str:
    return "".join(_DIGITS[int(c)] for c in text)


def _read(number: int) -> str:
    """A number under 10^16 as it is read aloud: 1005 is 一千零五, 15 is 十五, 120000 is 十二万."""
    if number == 0:
        return _DIGITS[0]
    read = ""
    for power in (3, 2, 1, 0):
        group = number // 10_000**power % 10_000
        if group:
            gap = _DIGITS[0] if read and group < 1000 else ""
            read += gap + _read_group(group) + _GROUPS[power]
    return read.removeprefix("一") if read.startswith("一十") else read


def _read_group(group: int) -> str:
    """1..9999."""
    read = ""
    for power in (3, 2, 1, 0):
        digit = group // 10**power % 10
        if digit:
            gap = _DIGITS[0] if read and group // 10 ** (power + 1) % 10 == 0 else ""
            read += gap + _DIGITS[digit] + _UNITS[power]
    return read


def _distance(wanted: str, found: str) -> int:
    """Levenshtein distance, one row of the table at a time."""
    import numpy as np

    letters = np.array([ord(c) for c in found], np.int64)
    steps = np.arange(len(found) + 1)
    row = steps.copy()
    for number, letter in enumerate(wanted, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)))
        row = np.minimum.accumulate(np.concatenate(([number], best)) - steps) + steps
    return int(row[-1])


def _frames(*groups: Sequence[Spoken]) -> int:
    return int(max((s.end for group in groups for s in group), default=0.0) * _FRAMES) + 1


def _activity(spoken: Sequence[Spoken], frames: int) -> tuple[NDArray[np.bool_], list[str]]:
    """Who speaks in each frame, shape (frames, speakers, at least one), and the speakers' names."""
    import numpy as np

    names = list(dict.fromkeys(s.speaker for s in spoken))
    active = np.zeros((frames, max(1, len(names))), np.bool_)
    for s in spoken:
        active[round(s.start * _FRAMES) : round(s.end * _FRAMES), names.index(s.speaker)] = True
    return active, names


def _agreement(wanted: NDArray[np.bool_], answer: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Frames that each pair of a reference and a found speaker share."""
    import numpy as np

    return np.asarray(wanted.astype(np.int64).T @ answer.astype(np.int64))


def _pairs(agreed: NDArray[np.int64]) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-agreed)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
