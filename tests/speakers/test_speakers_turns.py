"""Giving words their speakers and gathering them into turns."""

from __future__ import annotations

import itertools
import time

import pytest
from fakes import spoken, transcript
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.conversation import Diarization, DiarizationMethod, Role, SpeakerSpan
from signals.domain.transcript import Segment, Transcript, Word
from signals.speakers.turns import build_turns

A, B = "SPEAKER_00", "SPEAKER_01"


def diarization(*spans: tuple[float, float, str]) -> Diarization:
    return Diarization(tuple(SpeakerSpan(*s) for s in spans), DiarizationMethod.VOICE)


def said(heard: Transcript, *spans: tuple[float, float, str]) -> list[tuple[str, str]]:
    """Speaker and text of each turn."""
    return [(t.speaker, t.text) for t in build_turns(heard, diarization(*spans))]


def words(*timed: tuple[str, float, float]) -> Segment:
    """A segment of words with times of their own."""
    made = tuple(Word(text, start, end, 0.9, text) for text, start, end in timed)
    text = "".join(w.text for w in made)
    return Segment(made[0].start, made[-1].end, text, text, made, -0.2, 0.0)


_SPEAKERS = st.sampled_from([A, B, "SPEAKER_02"])


@st.composite
def _heard(draw: st.DrawFn) -> Transcript:
    at, segments = 0.0, []
    for _ in range(draw(st.integers(0, 6))):
        made = []
        for _ in range(draw(st.integers(0, 30))):
            at += draw(st.sampled_from([0.0, 0.05, 0.3, 1.0, 2.0]))
            text = draw(st.text("我们利率，。？嗯a ", min_size=1, max_size=3).filter(str.strip))
            made.append((text, at, at + draw(st.sampled_from([0.0, 0.1, 0.4]))))
            at = made[-1][2]
        if made:
            segments.append(words(*made))
    return transcript(*segments)


@st.composite
def _spans(draw: st.DrawFn) -> Diarization:
    at, spans = draw(st.floats(0, 2)), []
    for _ in range(draw(st.integers(0, 12))):
        length = draw(st.floats(0.1, 6))
        spans.append((at, at + length, draw(_SPEAKERS)))
        at += length + draw(st.sampled_from([-0.3, 0.0, 0.5, 4.0]))
    return diarization(*spans)


@given(heard=_heard(), found=_spans())
def test_every_word_is_in_one_turn_and_in_order(heard: Transcript, found: Diarization) -> None:
    turns = build_turns(heard, found)
    assert [w for t in turns for w in t.words] == [w for s in heard.segments for w in s.words]
    assert [t.index for t in turns] == list(range(len(turns)))


@given(heard=_heard(), found=_spans())
def test_turns_are_in_order_with_a_known_speaker_and_their_own_text(heard: Transcript, found: Diarization) -> None:
    turns = build_turns(heard, found)
    assert all(t.start == t.words[0].start and t.end == t.words[-1].end for t in turns)
    assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(turns))
    assert all(t.text == "".join(w.text for w in t.words).strip() for t in turns)
    assert {t.speaker for t in turns} <= ({s.speaker for s in found.spans} or {A})
    assert all(t.role is Role.UNKNOWN for t in turns)


@given(heard=_heard())
def test_without_spans_everything_is_one_speakers(heard: Transcript) -> None:
    turns = build_turns(heard, Diarization((), DiarizationMethod.NONE))
    assert {t.speaker for t in turns} <= {A}


def test_no_words_give_no_turns() -> None:
    assert build_turns(transcript(), diarization((0, 5, A))) == ()


def test_a_segment_that_spans_two_speakers_is_split_at_the_word() -> None:
    heard = transcript(spoken("利率多少百分之三", 0, 8))
    assert said(heard, (0, 4, A), (4, 8, B)) == [(A, "利率多少"), (B, "百分之三")]


def test_a_word_goes_to_the_speaker_who_overlaps_it_most() -> None:
    heard = transcript(words(("你好", 0.0, 2.0), ("请问", 2.6, 4.0), ("好的", 4.7, 6.0)))
    assert said(heard, (0, 3.0, A), (3.0, 6, B)) == [(A, "你好"), (B, "请问好的")]


def test_a_word_outside_all_spans_goes_to_the_nearest() -> None:
    heard = transcript(words(("早", 0.0, 0.2)), words(("晚", 30.0, 30.2)))
    assert said(heard, (1.0, 5.0, A), (20.0, 25.0, B)) == [(A, "早"), (B, "晚")]


def test_a_change_of_speaker_moves_to_the_mark_of_punctuation_near_it() -> None:
    heard = transcript(spoken("利率多少？百分之三", 0, 9 * 0.25))
    assert said(heard, (0, 3.6 * 0.25, A), (3.6 * 0.25, 3, B)) == [(A, "利率多少？"), (B, "百分之三")]


def test_a_change_of_speaker_moves_to_the_pause_near_it() -> None:
    heard = transcript(words(("多少", 0, 0.4), ("呢", 0.4, 0.5), ("百分", 0.9, 1.4), ("之三", 1.4, 2.0)))
    assert said(heard, (0, 0.42, A), (0.42, 3, B)) == [(A, "多少呢"), (B, "百分之三")]


def test_a_change_of_speaker_does_not_move_far() -> None:
    heard = transcript(spoken("利率多少？您看百分之三行吗", 0, 13 * 0.5))
    assert said(heard, (0, 5.0, A), (5.0, 7, B)) == [(A, "利率多少？您看百分之"), (B, "三行吗")]


def test_an_island_too_short_for_a_word_is_no_turn() -> None:
    heard = transcript(spoken("我们的利率是三点五", 0, 9 * 0.2))
    assert said(heard, (0, 0.8, A), (0.8, 1.0, B), (1.0, 2, A)) == [(A, "我们的利率是三点五")]


def test_a_short_answer_between_pauses_is_a_turn() -> None:
    heard = transcript(words(("可以吗", 0, 0.6)), words(("行", 1.0, 1.25)), words(("那签字", 1.7, 2.4)))
    assert said(heard, (0, 0.7, A), (0.95, 1.3, B), (1.6, 2.5, A)) == [(A, "可以吗"), (B, "行"), (A, "那签字")]


def test_a_long_pause_ends_a_turn() -> None:
    heard = transcript(words(("先这样", 0, 1)), words(("还有", 2.4, 3), ("一点", 4.6, 5)))
    assert said(heard, (0, 5, A)) == [(A, "先这样还有"), (A, "一点")]


def test_a_long_monologue_is_split_at_its_sentences() -> None:
    sentence = "我们这个产品的期限是三年每年还一次利息到期再还本金。"
    heard = transcript(spoken(sentence * 8, 0, len(sentence) * 8 * 0.2))
    turns = said(heard, (0, 100, A))
    assert len(turns) > 2
    assert all(text.endswith("。") and len(text) <= 60 + len(sentence) for _, text in turns)


def test_a_monologue_without_marks_is_split_where_segments_end() -> None:
    heard = transcript(*(spoken("我们这个产品的期限是三年每年还一次利息", i * 5.0, i * 5.0 + 5) for i in range(9)))
    lengths = [len(text) for _, text in said(heard, (0, 100, A))]
    assert max(lengths) < 60 + 20
    assert len(lengths) == 3


def test_latin_words_keep_their_spaces() -> None:
    heard = transcript(words(("用", 0, 1), ("Apple", 1, 2), (" Pay", 2, 3), ("吗", 3, 4)))
    assert said(heard, (0, 4, A)) == [(A, "用Apple Pay吗")]


def test_a_segment_without_words_is_one_word() -> None:
    heard = transcript(Segment(1.0, 2.0, "好的", "好的", (), -0.2, 0.0))
    (turn,) = build_turns(heard, diarization((0, 3, B)))
    assert (turn.speaker, turn.text, turn.start, turn.end) == (B, "好的", 1.0, 2.0)


def test_the_raw_text_is_kept() -> None:
    segment = words(("这个", 0, 1))
    raw = Segment(0, 1, "这个", "這個", (Word("这个", 0, 1, 0.9, "這個"),), -0.2, 0.0)
    assert segment.text == raw.text
    assert build_turns(transcript(raw), diarization((0, 1, A)))[0].raw == "這個"


def test_a_meeting_of_hours_takes_seconds() -> None:
    heard = transcript(*(spoken("我们这个产品的期限是三年每年还一次利息", i * 5.0, i * 5.0 + 5) for i in range(6000)))
    spans = [(i * 2.5, i * 2.5 + 2.5, A if i % 3 else B) for i in range(12000)]
    began = time.process_time()
    assert build_turns(heard, diarization(*spans))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("length", [1, 5, 40])
def test_one_speaker_alone_keeps_all_text(length: int) -> None:
    heard = transcript(spoken("好" * length, 0, length * 0.2))
    assert said(heard, (0, 100, B)) == [(B, "好" * length)]
