"""A process that works on meetings: DBOS runs the steps, and what DBOS leaves open is settled here.

A worker has an identity that is unique and that it finds again after a restart, tells every few seconds that it is
alive, hands waiting meetings to the queue, and takes over what a dead worker left.
"""

from __future__ import annotations

import logging
import platform
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from filelock import FileLock, Timeout
from sqlalchemy.exc import DBAPIError

from signals.domain.errors import JobError, StoreError
from signals.jobs.chores import Chores
from signals.jobs.notify import notify
from signals.jobs.process import CHILD
from signals.jobs.runner import STEPS, Runner, internal_fault, patiently, work_place
from signals.settings import Settings
from signals.store import work as store
from signals.store.audit import record
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.meetings import delete_meeting, expired_meetings
from signals.store.models import Meeting, Status

log = logging.getLogger("signals.jobs")
QUEUE = "meetings"
_PROTOCOL = "1"
"""Version of the workflow's steps (`STEPS`). Unchanged between releases, so that work begun by one is finished by the next;
a release that changes the steps changes it and drains the queue first."""
_SLOTS = 64
_TICK = 1.0
_HOUR = 3600.0


class _Current:
    """The one worker of this process, which the workflow below belongs to."""

    worker: Worker | None = None


@DBOS.workflow(name="analyse", max_recovery_attempts=None)
def analyse(meeting_id: str, attempt: int) -> str:
    """The durable work on a meeting: after a crash it goes on with the step that was interrupted."""
    worker = _Current.worker
    if worker is None:
        raise RuntimeError("no worker")
    return worker.analyse(meeting_id, attempt)


class Worker:
    """Starts on `start`, ends with the process or `stop`. One a process."""

    def __init__(self, settings: Settings, command: Sequence[str] = CHILD) -> None:
        self._settings = settings
        self._database = Database(settings.database_address)
        self._blobs = BlobStore(settings.blob_address)
        self._runner = Runner(settings, self._database, self._blobs, command)
        self._chores = Chores(settings, self._database, command, timedelta(seconds=max(30, settings.worker_silence)))
        self._silence = timedelta(seconds=settings.worker_silence)
        self._stop = threading.Event()
        self._lock: FileLock | None = None
        self.id = ""

    def start(self) -> None:
        """Raises `StoreError` when the database is not of this release or can't be reached."""
        self._database.check()
        self.id = self._identity()
        with self._database.session() as session:
            store.beat(session, self.id, platform.node())
        _Current.worker = self
        DBOS(config=self._config())
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=_TICK)
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()

    def stop(self) -> None:
        """Says good-bye, so that another worker need not wait for silence. The process should end right after: the
        interrupted step is left as a crash would leave it, and resumed."""
        self._stop.set()
        try:
            with self._database.session() as session:
                store.retire(session, self.id)
        except DBAPIError:
            log.warning("database away")

    def analyse(self, meeting_id: str, attempt: int) -> str:
        """The workflow's body."""
        try:
            with patiently(self._database) as session:
                task = store.claim(session, meeting_id, attempt, f"{self.id}:{uuid.uuid4().hex[:12]}")
        except Exception as error:
            log.error("claim fault", extra={"meeting": meeting_id, "kind": type(error).__name__})
            with patiently(self._database) as session:
                store.give_up(session, meeting_id, attempt, JobError(**internal_fault()))
            return "failed"
        if task is None:
            return "nothing to do"
        outcome: dict[str, Any] = {}
        for name in STEPS[task.kind]:
            outcome = DBOS.run_step({"name": name}, self._runner.step, task, name)
            if outcome:
                break
        DBOS.run_step({"name": "end"}, self._runner.end, task, outcome)
        if self._settings.webhook_url and "lost" not in outcome:
            DBOS.run_step({"name": "notify"}, notify, self._settings, self._database, meeting_id)
        return next(iter(outcome), "done")

    def _config(self) -> DBOSConfig:
        folder = self._settings.data_folder
        address = self._database.url.render_as_string(hide_password=False)
        return {
            "name": "buying-signals",
            "system_database_url": f"sqlite:///{folder / 'jobs.db'}" if self._database.is_sqlite else address,
            "executor_id": self.id,
            "application_version": _PROTOCOL,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "enable_otlp": False,
        }

    def _identity(self) -> str:
        """Held by a lock for as long as the process lives: two processes never share one, and a restart finds its own."""
        folder = self._settings.data_folder / "workers"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for slot in range(_SLOTS):
            lock = FileLock(folder / f"{slot}.lock")
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            self._lock = lock
            return _remembered(folder / f"{slot}.id")
        raise JobError("too_many_workers", "这台机器上的工作进程太多", f"一个数据文件夹最多 {_SLOTS} 个")

    def _keep_house(self) -> None:
        chores: list[tuple[float, Callable[[], None]]] = [
            (_TICK, self._dispatch),
            (_TICK, lambda: self._chores.look(self.id)),
            (self._settings.worker_silence / 4, self._look_after_workers),
            (_HOUR, self._sweep),
        ]
        due = [0.0] * len(chores)
        while not self._stop.wait(min(_TICK, self._settings.worker_silence / 4)):
            for place, (every, chore) in enumerate(chores):
                if time.monotonic() >= due[place]:
                    due[place] = time.monotonic() + every
                    try:
                        chore()
                    except (DBAPIError, StoreError):
                        log.warning("chore failed", extra={"chore": chore.__name__})
                    except Exception as error:
                        log.error("chore failed", extra={"chore": chore.__name__, "kind": type(error).__name__})

    def _dispatch(self) -> None:
        """Hands waiting meetings to the queue. The workflow's id makes a second hand-over the same one."""
        with self._database.session() as session:
            waiting = store.undispatched(session)
        for id, attempt in waiting:
            with SetWorkflowID(f"{id}-{attempt}"):
                DBOS.enqueue_workflow(QUEUE, analyse, id, attempt)
            with self._database.session() as session:
                store.mark_dispatched(session, id, attempt)

    def _look_after_workers(self) -> None:
        """Tells that this worker lives, and takes over from those that are silent."""
        with self._database.session() as session:
            store.beat(session, self.id, platform.node())
        with self._database.session() as session:
            gone = store.elect_to_take_over(session, self.id, self._silence)
        for id in gone:
            left = DBOS.list_workflows(status="PENDING", executor_id=id, load_input=False, load_output=False)
            for workflow in left:
                DBOS.resume_workflow(workflow.workflow_id, queue_name=QUEUE)
            log.warning("took over", extra={"worker": id, "meetings": len(left)})
            with self._database.session() as session:
                store.forget_worker(session, id, self.id, self._silence)

    def _sweep(self) -> None:
        """Deletes meetings whose time is over, and what crashed work left on this machine's disk."""
        with self._database.session() as session:
            for meeting in expired_meetings(session):
                record(session, None, "expired", meeting, username="(retention)")
                delete_meeting(session, meeting, self._blobs)
        place = work_place(self._settings)
        for folder in place.iterdir() if place.is_dir() else ():
            id, _, claim = folder.name.partition("-")
            with self._database.session() as session:
                found = session.get(Meeting, id)
                at_work = found is not None and found.status is Status.RUNNING and found.claim.endswith(claim)
            if not at_work:
                shutil.rmtree(folder, ignore_errors=True)


def _remembered(path: Path) -> str:
    if path.is_file() and (known := path.read_text(encoding="ascii").strip()):
        return known
    fresh = f"w-{uuid.uuid4().hex}"
    path.write_text(fresh, encoding="ascii")
    return fresh
