"""Putting spans of one speaker together."""

from __future__ import annotations

from collections.abc import Sequence

from signals.domain.conversation import SpeakerSpan

_OWN_GAP = 1.0
"""Seconds; a speaker's pause up to this long does not end their span."""


def join_own_gaps(spans: Sequence[SpeakerSpan]) -> tuple[SpeakerSpan, ...]:
    """Joins neighbouring spans of the same speaker over pauses of up to 1 s."""
    joined: list[SpeakerSpan] = []
    for span in spans:
        if joined and joined[-1].speaker == span.speaker and span.start - joined[-1].end <= _OWN_GAP:
            joined[-1] = SpeakerSpan(joined[-1].start, span.end, span.speaker)
        else:
            joined.append(span)
    return tuple(joined)
