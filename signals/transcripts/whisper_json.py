"""JSON as whisper and whisperX write it: segments with times, perhaps words, perhaps speakers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from signals.domain.transcript import Word
from signals.transcripts.cue import MAX_SECONDS, Cue, invalid, join_text, printable, tidy

_SHAPE = "应为 whisper 或 whisperX 的 JSON：segments 里每段有 start、end、text，可以有 speaker 和 words"


@dataclass(frozen=True, slots=True)
class _Heard:
    """A word of the file. Seconds, or None: whisperX leaves numbers without time."""

    text: str
    start: float | None
    end: float | None
    probability: float
    speaker: str


def parse_json(text: str) -> list[Cue]:
    """Raises `TranscriptError` with the line (broken JSON) or the number of the segment (wrong content)."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise invalid("bad_json", "JSON 格式有误", "请重新导出文字稿后重试", error.lineno) from None
    except (ValueError, RecursionError):
        raise invalid("bad_json", "的 JSON 内容无法读取", _SHAPE) from None
    segments = data.get("segments") if isinstance(data, dict) else data
    if not isinstance(segments, list):
        raise invalid("no_segments", "的 JSON 中没有 segments", _SHAPE)
    cues = [cue for number, segment in enumerate(segments, 1) for cue in _segment(segment, number)]
    if all(c.start is not None for c in cues):
        cues.sort(key=lambda c: c.start or 0.0)
    return cues


def _segment(segment: Any, number: int) -> Iterator[Cue]:
    if not isinstance(segment, dict) or not isinstance(segment.get("text", ""), str):
        raise _bad(number, "缺少 text")
    start, end = _time(segment.get("start"), number), _time(segment.get("end"), number)
    if start is not None and end is not None:
        end = max(start, end)
    speaker = _name(segment.get("speaker"), number)
    heard = _words(segment.get("words"), speaker, number)
    text = tidy(segment.get("text", "")) or join_text(w.text for w in heard)
    if len({w.speaker for w in heard}) > 1:
        for name, run in groupby(_timed(heard, start or 0.0, end), key=lambda w: w[0].speaker):
            words = tuple(word for _, word in run)
            said = join_text(w.text for w in words)
            yield Cue(said, said, name, words[0].start, words[-1].end, words)
        return
    words = tuple(word for _, word in _timed(heard, start or 0.0, end))
    speaker = speaker or (heard[0].speaker if heard else "")
    start = words[0].start if start is None and words else start
    end = words[-1].end if end is None and words else end
    yield Cue(text, printable(segment.get("text", "")) or text, speaker, start, end, words)


def _words(items: Any, speaker: str, number: int) -> list[_Heard]:
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _bad(number, "words 有误")
    heard = []
    for item in items:
        text = item.get("word", item.get("text", ""))
        if not isinstance(text, str):
            raise _bad(number, "words 有误")
        probability = item.get("score", item.get("probability"))
        sure = probability if _is_number(probability) else 1.0  # not stated: nothing to doubt
        start, end = _time(item.get("start"), number), _time(item.get("end"), number)
        name = _name(item.get("speaker"), number) or speaker
        if tidied := tidy(text):
            heard.append(_Heard(tidied, start, end, min(1.0, max(0.0, sure)), name))
    return _one_speaker_each(heard)


def _one_speaker_each(heard: list[_Heard]) -> list[_Heard]:
    """Gives words without a speaker that of the word before, else of the first that has one."""
    current = next((w.speaker for w in heard if w.speaker), "")
    result = []
    for word in heard:
        current = word.speaker or current
        result.append(_Heard(word.text, word.start, word.end, word.probability, current))
    return result


def _timed(heard: list[_Heard], start: float, end: float | None) -> list[tuple[_Heard, Word]]:
    """Words with times that never run backwards; a word without time lies between its neighbours."""
    timed: list[tuple[_Heard, Word]] = []
    last = start
    for i, word in enumerate(heard):
        ahead = [(k, w.start) for k, w in enumerate(heard[i + 1 : i + 21], 1) if w.start is not None]
        steps, until = ahead[0] if ahead else (len(heard) - i, end)
        begin = max(last, word.start) if word.start is not None else last
        if word.end is not None:
            finish = max(begin, word.end)
        else:
            finish = begin + max(0.0, (until if until is not None else begin) - begin) / steps
        timed.append((word, Word(word.text, begin, finish, word.probability, word.text)))
        last = finish if word.end is None else max(begin, min(finish, until if until is not None else finish))
    return timed


def _time(value: Any, number: int) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or not 0.0 <= value <= MAX_SECONDS:
        raise _bad(number, "时间有误")
    return float(value)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (isinstance(value, int) or math.isfinite(value))
    )


def _name(value: Any, number: int) -> str:
    if value is not None and not isinstance(value, str):
        raise _bad(number, "speaker 有误")
    return tidy(value or "")[:40]


def _bad(number: int, what: str) -> Exception:
    return invalid("bad_segment", f"的第 {number} 段{what}", _SHAPE)
