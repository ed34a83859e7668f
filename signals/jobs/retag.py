"""Tags all history anew from stored words, after the model, a threshold or the catalogue has changed.

Nothing is heard again. Corrections lie over the new result as they lay over the old one. Each meeting is a transaction of
its own and is known by its tagger's version, so that work that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from signals.corrected import correct, judged_anew
from signals.domain.catalogue import Catalogue
from signals.domain.corrections import CHANGE, Numbered
from signals.domain.protocols import Tagger
from signals.domain.report import REPORT_JSON, Report
from signals.domain.tags import KeptVectors
from signals.store import overlay
from signals.store import retag as store
from signals.store.database import Database
from signals.store.index import index_meeting
from signals.store.models import Meeting
from signals.store.models import Report as StoredReport

_BATCH = 20
"""Meetings that are tagged together."""


@dataclass
class LabelChange:
    """One label before and after: hits in all, and those that came or went."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


@dataclass
class Outcome:
    """What a run changed, or would change. `verdicts`: how often a verdict became another, by old and new."""

    meetings: int = 0
    labels: dict[str, LabelChange] = field(default_factory=dict)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, old: Report, new: Report) -> None:
        """Counts a meeting."""
        self.meetings += 1
        before, after = {(h.turn, h.label) for h in old.hits}, {(h.turn, h.label) for h in new.hits}
        for _, label in before | after:
            self.labels.setdefault(label, LabelChange())
        for found, name in ((before, "before"), (after, "after"), (after - before, "gained"), (before - after, "lost")):
            for label, count in Counter(label for _, label in found).items():
                change = self.labels[label]
                setattr(change, name, getattr(change, name) + count)
        if old.closing.verdict is not new.closing.verdict:
            self.verdicts[old.closing.verdict.value, new.closing.verdict.value] += 1

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "meetings": self.meetings,
            "labels": {k: vars(v) for k, v in sorted(self.labels.items())},
            "verdicts": [[old, new, count] for (old, new), count in sorted(self.verdicts.items())],
        }


def retag(
    database: Database,
    tagger: Tagger,
    catalogue: Catalogue,
    *,
    everything: bool = False,
    write: bool = True,
    tell: Callable[[int, int], None] = lambda _, __: None,
) -> Outcome:
    """Tags what an earlier tagger has tagged, or `everything`; without `write` only says what would change.

    `tell` is told how many of how many meetings are done, and may raise to stop.
    """
    outcome = Outcome()
    with database.session() as session:
        waiting = store.stale(session, tagger.description, everything=everything)
    for begin in range(0, len(waiting), _BATCH):
        tell(begin, len(waiting))
        with database.session() as session:
            _batch(session, waiting[begin : begin + _BATCH], tagger, catalogue, write, outcome)
    tell(len(waiting), len(waiting))
    return outcome


def _batch(
    session: Session, ids: Sequence[str], tagger: Tagger, catalogue: Catalogue, write: bool, outcome: Outcome
) -> None:
    rows = store.reports(session, ids)
    old = [REPORT_JSON.validate_json(stored.document) for stored, _, _ in rows]
    kept = [KeptVectors(v.encoder, v.vectors) if v else None for _, _, v in rows]
    found = tagger.tag_again([r.conversation for r in old], [r.hits for r in old], kept)
    for (stored, meeting, _), report, (hits, vectors) in zip(rows, old, found, strict=True):
        new = judged_anew(report, hits, catalogue)
        outcome.add(report, new)
        if write:
            _keep(session, meeting, stored, new, vectors, tagger, catalogue)


def _keep(
    session: Session,
    meeting: Meeting,
    stored: StoredReport,
    report: Report,
    vectors: KeptVectors | None,
    tagger: Tagger,
    catalogue: Catalogue,
) -> None:
    changes = [Numbered(c.id, CHANGE.validate_python(c.change)) for c in overlay.corrections(session, meeting.id)]
    view = correct(replace(report, title=meeting.title), changes, catalogue, lambda: tagger)
    stored.document = REPORT_JSON.dump_json(report).decode()
    store.keep_vectors(session, meeting.id, vectors)
    rejected = [m.hit for m in view.hits if m.status == "rejected"]
    words = None if store.has_turns(session, meeting.id) else _words(view.report, tagger)
    stored.verdict = view.report.closing.verdict.value
    stored.signals = sum(catalogue.label(h.label).is_signal for h in view.report.hits)
    index_meeting(session, meeting, view.report, catalogue, words, tagger.description, rejected)


def _words(report: Report, tagger: Tagger) -> list[str]:
    return tagger.search_words([t.text for t in report.conversation.turns])
