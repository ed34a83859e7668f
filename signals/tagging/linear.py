"""One-vs-rest linear models over sparse text features: what predicts, and what explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signals.domain.tags import EvidenceSpan, Utterance
from signals.tagging.batch import find_features
from signals.tagging.features import Featurizer
from signals.tagging.keys import KeyTable, keys_of_names
from signals.tagging.text import normalise

_EVIDENCE_SHARE = 0.35
"""A character belongs to the evidence when its weight is at least this share of the strongest character's."""
_EVIDENCE_GAP = 1
"""Characters between two stretches of evidence that are marked along with them."""


@dataclass(frozen=True)
class LinearModel:
    """tf-idf features times weights, each label's sum turned into a probability by its own sigmoid (Platt 1999).

    Shapes: `idf` (features,), `weights` (features, labels), `bias`, `slope` and `offset` (labels,).
    """

    labels: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Column of each feature."""
        return {name: i for i, name in enumerate(self.vocabulary)}

    def probabilities(self, featurizer: Featurizer, utterances: Sequence[Utterance]) -> NDArray[np.float64]:
        """Calibrated probabilities of shape (utterances, labels), 0..1."""
        margins = np.zeros((len(utterances), len(self.labels)))
        size = len(self.vocabulary)
        for found in find_features(featurizer.lexicon, featurizer.families, self._table, size, utterances):
            values = tf_idf(found.times, found.columns, self.idf)
            lengths = np.sqrt(np.bincount(found.rows, values * values, found.count))
            rows, firsts = np.unique(found.rows, return_index=True)
            if len(rows):
                sums = np.add.reduceat(self.weights[found.columns] * values[:, None], firsts)
                margins[found.first + rows] = sums / lengths[rows, None]
        return sigmoid((margins + self.bias) * self.slope + self.offset)

    @cached_property
    def _table(self) -> KeyTable:
        return KeyTable(keys_of_names(self.vocabulary))

    def explain(self, featurizer: Featurizer, utterance: Utterance, label: str) -> tuple[EvidenceSpan, ...]:
        """The characters of the utterance whose features speak for the label, from its weights. May be empty."""
        column = self.weights[:, self.labels.index(label)]
        view = normalise(utterance.text)
        carried = np.zeros(len(view.text))
        for feature in next(iter(featurizer.features([utterance]))):
            i = self.index.get(feature.name)
            if i is not None and feature.end > feature.start:
                carried[feature.start : feature.end] += column[i] * self.idf[i] / (feature.end - feature.start)
        if not len(carried) or carried.max() <= 0:
            return ()
        strong = np.flatnonzero(carried >= _EVIDENCE_SHARE * carried.max())
        total = carried[carried > 0].sum()
        spans = []
        for run in np.split(strong, np.flatnonzero(np.diff(strong) > _EVIDENCE_GAP + 1) + 1):
            first, last = int(run[0]), int(run[-1])
            weight = float(carried[first : last + 1].clip(min=0).sum() / total)
            spans.append(EvidenceSpan(view.starts[first], view.ends[last], round(weight, 3)))
        return tuple(spans)


def tf_idf(times: NDArray[Any], columns: NDArray[np.integer], idf: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sublinear term frequency times inverse document frequency, before rows are brought to unit length."""
    return np.asarray((1 + np.log(times.astype(np.float32))) * idf[columns], dtype=np.float32)


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)), safe for large x."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -35, 35))))
