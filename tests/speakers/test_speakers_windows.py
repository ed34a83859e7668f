"""Cutting speech into windows for the voice model."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from signals.domain.transcript import SpeechSpan
from signals.speakers.embedding import HOP, WINDOW, Window, cut_windows


@st.composite
def _speech(draw: st.DrawFn) -> tuple[SpeechSpan, ...]:
    at, spans = 0.0, []
    for _ in range(draw(st.integers(0, 15))):
        at += draw(st.floats(0, 5))
        spans.append(SpeechSpan(at, at + draw(st.floats(0.06, 20))))
        at = spans[-1].end
    return tuple(spans)


@given(_speech())
def test_windows_stay_inside_one_stretch_of_speech(speech: tuple[SpeechSpan, ...]) -> None:
    for window in cut_windows(speech):
        assert any(s.start <= window.start < window.end <= s.end + 1e-9 for s in speech)
        assert window.end - window.start <= WINDOW + 1e-9


@given(_speech())
def test_windows_are_in_order_and_at_most_a_hop_apart(speech: tuple[SpeechSpan, ...]) -> None:
    windows = cut_windows(speech)
    assert all(a.start <= b.start for a, b in itertools.pairwise(windows))
    for span in speech:
        own = [w for w in windows if span.start <= w.start and w.end <= span.end + 1e-9]
        assert own[0].start == span.start
        assert all(b.start - a.start <= HOP + 1e-9 for a, b in itertools.pairwise(own))


@given(_speech())
def test_nearly_all_speech_is_in_a_window(speech: tuple[SpeechSpan, ...]) -> None:
    windows = cut_windows(speech)
    for span in speech:
        last = max(w.end for w in windows if span.start <= w.start < span.end)
        assert span.end - last < 0.4


@given(_speech())
def test_each_stretch_has_a_window(speech: tuple[SpeechSpan, ...]) -> None:
    windows = cut_windows(speech)
    assert all(any(w.start == s.start for w in windows) for s in speech)


def test_a_long_stretch_has_a_window_every_hop() -> None:
    assert cut_windows((SpeechSpan(10.0, 13.0),)) == (
        Window(10.0, 11.5),
        Window(10.75, 12.25),
        Window(11.5, 13.0),
    )


def test_a_short_stretch_is_one_window() -> None:
    assert cut_windows((SpeechSpan(1.0, 1.2),)) == (Window(1.0, 1.2),)


def test_the_rest_of_a_stretch_is_heard_in_a_full_window() -> None:
    assert cut_windows((SpeechSpan(0.0, 2.0),)) == (Window(0.0, 1.5), Window(0.5, 2.0))
