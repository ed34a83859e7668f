"""A small bank: two branches with their people, each manager with one meeting."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from signals.store.accounts import add_user, find_user, unit_at
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.meetings import NewMeeting, add_meeting, upload_key
from signals.store.models import MeetingKind, User, UserRole, new_id

PASSWORD = "一个够长的口令42!"
PEOPLE = (
    ("root", UserRole.ADMIN, ""),
    ("wang", UserRole.MANAGER, "东区分行/一支行/甲组"),
    ("li", UserRole.MANAGER, "东区分行/二支行"),
    ("coach_east", UserRole.COACH, "东区分行"),
    ("zhao", UserRole.MANAGER, "西区分行"),
    ("head_west", UserRole.BRANCH_HEAD, "西区分行"),
)


@dataclass
class Bank:
    database: Database
    blobs: BlobStore
    meetings: dict[str, str] = field(default_factory=dict)

    def user(self, session: Session, username: str) -> User:
        return find_user(session, username)


def new_meeting(title: str, sha256: str = "0" * 64) -> NewMeeting:
    return NewMeeting(
        id=new_id(),
        title=title,
        client="某某制造",
        met_on=None,
        attendees="",
        speakers=2,
        manager_channel=None,
        kind=MeetingKind.TRANSCRIPT,
        file_name="会谈.txt",
        sha256=sha256,
        size=3,
        duration=None,
    )


def small_bank(database: Database, folder: Path) -> Bank:
    database.upgrade()
    bank = Bank(database, BlobStore(str(folder / "blobs")))
    with database.session() as session:
        for username, role, unit in PEOPLE:
            user = add_user(
                session, username=username, name=username, role=role, unit=unit_at(session, unit), password=PASSWORD,
                must_change=False,
            )  # fmt: skip
            if role is UserRole.MANAGER:
                meeting = add_meeting(session, user, new_meeting(f"{username} 1"))
                bank.meetings[meeting.title] = meeting.id
                source = folder / "upload.txt"
                source.write_text("x", encoding="utf-8")
                bank.blobs.put(upload_key(meeting.id), source)
    return bank
