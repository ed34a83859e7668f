"""Who sees whose meetings."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session
from store_example import Bank

from signals.domain.errors import RequestError
from signals.store.access import find_meeting, may, visible_audit, visible_meetings, visible_units, visible_users
from signals.store.audit import record
from signals.store.models import Meeting


def titles(session: Session, bank: Bank, username: str) -> list[str]:
    found = session.scalars(visible_meetings(bank.user(session, username)).order_by(Meeting.title)).unique()
    return [m.title for m in found]


def test_a_manager_sees_his_own_meetings_only(bank: Bank) -> None:
    with bank.database.session() as session:
        assert titles(session, bank, "wang") == ["wang 1"]
        assert titles(session, bank, "zhao") == ["zhao 1"]


def test_a_coach_sees_the_meetings_of_the_unit_and_below(bank: Bank) -> None:
    with bank.database.session() as session:
        assert titles(session, bank, "coach_east") == ["li 1", "wang 1"]
        assert titles(session, bank, "head_west") == ["zhao 1"]
        assert titles(session, bank, "root") == ["li 1", "wang 1", "zhao 1"]


def test_a_unit_whose_number_begins_alike_is_not_below(bank: Bank) -> None:
    """Paths end in a slash: /1/2/ is no prefix of /1/21/."""
    with bank.database.session() as session:
        east = bank.user(session, "coach_east").unit
        assert all(
            u.path.startswith(east.path) for u in session.scalars(visible_units(bank.user(session, "coach_east")))
        )
        assert east.path.endswith("/")


def test_what_one_may_not_see_is_not_found_and_what_one_may_not_do_is_forbidden(bank: Bank) -> None:
    with bank.database.session() as session:
        with pytest.raises(RequestError) as hidden:
            find_meeting(session, bank.user(session, "zhao"), bank.meetings["wang 1"])
        assert hidden.value.code == "not_found"
        coach = bank.user(session, "coach_east")
        meeting = find_meeting(session, coach, bank.meetings["wang 1"], "correct")
        assert not may(coach, "delete", meeting)
        with pytest.raises(RequestError) as refused:
            find_meeting(session, coach, bank.meetings["wang 1"], "delete")
        assert refused.value.code == "forbidden"
        assert may(bank.user(session, "wang"), "delete", meeting)


def test_only_an_admin_sees_other_users_and_only_of_his_part(bank: Bank) -> None:
    with bank.database.session() as session:
        seen = {u.username for u in session.scalars(visible_users(bank.user(session, "root"))).unique()}
        assert {"wang", "zhao", "coach_east"} <= seen
        assert [u.username for u in session.scalars(visible_users(bank.user(session, "wang"))).unique()] == ["wang"]


def test_the_audit_trail_shows_a_branch_head_his_part_and_a_manager_himself(bank: Bank) -> None:
    with bank.database.session() as session:
        for name in ("wang", "zhao"):
            user = bank.user(session, name)
            record(session, user, "view", session.get(Meeting, bank.meetings[f"{name} 1"]))
        session.flush()
        west = session.scalars(visible_audit(bank.user(session, "head_west"))).all()
        assert {e.username for e in west} == {"zhao"}
        assert {e.username for e in session.scalars(visible_audit(bank.user(session, "wang")))} == {"wang"}
        assert len(session.scalars(visible_audit(bank.user(session, "root"))).all()) == 2
