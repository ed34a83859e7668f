"""Tags all history anew from stored words, after the model, a threshold or the catalogue has changed.

Nothing is heard again. Corrections lie over the new result as they lay over the old one. Meetings are tagged outside of any
transaction, so that the service goes on beside it; each is then kept in a short one of its own and is known by its tagger's
version, so that work that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from signals.corrected import correct, judged_anew, judged_by
from signals.domain.catalogue import Catalogue
from signals.domain.corrections import CHANGE, Numbered
from signals.domain.protocols import Tagger
from signals.domain.report import REPORT_JSON, Report
from signals.domain.tags import KeptVectors
from signals.store import overlay
from signals.store import retag as store
from signals.store.database import Database
from signals.store.index import index_meeting
from signals.store.models import Meeting, now
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

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Outcome:
        """The outcome that `plain` made this of; {} is one of nothing."""
        return Outcome(
            plain.get("meetings", 0),
            {k: LabelChange(**v) for k, v in plain.get("labels", {}).items()},
            Counter({(old, new): count for old, new, count in plain.get("verdicts", ())}),
        )

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "meetings": self.meetings,
            "labels": {k: dict(vars(v)) for k, v in sorted(self.labels.items())},
            "verdicts": [[old, new, count] for (old, new), count in sorted(self.verdicts.items())],
        }


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A meeting's report as it was read, and as it is now."""

    meeting_id: str
    document: str
    old: Report
    new: Report
    vectors: KeptVectors | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to tag and whom to tell."""

    everything: bool = False
    """Also what this tagger has tagged already."""
    write: bool = True
    """False only says what would change."""
    outcome: Outcome = field(default_factory=Outcome)
    """Counts go on from here, where work is resumed."""
    tell: Callable[[int, int], None] = lambda _, __: None
    """Is told how many of how many meetings are done; may raise to stop."""
    keep: Callable[[Session, Outcome], None] = lambda _, __: None
    """Is given the outcome in the transaction that keeps a meeting; may raise to stop, and the meeting is not kept."""


def retag(database: Database, tagger: Tagger, catalogue: Catalogue, options: Options) -> Outcome:
    """Tags anew what was tagged or judged by other means than these."""
    outcome, version = options.outcome, judged_by(tagger, catalogue)
    with database.session() as session:
        waiting = store.stale(session, version, everything=options.everything)
    for begin in range(0, len(waiting), _BATCH):
        options.tell(begin, len(waiting))
        for tagged in _batch(database, waiting[begin : begin + _BATCH], tagger, catalogue):
            if not options.write:
                outcome.add(tagged.old, tagged.new)
                continue
            with database.session() as session:
                if _keep(session, tagged, tagger, catalogue, version):
                    outcome.add(tagged.old, tagged.new)
                    options.keep(session, outcome)
    options.tell(len(waiting), len(waiting))
    return outcome


def _batch(database: Database, ids: Sequence[str], tagger: Tagger, catalogue: Catalogue) -> Iterator[_Tagged]:
    with database.session() as session:
        rows = [
            (stored.meeting_id, stored.document, KeptVectors(v.encoder, v.vectors) if v else None)
            for stored, v in store.reports(session, ids)
        ]
    old = [REPORT_JSON.validate_json(document) for _, document, _ in rows]
    found = tagger.tag_again([r.conversation for r in old], [r.hits for r in old], [kept for _, _, kept in rows])
    for (id, document, kept), report, (hits, vectors) in zip(rows, old, found, strict=True):
        yield _Tagged(id, document, report, judged_anew(report, hits, catalogue), None if vectors == kept else vectors)


def _keep(session: Session, tagged: _Tagged, tagger: Tagger, catalogue: Catalogue, version: str) -> bool:
    """False, and nothing kept, where the meeting was deleted or analysed anew in the meantime."""
    overlay.hold(session, tagged.meeting_id)
    meeting, stored = session.get(Meeting, tagged.meeting_id), session.get(StoredReport, tagged.meeting_id)
    if meeting is None or stored is None or stored.document != tagged.document:
        return False
    changes = [Numbered(c.id, CHANGE.validate_python(c.change)) for c in overlay.corrections(session, meeting.id)]
    view = correct(replace(tagged.new, title=meeting.title), changes, catalogue, lambda: tagger)
    stored.document, stored.made_at = REPORT_JSON.dump_json(tagged.new).decode(), now()
    stored.verdict = view.report.closing.verdict.value
    stored.signals = sum(catalogue.label(h.label).is_signal for h in view.report.hits)
    store.keep_vectors(session, meeting.id, tagged.vectors)
    rejected = [m.hit for m in view.hits if m.status == "rejected"]
    words = None if store.has_turns(session, meeting.id) else _words(view.report, tagger)
    index_meeting(session, meeting, view.report, catalogue, words, version, rejected)
    return True


def _words(report: Report, tagger: Tagger) -> list[str]:
    return tagger.search_words([t.text for t in report.conversation.turns])
