"""Scoring: figures that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from signals.domain.catalogue import Catalogue
from signals.tagging.corpus import Row
from signals.tagging.evaluation import LabelResult, calibration_error, evaluate
from signals.tagging.lexicon import Lexicon
from signals.tagging.linear import LinearModel
from signals.tagging.store import Bundle


def detector(labels: dict[str, str]) -> LinearModel:
    """Says 0.999 for a label where its character occurs and 0.006 elsewhere."""
    size = len(labels)
    return LinearModel(
        labels=tuple(labels),
        vocabulary=tuple(f"c:{c}" for c in labels.values()),
        idf=np.ones(size, np.float32),
        weights=np.eye(size, dtype=np.float32),
        bias=np.full(size, -0.5, np.float32),
        slope=np.full(size, 12.0, np.float32),
        offset=np.full(size, 0.9, np.float32),
    )


def row(number: int, role: str, text: str, *labels: str, kind: str = "spoken") -> Row:
    return Row.model_validate(
        {"id": f"x{number}", "writer": f"w{number % 2}", "role": role, "kind": kind, "text": text, "labels": labels}
    )


ROWS = [
    row(1, "customer", "甲", "rate_cut"),  # found
    row(2, "customer", "甲"),  # a false signal
    row(3, "customer", "丁", "rate_cut"),  # missed
    row(4, "customer", "乙", "interest"),  # found
    row(5, "customer", "丙"),  # a false objection is no false signal
    row(6, "customer", "丁"),
    row(7, "manager", "戊", "q_open"),  # found
    row(8, "manager", "戊", "q_closed", kind="typed"),  # taken for another kind, and not for the manager
]


@pytest.fixture(scope="module")
def bundle(lexicon: Lexicon) -> Bundle:
    return Bundle(
        version="x",
        lexicon=lexicon,
        customer=detector({"rate_cut": "甲", "interest": "乙", "objection": "丙"}),
        manager=detector({"q_open": "戊", "q_closed": "己"}),
        roles=detector({"manager": "戊"}),
    )


def test_counts_and_means_by_hand(bundle: Bundle, catalogue: Catalogue) -> None:
    result = evaluate(bundle, ROWS, catalogue)
    rate = next(r for r in result.customer if r.label == "rate_cut")
    assert (rate.support, rate.found, rate.right) == (2, 2, 1)
    assert (rate.precision, rate.recall, rate.f1) == (0.5, 0.5, 0.5)
    assert result.signal_macro_f1 == pytest.approx((0.5 + 1.0) / 2)
    assert result.manager_macro_f1 == pytest.approx((2 / 3 + 0.0) / 2)
    assert result.false_per_100_neutral == pytest.approx(100 / 3)
    assert result.role_accuracy == 1.0
    assert (result.rows, result.writers) == (8, 2)


def test_the_threshold_is_the_catalogues(bundle: Bundle, catalogue: Catalogue) -> None:
    never = catalogue.with_thresholds({x.id: 0.9995 for x in catalogue.labels})
    result = evaluate(bundle, ROWS, never)
    assert all(r.found == 0 for r in (*result.customer, *result.manager))
    assert all(r.threshold == 0.9995 for r in result.customer)


def test_roles_are_judged_from_single_spoken_utterances(bundle: Bundle, catalogue: Catalogue) -> None:
    """Of what was said; the customer who says 戊 is taken for a manager."""
    result = evaluate(bundle, [*ROWS[6:], row(9, "customer", "戊")], catalogue)
    assert result.role_accuracy == 0.5


def test_nothing_to_score_is_no_fault(bundle: Bundle, catalogue: Catalogue) -> None:
    result = evaluate(bundle, [], catalogue)
    assert (result.rows, result.signal_macro_f1, result.false_per_100_neutral, result.role_accuracy) == (0, 0, 0, 0)


def test_a_label_that_is_neither_there_nor_found_counts_as_nothing() -> None:
    empty = LabelResult("rate_cut", support=0, found=0, right=0, threshold=0.5)
    assert (empty.precision, empty.recall, empty.f1) == (0.0, 0.0, 0.0)
    assert replace(empty, support=4, found=2, right=2).f1 == pytest.approx(2 / 3)


def test_calibration_error_by_hand() -> None:
    """Two scores of 0.9 of which one is right, two of 0.1 of which none is: (0.4 + 0.1) / 2."""
    truth = np.array([[True, False], [False, False]])
    assert calibration_error(truth, np.array([[0.9, 0.1], [0.9, 0.1]])) == pytest.approx(0.25)


def test_certain_and_right_has_no_calibration_error() -> None:
    assert calibration_error(np.array([[True, False]]), np.array([[1.0, 0.0]])) == 0.0
    assert calibration_error(np.array([[True, False]]), np.array([[0.0, 1.0]])) == 1.0


def test_no_scores_have_no_calibration_error() -> None:
    assert calibration_error(np.zeros((0, 3), bool), np.zeros((0, 3))) == 0.0
