"""Scoring: figures that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import detector, unheeded

from signals.domain.catalogue import Catalogue
from signals.tagging.corpus import Row
from signals.tagging.evaluation import (
    LabelResult,
    calibration_error,
    evaluate,
    false_signals,
    label_results,
    score_rows,
    summarise,
)
from signals.tagging.lexicon import Lexicon
from signals.tagging.scoring import Scorer
from signals.tagging.store import Bundle
from signals.tagging.tagger import LinearTagger


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


CUSTOMER = detector({"rate_cut": "甲", "interest": "乙", "objection": "丙"})
MANAGER = detector({"q_open": "戊", "q_closed": "己"})


@pytest.fixture(scope="module")
def bundle(lexicon: Lexicon) -> Bundle:
    meaning = {"customer": unheeded(CUSTOMER), "manager": unheeded(MANAGER)}
    return Bundle("x", lexicon, CUSTOMER, MANAGER, detector({"manager": "戊"}), meaning, "fake-encoder")


@pytest.fixture(scope="module")
def words(bundle: Bundle, catalogue: Catalogue) -> LinearTagger:
    """Of words alone, each label at 0.5."""
    return LinearTagger(Scorer(bundle), catalogue)


def test_counts_and_means_by_hand(words: LinearTagger) -> None:
    result = evaluate(words, ROWS)
    rate = next(r for r in result.customer if r.label == "rate_cut")
    assert (rate.support, rate.found, rate.right) == (2, 2, 1)
    assert (rate.precision, rate.recall, rate.f1) == (0.5, 0.5, 0.5)
    assert result.signal_macro_f1 == pytest.approx((0.5 + 1.0) / 2)
    assert result.manager_macro_f1 == pytest.approx((2 / 3 + 0.0) / 2)
    assert result.false_per_100_neutral == pytest.approx(100 / 3)
    assert result.role_accuracy == 1.0
    assert (result.rows, result.writers) == (8, 2)


def test_scored_rows_by_hand(words: LinearTagger) -> None:
    scored = score_rows(words, ROWS)
    assert scored["customer"].rows == tuple(ROWS[:6])
    assert scored["customer"].labels == ("rate_cut", "interest", "objection")
    assert scored["customer"].truth.tolist()[:4] == [
        [True, False, False],
        [False, False, False],
        [True, False, False],
        [False, True, False],
    ]
    assert scored["customer"].probabilities[0].tolist() == [0.9990, 0.0061, 0.0061]
    assert scored["customer"].thresholds.tolist() == [0.5] * 3
    assert scored["customer"].hits.argmax(axis=1)[[0, 1, 3, 4]].tolist() == [0, 0, 1, 2]
    assert scored["customer"].hits.sum(axis=1).tolist() == [1, 1, 0, 1, 1, 0]
    assert scored["manager"].rows == tuple(ROWS[6:])
    assert scored["manager"].hits.tolist() == [[True, False], [True, False]]


def test_a_score_at_its_threshold_is_a_hit(words: LinearTagger) -> None:
    scored = replace(score_rows(words, ROWS)["customer"], thresholds=np.array([0.9990, 0.9991, 0.0061]))
    assert scored.hits.sum(axis=0).tolist() == [2, 0, 6]


def test_rows_are_chosen_with_all_that_belongs_to_them(words: LinearTagger) -> None:
    customer = score_rows(words, ROWS)["customer"]
    chosen = customer.where(lambda r: r.writer == "w1")
    assert [r.id for r in chosen.rows] == ["x1", "x3", "x5"]
    assert (chosen.truth == customer.truth[::2]).all()
    assert (chosen.probabilities == customer.probabilities[::2]).all()
    assert (chosen.labels, chosen.thresholds.tolist()) == (customer.labels, customer.thresholds.tolist())
    assert [(r.label, r.support, r.found, r.right) for r in label_results(chosen)] == [
        ("rate_cut", 2, 1, 1),
        ("interest", 0, 0, 0),
        ("objection", 0, 1, 0),
    ]


def test_where_no_row_is_chosen_nothing_is_counted(words: LinearTagger) -> None:
    nobody = score_rows(words, ROWS)["customer"].where(lambda r: False)
    assert nobody.rows == ()
    assert nobody.truth.shape == nobody.hits.shape == (0, 3)
    assert all((r.support, r.found, r.right) == (0, 0, 0) for r in label_results(nobody))


@given(kept=st.sets(st.integers(1, 6)))
def test_the_counts_of_two_parts_add_up_to_those_of_the_whole(words: LinearTagger, kept: set[int]) -> None:
    whole = score_rows(words, ROWS)["customer"]
    one_part, other_part = (
        whole.where(lambda r: int(r.id[1:]) in kept),
        whole.where(lambda r: int(r.id[1:]) not in kept),
    )
    counted = zip(label_results(whole), label_results(one_part), label_results(other_part), strict=True)
    for all_of_it, one, other in counted:
        for count in ("support", "found", "right"):
            assert getattr(all_of_it, count) == getattr(one, count) + getattr(other, count)


def test_false_signals_by_hand(words: LinearTagger, catalogue: Catalogue) -> None:
    """Of the three rows without a label one has a signal; 丙 is an objection, and a wrong label on another row is none."""
    customer = score_rows(words, ROWS)["customer"]
    assert false_signals(customer, catalogue) == pytest.approx(100 / 3)
    every = replace(customer, thresholds=np.zeros(3))
    assert false_signals(every, catalogue) == 200.0


def test_where_every_row_has_a_label_there_is_no_figure_of_false_signals(
    words: LinearTagger, catalogue: Catalogue
) -> None:
    labelled = score_rows(words, ROWS)["customer"].where(lambda r: bool(r.labels))
    assert false_signals(labelled, catalogue) is None


def test_a_row_that_nothing_can_be_read_in_is_found_nowhere(words: LinearTagger) -> None:
    (scores,) = score_rows(words, [row(1, "customer", "……")])["customer"].probabilities
    assert scores.tolist() == [0.0, 0.0, 0.0]


def test_the_summary_is_of_the_rows_that_were_chosen(words: LinearTagger) -> None:
    """Of writer w1: 甲 found, 丁 missed, 丙 a false objection, and 戊 found."""
    chosen = {role: part.where(lambda r: r.writer == "w1") for role, part in score_rows(words, ROWS).items()}
    result = summarise(words, chosen)
    assert (result.rows, result.writers) == (4, 1)
    assert result.signal_macro_f1 == pytest.approx(2 / 3)
    assert result.manager_macro_f1 == 1.0
    assert result.false_per_100_neutral == 0.0
    assert result == evaluate(words, [r for r in ROWS if r.writer == "w1"])


def test_words_alone_are_judged_at_thresholds_of_their_own(bundle: Bundle, catalogue: Catalogue) -> None:
    never = replace(bundle, customer=detector({"rate_cut": "甲"}, threshold=0.9999))
    (rate,) = evaluate(LinearTagger(Scorer(never), catalogue), ROWS).customer
    assert rate.found == 0
    assert rate.threshold == pytest.approx(0.9999, abs=0.001)


def test_with_an_encoder_the_threshold_is_the_catalogues(bundle: Bundle, catalogue: Catalogue) -> None:
    never = catalogue.with_thresholds({x.id: 0.9995 for x in catalogue.labels})
    result = evaluate(LinearTagger(Scorer(bundle, FakeEncoder()), never), ROWS)
    assert all(r.found == 0 for r in (*result.customer, *result.manager))
    assert all(r.threshold == 0.9995 for r in result.customer)


def test_progress_goes_on_through_both_roles(bundle: Bundle, catalogue: Catalogue) -> None:
    told: list[float] = []
    score_rows(LinearTagger(Scorer(bundle, FakeEncoder()), catalogue), ROWS, told.append)
    assert told == pytest.approx([n / 8 for n in range(1, 9)])


def test_roles_are_judged_from_single_spoken_utterances(words: LinearTagger) -> None:
    """Of what was said; the customer who says 戊 is taken for a manager."""
    result = evaluate(words, [*ROWS[6:], row(9, "customer", "戊")])
    assert result.role_accuracy == 0.5


def test_nothing_to_score_is_no_fault(words: LinearTagger) -> None:
    result = evaluate(words, [])
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
