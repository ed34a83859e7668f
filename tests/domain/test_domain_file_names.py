"""Fields guessed from a file's name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.domain.file_names import Guess, day_of, guess
from signals.jobs.process import safe_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "20261120_宏达制造_陈总.m4a",
            Guess("宏达制造 陈总", date(2026, 11, 20), "宏达制造", "陈总", None, None),
        ),
        (
            "2026-11-03 东方食品有限公司 王总、李会计 3人 左声道经理.wav",
            Guess("东方食品有限公司 王总 李会计 经理", date(2026, 11, 3), "东方食品有限公司", "王总、李会计", 3, 0),
        ),
        ("2026年1月5日 经理在右声道.mp3", Guess("2026年1月5日 经理在右声道", date(2026, 1, 5), "", "", None, 1)),
        ("左先生.mp3", Guess("左先生", None, "", "左先生", None, None)),
        ("新录音 12.m4a", Guess("新录音 12", None, "", "", None, None)),
        ("20261340_x.m4a", Guess("x", None, "", "", None, None)),
        ("C:\\fakepath\\call_left.wav", Guess("call", None, "", "", None, 0)),
    ],
)
def test_a_name_tells_what_it_says_and_no_more(name: str, expected: Guess) -> None:
    assert guess(name) == expected


@pytest.mark.parametrize(
    ("name", "manager"),
    [
        ("20261120_宏达制造_客户经理李明.m4a", "李明"),
        ("20261120_宏达制造_李经理_陈总.m4a", "李经理"),
        ("宏达制造 王总经理.m4a", ""),
        ("宏达制造 李经理 赵经理.m4a", ""),
        ("宏达制造 陈总.m4a", ""),
    ],
)
def test_a_name_tells_the_manager_only_where_one_is_named(name: str, manager: str) -> None:
    assert guess(name).manager == manager


@pytest.mark.parametrize("text", ["2026-11-20", "20261120", "2026/11/20", "2026年11月20日", "2026.11.20 下午"])
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert day_of(text) == date(2026, 11, 20)


def test_a_day_that_there_is_not_is_no_date() -> None:
    assert day_of("2026-13-40") is None


@given(st.text(max_size=300))
def test_any_name_gives_a_guess_that_fits_the_fields(name: str) -> None:
    found = guess(name)
    assert len(found.title) <= 200
    assert found.speakers is None or 2 <= found.speakers <= 9
    assert found.manager_channel in (None, 0, 1)


@given(st.text(max_size=300))
def test_any_name_becomes_a_safe_name_inside_a_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert not set(safe) & {"/", "\\", "\0", "\n"}
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 120
    assert safe_name(safe) == safe
