"""The webhook, and one order given to a child."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from jobs_rig import sound
from store_example import Bank
from worker_main import FAKE_CHILD

from signals.domain.errors import SignalsError
from signals.jobs import notify
from signals.jobs.process import CHILD, inspect, work
from signals.settings import Settings
from signals.store.models import Meeting, Status

DATA = Path(__file__).parents[1] / "data"


class Receiver(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: list[tuple[str, bytes]] = []
        self.answers: list[int] = []


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.headers[notify.SIGNATURE], body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def settings(receiver: Receiver) -> Settings:
    return Settings.model_validate(
        {"webhook_url": f"http://127.0.0.1:{receiver.server_port}/", "webhook_secret": "geheim"}
    )


def test_the_call_is_signed_and_holds_no_word_of_the_meeting(bank: Bank, receiver: Receiver) -> None:
    id = bank.meetings["wang 1"]
    with bank.database.session() as session:
        session.get_one(Meeting, id).status = Status.DONE
    assert notify.notify(settings(receiver), bank.database, id)
    signature, body = receiver.calls[0]
    parts = dict(p.split("=") for p in signature.split(","))
    expected = hmac.new(b"geheim", f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected
    told = json.loads(body)
    assert (told["event"], told["meeting_id"]) == ("meeting.done", id)
    assert "wang" not in body.decode()
    assert "某某制造" not in body.decode()


def test_a_refused_call_is_tried_again_and_given_up_without_harm(
    bank: Bank, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "_PAUSES", (0.0, 0.0, 0.0))
    receiver.answers = [500, 503, 200]
    assert notify.notify(settings(receiver), bank.database, bank.meetings["wang 1"])
    receiver.answers = [500, 500, 500]
    assert not notify.notify(settings(receiver), bank.database, bank.meetings["wang 1"])
    assert len(receiver.calls) == 6


def test_a_child_tells_what_a_file_is(tmp_path: Path) -> None:
    kind, duration = inspect(CHILD, DATA / "two_speakers.ogg")
    assert kind == "recording"
    assert duration
    (tmp_path / "a.bin").write_text("客户：合同先给我看看\n客户经理：好的\n", encoding="utf-8")
    assert inspect(CHILD, tmp_path / "a.bin")[0] == "transcript"
    (tmp_path / "a.mp3").write_bytes(b"\0\1" * 400)
    with pytest.raises(SignalsError) as error:
        inspect(CHILD, tmp_path / "a.mp3")
    assert error.value.code == "not_audio"


@pytest.mark.parametrize(
    "program", ["import os; os.abort()", "pass", "raise SystemExit(9)"], ids=["abort", "silent", "refused"]
)
def test_a_child_that_dies_is_an_error_and_not_our_end(program: str) -> None:
    command = (sys.executable, "-c", program)
    with pytest.raises(SignalsError) as error:
        work(command, {"work": "x"}, lambda _, __: None)
    assert error.value.code == "crashed"
    assert error.value.remedy


def test_who_stops_listening_ends_the_child() -> None:
    class Stop(Exception):
        pass

    def tell(_: str, __: float) -> None:
        raise Stop

    command = (sys.executable, "-c", 'import time; print(\'{"stage": "asr"}\', flush=True); time.sleep(600)')
    with pytest.raises(Stop):
        work(command, {"work": "x"}, tell)


def test_a_channel_that_the_recording_does_not_have_is_a_notice_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    order = {
        "work": "understand", "before": "", "kind": "recording", "path": str(sound(tmp_path / "mono.wav")), "folder": str(tmp_path),
        "title": "", "speakers": 2, "manager_channel": 0, "settings": {},
    }  # fmt: skip
    work(FAKE_CHILD, order, lambda _, __: None)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert "no_channels" in {w["code"] for w in report["warnings"]}
    assert report["hits"]
