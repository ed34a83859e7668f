"""Linear models over the encoder's vectors, joined with the word models: what the words say and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.tagging.linear import sigmoid

Margins = NDArray[np.float64]


@dataclass(frozen=True)
class MeaningModel:
    """Weights on an utterance's vector, and how much each label heeds them and the words.

    Shapes: `weights` (384, labels), the others (labels,). `labels` are those of the word model it is joined with.
    """

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    heed_words: NDArray[np.float32]
    heed_meaning: NDArray[np.float32]
    offset: NDArray[np.float32]

    def margins(self, vectors: NDArray[np.float32]) -> Margins:
        """Shape (utterances, labels) for vectors of shape (utterances, 384)."""
        return np.asarray(vectors @ self.weights + self.bias, np.float64)

    def probabilities(self, word_margins: Margins, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities 0..1 of shape (utterances, labels)."""
        return sigmoid(word_margins * self.heed_words + self.margins(vectors) * self.heed_meaning + self.offset)

    def shares(self, states: NDArray[np.float32], label: str) -> NDArray[np.float64]:
        """What each token adds to the label's log odds, shape (tokens,): they and the bias sum to the whole."""
        k = self.labels.index(label)
        return np.asarray(states @ self.weights[:, k] * self.heed_meaning[k] / len(states), np.float64)
