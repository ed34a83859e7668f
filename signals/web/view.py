"""The effective view of a meeting for pages and programs, and corrections on it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from signals.corrected import Corrected, check, correct
from signals.domain.corrections import CHANGE, Change, Numbered
from signals.domain.report import REPORT_JSON
from signals.report import JsonReport, wording
from signals.store import overlay
from signals.store.access import ACTIONS, may
from signals.store.audit import record
from signals.store.index import index_meeting
from signals.store.models import Correction, Meeting, MeetingKind
from signals.web.access import Caller
from signals.web.described import described
from signals.web.service import Service

_KEPT = 16
_OF_HITS = frozenset({"judge_hit", "change_hit", "add_hit", "observe"})
"""Kinds of changes that leave words and speakers as they are."""


@dataclass
class Views:
    """Makes effective views and keeps the latest few: a page asks for the same one several times."""

    service: Service

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._made: OrderedDict[tuple[object, ...], Corrected] = OrderedDict()

    @cached_property
    def writer(self) -> JsonReport:
        return JsonReport(self.service.catalogue)

    def corrected(self, session: Session, meeting: Meeting) -> Corrected:
        """The machine's report with the corrections that stand. Raises `RequestError` while there is no report."""
        stored = overlay.machine_report(session, meeting)
        standing = overlay.corrections(session, meeting.id)
        key = (meeting.id, stored.made_at, meeting.title, *(c.id for c in standing))
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        changes = [Numbered(c.id, CHANGE.validate_python(c.change)) for c in standing]
        made = self._make(stored.document, meeting.title, changes)
        with self._lock:
            self._made[key] = made
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return made

    def _make(self, document: str, title: str, changes: list[Numbered]) -> Corrected:
        from dataclasses import replace

        machine = replace(REPORT_JSON.validate_json(document), title=title)
        return correct(machine, changes, self.service.catalogue, self.service.load_tagger)

    def add(self, session: Session, meeting: Meeting, caller: Caller, change: Change) -> Correction:
        """Keeps a correction that has an effect. Raises `RequestError` for one that has none."""
        overlay.hold(session, meeting.id)
        check(change, self.corrected(session, meeting), self.service.catalogue)
        made = overlay.add_correction(session, meeting, caller.user, change.model_dump(mode="json"))
        record(session, caller.user, "correct", meeting, detail=change.kind, address=caller.address)
        self._refresh(session, meeting, change.kind)
        return made

    def undo(self, session: Session, meeting: Meeting, caller: Caller, id: int | None) -> Correction:
        """Takes back one correction, or the latest."""
        overlay.hold(session, meeting.id)
        undone = overlay.undo(session, meeting, caller.user, id)
        record(session, caller.user, "undo", meeting, detail=str(undone.change.get("kind", "")), address=caller.address)
        session.flush()
        self._refresh(session, meeting, str(undone.change.get("kind", "")))
        return undone

    def _refresh(self, session: Session, meeting: Meeting, kind: str) -> None:
        """The list and the workbench show what the corrected report says. `kind` is the change's: some leave the turns alone."""
        session.flush()
        view = self.corrected(session, meeting)
        stored = overlay.machine_report(session, meeting)
        stored.verdict = view.report.closing.verdict.value
        stored.signals = sum(self.service.catalogue.label(h.label).is_signal for h in view.report.hits)
        turns = [t.text for t in view.report.conversation.turns]
        words = None if kind in _OF_HITS else self.service.load_tagger().search_words(turns)
        rejected = [m.hit for m in view.hits if m.status == "rejected"]
        index_meeting(session, meeting, view.report, self.service.catalogue, words, rejected=rejected)

    def document(self, session: Session, meeting: Meeting, caller: Caller) -> dict[str, Any]:
        """Everything that the report page shows (docs/service.md, "The view")."""
        view = self.corrected(session, meeting)
        history = overlay.corrections(session, meeting.id, undone=True)
        sound = f"/api/v1/meetings/{meeting.id}"
        return {
            "meeting": described(meeting),
            "may": {action: may(caller.user, action, meeting) for action in ACTIONS},
            "audio": {"url": f"{sound}/audio", "peaks_url": f"{sound}/peaks"}
            if meeting.kind is MeetingKind.RECORDING
            else None,
            "report": self.writer.document(view.report),
            "hits": [self._hit(m) for m in view.hits],
            "corrections": [_correction(c) for c in history],
            "catalogue": self._catalogue(),
        }

    def _hit(self, marked: Any) -> dict[str, Any]:
        return self.writer.hit(marked.hit) | {
            "status": marked.status,
            "status_name": HIT_STATUS[marked.status],
            "machine_score": marked.machine_score,
            "correction": marked.correction,
            "note": marked.note,
        }

    def _catalogue(self) -> dict[str, Any]:
        return {
            "labels": [
                {
                    "id": x.id, "name": x.name, "kind": x.kind, "kind_name": wording.KIND[x.kind], "said_by": x.speaker,
                    "meaning": x.meaning, "action": x.action, "audible": x.audible, "weight": x.weight,
                }
                for x in self.service.catalogue.labels
            ],
            "strategies": [{"id": s.id, "name": s.name, "when": s.when} for s in self.service.catalogue.strategies],
            "stages": [
                {"number": s.number, "name": s.name, "phase": s.phase, "meaning": s.meaning}
                for s in self.service.catalogue.stages
            ],
        }  # fmt: skip


HIT_STATUS = {
    "machine": "模型判断",
    "confirmed": "已确认",
    "added": "人工添加",
    "changed": "人工改正",
    "observed": "现场看到",
    "rejected": "已否定",
}


def _correction(correction: Correction) -> dict[str, Any]:
    return {
        "id": correction.id,
        "change": correction.change,
        "by": correction.user.name,
        "at": correction.made_at.isoformat(),
        "undone": correction.undone_at is not None,
    }
