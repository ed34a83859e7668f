"""How much of the speech got text: what tells a reader whether words were lost."""

from __future__ import annotations

import bisect

from signals.domain.transcript import Coverage, Segment, SpeechSpan

_SLACK = 0.4
"""Seconds by which a word may miss the edge of the speech it is about."""
_GAP = 2.0


def coverage(speech: tuple[SpeechSpan, ...], segments: tuple[Segment, ...]) -> Coverage:
    """Seconds of speech, seconds of it that words cover, and the uncovered stretches of 2 s or more.

    Words rather than segments, so that a sentence lost in the middle of a segment shows.
    """
    texts = _merged([(w.start - _SLACK, w.end + _SLACK) for s in segments for w in s.words])
    ends = [end for _, end in texts]
    covered, gaps = 0.0, []
    for span in speech:
        at = span.start
        for start, end in texts[bisect.bisect_right(ends, at) :]:
            if start >= span.end:
                break
            if start - at >= _GAP:
                gaps.append(SpeechSpan(at, start))
            covered += min(end, span.end) - max(start, at)
            at = min(end, span.end)
        if span.end - at >= _GAP:
            gaps.append(SpeechSpan(at, span.end))
    return Coverage(sum(s.end - s.start for s in speech), covered, tuple(gaps))


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
