"""Small helpers of the timeline: rows without overlap, fewer points, ticks at round times."""

from __future__ import annotations

import math
from collections.abc import Sequence

_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_TICKS = 12
_MOST_POINTS = 800


class Rows:
    """Deals out rows so that neighbours in one row keep a distance, as long as there are rows."""

    def __init__(self, most: int, gap: float) -> None:
        self._last = [-math.inf] * most
        self._gap = gap
        self.used = 0

    def place(self, x: float) -> int:
        """The first row with room at `x`, else the one with most room. Ask in order of `x`."""
        free = next((i for i, last in enumerate(self._last) if x - last >= self._gap), None)
        row = self._last.index(min(self._last)) if free is None else free
        self._last[row] = x
        self.used = max(self.used, row + 1)
        return row


def merged(spans: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Spans in order of time, those nearer than `gap` seconds made one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def shares(spans: Sequence[tuple[float, float]], duration: float, count: int) -> list[tuple[float, float, float]]:
    """`count` equal stretches of the time, each with the share of it, 0..1, that disjoint spans cover; empty ones left out."""
    size = duration / count
    covered = [0.0] * count
    for start, end in spans:
        for i in range(max(0, int(start / size)), min(count - 1, int(end / size)) + 1):
            covered[i] += max(0.0, min(end, (i + 1) * size) - max(start, i * size))
    return [(i * size, (i + 1) * size, min(1.0, c / size)) for i, c in enumerate(covered) if c > 0]


def downsampled(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most some hundreds of points; of each bundle its first, lowest, highest and last, so that no peak is lost."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    size = math.ceil(len(points) / (_MOST_POINTS // 4))
    kept: dict[int, tuple[float, float]] = {}
    for first in range(0, len(points), size):
        places = range(first, min(first + size, len(points)))
        low, high = min(places, key=lambda i: points[i][1]), max(places, key=lambda i: points[i][1])
        kept |= {i: points[i] for i in sorted((places[0], low, high, places[-1]))}
    return [kept[i] for i in sorted(kept)]


def tick_step(duration: float) -> int:
    """Seconds between ticks: a round number that gives at most a dozen."""
    return next((step for step in _STEPS if duration / step <= _TICKS), math.ceil(duration / _TICKS / 3600) * 3600)
