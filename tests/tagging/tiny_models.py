"""Models small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from signals.tagging.linear import LinearModel
from signals.tagging.meaning import MeaningModel


def detector(labels: Mapping[str, str], *, threshold: float = 0.5) -> LinearModel:
    """Says 0.999 for a label where its character, of those here, occurs alone, and 0.006 where it does not occur."""
    size = len(labels)
    return LinearModel(
        labels=tuple(labels),
        vocabulary=tuple(f"c:{c}" for c in labels.values()),
        idf=np.ones(size, np.float32),
        weights=np.eye(size, dtype=np.float32),
        bias=np.full(size, -0.5, np.float32),
        slope=np.full(size, 12.0, np.float32),
        offset=np.full(size, 0.9, np.float32),
        thresholds=np.full(size, threshold, np.float32),
    )


def unheeded(words: LinearModel, width: int = 4) -> MeaningModel:
    """Joins a word model with vectors that add nothing: its probabilities stay as they are."""
    size = len(words.labels)
    return MeaningModel(
        labels=words.labels,
        weights=np.zeros((width, size), np.float32),
        bias=np.zeros(size, np.float32),
        heed_words=words.slope,
        heed_meaning=np.zeros(size, np.float32),
        offset=words.offset,
    )


def meaning(labels: Sequence[str], weights: Sequence[Sequence[float]], **by_label: float) -> MeaningModel:
    """Weights of shape (width, labels); each of the others is one number for all labels, 0 where it is not given."""
    size = len(labels)
    return MeaningModel(
        labels=tuple(labels),
        weights=np.array(weights, np.float32),
        **{
            name: np.full(size, by_label.get(name, 0.0), np.float32)
            for name in ("bias", "heed_words", "heed_meaning", "offset")
        },
    )
