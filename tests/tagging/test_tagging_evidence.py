"""From what each character adds to the words that are marked."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from signals.domain.tags import EvidenceSpan
from signals.tagging.evidence import evidence_spans

_CARRIED = st.lists(st.integers(-50, 50), max_size=60).map(lambda x: np.array(x, np.float64) / 10)


def test_spans_and_weights_by_hand() -> None:
    """The strongest adds 4, so that 1.4 and more is strong; one weak character between is taken along, two are not.

    In all 10.7 speak for the label: 7 of them in the first span, 1.4 in the second.
    """
    carried = np.array([4.0, 1.0, 2.0, 0.5, 0.5, 1.4, 1.3, -3.0, 0.0])
    assert evidence_spans(carried) == (EvidenceSpan(0, 3, 0.654), EvidenceSpan(5, 6, 0.131))


def test_what_speaks_against_a_label_takes_nothing_from_the_weight_of_the_words_around() -> None:
    assert evidence_spans(np.array([1.0, -5.0, 1.0])) == (EvidenceSpan(0, 3, 1.0),)


@given(carried=_CARRIED)
def test_there_is_evidence_where_and_only_where_something_speaks_for_the_label(carried: NDArray[np.float64]) -> None:
    assert bool(evidence_spans(carried)) == bool((carried > 0).any())


@given(carried=_CARRIED)
def test_spans_are_in_order_inside_the_text_and_apart(carried: NDArray[np.float64]) -> None:
    spans = evidence_spans(carried)
    assert all(0 <= s.start < s.end <= len(carried) for s in spans)
    assert all(a.end + 2 <= b.start for a, b in pairwise(spans))


@given(carried=_CARRIED)
def test_every_strong_character_is_inside_and_every_span_begins_and_ends_with_one(
    carried: NDArray[np.float64],
) -> None:
    spans = evidence_spans(carried)
    inside = {i for s in spans for i in range(s.start, s.end)}
    strong = set(np.flatnonzero(carried >= 0.35 * carried.max())) if spans else set()
    assert strong <= inside
    assert {s.start for s in spans} | {s.end - 1 for s in spans} <= strong


@given(carried=_CARRIED)
def test_weights_are_shares_of_all_that_speaks_for_the_label(carried: NDArray[np.float64]) -> None:
    weights = [s.weight for s in evidence_spans(carried)]
    assert all(0 < w <= 1 for w in weights)
    assert sum(weights) <= 1 + 0.0005 * len(weights)


@given(carried=_CARRIED, louder=st.sampled_from([0.25, 2.0, 1024.0]))
def test_evidence_does_not_depend_on_the_scale(carried: NDArray[np.float64], louder: float) -> None:
    assert evidence_spans(carried * louder) == evidence_spans(carried)
