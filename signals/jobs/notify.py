"""The webhook: tells another program of the bank that a meeting's work has ended. Ids and outcomes only."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time

from signals.settings import Settings
from signals.store.database import Database
from signals.store.models import Meeting, Report, now

log = logging.getLogger("signals.jobs")
SIGNATURE = "X-Signals-Signature"
_PAUSES = (0.0, 2.0, 10.0)


def notify(settings: Settings, database: Database, meeting_id: str) -> bool:
    """Sends the call, up to three times. False when nobody took it; the meeting is done all the same."""
    with database.session() as session:
        meeting, report = session.get(Meeting, meeting_id), session.get(Report, meeting_id)
        if meeting is None:
            return False
        body = json.dumps(
            {
                "event": f"meeting.{meeting.status.value}",
                "meeting_id": meeting_id,
                "verdict": report.verdict if report else None,
                "signals": report.signals if report else None,
                "error": meeting.error_code or None,
                "at": now().isoformat(),
            }
        ).encode()
    return _send(settings, body)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body", hexadecimal: the receiver computes the same and compares."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _send(settings: Settings, body: bytes) -> bool:
    import httpx

    for pause in _PAUSES:
        time.sleep(pause)
        timestamp = str(int(time.time()))
        signature = sign(settings.webhook_secret.get_secret_value(), timestamp, body)
        headers = {"Content-Type": "application/json", SIGNATURE: f"t={timestamp},v1={signature}"}
        try:
            answer = httpx.post(settings.webhook_url, content=body, headers=headers, timeout=10.0)
        except httpx.HTTPError as error:
            log.warning("webhook failed", extra={"kind": type(error).__name__})
            continue
        if answer.is_success:
            return True
        log.warning("webhook refused", extra={"status": answer.status_code})
    return False
