"""Plain text: "speaker: text" lines with or without time stamps, as minutes and dictation apps export them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from signals.transcripts.cue import MAX_SECONDS, Cue, invalid, join_text, printable, tidy
from signals.transcripts.names import NAME, STAMP, Names, prefix, seconds

_LEADING = re.compile(
    rf"\s*(?P<open>[\[【(（])?\s*(?P<start>{STAMP})(?:\s*(?:-->|[-–—~～至到])\s*(?P<end>{STAMP}))?"
    r"\s*(?(open)[\]】)）]|(?=\s|[^\d:：.,]))(?P<gap>\s*)(?P<rest>.*)"
)
_HEADER = re.compile(rf"\s*(?P<name>{NAME})\s+[\[【(（]?(?P<start>{STAMP})[\]】)）]?\s*")
_TIME_OF_DAY = 6 * 3600.0
"""A first stamp from six hours on is read as the time of day: no recording begins there."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line, taken apart. Seconds; empty name: none; `sure`: its stamp cannot be part of what was said."""

    number: int
    raw: str
    text: str
    name: str = ""
    start: float | None = None
    end: float | None = None
    sure: bool = True


def parse_plain(text: str) -> list[Cue]:
    """Cues in order of the lines. Raises `TranscriptError` when neither speakers nor times are found."""
    lines = [_line(raw, number) for number, raw in enumerate(re.split(r"\r\n|\n|\r", text), 1) if raw.strip()]
    names = Names((line.name for line in lines if line.name), all_lines=all(line.name for line in lines))
    stamped = sum(1 for line in lines if line.start is not None) * 2 >= len(lines)
    lines = [_settled(line, names, stamped=stamped) for line in lines]
    if lines and not any(line.name or line.start is not None for line in lines):
        raise invalid(
            "no_speakers", "里没有找到“说话人：内容”的行", "请每句一行，写成“客户经理：您好”“客户：您好”的样子"
        )
    return list(_cues(_on_one_clock(lines)))


def _line(raw: str, number: int) -> _Line:
    if (header := _HEADER.fullmatch(raw)) and any(c.isalpha() for c in header["name"]):
        return _Line(number, raw, "", tidy(header["name"]), _seconds(header["start"], number))
    leading = _LEADING.fullmatch(raw)
    rest = leading["rest"] if leading else raw
    found = prefix(rest)
    inner = found.stamp if found else ""
    stamp = leading["start"] if leading else inner
    return _Line(
        number=number,
        raw=raw,
        text=found.text if found else rest,
        name=found.name if found else "",
        start=_seconds(stamp, number) if stamp else None,
        end=_seconds(leading["end"], number) if leading and leading["end"] else None,
        sure=bool(inner) if leading is None else leading["open"] is not None,
    )


def _settled(line: _Line, names: Names, *, stamped: bool) -> _Line:
    """Takes back a name that is none, and a bare stamp that is part of a sentence (12:30 我们开会)."""
    if line.name in names:
        return line
    leading = _LEADING.fullmatch(line.raw)
    if leading is None or not (line.sure or (stamped and leading["gap"])):
        return _Line(line.number, line.raw, line.raw)
    return replace(line, name="", text=leading["rest"])


def _seconds(stamp: str, number: int) -> float:
    value = seconds(stamp)
    if value > MAX_SECONDS:
        raise invalid("bad_time", "时间超过 100 小时", "请检查这一行的时间", number)
    return value


def _on_one_clock(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Times from the start of the meeting that never run backwards."""
    first = next((line.start for line in lines if line.start is not None), 0.0)
    offset = first if first >= _TIME_OF_DAY else 0.0
    last = 0.0
    for line in lines:
        if line.start is None:
            yield line
            continue
        last = max(last, line.start - offset)
        yield replace(line, start=last, end=None if line.end is None else max(last, line.end - offset))


def _cues(lines: Iterator[_Line]) -> Iterator[Cue]:
    """A line with a name or a stamp begins a cue; other lines go on with it. What stands before the first is a heading."""
    current: list[_Line] = []
    for line in lines:
        if line.name or line.start is not None:
            if current:
                yield _cue(current)
            current = [line]
        elif current:
            current.append(line)
    if current:
        yield _cue(current)


def _cue(lines: Sequence[_Line]) -> Cue:
    head = lines[0]
    text = join_text(tidy(line.text) for line in lines)
    return Cue(text, printable("\n".join(line.raw for line in lines)), head.name, head.start, head.end)
