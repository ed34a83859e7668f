"""From what was recognised to what is read."""

from __future__ import annotations

from dataclasses import replace

from fakes import spoken, transcript
from hypothesis import given
from hypothesis import strategies as st

from signals.asr.repair import HomophoneRepairer
from signals.asr.wording import TranscriptRewriter
from signals.domain.transcript import Segment, Word

FREQUENCIES = {"这笔": 500, "的": 90000, "我们": 9000, "要": 8000}


def rewriter() -> TranscriptRewriter:
    return TranscriptRewriter(lambda: HomophoneRepairer(FREQUENCIES, 1_000_000, ("贷款", "授信额度")))


def rewritten(segment: Segment) -> Segment:
    (result,) = rewriter().rewrite(transcript(segment)).segments
    return result


def of(*words: str) -> Segment:
    """A segment of such words, each half a second long."""
    timed = tuple(Word(w, i / 2, i / 2 + 0.5, 0.9 - i / 100, w) for i, w in enumerate(words))
    return Segment(0.0, len(words) / 2, "".join(words), "".join(words), timed, -0.2, 0.01)


def test_a_repaired_word_has_the_time_of_what_was_heard_and_keeps_it() -> None:
    segment = rewritten(of("这", "笔", "带", "款", "的"))
    assert segment.text == "这笔贷款的"
    assert segment.words[2] == Word("贷款", 1.0, 2.0, 0.87, "带款", heard="带款")
    assert [w.text for w in segment.words] == ["这", "笔", "贷款", "的"]


def test_a_number_has_the_time_of_all_its_words_and_keeps_what_was_recognised() -> None:
    segment = rewritten(of("要", "百分", "之", "三点", "五", "的"))
    assert segment.text == "要3.5%的"
    assert segment.words[1] == Word("3.5%", 0.5, 2.5, 0.86, "百分之三点五")
    assert segment.raw == "要百分之三点五的"


def test_an_edit_that_begins_within_a_word_takes_in_the_whole_word() -> None:
    segment = rewritten(of("要五", "百万", "带", "款的"))
    assert segment.text == "要500万贷款的"
    assert [(w.text, w.heard) for w in segment.words] == [("要500万", ""), ("贷款的", "带款的")]


def test_two_edits_in_one_word_are_both_made() -> None:
    assert rewritten(of("五百万带款和八百万带款")).text == "500万贷款和800万贷款"


def test_what_needs_nothing_is_the_very_same() -> None:
    segment = of("我们", "的")
    assert rewritten(segment) is segment
    assert rewriter().rewrite(transcript()) == transcript()


@given(
    words=st.lists(
        st.sampled_from(["五", "百", "万", "百分之", "三点", "带", "款", "受信额度", "的", "，", "LPR"]), max_size=12
    )
)
def test_times_and_what_was_recognised_survive_whatever_is_rewritten(words: list[str]) -> None:
    before = of(*words)
    after = rewritten(before)
    assert "".join(w.raw for w in after.words) == "".join(words)
    assert after.text == "".join(w.text for w in after.words)
    assert all(a.end <= b.start for a, b in zip(after.words, after.words[1:], strict=False))
    edges = {w.start for w in before.words} | {w.end for w in before.words}
    assert {w.start for w in after.words} | {w.end for w in after.words} <= edges


def test_the_description_names_the_glossary() -> None:
    assert replace(rewriter(), terms="a").description != replace(rewriter(), terms="b").description


def test_words_are_as_long_as_their_sound() -> None:
    segment = rewritten(spoken("这笔带款", 0.0, 2.0))
    assert (segment.start, segment.end, segment.words[-1].end) == (0.0, 2.0, 2.0)
