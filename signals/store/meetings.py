"""Meetings from upload to deletion, as the pages and the API handle them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from signals.domain.coaching import ClientKind
from signals.domain.errors import RequestError
from signals.store.access import visible_meetings
from signals.store.blobs import BlobStore
from signals.store.models import Meeting, MeetingKind, Status, Unit, User, now

ACTIVE = (Status.QUEUED, Status.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMeeting:
    """What is known of an upload when it has been stored."""

    id: str
    title: str
    client: str
    met_on: date | None
    attendees: str
    speakers: int | None
    manager_channel: int | None
    kind: MeetingKind
    file_name: str
    sha256: str
    size: int
    duration: float | None
    client_kind: ClientKind | None = None


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """One page of the list, newest first, and how many there are in all."""

    meetings: Sequence[Meeting]
    total: int


def add_meeting(session: Session, owner: User, new: NewMeeting) -> Meeting:
    """Adds a meeting that waits for work."""
    meeting = Meeting(
        id=new.id,
        owner=owner,
        unit=owner.unit,
        title=new.title[:200],
        client=new.client[:120],
        met_on=new.met_on,
        attendees=new.attendees[:300],
        speakers=new.speakers,
        manager_channel=new.manager_channel,
        kind=new.kind,
        file_name=new.file_name[:255],
        sha256=new.sha256,
        size=new.size,
        duration=new.duration,
        client_kind=new.client_kind,
    )
    session.add(meeting)
    session.flush()
    return meeting


def same_file(session: Session, owner: User, sha256: str) -> Meeting | None:
    """The owner's earlier meeting made of the same bytes."""
    query = select(Meeting).where(Meeting.owner_id == owner.id, Meeting.sha256 == sha256)
    return session.scalars(query).first()


def list_meetings(
    session: Session, user: User, *, search: str = "", status: Status | None = None, page: int = 1, size: int = 50
) -> MeetingPage:
    """What the user may see. `search` is a part of title, client, attendees or the owner's name."""
    query = visible_meetings(user)
    if status is not None:
        query = query.where(Meeting.status == status)
    if search.strip():
        word = search.strip()[:60]
        query = query.join(User, Meeting.owner_id == User.id).where(
            Meeting.title.contains(word, autoescape=True)
            | Meeting.client.contains(word, autoescape=True)
            | Meeting.attendees.contains(word, autoescape=True)
            | User.name.contains(word, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Meeting.created_at.desc(), Meeting.id).offset((page - 1) * size).limit(size)
    return MeetingPage(session.scalars(ordered).unique().all(), total)


def request_cancel(meeting: Meeting) -> None:
    """A waiting meeting is cancelled at once, a running one as soon as its worker looks. Else nothing to cancel."""
    if meeting.status is Status.QUEUED:
        meeting.status, meeting.finished_at = Status.CANCELLED, now()
    elif meeting.status is Status.RUNNING:
        meeting.cancel_requested = True
    else:
        raise RequestError("not_running", "这场会谈没有在分析，无需取消", "请刷新页面")


def prepare_retry(meeting: Meeting) -> None:
    """Makes a failed or cancelled meeting wait again; stages that are done are kept."""
    if meeting.status not in (Status.FAILED, Status.CANCELLED):
        raise RequestError("not_failed", "只有失败或已取消的会谈可以重试", "请刷新页面")
    meeting.status, meeting.attempt, meeting.dispatched = Status.QUEUED, meeting.attempt + 1, False
    meeting.cancel_requested, meeting.claim, meeting.stage = False, "", ""
    meeting.progress, meeting.seconds_left = 0.0, None
    meeting.error_code = meeting.error_message = meeting.error_remedy = ""
    meeting.started_at = meeting.finished_at = None


def delete_meeting(session: Session, meeting: Meeting, blobs: BlobStore) -> None:
    """Deletes a meeting with everything derived from it; a worker that is at it finds its claim gone and stops."""
    session.execute(delete(Meeting).where(Meeting.id == meeting.id))
    session.expunge(meeting)
    blobs.delete(blob_folder(meeting.id))


def expired_meetings(session: Session) -> list[Meeting]:
    """Finished meetings older than the days that their unit, or the nearest above it with a limit, keeps them."""
    limits = {u.id: u for u in session.scalars(select(Unit))}
    found = []
    for meeting in session.scalars(select(Meeting).where(Meeting.status.not_in(ACTIVE))).unique():
        days = _retention(limits, meeting.unit_id)
        if days and meeting.created_at < now() - timedelta(days=days):
            found.append(meeting)
    return found


def _retention(units: dict[int, Unit], id: int) -> int:
    unit: Unit | None = units[id]
    while unit is not None:
        if unit.retention_days is not None:
            return unit.retention_days
        unit = units.get(unit.parent_id) if unit.parent_id else None
    return 0


def blob_folder(id: str) -> str:
    """Key below which all of a meeting's files lie."""
    return f"meetings/{id}"


def upload_key(id: str) -> str:
    """Key of what was uploaded."""
    return f"{blob_folder(id)}/upload"


def sound_key(id: str) -> str:
    """Key of the compressed sound that browsers play (MP3)."""
    return f"{blob_folder(id)}/sound.mp3"


def peaks_key(id: str) -> str:
    """Key of the waveform's peaks (JSON)."""
    return f"{blob_folder(id)}/peaks.json"
