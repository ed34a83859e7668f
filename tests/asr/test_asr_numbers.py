"""Numbers written as people write them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.asr.numbers import find_numbers

_LINES = (Path(__file__).parents[1] / "data" / "numbers.txt").read_text(encoding="utf-8").splitlines()[1:]
CASES = [(heard, heard if written == "=" else written) for heard, written in (x.split("|") for x in _LINES)]


def write(text: str) -> str:
    for found in reversed(find_numbers(text)):
        text = text[: found.start] + found.text + text[found.end :]
    return text


def test_there_are_many_cases_and_many_that_tempt() -> None:
    assert len(CASES) >= 150
    assert sum(heard == written for heard, written in CASES) >= 75


@pytest.mark.parametrize(("heard", "written"), CASES, ids=[heard for heard, _ in CASES])
def test_a_number_is_written_as_people_write_it_and_what_is_none_stays(heard: str, written: str) -> None:
    assert write(heard) == written


@given(text=st.text(st.sampled_from("零一二两三五十百千万亿点分之到第几多个月年号利率好3.%"), max_size=14))
def test_any_text_can_be_written_and_writing_it_again_changes_nothing_but_parts_of_numbers(text: str) -> None:
    places = find_numbers(text)
    assert all(0 <= p.start < p.end <= len(text) and p.text for p in places)
    assert all(a.end <= b.start for a, b in itertools.pairwise(places))
    assert all(p.text != text[p.start : p.end] for p in places)


@given(number=st.integers(11, 9999))
def test_every_number_with_tens_is_written_in_digits(number: int) -> None:
    digits = "零一二三四五六七八九"
    read = ""
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // size % 10
        if digit:
            gap = "零" if read and not number // (size * 10) % 10 else ""
            read += gap + digits[digit] + unit
    if read == "二百五":
        return
    assert write(f"给{read.removeprefix('一') if read.startswith('一十') else read}块") == f"给{number}块"


@given(text=st.text(st.characters(exclude_characters="零〇一二两三四五六七八九十百千万亿"), max_size=20))
def test_text_without_numerals_stays(text: str) -> None:
    assert write(text) == text
