"""Numbers written as people write them: 百分之三点五 is 3.5%, 五百万 is 500万.

Only what is surely a number is written in digits: reading the digits aloud gives back the very characters that were heard.
Dates, times of the day, rough numbers (两三天, 十几) and words that only look like numbers (一起, 万一, 千万别) stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_ONES = "零一二三四五六七八九"
_VALUE = {**{c: i for i, c in enumerate(_ONES)}, "〇": 0, "两": 2}
_DIGIT = "零〇一二两三四五六七八九"
_RUN = f"[{_DIGIT}十百千万亿]"
_ROUGH_BEFORE = "几数好上成第周星期初"
_ROUGH_AFTER = "几来余"
_LITTLE = "有差快慢早晚多少大小高低好便宜这那就再下上降让松紧加减一"
"""Characters before 一点 that make it 'a little' and not the start of a decimal."""
_SAYINGS = {"三十而立", "四十不惑", "二十四孝", "十五的月"}
_LONG_RUN = 5
"""Digits read one by one from which on they are a number: of a telephone, an account."""

_NUMBER = re.compile(
    rf"(?P<part>百分之|千分之)(?P<value>{_RUN}+|\d+(?:\.\d+)?)(?P<fraction>点[{_DIGIT}]+)?"
    rf"(?:(?P<to>到|至)(?:(?P=part))?(?P<value2>{_RUN}+)(?P<fraction2>点[{_DIGIT}]+)?(?![{_RUN[1:-1]}点个年月天家]))?"
    rf"|(?P<whole>{_RUN}+)(?P<decimal>点[{_DIGIT}]+)?(?P<unit>[万亿千百十]*)"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A stretch start..end (end excluded) of a text, and how it is written."""

    start: int
    end: int
    text: str


def find_numbers(text: str) -> tuple[Written, ...]:
    """The numbers in a text that are better written in digits, in order, not overlapping."""
    found = []
    for match in _NUMBER.finditer(text):
        written = _share(match, text[match.end() :]) if match["part"] else _plain(match, text)
        if written:
            found.append(Written(match.start(), match.end(), written))
    return tuple(found)


def _share(match: re.Match[str], after: str) -> str:
    """百分之… and 千分之…, also from one to another; empty when it is not a number, or a rough one (百分之十几)."""
    if after[:1] in tuple(_ROUGH_AFTER + "点"):
        return ""
    sign = "%" if match["part"] == "百分之" else "‰"
    first = _decimal(match["value"], match["fraction"])
    if not match["to"]:
        return first and first + sign
    second = _decimal(match["value2"], match["fraction2"])
    return f"{first}{sign}{match['to']}{second}{sign}" if first and second else ""


def _decimal(whole: str, fraction: str | None) -> str:
    if whole in _VALUE:
        written = str(_VALUE[whole])
    else:
        written = whole if whole.isascii() else "100" if whole == "百" else _whole(whole)
    return written and written + (f".{_digits(fraction[1:])}" if fraction else "")


def _plain(match: re.Match[str], text: str) -> str:
    whole, decimal, unit = match["whole"], match["decimal"], match["unit"]
    before, after = text[: match.start()], text[match.end() :]
    if before[-1:] in tuple(_ROUGH_BEFORE) or after[:1] in tuple(_ROUGH_AFTER) or after.startswith("分之"):
        return ""
    if decimal:
        return _with_decimal(whole, decimal[1:], unit, before, after)
    if _is_time_or_date(whole, after) or (after[:1] == "点" and after[1:2] not in tuple("位数差心")):
        return ""
    if all(c in _VALUE for c in whole):
        return _digits(whole) if len(whole) >= _LONG_RUN and "两" not in whole and not unit else ""
    return "" if _is_saying(whole, before, after) else _whole(whole)


def _with_decimal(whole: str, fraction: str, unit: str, before: str, after: str) -> str:
    """三点八五, 一点二亿; empty for 八点二十, 有一点三个人, 两点一线, 一点三点二."""
    if (
        after[:1] in tuple("点刻分线")
        or before[-1:] == "点"
        or "十" in unit
        or before.endswith(("上午", "下午", "晚上", "早上"))
    ):
        return ""
    if whole == "一" and before[-1:] in tuple(_LITTLE):
        return ""
    return (written := _decimal(whole, f"点{fraction}")) and written + unit


def _is_time_or_date(whole: str, after: str) -> bool:
    return ("百" not in whole and after[:1] in tuple("月号日时")) or after.startswith(("点钟", "点半"))


def _is_saying(whole: str, before: str, after: str) -> bool:
    """Numbers that count nothing: 十分满意, 一百个放心, 百八十, 二百五."""
    if whole[0] in "百千万亿":
        return True
    if whole == "十" and not after.startswith(("个工作日", "天", "年", "个月", "万", "亿", "家", "笔", "个点", "个亿")):
        return True
    if whole == "十" and before[-1:] in tuple("七八九"):
        return True
    if after.startswith(("个放心", "个愿意", "个不", "个赞成", "个同意")):
        return True
    return whole == "二百五" or f"{whole}{after[:2]}" in _SAYINGS


def _whole(run: str) -> str:
    """五百万 as 500万, 一百二十 as 120; empty when reading it aloud would not give `run` back, and for a single digit."""
    plain = run.replace("〇", "零").replace("两", "二")
    groups = re.fullmatch(r"(?:([^万亿]+)亿)?(?:([^万亿]+)万)?([^万亿]*)", plain)
    if not groups or (len(plain) == 1 and plain != "十"):
        return ""
    high, middle, low = (g or "" for g in groups.groups())
    numbers = [_group(g) for g in (high, middle, low.removeprefix("零"))]
    if any(g and n is None for g, n in zip((high, middle, low), numbers, strict=True)):
        return ""
    tens, rest = numbers[1] or 0, numbers[2] or 0
    if not high and 0 < tens < 10 and rest and (rest >= 1000) != low.startswith("零"):
        return str(tens * 10_000 + rest)  # 一万二千 is 12000, 一万零五百 10500
    if low.startswith("零") or (high and middle.startswith("零")):
        return ""
    return "".join(f"{n}{unit}" for n, unit in zip(numbers, "亿万 ", strict=True) if n).strip()


def _group(text: str) -> int | None:
    """A number of 1..9999 as it is read aloud; None for anything that is not read that way."""
    return _readings().get(f"一{text}" if text[:1] == "十" else text)


@cache
def _readings() -> dict[str, int]:
    return {_read(number): number for number in range(1, 10_000)}


def _read(number: int) -> str:
    """1..9999 as it is read aloud, 15 as 一十五."""
    read = ""
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit = number // size % 10
        if digit:
            gap = "零" if read and not number // (size * 10) % 10 else ""
            read += gap + _ONES[digit] + unit
    return read


def _digits(text: str) -> str:
    return "".join(str(_VALUE[c]) for c in text)
