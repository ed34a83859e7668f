"""Cutting a long recording at its pauses."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.asr.vad import Piece, cut_at_pauses
from signals.domain.transcript import SpeechSpan


@st.composite
def _speech(draw: st.DrawFn) -> tuple[SpeechSpan, ...]:
    at, spans = 0.0, []
    for _ in range(draw(st.integers(0, 40))):
        at += draw(st.floats(0.1, 60))
        spans.append(SpeechSpan(at, at + draw(st.floats(0.1, 90))))
        at = spans[-1].end
    return tuple(spans)


def ending(speech: tuple[SpeechSpan, ...]) -> float:
    return speech[-1].end + 3.0 if speech else 10.0


@given(speech=_speech(), longest=st.sampled_from([15.0, 60.0, 300.0]))
def test_pieces_are_in_order_inside_the_recording_and_short_enough(
    speech: tuple[SpeechSpan, ...], longest: float
) -> None:
    pieces = cut_at_pauses(speech, ending(speech), longest)
    assert all(0 <= p.start < p.end <= ending(speech) for p in pieces)
    assert all(p.end - p.start <= longest + 1e-6 for p in pieces)
    assert all(a.end <= b.start for a, b in itertools.pairwise(pieces))


@given(speech=_speech(), longest=st.sampled_from([15.0, 60.0, 300.0]))
def test_no_speech_is_outside_the_pieces(speech: tuple[SpeechSpan, ...], longest: float) -> None:
    pieces = cut_at_pauses(speech, ending(speech), longest)
    for span in speech:
        inside = sum(max(0.0, min(p.end, span.end) - max(p.start, span.start)) for p in pieces)
        assert inside == pytest.approx(span.end - span.start, abs=1e-6)


@given(speech=_speech())
def test_speech_is_cut_only_where_it_has_no_pause_for_long(speech: tuple[SpeechSpan, ...]) -> None:
    longest = 60.0
    pieces = cut_at_pauses(speech, ending(speech), longest)
    for piece in pieces[:-1]:
        cut_into = [s for s in speech if s.start < piece.end - 1e-6 and s.end > piece.end + 1e-6]
        late_pauses = [
            a
            for a, b in itertools.pairwise(speech)
            if piece.start + longest / 2 <= a.end and b.start <= piece.start + longest
        ]
        assert not (cut_into and late_pauses)


def test_the_cut_is_in_the_middle_of_the_longest_late_pause() -> None:
    speech = (SpeechSpan(1, 60), SpeechSpan(61, 80), SpeechSpan(84, 95), SpeechSpan(96, 150))
    assert cut_at_pauses(speech, 160, 100) == (Piece(0.5, 82.0), Piece(83.5, 150.5))


def test_speech_without_any_pause_is_cut_at_the_limit() -> None:
    assert cut_at_pauses((SpeechSpan(0, 250),), 250, 100) == (Piece(0, 100), Piece(100, 200), Piece(200, 250))


def test_silence_gives_no_piece() -> None:
    assert cut_at_pauses((), 60, 300) == ()


def test_a_long_silence_belongs_to_no_piece() -> None:
    speech = (SpeechSpan(0, 90), SpeechSpan(2000, 2050))
    assert cut_at_pauses(speech, 2100, 100) == (Piece(0, 100), Piece(1999.5, 2050.5))
