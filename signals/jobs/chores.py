"""Work on all history, done in a child process by whichever worker takes it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from signals.domain.errors import SignalsError
from signals.jobs.process import engine_settings, work
from signals.settings import Settings
from signals.store import retag as store
from signals.store.database import Database

log = logging.getLogger("signals.jobs")


@dataclass
class Chores:
    """Looks for a chore, and does one at a time beside the meetings."""

    settings: Settings
    database: Database
    command: Sequence[str]
    silence: timedelta
    """After which another worker's chore is taken over."""
    _running: threading.Thread | None = field(default=None, init=False)

    def look(self, worker: str) -> None:
        """Takes a chore that waits, or that a dead worker left."""
        if self._running is not None and self._running.is_alive():
            return
        with self.database.session() as session:
            chore = store.take(session, worker, self.silence)
        if chore is not None:
            self._running = threading.Thread(target=self._do, args=(worker, chore), name="chore", daemon=True)
            self._running.start()

    def _do(self, worker: str, chore: int) -> None:
        order = {
            "work": store.RETAG,
            "chore": chore,
            "worker": worker,
            "settings": engine_settings(self.settings),
            "database": self.database.url.render_as_string(hide_password=False),
        }

        def tell(_: str, done: float) -> None:
            with self.database.session() as session:
                store.tell(session, chore, worker, done)

        failed = False
        try:
            work(self.command, order, tell)
        except store.Taken:
            return
        except SignalsError as error:
            log.warning("chore failed", extra={"chore": store.RETAG, "code": error.code})
            failed = True
        with self.database.session() as session, suppress(store.Taken):
            store.finish(session, chore, worker, failed=failed)
