"""One-vs-rest linear models over sparse text features, and what each character adds to their sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signals.domain.tags import Utterance
from signals.tagging.batch import find_features
from signals.tagging.features import Featurizer
from signals.tagging.keys import KeyTable, keys_of_names


@dataclass(frozen=True)
class LinearModel:
    """tf-idf features times weights, each label's sum turned into a probability by its own sigmoid (Platt 1999).

    Shapes: `idf` (features,), `weights` (features, labels), `bias`, `slope`, `offset` and `thresholds` (labels,).
    """

    labels: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    """Probabilities from which a score is a hit where this model decides alone."""

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Column of each feature."""
        return {name: i for i, name in enumerate(self.vocabulary)}

    def probabilities(self, featurizer: Featurizer, utterances: Sequence[Utterance]) -> NDArray[np.float64]:
        """Calibrated probabilities of shape (utterances, labels), 0..1."""
        return sigmoid(self.margins(featurizer, utterances) * self.slope + self.offset)

    def margins(self, featurizer: Featurizer, utterances: Sequence[Utterance]) -> NDArray[np.float64]:
        """Weighted sums of shape (utterances, labels): 0 is undecided, before calibration."""
        margins = np.zeros((len(utterances), len(self.labels)))
        size = len(self.vocabulary)
        for found in find_features(featurizer.lexicon, featurizer.families, self._table, size, utterances):
            values = tf_idf(found.times, found.columns, self.idf)
            lengths = np.sqrt(np.bincount(found.rows, values * values, found.count))
            rows, firsts = np.unique(found.rows, return_index=True)
            if len(rows):
                sums = np.add.reduceat(self.weights[found.columns] * values[:, None], firsts)
                margins[found.first + rows] = sums / lengths[rows, None]
        return margins + self.bias

    @cached_property
    def _table(self) -> KeyTable:
        return KeyTable(keys_of_names(self.vocabulary))

    def shares(self, featurizer: Featurizer, utterance: Utterance, label: str) -> NDArray[np.float64]:
        """What each character of the normalised text adds to the label's margin, up to a common factor."""
        column = self.weights[:, self.labels.index(label)]
        features = next(iter(featurizer.features([utterance])))
        carried = np.zeros(max((f.end for f in features), default=0))
        squares = 0.0
        counts = Counter(f.name for f in features)
        for feature in features:
            i = self.index.get(feature.name)
            if i is None:
                continue
            times = counts[feature.name]
            value = (1 + np.log(times)) * self.idf[i]
            squares += value * value / times
            if feature.end > feature.start:
                carried[feature.start : feature.end] += column[i] * value / times / (feature.end - feature.start)
        return np.asarray(carried / np.sqrt(squares) if squares else carried)


def tf_idf(times: NDArray[Any], columns: NDArray[np.integer], idf: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sublinear term frequency times inverse document frequency, before rows are brought to unit length."""
    return np.asarray((1 + np.log(times.astype(np.float32))) * idf[columns], dtype=np.float32)


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)), safe for large x."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -35, 35))))
