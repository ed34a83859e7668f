"""From the hits of a meeting to when and how to propose the deal."""

from __future__ import annotations

from collections.abc import Sequence

from signals.closing.advice import advise
from signals.closing.moment import Moment, moment_at
from signals.closing.objections import Objection, follow_objections, is_strong
from signals.closing.options import ClosingOptions
from signals.closing.readiness import ReadinessCurve, sample
from signals.closing.stages import judge_stages
from signals.closing.talk import Talk
from signals.closing.verdict import Judged, next_steps, reason, verdict
from signals.closing.windows import Window, find_windows
from signals.domain.catalogue import Catalogue
from signals.domain.closing import ClosingAnalysis, ClosingWindow, ReadinessPoint, StrategyAdvice, WindowOutcome
from signals.domain.conversation import Conversation
from signals.domain.tags import Hit

VERSION = "1"


def analyse(
    conversation: Conversation, hits: Sequence[Hit], catalogue: Catalogue, options: ClosingOptions | None = None
) -> ClosingAnalysis:
    """Readiness over time, closing windows with advice, stages of the buyer's mind, verdict and next steps.

    Pure and deterministic; the order of `hits` does not matter. Buying signals and objections count only from turns
    whose role is customer, closing attempts only from the manager's. Without roles, customers or hits the verdict is
    NOT_YET and says why. Raises `CatalogueError` for a label that the catalogue does not have.
    """
    options = options or ClosingOptions()
    talk = Talk(conversation, hits, catalogue)
    objections = follow_objections(talk, options)
    curve = ReadinessCurve(talk.signals, objections, options)
    found = find_windows(talk, curve, objections, options)
    points = sample(curve, talk, objections, options.max_points)
    moments = tuple(_moment(window, curve, talk, objections, options) for window in found.windows)
    advice = tuple(advise(moment) for moment in moments)
    judged = Judged(talk, curve, found.windows, advice, moments, objections, options)
    return ClosingAnalysis(
        verdict=verdict(judged),
        reason=reason(judged),
        readiness=points,
        threshold=options.open_at,
        windows=tuple(_window(w, a, curve) for w, a in zip(found.windows, advice, strict=True)),
        premature=found.premature,
        stages=judge_stages(talk, found.windows),
        next_steps=next_steps(judged),
        open_objections=tuple(e.hit for e in judged.open_objections),
    )


def _moment(
    window: Window, curve: ReadinessCurve, talk: Talk, objections: Sequence[Objection], options: ClosingOptions
) -> Moment:
    """When the advice is given: just before the manager's own proposal, or when the customer took a proposal that had
    come before every signal; at the end of what is still open; of what was missed, when the customer last said
    something strong, else at the peak."""
    if window.outcome is WindowOutcome.TAKEN and window.proposal is not None:
        time = min(window.end, max(window.start, window.proposal.hit.start))
        time = max(time, window.signals[0].time)
    elif window.outcome is WindowOutcome.OPEN:
        time = window.end
    else:
        strong = [e.time for e in window.signals if is_strong(e, options) and e.time >= window.start]
        time = max(strong, default=_peak(window, curve).time)
    signals = [e for e in window.signals if e.time <= time]
    return moment_at(time, curve.at(time), signals, talk, objections, options)


def _window(window: Window, advice: StrategyAdvice, curve: ReadinessCurve) -> ClosingWindow:
    strongest = sorted(window.signals, key=lambda e: (-e.strength, e.time, e.position, e.label.id))
    return ClosingWindow(
        start=window.start,
        end=window.end,
        peak=_peak(window, curve),
        outcome=window.outcome,
        evidence=tuple(e.hit for e in strongest),
        advice=advice,
        proposal=window.proposal.hit if window.proposal else None,
    )


def _peak(window: Window, curve: ReadinessCurve) -> ReadinessPoint:
    """Highest readiness of the window; it lies at a signal or where an objection was settled, looked at signal by
    signal. The latest of equals."""
    times = [window.start, *(e.time for e in window.signals if window.start <= e.time <= window.end)]
    best = max(times, key=lambda t: (round(curve.at(t), 9), t))
    return ReadinessPoint(best, round(curve.at(best), 4))
