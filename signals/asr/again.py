"""Listening again where speech got no text: Whisper now and then leaves out half a minute without a sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from signals.domain.transcript import Segment, SpeechSpan, Word

_SURE = -0.9
"""Mean log-probability under which what was heard the second time is rather music or noise."""
_LONGEST = 28.0
"""Seconds that the model hears at once."""
_PAD = 0.3


def to_hear_again(passages: Sequence[SpeechSpan], duration: float) -> list[SpeechSpan]:
    """The passages with a little sound around them, in lengths that the model hears at once."""
    spans = []
    for passage in passages:
        start, end = max(0.0, passage.start - _PAD), min(duration, passage.end + _PAD)
        while end - start > _LONGEST:
            spans.append(SpeechSpan(start, start + _LONGEST))
            start += _LONGEST
        spans.append(SpeechSpan(start, end))
    return spans


def put_in(heard: Sequence[Segment], span: SpeechSpan, found: Sequence[Segment]) -> list[Segment]:
    """The segments in order, with what was found in `span` where the model was sure of it and nothing else was heard."""
    taken = [f for f in (_within(s, span, heard) for s in found) if f.words and f.avg_logprob >= _SURE]
    if not taken:
        return list(heard)
    middle = (taken[0].start + taken[-1].end) / 2
    split = [part for s in heard for part in _split(s, middle)]
    return sorted([*split, *taken], key=lambda s: s.start)


def _within(segment: Segment, span: SpeechSpan, heard: Sequence[Segment]) -> Segment:
    """Without the words that were heard before: those at the edges that others already cover."""
    others = [w for s in heard for w in s.words if w.start < span.end and span.start < w.end]
    words = tuple(w for w in segment.words if not any(o.start < (w.start + w.end) / 2 < o.end for o in others))
    return _of(segment, words)


def _split(segment: Segment, at: float) -> list[Segment]:
    """A segment that goes on both sides of a time becomes two."""
    before = tuple(w for w in segment.words if w.start < at)
    after = segment.words[len(before) :]
    return [_of(segment, before), _of(segment, after)] if before and after else [segment]


def _of(segment: Segment, words: tuple[Word, ...]) -> Segment:
    if words == segment.words or not words:
        return replace(segment, words=words)
    return replace(
        segment,
        start=words[0].start,
        end=words[-1].end,
        text="".join(w.text for w in words).strip(),
        raw="".join(w.raw for w in words),
        words=words,
    )
