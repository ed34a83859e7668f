"""What the features of an utterance are: words, characters and toneless pinyin, each with its place in the text.

Words carry meaning, characters catch what the word splitter misses, and pinyin without tones survives a recogniser's
homophones (提前还贷 → 提前缓带). Learning and explaining read them here by name; `signals.tagging.batch` finds the same
features by key for many utterances at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from signals.domain.tags import Utterance
from signals.tagging.lexicon import Lexicon
from signals.tagging.text import plain

VERSION = "3"
CHARACTERS = (1, 2, 3)
SYLLABLES = (2, 3, 4)
"""Sizes of the groups of characters and of syllables."""
WORD, CHARACTER, SYLLABLE, PREVIOUS, LENGTH = "w", "c", "y", "p", "n"
"""Families of features: a name is the family's letter, a colon and units with spaces between."""
BEGIN, END = "^", "$"
"""Stand for the words before the first and after the last."""
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature's name and the characters start..end (end excluded) of the normalised text that it comes from."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """Which kinds of feature to use; all of them unless a comparison wants fewer."""

    words: bool = True
    characters: bool = True
    pinyin: bool = True
    previous: bool = True


@dataclass(frozen=True)
class Featurizer:
    """Turns utterances into features."""

    lexicon: Lexicon
    families: Families = field(default_factory=Families)

    def names(self, utterances: Sequence[Utterance]) -> list[list[str]]:
        """For each utterance the names of its features, repeated as they occur."""
        return [[f.name for f in features] for features in self.features(utterances)]

    def features(self, utterances: Sequence[Utterance]) -> Iterator[list[Feature]]:
        """For each utterance all features; those of the previous turn have no place in the text (start == end == 0)."""
        texts = [plain(u.text) for u in utterances]
        words = self.lexicon.cut(texts)
        before = self.lexicon.cut([plain(u.previous) for u in utterances])
        for text, own, others in zip(texts, words, before, strict=True):
            yield [*self._own(text, own), *self._previous(others), Feature(length_name(len(text)), 0, 0)]

    def _own(self, text: str, words: Sequence[str]) -> Iterator[Feature]:
        if self.families.words:
            yield from _word_features(words)
        if self.families.characters:
            yield from _grams(CHARACTER, text, CHARACTERS)
        if self.families.pinyin:
            readings = self.lexicon.readings
            yield from _grams(SYLLABLE, [readings.get(c, c) for c in text], SYLLABLES)

    def _previous(self, words: Sequence[str]) -> Iterator[Feature]:
        if self.families.previous:
            for word in dict.fromkeys(words):
                yield Feature(f"{PREVIOUS}:{word}", 0, 0)


def length_name(characters: int) -> str:
    """Name of the feature that stands for a text's length: how often it can be halved."""
    return f"{LENGTH}:{min(characters, LONGEST).bit_length()}"


def _word_features(words: Sequence[str]) -> Iterator[Feature]:
    """Each word, and each with the one before it."""
    at, before, before_at = 0, BEGIN, 0
    for word in words:
        yield Feature(f"{WORD}:{word}", at, at + len(word))
        yield Feature(f"{WORD}:{before} {word}", before_at, at + len(word))
        before, before_at = word, at
        at += len(word)
    yield Feature(f"{WORD}:{before} {END}", before_at, at)


def _grams(family: str, units: Sequence[str], sizes: Sequence[int]) -> Iterator[Feature]:
    for size in sizes:
        for i in range(len(units) - size + 1):
            yield Feature(f"{family}:{' '.join(units[i : i + size])}", i, i + size)
