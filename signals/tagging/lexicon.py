"""The words that text is cut into and the syllables that its characters are read as, without jieba and pypinyin.

Both are compiled into a lexicon when a model is trained and are kept with it: predicting then needs neither library,
starts at once, cuts thousands of texts together, and cannot drift away from what the model was trained on.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from signals.tagging.keys import Keys, KeyTable, Places, Stretches, code_points, keys_of_lines, keys_of_texts
from signals.tagging.text import plain

_NEW_LINE = ord("\n")
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FD5
"""The Chinese characters that jieba joins to words; others stand alone."""


@dataclass(frozen=True)
class Lexicon:
    """Words with their frequencies, and characters with their readings."""

    words: str
    """Each with a line break after it."""
    frequencies: NDArray[np.int32]
    """Shape (words,), 1 or more."""
    total: int
    """What frequencies are divided by."""
    characters: str
    syllables: tuple[str, ...]
    """Toneless reading of each of `characters`."""

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each normalised text, one after the other without gaps."""
        flat = Flat(texts)
        starts, ends = self.cut_flat(flat)
        joined = "\n".join(texts)
        words: list[list[str]] = [[] for _ in texts]
        for row, start, end in zip(flat.rows[starts].tolist(), starts.tolist(), ends.tolist(), strict=True):
            words[row].append(joined[start:end])
        return words

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words themselves."""
        return frozenset(self.words.split("\n"))

    def cut_flat(self, flat: Flat) -> tuple[Places, Places]:
        """Starts and ends of the words of all texts.

        The likeliest sequence of words by their frequencies, found as jieba's `lcut(text, HMM=False)` finds it.
        """
        steps = self._likeliest(flat)
        word = np.zeros(len(flat.codes), bool)
        at = flat.starts[flat.ends > flat.starts]
        while len(at):
            word[at] = True
            at = at + steps[at]
            at = at[flat.left[at] > 0]
        letter = word & (steps == 1) & _is_letter(flat.codes)
        word[1:] &= ~(letter[1:] & letter[:-1])  # single letters and digits in a row are one word
        edges = np.flatnonzero(word | (flat.left == 0))
        inside = word[edges]
        return edges[inside], np.append(edges[1:], len(word))[inside]

    def _likeliest(self, flat: Flat) -> Places:
        """From each place the length of the word that begins the likeliest way to the end of its text."""
        scores, lengths = self._scores(flat), np.arange(self._longest, 0, -1)
        best = np.zeros(len(flat.codes) + self._longest)
        steps = np.ones(len(flat.codes), np.int64)
        order = np.argsort(flat.left, kind="stable")
        edges = np.searchsorted(flat.left[order], np.arange(1, int(flat.left.max(initial=0)) + 2))
        for first, last in itertools.pairwise(edges):
            places = order[first:last]
            ways = scores[places] + best[places[:, None] + lengths]
            chosen = ways.argmax(axis=1)  # the first: of equals the longest
            best[places] = ways[np.arange(len(places)), chosen]
            steps[places] = lengths[chosen]
        return steps

    def _scores(self, flat: Flat) -> NDArray[np.float64]:
        """Log probability of the word at each place, shape (places, lengths), the longest first; -inf where none is."""
        scores = np.full((len(flat.codes), self._longest), -np.inf)
        scores[:, -1] = -np.log(self.total)  # an unknown character counts as seen once
        room = np.maximum(flat.room, flat.left > 0)
        for length, (table, logarithms) in self._by_length.items():
            starts = np.flatnonzero(room >= length)
            found = table.find(flat.stretches.keys(starts, starts + length))
            known = found >= 0
            scores[starts[known], -length] = logarithms[found[known]]
        return scores

    @cached_property
    def _longest(self) -> int:
        return max(self._by_length, default=1)

    @cached_property
    def _by_length(self) -> dict[int, tuple[KeyTable, NDArray[np.float64]]]:
        """Table and log probabilities of the words of each length; words of five characters and more are few."""
        logarithms = np.log(self.frequencies.astype(np.float64)) - np.log(self.total)
        keys, lengths = keys_of_lines(self.words)
        return {
            int(n): (KeyTable(keys[lengths == n]), np.asarray(logarithms[lengths == n])) for n in np.unique(lengths)
        }

    @cached_property
    def readings(self) -> dict[str, str]:
        """Syllable by character; a character that is not in it stands for itself."""
        return dict(zip(self.characters, self.syllables, strict=True))

    def syllable_keys(self, flat: Flat) -> Keys:
        """For each place the key of its character's syllable."""
        places = np.arange(len(flat.codes))
        keys = flat.stretches.keys(places, places + 1)
        index = np.where(flat.codes < len(self._reading_of), self._reading_of[np.minimum(flat.codes, 0xFFFF)], -1)
        return np.where(index >= 0, self._syllable_keys[index], keys)

    @cached_property
    def _reading_of(self) -> NDArray[np.int32]:
        index = np.full(0x10000, -1, np.int32)
        index[code_points(self.characters)] = np.arange(len(self.characters))
        return index

    @cached_property
    def _syllable_keys(self) -> Keys:
        return keys_of_texts(self.syllables)


class Flat:
    """Texts laid end to end as code points, a line break after each."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.codes = code_points("\n".join((*texts, "")))
        self.ends = np.flatnonzero(self.codes == _NEW_LINE)
        self.starts = np.append(0, self.ends[:-1] + 1)[: len(self.ends)]
        self.rows = np.repeat(np.arange(len(texts)), self.ends - self.starts + 1)
        """Which text each place is of."""
        self.left = np.repeat(self.ends, self.ends - self.starts + 1) - np.arange(len(self.codes))
        """Characters from each place to the end of its text; 0 at the line break."""
        self.stretches = Stretches(self.codes.astype(np.uint64))

    @property
    def room(self) -> Places:
        """Characters from each place that a word could take in."""
        stops = np.flatnonzero(~(_is_letter(self.codes) | _is_han(self.codes)))
        places = np.arange(len(self.codes))
        return stops[np.searchsorted(stops, places)] - places


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """ASCII letters and digits."""
    letter = (codes | 0x20) - ord("a") < 26
    return np.asarray(letter | (codes - ord("0") < 10))


def _is_han(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return np.asarray((codes >= _FIRST_HAN) & (codes <= _LAST_HAN))


def compile_lexicon(terms: Sequence[str]) -> Lexicon:
    """jieba's dictionary with the words of the trade, and pypinyin's readings."""
    words, total = _words(terms)
    readings = dict(_readings())
    return Lexicon(
        words="".join(f"{w}\n" for w in words),
        frequencies=np.array(list(words.values()), np.int32),
        total=total,
        characters="".join(readings),
        syllables=tuple(readings.values()),
    )


def _words(terms: Sequence[str]) -> tuple[dict[str, int], int]:
    import jieba
    import platformdirs

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    cache = platformdirs.user_cache_path("signals", ensure_exists=True)
    tokenizer.tmp_dir = str(cache)  # its cache is code-like: not in a folder that others can write to
    tokenizer.initialize()
    for term in terms:
        tokenizer.add_word(plain(term))
    return {w: f for w, f in sorted(tokenizer.FREQ.items()) if f}, tokenizer.total


_READ_AS = {"还": "huan"}
"""A character with several readings is read as the bank's words have it: 还贷, which recognisers write 缓带."""


def _readings() -> Iterator[tuple[str, str]]:
    from pypinyin import Style, pinyin

    for character in map(chr, range(_FIRST_HAN, _LAST_HAN + 1)):
        found = _READ_AS.get(character) or pinyin(character, style=Style.NORMAL, heteronym=False)[0][0]
        if found != character:  # a character without a reading comes back
            yield character, _merged(found)


def _merged(reading: str) -> str:
    """Makes the pairs that speakers and recognisers confuse one: zh/z, ch/c, sh/s, ng/n."""
    for wide, narrow in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if reading.startswith(wide):
            reading = narrow + reading[2:]
    return reading[:-1] if reading.endswith("ng") else reading
