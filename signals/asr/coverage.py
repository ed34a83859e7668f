"""How much of the speech got text: what tells a reader whether words were lost."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

from signals.domain.transcript import Coverage, Segment, SpeechSpan

_SLACK = 0.4
"""Seconds by which a word may miss the edge of the speech it is about."""
_GAP = 2.0
_PAUSE = 2.0
"""Seconds between stretches without text that are one passage."""
_WORTH = 1.0
"""Seconds of speech that make it worth listening again."""


def coverage(speech: tuple[SpeechSpan, ...], segments: Sequence[Segment]) -> Coverage:
    """Seconds of speech, seconds of it that words cover, and the uncovered stretches of 2 s or more.

    Words rather than segments, so that a sentence lost in the middle of a segment shows.
    """
    gaps = list(_uncovered(speech, segments))
    seconds = sum(s.end - s.start for s in speech)
    covered = seconds - sum(g.end - g.start for g in gaps)
    return Coverage(seconds, max(0.0, covered), tuple(g for g in gaps if g.end - g.start >= _GAP))


def passages_without_text(speech: tuple[SpeechSpan, ...], segments: Sequence[Segment]) -> list[SpeechSpan]:
    """Where speech got no text: uncovered stretches joined over pauses, those with 1 s of speech or more."""
    passages: list[list[SpeechSpan]] = []
    for gap in _uncovered(speech, segments):
        if (
            passages
            and gap.start - passages[-1][-1].end < _PAUSE
            and not _words_between(passages[-1][-1], gap, segments)
        ):
            passages[-1].append(gap)
        else:
            passages.append([gap])
    return [SpeechSpan(p[0].start, p[-1].end) for p in passages if sum(g.end - g.start for g in p) >= _WORTH]


def _words_between(before: SpeechSpan, after: SpeechSpan, segments: Sequence[Segment]) -> bool:
    return any(before.end <= w.start and w.end <= after.start for s in segments for w in s.words)


def _uncovered(speech: tuple[SpeechSpan, ...], segments: Sequence[Segment]) -> Iterator[SpeechSpan]:
    """The stretches of speech that no word is near, in order."""
    texts = _merged([(w.start - _SLACK, w.end + _SLACK) for s in segments for w in s.words])
    ends = [end for _, end in texts]
    for span in speech:
        at = span.start
        for start, end in texts[bisect.bisect_right(ends, at) :]:
            if start >= span.end:
                break
            if start > at:
                yield SpeechSpan(at, start)
            at = min(end, span.end)
        if span.end > at:
            yield SpeechSpan(at, span.end)


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
