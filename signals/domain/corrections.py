"""What people correct in a report. The machine's result is never changed: corrections lie over it.

The functions are pure: the same result and the same corrections, in the order in which they were made, always give the
same effective view. Turns keep their index whatever is corrected, so that a correction finds its place again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from signals.domain.catalogue import Catalogue
from signals.domain.conversation import Conversation, Role, SpeakerRole, Turn
from signals.domain.realign import realign, span_of
from signals.domain.tags import EvidenceSpan, Hit

_QUOTE = 140
Name = Annotated[str, Field(min_length=1, max_length=60)]
TurnIndex = Annotated[int, Field(ge=0)]
HitStatus = Literal["machine", "confirmed", "added", "changed", "observed", "rejected"]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class RenameSpeaker(_Change):
    """Gives a speaker a name."""

    kind: Literal["rename_speaker"]
    speaker: Name
    name: Annotated[str, Field(min_length=1, max_length=30)]


class SetRole(_Change):
    """Says on which side of the table a speaker sits."""

    kind: Literal["set_role"]
    speaker: Name
    role: Literal["manager", "customer"]


class SwapSpeakers(_Change):
    """Two speakers were taken for each other, in the whole meeting."""

    kind: Literal["swap_speakers"]
    first: Name
    second: Name


class MergeSpeakers(_Change):
    """Two speakers are one person: everything of `speaker` is `into`'s."""

    kind: Literal["merge_speakers"]
    speaker: Name
    into: Name


class AssignTurn(_Change):
    """One turn was another speaker's."""

    kind: Literal["assign_turn"]
    turn: TurnIndex
    speaker: Name


class FixText(_Change):
    """What was really said in a turn."""

    kind: Literal["fix_text"]
    turn: TurnIndex
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class JudgeHit(_Change):
    """A label is right, or it is not."""

    kind: Literal["judge_hit"]
    turn: TurnIndex
    label: Name
    verdict: Literal["confirmed", "rejected"]


class ChangeHit(_Change):
    """The turn carries another label than the one that was found."""

    kind: Literal["change_hit"]
    turn: TurnIndex
    label: Name
    to: Name


class AddHit(_Change):
    """A label that was not found. `start`..`end`: the characters of the turn's text that carry it, the whole when absent."""

    kind: Literal["add_hit"]
    turn: TurnIndex
    label: Name
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None


class Observe(_Change):
    """What only the people in the room saw: a behaviour or expression of the customer's. `time` in seconds."""

    kind: Literal["observe"]
    label: Name
    time: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    note: Annotated[str, Field(max_length=200)] = ""


Change = Annotated[
    RenameSpeaker
    | SetRole
    | SwapSpeakers
    | MergeSpeakers
    | AssignTurn
    | FixText
    | JudgeHit
    | ChangeHit
    | AddHit
    | Observe,
    Field(discriminator="kind"),
]
CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
_HEARD_ANEW = (SetRole, SwapSpeakers, MergeSpeakers, AssignTurn, FixText)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A change with the number under which it is kept."""

    id: int
    change: Change


@dataclass(frozen=True, slots=True)
class MarkedHit:
    """A hit of the effective view and where it comes from.

    `machine_score` is what the machine gave (None for what it did not find), `correction` the number of the latest
    correction that made the hit what it is.
    """

    hit: Hit
    status: HitStatus
    machine_score: float | None
    correction: int | None = None
    note: str = ""


def needs_tagging(changes: Sequence[Numbered]) -> bool:
    """Whether words or who said them were corrected, so that the tagger must look again."""
    return any(isinstance(c.change, _HEARD_ANEW) for c in changes)


def correct_conversation(conversation: Conversation, changes: Sequence[Numbered]) -> Conversation:
    """Speakers, roles, names and words as corrected. What refers to a speaker or turn that is not there has no effect."""
    for numbered in changes:
        conversation = _corrected(conversation, numbered.change)
    return conversation


def correct_hits(
    conversation: Conversation, hits: Sequence[Hit], changes: Sequence[Numbered], catalogue: Catalogue
) -> tuple[MarkedHit, ...]:
    """The tagger's hits on the corrected `conversation` with people's judgements on them, in order of time.

    A confirmed or added hit has score 1; rejected ones are in the list too, so that they can be shown and taken back.
    Labels that the speaker of the turn can't carry are left out.
    """
    turns = {t.index: t for t in conversation.turns}
    marked = {(h.turn, h.label): MarkedHit(h, "machine", h.score) for h in hits}
    observed: list[MarkedHit] = []
    for numbered in changes:
        change = numbered.change
        if isinstance(change, Observe):
            observed.extend(_observed(conversation, numbered.id, change))
        elif isinstance(change, JudgeHit | ChangeHit | AddHit) and change.turn in turns:
            _judge(marked, turns[change.turn], numbered.id, change, catalogue)
    found = [*marked.values(), *observed]
    fitting = [m for m in found if _fits(m.hit, turns, catalogue)]
    return tuple(sorted(fitting, key=lambda m: (m.hit.start, m.hit.turn, -m.hit.score, m.hit.label, m.correction or 0)))


def _corrected(conversation: Conversation, change: Change) -> Conversation:
    speakers = {t.speaker for t in conversation.turns}
    match change:
        case RenameSpeaker():
            changed = _with_role(conversation, change.speaker, lambda r: replace(r, name=change.name))
        case SetRole():
            given = Role(change.role)
            changed = _with_role(
                conversation, change.speaker, lambda r: replace(r, role=given, confidence=1.0, source="given")
            )
            changed = _with_turns(changed, {})
        case SwapSpeakers(first=first, second=second) if {first, second} <= speakers:
            changed = _with_turns(conversation, {first: second, second: first})
        case MergeSpeakers(speaker=speaker, into=into) if {speaker, into} <= speakers:
            changed = _with_turns(conversation, {speaker: into})
        case AssignTurn() if change.speaker in speakers:
            changed = _with_turns(conversation, {}, {change.turn: change.speaker})
        case FixText():
            turns = tuple(_fixed(t, change.text) if t.index == change.turn else t for t in conversation.turns)
            changed = replace(conversation, turns=turns)
        case _:
            changed = conversation
    return changed


def _with_role(conversation: Conversation, speaker: str, make: Callable[[SpeakerRole], SpeakerRole]) -> Conversation:
    roles = tuple(make(r) if r.speaker == speaker else r for r in conversation.roles)
    return replace(conversation, roles=roles)


def _with_turns(conversation: Conversation, renamed: dict[str, str], one: dict[int, str] | None = None) -> Conversation:
    """Turns given to other speakers, each with its speaker's role; speakers without turns are gone."""
    roles = {r.speaker: r for r in conversation.roles}
    turns = []
    for turn in conversation.turns:
        speaker = (one or {}).get(turn.index, renamed.get(turn.speaker, turn.speaker))
        role = roles[speaker].role if speaker in roles else turn.role
        turns.append(replace(turn, speaker=speaker, role=role))
    left = dict.fromkeys(t.speaker for t in turns)
    kept = tuple(r for r in conversation.roles if r.speaker in left)
    return replace(conversation, turns=tuple(turns), roles=kept)


def _fixed(turn: Turn, text: str) -> Turn:
    return replace(turn, text=text, words=realign(turn.words, text))


def _judge(
    marked: dict[tuple[int, str], MarkedHit],
    turn: Turn,
    id: int,
    change: JudgeHit | ChangeHit | AddHit,
    catalogue: Catalogue,
) -> None:
    key = (turn.index, change.label)
    before = marked.get(key)
    if change.label not in catalogue.by_id:
        return
    if isinstance(change, AddHit):
        score = before.machine_score if before else None
        marked[key] = MarkedHit(_hit(turn, change.label, catalogue, change.start, change.end), "added", score, id)
    elif isinstance(change, ChangeHit):
        if change.to not in catalogue.by_id:
            return
        if before is not None:
            marked[key] = replace(before, status="rejected", correction=id)
        other = marked.get((turn.index, change.to))
        base = replace(before.hit, label=change.to, score=1.0) if before else _hit(turn, change.to, catalogue)
        hit = replace(base, threshold=catalogue.label(change.to).threshold)
        marked[turn.index, change.to] = MarkedHit(hit, "changed", other.machine_score if other else None, id)
    elif before is not None and change.verdict == "rejected":
        marked[key] = replace(before, status="rejected", correction=id)
    elif change.verdict == "confirmed":
        hit = replace(before.hit, score=1.0) if before else _hit(turn, change.label, catalogue)
        marked[key] = MarkedHit(hit, "confirmed", before.machine_score if before else None, id)


def _hit(turn: Turn, label: str, catalogue: Catalogue, start: int | None = None, end: int | None = None) -> Hit:
    """A certain hit on some characters of a turn, or on all of it."""
    first = min(start or 0, len(turn.text))
    last = len(turn.text) if end is None else min(max(end, first), len(turn.text))
    part = 0 < last - first < len(turn.text)
    evidence = (EvidenceSpan(first, last, 1.0),) if part else ()
    begin, over = span_of(turn, first, last) if part else (turn.start, turn.end)
    quote = turn.text if len(turn.text) <= _QUOTE else turn.text[max(0, first - _QUOTE // 2) :][:_QUOTE]
    return Hit(turn.index, label, 1.0, catalogue.label(label).threshold, begin, over, quote, evidence)


def _observed(conversation: Conversation, id: int, change: Observe) -> list[MarkedHit]:
    """Put with the customer's turn that is nearest in time; without a customer nothing can be observed of him."""
    customers = [t for t in conversation.turns if t.role is Role.CUSTOMER]
    if not customers:
        return []
    time = min(change.time, conversation.duration)
    turn = min(customers, key=lambda t: (max(t.start - time, time - t.end, 0.0), t.index))
    return [MarkedHit(Hit(turn.index, change.label, 1.0, 0.5, time, time, ""), "observed", None, id, change.note)]


def _fits(hit: Hit, turns: dict[int, Turn], catalogue: Catalogue) -> bool:
    label = catalogue.by_id.get(hit.label)
    return label is not None and hit.turn in turns and turns[hit.turn].role.value == label.speaker
