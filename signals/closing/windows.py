"""Closing windows: when proposing the deal was right, and what became of it.

The deck says to catch the signal in time and to propose quickly; the thresholds and graces here are our judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from signals.closing.objections import Objection, is_strong
from signals.closing.options import ClosingOptions
from signals.closing.readiness import ReadinessCurve
from signals.closing.talk import ACCEPTING, Event, Talk
from signals.domain.closing import PrematureClose, WindowOutcome

_GENTLE = frozenset({"close_probe", "close_stepwise"})
"""Proposals that are also a right answer to an objection; the other two only push."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window before its advice is written. Seconds."""

    start: float
    end: float
    outcome: WindowOutcome
    signals: tuple[Event, ...]
    """The customer's signals that opened and kept it, in order of time; at least one."""
    proposal: Event | None = None
    accepted: bool = False
    """The customer answered the proposal with the wish to buy."""


@dataclass(frozen=True, slots=True)
class Windows:
    windows: tuple[Window, ...]
    premature: tuple[PrematureClose, ...]


class _Fall(Enum):
    LOW = "readiness fell"
    STALE = "no signal for long"
    OBJECTION = "an objection that nothing settled"


@dataclass(slots=True)
class _Open:
    start: float
    signals: list[Event]
    last_signal: float
    fallen: float | None = None
    """When it fell; it may still recover or be taken within the grace."""
    reason: _Fall | None = None

    def wants_to_buy(self) -> bool:
        return any(e.label.id in ACCEPTING for e in self.signals)


@dataclass(slots=True)
class _State:
    open: _Open | None = None
    windows: list[Window] = field(default_factory=list)
    premature: list[PrematureClose] = field(default_factory=list)
    since: float = -1.0
    """Signals up to here belong to a proposal already made."""
    quiet_until: float = -1.0
    """Until then the customer's signals are the reply to a proposal."""
    accepted: bool = False
    loose: Event | None = None
    """The latest proposal that was made outside every window."""


def find_windows(
    talk: Talk, curve: ReadinessCurve, objections: Sequence[Objection], options: ClosingOptions
) -> Windows:
    return _Finder(talk, curve, objections, options).run()


class _Finder:
    """Walks once through the meeting: events in order, and ticks between them."""

    def __init__(
        self, talk: Talk, curve: ReadinessCurve, objections: Sequence[Objection], options: ClosingOptions
    ) -> None:
        self._talk, self._curve, self._options = talk, curve, options
        self._objections = {o.event.key: o for o in objections}
        self._state = _State()

    def run(self) -> Windows:
        for time, event in self._steps():
            self._look(time)
            if event is None:
                self._try_open(time)
            elif event.label.is_signal:
                self._signal(event)
            elif event.label.kind == "objection":
                self._objection(self._objections[event.key])
            else:
                self._proposal(event)
        self._finish()
        return Windows(tuple(self._state.windows), tuple(self._state.premature))

    def _steps(self) -> Iterator[tuple[float, Event | None]]:
        """Signals, objections and proposals, and between them ticks and the moments at which an objection was settled."""
        wanted = {e.key for e in (*self._talk.signals, *self._talk.objections, *self._talk.proposals)}
        events = [e for e in self._talk.events if e.key in wanted]
        ticks = {i * self._options.tick for i in range(1, int(self._talk.length / self._options.tick) + 1)}
        ticks |= {t for o in self._objections.values() if (t := o.settled) is not None}
        steps: list[tuple[float, int, int, Event | None]] = [(e.time, 0, i, e) for i, e in enumerate(events)]
        steps += [(t, 1, 0, None) for t in ticks | {self._talk.length}]
        for time, _, _, event in sorted(steps, key=lambda s: s[:3]):
            yield time, event

    def _look(self, time: float) -> None:
        """Lets an open window fall, recover or end with the passing of time."""
        window, options = self._state.open, self._options
        if window is None:
            return
        if window.fallen is None:
            if self._curve.at(time) < options.close_at:
                window.fallen, window.reason = time, _Fall.LOW
            elif time - window.last_signal > options.stale:
                window.fallen, window.reason = time, _Fall.STALE
        elif window.reason is _Fall.LOW and self._curve.at(time) >= options.close_at:
            window.fallen = window.reason = None
        if window.fallen is not None and time - window.fallen > options.grace:
            self._close(window, window.fallen, WindowOutcome.MISSED)

    def _signal(self, event: Event) -> None:
        state = self._state
        if state.open is not None:
            state.open.signals.append(event)
            state.open.last_signal = event.time
            if state.open.reason is _Fall.STALE:
                state.open.fallen = state.open.reason = None
        elif event.label.id in ACCEPTING and self._is_reply(event):
            self._accept(event)
        elif event.time > state.quiet_until:
            self._try_open(event.time, event)

    def _is_reply(self, event: Event) -> bool:
        """Whether a proposal is still waiting for an answer."""
        loose = self._state.loose
        if loose is not None:
            return event.time <= loose.time + self._options.reply
        return event.time <= self._state.quiet_until

    def _accept(self, event: Event) -> None:
        state = self._state
        if state.loose is not None:  # who says yes was ready, whatever was known before
            proposal, first = state.loose, max(state.since, event.time - self._options.memory)
            signals = tuple(e for e in self._talk.signals if first < e.time <= event.time)
            state.windows.append(Window(proposal.time, event.time, WindowOutcome.TAKEN, signals, proposal))
            state.premature = [p for p in state.premature if p.proposal != proposal.hit]
            state.since, state.loose = proposal.time, None
        state.accepted = True
        state.quiet_until = max(state.quiet_until, event.time + self._options.hold)
        state.windows[-1] = replace(state.windows[-1], accepted=True)

    def _try_open(self, time: float, event: Event | None = None) -> None:
        state, options = self._state, self._options
        if state.open is not None or time <= state.quiet_until or self._standing(time):
            return
        readiness = self._curve.at(time)
        signals = [e for e in self._talk.signals if max(state.since, time - options.memory) < e.time <= time]
        strong = event is not None and is_strong(event, options) and readiness >= options.close_at
        enough = len(signals) >= options.min_evidence or any(is_strong(e, options) for e in signals)
        fresh = bool(signals) and time - signals[-1].time <= options.stale
        if fresh and (strong or (enough and readiness >= options.open_at)):
            state.open, state.loose = _Open(time, signals, signals[-1].time), None

    def _standing(self, time: float) -> bool:
        """An objection that is still unanswered and not yet half forgotten."""
        oldest = time - self._options.objection_half_life
        return any(o.stands(time) and o.event.time > oldest for o in self._objections.values())

    def _objection(self, objection: Objection) -> None:
        state, time = self._state, objection.event.time
        if not state.accepted and time <= state.quiet_until:
            state.quiet_until = time  # the proposal was turned down
            state.since = max(state.since, time) if state.loose is None else state.since
            state.loose = None
        window = state.open
        if window is None or window.reason is _Fall.OBJECTION or window.wants_to_buy():
            return  # who has said that he buys is only less ready now: readiness itself decides
        settled = objection.settled
        if settled is None or settled > time + self._options.patience:
            window.fallen = time if window.fallen is None else window.fallen
            window.reason = _Fall.OBJECTION

    def _proposal(self, event: Event) -> None:
        state, options = self._state, self._options
        window = state.open
        pushes = event.label.id not in _GENTLE
        if window is not None and not (window.fallen is not None and pushes and self._standing(event.time)):
            self._close(window, event.time, WindowOutcome.TAKEN, event)
            return
        if window is None and event.time <= state.quiet_until:
            state.quiet_until = max(state.quiet_until, event.time + options.reply)
            return
        readiness = self._curve.at(event.time)
        pushed_on = pushes and (readiness < options.close_at or self._standing(event.time))
        if pushed_on or readiness < options.probe_floor:
            state.premature.append(PrematureClose(event.hit, round(readiness, 4)))
        elif window is None:
            state.quiet_until = event.time + options.reply
        if window is None:
            state.loose, state.accepted = event, False

    def _close(self, window: _Open, end: float, outcome: WindowOutcome, proposal: Event | None = None) -> None:
        state = self._state
        signals = tuple(e for e in window.signals if e.time <= end)
        state.windows.append(Window(window.start, max(window.start, end), outcome, signals, proposal))
        state.open = None
        if proposal is not None:
            state.since, state.accepted, state.loose = end, False, None
            state.quiet_until = end + self._options.reply

    def _finish(self) -> None:
        window = self._state.open
        if window is None:
            return
        if window.fallen is None:
            self._close(window, self._talk.length, WindowOutcome.OPEN)
        else:
            self._close(window, window.fallen, WindowOutcome.MISSED)
