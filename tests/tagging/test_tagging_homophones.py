"""Text as a recogniser mishears it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.tagging.homophones import RATE, Homophones
from signals.tagging.lexicon import Lexicon

_TEXT = st.text(st.sampled_from("提前还贷利率授信，3%abＬ 嗯龘〇𠮷\n") | st.characters(), max_size=40)
_SEED = st.integers(0, 2**32)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # no secret comes of it


SAID = "能不能提前还贷利率再降一点" * 100


@pytest.fixture(scope="module")
def homophones(lexicon: Lexicon) -> Homophones:
    return Homophones(lexicon)


@given(text=_TEXT, seed=_SEED, rate=st.floats(0, 1))
def test_only_chinese_characters_change_and_a_changed_one_sounds_the_same(
    homophones: Homophones, text: str, seed: int, rate: float
) -> None:
    heard = homophones.mishear(text, chance(seed), rate)
    readings = homophones.lexicon.readings
    assert len(heard) == len(text)
    for said, other in zip(text, heard, strict=True):
        assert said == other or readings[said] == readings[other]


@given(text=_TEXT, seed=_SEED)
def test_at_a_rate_of_0_nothing_changes(homophones: Homophones, text: str, seed: int) -> None:
    assert homophones.mishear(text, chance(seed), 0.0) == text


@given(text=_TEXT, seed=_SEED)
def test_the_same_seed_gives_the_same_text(homophones: Homophones, text: str, seed: int) -> None:
    assert homophones.mishear(text, chance(seed), 0.5) == homophones.mishear(text, chance(seed), 0.5)


def test_at_a_rate_of_1_every_character_with_common_homophones_changes(homophones: Homophones) -> None:
    heard = homophones.mishear(SAID, chance(1), 1.0)
    assert all(a != b for a, b in zip(SAID, heard, strict=True))


def test_about_as_many_characters_change_as_the_rate_says(homophones: Homophones) -> None:
    """Of 1300 characters 104 are expected, with a standard deviation of 9.8: seven of them are 69."""
    heard = homophones.mishear(SAID, chance(1))
    changed = sum(a != b for a, b in zip(SAID, heard, strict=True))
    assert abs(changed - RATE * len(SAID)) < 69


def test_rare_characters_are_not_heard_and_common_ones_are_heard_more_often() -> None:
    """Written 400 and 40,000 times: by the square root one is ten times as likely. 299 is too rare."""
    lexicon = Lexicon("他\n它\n她\n塔\n", np.array([500, 400, 40_000, 299], np.int32), 100_000, "他它她塔", ("ta",) * 4)
    heard = Homophones(lexicon).mishear("他" * 2000, chance(1), 1.0)
    assert set(heard) == {"它", "她"}
    assert 7 < heard.count("她") / heard.count("它") < 14


def test_a_character_that_nothing_sounds_like_stays() -> None:
    lexicon = Lexicon("他\n", np.array([500], np.int32), 1000, "他我", ("ta", "wo"))
    assert Homophones(lexicon).mishear("他我", chance(1), 1.0) == "他我"
