"""What the shipped tagger is compared with: keyword rules, and other learners over the same features."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from signals.tagging.corpus import Row
from signals.tagging.text import narrow
from signals.tagging.training import choose_thresholds, folds

Margins = NDArray[np.float64]
Learner = Callable[[Any, NDArray[np.bool_]], Callable[[Any], Margins]]
"""From a matrix of rows and what is true of them to a function from rows to margins, shape (rows,)."""


def keyword_hits(rows: Sequence[Row], labels: Sequence[str], file: Path) -> NDArray[np.bool_]:
    """Where a label's keywords occur, shape (rows, labels). `file` has a list of patterns for each label."""
    patterns: Mapping[str, list[str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    if set(patterns) != set(labels):
        raise ValueError(f"{file.name} and the catalogue differ: {sorted(set(patterns) ^ set(labels))}")
    rules = [re.compile("|".join(f"(?:{p})" for p in patterns[label])) for label in labels]
    texts = [narrow(r.text)[0] for r in rows]
    return np.array([[rule.search(text) is not None for rule in rules] for text in texts], dtype=bool)


def linear_svm(matrix: Any, truth: NDArray[np.bool_]) -> Callable[[Any], Margins]:
    """Squared hinge loss, L2 penalty."""
    from sklearn.svm import LinearSVC

    fitted = LinearSVC(C=SVM_C, random_state=0).fit(matrix, truth)
    return lambda rows: np.asarray(fitted.decision_function(rows))


def naive_bayes(matrix: Any, truth: NDArray[np.bool_]) -> Callable[[Any], Margins]:
    """Complement naive Bayes (Rennie et al. 2003) over tf-idf: the two classes' log scores, one less the other."""
    from sklearn.naive_bayes import ComplementNB

    fitted = ComplementNB(alpha=BAYES_ALPHA).fit(matrix, truth)

    def margins(rows: Any) -> Margins:
        without, with_label = fitted.predict_joint_log_proba(rows).T
        return np.asarray(with_label - without)

    return margins


SVM_C = 1.0
BAYES_ALPHA = 0.03
"""Both by the out-of-fold macro-F1 on a third of the training and validation writers' rows, over all families of features,
among 0.3, 1, 3 and 0.003, 0.01, 0.03, 0.1."""


def learn(
    learner: Learner,
    names: Sequence[Sequence[str]],
    truth: NDArray[np.bool_],
    writers: Sequence[str],
    unseen: Sequence[Sequence[str]],
) -> NDArray[np.bool_]:
    """Hits of shape (unseen, labels) of one learner a label over tf-idf, from feature names by row.

    Weighed as the word model's features are; calibration and thresholds come from folds split by writer, as its do.
    """
    held_out = np.zeros(truth.shape)
    for train, test in folds(writers):
        held_out[test] = _margins(learner, _of(names, train), truth[train], _of(names, test))
    margins = _margins(learner, names, truth, unseen)
    found, stated = np.zeros(margins.shape), np.zeros(truth.shape)
    for k in range(truth.shape[1]):
        stated[:, k], found[:, k] = _calibrated(held_out[:, [k]], truth[:, k], margins[:, [k]])
    return np.asarray(found >= choose_thresholds(truth, stated))


def _of(names: Sequence[Sequence[str]], places: NDArray[np.int64]) -> list[Sequence[str]]:
    return [names[i] for i in places]


def _margins(
    learner: Learner, names: Sequence[Sequence[str]], truth: NDArray[np.bool_], unseen: Sequence[Sequence[str]]
) -> Margins:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True)
    seen_rows, unseen_rows = vectorizer.fit_transform(names), vectorizer.transform(unseen)
    return np.stack([learner(seen_rows, truth[:, k])(unseen_rows) for k in range(truth.shape[1])], axis=1)


def _calibrated(held_out: Margins, truth: NDArray[np.bool_], margins: Margins) -> tuple[Margins, Margins]:
    """Probabilities of the held-out margins and of the others (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6).fit(held_out, truth)
    return fitted.predict_proba(held_out)[:, 1], fitted.predict_proba(margins)[:, 1]
