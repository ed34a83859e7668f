"""Homophones in place of characters, as a recogniser mishears (提前还贷 → 提前缓带): for training and for examining."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from signals.tagging.lexicon import Lexicon

RATE = 0.08
"""Characters changed in 100, near the character error rate of Whisper base on clear speech."""
_COMMON = 300
"""Least frequency in jieba's dictionary of a character that takes another's place: recognisers write common ones."""


@dataclass(frozen=True)
class Homophones:
    """Characters that sound alike but for the tone, by the lexicon's readings."""

    lexicon: Lexicon

    def mishear(self, text: str, chance: random.Random, rate: float = RATE) -> str:
        """The text with about `rate` (0..1) of its Chinese characters replaced, common characters more often."""
        return "".join(self._another(c, chance) if chance.random() < rate else c for c in text)

    def _another(self, character: str, chance: random.Random) -> str:
        candidates, weights = self._alike.get(self.lexicon.readings.get(character, ""), ("", []))
        others = [(c, w) for c, w in zip(candidates, weights, strict=True) if c != character]
        return chance.choices(*map(list, zip(*others, strict=True)))[0] if others else character

    @cached_property
    def _alike(self) -> dict[str, tuple[str, list[float]]]:
        """By syllable its common characters and how often each is written."""
        words = self.lexicon.words.split("\n")[:-1]
        frequency = {w: int(f) for w, f in zip(words, self.lexicon.frequencies, strict=True) if len(w) == 1}
        groups: dict[str, tuple[str, list[float]]] = {}
        for character, syllable in self.lexicon.readings.items():
            often = frequency.get(character, 0)
            if often >= _COMMON:
                held, weights = groups.get(syllable, ("", []))
                groups[syllable] = (held + character, [*weights, float(np.sqrt(often))])
        return groups
