"""Learning the linear models from the corpus.

The same rows give the same bytes on the same kind of processor. On another one the linear algebra adds up in another
order, and weights can differ in their last digit of half precision, which no score shows.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from signals.domain.tags import Utterance
from signals.tagging.corpus import Row
from signals.tagging.features import Featurizer
from signals.tagging.keys import keys_of_names
from signals.tagging.linear import LinearModel, sigmoid, tf_idf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS = 5
_LEAST_ROWS = 2
"""Rows a feature must occur in."""
_C = 20.0
"""Inverse strength of the word model's penalty, by the out-of-fold macro-F1."""
PRECISION = 0.85
"""Thresholds give the highest recall at this precision or better, on rows of writers the model did not meet."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model of the words, and what it says of each row without having met the row's writer."""

    model: LinearModel
    truth: NDArray[np.bool_]
    """Shape (rows, labels)."""
    margins: NDArray[np.float64]
    """Out-of-fold margins before calibration, shape (rows, labels)."""


def one_thread() -> AbstractContextManager[object]:
    """Keeps linear algebra to one thread: its sums are many and short, so that more threads only wait for each other."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

    limit: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limit


def train(rows: Sequence[Row], labels: Sequence[str], featurizer: Featurizer) -> Trained:
    """One logistic regression a label. Calibration and thresholds come from folds split by writer.

    `rows` are of one role, `labels` the ids that this role can carry.
    """
    counts = count_features(featurizer.names([as_utterance(r) for r in rows]))
    truth = truth_of(rows, labels)
    margins = np.zeros(truth.shape)
    for seen, unseen in folds([r.writer for r in rows]):
        columns, idf = _weigh(counts.matrix[seen])
        weights, bias = fit_logistic(_vectors(counts.matrix[seen][:, columns], idf), truth[seen], looseness=_C)
        margins[unseen] = _vectors(counts.matrix[unseen][:, columns], idf) @ weights + bias
    slope, offset = _calibrate(margins, truth)
    columns, idf = _weigh(counts.matrix)
    weights, bias = fit_logistic(_vectors(counts.matrix[:, columns], idf), truth, looseness=_C)
    vocabulary = tuple(counts.names[i] for i in columns)
    if len(np.unique(keys_of_names(vocabulary))) < len(vocabulary):
        raise ArithmeticError("two features share a key")
    model = LinearModel(
        labels=tuple(labels),
        vocabulary=vocabulary,
        idf=idf,
        weights=weights,
        bias=bias,
        slope=slope,
        offset=offset,
        thresholds=choose_thresholds(truth, sigmoid(margins * slope + offset)),
    )
    return Trained(model, truth, margins)


def truth_of(rows: Sequence[Row], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Which row carries which label, shape (rows, labels)."""
    return np.array([[label in r.labels for label in labels] for r in rows], dtype=bool).reshape(len(rows), len(labels))


def as_utterance(row: Row) -> Utterance:
    """The row as the tagger is given it."""
    return Utterance(text=row.text, role=row.role, previous=row.previous)


def folds(writers: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Indices seen and unseen; a writer is never on both sides."""
    from sklearn.model_selection import GroupKFold

    dummy = np.zeros((len(writers), 1))
    yield from GroupKFold(n_splits=min(FOLDS, len(set(writers)))).split(dummy, groups=np.array(writers))


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each feature occurs in each row."""

    names: tuple[str, ...]
    """In alphabetical order."""
    matrix: csr_matrix
    """Shape (rows, names), float32."""


def count_features(names: Sequence[Sequence[str]]) -> Counts:
    """Counts the features of rows that are given by name; those of a single row are left out."""
    from scipy.sparse import csr_matrix

    rows_with = Counter(name for row in names for name in dict.fromkeys(row))
    known = sorted(n for n, rows in rows_with.items() if rows >= _LEAST_ROWS)
    column = {name: i for i, name in enumerate(known)}
    cells = [[column[n] for n in row if n in column] for row in names]
    ends = np.append(0, np.cumsum([len(row) for row in cells]))
    columns = np.fromiter((c for row in cells for c in row), np.int32, int(ends[-1]))
    matrix = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(names), len(known)))
    matrix.sum_duplicates()
    return Counts(tuple(known), matrix)


def _weigh(counts: csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Columns of at least two rows, and their smoothed inverse document frequencies."""
    rows_with = counts.getnnz(axis=0)
    columns = np.flatnonzero(rows_with >= _LEAST_ROWS)
    return columns, (np.log((1 + counts.shape[0]) / (1 + rows_with[columns])) + 1).astype(np.float32)


def _vectors(counts: csr_matrix, idf: NDArray[np.float32]) -> csr_matrix:
    """Sublinear tf-idf rows of unit length."""
    vectors = counts.copy()
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    vectors.data = tf_idf(counts.data, counts.indices, idf)
    lengths = np.sqrt(np.bincount(rows, vectors.data * vectors.data, counts.shape[0]))
    vectors.data /= lengths[rows].astype(np.float32)
    return vectors


def fit_logistic(
    matrix: csr_matrix | NDArray[np.float64], truth: NDArray[np.bool_], *, looseness: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights of shape (features, labels) and biases of shape (labels,). `looseness` is the
    inverse strength of the L2 penalty, scikit-learn's C."""
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((matrix.shape[1], truth.shape[1]), np.float32)
    bias = np.full(truth.shape[1], -8.0, np.float32)
    doubles = matrix.astype(np.float64)

    def fit(k: int) -> None:
        learner = LogisticRegression(C=looseness, solver="liblinear", tol=1e-6, random_state=0, max_iter=500)
        learner.fit(doubles, truth[:, k])
        weights[:, k], bias[k] = learner.coef_[0], learner.intercept_[0]

    told_apart = [k for k in range(truth.shape[1]) if truth[:, k].any() and not truth[:, k].all()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # liblinear lets go of the interpreter's lock
        list(pool.map(fit, told_apart))
    return weights, bias


def _calibrate(
    margins: NDArray[np.float64], truth: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slope and offset of each label's sigmoid, fitted on out-of-fold margins."""
    from sklearn.linear_model import LogisticRegression

    slope, offset = np.ones(truth.shape[1], np.float32), np.zeros(truth.shape[1], np.float32)
    for k in range(truth.shape[1]):
        if truth[:, k].any() and not truth[:, k].all():
            sigmoid_fit = LogisticRegression(C=1e6, solver="lbfgs").fit(margins[:, [k]], truth[:, k])
            if sigmoid_fit.coef_[0, 0] > 0:  # of few rows it can come out upside down: then the margin stands as it is
                slope[k], offset[k] = sigmoid_fit.coef_[0, 0], sigmoid_fit.intercept_[0]
    return slope, offset


def choose_thresholds(truth: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> NDArray[np.float32]:
    """A threshold for each label, from arrays of shape (rows, labels)."""
    pairs = zip(truth.T, probabilities.T, strict=True)
    return np.array([choose_threshold(t, p) for t, p in pairs], np.float32)


def choose_threshold(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """The threshold of the highest recall whose precision is at least `PRECISION`; where none is, of the highest F1.

    Rounded down to three decimals, within 0.05..0.95.
    """
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(truth[order])
    precision = right / np.arange(1, len(order) + 1)
    recall = right / max(1, truth.sum())
    last_of_score = np.append(np.diff(probability[order]) != 0, True)
    allowed = np.where(last_of_score & (precision >= PRECISION), recall, 0.0)
    f1 = np.where(last_of_score, 2 * precision * recall / np.maximum(precision + recall, 1e-9), 0.0)
    best = allowed if allowed.any() else f1
    at = int(np.flatnonzero(best == best.max())[0])  # of equal recall the highest threshold
    return float(np.clip(np.floor(probability[order][at] * 1000) / 1000, 0.05, 0.95))
