"""History tagged anew: from stored words, whole or not at all, with corrections on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fakes import FakeTagger
from report_example import catalogue, example_report
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from store_example import Bank
from web_rig import FAKE_CHILD, Web

from signals.domain.conversation import Conversation
from signals.domain.corrections import JudgeHit
from signals.domain.tags import Hit, KeptVectors
from signals.jobs.chores import Chores
from signals.jobs.retag import Options, Outcome, retag
from signals.store import overlay
from signals.store import retag as store
from signals.store.derived_models import Chore, Fact, LabelCount, Moment, SpokenTurn
from signals.store.models import Meeting, Report

NEW = FakeTagger({"提前还": "early_repayment"}, description="fake-tagger v2")


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def test_history_is_tagged_anew_and_the_table_says_what_changed(web: Web) -> None:
    id = web.finished()
    before = example_report()
    outcome = retag(web.bank.database, NEW, catalogue(), Options())
    assert outcome.meetings == 1
    assert outcome.labels["early_repayment"].after > 0
    for label, change in outcome.labels.items():
        assert change.before == sum(h.label == label for h in before.hits)
        assert change.after == change.before + change.gained - change.lost
    with web.bank.database.session() as session:
        assert set(session.scalars(select(LabelCount.label))) == {"early_repayment"}
        assert session.get_one(Fact, id).tagger.startswith("fake-tagger v2 catalogue ")
        assert session.scalar(select(func.count()).select_from(SpokenTurn)) == len(before.conversation.turns)
    assert retag(web.bank.database, NEW, catalogue(), Options()).meetings == 0, "what is done is not done again"
    assert retag(web.bank.database, NEW, catalogue(), Options(everything=True)).meetings == 1


def test_a_dry_run_says_the_same_and_writes_nothing(web: Web) -> None:
    id = web.finished()
    with web.bank.database.session() as session:
        document = session.get_one(Report, id).document
    said = retag(web.bank.database, NEW, catalogue(), Options(write=False))
    with web.bank.database.session() as session:
        assert session.get_one(Report, id).document == document
        assert session.get_one(Fact, id).tagger == ""
    assert retag(web.bank.database, NEW, catalogue(), Options()).plain() == said.plain()


def test_corrections_lie_over_the_new_result(web: Web) -> None:
    id = web.finished()
    turn = next(t for t in example_report().conversation.turns if "提前还" in t.text and t.role.value == "customer")
    change = JudgeHit(kind="judge_hit", turn=turn.index, label="early_repayment", verdict="rejected")
    with web.bank.database.session() as session:
        meeting, user = session.get_one(Meeting, id), web.bank.user(session, "wang")
        overlay.add_correction(session, meeting, user, change.model_dump(mode="json"))
    retag(web.bank.database, NEW, catalogue(), Options())
    view = web.client("wang").get(f"/api/v1/meetings/{id}/view").json()
    status = {(h["turn"], h["label"]): h["status"] for h in view["hits"]}
    assert status[turn.index, "early_repayment"] == "rejected"
    assert (turn.index, "early_repayment") not in {(h["turn"], h["label"]) for h in view["report"]["hits"]}


def test_a_correction_in_between_does_not_hide_a_meeting_from_retagging(web: Web) -> None:
    id = web.finished()
    hit = example_report().hits[0]
    change = {"kind": "judge_hit", "turn": hit.turn, "label": hit.label, "verdict": "confirmed"}
    assert web.client("wang").post(f"/api/v1/meetings/{id}/corrections", json=change).status_code == 201
    assert retag(web.bank.database, NEW, catalogue(), Options()).meetings == 1


def test_work_that_was_stopped_goes_on_where_it_was(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signals.jobs.retag._BATCH", 1)
    web.finished("wang 1")
    web.finished("zhao 1")

    def stop(done: int, _: int) -> None:
        if done == 1:
            raise Stopped

    with pytest.raises(Stopped):
        retag(web.bank.database, NEW, catalogue(), Options(tell=stop))
    assert retag(web.bank.database, NEW, catalogue(), Options()).meetings == 1


def test_the_table_of_resumed_work_is_of_all_of_it(web: Web) -> None:
    web.finished("wang 1")
    web.finished("zhao 1")
    kept: list[dict[str, object]] = []

    def stop(_: Session, outcome: Outcome) -> None:
        if outcome.meetings == 2:
            raise Stopped
        kept.append(outcome.plain())

    with pytest.raises(Stopped):
        retag(web.bank.database, NEW, catalogue(), Options(keep=stop))
    resumed = retag(web.bank.database, NEW, catalogue(), Options(outcome=Outcome.of(kept[-1])))
    assert resumed.meetings == 2, "the second was not kept, and is counted once"
    assert resumed.labels["early_repayment"].after == 2 * kept[-1]["labels"]["early_repayment"]["after"]  # type: ignore[index]


def test_a_changed_catalogue_makes_history_stale(web: Web) -> None:
    web.finished()
    retag(web.bank.database, NEW, catalogue(), Options())
    first, *others = catalogue().labels
    other = catalogue().model_copy(update={"labels": (first.model_copy(update={"weight": 0.05}), *others)})
    assert retag(web.bank.database, NEW, other, Options()).meetings == 1
    assert retag(web.bank.database, NEW, other, Options()).meetings == 0


def test_a_correction_of_old_hits_does_not_make_them_new(web: Web) -> None:
    id = web.finished()
    turn, label = example_report().hits[0].turn, example_report().hits[0].label
    change = {"kind": "judge_hit", "turn": turn, "label": label, "verdict": "rejected"}
    answer = web.client("wang").post(f"/api/v1/meetings/{id}/corrections", json=change)
    assert answer.status_code == 201, answer.text
    assert retag(web.bank.database, NEW, catalogue(), Options()).meetings == 1


def test_an_open_report_shows_the_new_hits(web: Web) -> None:
    id = web.finished()
    wang = web.client("wang")
    before = wang.get(f"/api/v1/meetings/{id}/view").json()["report"]["hits"]
    retag(web.bank.database, NEW, catalogue(), Options())
    after = wang.get(f"/api/v1/meetings/{id}/view").json()["report"]["hits"]
    assert {h["label"] for h in before} != {h["label"] for h in after} == {"early_repayment"}


def test_a_meeting_that_changes_while_it_is_tagged_is_not_overwritten(web: Web) -> None:
    id = web.finished()

    @dataclass
    class Slow(FakeTagger):
        """In the meantime the meeting is analysed anew: the service is not kept waiting by it."""

        def tag_again(
            self,
            conversations: Sequence[Conversation],
            before: Sequence[Sequence[Hit]],
            kept: Sequence[KeptVectors | None],
        ) -> list[tuple[tuple[Hit, ...], KeptVectors | None]]:
            with web.bank.database.session() as session:
                session.get_one(Report, id).document += " "
            return super().tag_again(conversations, before, kept)

    assert retag(web.bank.database, Slow(NEW.by_words, "slow v1"), catalogue(), Options()).meetings == 0
    with web.bank.database.session() as session:
        assert session.get_one(Report, id).document.endswith(" ")


def test_history_from_before_the_workbench_is_entered_in_it(web: Web) -> None:
    id = web.finished()
    with web.bank.database.session() as session:
        for table in (Fact, LabelCount, Moment, SpokenTurn):
            session.execute(delete(table))
    retag(web.bank.database, NEW, catalogue(), Options())
    with web.bank.database.session() as session:
        assert session.get(Fact, id) is not None
        turns = session.scalar(select(func.count()).select_from(SpokenTurn))
        assert turns == len(example_report().conversation.turns)


def test_what_is_being_analysed_is_left_to_its_worker(bank: Bank) -> None:
    assert retag(bank.database, NEW, catalogue(), Options()).meetings == 0


def test_a_chore_is_done_once_by_one_worker_and_leaves_its_table(web: Web) -> None:
    web.finished()
    admin = web.client("root")
    assert web.client("coach_east").post("/retag").status_code == 403
    assert admin.post("/retag").status_code == 303
    assert admin.post("/retag").status_code == 303, "asked twice"
    assert "等待工作进程" in admin.get("/retag").text
    chores = Chores(web.service.settings, web.bank.database, FAKE_CHILD, timedelta(seconds=60))
    chores.look("w1")
    Chores(web.service.settings, web.bank.database, FAKE_CHILD, timedelta(seconds=60)).look("w2")
    assert chores._running is not None
    chores._running.join(120)
    with web.bank.database.session() as session:
        chore = session.scalars(select(Chore)).one()
        assert chore.claim == "w1"
        assert chore.finished_at is not None
        assert chore.result["meetings"] == 1
    assert "上一次" in admin.get("/retag").text


def test_a_dead_workers_chore_is_taken_over(bank: Bank) -> None:
    with bank.database.session() as session:
        chore = store.ask(session, bank.user(session, "root").id).id
    with bank.database.session() as session:
        assert store.take(session, "w1", timedelta(seconds=60)) == chore
        assert store.take(session, "w2", timedelta(seconds=60)) is None
    with bank.database.session() as session:
        assert store.take(session, "w2", timedelta(seconds=-1)) == chore
        with pytest.raises(store.Taken):
            store.tell(session, chore, "w1", 0.5)
