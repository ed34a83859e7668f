"""The service on a port of this machine, with the demo meeting in it, and a browser that looks at it.

The meeting's sound and words are the demo recording's own; only recognition and separation are stand-ins that give the
words of its script. Roles, signals, readiness and windows are made by the shipped tagger and code.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from browser_rig import Visitor
from dev_server import PASSWORD
from fakes import FakeDiarizer, FakeRewriter, FakeTranscriber, spoken, transcript
from playwright.sync_api import Locator, Page, expect

from signals.api import load_catalogue, load_tagger
from signals.audio import compress, peaks
from signals.domain.conversation import SpeakerSpan
from signals.domain.report import REPORT_JSON, Report
from signals.pipeline import Engines, Request, Unwatched, analyse_recording, analyse_transcript
from signals.settings import Settings
from signals.store import work
from signals.store.accounts import add_user, find_user, unit_at
from signals.store.index import index_meeting
from signals.store.meetings import NewMeeting, add_meeting, peaks_key, sound_key
from signals.store.models import Meeting, MeetingKind, UserRole, new_id
from signals.web import create_app
from signals.web.service import Service

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
RECORDING = SAMPLES / "demo_meeting.m4a"
WIDTHS = (1280, 390)
_PATIENCE = 60.0
"""Seconds after which something that should happen has not; no test measures time."""
expect.set_options(timeout=1000 * _PATIENCE)
_SPEAKER = {"manager": "SPEAKER_00", "customer": "SPEAKER_01"}
_NAME = {"manager": "客户经理", "customer": "吴总"}


@cache
def script() -> tuple[dict[str, Any], ...]:
    """The demo recording's script, one turn an entry."""
    lines = (SAMPLES / "demo_meeting.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


@cache
def _engines() -> Engines:
    catalogue = load_catalogue()
    tagger = load_tagger(catalogue)
    spans = tuple(SpeakerSpan(t["start"], t["end"], _SPEAKER[t["speaker"]]) for t in script())
    return Engines(
        transcriber=FakeTranscriber(transcript(*(spoken(t["text"], t["start"], t["end"]) for t in script()))),
        rewriter=FakeRewriter(),
        by_voice=FakeDiarizer(spans),
        by_channel=FakeDiarizer(spans),
        roles=tagger,
        tagger=tagger,
        catalogue=catalogue,
    )


@cache
def recorded() -> str:
    """The report of the demo recording, as it is stored."""
    report = analyse_recording(Request(path=RECORDING, title="演示会谈"), _engines(), Unwatched())
    return stored(report)


def written(folder: Path) -> str:
    """The report of the same words as a transcript without sound or times."""
    path = folder / "会谈纪要.txt"
    path.write_text("\n".join(f"{_NAME[t['speaker']]}：{t['text']}" for t in script()), encoding="utf-8")
    return stored(analyse_transcript(Request(path=path, title="会谈纪要"), _engines(), Unwatched()))


def stored(report: Report) -> str:
    """The report as the service keeps it."""
    return REPORT_JSON.dump_json(report).decode()


@cache
def sound() -> tuple[bytes, bytes]:
    """The demo recording as browsers play it, and its outline."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "sound.mp3"
        path.write_bytes(compress(RECORDING))
        return path.read_bytes(), json.dumps(peaks(path)).encode()


@dataclass
class Site:
    """A running service. `address` without a slash at its end."""

    service: Service
    address: str
    folder: Path

    def add(self, document: str, title: str, *, heard: bool) -> str:
        """A finished meeting of wang's; `heard`: with the demo recording's sound. Its id."""
        kind = MeetingKind.RECORDING if heard else MeetingKind.TRANSCRIPT
        new = NewMeeting(
            id=new_id(), title=title, client="宏达制造", met_on=None, attendees="吴总", speakers=2, manager_channel=None,
            kind=kind, file_name="demo_meeting.m4a" if heard else "会谈纪要.txt", sha256=new_id() * 2, size=1, duration=200.0,
        )  # fmt: skip
        for key, content in zip((sound_key(new.id), peaks_key(new.id)), sound(), strict=True) if heard else ():
            path = self.folder / "blob"
            path.write_bytes(content)
            self.service.blobs.put(key, path)
        with self.service.database.session() as session:
            meeting = add_meeting(session, find_user(session, "wang"), new)
            meeting.dispatched = True
        with self.service.database.session() as session:
            task = work.claim(session, new.id, 1, "test")
            assert task is not None
            work.save_report(session, task, document, verdict="missed", signals=9, duration=200.0)
            report, tagger = REPORT_JSON.validate_json(document), self.service.load_tagger()
            words = tagger.search_words([t.text for t in report.conversation.turns])
            meeting = session.get_one(Meeting, new.id)
            index_meeting(session, meeting, report, self.service.catalogue, words, tagger.description)
            work.finish(session, task)
        return new.id


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """The service on a free port, with a manager `wang` and an admin `root`."""
    settings = Settings(data_dir=folder)
    service = Service(settings, tagger=_engines().tagger)
    service.database.upgrade()
    with service.database.session() as session:
        for username, name, role, unit in (
            ("wang", "王经理", UserRole.MANAGER, "东区分行/一支行"),
            ("root", "管理员", UserRole.ADMIN, ""),
        ):
            add_user(
                session, username=username, name=name, role=role, unit=unit_at(session, unit), password=PASSWORD,
                must_change=False,
            )  # fmt: skip
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings, service), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.02)
    yield Site(service, f"http://127.0.0.1:{listening.getsockname()[1]}", folder)
    server.should_exit = True
    thread.join(20)
    listening.close()


@dataclass
class Reader(Visitor):
    """Somebody who reads reports. Warnings are faults too: a policy that was broken is only warned of in places."""

    def __post_init__(self) -> None:
        Visitor.__post_init__(self)
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "warning" else None)

    def report(self, meeting: str) -> Page:
        """The report page, ready to be used."""
        self.page.goto(f"{self.address}/meetings/{meeting}")
        self.page.wait_for_selector("body[data-ready]")
        return self.page

    def position(self) -> float:
        """Seconds at which the recording is."""
        return float(self.page.evaluate("document.getElementById('audio').currentTime"))

    def until(self, expression: str) -> None:
        """Waits until a JavaScript expression holds; Playwright's own waiting would need eval, which the page forbids."""
        deadline = time.monotonic() + _PATIENCE
        while not self.page.evaluate(f"() => Boolean({expression})"):
            assert time.monotonic() < deadline, f"never came true: {expression}"
            self.page.wait_for_timeout(50)


Come = Callable[..., Reader]


def turn_with(page: Page, words: str) -> Locator:
    return page.locator(".turn", has_text=words).first


def said(page: Page) -> Locator:
    """What the page says after a correction."""
    return page.locator("#toasts p").last


def fits(page: Page, width: int) -> bool:
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width
