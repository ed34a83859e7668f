"""64-bit fingerprints in place of strings, so that the features of thousands of utterances are found at once.

A feature's name is a family's letter and the units it is made of, `c:提 前`. Its key is a fingerprint of the fingerprints
of its units. Two names of a vocabulary of 200,000 share a key with a probability of about 1e-9; training checks it.
Only imported where numpy is needed anyway.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xD6E8FEB86659FD93)
_FAMILY = np.uint64(0xA0761D6478BD642F)
_NONE = np.array([0], np.uint64)
"""The family of texts as such. Arrays of one: numpy warns where a product of two plain numbers wraps round."""
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_NEW_LINE, _SPACE = ord("\n"), ord(" ")


class Stretches:
    """Fingerprints of stretches of a sequence of numbers above 0, each in constant time (Karp and Rabin 1987)."""

    def __init__(self, units: Keys) -> None:
        size = len(units) + 1
        self._sums = np.zeros(size, np.uint64)
        np.cumsum(units * np.cumprod(np.full(size - 1, _BASE, np.uint64)), out=self._sums[1:])
        self._back = np.cumprod(np.full(size, pow(_BASE, -1, 2**64), np.uint64))

    def keys(self, starts: Places, ends: Places, family: Keys = _NONE) -> Keys:
        """Keys of the stretches starts..ends (ends excluded). The same stretch has another key in another family."""
        found = (self._sums[ends] - self._sums[starts]) * self._back[starts] + family * _FAMILY
        found = (found ^ (found >> _HALF)) * _MIX
        return np.asarray((found ^ (found >> _HALF)) | _ONE, dtype=np.uint64)  # 0 means an empty place in a table


def code_points(text: str) -> NDArray[np.uint32]:
    """The characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def keys_of_lines(lines: str) -> tuple[Keys, Places]:
    """Keys and lengths in characters of the lines of a text, each of which ends in a line break."""
    codes = code_points(lines)
    ends = np.flatnonzero(codes == _NEW_LINE)
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    return Stretches(codes.astype(np.uint64)).keys(starts, ends), ends - starts


def keys_of_texts(texts: Sequence[str]) -> Keys:
    """Keys of whole texts, none of them with a line break."""
    return keys_of_lines("\n".join((*texts, "")))[0]


def family_of(letter: str) -> Keys:
    """The family of features that a letter stands for."""
    return np.array([ord(letter)], np.uint64)


def keys_of_names(names: Sequence[str]) -> Keys:
    """Keys of feature names such as `c:提 前`."""
    if not names:
        return np.zeros(0, np.uint64)
    codes = code_points("\n".join((*names, "")))
    ends = np.flatnonzero(codes == _NEW_LINE)
    starts = np.append(0, ends[:-1] + 1)
    unit_ends = np.flatnonzero((codes == _NEW_LINE) | (codes == _SPACE))
    unit_starts = np.append(2, np.where(codes[unit_ends[:-1]] == _SPACE, unit_ends[:-1] + 1, unit_ends[:-1] + 3))
    units = Stretches(codes.astype(np.uint64)).keys(unit_starts, unit_ends)
    last = np.flatnonzero(codes[unit_ends] == _NEW_LINE) + 1
    return Stretches(units).keys(np.append(0, last[:-1]), last, codes[starts].astype(np.uint64))


class KeyTable:
    """Where each key stands in an array of keys: a hash table with open addressing."""

    def __init__(self, keys: Keys) -> None:
        bits = max(4, len(keys).bit_length() + 1)
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._held = np.zeros(1 << bits, np.uint64)
        self._places = np.zeros(1 << bits, np.int32)
        waiting, slots = np.arange(len(keys)), self._home(keys)
        while len(waiting):
            free = self._held[slots] == 0
            self._held[slots[free]] = keys[waiting[free]]  # of several that want one slot the last has it
            placed = self._held[slots] == keys[waiting]
            self._places[slots[placed]] = waiting[placed]
            waiting, slots = waiting[~placed], (slots[~placed] + 1) & self._last

    def find(self, keys: Keys) -> NDArray[np.int32]:
        """The place of each key; -1 for a key that is not in the table."""
        slots = self._home(keys)
        held = self._held[slots]
        found = held == keys
        places = np.where(found, self._places[slots], np.int32(-1))
        looking = np.flatnonzero(~found & (held != 0))
        slots = slots[looking]
        while len(looking):
            slots = (slots + 1) & self._last
            held = self._held[slots]
            found = held == keys[looking]
            places[looking[found]] = self._places[slots[found]]
            onward = ~found & (held != 0)
            looking, slots = looking[onward], slots[onward]
        return places

    def _home(self, keys: Keys) -> Places:
        return (keys >> self._shift).astype(np.int64)
