"""The features of many utterances at once, by key: what `signals.tagging.features` names, found without a string."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from signals.domain.tags import Utterance
from signals.tagging import features
from signals.tagging.features import Families
from signals.tagging.keys import Keys, KeyTable, Places, Stretches, family_of, keys_of_names, keys_of_texts
from signals.tagging.lexicon import Flat, Lexicon
from signals.tagging.text import plain

_CHUNK = 40_000
"""Characters that are worked on together, so that memory does not grow with the number of utterances."""


@dataclass(frozen=True, slots=True)
class Found:
    """Known features of a chunk of utterances, ordered by row and column, each once in a row."""

    first: int
    """Index of the utterance that row 0 is."""
    count: int
    """Rows."""
    rows: Places
    columns: Places
    times: Places
    """How often the feature occurs in its row."""


def find_features(
    lexicon: Lexicon, families: Families, table: KeyTable, size: int, utterances: Sequence[Utterance]
) -> Iterator[Found]:
    """Features that the table knows, chunk by chunk. `size` is the number of the table's keys."""
    for first, chunk in _chunks(utterances):
        own = Flat([plain(u.text) for u in chunk])
        parts = [*_own(lexicon, families, own), _lengths(own)]
        cells = _cells(table, size, parts)
        if families.previous:
            before = Flat([plain(u.previous) for u in chunk])
            starts, ends = lexicon.cut_flat(before)
            words = before.stretches.keys(starts, ends)
            spoken = np.unique(_cells(table, size, [(before.rows[starts], _singles(words, features.PREVIOUS))]))
            cells = np.concatenate((cells, spoken))
        cells, times = np.unique(cells, return_counts=True)
        rows, columns = np.divmod(cells, size)
        yield Found(first, len(chunk), rows, columns, times)


def _chunks(utterances: Sequence[Utterance]) -> Iterator[tuple[int, Sequence[Utterance]]]:
    first, characters = 0, 0
    for i, utterance in enumerate(utterances):
        characters += len(utterance.text) + len(utterance.previous)
        if characters > _CHUNK or i == len(utterances) - 1:
            yield first, utterances[first : i + 1]
            first, characters = i + 1, 0


def _own(lexicon: Lexicon, families: Families, flat: Flat) -> Iterator[tuple[Places, Keys]]:
    """Row and key of every feature of the utterances' own texts."""
    if families.words:
        yield from _words(lexicon, flat)
    if families.characters:
        places = np.arange(len(flat.codes))
        yield from _grams(flat, flat.stretches.keys(places, places + 1), features.CHARACTER, features.CHARACTERS)
    if families.pinyin:
        yield from _grams(flat, lexicon.syllable_keys(flat), features.SYLLABLE, features.SYLLABLES)


def _words(lexicon: Lexicon, flat: Flat) -> Iterator[tuple[Places, Keys]]:
    starts, ends = lexicon.cut_flat(flat)
    words, rows = flat.stretches.keys(starts, ends), flat.rows[starts]
    yield rows, _singles(words, features.WORD)
    texts = len(flat.starts)
    line_ends = np.cumsum(np.bincount(rows, minlength=texts) + 2)
    lines = np.full(len(words) + 2 * texts, keys_of_texts([features.BEGIN])[0], np.uint64)
    lines[np.arange(len(words)) + 2 * rows + 1] = words  # each text with its begin and its end
    lines[line_ends - 1] = keys_of_texts([features.END])[0]
    pairs = np.delete(np.arange(len(lines)), line_ends - 1)
    yield (
        np.searchsorted(line_ends, pairs, side="right"),
        Stretches(lines).keys(pairs, pairs + 2, family_of(features.WORD)),
    )


def _grams(flat: Flat, units: Keys, family: str, sizes: Sequence[int]) -> Iterator[tuple[Places, Keys]]:
    stretches = Stretches(units)
    for size in sizes:
        starts = np.flatnonzero(flat.left >= size)
        yield flat.rows[starts], stretches.keys(starts, starts + size, family_of(family))


def _singles(units: Keys, family: str) -> Keys:
    places = np.arange(len(units))
    return Stretches(units).keys(places, places + 1, family_of(family))


def _lengths(flat: Flat) -> tuple[Places, Keys]:
    names = [features.length_name(n) for n in range(features.LONGEST + 1)]
    sizes = np.minimum(flat.ends - flat.starts, features.LONGEST)
    return np.arange(len(flat.starts)), keys_of_names(names)[sizes]


def _cells(table: KeyTable, size: int, parts: Sequence[tuple[Places, Keys]]) -> Places:
    """row × size + column of each feature that the table knows."""
    columns = table.find(np.concatenate([keys for _, keys in parts])).astype(np.int64)
    rows = np.concatenate([rows for rows, _ in parts])
    known = columns >= 0
    return np.asarray(rows[known] * size + columns[known], dtype=np.int64)
