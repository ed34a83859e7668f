"""Manager or customer: judged from what each speaker said, or as the user says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from signals.domain.conversation import Role, SpeakerRole, Turn
from signals.domain.protocols import RoleScorer

VERSION = "1"
_CLIP = 3.0
"""One turn moves a speaker's log-odds by at most this much."""
_DEPENDENCE = 0.35
"""Turns of one speaker are not independent evidence: their sum counts by this factor (damped naive Bayes)."""


def assign_roles(
    turns: Sequence[Turn], scorer: RoleScorer, given: Mapping[str, Role] | None = None
) -> tuple[SpeakerRole, ...]:
    """A role and its confidence for each speaker, in order of appearance.

    `given` holds what the user said and is never overruled; with one of two speakers given, the other follows. Of
    several speakers judged from speech at least one is the manager, and with two or more at least one the customer.
    """
    speakers = list(dict.fromkeys(t.speaker for t in turns))
    given = {s: role for s, role in (given or {}).items() if s in speakers}
    odds = _log_odds(turns, scorer)
    if len(speakers) == 2 and len(given) == 1:
        role, other = next(iter(given.values())), [s for s in speakers if s not in given]
        if other and role is not Role.UNKNOWN:
            given[other[0]] = Role.CUSTOMER if role is Role.MANAGER else Role.MANAGER
    judged = [s for s in speakers if s not in given]
    pair = judged if len(speakers) == 2 else []
    roles = {s: Role.MANAGER if odds[s] > 0 else Role.CUSTOMER for s in judged}
    if len(speakers) > 1:
        _ensure_both(roles, odds, set(given.values()))
    return tuple(
        SpeakerRole(s, given[s], 1.0, "given")
        if s in given
        else SpeakerRole(s, roles[s], _confidence(s, roles[s], odds, pair), "said")
        for s in speakers
    )


def apply_roles(turns: Sequence[Turn], roles: Sequence[SpeakerRole]) -> tuple[Turn, ...]:
    """The turns with each speaker's role."""
    by_speaker = {r.speaker: r.role for r in roles}
    return tuple(replace(t, role=by_speaker.get(t.speaker, Role.UNKNOWN)) for t in turns)


def _log_odds(turns: Sequence[Turn], scorer: RoleScorer) -> dict[str, float]:
    odds: dict[str, float] = {}
    for turn, score in zip(turns, scorer.manager_log_odds([t.text for t in turns]), strict=True):
        odds[turn.speaker] = odds.get(turn.speaker, 0.0) + max(-_CLIP, min(_CLIP, score))
    return odds


def _ensure_both(roles: dict[str, Role], odds: dict[str, float], known: set[Role]) -> None:
    for wanted, pick in ((Role.MANAGER, max), (Role.CUSTOMER, min)):
        if roles and wanted not in known and wanted not in roles.values():
            roles[pick(roles, key=lambda s: odds[s])] = wanted


def _confidence(speaker: str, role: Role, odds: Mapping[str, float], pair: Sequence[str]) -> float:
    """Probability that the role is right. In a `pair` of two speakers the question is which of them is the manager."""
    if len(pair) == 2:
        other = next(s for s in pair if s != speaker)
        margin = odds[speaker] - odds[other]
    else:
        margin = odds[speaker]
    signed = margin if role is Role.MANAGER else -margin
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, _DEPENDENCE * signed))))
