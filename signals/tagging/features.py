"""Features of an utterance: jieba words, characters and toneless pinyin, each with its place in the text.

Words carry meaning, characters catch what the word splitter misses, and pinyin without tones survives a recogniser's
homophones (提前还贷 → 提前缓带).
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signals.domain.tags import Utterance
from signals.tagging.text import normalise

if TYPE_CHECKING:
    from jieba import Tokenizer

VERSION = "1"
_CHARACTERS = (1, 2, 3)
_SYLLABLES = (2, 3, 4)


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


@dataclass
class Featurizer:
    """Turns utterances into named features. `terms` are words of the trade for jieba."""

    terms: Sequence[str] = ()
    families: Families = field(default_factory=Families)

    def names(self, utterance: Utterance) -> list[str]:
        """Feature names, repeated as they occur."""
        return [f.name for f in self.features(utterance)]

    def features(self, utterance: Utterance) -> Iterator[Feature]:
        """All features; those of the previous turn have no place in the text (start == end == 0)."""
        text = normalise(utterance.text).text
        if self.families.words:
            yield from self._words(text)
        if self.families.characters:
            yield from _grams("c", text, text, _CHARACTERS)
        if self.families.pinyin:
            yield from _grams("y", [syllable(c) for c in text], text, _SYLLABLES)
        if self.families.previous and utterance.previous:
            for word in set(self._cut(normalise(utterance.previous).text)):
                yield Feature(f"p:{word}", 0, 0)
        yield Feature(f"n:{min(len(text), 40).bit_length()}", 0, 0)

    def _words(self, text: str) -> Iterator[Feature]:
        at, before, before_at = 0, "^", 0
        for word in self._cut(text):
            yield Feature(f"w:{word}", at, at + len(word))
            yield Feature(f"w:{before} {word}", before_at, at + len(word))
            before, before_at = word, at
            at += len(word)
        yield Feature(f"w:{before} $", before_at, at)

    def _cut(self, text: str) -> list[str]:
        words: list[str] = _tokenizer(tuple(self.terms)).lcut(text, HMM=False)
        return words


def _grams(kind: str, units: Sequence[str], text: str, sizes: Sequence[int]) -> Iterator[Feature]:
    for size in sizes:
        for i in range(len(text) - size + 1):
            yield Feature(f"{kind}:{' '.join(units[i : i + size])}", i, i + size)


@functools.cache
def syllable(character: str) -> str:
    """Toneless pinyin of one character, with the pairs that speakers and recognisers confuse made one (zh/z, ng/n, …).

    A character without a reading stands for itself.
    """
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=False)  # a character without a reading comes back
    reading = found[0][0] if found and found[0] else character
    for wide, narrow in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if reading.startswith(wide):
            reading = narrow + reading[2:]
    return reading[:-1] if reading.endswith("ng") else reading


@functools.cache
def _tokenizer(terms: tuple[str, ...]) -> Tokenizer:
    import jieba
    import platformdirs

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    cache = platformdirs.user_cache_path("signals", ensure_exists=True)
    tokenizer.tmp_dir = str(cache)  # its cache is code-like: not in a folder that others can write to
    tokenizer.initialize()
    for term in terms:
        tokenizer.add_word(term)
    return tokenizer
