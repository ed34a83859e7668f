"""What is taken out of the recogniser's text, and what must never be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from fakes import spoken
from hypothesis import given
from hypothesis import strategies as st

from signals.asr.cleanup import clean
from signals.domain.transcript import Removal, RemovalReason, Segment, Word

PLAIN = "利率能不能再低一点"


def kept_text(*texts: str) -> list[str]:
    """What is left of segments of two seconds each."""
    return [s.text for s in cleaned(*texts)[0]]


def cleaned(*texts: str) -> tuple[tuple[Segment, ...], tuple[Removal, ...]]:
    return clean(tuple(spoken(t, 2.0 * i, 2.0 * i + 2) for i, t in enumerate(texts)), str)


def unchanged(text: str) -> str:
    return text


@st.composite
def _segment(draw: st.DrawFn) -> Segment:
    bit = st.text("对好的我们利率低，。ab ", min_size=1, max_size=4)
    loop = st.builds(lambda unit, times: [unit] * times, bit, st.integers(2, 25))
    credit = st.sampled_from([["字幕", "由", "某某", "提供"], ["请不吝", "点赞"], ["谢谢", "观看"]])
    pieces = draw(st.lists(st.lists(bit, min_size=1, max_size=5) | loop | credit, max_size=4))
    at = draw(st.floats(0, 100))
    words = []
    for text in (x for piece in pieces for x in piece):
        start, length = at + draw(st.floats(-0.5, 0.5)), draw(st.floats(-0.2, 1.0))
        words.append(Word(text, start, start + length, 0.9, text))
        at += 0.3
    text = "".join(w.text for w in words)
    confident = draw(st.booleans())
    return Segment(
        start=words[0].start if words else at,
        end=words[-1].end if words else at,
        text=text,
        raw=text,
        words=tuple(words),
        avg_logprob=-0.2 if confident else -1.5,
        no_speech_probability=0.1 if confident else 0.9,
    )


_segments = st.lists(_segment(), max_size=8).map(tuple)


@given(_segments)
def test_every_character_is_kept_or_in_a_removal(segments: tuple[Segment, ...]) -> None:
    kept, removed = clean(segments, unchanged)
    before = Counter("".join(w.text for s in segments for w in s.words if w.text.strip()))
    after = Counter("".join(w.text for s in kept for w in s.words) + "".join(r.text for r in removed))
    del before[" "], after[" "]
    assert before == after


@given(_segments)
def test_nothing_is_reordered(segments: tuple[Segment, ...]) -> None:
    kept, _ = clean(segments, unchanged)
    left = iter([w.raw for s in sorted(segments, key=lambda s: s.start) for w in s.words])
    assert all(any(w.raw == candidate for candidate in left) for s in kept for w in s.words)


@given(_segments)
def test_times_never_run_backwards(segments: tuple[Segment, ...]) -> None:
    kept, _ = clean(segments, unchanged)
    times = [t for s in kept for w in s.words for t in (w.start, w.end)]
    assert times == sorted(times)
    assert all((s.start, s.end) == (s.words[0].start, s.words[-1].end) for s in kept)


@given(_segments)
def test_cleaning_twice_changes_nothing_more(segments: tuple[Segment, ...]) -> None:
    kept, _ = clean(segments, unchanged)
    assert clean(kept, unchanged) == (kept, ())


@given(st.lists(st.sampled_from(["对", "嗯", "好", "行", "不", "对。", "好的", "可以"]), min_size=1, max_size=4))
def test_short_answers_survive(answers: list[str]) -> None:
    assert kept_text(*answers) == answers


@pytest.mark.parametrize(
    "text",
    [
        "对对对",
        "对对对对对对",
        "好的好的好的，我知道了",
        "谢谢谢谢谢谢",
        "哈哈哈哈哈",
        "来来来，里面坐",
        "慢慢慢慢来",
        "账号是六二二二二二二零",
        "不是不是不是，我不是这个意思",
        "你说的是字幕的事吗",
        "谢谢大家",
        "这个栏目我看过",
        "麻烦转发给我们财务支持一下",
        "您可以订阅我们的服务",
    ],
)
def test_what_people_say_is_left_alone(text: str) -> None:
    kept, removed = cleaned(text)
    assert [s.text for s in kept] == [text]
    assert not removed


@pytest.mark.parametrize("round_", ["我觉得", "我们的利率", "对", "好的", "谢谢您的观看，"])
def test_an_endless_repetition_is_cut_to_its_first_round_and_counted(round_: str) -> None:
    kept, removed = cleaned("那就这样。" + round_ * 20 + "再见")
    assert kept[0].text == "那就这样。" + round_ + "再见"
    assert [(r.reason, r.text) for r in removed] == [(RemovalReason.LOOP, round_ * 19)]
    assert removed[0].start < removed[0].end


def test_a_segment_that_comes_again_and_again_is_a_loop() -> None:
    kept, removed = cleaned(*["我们再看一下"] * 10)
    assert len(kept) == 4
    assert [r.reason for r in removed] == [RemovalReason.LOOP] * 6


@pytest.mark.parametrize(
    "credit",
    [
        "字幕由某某提供",
        "中文字幕志愿者 某某",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "优优独播剧场——YoYo Television Series Exclusive",
        "谢谢大家的收看",
        "感谢观看",
        "字幕 by 某某",
        "作词 某某",
        "Amara.org 社群提供的字幕",
    ],
)
def test_film_credits_are_removed_and_counted(credit: str) -> None:
    kept, removed = cleaned(PLAIN, credit, "好的")
    assert [s.text for s in kept] == [PLAIN, "好的"]
    assert [r.reason for r in removed] == [RemovalReason.CREDIT]


@pytest.mark.parametrize(
    ("no_speech", "logprob", "stays"), [(0.9, -1.4, False), (0.9, -0.3, True), (0.1, -1.4, True), (0.1, -0.3, True)]
)
def test_ghost_text_needs_two_signs(no_speech: float, logprob: float, stays: bool) -> None:
    segment = replace(spoken(PLAIN, 0, 2), no_speech_probability=no_speech, avg_logprob=logprob)
    kept, removed = clean((segment,), unchanged)
    assert bool(kept) is stays
    assert [r.reason for r in removed] == ([] if stays else [RemovalReason.SILENCE])


def test_traditional_characters_become_simplified_and_the_raw_text_stays() -> None:
    (segment,), _ = clean((spoken("這個貸款利率", 0, 2),), lambda text: text.replace("這個貸", "这个贷"))
    assert segment.text == "这个贷款利率"
    assert "".join(w.raw for w in segment.words) == "這個貸款利率"


def test_a_conversion_that_changes_the_length_is_done_word_by_word() -> None:
    words = (Word("甲", 0, 1, 0.9, "甲"), Word("乙", 1, 2, 0.9, "乙"))
    segment = replace(spoken("甲乙", 0, 2), words=words)
    (kept,), _ = clean((segment,), lambda text: text.replace("甲", "甲甲"))
    assert [w.text for w in kept.words] == ["甲甲", "乙"]
