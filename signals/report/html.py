"""report.html: one self-contained page that works from a file share, with no network."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from signals.domain.catalogue import Catalogue
from signals.domain.conversation import Turn
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.report import content, wording
from signals.report.audio_source import AudioSource
from signals.report.files import write_whole
from signals.report.marking import Piece, quote_pieces, turn_pieces
from signals.report.timeline import CHART, CHART_UNITS, lay_out

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
CAUTIONS = ("over_promise", "taboo")
"""Labels that come first among the manager's craft, and open: what not to do again."""
LEAD_IN = 2.0
"""Seconds that play before a hit."""


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of the transcript. `signal_at`: seconds of its first buying signal, where N and P stop; None without."""

    turn: Turn
    pieces: tuple[Piece, ...]
    hits: tuple[Hit, ...]
    signal_at: float | None


@dataclass(frozen=True, slots=True)
class Quotes:
    """Finds the marked words of a hit's quote."""

    turns: dict[int, Turn]

    def __call__(self, hit: Hit) -> tuple[Piece, ...]:
        return quote_pieces(hit, self.turns.get(hit.turn))


@dataclass(frozen=True)
class HtmlReport:
    """Writes the page. `audio` is where its player finds the sound; None leaves the player out.

    Nothing in the page comes from elsewhere: a policy in its head forbids every request but the sound's, and pins
    script and style by their hashes. What was said is always escaped.
    """

    catalogue: Catalogue
    audio: AudioSource | None = None
    suffix = ".html"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`. Raises `CatalogueError` for labels that the catalogue does not have."""
        write_whole(path, self.render(report))

    def render(self, report: Report) -> str:
        """The page as text."""
        css, script = asset("report.css"), asset("report.js")
        return self._filled(
            "report.html.j2", report, css=css, script=script, css_hash=_hash(css), script_hash=_hash(script)
        )

    def body(self, report: Report) -> str:
        """The page's content without its frame, for a page that brings style and script (`asset`) itself."""
        return self._filled("body.j2", report)

    def _filled(self, template: str, report: Report, **frame: str) -> str:
        catalogue, names = self.catalogue, content.speaker_names(report)
        return self._environment.get_template(template).render(
            **frame,
            report=report,
            closing=report.closing,
            audio=self.audio,
            names=names,
            timeline=lay_out(report, catalogue),
            outcomes=list(dict.fromkeys(w.outcome for w in report.closing.windows)),
            turns=self._turns(report),
            pieces=Quotes({t.index: t for t in report.conversation.turns}),
            strongest=content.strongest(report, catalogue),
            repairs=content.repairs(report),
            signal_count=len(content.signals(report, catalogue)),
            deciding=content.deciding_window(report),
            groups=content.grouped(report, catalogue, lambda x: x.is_signal or x.kind == "objection"),
            questions=[(catalogue.label(id), count) for id, count in report.talk.questions],
            craft=sorted(
                content.grouped(report, catalogue, lambda x: x.kind == "craft"),
                key=lambda g: g.label.id not in CAUTIONS,
            ),
            asked=content.grouped(report, catalogue, lambda x: x.kind == "question"),
            removals=Counter(r.reason for r in report.removed),
        )

    def _turns(self, report: Report) -> list[TurnView]:
        by_turn: dict[int, list[Hit]] = defaultdict(list)
        for hit in report.hits:
            by_turn[hit.turn].append(hit)
        return [self._turn(turn, tuple(by_turn[turn.index])) for turn in report.conversation.turns]

    def _turn(self, turn: Turn, hits: tuple[Hit, ...]) -> TurnView:
        signals = [h.start for h in hits if self.catalogue.label(h.label).is_signal]
        return TurnView(turn, turn_pieces(turn, hits), hits, min(signals, default=None))

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for name in ("clock", "percent", "circled", "date_time"):
            environment.filters[name] = getattr(wording, name)
        environment.filters["lasting"] = wording.length
        environment.globals.update(
            words=wording,
            lead_in=LEAD_IN,
            cautions=CAUTIONS,
            chart=CHART,
            chart_units=CHART_UNITS,
            label=self.catalogue.label,
            strategy=lambda id: content.strategy(self.catalogue, id),
            heard_as=lambda hit: content.strategy_heard(self.catalogue, hit),
        )
        return environment


def asset(name: str) -> str:
    """The page's style (report.css) or script (report.js)."""
    return (_TEMPLATES / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
