"""Macro-F1 and false signals with confidence intervals over writers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
RESAMPLES = 2000
_SEED = 20240601


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the 2.5th and the 97.5th percentile of it when the writers are drawn again (Efron 1979)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by writer, from which each figure is worked out. Shapes (writers, labels) and (writers,)."""

    support: NDArray[np.int64]
    found: NDArray[np.int64]
    right: NDArray[np.int64]
    false: NDArray[np.int64]
    """Signals found in rows without any label."""
    neutral: NDArray[np.int64]
    """Rows without any label."""


def tally(hits: Flags, truth: Flags, neutral: Flags, writers: Sequence[str]) -> Tally:
    """Counts from hits and truth of shape (rows, labels); `neutral` marks the rows that carry no label at all."""
    names = np.array(writers)
    parts = [names == w for w in sorted(set(writers))]
    return Tally(
        support=np.array([truth[p].sum(axis=0) for p in parts]),
        found=np.array([hits[p].sum(axis=0) for p in parts]),
        right=np.array([(hits & truth)[p].sum(axis=0) for p in parts]),
        false=np.array([hits[p & neutral].sum() for p in parts]),
        neutral=np.array([neutral[p].sum() for p in parts]),
    )


def macro_f1(counts: Tally) -> Interval:
    """Mean F1 over the labels that are there at least once."""
    return _interval(_macro(counts, np.ones((1, len(counts.neutral)))), _macro(counts, _draws(counts)))


def false_per_100(counts: Tally) -> Interval:
    """Signals found in 100 rows that carry no label."""
    return _interval(_false(counts, np.ones((1, len(counts.neutral)))), _false(counts, _draws(counts)))


def difference(counts: Tally, other: Tally) -> Interval:
    """Macro-F1 less the other's, on the same writers in each draw."""
    once = np.ones((1, len(counts.neutral)))
    return _interval(
        _macro(counts, once) - _macro(other, once), _macro(counts, _draws(counts)) - _macro(other, _draws(other))
    )


def _draws(counts: Tally) -> NDArray[np.float64]:
    """How often each writer is drawn, shape (resamples, writers); always the same for as many writers."""
    writers = len(counts.neutral)
    drawn = np.random.default_rng(_SEED).multinomial(writers, np.full(writers, 1 / writers), RESAMPLES)
    return drawn.astype(np.float64)


def _macro(counts: Tally, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (draws,)."""
    support, found, right = times @ counts.support, times @ counts.found, times @ counts.right
    f1 = 2 * right / np.maximum(support + found, 1)
    there = support > 0
    return np.asarray((f1 * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1))


def _false(counts: Tally, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (draws,)."""
    return np.asarray(100 * (times @ counts.false) / np.maximum(times @ counts.neutral, 1))


def _interval(value: NDArray[np.float64], drawn: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(float(value[0]), float(low), float(high))
