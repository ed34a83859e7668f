"""Utterances of two parts of a corpus that say nearly the same: what is learnt from one must not be examined by the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from signals.tagging.keys import Keys, Places, Stretches
from signals.tagging.lexicon import Flat, Lexicon
from signals.tagging.text import plain

LIKENESS = 0.6
"""Share of common syllable pairs from which two utterances are near-duplicates: 0 nothing common, 1 all. Of n syllables
with one in the middle changed (n - 3) / (n + 1) are left: 0.64 of ten, 0.81 of twenty."""
SHORTEST = 10
"""Syllables; what is shorter (好的, 什么时候能放款) different people say in the same words."""
_PAIR = 2
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Positions of two like utterances in their two lists, and how like they are (Jaccard 1901)."""

    first: int
    second: int
    likeness: float


def near_duplicates(
    first: Sequence[str], second: Sequence[str], lexicon: Lexicon, likeness: float = LIKENESS
) -> list[NearDuplicate]:
    """Pairs of a text of `first` and one of `second` that sound alike, in the order of `first`.

    Compared are sets of toneless syllable pairs, so that homophones, punctuation and digits make no difference. The
    time grows with the number of shared pairs: seconds for 15,000 texts.
    """
    from scipy.sparse import csr_matrix

    (rows, keys), (other_rows, other_keys) = _pairs(first, lexicon), _pairs(second, lexicon)
    distinct, columns = np.unique(np.concatenate((keys, other_keys)), return_inverse=True)
    ones = np.ones(len(columns), np.int32)
    here = csr_matrix((ones[: len(rows)], (rows, columns[: len(rows)])), shape=(len(first), len(distinct)))
    there = csr_matrix((ones[len(rows) :], (other_rows, columns[len(rows) :])), shape=(len(second), len(distinct)))
    sizes, other_sizes = np.bincount(rows, minlength=len(first)), np.bincount(other_rows, minlength=len(second))
    found: list[NearDuplicate] = []
    for start in range(0, len(first), _CHUNK):
        common = (here[start : start + _CHUNK] @ there.T).tocoo()
        left, right = common.row + start, common.col
        alike = common.data / (sizes[left] + other_sizes[right] - common.data)
        found.extend(
            NearDuplicate(int(left[k]), int(right[k]), round(float(alike[k]), 3))
            for k in np.flatnonzero(alike >= likeness)
        )
    return sorted(found, key=lambda pair: (pair.first, pair.second))


def _pairs(texts: Sequence[str], lexicon: Lexicon) -> tuple[Places, Keys]:
    """Row and key of each distinct pair; none for a short text."""
    flat = Flat([plain(text) for text in texts])
    long = (flat.ends - flat.starts)[flat.rows] >= SHORTEST
    starts = np.flatnonzero((flat.left >= _PAIR) & long)
    keys = Stretches(lexicon.syllable_keys(flat)).keys(starts, starts + _PAIR)
    order = np.lexsort((keys, flat.rows[starts]))
    rows, keys = flat.rows[starts][order], keys[order]
    new = np.append(True, (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1]))[: len(rows)]
    return rows[new], keys[new]
