"""Readiness to buy over time, from the customer's signals and objections.

    readiness(t) = (1 - prod over labels (1 - level(t))) * prod over objections (1 - doubt(t))

Every label keeps a level that a signal raises by weight x score, less the nearer it is to its ceiling, and that fades
with a half-life; the levels join like independent chances, so that different kinds of signal count and one kind alone
saturates. An objection multiplies by what its own weight x score leaves, and less so once it is settled. Adding a
signal never lowers readiness at any time, adding an objection never raises it. The form and its figures are ours; the
deck only names the signals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from signals.closing.objections import Objection
from signals.closing.options import ClosingOptions
from signals.closing.talk import Event, Talk
from signals.domain.closing import ReadinessPoint

_JUST_BEFORE = 0.01
"""Seconds before a jump at which the curve gets a point, so that it is drawn as a jump."""


class ReadinessCurve:
    """Readiness 0..1 at any time of the meeting. Seconds."""

    def __init__(self, signals: Sequence[Event], objections: Sequence[Objection], options: ClosingOptions) -> None:
        self._options = options
        self._objections = objections
        self._times: dict[str, list[float]] = {}
        self._levels: dict[str, list[float]] = {}
        for event in signals:
            self._add(event)

    def _add(self, event: Event) -> None:
        ceiling = min(1.0, event.label.weight * self._options.repeat_ceiling)
        if ceiling <= 0.0:
            return
        level = self._level(event.label.id, event.time)
        raised = level + (ceiling - level) * min(1.0, event.strength / ceiling)
        self._times.setdefault(event.label.id, []).append(event.time)
        self._levels.setdefault(event.label.id, []).append(raised)

    def _level(self, label: str, time: float) -> float:
        times = self._times.get(label, [])
        last = bisect_right(times, time) - 1
        if last < 0:
            return 0.0
        return self._levels[label][last] * _faded(time - times[last], self._options.half_life)

    def at(self, time: float) -> float:
        without = 1.0
        for label in self._times:
            without *= 1.0 - self._level(label, time)
        value = 1.0 - without
        for objection in self._objections:
            age = time - objection.event.time
            if age >= 0.0:
                fading = _faded(age, self._options.objection_half_life)
                value *= 1.0 - objection.event.strength * objection.remaining(time) * fading
        return min(1.0, max(0.0, value))


def sample(curve: ReadinessCurve, talk: Talk, objections: Sequence[Objection], most: int) -> tuple[ReadinessPoint, ...]:
    """The curve for drawing: regular steps, and both sides of every jump; of very many jumps the largest. At most `most`
    points, times strictly rising, from the beginning to the end of the meeting."""
    steps = max(1, min(int(most * 0.4), int(talk.length / 10.0)))
    times = {talk.length * i / steps for i in range(steps + 1)}
    jumps = {e.time for e in (*talk.signals, *talk.objections)}
    jumps |= {r.time for o in objections for r in o.reliefs}
    before = {t: max(0.0, t - _JUST_BEFORE) for t in jumps}
    by_size = sorted(jumps, key=lambda t: (-abs(curve.at(t) - curve.at(before[t])), t))
    for time in by_size[: (most - steps - 1) // 2]:
        times |= {before[time], time}
    return tuple(ReadinessPoint(round(t, 3), round(curve.at(t), 4)) for t in _distinct(sorted(times)))


def _distinct(times: Sequence[float]) -> list[float]:
    rounded = [round(t, 3) for t in times]
    kept = [t for (t, shown), (_, following) in pairwise(zip(times, rounded, strict=True)) if shown < following]
    return [*kept, times[-1]]


def _faded(age: float, half_life: float) -> float:
    return float(0.5 ** (max(0.0, age) / half_life))
