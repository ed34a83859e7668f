"""report.html: one self-contained page that works from a file share, with no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from signals.domain.catalogue import Catalogue, Label, Strategy
from signals.domain.closing import ClosingWindow
from signals.domain.conversation import Turn
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.report import wording
from signals.report.audio_source import AudioSource
from signals.report.files import write_whole
from signals.report.timeline import lay_out, mark_kind

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_STRONGEST = 3
_UNSURE_WORD = 0.35
"""Probability under which a recognised word is marked as doubtful."""
_LEAD_IN = 2.0
"""Seconds that play before a hit."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a turn's text with the same marking."""

    text: str
    marked: bool
    unsure: bool


@dataclass(frozen=True, slots=True)
class TurnView:
    turn: Turn
    runs: tuple[Run, ...]
    hits: tuple[Hit, ...]
    is_signal: bool
    """Whether it carries a buying signal, an objection or a proposal: what N and P go through."""


@dataclass(frozen=True, slots=True)
class LabelView:
    label: Label
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class HtmlReport:
    """Writes the page; `audio` is where its player finds the sound, None leaves the player out."""

    catalogue: Catalogue
    audio: AudioSource | None = None
    suffix = ".html"

    def write(self, report: Report, path: Path) -> None:
        """See `ReportWriter.write`."""
        write_whole(path, self.render(report))

    def render(self, report: Report) -> str:
        """The page as text. Everything that was said is escaped; scripts and styles are pinned by their hashes."""
        css, script = _read("report.css"), _read("report.js")
        return self._environment.get_template("report.html.j2").render(
            report=report,
            css=css,
            script=script,
            css_hash=_hash(css),
            script_hash=_hash(script),
            audio=self.audio,
            timeline=lay_out(report, self.catalogue),
            turns=[self._turn(t, report.hits) for t in report.conversation.turns],
            strongest=self.strongest(report),
            groups=self._groups(report, lambda x: x.is_signal or x.kind == "objection"),
            craft=self._groups(report, lambda x: x.speaker == "manager"),
            advised=self.advised(report),
            lead_in=_LEAD_IN,
        )

    def strongest(self, report: Report) -> list[Hit]:
        """The customer's strongest signals, one a label, by weight and score; in order of time."""
        signals = [h for h in report.hits if self.catalogue.label(h.label).is_signal]
        ranked = sorted(signals, key=lambda h: -h.score * self.catalogue.label(h.label).weight)
        first: dict[str, Hit] = {}
        for hit in ranked:
            first.setdefault(hit.label, hit)
        return sorted(list(first.values())[:_STRONGEST], key=lambda h: h.start)

    @staticmethod
    def advised(report: Report) -> ClosingWindow | None:
        """The window whose advice stands at the top: the last one, which is the one still open if any is."""
        return report.closing.windows[-1] if report.closing.windows else None

    def _groups(self, report: Report, wanted: Callable[[Label], bool]) -> list[LabelView]:
        order = {label.id: i for i, label in enumerate(self.catalogue.labels)}
        hits = sorted((h for h in report.hits if wanted(self.catalogue.label(h.label))), key=lambda h: order[h.label])
        return [LabelView(self.catalogue.label(k), tuple(g)) for k, g in groupby(hits, key=lambda h: h.label)]

    def _turn(self, turn: Turn, hits: Sequence[Hit]) -> TurnView:
        mine = tuple(h for h in hits if h.turn == turn.index)
        return TurnView(turn, runs_of(turn, mine), mine, any(mark_kind(h.label, self.catalogue) for h in mine))

    def _strategy(self, id: str) -> Strategy:
        return next(s for s in self.catalogue.strategies if s.id == id)

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
        environment.filters["clock"] = wording.clock
        environment.filters["as_length"] = wording.length
        environment.filters["percent"] = lambda share: f"{share:.0%}"
        environment.globals.update(
            label=self.catalogue.label,
            strategy=self._strategy,
            kind=lambda h: mark_kind(h.label, self.catalogue) or "craft",
            words=wording,
        )
        return environment


def runs_of(turn: Turn, hits: Sequence[Hit]) -> tuple[Run, ...]:
    """The turn's text cut where its marking changes: evidence of a hit, words the recogniser doubts."""
    marked, unsure = [False] * len(turn.text), [False] * len(turn.text)
    for hit in hits:
        for span in hit.evidence:
            for i in range(max(0, span.start), min(len(turn.text), span.end)):
                marked[i] = True
    at = 0
    for word in turn.words:
        found = turn.text.find(word.text.strip(), at)
        if found < 0:
            break
        at = found + len(word.text.strip())
        if word.probability < _UNSURE_WORD:
            unsure[found:at] = [True] * (at - found)
    pieces = groupby(range(len(turn.text)), key=lambda i: (marked[i], unsure[i]))
    return tuple(Run("".join(turn.text[i] for i in group), *key) for key, group in pieces)


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
