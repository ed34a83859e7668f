"""The meeting at a glance: where speakers, signals, readiness, windows and stages lie on the report's SVG.

Across, everything is in percent of the width and down in pixels, so that the picture fits a phone and a desk with text
of the same size on both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signals.domain.catalogue import Catalogue
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.report.content import speaker_names, stage_name
from signals.report.timeline_rows import Rows, downsampled, merged, shares, tick_step
from signals.report.wording import OUTCOME, circled, clock, percent

CHART = 96
"""Height of the readiness chart, px."""
CHART_UNITS = 1000.0
"""Width of the chart's own coordinates."""
_CAPTION = 19
_LANE = 14
_GAP = 9
_MARK_ROW = 19
_LABEL_ROW = 18
_MARK_GAP = 4.6
"""Percent of the width between two marks in one row: 16 px on the narrowest phone."""
_LABEL_GAP = 17.0
_MARK_ROWS, _LABEL_ROWS = 5, 3
_MOST_LANES = 8
_DENSE = 240
"""Turns of mean length that fit the width side by side; beyond that, talk is drawn as shares of stretches."""
_STRETCHES = 160
_FEW_WINDOWS = 6
"""Windows up to which each is named; of more only the numbers fit."""
_BAND = 22
_NAMED_WIDE, _NAMED_ALWAYS = 8.0, 22.0
"""Percent of the width from which a stage's name fits on a desk, and on a phone."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of talk, a window or a stage. `x`, `width` in percent; `time` in seconds, where a click goes."""

    x: float
    width: float
    kind: str
    title: str
    time: float
    label: str = ""
    row: int = 0
    show: str = "always"
    """When the label fits: always, wide (not on a phone), never."""
    part: float = 1.0
    """Height of a stretch of talk: the share of it in which the speaker talked."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One speaker's talk."""

    name: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One hit. `kind` is the catalogue's, it gives shape and colour."""

    x: float
    y: int
    kind: str
    title: str
    time: float
    turn: int


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str
    wide_only: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything of the SVG. Captions are the `y` of each row's title, in px."""

    duration: float
    height: int
    lanes: tuple[Lane, ...]
    windows: tuple[Bar, ...]
    window_top: int
    customer_y: int
    manager_y: int
    customer_marks: tuple[Mark, ...]
    manager_marks: tuple[Mark, ...]
    chart_y: int
    curve: str
    area: str
    threshold_y: float
    stages_y: int
    stages: tuple[Bar, ...]
    axis_y: int
    ticks: tuple[Tick, ...]


def lay_out(report: Report, catalogue: Catalogue) -> Timeline | None:
    """None when the meeting has no length, so that there is nothing to draw."""
    duration = report.conversation.duration
    if duration <= 0:
        return None
    scale = _Scale(duration)
    windows = _windows(report, scale)
    top = (1 + max((w.row for w in windows), default=-1)) * _LABEL_ROW
    lanes = _lanes(report, scale, top)
    y = top + len(lanes) * (_CAPTION + _LANE + _GAP)
    heard = {"verbal", "behaviour", "expression", "objection"}
    customer, customer_height = _marks(report, catalogue, scale, heard, y)
    manager_y = y + customer_height
    manager, manager_height = _marks(report, catalogue, scale, {"closing"}, manager_y)
    chart_y = manager_y + manager_height
    stages_y = chart_y + _CAPTION + CHART + _GAP
    axis_y = stages_y + _CAPTION + _BAND + _GAP
    curve, area = _curve(report, scale)
    return Timeline(
        duration=duration,
        height=axis_y + 22,
        lanes=lanes,
        windows=windows,
        window_top=top,
        customer_y=y,
        manager_y=manager_y,
        customer_marks=customer,
        manager_marks=manager,
        chart_y=chart_y,
        curve=curve,
        area=area,
        threshold_y=round(chart_y + _CAPTION + CHART * (1 - min(1.0, max(0.0, report.closing.threshold))), 1),
        stages_y=stages_y,
        stages=_stages(report, catalogue, scale),
        axis_y=axis_y,
        ticks=_ticks(scale),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    duration: float

    def x(self, time: float) -> float:
        """Seconds to percent of the width, held inside it."""
        return round(100.0 * min(1.0, max(0.0, time / self.duration)), 3)

    def span(self, start: float, end: float, least: float = 0.15) -> tuple[float, float]:
        """`x` and width in percent; never so narrow that it can't be seen."""
        x = self.x(start)
        width = max(least, self.x(end) - x)
        return min(x, 100.0 - least), round(min(width, 100.0 - min(x, 100.0 - least)), 3)


def _lanes(report: Report, scale: _Scale, top: int) -> tuple[Lane, ...]:
    names = speaker_names(report)
    turns = report.conversation.turns
    roles = {t.speaker: t.role for t in turns}
    seconds: dict[str, float] = defaultdict(float)
    for turn in turns:
        seconds[turn.speaker] += turn.end - turn.start
    shown = set(sorted(seconds, key=lambda s: -seconds[s])[:_MOST_LANES])
    dense = sum(seconds.values()) / max(1, len(turns)) * _DENSE < scale.duration
    lanes = []
    for place, speaker in enumerate(s for s in roles if s in shown):
        spans = merged([(t.start, t.end) for t in turns if t.speaker == speaker], scale.duration / 2000)
        y = top + place * (_CAPTION + _LANE + _GAP)
        stretches = shares(spans, scale.duration, _STRETCHES) if dense else [(a, b, 1.0) for a, b in spans]
        bars = (_talk(scale, names[speaker], roles[speaker].value, *stretch) for stretch in stretches)
        lanes.append(Lane(names[speaker], y, tuple(bars)))
    return tuple(lanes)


def _talk(scale: _Scale, name: str, kind: str, start: float, end: float, part: float) -> Bar:
    title = f"{name} {clock(start)}–{clock(end)}" + (f"，说了其中 {percent(part)}" if part < 1.0 else "")
    return Bar(*scale.span(start, end), kind, title, start, part=round(part, 3))


def _windows(report: Report, scale: _Scale) -> tuple[Bar, ...]:
    few = len(report.closing.windows) <= _FEW_WINDOWS
    gap = _LABEL_GAP if few else _MARK_GAP
    rows = Rows(_LABEL_ROWS, gap)
    bars = []
    for number, window in enumerate(report.closing.windows, 1):
        x, width = scale.span(window.start, window.end, 0.8)
        label = f"{circled(number)} {OUTCOME[window.outcome]}"
        title = f"成交时机{label}　{clock(window.start)}–{clock(window.end)}，准备度最高 {percent(window.peak.value)}"
        row = rows.place(min(x, 100.0 - gap))
        shown = label if few else circled(number)
        bars.append(Bar(x, width, window.outcome.value, title, window.start, shown, row))
    return tuple(bars)


def _marks(
    report: Report, catalogue: Catalogue, scale: _Scale, kinds: Iterable[str], top: int
) -> tuple[tuple[Mark, ...], int]:
    """Marks side by side, a crowded one in the next row; with the height of the lane, its caption included."""
    wanted = [(h, catalogue.label(h.label)) for h in report.hits if catalogue.label(h.label).kind in kinds]
    rows = Rows(_MARK_ROWS, _MARK_GAP)
    early = {(p.proposal.turn, p.proposal.label) for p in report.closing.premature}
    marks = []
    for hit, label in sorted(wanted, key=lambda w: (w[0].start, w[0].turn, w[0].label)):
        x = scale.x(hit.start)
        kind = "premature" if (hit.turn, hit.label) in early else label.kind
        y = top + _CAPTION + rows.place(x) * _MARK_ROW + _MARK_ROW // 2
        marks.append(Mark(x, y, kind, _title(hit, label.name, early=kind == "premature"), hit.start, hit.turn))
    return tuple(marks), _CAPTION + max(1, rows.used) * _MARK_ROW + _GAP


def _title(hit: Hit, name: str, *, early: bool) -> str:
    quote = hit.quote if len(hit.quote) <= 60 else hit.quote[:59] + "…"
    return f"{clock(hit.start)} {name}{'（提得过早）' if early else ''}：“{quote}”"


def _curve(report: Report, scale: _Scale) -> tuple[str, str]:
    """SVG paths of the readiness line and the area under it, in the chart's own coordinates; empty without points."""
    points = downsampled(sorted((p.time, p.value) for p in report.closing.readiness))
    if not points:
        return "", ""
    placed = [(scale.x(t) * CHART_UNITS / 100, CHART * (1 - min(1.0, max(0.0, v)))) for t, v in points]
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
    return line, f"{line}L{placed[-1][0]:.1f} {CHART}L{placed[0][0]:.1f} {CHART}Z"


def _stages(report: Report, catalogue: Catalogue, scale: _Scale) -> tuple[Bar, ...]:
    bars = []
    for span in report.closing.stages:
        x, width = scale.span(span.start, span.end)
        name = f"{span.stage} {stage_name(catalogue, span.stage)}".strip()
        because = "、".join(dict.fromkeys(catalogue.label(h.label).name for h in span.because))
        title = f"{clock(span.start)}–{clock(span.end)} 第{name}阶段" + (f"，依据：{because}" if because else "")
        show = "always" if width >= _NAMED_ALWAYS else "wide" if width >= _NAMED_WIDE else "never"
        bars.append(Bar(x, width, f"stage{span.stage}", title, span.start, name, show=show))
    return tuple(bars)


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    step = tick_step(scale.duration)
    times: Sequence[int] = range(0, int(scale.duration) + 1, step)
    ticks = []
    for place, time in enumerate(times):
        x = scale.x(time)
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        ticks.append(Tick(x, clock(time), place % 2 == 1, anchor))
    return tuple(ticks)
