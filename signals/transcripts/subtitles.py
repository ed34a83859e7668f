"""SRT and WebVTT. Both are read by one parser: files in the wild mix their manners."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signals.transcripts.cue import MAX_SECONDS, Cue, invalid, join_text, printable, tidy
from signals.transcripts.names import Names, Prefix, prefix, seconds

_TIME = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,6})?"
_TIMING = re.compile(rf"\s*({_TIME})\s*-->\s*({_TIME})(?:\s.*)?")
ARROW = re.compile(r"^[ \t]*\d[^\r\n]{0,40}-->", re.MULTILINE)
"""Begins a line of times; tells subtitles from other text."""
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,40})*[ \t]+([^<>]{1,80})>")
_MARKUP = re.compile(
    r"</?(?:i|b|u|s|c|v|lang|ruby|rt|font)(?:[.\s][^<>]{0,200})?>|<\d[\d:.]{3,20}>|\{\\[^{}]{1,80}\}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Block:
    start: float
    end: float
    lines: tuple[str, ...]


def parse_subtitles(text: str, *, vtt: bool) -> list[Cue]:
    """Cues in order of time. Raises `TranscriptError` with the line of a broken time."""
    blocks = list(_blocks(re.split(r"\r\n|\n|\r", text), vtt))
    names = _names(blocks)
    cues = [cue for block in blocks for cue in _cues(block, names)]
    return sorted(cues, key=lambda c: c.start or 0.0)


def _blocks(lines: Sequence[str], vtt: bool) -> Iterator[_Block]:
    timings = [(i, times) for i, line in enumerate(lines) if (times := _times(line, i + 1)) is not None]
    for (i, (start, end)), following in zip(timings, [*(t[0] for t in timings[1:]), len(lines)], strict=False):
        payload = list(lines[i + 1 : following])
        if vtt:
            payload = payload[: next((k for k, line in enumerate(payload) if not line.strip()), len(payload))]
        elif following < len(lines) and payload and payload[-1].strip().isdecimal():
            payload.pop()  # the number of the next cue
        yield _Block(start, max(start, end), tuple(line for line in payload if line.strip()))


def _times(line: str, number: int) -> tuple[float, float] | None:
    if "-->" not in line:
        return None
    found = _TIMING.fullmatch(line)
    if found is None:
        if ARROW.match(line):
            raise invalid("bad_time", "时间写法有误", "时间应写成 00:01:02,500 --> 00:01:04,000", number)
        return None
    start, end = seconds(found[1]), seconds(found[2])
    if max(start, end) > MAX_SECONDS:
        raise invalid("bad_time", "时间超过 100 小时", "请检查这一行的时间", number)
    return start, end


def _names(blocks: Sequence[_Block]) -> Names:
    found = [[p.name for line in b.lines if (p := prefix(_plain(line))) is not None] for b in blocks]
    everywhere = len(found) > 1 and all(names for names, b in zip(found, blocks, strict=True) if b.lines)
    return Names((name for names in found for name in names), all_lines=everywhere)


def _cues(block: _Block, names: Names) -> list[Cue]:
    """One cue, or one for each speaker when several share the block; their times go by the length of the text."""
    parts = _by_speaker(block.lines, names)
    total = sum(len(text) for _, text in parts) or 1
    cues, time = [], block.start
    raw = printable("\n".join(block.lines))
    for speaker, text in parts:
        end = time + (block.end - block.start) * len(text) / total
        cues.append(Cue(text, raw if len(parts) == 1 else text, speaker, time, end))
        time = end
    return cues


def _by_speaker(lines: Sequence[str], names: Names) -> list[tuple[str, str]]:
    parts: list[tuple[str, list[str]]] = []
    for line in lines:
        for speaker, text in _voices(line, names):
            if speaker or not parts:
                parts.append((speaker, [text]))
            else:
                parts[-1][1].append(text)
    merged = [(speaker, join_text(texts)) for speaker, texts in parts]
    return [(speaker, text) for speaker, text in merged if text]


def _voices(line: str, names: Names) -> Iterator[tuple[str, str]]:
    """Pieces of one line: after each <v Name> its own, else a name before a colon, else nobody's."""
    pieces = _VOICE.split(line)
    if found := _prefix(pieces[0], names):
        yield found.name, tidy(found.text)
    elif pieces[0].strip() or len(pieces) == 1:
        yield "", tidy(_plain(pieces[0]))
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        yield tidy(html.unescape(name)), tidy(_plain(text))


def _prefix(text: str, names: Names) -> Prefix | None:
    found = prefix(_plain(text))
    return found if found is not None and found.name in names else None


def _plain(text: str) -> str:
    return html.unescape(_MARKUP.sub("", text))
