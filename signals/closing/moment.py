"""All that a choice of strategy looks at, at one moment of the meeting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from signals.closing.cues import Manner, manner
from signals.closing.objections import Objection, is_strong
from signals.closing.options import ClosingOptions
from signals.closing.talk import ACCEPTING, Event, Talk, is_bare
from signals.domain.conversation import Role

_FRESH = 120.0
"""Seconds after which a signal leads half as strongly: the line takes up what was asked last."""
_DODGE = re.compile(r"(后面|回头|以后|下次|改天)再(说|看|谈|讲|聊)|先不(说|谈|管)(这|那|它)")


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of the talk at one moment."""

    time: float
    readiness: float
    talk: Talk
    signals: tuple[Event, ...]
    """The customer's signals of this window, in order of time; at least one."""
    strong: tuple[Event, ...]
    settled: tuple[Event, ...]
    """Signals whose point was talked through: questions that got an answer, affirmations, bargaining."""
    unanswered: tuple[Event, ...]
    standing: tuple[Objection, ...]
    """Objections still open."""
    hesitations: tuple[Objection, ...]
    """Objections amid these signals, settled ones too, that no wish to buy has followed."""
    manner: Manner

    @property
    def lead(self) -> Event:
        """The signal that the manager's words take up."""
        return max(self.signals, key=lambda e: (e.strength * 0.5 ** ((self.time - e.time) / _FRESH), e.time))

    @property
    def kinds(self) -> int:
        """How many different signals."""
        return len({e.label.id for e in self.signals})

    @property
    def points(self) -> list[str]:
        """Chinese names of the points talked through, the weightiest first, as the deck would have them restated."""
        heaviest = sorted(self.settled, key=lambda e: -e.label.weight)
        return list(dict.fromkeys(e.label.topic for e in heaviest if e.label.topic))


def moment_at(
    time: float,
    readiness: float,
    signals: Sequence[Event],
    talk: Talk,
    objections: Sequence[Objection],
    options: ClosingOptions,
) -> Moment:
    """`signals`: those of the window up to `time`. Whether a question was answered is judged with hindsight."""
    waiting = unanswered(signals, talk)
    open_turns = {e.position for e in waiting}
    lately = [o for o in objections if time - options.memory <= o.event.time <= time]
    first = signals[0].time
    wish = max((e.time for e in signals if e.label.id in ACCEPTING), default=-1.0)
    return Moment(
        time=time,
        readiness=readiness,
        talk=talk,
        signals=tuple(signals),
        strong=tuple(e for e in signals if is_strong(e, options)),
        settled=tuple(e for e in signals if e.position not in open_turns),
        unanswered=tuple(waiting),
        standing=tuple(o for o in lately if o.stands(time)),
        hesitations=tuple(o for o in lately if o.event.time > wish and (o.stands(time) or o.event.time >= first)),
        manner=manner(talk, time, options.memory),
    )


def unanswered(signals: Sequence[Event], talk: Talk) -> list[Event]:
    """The customer's questions after which the manager said nothing, next to nothing, or put it off; one a turn."""
    found: dict[int, Event] = {}
    for event in sorted((e for e in signals if is_question(e)), key=lambda e: -e.strength):
        if not _answered(event, talk):
            found.setdefault(event.position, event)
    return sorted(found.values(), key=lambda e: (e.time, e.position))


def is_question(event: Event) -> bool:
    """The deck's verbal signals are questions, all but the praise of the plan; haggling wants a reply too."""
    verbal = event.label.kind == "verbal" and event.label.id != "plan_affirmation"
    return verbal or event.label.id == "bargaining"


def _answered(event: Event, talk: Talk) -> bool:
    reply = [talk.turns[place] for place in talk.run_after(event.position, Role.MANAGER)]
    return any(not is_bare(turn) for turn in reply) and not any(_DODGE.search(turn.text) for turn in reply)
