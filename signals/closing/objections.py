"""What became of the customer's objections.

The deck asks for listening, evidence and benefits; when an objection counts as settled is our judgement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from signals.closing.options import ClosingOptions
from signals.closing.talk import Event, Talk, is_bare
from signals.domain.conversation import Role

ANSWERED_WELL = 0.25
"""Of its weight that is left when the customer met the manager's answer with a buying signal."""
ANSWERED = 0.5
"""… when evidence or a benefit was taken without a new objection."""
OVERTAKEN = 0.4
"""… when the customer went on by himself: a strong signal, or two different ones."""
SOFTENED = 0.75
"""… when the manager listened and the customer let it rest. The objection stays open."""


@dataclass(frozen=True, slots=True)
class Relief:
    """From `time` (seconds) on only `left` (0..1) of an objection's weight counts."""

    time: float
    left: float


@dataclass(frozen=True, slots=True)
class Objection:
    event: Event
    reliefs: tuple[Relief, ...]

    @property
    def settled(self) -> float | None:
        """Seconds; None when nothing in the meeting settled it."""
        return min((r.time for r in self.reliefs if r.left < SOFTENED), default=None)

    def remaining(self, time: float) -> float:
        """Of its weight at a time, 0..1, fading not counted."""
        return min((r.left for r in self.reliefs if r.time <= time), default=1.0)

    def stands(self, time: float) -> bool:
        """Said and not settled."""
        settled = self.settled
        return self.event.time <= time and (settled is None or time < settled)


def follow_objections(talk: Talk, options: ClosingOptions) -> tuple[Objection, ...]:
    """Every objection with what relieved it. Further objections only ever take reliefs away."""
    return tuple(
        Objection(event, (*_answers(event, talk, options), *_overtaken(event, talk, options)))
        for event in talk.objections
    )


def _answers(event: Event, talk: Talk, options: ClosingOptions) -> Iterator[Relief]:
    """The manager's answers that the customer took without objecting again."""
    objecting = {e.position for e in talk.objections}
    for answer in talk.answers:
        if answer.position <= event.position or answer.time > event.time + options.answer_within:
            continue
        reaction = _reaction(answer.position, talk)
        if not reaction or objecting.intersection(reaction):
            continue
        heard = max(event.time, talk.turns[reaction[0]].end)
        yield Relief(heard, SOFTENED if answer.label.id == "listening" else ANSWERED)
        yield from (Relief(max(event.time, e.time), ANSWERED_WELL) for e in talk.signals if e.position in reaction)


def _reaction(position: int, talk: Talk) -> tuple[int, ...]:
    """Places of the customer's next turns that say more than 嗯."""
    telling = {e.position for e in (*talk.signals, *talk.objections)}
    while run := talk.run_after(position, Role.CUSTOMER):
        if any(place in telling or not is_bare(talk.turns[place]) for place in run):
            return run
        position = run[-1]
    return ()


def _overtaken(event: Event, talk: Talk, options: ClosingOptions) -> Iterator[Relief]:
    """When the customer himself had moved past it, with no further objection on the way."""
    objecting = {e.position for e in talk.objections}
    kinds: set[str] = set()
    later = [e for e in talk.events if e.position > event.position]
    for other in sorted(later, key=lambda e: (e.position, e.time)):
        if other.position in objecting:
            kinds.clear()
        elif other.label.is_signal:
            kinds.add(other.label.id)
            if is_strong(other, options) or len(kinds) >= 2:
                yield Relief(max(event.time, other.time), OVERTAKEN)
                return


def is_strong(event: Event, options: ClosingOptions) -> bool:
    """A signal that is enough by itself."""
    return event.label.weight >= options.strong_weight and event.hit.score >= options.strong_score
