"""Reports that an earlier tagger has tagged, and the vectors that were kept with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from signals.domain.tags import KeptVectors
from signals.store.derived_models import Chore, Fact, SpokenTurn, TurnVectors
from signals.store.models import Meeting, Report, Status, now

RETAG = "retag"
PARTS = 1000
"""Steps in which progress is kept."""


def stale(session: Session, version: str, *, everything: bool = False) -> list[str]:
    """Finished meetings that were tagged by another version, or are in no index yet; the latest first."""
    query = (
        select(Report.meeting_id)
        .join(Meeting, Meeting.id == Report.meeting_id)
        .outerjoin(Fact, Fact.meeting_id == Report.meeting_id)
        .where(Meeting.status == Status.DONE)
    )
    if not everything:
        query = query.where(or_(Fact.tagger.is_(None), Fact.tagger != version))
    return list(session.scalars(query.order_by(Meeting.created_at.desc(), Meeting.id)))


def reports(session: Session, ids: Sequence[str]) -> list[tuple[Report, TurnVectors | None]]:
    """Those of the reports that are still there, with their kept vectors."""
    query = (
        select(Report, TurnVectors)
        .outerjoin(TurnVectors, TurnVectors.meeting_id == Report.meeting_id)
        .where(Report.meeting_id.in_(ids))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def keep_vectors(session: Session, meeting_id: str, kept: KeptVectors | None) -> None:
    """In place of those that were kept before."""
    if kept is not None:
        session.merge(TurnVectors(meeting_id=meeting_id, encoder=kept.encoder, vectors=kept.data))


def has_turns(session: Session, meeting_id: str) -> bool:
    """Whether the meeting can be found by search already."""
    return session.scalar(select(SpokenTurn.id).where(SpokenTurn.meeting_id == meeting_id).limit(1)) is not None


def ask(session: Session, user_id: int) -> Chore:
    """Asks a worker to tag all history anew; one that is asked already is not asked twice."""
    found = latest(session)
    if found is not None and found.finished_at is None:
        return found
    chore = Chore(name=RETAG, user_id=user_id)
    session.add(chore)
    session.flush()
    return chore


def latest(session: Session) -> Chore | None:
    """The last time that it was asked for."""
    return session.scalars(select(Chore).where(Chore.name == RETAG).order_by(Chore.id.desc()).limit(1)).first()


class Taken(Exception):
    """Another worker does the chore now."""


def take(session: Session, worker: str, silence: timedelta) -> int | None:
    """The chore that this worker is to do: one conditional UPDATE decides. None when there is none."""
    free = or_(Chore.seen_at.is_(None), Chore.seen_at < now() - silence)
    for id in session.scalars(select(Chore.id).where(Chore.finished_at.is_(None), free)).all():
        won = session.execute(
            update(Chore)
            .where(Chore.id == id, Chore.finished_at.is_(None), free)
            .values(claim=worker, seen_at=now(), total=PARTS)
            .execution_options(synchronize_session=False)
        )
        if isinstance(won, CursorResult) and won.rowcount:
            return id
    return None


def tell(session: Session, chore_id: int, worker: str, done: float) -> None:
    """How far a chore is, 0..1. Raises `Taken`."""
    _update(session, chore_id, worker, done=int(done * PARTS), seen_at=now())


def result(session: Session, chore_id: int) -> dict[str, Any]:
    """What a chore has come to so far, also by a worker that died over it."""
    return session.get_one(Chore, chore_id).result


def keep_result(session: Session, chore_id: int, worker: str, result: dict[str, Any]) -> None:
    """What a chore has come to so far. Raises `Taken`."""
    _update(session, chore_id, worker, result=result)


def finish(session: Session, chore_id: int, worker: str, *, failed: bool = False) -> None:
    """A chore is over. Raises `Taken`."""
    if failed:
        keep_result(session, chore_id, worker, result(session, chore_id) | {"failed": True})
    _update(session, chore_id, worker, finished_at=now(), done=PARTS)


def _update(session: Session, chore_id: int, worker: str, **values: object) -> None:
    told = session.execute(
        update(Chore)
        .where(Chore.id == chore_id, Chore.claim == worker, Chore.finished_at.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if not (isinstance(told, CursorResult) and told.rowcount):
        raise Taken
