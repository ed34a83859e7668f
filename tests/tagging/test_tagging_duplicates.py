"""Near-duplicates: what sounds alike is found, what only speaks of the same thing is not."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.tagging.duplicates import LIKENESS, SHORTEST, NearDuplicate, near_duplicates
from signals.tagging.lexicon import Lexicon

SAID = "我们这个贷款提前还要收多少违约金"


@pytest.mark.parametrize(
    "again",
    [
        SAID,
        "我们这个贷款，提前还要收多少违约金？",
        "我们这个贷款提前还要付多少违约金",
        "我们这个带款提前缓要收多少伟约金",
        "那我们这个贷款提前还要收多少违约金啊",
    ],
)
def test_the_same_question_in_other_writing_is_found(lexicon: Lexicon, again: str) -> None:
    found = near_duplicates(["今天天气不错我们出去走走吧", SAID], [again], lexicon)
    assert [(p.first, p.second) for p in found] == [(1, 0)]
    assert LIKENESS <= found[0].likeness <= 1


@pytest.mark.parametrize("other", ["你们提前还款收不收违约金", "这个贷款多久能批下来我们等着用", "我们不贷款了谢谢"])
def test_another_question_is_not(lexicon: Lexicon, other: str) -> None:
    assert near_duplicates([SAID], [other], lexicon) == []


def test_numbers_do_not_make_a_difference(lexicon: Lexicon) -> None:
    assert near_duplicates(["我们打算先贷三百五十万周转一下"], ["我们打算先贷500万周转一下"], lexicon)


def test_short_answers_may_be_the_same(lexicon: Lexicon) -> None:
    assert near_duplicates(["好的好的", "什么时候能放款"], ["好的好的", "什么时候能放款"], lexicon) == []


def test_likeness_by_hand(lexicon: Lexicon) -> None:
    """Ten syllables have nine pairs; one changed in the middle leaves seven of eleven."""
    found = near_duplicates(["甲乙丙丁戊己庚辛壬癸"], ["甲乙丙丁天己庚辛壬癸"], lexicon)
    assert found == [NearDuplicate(0, 0, round(7 / 11, 3))]


def test_nothing_is_like_nothing(lexicon: Lexicon) -> None:
    assert near_duplicates([], [], lexicon) == near_duplicates(["好"], [], lexicon) == []


def test_what_is_wanted_to_be_very_like_can_be_asked_for(lexicon: Lexicon) -> None:
    assert near_duplicates([SAID], [SAID.replace("收", "付")], lexicon, likeness=0.95) == []


_LINE = st.text(st.sampled_from("贷款提前还利率多少啊吗"), min_size=SHORTEST, max_size=16)


@given(first=st.lists(_LINE, max_size=4), second=st.lists(_LINE, max_size=4))
def test_it_finds_what_comparing_each_with_each_finds(lexicon: Lexicon, first: list[str], second: list[str]) -> None:
    def pairs(text: str) -> set[tuple[str, ...]]:
        read = [lexicon.readings[c] for c in text]
        return set(itertools.pairwise(read))

    expected = [
        (i, k)
        for i, a in enumerate(first)
        for k, b in enumerate(second)
        if len(pairs(a) & pairs(b)) >= LIKENESS * len(pairs(a) | pairs(b))
    ]
    assert [(p.first, p.second) for p in near_duplicates(first, second, lexicon)] == expected


def test_fifteen_thousand_utterances_take_seconds(lexicon: Lexicon) -> None:
    texts = [f"我们这个贷款提前还{chr(0x4E00 + i % 9000)}要收{chr(0x4E00 + i // 2)}多少违约金" for i in range(15_000)]
    began = time.monotonic()
    near_duplicates(texts[:12_000], texts[12_000:], lexicon, likeness=0.99)
    assert time.monotonic() - began < 20
