"""Workers in processes of their own, which a test starts, watches and kills."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import wave
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import select

from signals.settings import Settings
from signals.store.accounts import add_user, root_unit
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.meetings import NewMeeting, add_meeting, upload_key
from signals.store.models import Meeting, MeetingKind, Status, User, UserRole, new_id

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
"""Seconds after which a wait is a failure; no test measures time."""


@dataclass
class Rig:
    """A data folder with its database, and the workers on it."""

    folder: Path
    database_url: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    silence: float = 3.0
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gates.mkdir(parents=True)
        self.settings = Settings(data_dir=self.folder / "data", database_url=self.database_url)
        self.settings.data_folder.mkdir(parents=True, exist_ok=True)
        self.database = Database(self.settings.database_address)
        self.database.upgrade()
        self.blobs = BlobStore(self.settings.blob_address)
        with self.database.session() as session:
            add_user(
                session, username="wang", name="王", role=UserRole.MANAGER, unit=root_unit(session), password="x7-y8-z9-q1-w2"
            )  # fmt: skip

    @property
    def gates(self) -> Path:
        return self.folder / "gates"

    def hold(self, stage: str) -> None:
        """The stage waits once it is reached."""
        (self.gates / stage).touch()

    def let_go(self, stage: str) -> None:
        (self.gates / stage).unlink(missing_ok=True)
        (self.gates / f"{stage}.reached").unlink(missing_ok=True)

    def runs(self) -> Counter[str]:
        """How often each stage's engine was started."""
        log = self.gates / "runs.log"
        return Counter(log.read_text(encoding="ascii").split()) if log.exists() else Counter()

    def upload(self, title: str = "会谈", content: bytes | None = None) -> str:
        source = self.folder / f"{title}.wav"
        if content is None:
            sound(source)
        else:
            source.write_bytes(content)
        id = new_id()
        self.blobs.put(upload_key(id), source)
        with self.database.session() as session:
            owner = session.scalars(select(User)).first()
            assert owner is not None
            new = NewMeeting(
                id=id, title=title, client="", met_on=None, attendees="", speakers=2, manager_channel=None,
                kind=MeetingKind.RECORDING, file_name=source.name, sha256="0" * 64, size=source.stat().st_size, duration=8.0,
            )  # fmt: skip
            add_meeting(session, owner, new)
        return id

    def start(self, data_dir: Path | None = None) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SIGNALS_DATA_DIR": str(data_dir or self.settings.data_folder),
            "SIGNALS_DATABASE_URL": self.database_url,
            "SIGNALS_BLOB_URL": str(self.settings.blob_address),
            "SIGNALS_WORKER_SILENCE": str(self.silence),
            "FAKE_FILE": str(self.gates),
            **self.extra,
        }
        command = [sys.executable, str(Path(__file__).with_name("worker_main.py"))]
        log = (self.folder / f"worker{len(self.workers)}.log").open("wb")
        with log:
            worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker alone; its child finds out by itself."""
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def close(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        self.database.close()

    def meeting(self, id: str) -> Meeting:
        with self.database.session() as session:
            return session.get_one(Meeting, id)

    def wait_for(self, what: Callable[[], bool], why: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what():
            if time.monotonic() > deadline:
                logs = "\n".join(
                    p.read_text(encoding="utf-8", errors="replace")[-3000:] for p in self.folder.glob("worker*.log")
                )
                raise AssertionError(f"never happened: {why}\n{logs}")
            time.sleep(0.05)

    def wait_reached(self, stage: str) -> str:
        """Until a worker is in the stage and has said so; what came before is kept by then. Returns the worker."""
        self.wait_for((self.gates / f"{stage}.reached").exists, f"{stage} reached")
        self.wait_for(lambda: bool(self._holders(stage)), f"somebody in {stage}")
        return self._holders(stage)[0]

    def _holders(self, stage: str) -> list[str]:
        shown = ("understand", "tagging", "closing") if stage == "understand" else (stage,)
        with self.database.session() as session:
            query = select(Meeting.claim).where(Meeting.status == Status.RUNNING, Meeting.stage.in_(shown))
            return [claim.partition(":")[0] for claim in session.scalars(query)]

    def wait_status(self, id: str, status: Status) -> Meeting:
        self.wait_for(
            lambda: self.meeting(id).status is status, f"{status} of a meeting that is {self.meeting(id).status}"
        )
        return self.meeting(id)


def sound(path: Path, seconds: int = 8) -> Path:
    """Noise as a WAV file."""
    samples = np.random.default_rng(0).normal(0, 4000, seconds * 16000).astype("<i2")
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(16000)
        sink.writeframes(samples.tobytes())
    return path
