"""The meeting at a glance, laid out for one SVG: speakers, signals, readiness, windows and stages over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from signals.domain.catalogue import Catalogue
from signals.domain.conversation import Role
from signals.domain.report import Report
from signals.report.wording import OUTCOME, ROLE, clock

WIDTH = 1000.0
LEFT = 92.0
"""Room for the lanes' names."""
_LANE = 26.0
_CHART = 96.0
_STEPS = (10, 30, 60, 120, 300, 600, 900, 1800, 3600)
_TICKS = 11
_MARK_GAP = 13.0
"""Closest that two marks stand before the second moves to the next row."""
_MARK_ROWS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch: `kind` is its CSS class, `title` its hover text, `time` where a click goes."""

    x: float
    width: float
    y: float
    height: float
    kind: str
    title: str
    time: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment."""

    x: float
    y: float
    kind: str
    title: str
    time: float


@dataclass(frozen=True, slots=True)
class Lane:
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that the SVG draws, in its own units; y grows downwards."""

    width: float
    height: float
    left: float
    lanes: tuple[Lane, ...]
    talk: tuple[Bar, ...]
    windows: tuple[Bar, ...]
    stages: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    curve: str
    """SVG path of readiness; empty without points."""
    area: str
    threshold_y: float
    chart_top: float
    chart_bottom: float
    ticks: tuple[Tick, ...]
    axis_y: float


def lay_out(report: Report, catalogue: Catalogue) -> Timeline:
    """Places everything on a canvas of 1000 units' width; heights follow from the number of speakers."""
    span = max(report.conversation.duration, 1.0)

    def x(time: float) -> float:
        return round(LEFT + (WIDTH - LEFT - 8) * min(max(time / span, 0.0), 1.0), 2)

    speakers = [r.speaker for r in report.conversation.roles] or list(
        dict.fromkeys(t.speaker for t in report.conversation.turns)
    )
    top = 6.0
    lanes = [Lane(top + _LANE * i, _lane_name(report, s)) for i, s in enumerate(speakers)]
    row = {s: top + _LANE * i for i, s in enumerate(speakers)}
    talk = tuple(
        Bar(
            x(t.start),
            max(1.2, x(t.end) - x(t.start)),
            row[t.speaker] + 3,
            _LANE - 8,
            t.role.value,
            f"{clock(t.start)} {ROLE[t.role]}：{t.text[:60]}",
            t.start,
        )
        for t in report.conversation.turns
        if t.speaker in row
    )
    marks_top = top + _LANE * len(speakers) + 12
    marks, rows = _marks(report, catalogue, x, marks_top)
    lanes.append(Lane(marks_top - 10, "信号"))
    chart_top = marks_top + rows * 15 + 4
    bottom = chart_top + _CHART
    lanes.append(Lane(chart_top + _CHART / 2 - 12, "成交准备度"))
    points = [(x(p.time), round(bottom - _CHART * p.value, 2)) for p in report.closing.readiness]
    curve = "M" + " L".join(f"{a} {b}" for a, b in points) if points else ""
    area = f"{curve} L{points[-1][0]} {bottom} L{points[0][0]} {bottom} Z" if points else ""
    windows = tuple(
        Bar(
            x(w.start),
            max(3.0, x(w.end) - x(w.start)),
            chart_top,
            _CHART,
            w.outcome.value,
            f"成交时机 {clock(w.start)}–{clock(w.end)}：{OUTCOME[w.outcome]}",
            w.start,
            OUTCOME[w.outcome],
        )
        for w in report.closing.windows
    )
    stage_y = bottom + 8
    lanes.append(Lane(stage_y - 3, "心理阶段"))
    names = {s.number: s.name for s in catalogue.stages}
    stages = tuple(
        Bar(
            x(s.start),
            max(1.0, x(s.end) - x(s.start)),
            stage_y,
            20,
            f"stage{s.stage}",
            f"{clock(s.start)} 起：{s.stage} {names.get(s.stage, '')}",
            s.start,
            f"{s.stage} {names.get(s.stage, '')}"
            if x(s.end) - x(s.start) > 84
            else (str(s.stage) if x(s.end) - x(s.start) > 14 else ""),
        )
        for s in report.closing.stages
    )
    axis = stage_y + 30
    step = next((s for s in _STEPS if span / s <= _TICKS), _STEPS[-1])
    ticks = tuple(Tick(x(t), clock(t)) for t in range(0, int(span) + 1, step))
    return Timeline(
        WIDTH,
        axis + 20,
        LEFT,
        tuple(lanes),
        talk,
        windows,
        stages,
        marks,
        curve,
        area,
        round(bottom - _CHART * report.closing.threshold, 2),
        chart_top,
        bottom,
        ticks,
        axis,
    )


def mark_kind(label: str, catalogue: Catalogue) -> str:
    """CSS class of a hit's mark, which also gives its shape."""
    entry = catalogue.label(label)
    if entry.kind == "closing":
        return "proposal"
    if entry.kind == "objection":
        return "objection"
    return "signal" if entry.is_signal else ""


def _lane_name(report: Report, speaker: str) -> str:
    role = next((r.role for r in report.conversation.roles if r.speaker == speaker), Role.UNKNOWN)
    same = [r.speaker for r in report.conversation.roles if r.role is role]
    return f"{ROLE[role]} {same.index(speaker) + 1}" if len(same) > 1 else ROLE[role]


def _marks(
    report: Report, catalogue: Catalogue, x: Callable[[float], float], top: float
) -> tuple[tuple[Mark, ...], int]:
    """Marks side by side, a crowded one in the next row; with the number of rows used."""
    marks: list[Mark] = []
    last = [-100.0] * _MARK_ROWS
    used = 1
    for hit in sorted(report.hits, key=lambda h: h.start):
        kind = mark_kind(hit.label, catalogue)
        if not kind:
            continue
        at = x(hit.start)
        free = next((i for i in range(_MARK_ROWS) if at - last[i] >= _MARK_GAP), _MARK_ROWS - 1)
        last[free] = at
        used = max(used, free + 1)
        marks.append(
            Mark(
                at,
                top + free * 15,
                kind,
                f"{clock(hit.start)} {catalogue.label(hit.label).name}：{hit.quote[:60]}",
                hit.start,
            )
        )
    return tuple(marks), used
