"""Three workers on a real PostgreSQL: killed in every stage, and the database away for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from jobs_rig import Rig
from postgres_server import Postgres
from report_example import catalogue, example_report
from sqlalchemy import func, select
from store_example import Bank, small_bank

from signals.store import work
from signals.store.access import visible_meetings
from signals.store.backup import backup, restore
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.index import index_meeting
from signals.store.meetings import list_meetings
from signals.store.models import Meeting, Report, Status, Worker, now
from signals.store.overview import Scope, overview
from signals.store.queue import moments
from signals.store.search import search
from signals.store.tables import METADATA, is_described

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.close()


@pytest.fixture
def rig(postgres: Postgres, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "rig", postgres.database())
    yield rig
    rig.close()


def test_of_three_workers_one_is_killed_in_every_stage_and_no_meeting_is_lost_or_done_twice(rig: Rig) -> None:
    """Each worker has a data folder of its own, as on three machines; only database and files are shared."""
    folders = [rig.folder / f"machine{n}" for n in range(3)]
    workers = {folder: rig.start(folder) for folder in folders}
    ids = [rig.upload(f"会谈{n}") for n in range(4)]
    killed = 0
    for stage in ("asr", "speakers", "understand"):
        rig.hold(stage)
        holder = rig.wait_reached(stage)
        folder = next(f for f in folders if holder in _identities(f))
        rig.kill(workers[folder])
        killed += 1
        rig.let_go(stage)
        workers[folder] = rig.start(folder)
    for id in ids:
        rig.wait_status(id, Status.DONE)
    with rig.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == len(ids)
    runs = rig.runs()
    assert sum(runs.values()) <= 3 * len(ids) + 3 * killed, "only what was interrupted ran again"
    assert all(runs[stage] >= len(ids) for stage in ("asr", "speakers", "understand"))


def _identities(folder: Path) -> set[str]:
    return {p.read_text(encoding="ascii") for p in (folder / "workers").glob("*.id")}


def test_a_machine_that_never_comes_back_is_taken_over_by_another(rig: Rig) -> None:
    id = rig.upload()
    rig.hold("speakers")
    first = rig.start(rig.folder / "machine0")
    rig.wait_reached("speakers")
    before = rig.meeting(id).claim
    rig.start(rig.folder / "machine1")
    rig.kill(first)
    rig.let_go("speakers")
    rig.wait_status(id, Status.DONE)
    assert rig.runs() == {"asr": 1, "speakers": 2, "understand": 1}
    assert rig.meeting(id).claim.partition(":")[0] != before.partition(":")[0]


def test_the_database_may_be_away_for_a_minute(rig: Rig, postgres: Postgres) -> None:
    id = rig.upload()
    rig.hold("asr")
    worker = rig.start()
    rig.wait_reached("asr")
    postgres.stop()
    try:
        rig.let_go("asr")  # the stage ends while nobody can be told
        time.sleep(60)
        assert worker.poll() is None
    finally:
        postgres.start()
    rig.wait_status(id, Status.DONE)
    assert rig.runs() == {"asr": 1, "speakers": 1, "understand": 1}


@pytest.fixture
def bank(postgres: Postgres, tmp_path: Path, quick_hashes: None) -> Iterator[Bank]:
    database = Database(postgres.database())
    yield small_bank(database, tmp_path)
    database.close()


def test_search_and_figures_are_the_same_on_postgresql(bank: Bank) -> None:
    report = example_report()
    words = [" ".join(t.text) for t in report.conversation.turns]
    with bank.database.session() as session:
        for title in ("wang 1", "zhao 1"):
            meeting = session.get_one(Meeting, bank.meetings[title])
            index_meeting(session, meeting, report, catalogue(), words)
    with bank.database.session() as session:
        coach = bank.user(session, "coach_east")
        found, more = search(session, coach, Scope(), ["提", "前"])
        assert found
        assert not more
        assert {m.title for _, m in found} == {"wang 1"}
        assert all("提" in t.text and "前" in t.text for t, _ in found)
        assert search(session, coach, Scope(), ["'", "&", "!"])[0] == []
        assert overview(session, coach, Scope()).figures.meetings == 1
        rows, _ = moments(session, coach, Scope())
        assert rows[0][0].kind.value == "missed"


def test_the_store_is_the_same_on_postgresql(bank: Bank) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with bank.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_described})
        assert compare_metadata(context, METADATA) == []
    with bank.database.session() as session:
        coach = bank.user(session, "coach_east")
        assert sorted(m.title for m in session.scalars(visible_meetings(coach)).unique()) == ["li 1", "wang 1"]
        assert list_meetings(session, coach, search="li").total == 1
        for id in ("dead", "a", "b"):
            work.beat(session, id, "host")
        session.get_one(Worker, "dead").seen_at = now() - timedelta(minutes=1)
    with bank.database.session() as session:
        assert work.elect_to_take_over(session, "a", timedelta(seconds=30)) == ["dead"]


def test_a_service_moves_from_sqlite_to_postgresql_by_a_backup(
    postgres: Postgres, tmp_path: Path, quick_hashes: None
) -> None:
    small = Database(f"sqlite:///{tmp_path / 'small.db'}")
    old = small_bank(small, tmp_path)
    backup(small, old.blobs, tmp_path / "all.tar")
    large = Database(postgres.database())
    restore(large, BlobStore(str(tmp_path / "blobs2")), tmp_path / "all.tar")
    with large.session() as session:
        assert session.scalar(select(func.count()).select_from(Meeting)) == 3
        from signals.store.accounts import unit_at

        assert unit_at(session, "新区分行").id > 0, "numbers go on where the backup's end"
    small.close()
    large.close()
