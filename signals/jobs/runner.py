"""The stages of one meeting, each run in a child process and kept in the database when it is done."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from signals.domain.catalogue import Catalogue
from signals.domain.errors import JobError, SignalsError
from signals.domain.report import REPORT_JSON
from signals.domain.tags import KeptVectors
from signals.jobs import child
from signals.jobs.process import engine_settings, safe_name, work
from signals.settings import Settings
from signals.store import work as store
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.index import index_meeting
from signals.store.meetings import peaks_key, sound_key, upload_key
from signals.store.models import Meeting, MeetingKind
from signals.store.retag import keep_vectors

log = logging.getLogger("signals.jobs")
STEPS = {MeetingKind.RECORDING: ("hear", "understand", "publish"), MeetingKind.TRANSCRIPT: ("understand",)}
"""The durable steps in their order. What a step's stages made is kept as soon as each is done, so that a step that was
interrupted goes on with the stage that was interrupted."""
_STAGES = {
    "hear": {"audio": 0.02, "asr": 0.82, "wording": 0.01, "speakers": 0.1},
    "understand": {"transcripts": 0.0, "tagging": 0.01, "closing": 0.01},
    "publish": {"publish": 0.03},
}
"""Stages of each step with their parts of the whole time, as measured with the starter model on a CPU."""
_STEP = 1.0
"""Seconds between two writes of progress."""
_PATIENCE = 600.0
"""Seconds that a database that is away is waited for."""


@dataclass
class Runner:
    """Works on one meeting at a time. `command` starts a child; tests bring one with fake engines."""

    settings: Settings
    database: Database
    blobs: BlobStore
    command: Sequence[str]

    @cached_property
    def catalogue(self) -> Catalogue:
        from signals.api import load_catalogue

        return load_catalogue()

    def step(self, task: store.Task, name: str) -> dict[str, Any]:
        """Runs one step. Returns {} when it is done, else {"failed": {…}}, {"cancelled": …} or {"lost": …}."""
        try:
            with self._folder(task) as folder:
                self._run(task, name, folder)
        except store.CancelRequested:
            return {"cancelled": True}
        except store.ClaimLost:
            return {"lost": True}
        except SignalsError as error:
            log.warning("step failed", extra={"meeting": task.meeting_id, "step": name, "code": error.code})
            return {"failed": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        except Exception as error:
            log.error("step fault", extra={"meeting": task.meeting_id, "step": name, "kind": type(error).__name__})
            return {"failed": internal_fault()}
        return {}

    def end(self, task: store.Task, outcome: dict[str, Any]) -> None:
        """Writes how the work ended; a lost claim is somebody else's to end."""
        try:
            with patiently(self.database) as session:
                if "failed" in outcome:
                    store.fail(session, task, JobError(**outcome["failed"]))
                elif "cancelled" in outcome:
                    store.cancel(session, task)
                elif "lost" not in outcome:
                    store.finish(session, task)
        except store.ClaimLost:
            log.info("claim lost", extra={"meeting": task.meeting_id})
        shutil.rmtree(self._place(task), ignore_errors=True)

    def _run(self, task: store.Task, name: str, folder: Path) -> None:
        progress = _Progress(self.database, task, name, lambda: self._keep_stages(task, folder))
        progress("", 0.0)
        with self.blobs.local(upload_key(task.meeting_id), folder) as upload:
            order = self._order(task, name, folder, upload)
            answer = work(self.command, order, progress)
        self._keep(task, name, folder, answer)

    def _order(self, task: store.Task, name: str, folder: Path, upload: Path) -> dict[str, Any]:
        path = folder / safe_name(task.file_name)
        path.unlink(missing_ok=True)
        path.symlink_to(upload.resolve())
        return {
            "work": name,
            "before": "tagging" if name == "hear" else "",
            "kind": task.kind.value,
            "path": str(path),
            "folder": str(folder),
            "title": task.title,
            "speakers": task.speakers,
            "manager_channel": task.manager_channel,
            "settings": engine_settings(self.settings),
        }

    def _keep(self, task: store.Task, name: str, folder: Path, answer: Any) -> None:
        """What the step made goes to the database and the blobs."""
        if name == "publish":
            self.blobs.put(sound_key(task.meeting_id), folder / child.SOUND)
            self.blobs.put(peaks_key(task.meeting_id), folder / child.PEAKS)
        self._keep_stages(task, folder)
        if name == "understand":
            document = (folder / child.REPORT).read_text(encoding="utf-8")
            words = json.loads((folder / child.WORDS).read_text(encoding="utf-8"))
            tagger, encoder = answer.pop("tagger"), answer.pop("encoder")
            vectors = KeptVectors(encoder, (folder / child.VECTORS).read_bytes()) if encoder else None
            report = REPORT_JSON.validate_json(document)
            with patiently(self.database) as session:
                store.save_report(session, task, document, **answer)
                meeting = session.get_one(Meeting, task.meeting_id)
                index_meeting(session, meeting, report, self.catalogue, words, tagger)
                keep_vectors(session, meeting.id, vectors)

    def _keep_stages(self, task: store.Task, folder: Path) -> None:
        """Stages that are done; what the database has already costs a comparison."""
        documents = {p.stem: p.read_text(encoding="utf-8") for p in sorted((folder / "stages").glob("*.json"))}
        if documents:
            with patiently(self.database) as session:
                for stage, document in documents.items():
                    store.save_stage(session, task, stage, document)

    @contextmanager
    def _folder(self, task: store.Task) -> Iterator[Path]:
        """The meeting's folder on this machine, with the stages that the database has."""
        folder = self._place(task)
        try:
            (folder / "stages").mkdir(parents=True, exist_ok=True, mode=0o700)
            with patiently(self.database) as session:
                saved = store.saved_stages(session, task.meeting_id)
            for stage, document in saved.items():
                (folder / "stages" / f"{stage}.json").write_text(document, encoding="utf-8")
            yield folder
        except OSError as error:
            raise JobError(**child.os_error(error)) from None

    def _place(self, task: store.Task) -> Path:
        return work_place(self.settings) / f"{task.meeting_id}-{task.claim.rpartition(':')[2]}"


def internal_fault() -> dict[str, str]:
    """What a fault of ours is called."""
    return {"code": "internal", "message": "程序内部错误，分析中断", "remedy": "请点“重试”；反复出现请把时间告诉管理员"}


def work_place(settings: Settings) -> Path:
    """Folder of the meetings that are being worked on."""
    return (settings.work_dir or settings.data_folder / "work") / "meetings"


@dataclass
class _Progress:
    """Writes progress at most once a second, and at every new stage has the last one's result kept.

    Raises what `store.report_progress` raises; a database that is away is no reason to stop working.
    """

    database: Database
    task: store.Task
    step: str
    keep: Callable[[], None]
    stage: str = ""
    began: float = 0.0
    written: float = 0.0
    whole: float = 0.0
    """Of the whole work, 0..1; never runs backwards, also when stages that are done are passed again."""

    def __call__(self, stage: str, done: float) -> None:
        now = time.monotonic()
        if stage != self.stage:
            self.keep()
            self.stage, self.began, self.written = stage, now, 0.0
        if now - self.written < _STEP:
            return
        self.written = now
        before, own = self._shares(stage)
        self.whole = max(self.whole, before + own * done)
        left = (
            (now - self.began) / (own * done) * (1.0 - self.whole)
            if own * done > 0.02 and now - self.began > 3
            else None
        )
        shown = stage if stage in _STAGES[self.step] else self.step
        try:
            with self.database.session() as session:
                store.report_progress(session, self.task, shown, self.whole, left)
        except DBAPIError:
            log.warning("database away", extra={"meeting": self.task.meeting_id})

    def _shares(self, stage: str) -> tuple[float, float]:
        """Of the work before a stage, and of the stage itself. Of a transcript there is nothing before, and little to wait for."""
        if self.task.kind is MeetingKind.TRANSCRIPT:
            return 0.0, 0.0
        before = 0.0
        for step, stages in _STAGES.items():
            for name, share in stages.items():
                if step == self.step and name == stage:
                    return before, share
                before += share
            if step == self.step:
                return before - sum(stages.values()), 0.0
        return 0.0, 0.0


@contextmanager
def patiently(database: Database) -> Iterator[Any]:
    """A session, once the database answers; one that is away is waited for up to ten minutes."""
    deadline, pause = time.monotonic() + _PATIENCE, 0.5
    while True:
        try:
            with database.engine.connect():
                break
        except DBAPIError:
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause = min(10.0, pause * 2)
    with database.session() as session:
        yield session
