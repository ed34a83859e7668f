"""The small sums that the typed values do."""

from __future__ import annotations

import pytest

from signals.domain.closing import ClosingWindow, ReadinessPoint, StrategyAdvice, WindowOutcome
from signals.domain.conversation import Diarization, DiarizationMethod, SpeakerSpan
from signals.domain.tags import Hit
from signals.domain.transcript import Coverage


def test_coverage_is_the_share_of_speech_that_got_text() -> None:
    assert Coverage(10.0, 7.5, ()).ratio == 0.75


def test_coverage_without_speech_is_whole_and_never_more_than_whole() -> None:
    assert Coverage(0.0, 0.0, ()).ratio == 1.0
    assert Coverage(10.0, 10.2, ()).ratio == 1.0


def test_speakers_are_listed_once_in_order_of_appearance() -> None:
    spans = tuple(SpeakerSpan(i, i + 1.0, s) for i, s in enumerate(("B", "A", "B")))
    assert Diarization(spans, DiarizationMethod.VOICE).speakers == ("B", "A")


@pytest.mark.parametrize(("proposal_at", "waited"), [(None, None), (25.0, 5.0), (18.0, 0.0)])
def test_a_window_knows_how_long_the_manager_waited(proposal_at: float | None, waited: float | None) -> None:
    window = ClosingWindow(
        start=20.0,
        end=40.0,
        peak=ReadinessPoint(30.0, 0.8),
        outcome=WindowOutcome.MISSED if proposal_at is None else WindowOutcome.TAKEN,
        evidence=(),
        advice=StrategyAdvice("direct", "", ""),
        proposal=None if proposal_at is None else Hit(0, "close_direct", 0.9, 0.5, proposal_at, 27.0, ""),
    )
    assert window.seconds_to_proposal == waited
