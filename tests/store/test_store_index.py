"""Rows derived from a report, and what people decided that outlives them."""

from __future__ import annotations

from datetime import date

from report_example import catalogue, example_report
from sqlalchemy import func, select
from store_example import Bank

from signals.store import index
from signals.store.derived_models import Fact, LabelCount, Moment, MomentKind, SpokenTurn
from signals.store.models import Meeting
from signals.store.review_models import Decision, Review


def indexed(bank: Bank, title: str = "wang 1") -> str:
    report = example_report()
    words = [" ".join(t.text) for t in report.conversation.turns]
    with bank.database.session() as session:
        meeting = session.get_one(Meeting, bank.meetings[title])
        index.index_meeting(session, meeting, report, catalogue(), words, "tagger 1")
    return bank.meetings[title]


def test_a_report_becomes_facts_counts_moments_and_turns(bank: Bank) -> None:
    id, report = indexed(bank), example_report()
    with bank.database.session() as session:
        fact = session.get_one(Fact, id)
        assert fact.signals == sum(catalogue().label(h.label).is_signal for h in report.hits)
        assert fact.windows_missed + fact.windows_taken + fact.windows_open == len(report.closing.windows)
        assert fact.seconds == report.conversation.duration
        assert session.scalar(select(func.sum(LabelCount.count))) == len(report.hits)
        hits = session.scalars(select(Moment).where(Moment.kind == MomentKind.HIT)).all()
        assert sorted((m.turn, m.label) for m in hits) == sorted((h.turn, h.label) for h in report.hits)
        assert session.scalar(select(func.count()).select_from(SpokenTurn)) == len(report.conversation.turns)


def test_indexing_again_changes_nothing_and_keeps_what_was_decided(bank: Bank) -> None:
    id = indexed(bank)
    with bank.database.session() as session:
        first = session.scalars(
            select(Moment).where(Moment.place < index.places(index.NO_NEED, index.NO_NEED)[0]).order_by(Moment.place)
        ).first()
        assert first is not None
        owner = session.get_one(Meeting, id).owner_id
        review = Review(
            meeting_id=id,
            kind=first.kind,
            label=first.label,
            turn=first.turn,
            decision=Decision.ACCEPTED,
            user_id=owner,
        )
        session.add(review)
        before = session.scalar(select(func.count()).select_from(Moment))
        key = (first.kind, first.label, first.turn)
    indexed(bank)
    with bank.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Moment)) == before
        decided = session.scalars(select(Moment).where(Moment.decision != "")).all()
        assert [(m.kind, m.label, m.turn) for m in decided] == [key]
        assert decided[0].place == index.place_of(index.DECIDED, decided[0].day)


def test_missed_closings_stand_first_in_the_queue_and_small_talk_nowhere(bank: Bank) -> None:
    indexed(bank)
    with bank.database.session() as session:
        for moment in session.scalars(select(Moment)):
            if moment.kind is MomentKind.MISSED:
                assert moment.place == index.place_of(index.MISSED, moment.day)
            elif moment.kind is MomentKind.HIT and moment.label in ("small_talk", "listening", "q_open"):
                assert moment.place == index.place_of(index.NO_NEED, moment.day)
        first = session.scalars(select(Moment).order_by(Moment.place)).first()
        assert first is not None
        assert first.kind is MomentKind.MISSED


def test_a_corrected_date_and_client_reach_the_derived_rows(bank: Bank) -> None:
    id = indexed(bank)
    with bank.database.session() as session:
        meeting = session.get_one(Meeting, id)
        meeting.met_on, meeting.client = date(2025, 3, 4), "新名字"
        index.follow_details(session, meeting)
    with bank.database.session() as session:
        assert session.get_one(Fact, id).day == date(2025, 3, 4)
        moments = session.scalars(select(Moment)).all()
        assert {m.client for m in moments} == {"新名字"}
        assert min(m.place for m in moments) == index.place_of(index.MISSED, date(2025, 3, 4))
        assert set(session.scalars(select(LabelCount.day))) == {date(2025, 3, 4)}
