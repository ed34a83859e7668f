"""What the workbook and the page say of one meeting: few enough to keep beside every report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signals.batch.sheet import Details
from signals.domain.closing import Verdict, WindowOutcome

if TYPE_CHECKING:
    from signals.domain.catalogue import Catalogue
    from signals.domain.report import Report
    from signals.domain.tags import Hit


@dataclass(frozen=True, slots=True)
class Moment:
    """A buying signal of the customer's. Seconds; `score` 0..1; `turn` is its anchor in the report."""

    start: float
    label: str
    """Chinese name."""
    score: float
    quote: str
    turn: int
    outcome: WindowOutcome | None
    """Of the closing window that it helped to open; None where it opened none."""


@dataclass(frozen=True, slots=True)
class Window:
    """A closing window. Seconds; `waited` until the manager's proposal, None where none came."""

    start: float
    end: float
    outcome: WindowOutcome
    strategy: str
    """Chinese name of the strategy to close with."""
    line: str
    """What to say."""
    waited: float | None
    evidence: tuple[Moment, ...]
    """Strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting in short. Shares 0..1, times in seconds; None where the conversation does not tell."""

    title: str
    analysed: str
    """ISO 8601."""
    duration: float
    times_estimated: bool
    verdict: Verdict
    reason: str
    strategy: str
    """The strategy advised for the window that decides; empty without one."""
    used: tuple[str, ...]
    """Strategies that the manager was heard to use."""
    manager_share: float | None
    longest_monologue: float | None
    patience: float | None
    moments: tuple[Moment, ...]
    windows: tuple[Window, ...]
    notices: tuple[str, ...]

    def count(self, outcome: WindowOutcome) -> int:
        """Windows with this outcome."""
        return sum(w.outcome is outcome for w in self.windows)


def summed_up(report: Report, catalogue: Catalogue) -> Meeting:
    """The meeting in short."""
    from signals.domain.conversation import Role
    from signals.report import content

    outcomes = {(h.turn, h.label): w.outcome for w in report.closing.windows for h in w.evidence}

    def moment(hit: Hit) -> Moment:
        name, outcome = catalogue.label(hit.label).name, outcomes.get((hit.turn, hit.label))
        return Moment(round(hit.start, 2), name, round(hit.score, 3), hit.quote, hit.turn, outcome)

    deciding = content.deciding_window(report)
    proposals = [h for h in report.hits if catalogue.label(h.label).kind == "closing"]
    monologues = [s.longest_monologue for s in report.talk.speakers if s.role is Role.MANAGER]
    return Meeting(
        title=report.title,
        analysed=report.created,
        duration=report.conversation.duration,
        times_estimated=report.conversation.times_estimated,
        verdict=report.closing.verdict,
        reason=report.closing.reason,
        strategy=content.strategy(catalogue, deciding.advice.strategy).name if deciding else "",
        used=tuple(dict.fromkeys(content.strategy_heard(catalogue, h) for h in proposals)),
        manager_share=report.talk.manager_share,
        longest_monologue=max(monologues, default=None),
        patience=report.talk.patience,
        moments=tuple(moment(h) for h in content.signals(report, catalogue)),
        windows=tuple(
            Window(
                start=w.start,
                end=w.end,
                outcome=w.outcome,
                strategy=content.strategy(catalogue, w.advice.strategy).name,
                line=w.advice.line,
                waited=w.seconds_to_proposal,
                evidence=tuple(moment(h) for h in w.evidence),
            )
            for w in report.closing.windows
        ),
        notices=tuple(n.message for n in report.warnings),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting with what is known of it. `folder` is where its report lies, below the output folder."""

    name: str
    folder: str
    details: Details
    meeting: Meeting


@dataclass(frozen=True, slots=True)
class Failure:
    """What was not done, why, and what the user can do about it. Chinese."""

    name: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a folder."""

    entries: tuple[Entry, ...]
    """Missed closings first, then the newest first."""
    failures: tuple[Failure, ...]
    new: int
    """Analysed just now."""
    known: int
    """Analysed before, and still as they were."""
    passed_over: tuple[Failure, ...]
    """Left out on purpose: copies, and transcripts of recordings."""


_URGENCY = (Verdict.MISSED, Verdict.PROPOSE_NOW, Verdict.NOT_YET, Verdict.TAKEN)


def most_urgent_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Missed closings first; within a verdict the newest first, those without a date last."""

    def rank(entry: Entry) -> tuple[int, int, str]:
        day = entry.details.met_on
        return _URGENCY.index(entry.meeting.verdict), -day.toordinal() if day else 0, entry.name

    return tuple(sorted(entries, key=rank))
