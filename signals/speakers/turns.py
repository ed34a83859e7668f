"""Giving each word its speaker and gathering words into turns."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace

from signals.domain.conversation import Diarization, Role, SpeakerSpan, Turn
from signals.domain.transcript import Segment, Transcript, Word

VERSION = "1"
UNKNOWN_SPEAKER = "SPEAKER_00"
"""Whose everything is when the speakers could not be told apart."""
_PAUSE = 1.5
"""Seconds of silence that end a turn."""
_LONG = 60
"""Characters after which a turn ends at the next sentence or segment, so that one turn stays one utterance."""
_SNAP = 0.6
"""Seconds within which a change of speaker moves to a pause or a mark of punctuation."""
_ISLAND = 0.35
"""Seconds; a shorter island in another speaker's sentence is an error of the boundary, not a turn."""
_MARKS = "，。？！；,.?!;、"


@dataclass(frozen=True, slots=True)
class _Spoken:
    word: Word
    speaker: str
    segment: int


def build_turns(transcript: Transcript, diarization: Diarization) -> tuple[Turn, ...]:
    """Turns in order of time, with roles still unknown.

    A segment that spans two speakers is split at the word. A word goes to the speaker whose spans overlap it most, else
    to the nearest. Without spans everything is one speaker's.
    """
    finder = _Finder(diarization.spans)
    spoken = [
        _Spoken(word, finder.speaker(word), number)
        for number, segment in enumerate(transcript.segments)
        for word in _words(segment)
    ]
    return _gather(_without_islands(_snapped(spoken)))


def _words(segment: Segment) -> tuple[Word, ...]:
    return segment.words or (Word(segment.text, segment.start, segment.end, 1.0, segment.raw),)


class _Finder:
    def __init__(self, spans: Sequence[SpeakerSpan]) -> None:
        self._spans = sorted(spans, key=lambda s: s.start)
        self._starts = [s.start for s in self._spans]
        self._longest = max((s.end - s.start for s in spans), default=0.0)

    def speaker(self, word: Word) -> str:
        if not self._spans:
            return UNKNOWN_SPEAKER
        first = bisect.bisect_left(self._starts, word.start - self._longest)
        last = bisect.bisect_right(self._starts, word.end)
        near = self._spans[max(0, first - 1) : last + 1]
        best = max(near, key=lambda s: min(s.end, word.end) - max(s.start, word.start))  # negative: minus the distance
        return best.speaker


def _snapped(spoken: list[_Spoken]) -> list[_Spoken]:
    """Moves each change of speaker inside a sentence to the best break near it."""
    result = list(spoken)
    for i in range(1, len(spoken)):
        before, after = spoken[i - 1], spoken[i]
        if before.speaker == after.speaker:
            continue
        at = max(_candidates(result, i), key=lambda k: _break(result, k, after.word.start))
        for k in range(min(at, i), max(at, i)):
            result[k] = replace(result[k], speaker=before.speaker if at > i else after.speaker)
    return result


def _candidates(spoken: list[_Spoken], change: int) -> list[int]:
    """Places for the change: within `_SNAP` seconds and without crossing another change of speaker."""
    time = spoken[change].word.start
    left = change
    while (
        left > 1
        and time - spoken[left - 1].word.start <= _SNAP
        and spoken[left - 2].speaker == spoken[change - 1].speaker
    ):
        left -= 1
    right = change
    while (
        right + 1 < len(spoken)
        and spoken[right + 1].word.start - time <= _SNAP
        and spoken[right + 1].speaker == spoken[change].speaker
    ):
        right += 1
    return list(range(left, right + 1))


def _break(spoken: list[_Spoken], at: int, wanted: float) -> float:
    """How good a place for a change is: pauses and punctuation before it count, distance counts against it."""
    before, after = spoken[at - 1].word, spoken[at].word
    mark = 0.5 if before.text[-1:] in _MARKS else 0.0
    edge = 0.3 if spoken[at - 1].segment != spoken[at].segment else 0.0
    return mark + edge + min(0.8, after.start - before.end) - 0.5 * abs(after.start - wanted)


def _without_islands(spoken: list[_Spoken]) -> list[_Spoken]:
    runs = _runs(spoken)
    for k in range(1, len(runs) - 1):
        island, left, right = runs[k], runs[k - 1], runs[k + 1]
        seconds = island[-1].word.end - island[0].word.start
        gap = min(island[0].word.start - left[-1].word.end, right[0].word.start - island[-1].word.end)
        if left[-1].speaker == right[0].speaker and seconds < _ISLAND and gap < 0.15:
            runs[k] = [replace(s, speaker=left[-1].speaker) for s in island]
    return [s for run in runs for s in run]


def _runs(spoken: list[_Spoken]) -> list[list[_Spoken]]:
    runs: list[list[_Spoken]] = []
    for item in spoken:
        if runs and runs[-1][-1].speaker == item.speaker:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _gather(spoken: list[_Spoken]) -> tuple[Turn, ...]:
    groups: list[list[_Spoken]] = []
    length = 0
    for item in spoken:
        if groups and not _ends_turn(groups[-1][-1], length, item):
            groups[-1].append(item)
            length += len(item.word.text)
        else:
            groups.append([item])
            length = len(item.word.text)
    return tuple(_turn(number, group) for number, group in enumerate(groups))


def _ends_turn(last: _Spoken, length: int, item: _Spoken) -> bool:
    """Whether a turn of `length` characters that came to `last` is over before `item`."""
    if last.speaker != item.speaker or item.word.start - last.word.end >= _PAUSE:
        return True
    return length >= _LONG and (last.word.text[-1:] in "。？！?!" or last.segment != item.segment)


def _turn(number: int, group: list[_Spoken]) -> Turn:
    words = tuple(s.word for s in group)
    return Turn(
        index=number,
        speaker=group[0].speaker,
        role=Role.UNKNOWN,
        start=words[0].start,
        end=words[-1].end,
        text="".join(w.text for w in words).strip(),
        raw="".join(w.raw for w in words).strip(),
        words=words,
    )
