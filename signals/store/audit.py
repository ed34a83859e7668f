"""The trail of who looked at, played, exported, changed or deleted what."""

from __future__ import annotations

from sqlalchemy.orm import Session

from signals.store.models import AuditEntry, Meeting, User


def record(
    session: Session,
    user: User | None,
    action: str,
    meeting: Meeting | None = None,
    *,
    detail: str = "",
    address: str = "",
    username: str = "",
) -> None:
    """Adds an entry. `detail` holds formats, kinds and ids, never a word of a meeting or a client's name."""
    unit = meeting.unit if meeting else user.unit if user else None
    session.add(
        AuditEntry(
            username=user.username if user else username[:60],
            action=action,
            meeting_id=meeting.id if meeting else "",
            unit_path=unit.path if unit else "",
            detail=detail[:200],
            address=address[:60],
        )
    )
