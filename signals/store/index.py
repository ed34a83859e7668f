"""Rows derived from a meeting's effective report: what the workbench counts, queues and searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from signals.domain.catalogue import Catalogue
from signals.domain.closing import ClosingWindow, WindowOutcome
from signals.domain.conversation import Role, Turn
from signals.domain.report import Report
from signals.domain.tags import Hit
from signals.store.derived_models import Fact, LabelCount, Moment, MomentKind, SpokenTurn
from signals.store.models import Meeting
from signals.store.review_models import Decision, Review

MISSED, DISPUTED, UNSURE, SIGNAL, NO_NEED, DECIDED = 0, 1, 2, 3, 8, 9
"""Ranks of the coach's queue: missed closings, disputed moments, unsure ones, other signals, what nobody need hear, and
what is decided."""
_RANK = 10_000_000
"""More than there are days."""
_UNSURE = 0.15
"""A score so little above its threshold may well be wrong."""
_QUOTE = 140
_OUTCOME = {
    WindowOutcome.MISSED: MomentKind.MISSED,
    WindowOutcome.TAKEN: MomentKind.TAKEN,
    WindowOutcome.OPEN: MomentKind.OPEN,
}
_WARNED = frozenset({"over_promise", "taboo"})
"""What a manager said that a coach must hear."""


def index_meeting(
    session: Session,
    meeting: Meeting,
    report: Report,
    catalogue: Catalogue,
    words: Sequence[str] | None,
    tagger: str | None = None,
    rejected: Sequence[Hit] = (),
) -> None:
    """Makes the meeting's derived rows anew. `words`: each turn's text cut into words, one a turn, joined by spaces; None
    leaves the turns as they are, where only what was made of them has changed.

    `tagger` is the version of what judged the machine's report; None where the machine's report is the one it was.
    `rejected` hits are no part of the effective report: they count nowhere, but stay moments that can be taken back.
    """
    if tagger is None:
        tagger = session.scalar(select(Fact.tagger).where(Fact.meeting_id == meeting.id)) or ""
    for table in (Fact, LabelCount, Moment, *(() if words is None else (SpokenTurn,))):
        session.execute(delete(table).where(table.meeting_id == meeting.id))
    day = day_of(meeting)
    place = {"meeting_id": meeting.id, "owner_id": meeting.owner_id, "unit_id": meeting.unit_id, "day": day}
    session.execute(insert(Fact), [place | _facts(meeting, report, catalogue) | {"tagger": tagger}])
    counts = Counter(hit.label for hit in report.hits)
    _insert(session, LabelCount, [place | {"label": label, "count": count} for label, count in counts.items()])
    decided = {
        (r.kind, r.label, r.turn): r for r in session.scalars(select(Review).where(Review.meeting_id == meeting.id))
    }
    rows = []
    for hit in rejected:
        moment = _hit(MomentKind.HIT, hit) | {"decision": Decision.REJECTED, "place": place_of(DECIDED, day)}
        rows.append(place | {"client": meeting.client, "disputed": False} | moment)
    for moment in _moments(report):
        review = decided.get((moment["kind"], moment["label"], moment["turn"]))
        moment["decision"] = review.decision.value if review and review.decision else ""
        moment["disputed"] = bool(review and review.disputed)
        moment["place"] = place_of(rank(moment, catalogue), day)
        rows.append(place | {"client": meeting.client} | moment)
    _insert(session, Moment, rows)
    if words is not None:
        _insert(session, SpokenTurn, list(_turns(meeting.id, report.conversation.turns, words)))


def follow_details(session: Session, meeting: Meeting) -> None:
    """The derived rows say of client and day what the meeting says now."""
    kind = meeting.client_kind.value if meeting.client_kind else ""
    day = {"day": day_of(meeting)}
    before = session.scalar(select(Fact.day).where(Fact.meeting_id == meeting.id))
    later = (day["day"] - before).days if before else 0
    for table, values in (
        (Fact, day | {"client": meeting.client, "client_kind": kind}),
        (LabelCount, day),
        (Moment, day | {"client": meeting.client, "place": Moment.place - later}),
    ):
        session.execute(update(table).where(table.meeting_id == meeting.id).values(values))


def day_of(meeting: Meeting) -> date:
    """When the meeting was, or when it was uploaded where nobody said."""
    return meeting.met_on or meeting.created_at.astimezone().date()


def place_of(rank: int, day: date) -> int:
    """One number to order the queue by: rank first, then the latest day."""
    return rank * _RANK - day.toordinal()


def places(first: int, last: int) -> tuple[int, int]:
    """The lowest and highest place of the ranks `first`..`last`."""
    return (first - 1) * _RANK + 1, last * _RANK


def rank(moment: dict[str, Any], catalogue: Catalogue) -> int:
    """Place in the coach's queue of a moment with `kind`, `label`, `margin`, `decision` and `disputed`."""
    if moment["disputed"]:
        return DISPUTED
    if moment["decision"]:
        return DECIDED
    if moment["kind"] is MomentKind.MISSED:
        return MISSED
    if moment["kind"] is not MomentKind.HIT:
        return SIGNAL
    label = catalogue.label(moment["label"])
    if not (label.is_signal or label.kind in ("objection", "closing") or label.id in _WARNED):
        return NO_NEED
    return UNSURE if moment["margin"] < _UNSURE else SIGNAL


def _facts(meeting: Meeting, report: Report, catalogue: Catalogue) -> dict[str, Any]:
    outcomes = Counter(w.outcome for w in report.closing.windows)
    reactions = [w.seconds_to_proposal for w in report.closing.windows if w.seconds_to_proposal is not None]
    managers = [s for s in report.talk.speakers if s.role is Role.MANAGER]
    kinds = [catalogue.label(h.label) for h in report.hits]
    return {
        "client": meeting.client,
        "client_kind": meeting.client_kind.value if meeting.client_kind else "",
        "seconds": report.conversation.duration,
        "verdict": report.closing.verdict.value,
        "signals": sum(k.is_signal for k in kinds),
        "objections": sum(k.kind == "objection" for k in kinds),
        "windows_taken": outcomes[WindowOutcome.TAKEN],
        "windows_missed": outcomes[WindowOutcome.MISSED],
        "windows_open": outcomes[WindowOutcome.OPEN],
        "premature": len(report.closing.premature),
        "reaction": reactions[0] if reactions else None,
        "manager_share": report.talk.manager_share,
        "manager_monologue": max((s.longest_monologue for s in managers), default=None),
        "patience": report.talk.patience,
        "customer_turns": sum(t.role is Role.CUSTOMER for t in report.conversation.turns),
    }


def _moments(report: Report) -> Iterator[dict[str, Any]]:
    turns = report.conversation.turns
    for hit in report.hits:
        yield _hit(MomentKind.HIT, hit)
    for window in report.closing.windows:
        yield _window(window, turns)
    for early in report.closing.premature:
        yield _hit(MomentKind.PREMATURE, early.proposal) | {"score": early.readiness, "margin": 0.0}


def _hit(kind: MomentKind, hit: Hit) -> dict[str, Any]:
    return {
        "kind": kind,
        "label": hit.label,
        "turn": hit.turn,
        "start": hit.start,
        "end": hit.end,
        "score": hit.score,
        "margin": hit.score - hit.threshold,
        "quote": hit.quote[:_QUOTE],
    }


def _window(window: ClosingWindow, turns: Sequence[Turn]) -> dict[str, Any]:
    """From the words that say most for it, which is where a listener wants to begin."""
    strongest = window.evidence[0] if window.evidence else None
    return {
        "kind": _OUTCOME[window.outcome],
        "label": window.advice.strategy,
        "turn": strongest.turn if strongest else next((t.index for t in turns if t.end >= window.start), 0),
        "start": strongest.start if strongest else window.start,
        "end": window.end,
        "score": window.peak.value,
        "margin": 0.0,
        "quote": strongest.quote[:_QUOTE] if strongest else "",
    }


def _turns(meeting_id: str, turns: Sequence[Turn], words: Sequence[str]) -> Iterator[dict[str, Any]]:
    for turn, cut in zip(turns, words, strict=True):
        yield {
            "meeting_id": meeting_id,
            "turn": turn.index,
            "role": turn.role.value,
            "speaker": turn.speaker[:60],
            "start": turn.start,
            "end": turn.end,
            "text": turn.text,
            "words": cut,
        }


def _insert(session: Session, table: type[LabelCount | Moment | SpokenTurn], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)
