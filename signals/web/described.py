"""A meeting as JSON."""

from __future__ import annotations

from typing import Any

from signals.store.models import Meeting, Status
from signals.web.pages import STAGE, STATUS


def described(meeting: Meeting) -> dict[str, Any]:
    """A meeting as JSON: what it is and how far the work is."""
    return {
        "id": meeting.id,
        "title": meeting.title,
        "client": meeting.client,
        "client_kind": meeting.client_kind.value if meeting.client_kind else None,
        "met_on": meeting.met_on.isoformat() if meeting.met_on else None,
        "attendees": meeting.attendees,
        "speakers": meeting.speakers,
        "manager_channel": meeting.manager_channel,
        "kind": meeting.kind.value,
        "file_name": meeting.file_name,
        "sha256": meeting.sha256,
        "size": meeting.size,
        "duration": meeting.duration,
        "owner": meeting.owner.name,
        "unit": meeting.unit.name,
        "created_at": meeting.created_at.isoformat(),
        "status": meeting.status.value,
        "status_name": STATUS[meeting.status],
        "stage": meeting.stage,
        "stage_name": STAGE.get(meeting.stage, "") if meeting.status is Status.RUNNING else "",
        "progress": round(meeting.progress, 4),
        "seconds_left": meeting.seconds_left,
        "error": {"code": meeting.error_code, "message": meeting.error_message, "remedy": meeting.error_remedy}
        if meeting.status is Status.FAILED
        else None,
    }
