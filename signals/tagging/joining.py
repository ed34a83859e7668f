"""Learning what the encoder's vectors add to the words: on the training writers, weighed on the validation writers.

The encoder was taught on the training writers, so that on them its vectors say more than they do of anybody else. How
much to heed them, and the thresholds, are therefore learnt on writers whom it never met.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.tagging.encoder import Vectors
from signals.tagging.meaning import MeaningModel
from signals.tagging.training import Trained, choose_thresholds, fit_logistic

_C = 0.003
"""Inverse strength of the penalty on the vectors' weights, by the validation writers' mean average precision."""
_LEAST = 10
"""Rows that must carry a label, and as many that must not, before how much to heed is learnt for it."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A meaning model and the thresholds that belong to it."""

    model: MeaningModel
    thresholds: NDArray[np.float32]


def join(words: Trained, vectors: Vectors, unmet: NDArray[np.bool_]) -> Joined:
    """`vectors` of shape (rows, 384) are of the rows that `words` was trained on, `unmet` marks the validation writers'."""
    truth, margins, labels = words.truth, words.margins, words.model.labels
    weights, bias = fit_logistic(vectors[~unmet], truth[~unmet], looseness=_C)
    meant = (vectors[unmet] @ weights + bias).astype(np.float64)
    heed = np.stack([words.model.slope, np.zeros_like(bias), words.model.offset])
    for k in range(len(labels)):
        if _LEAST <= truth[unmet, k].sum() <= unmet.sum() - _LEAST:
            heed[:, k] = _heed(margins[unmet, k], meant[:, k], truth[unmet, k])
    model = MeaningModel(labels, weights, bias, heed[0], heed[1], heed[2])
    thresholds = choose_thresholds(truth[unmet], model.probabilities(margins[unmet], vectors[unmet]))
    return Joined(model, thresholds)


def _heed(words: NDArray[np.float64], meaning: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much to heed words and meaning, and an offset: a logistic regression of two numbers, neither below 0.

    Where both speak against the truth neither is heeded and the offset is the log odds of the label.
    """
    from sklearn.linear_model import LogisticRegression

    both = np.stack([words, meaning], axis=1)
    found, used = np.zeros(3, np.float32), [0, 1]
    while used:
        learner = LogisticRegression(C=1e6).fit(both[:, used], truth)
        if (learner.coef_[0] >= 0).all():
            found[used], found[2] = learner.coef_[0], learner.intercept_[0]
            return found
        used.remove(used[int(learner.coef_[0].argmin())])
    found[2] = np.log(truth.mean() / (1 - truth.mean()))
    return found
