"""The stage of the buyer's mind, judged stretch by stretch.

The deck names the eight stages and the three phases they belong to; it does not say which words show which stage. The
mapping below is our judgement, and so are the costs of the path: the mind tends forward, step by step, and falls back
mostly after an objection. The path of least cost through all of the customer's hits (Viterbi) gives few changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from signals.closing.talk import ACCEPTING, Event, Talk
from signals.closing.windows import Window
from signals.domain.closing import StageSpan

SHOWS = {
    "interest": 2,
    "product_question": 2,
    "detail_service": 3,
    "usage_question": 3,
    "early_repayment": 3,
    "detail_rate": 4,
    "detail_fee": 4,
    "approval_time": 4,
    "regulatory_approval": 4,
    "materials_review": 4,
    "rate_cut": 5,
    "bargaining": 5,
    "plan_affirmation": 6,
    "detail_after_sales": 6,
    "contract_terms": 7,
    "purchase_intent": 7,
}
"""Stage that a label shows. 2 takes notice · 3 pictures the use of it · 4 wants it and weighs cost and time ·
5 compares and haggles · 6 trusts plan and bank · 7 settles clauses and steps."""
_SATISFIED = ACCEPTING | {"plan_affirmation"}
"""What shows stage 8 once the customer has agreed to a proposal; what else he asks then is about carrying it out (7)."""
_STAGES = range(1, 9)
_DOUBTFUL = 5
"""Above this stage an objection speaks against a stage more strongly."""

_PER_STEP_OFF = 1.0
_PER_STEP_AGAINST = 0.6
_PER_STEP_AGAINST_TRUST = 0.8
_CHANGE = 0.8
_PER_SQUARED_STEP_FORWARD = 0.2
"""Squared, so that one step after the other costs less than a leap."""
_PER_STEP_BACK = 1.3
_PER_STEP_BACK_AFTER_OBJECTION = 0.7
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class _Step:
    event: Event
    shows: int | None
    """None for an objection."""

    def cost(self, stage: int) -> float:
        """Of being at a stage when this was said; sure and heavy hits cost more."""
        if self.shows is None:
            trust = _PER_STEP_AGAINST_TRUST * max(0, stage - _DOUBTFUL)
            return self.event.strength * (_PER_STEP_AGAINST * (stage - 1) + trust)
        return (0.4 + self.event.strength) * _PER_STEP_OFF * abs(stage - self.shows)

    def move(self, before: int, after: int) -> float:
        """Cost of changing the stage at this hit."""
        if before == after:
            return 0.0
        if after > before:
            return _CHANGE + _PER_SQUARED_STEP_FORWARD * (after - before) ** 2
        per_step = _PER_STEP_BACK_AFTER_OBJECTION if self.shows is None else _PER_STEP_BACK
        return _CHANGE + per_step * (before - after)


def judge_stages(talk: Talk, windows: Sequence[Window]) -> tuple[StageSpan, ...]:
    """Spans from the beginning to the end of the meeting, each unlike its neighbours; none for an empty meeting.

    A meeting in which the customer shows nothing stays at stage 1.
    """
    if talk.length <= 0.0:
        return ()
    steps = _steps(talk, windows)
    spans: list[StageSpan] = []
    stage, start, reasons = 1, 0.0, list[_Step]()
    for step, following in zip(steps, _path(steps), strict=True):
        time = step.event.time
        if following != stage:
            if time > start:
                spans.append(_span(start, time, stage, reasons))
                start, reasons = time, []
            stage = following
        reasons.append(step)
    if start < talk.length:
        spans.append(_span(start, talk.length, stage, reasons))
    return _joined(spans)


def _steps(talk: Talk, windows: Sequence[Window]) -> list[_Step]:
    agreed = min((w.proposal.time for w in windows if w.accepted and w.proposal), default=None)
    yes: int | None = None
    steps = []
    for event in sorted((*talk.signals, *talk.objections), key=lambda e: (e.time, e.position, e.label.id)):
        shows = SHOWS.get(event.label.id, 3) if event.label.is_signal else None
        if shows is not None and agreed is not None and event.time > agreed:
            if yes is None and event.label.id in ACCEPTING:
                yes = event.position
            elif yes is not None and yes != event.position:
                shows = 8 if event.label.id in _SATISFIED else 7
        steps.append(_Step(event, shows))
    return steps


def _path(steps: Sequence[_Step]) -> list[int]:
    """The stage at each step on the cheapest path that begins at stage 1; of equals the lower stage."""
    costs = {stage: 0.0 if stage == 1 else float("inf") for stage in _STAGES}
    back: list[dict[int, int]] = []
    for step in steps:
        came = {s: min(_STAGES, key=lambda b, s=s: (costs[b] + step.move(b, s), b)) for s in _STAGES}  # type: ignore[misc]
        costs = {s: costs[came[s]] + step.move(came[s], s) + step.cost(s) for s in _STAGES}
        back.append(came)
    stage = min(_STAGES, key=lambda s: (costs[s], s))
    path: list[int] = []
    for came in reversed(back):
        path.append(stage)
        stage = came[stage]
    return path[::-1]


def _span(start: float, end: float, stage: int, reasons: Sequence[_Step]) -> StageSpan:
    """With the hits that show the stage best."""
    near = [r for r in reasons if r.shows is None or abs(r.shows - stage) <= 1]
    best = sorted(near, key=lambda r: (abs((r.shows or stage) - stage), -r.event.strength, r.event.time))
    return StageSpan(start, end, stage, tuple(r.event.hit for r in best[:_MOST_REASONS]))


def _joined(spans: Sequence[StageSpan]) -> tuple[StageSpan, ...]:
    joined: list[StageSpan] = []
    for span in spans:
        if joined and joined[-1].stage == span.stage:
            last = joined.pop()
            reasons = (*last.because, *span.because)[:_MOST_REASONS]
            joined.append(StageSpan(last.start, span.end, span.stage, reasons))
        else:
            joined.append(span)
    return tuple(joined)
