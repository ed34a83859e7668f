"""A meeting from upload to deletion, and what workers may write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from store_example import Bank, new_meeting

from signals.domain.errors import RequestError, StoreError
from signals.store import meetings, overlay, work
from signals.store.accounts import unit_at
from signals.store.backup import backup, restore
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.models import AuditEntry, Correction, Meeting, Report, StageResult, Status, Worker, now
from signals.store.tables import METADATA, is_described


def running(bank: Bank, title: str = "wang 1", claim: str = "w1") -> work.Task:
    with bank.database.session() as session:
        task = work.claim(session, bank.meetings[title], 1, claim)
    assert task is not None
    return task


def finished(bank: Bank, title: str = "wang 1") -> None:
    task = running(bank, title)
    with bank.database.session() as session:
        work.save_stage(session, task, "asr", "{}")
        work.save_report(session, task, "{}", verdict="taken", signals=3, duration=60.0)
        work.finish(session, task)


def test_a_meeting_is_claimed_worked_on_and_finished(bank: Bank) -> None:
    finished(bank)
    with bank.database.session() as session:
        meeting = session.get_one(Meeting, bank.meetings["wang 1"])
        assert (meeting.status, meeting.progress, meeting.duration) == (Status.DONE, 1.0, 60.0)
        assert overlay.machine_report(session, meeting).verdict == "taken"
        assert work.saved_stages(session, meeting.id) == {"asr": "{}"}
        assert work.claim(session, meeting.id, 1, "w2") is None, "what is done is not done again"


def test_a_worker_that_was_taken_for_dead_can_write_nothing(bank: Bank) -> None:
    slow = running(bank, claim="slow")
    running(bank, claim="quick")
    writes: list[Callable[[Session], None]] = [
        lambda s: work.report_progress(s, slow, "asr", 0.5, None),
        lambda s: work.save_stage(s, slow, "asr", "{}"),
        lambda s: work.save_report(s, slow, "{}", verdict="taken", signals=1, duration=1.0),
        lambda s: work.finish(s, slow),
        lambda s: work.fail(s, slow, StoreError("x", "x", "x")),
    ]
    for write in writes:
        with pytest.raises(work.ClaimLost), bank.database.session() as session:
            write(session)
    with bank.database.session() as session:
        assert session.scalar(select(func.count()).select_from(StageResult)) == 0


def test_cancelling_a_waiting_meeting_is_immediate_and_a_running_one_is_asked(bank: Bank) -> None:
    with bank.database.session() as session:
        waiting = session.get_one(Meeting, bank.meetings["li 1"])
        meetings.request_cancel(waiting)
        assert waiting.status is Status.CANCELLED
    task = running(bank)
    with bank.database.session() as session:
        meetings.request_cancel(session.get_one(Meeting, task.meeting_id))
    with bank.database.session() as session, pytest.raises(work.CancelRequested):
        work.report_progress(session, task, "asr", 0.5, 10.0)
    with bank.database.session() as session:
        work.cancel(session, task)
    with bank.database.session() as session:
        with pytest.raises(RequestError):
            meetings.request_cancel(session.get_one(Meeting, task.meeting_id))
        meetings.prepare_retry(session.get_one(Meeting, task.meeting_id))
        assert (task.meeting_id, 2) in work.undispatched(session)
        assert work.claim(session, task.meeting_id, 1, "w1") is None, "the first attempt is over"
        assert work.claim(session, task.meeting_id, 2, "w1") is not None


def test_deleting_a_meeting_deletes_everything_derived_from_it(bank: Bank) -> None:
    finished(bank)
    id = bank.meetings["wang 1"]
    with bank.database.session() as session:
        meeting = session.get_one(Meeting, id)
        overlay.add_correction(session, meeting, meeting.owner, {"kind": "x"})
        meetings.delete_meeting(session, meeting, bank.blobs)
    with bank.database.session() as session:
        for table in (StageResult, Report, Correction):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.get(Meeting, id) is None
    assert [k for k in bank.blobs.all_keys() if id in k] == []
    assert any(bank.meetings["li 1"] in k for k in bank.blobs.all_keys()), "nothing else is deleted"


def test_the_latest_correction_is_undone_first_and_stays_as_history(bank: Bank) -> None:
    finished(bank)
    with bank.database.session() as session:
        meeting = session.get_one(Meeting, bank.meetings["wang 1"])
        for number in (1, 2):
            overlay.add_correction(session, meeting, meeting.owner, {"n": number})
        assert overlay.undo(session, meeting, meeting.owner).change == {"n": 2}
        assert [c.change for c in overlay.corrections(session, meeting.id)] == [{"n": 1}]
        assert len(overlay.corrections(session, meeting.id, undone=True)) == 2
        overlay.undo(session, meeting, meeting.owner)
        with pytest.raises(RequestError):
            overlay.undo(session, meeting, meeting.owner)


def test_retention_takes_the_nearest_limit_above_and_spares_what_is_at_work(bank: Bank) -> None:
    finished(bank, "wang 1")
    finished(bank, "zhao 1")
    with bank.database.session() as session:
        unit_at(session, "").retention_days = 30
        unit_at(session, "西区分行").retention_days = 0
        for meeting in session.scalars(select(Meeting)).unique():
            meeting.created_at = now() - timedelta(days=31)
        session.flush()
        assert [m.title for m in meetings.expired_meetings(session)] == ["wang 1"]


def test_the_list_is_searched_and_paged_within_what_is_visible(bank: Bank) -> None:
    with bank.database.session() as session:
        coach = bank.user(session, "coach_east")
        for number in range(3):
            meetings.add_meeting(session, bank.user(session, "wang"), new_meeting(f"甲_{number}"))
        page = meetings.list_meetings(session, coach, search="甲_", size=2)
        assert (len(page.meetings), page.total) == (2, 3)
        assert meetings.list_meetings(session, coach, search="%").total == 0
        assert meetings.list_meetings(session, coach, search="zhao").total == 0
        assert meetings.list_meetings(session, coach, search="li").total == 1


def test_exactly_one_worker_takes_over_a_silent_one(bank: Bank) -> None:
    with bank.database.session() as session:
        for id in ("dead", "a", "b"):
            work.beat(session, id, "host")
        session.get_one(Worker, "dead").seen_at = now() - timedelta(minutes=1)
    silence = timedelta(seconds=30)
    with bank.database.session() as session:
        assert work.elect_to_take_over(session, "a", silence) == ["dead"]
    with bank.database.session() as session:
        assert work.elect_to_take_over(session, "b", silence) == []
        assert work.elect_to_take_over(session, "a", silence) == ["dead"], "who was elected may go on after a crash"
        work.forget_worker(session, "dead", "a", silence)
    with bank.database.session() as session:
        assert session.get(Worker, "dead") is None


def test_a_backup_restores_everything_into_an_empty_service_only(bank: Bank, tmp_path: Path) -> None:
    finished(bank)
    running(bank, "li 1")
    target = tmp_path / "all.tar"
    backup(bank.database, bank.blobs, target)
    other, blobs = Database(f"sqlite:///{tmp_path / 'other.db'}"), BlobStore(str(tmp_path / "other"))
    restore(other, blobs, target)
    assert blobs.all_keys() == bank.blobs.all_keys()
    with other.session() as session, bank.database.session() as before:
        for name in ("wang 1", "li 1"):
            there, here = session.get_one(Meeting, bank.meetings[name]), before.get_one(Meeting, bank.meetings[name])
            assert (there.title, there.created_at, there.owner.username) == (
                here.title,
                here.created_at,
                here.owner.username,
            )
        again = session.get_one(Meeting, bank.meetings["li 1"])
        assert (again.status, again.attempt, again.dispatched) == (Status.QUEUED, 2, False)
        assert session.get_one(Report, bank.meetings["wang 1"]).signals == 3
    with pytest.raises(StoreError) as refused:
        restore(other, blobs, target)
    assert refused.value.code == "not_empty"
    (tmp_path / "cut.tar").write_bytes(target.read_bytes()[:1500])
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreError):
        restore(empty, blobs, tmp_path / "cut.tar")
    with empty.session() as session:
        assert session.scalar(select(func.count()).select_from(Meeting)) == 0
    other.close()
    empty.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(bank: Bank) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with bank.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
        assert compare_metadata(context, METADATA) == []
    bank.database.check()


def test_an_old_schema_is_told_with_a_remedy(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(StoreError, match="db upgrade"):
        database.check()
    database.close()


@pytest.mark.parametrize("key", ["../x", "a//b", "/etc/passwd", "a/./b"])
def test_a_key_cannot_leave_the_store(bank: Bank, key: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="key"):
        bank.blobs.put(key, tmp_path)


def test_blobs_are_read_by_range_and_say_when_they_are_gone(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "ten").write_bytes(b"0123456789")
    for store in (bank.blobs, BlobStore("memory://blobs")):
        store.put("meetings/a/upload", tmp_path / "ten")
        assert store.size("meetings/a/upload") == 10
        assert b"".join(store.read("meetings/a/upload", 2, 5)) == b"234"
        with store.local("meetings/a/upload", tmp_path) as path:
            assert path.read_bytes() == b"0123456789"
        store.delete("meetings/a")
        store.delete("meetings/a")
        assert store.size("meetings/a/upload") is None
        with pytest.raises(StoreError), store.local("meetings/a/upload"):
            pass


def test_the_audit_trail_outlives_the_meeting(bank: Bank) -> None:
    from signals.store.audit import record

    with bank.database.session() as session:
        meeting = session.get_one(Meeting, bank.meetings["wang 1"])
        record(session, meeting.owner, "delete", meeting, address="10.0.0.1")
        meetings.delete_meeting(session, meeting, bank.blobs)
    with bank.database.session() as session:
        assert session.scalars(select(AuditEntry)).one().action == "delete"
