"""Figures on who talked how much, how long, and how patiently. Measured, not judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from signals.domain.coaching import SpeakerShare, TalkStatistics
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.tags import Hit

VERSION = "1"
QUESTION_KINDS = ("q_closed", "q_open", "q_clarify", "q_lead")
_BACKCHANNEL_CHARACTERS = 4
_BACKCHANNEL_SECONDS = 1.2
"""Around one second; recognised words often seem a little longer than they were."""
_LONGEST_PAUSE = 10.0
"""Seconds of silence after which a speaker who goes on holds the floor anew."""
_PUNCTUATION = "，。？！；、,.?!;…—~ \t\n"


def talk_statistics(conversation: Conversation, hits: Sequence[Hit]) -> TalkStatistics:
    """Shares of talking time, longest monologues, patience, changes of speaker, and the manager's questions by kind.

    A bare backchannel (up to 4 characters and about a second) breaks no monologue, is no change of speaker and does
    not count for patience. Talking time is the sum of a speaker's turns; where two talk at once both count.
    `questions` always holds the four kinds; one turn counts once for each kind. Where the times were estimated from
    the text, shares are shares of text and `patience` is None. The order of `hits` does not matter.
    """
    turns = sorted((t for t in conversation.turns if t.end > t.start), key=lambda t: (t.start, t.index))
    floor = [t for t in turns if not is_backchannel(t)]
    shares = _shares(turns, conversation)
    total = sum(s.seconds for s in shares)
    managers = [s for s in shares if s.role is Role.MANAGER]
    return TalkStatistics(
        speakers=shares,
        silence_seconds=_silence(turns, conversation.duration),
        manager_share=sum(s.seconds for s in managers) / total if managers and total else None,
        patience=None if conversation.times_estimated else _patience(floor),
        switches_per_minute=_switches_per_minute(floor, conversation.duration),
        questions=_questions(conversation, hits),
    )


def is_backchannel(turn: Turn) -> bool:
    """A sign of listening such as 嗯 or 好的 that takes nobody's floor."""
    return (
        len(turn.text.strip(_PUNCTUATION)) <= _BACKCHANNEL_CHARACTERS and turn.end - turn.start <= _BACKCHANNEL_SECONDS
    )


def _shares(turns: Sequence[Turn], conversation: Conversation) -> tuple[SpeakerShare, ...]:
    """One a speaker, in order of first appearance."""
    roles = {r.speaker: r.role for r in conversation.roles}
    longest = _longest_monologues(turns)
    total = sum(t.end - t.start for t in turns)
    shares = []
    for speaker in dict.fromkeys(t.speaker for t in turns):
        own = [t for t in turns if t.speaker == speaker]
        seconds = sum(t.end - t.start for t in own)
        share = min(1.0, seconds / total)
        shares.append(
            SpeakerShare(speaker, roles.get(speaker, own[0].role), seconds, share, len(own), longest[speaker])
        )
    return tuple(shares)


def _longest_monologues(turns: Sequence[Turn]) -> dict[str, float]:
    """By speaker: the longest stretch from the beginning of a turn to the end of his last one before somebody else took
    the floor or nobody spoke for long."""
    longest: dict[str, float] = {}
    for turn in turns:
        longest[turn.speaker] = max(longest.get(turn.speaker, 0.0), turn.end - turn.start)
    holder, start, end, heard = "", 0.0, 0.0, 0.0
    for turn in turns:
        goes_on = turn.speaker == holder and turn.start - heard <= _LONGEST_PAUSE
        if goes_on:
            end = max(end, turn.end)
        elif turn.speaker == holder or not is_backchannel(turn) or not holder:
            holder, start, end = turn.speaker, turn.start, turn.end
        heard = max(heard, turn.end)
        longest[holder] = max(longest[holder], end - start)
    return longest


def _silence(turns: Sequence[Turn], duration: float) -> float:
    """Seconds in which nobody spoke."""
    spoken, reached = 0.0, 0.0
    for turn in turns:
        begin, end = max(turn.start, reached), min(turn.end, duration)
        spoken += max(0.0, end - begin)
        reached = max(reached, end)
    return max(0.0, duration - spoken)


def _patience(floor: Sequence[Turn]) -> float | None:
    """Median seconds between the end of a customer's turn and the manager's answer; 0 where he was cut short."""
    waits = [max(0.0, answer.start - turn.end) for turn, answer in _answers(floor)]
    return median(waits) if waits else None


def _answers(floor: Sequence[Turn]) -> Iterator[tuple[Turn, Turn]]:
    for turn, following in pairwise(floor):
        if turn.role is Role.CUSTOMER and following.role is Role.MANAGER:
            yield turn, following


def _switches_per_minute(floor: Sequence[Turn], duration: float) -> float:
    switches = sum(a.speaker != b.speaker for a, b in pairwise(floor))
    return switches / (duration / 60.0) if duration > 0.0 else 0.0


def _questions(conversation: Conversation, hits: Sequence[Hit]) -> tuple[tuple[str, int], ...]:
    managers = {t.index for t in conversation.turns if t.role is Role.MANAGER}
    asked = {(h.turn, h.label) for h in hits if h.turn in managers}
    counts = Counter(label for _, label in asked)
    return tuple((kind, counts[kind]) for kind in QUESTION_KINDS)
