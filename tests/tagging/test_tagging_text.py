"""Text as the classifier sees it, and the way back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signals.tagging.text import is_blank, narrow, normalise, plain

_MIXED = st.text(st.sampled_from("利率百分之三点五25%％．.,，。 １二万一千\n\t𠮷éſ①㎡İ") | st.characters(), max_size=40)


@given(text=_MIXED)
@example(text="李总，利率３．５％能不能降到百分之三？")
@example(text="\x85\u2028_ \ud800")
def test_every_character_maps_back_to_its_place(text: str) -> None:
    view = normalise(text)
    assert len(view.text) == len(view.starts) == len(view.ends)
    edges = [edge for pair in zip(view.starts, view.ends, strict=True) for edge in pair]
    assert edges == sorted(edges), "stretches are in order and do not overlap"
    assert all(a < b for a, b in zip(view.starts, view.ends, strict=True))
    assert all(0 <= edge <= len(text) for edge in edges)


@given(text=_MIXED)
def test_the_quick_way_and_the_way_with_places_agree(text: str) -> None:
    assert plain(text) == normalise(text).text


@given(text=_MIXED)
def test_nothing_but_letters_and_digits_is_left(text: str) -> None:
    assert all(c.isalnum() for c in plain(text))
    assert is_blank(text) == (plain(text) == "")


@given(text=_MIXED)
def test_a_character_that_stands_for_itself_comes_from_the_same_character(text: str) -> None:
    view = normalise(text)
    for character, start, end in zip(view.text, view.starts, view.ends, strict=True):
        if end - start == 1 and text[start].isalpha() and text[start].isascii():
            assert character == text[start].lower()


@pytest.mark.parametrize(
    ("digits", "chinese"),
    [
        ("3.45%", "百分之三点四五"),
        ("５％", "百分之五"),
        ("350万", "三百五十万"),
        ("3.5亿", "三点五亿"),
        ("1,000万", "一千万"),
        ("12个月", "十二个月"),
        ("2026年", "二零二六年"),
        ("3万", "三万"),
        ("3年", "三年"),
        ("3 %", "百分之三"),
    ],
)
def test_a_number_is_the_same_in_digits_and_in_chinese(digits: str, chinese: str) -> None:
    assert plain(digits) == plain(chinese)


def test_percentages_and_numbers_stand_apart() -> None:
    assert plain("利率3.5%，额度500万") == "利率率额度数"


@pytest.mark.parametrize("text", ["一起看看", "三方协议", "万一", "千万别", "一点也不"])
def test_words_that_are_written_with_digits_stay(text: str) -> None:
    assert plain(text) == text


def test_width_case_and_punctuation_do_not_matter() -> None:
    assert plain("ＬＰＲ　加点——多少？") == plain("lpr加点多少")


def test_a_number_is_traced_to_all_of_its_characters() -> None:
    view = normalise("降到百分之三点五吧")
    assert view.text == "降到率吧"
    assert (view.starts[2], view.ends[2]) == (2, 8)


@pytest.mark.parametrize("text", ["", "……", "？！ \n", "_"])
def test_punctuation_alone_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("hostile", ["1" * 20_000, "1 " * 10_000, "百分之" * 6_000, "一" * 20_000 + "点", "1." * 9_000])
def test_long_runs_take_no_longer_than_their_length(hostile: str) -> None:
    assert len(plain(hostile)) <= len(hostile)


@given(text=_MIXED)
@example(text="\x85\u2028_ \ud800")
def test_narrow_text_has_every_character_but_white_space_with_its_place(text: str) -> None:
    found, places = narrow(text)
    assert len(found) == len(places)
    assert all(a < b for a, b in pairwise(places))
    assert "".join(narrow(text[i])[0] for i in places) == found
    left_out = [c for i, c in enumerate(text) if i not in set(places)]
    assert all(c.isspace() for c in left_out)
    assert not any(c.isspace() for c in found)


@given(text=_MIXED)
def test_narrow_text_is_not_made_narrower(text: str) -> None:
    found, _ = narrow(text)
    assert narrow(found) == (found, list(range(len(found))))


def test_narrow_text_by_hand() -> None:
    assert narrow("ＬＰＲ 加　３％。\n") == ("lpr加3%。", [0, 1, 2, 4, 6, 7, 8])
