"""The meeting as the other modules of this room look at it: what counts, from whom, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from signals.domain.catalogue import Catalogue, Label
from signals.domain.conversation import Conversation, Role, Turn
from signals.domain.tags import Hit

ACCEPTING = frozenset({"purchase_intent"})
"""What a customer says who wants to buy; after a proposal, that he takes it."""
_ANSWERING = frozenset({"evidence", "benefit", "listening"})
_SPOILING = frozenset({"over_promise", "taboo"})
_PUNCTUATION = "，。？！；、,.?!;…—~ \t\n"
_BARE = 4
"""Characters up to which a turn without labels is a mere sign of listening (嗯, 好的, 是这样)."""


@dataclass(frozen=True, slots=True)
class Event:
    """A hit with what is known of it. `time`: seconds, when it had been said, inside the meeting."""

    hit: Hit
    label: Label
    position: int
    """Place of its turn in `Conversation.turns`."""
    time: float

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from every other event of the meeting."""
        return (self.position, self.label.id)

    @property
    def strength(self) -> float:
        """How far it moves readiness when it is said: |weight| × score, 0..1."""
        return min(1.0, abs(self.label.weight) * min(1.0, max(0.0, self.hit.score)))


class Talk:
    """A conversation and its hits, each hit once, only from whom the catalogue says, in an order that does not
    depend on the order in which the hits came. Hits of turns that the conversation does not have are left out.

    Raises `CatalogueError` for a label that the catalogue does not have.
    """

    def __init__(self, conversation: Conversation, hits: Sequence[Hit], catalogue: Catalogue) -> None:
        self.turns = conversation.turns
        self.catalogue = catalogue
        self.length = max([0.0, conversation.duration, *(t.end for t in conversation.turns)])
        self.events = self._events(hits)

    def _events(self, hits: Sequence[Hit]) -> tuple[Event, ...]:
        place = {turn.index: i for i, turn in enumerate(self.turns)}
        best: dict[tuple[int, str], Event] = {}
        for hit in sorted(hits, key=_hit_order):
            label, position = self.catalogue.label(hit.label), place.get(hit.turn)
            if position is None or self.turns[position].role.value != label.speaker:
                continue
            best.setdefault((position, hit.label), Event(hit, label, position, self._inside(hit.end)))
        # Signals before an objection in the same turn: who says that he buys, and doubts, has said that he buys.
        return tuple(sorted(best.values(), key=lambda e: (e.time, e.position, not e.label.is_signal, e.label.id)))

    def _inside(self, time: float) -> float:
        return min(self.length, max(0.0, time))

    @cached_property
    def signals(self) -> tuple[Event, ...]:
        """The customer's buying signals."""
        return self._where(lambda e: e.label.is_signal)

    @cached_property
    def objections(self) -> tuple[Event, ...]:
        return self._where(lambda e: e.label.kind == "objection")

    @cached_property
    def proposals(self) -> tuple[Event, ...]:
        """The manager's closing attempts, one a turn: the surest label."""
        first: dict[int, Event] = {}
        for event in sorted(self._where(lambda e: e.label.kind == "closing"), key=lambda e: _hit_order(e.hit)):
            first.setdefault(event.position, event)
        return tuple(sorted(first.values(), key=lambda e: (e.time, e.position)))

    @cached_property
    def answers(self) -> tuple[Event, ...]:
        """Where the manager answered with evidence, benefit or listening and spoilt it by no empty promise or taboo."""
        spoilt = {e.position for e in self.events if e.label.id in _SPOILING}
        return self._where(lambda e: e.label.id in _ANSWERING and e.position not in spoilt)

    def _where(self, wanted: Callable[[Event], bool]) -> tuple[Event, ...]:
        return tuple(e for e in self.events if wanted(e))

    def run_after(self, position: int, role: Role) -> tuple[int, ...]:
        """Places of the next unbroken run of turns of one role after a turn, past the other role's turns."""
        run: list[int] = []
        for place in range(position + 1, len(self.turns)):
            if self.turns[place].role is role:
                run.append(place)
            elif run:
                break
        return tuple(run)

    def has(self, role: Role) -> bool:
        return any(t.role is role and t.text.strip() for t in self.turns)


def is_bare(turn: Turn) -> bool:
    """True for a turn that is empty or only a sign of listening."""
    return len(turn.text.strip(_PUNCTUATION)) <= _BARE


def _hit_order(hit: Hit) -> tuple[float, float, float, str, int, str]:
    """Best first, then by everything else that tells two hits apart."""
    return (-hit.score, hit.end, hit.start, hit.label, hit.turn, hit.quote)
