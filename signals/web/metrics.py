"""What Prometheus reads at /metrics. One registry an application, so that two in one process do not mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from signals.store.models import Meeting, Status, Worker

if TYPE_CHECKING:
    from signals.store.database import Database


class Metrics:
    """Requests by route, meetings by status, workers alive."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "signals_requests", "HTTP requests", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram("signals_request_seconds", "Time to answer", ["route"], registry=self._registry)
        self._meetings = Gauge("signals_meetings", "Meetings by status", ["status"], registry=self._registry)
        self._workers = Gauge("signals_workers", "Workers known", registry=self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def page(self, database: Database) -> bytes:
        """The figures in Prometheus' text format."""
        with database.session() as session:
            counts = {
                row[0]: row[1] for row in session.execute(select(Meeting.status, func.count()).group_by(Meeting.status))
            }
            self._workers.set(session.scalar(select(func.count()).select_from(Worker)) or 0)
        for status in Status:
            self._meetings.labels(status.value).set(counts.get(status, 0))
        return generate_latest(self._registry)
