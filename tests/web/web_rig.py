"""The service in a test: a small bank, clients that are logged in, and meetings with a report."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from fakes import FakeTagger
from report_example import catalogue, example_report
from starlette.testclient import TestClient
from store_example import PASSWORD, Bank

from signals.domain.report import REPORT_JSON, Report
from signals.settings import Settings
from signals.store import work
from signals.store.accounts import add_token, find_user
from signals.store.index import index_meeting
from signals.store.meetings import peaks_key, sound_key
from signals.store.models import Meeting, MeetingKind
from signals.web import create_app
from signals.web.service import Service

FAKE_CHILD = (sys.executable, str(Path(__file__).parents[1] / "jobs" / "fake_child.py"))
SOUND = bytes(range(256)) * 20
TAGGER = FakeTagger({"提前还": "early_repayment", "往下走走": "rate_cut", "先办了": "purchase_intent"})


@dataclass
class Web:
    """`client("wang")` has wang's cookie and sends his CSRF token; `token("wang")` is a header for /api/v1."""

    bank: Bank
    service: Service

    def client(self, username: str | None = None) -> TestClient:
        client = TestClient(create_app(self.service.settings, self.service), follow_redirects=False)
        client.app.state.views.service = self.service  # type: ignore[attr-defined]
        if username is None:
            return client
        answer = client.post("/login", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        client.headers["X-CSRF-Token"] = self.csrf(client)
        return client

    @staticmethod
    def csrf(client: TestClient) -> str:
        page = client.get("/account").text
        return page.partition('data-csrf="')[2].partition('"')[0]

    def token(self, username: str) -> dict[str, str]:
        with self.bank.database.session() as session:
            return {"Authorization": f"Bearer {add_token(session, find_user(session, username), 'test')}"}

    def finished(self, title: str = "wang 1", report: Report | None = None) -> str:
        """The meeting's id; its report is the example of forty turns."""
        id = self.bank.meetings[title]
        folder = self.service.settings.data_folder
        for key, content in (
            (sound_key(id), SOUND),
            (peaks_key(id), b'{"duration": 1, "per_second": 10, "peaks": [0.1]}'),
        ):
            (folder / "blob").write_bytes(content)
            self.bank.blobs.put(key, folder / "blob")
        report = report or replace(example_report(), title=title)
        document = REPORT_JSON.dump_json(report).decode()
        with self.bank.database.session() as session:
            session.get_one(Meeting, id).kind = MeetingKind.RECORDING
        with self.bank.database.session() as session:
            task = work.claim(session, id, 1, "w1")
            assert task is not None
            work.save_report(session, task, document, verdict="missed", signals=9, duration=180.0)
            words = TAGGER.search_words([t.text for t in report.conversation.turns])
            index_meeting(session, session.get_one(Meeting, id), report, catalogue(), words)
            work.finish(session, task)
        return id


def small_web(bank: Bank, folder: Path) -> Web:
    settings = Settings(
        data_dir=folder, database_url=str(bank.database.url), blob_url=str(folder / "blobs"), upload_limit_mb=2
    )
    service = Service(settings, FAKE_CHILD, TAGGER)
    assert service.catalogue == catalogue()
    return Web(bank, service)
