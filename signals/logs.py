"""Logs as JSON lines on standard error: times, routes, ids and kinds of fault, never a word of a meeting."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """One object a record. Of an exception only its kind and places are told: its message may quote anything."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in _PLAIN}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["event"] = record.msg.splitlines()[0] if isinstance(record.msg, str) and not record.args else "fault"
            line["places"] = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)[-8:]]
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: int = logging.INFO) -> None:
    """Sends every logger of the process through `JsonLines`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in (
        "alembic",
        "httpx",
        "httpcore",
        "faster_whisper",
        "uvicorn.error",
        "dbos",
        "botocore",
        "aiobotocore",
        "fsspec",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
