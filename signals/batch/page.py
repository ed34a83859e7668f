"""index.html: where to look first, and a line of each meeting; one file that needs no network and no script."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from signals.batch.summary import Entry, Meeting, Result
from signals.domain.closing import Verdict, WindowOutcome
from signals.report import asset, wording, write_whole

_TEMPLATES = Path(__file__).parent / "templates"
_THINNEST = 0.6
"""Percent of the drawing's width; what is shorter would not be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a drawing, in percent of its width."""

    x: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A meeting on one line: its closing windows, and where its signals are, in percent of its length."""

    windows: tuple[Bar, ...]
    signals: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Over all meetings."""

    meetings: int
    seconds: float
    signals: int
    verdicts: dict[Verdict, int]
    windows: dict[WindowOutcome, int]


def totals(entries: tuple[Entry, ...]) -> Totals:
    """The figures at the top."""
    meetings = [e.meeting for e in entries]
    return Totals(
        meetings=len(meetings),
        seconds=sum(m.duration for m in meetings),
        signals=sum(len(m.moments) for m in meetings),
        verdicts=Counter(m.verdict for m in meetings),
        windows=Counter(w.outcome for m in meetings for w in m.windows),
    )


def write_page(result: Result, title: str, path: Path) -> None:
    """Writes the page. Raises `OutputError`; then what was there is left."""
    write_whole(path, render(result, title))


def render(result: Result, title: str) -> str:
    """The page as text; whatever was said or stood in a file's name is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(clock=wording.clock, lasting=wording.length, percent=wording.percent)
    style = asset("report.css") + (_TEMPLATES / "index.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return environment.get_template("index.html.j2").render(
        title=title,
        result=result,
        totals=totals(result.entries),
        missed=[e for e in result.entries if e.meeting.count(WindowOutcome.MISSED)],
        drawn=_drawn,
        labels=lambda m: Counter(x.label for x in m.moments).most_common(),
        words=wording,
        outcomes=tuple(WindowOutcome),
        MISSED=WindowOutcome.MISSED,
        style=style,
        style_hash=f"sha256-{digest}",
    )


def _drawn(meeting: Meeting) -> Drawing:
    length = max([meeting.duration, 1e-9, *(w.end for w in meeting.windows), *(m.start for m in meeting.moments)])

    def place(seconds: float) -> float:
        return round(100 * seconds / length, 2)

    windows = (
        Bar(place(w.start), max(_THINNEST, round(place(w.end) - place(w.start), 2)), w.outcome.value)
        for w in meeting.windows
    )
    return Drawing(tuple(windows), tuple(place(m.start) for m in meeting.moments))
