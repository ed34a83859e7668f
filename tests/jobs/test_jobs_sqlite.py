"""Durable work on SQLite: workers are killed in every stage, files and decoders fail, users cancel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jobs_rig import Rig
from sqlalchemy import select

from signals.store import meetings
from signals.store.meetings import peaks_key, sound_key
from signals.store.models import Meeting, Report, StageResult, Status

pytestmark = pytest.mark.faults
STAGES = ("asr", "speakers", "understand")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "rig")
    yield rig
    rig.close()


def test_a_meeting_goes_through_all_stages_to_a_report_and_leaves_no_sound_behind(rig: Rig) -> None:
    id = rig.upload()
    rig.start()
    meeting = rig.wait_status(id, Status.DONE)
    assert (meeting.progress, meeting.error_code) == (1.0, "")
    with rig.database.session() as session:
        report = session.get_one(Report, id)
        assert report.signals >= 3
        assert json.loads(report.document)["source_name"] == "会谈.wav"
        assert set(session.scalars(select(StageResult.stage).where(StageResult.meeting_id == id))) == {
            "audio", "asr", "speakers",
        }  # fmt: skip
    assert rig.blobs.size(sound_key(id))
    assert rig.blobs.size(peaks_key(id))
    work = rig.settings.data_folder / "work"
    rig.wait_for(lambda: not [p for p in work.rglob("*") if p.is_file()], "the work folder is empty")
    assert rig.runs() == {"asr": 1, "speakers": 1, "understand": 1}


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_killed_in_a_stage_resumes_at_that_stage_when_it_is_back(rig: Rig, stage: str) -> None:
    id = rig.upload()
    rig.hold(stage)
    worker = rig.start()
    rig.wait_reached(stage)
    rig.kill(worker)
    rig.let_go(stage)
    rig.start()
    rig.wait_status(id, Status.DONE)
    wanted = {"asr": 1, "speakers": 1, "understand": 1} | {stage: 2}
    assert rig.runs() == wanted, "what was done is not done again, what was interrupted is"


@pytest.mark.parametrize("stage", ["audio", "publish"])
def test_a_worker_killed_while_it_decodes_or_publishes_resumes_there(rig: Rig, stage: str) -> None:
    id = rig.upload()
    rig.hold(stage)
    worker = rig.start()
    rig.wait_reached(stage)
    rig.kill(worker)
    rig.let_go(stage)
    rig.start()
    rig.wait_status(id, Status.DONE)
    assert rig.runs() == {"asr": 1, "speakers": 1, "understand": 1}
    assert rig.blobs.size(sound_key(id)), "the sound is there to be played"


def test_two_workers_share_the_work_and_one_takes_over_from_the_other_that_died(rig: Rig) -> None:
    first, second = rig.upload("甲"), rig.upload("乙")
    rig.hold("asr")
    workers = [rig.start(), rig.start()]
    rig.wait_for(lambda: rig.runs()["asr"] == 2, "both at work")
    claims = {rig.meeting(id).claim.partition(":")[0] for id in (first, second)}
    assert len(claims) == 2, "one meeting a worker"
    rig.kill(workers[0])
    rig.let_go("asr")
    for id in (first, second):
        rig.wait_status(id, Status.DONE)
    assert rig.runs() == {"asr": 3, "speakers": 2, "understand": 2}


def test_a_child_dies_with_its_worker(rig: Rig) -> None:
    rig.upload()
    rig.hold("asr")
    worker = rig.start()
    rig.wait_reached("asr")
    children = _children(worker.pid)
    assert children
    rig.kill(worker)
    rig.wait_for(lambda: not any(Path(f"/proc/{c}").exists() for c in children), "the child's end")


def _children(pid: int) -> list[str]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid):
            found.append(status.parent.name)
    return found


def test_a_running_meeting_is_cancelled_and_retried_from_where_it_stopped(rig: Rig) -> None:
    id = rig.upload()
    rig.hold("speakers")
    rig.start()
    rig.wait_reached("speakers")
    with rig.database.session() as session:
        meetings.request_cancel(session.get_one(Meeting, id))
    rig.wait_status(id, Status.CANCELLED)
    rig.let_go("speakers")
    with rig.database.session() as session:
        meetings.prepare_retry(session.get_one(Meeting, id))
    rig.wait_status(id, Status.DONE)
    assert rig.runs()["asr"] == 1


def test_a_meeting_deleted_while_it_is_worked_on_comes_to_nothing(rig: Rig) -> None:
    id = rig.upload()
    rig.hold("asr")
    rig.start()
    rig.wait_reached("asr")
    with rig.database.session() as session:
        meetings.delete_meeting(session, session.get_one(Meeting, id), rig.blobs)
    other = rig.upload("另一场")
    rig.let_go("asr")
    rig.wait_status(other, Status.DONE)
    assert [k for k in rig.blobs.all_keys() if id in k] == []
    with rig.database.session() as session:
        assert session.scalars(select(StageResult).where(StageResult.meeting_id == id)).all() == []


@pytest.mark.parametrize(("fault", "code"), [("crash", "crashed"), ("full", "disk_full")])
def test_a_fault_in_a_stage_is_told_in_chinese_and_the_retry_goes_on_from_there(
    rig: Rig, fault: str, code: str
) -> None:
    id = rig.upload()
    (rig.gates / f"speakers.{fault}").touch()
    worker = rig.start()
    failed = rig.wait_status(id, Status.FAILED)
    assert failed.error_code == code
    assert "重试" in failed.error_remedy
    assert worker.poll() is None, "the worker lives on"
    (rig.gates / f"speakers.{fault}").unlink()
    with rig.database.session() as session:
        meetings.prepare_retry(session.get_one(Meeting, id))
    rig.wait_status(id, Status.DONE)
    assert rig.runs()["asr"] == 1


def test_a_corrupt_file_fails_alone_and_the_next_meeting_is_worked_on(rig: Rig) -> None:
    bad = rig.upload("坏", b"RIFF\0\0\0\0WAVEnothing")
    good = rig.upload("好")
    rig.start()
    failed = rig.wait_status(bad, Status.FAILED)
    assert failed.error_message
    assert failed.error_remedy
    rig.wait_status(good, Status.DONE)


def test_what_a_crash_left_on_the_disk_is_swept_at_the_next_start(rig: Rig) -> None:
    left = rig.settings.data_folder / "work" / "meetings" / f"{'a' * 32}-deadbeef"
    left.mkdir(parents=True)
    (left / "sound.raw").write_bytes(b"secret")
    rig.start()
    rig.wait_for(lambda: not left.exists(), "the sweep")
