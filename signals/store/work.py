"""What a worker writes: its claim on a meeting, progress, results, errors, and its own sign of life.

Every write asks whether the claim is still the worker's. A worker that was taken for dead and comes back finds that it
is not, and stops; so no meeting is finished twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CursorResult, Update, or_, select, update
from sqlalchemy.orm import Session

from signals.domain.errors import SignalsError
from signals.store.models import Meeting, MeetingKind, Report, StageResult, Status, Worker, now


class ClaimLost(Exception):
    """The meeting was deleted or is another worker's now."""


class CancelRequested(Exception):
    """The user asked to stop."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to know of a meeting."""

    meeting_id: str
    claim: str
    kind: MeetingKind
    file_name: str
    title: str
    speakers: int | None
    manager_channel: int | None
    met_on: date | None


def undispatched(session: Session) -> list[tuple[str, int]]:
    """Meetings (id, attempt) that wait and have not been handed to the queue, oldest first."""
    query = select(Meeting.id, Meeting.attempt).where(Meeting.status == Status.QUEUED, Meeting.dispatched.is_(False))
    return [(id, attempt) for id, attempt in session.execute(query.order_by(Meeting.created_at))]


def mark_dispatched(session: Session, meeting_id: str, attempt: int) -> None:
    session.execute(update(Meeting).where(Meeting.id == meeting_id, Meeting.attempt == attempt).values(dispatched=True))


def claim(session: Session, meeting_id: str, attempt: int, claim: str) -> Task | None:
    """Takes the meeting. None when there is nothing to do: deleted, cancelled, done, or another attempt runs."""
    meeting = session.get(Meeting, meeting_id, with_for_update={"of": Meeting})
    if meeting is None or meeting.attempt != attempt or meeting.status not in (Status.QUEUED, Status.RUNNING):
        return None
    if meeting.cancel_requested:
        meeting.status, meeting.finished_at = Status.CANCELLED, now()
        return None
    meeting.status, meeting.claim = Status.RUNNING, claim
    meeting.started_at = meeting.started_at or now()
    return Task(
        meeting.id,
        claim,
        meeting.kind,
        meeting.file_name,
        meeting.title,
        meeting.speakers,
        meeting.manager_channel,
        meeting.met_on,
    )


def report_progress(session: Session, task: Task, stage: str, progress: float, seconds_left: float | None) -> None:
    """Raises `ClaimLost` or `CancelRequested`."""
    _update(session, task, stage=stage, progress=min(1.0, max(0.0, progress)), seconds_left=seconds_left)
    if session.scalar(select(Meeting.cancel_requested).where(Meeting.id == task.meeting_id)):
        raise CancelRequested


def saved_stages(session: Session, meeting_id: str) -> dict[str, str]:
    """Documents of the stages that are done, by name."""
    rows = session.execute(select(StageResult.stage, StageResult.document).where(StageResult.meeting_id == meeting_id))
    return {row.stage: row.document for row in rows}


def save_stage(session: Session, task: Task, stage: str, document: str) -> None:
    """Keeps what a stage made. Raises `ClaimLost`."""
    _update(session, task)
    found = session.get(StageResult, (task.meeting_id, stage))
    if found is None:
        row = StageResult(meeting_id=task.meeting_id, stage=stage, document=document, made_by=task.claim)
        session.add(row)
    elif found.document != document:
        found.document, found.made_by, found.made_at = document, task.claim, now()


def save_report(session: Session, task: Task, document: str, *, verdict: str, signals: int, duration: float) -> None:
    """Keeps the machine's report; one made earlier for this meeting is replaced. Raises `ClaimLost`."""
    _update(session, task, duration=duration)
    session.merge(
        Report(meeting_id=task.meeting_id, document=document, verdict=verdict, signals=signals, made_at=now())
    )


def finish(session: Session, task: Task) -> None:
    """The meeting is done. Raises `ClaimLost`."""
    _update(session, task, status=Status.DONE, progress=1.0, seconds_left=0.0, finished_at=now(), stage="")


def fail(session: Session, task: Task, error: SignalsError) -> None:
    """The meeting failed, with what happened and what to do. Raises `ClaimLost`."""
    _update(
        session,
        task,
        status=Status.FAILED,
        finished_at=now(),
        seconds_left=None,
        error_code=error.code[:60],
        error_message=error.message[:300],
        error_remedy=error.remedy[:300],
    )


def give_up(session: Session, meeting_id: str, attempt: int, error: SignalsError) -> None:
    """The meeting failed before anybody had claimed it."""
    session.execute(
        update(Meeting)
        .where(
            Meeting.id == meeting_id, Meeting.attempt == attempt, Meeting.status.in_([Status.QUEUED, Status.RUNNING])
        )
        .values(
            status=Status.FAILED,
            finished_at=now(),
            error_code=error.code,
            error_message=error.message,
            error_remedy=error.remedy,
        )
    )


def cancel(session: Session, task: Task) -> None:
    """The work stopped as the user asked. Raises `ClaimLost`."""
    _update(session, task, status=Status.CANCELLED, finished_at=now(), seconds_left=None, cancel_requested=False)


def beat(session: Session, worker_id: str, host: str) -> None:
    """A sign of life. A worker that had been taken over is entered anew."""
    worker = session.get(Worker, worker_id)
    if worker is None:
        session.add(Worker(id=worker_id, host=host[:120]))
    else:
        worker.seen_at, worker.taken_over_by = now(), ""


def retire(session: Session, worker_id: str) -> None:
    """The worker ends in good order; its unfinished work is free to be taken over at once."""
    session.execute(update(Worker).where(Worker.id == worker_id).values(seen_at=datetime(2000, 1, 1).astimezone()))


def elect_to_take_over(session: Session, me: str, silent: timedelta) -> list[str]:
    """Workers that were silent for so long and that nobody else takes over: one conditional UPDATE decides who does."""
    before = now() - silent
    gone = select(Worker.id).where(Worker.seen_at < before, Worker.id != me)
    mine = []
    for id in session.scalars(gone).all():
        won = session.execute(
            update(Worker)
            .where(Worker.id == id, Worker.seen_at < before)
            .where(or_(Worker.taken_over_by == "", Worker.taken_over_by.in_(gone), Worker.taken_over_by == me))
            .values(taken_over_by=me)
        )
        if _rows(won):
            mine.append(id)
    return mine


def forget_worker(session: Session, worker_id: str, me: str, silent: timedelta) -> None:
    """Removes a worker whose work was taken over, unless it came back in the meantime."""
    worker = session.get(Worker, worker_id)
    if worker is not None and worker.taken_over_by == me and worker.seen_at < now() - silent:
        session.delete(worker)


def _update(session: Session, task: Task, **values: object) -> None:
    """Changes the meeting if it is still this worker's."""
    change: Update = (
        update(Meeting)
        .where(Meeting.id == task.meeting_id, Meeting.claim == task.claim, Meeting.status == Status.RUNNING)
        .values(values or {"claim": task.claim})
        .execution_options(synchronize_session=False)
    )
    if not _rows(session.execute(change)):
        raise ClaimLost


def _rows(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
