"""How much of the speech got text."""

from __future__ import annotations

import pytest
from fakes import spoken
from hypothesis import given
from hypothesis import strategies as st

from signals.asr.coverage import coverage
from signals.domain.transcript import SpeechSpan


def test_speech_with_text_is_covered() -> None:
    found = coverage((SpeechSpan(0, 10),), (spoken("一二三四五六七八九十", 0, 10),))
    assert (found.ratio, found.gaps) == (1.0, ())


def test_speech_without_text_is_a_gap() -> None:
    found = coverage((SpeechSpan(0, 4), SpeechSpan(6, 16)), (spoken("一二三四", 0, 4),))
    assert found.ratio == pytest.approx(4 / 14, abs=0.01)
    assert found.gaps == (SpeechSpan(6, 16),)


def test_a_sentence_lost_inside_a_segment_is_a_gap() -> None:
    before, after = spoken("一二三四", 0, 4), spoken("五六七八", 10, 14)
    one = spoken("一二三四五六七八", 0, 14)
    lost = type(one)(0, 14, one.text, one.raw, (*before.words, *after.words), -0.2, 0.0)
    found = coverage((SpeechSpan(0, 14),), (lost,))
    (gap,) = found.gaps
    assert (gap.start, gap.end) == pytest.approx((4.4, 9.6))


def test_a_short_gap_is_not_worth_a_listen() -> None:
    assert coverage((SpeechSpan(0, 1.9),), ()).gaps == ()


def test_no_speech_is_fully_covered() -> None:
    assert coverage((), ()).ratio == 1.0


def _in_order(times: list[float]) -> tuple[SpeechSpan, ...]:
    ordered = sorted(times)
    return tuple(SpeechSpan(a, b) for a, b in zip(ordered[::2], ordered[1::2], strict=False) if b > a)


_spans = st.lists(st.floats(0, 300), max_size=20).map(_in_order)


@given(speech=_spans, texts=_spans)
def test_what_is_covered_and_what_is_not_add_up(speech: tuple[SpeechSpan, ...], texts: tuple[SpeechSpan, ...]) -> None:
    found = coverage(speech, tuple(spoken("好", s.start, s.end) for s in texts))
    gaps = sum(g.end - g.start for g in found.gaps)
    assert 0.0 <= found.ratio <= 1.0
    assert found.covered_seconds + gaps <= found.speech_seconds + 1e-6
    assert all(any(s.start <= g.start and g.end <= s.end for s in speech) for g in found.gaps)
