"""Passwords, logins, throttling, tokens and the tree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from store_example import PASSWORD, Bank

from signals.domain.errors import RequestError
from signals.store import accounts
from signals.store.models import ApiToken, Level, LoginFailure, LoginSession, UserRole, now


def test_the_right_password_logs_in_and_the_cookie_is_not_in_the_database(bank: Bank) -> None:
    with bank.database.session() as session:
        found = accounts.log_in(session, "wang", PASSWORD, "10.0.0.1", 12)
        assert found is not None
        cookie, login = found
        assert login.id != cookie
        again = accounts.find_login(session, cookie)
        assert again is not None
        assert again.user.username == "wang"
        accounts.log_out(session, cookie)
        session.expire_all()
        assert accounts.find_login(session, cookie) is None


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_user_look_alike(bank: Bank, name: str, password: str) -> None:
    with bank.database.session() as session:
        assert accounts.log_in(session, name, password, "10.0.0.1", 12) is None


def test_failures_are_throttled_until_the_wait_is_over(bank: Bank) -> None:
    with bank.database.session() as session:
        for _ in range(5):
            accounts.log_in(session, "wang", "wrong", "10.0.0.1", 12)
        with pytest.raises(RequestError) as error:
            accounts.log_in(session, "wang", PASSWORD, "10.0.0.9", 12)
        assert error.value.code == "throttled"
        assert accounts.log_in(session, "li", PASSWORD, "10.0.0.1", 12) is not None, "a colleague is not locked out"
        for failure in session.scalars(select(LoginFailure)):
            failure.last_at = now() - timedelta(minutes=20)
        session.flush()
        assert accounts.log_in(session, "wang", PASSWORD, "10.0.0.1", 12) is not None
        assert session.get(LoginFailure, "user:wang") is None


def test_a_login_ends_after_its_hours(bank: Bank) -> None:
    with bank.database.session() as session:
        found = accounts.log_in(session, "wang", PASSWORD, "10.0.0.1", 12)
        assert found is not None
        found[1].expires_at = now() - timedelta(seconds=1)
        session.flush()
        assert accounts.find_login(session, found[0]) is None


def test_a_disabled_user_is_out_at_once(bank: Bank) -> None:
    with bank.database.session() as session:
        user = accounts.find_user(session, "wang")
        found = accounts.log_in(session, "wang", PASSWORD, "10.0.0.1", 12)
        assert found is not None
        token = accounts.add_token(session, user, "脚本")
        accounts.disable(session, user)
        session.expire_all()
        assert session.scalars(select(LoginSession)).all() == []
        assert session.scalars(select(ApiToken)).all() == []
        assert accounts.find_token_user(session, token) is None
        assert accounts.log_in(session, "wang", PASSWORD, "10.0.0.1", 12) is None


def test_the_last_admin_cannot_be_disabled(bank: Bank) -> None:
    with bank.database.session() as session, pytest.raises(RequestError, match="最后一个管理员"):
        accounts.disable(session, accounts.find_user(session, "root"))


def test_a_new_password_ends_old_logins(bank: Bank) -> None:
    with bank.database.session() as session:
        found = accounts.log_in(session, "wang", PASSWORD, "10.0.0.1", 12)
        assert found is not None
        accounts.set_password(session, accounts.find_user(session, "wang"), "another-pass-2026")
        session.expire_all()
        assert accounts.find_login(session, found[0]) is None
        assert accounts.log_in(session, "wang", "another-pass-2026", "10.0.0.1", 12) is not None


@pytest.mark.parametrize("weak", ["short1!", "aaaaaaaaaaaaaa", "wang12345678"])
def test_a_weak_password_is_refused(bank: Bank, weak: str) -> None:
    with bank.database.session() as session, pytest.raises(RequestError) as error:
        accounts.set_password(session, accounts.find_user(session, "wang"), weak)
    assert error.value.code == "weak_password"


def test_a_token_finds_its_user_and_is_kept_as_a_digest_only(bank: Bank) -> None:
    with bank.database.session() as session:
        token = accounts.add_token(session, accounts.find_user(session, "li"), "脚本")
        user = accounts.find_token_user(session, token)
        assert user is not None
        assert user.username == "li"
        assert accounts.find_token_user(session, token + "x") is None
        assert token not in session.scalars(select(ApiToken.digest)).all()


def test_the_first_start_makes_one_admin_who_must_change_the_password(bank: Bank) -> None:
    with bank.database.session() as session:
        assert accounts.first_admin(session) is None, "there are users already"


def test_a_path_of_names_makes_the_units_once(bank: Bank) -> None:
    with bank.database.session() as session:
        first = accounts.unit_at(session, "南区分行/三支行/乙组")
        again = accounts.unit_at(session, " 南区分行 / 三支行 / 乙组 ")
        assert first.id == again.id
        assert first.level is Level.TEAM


def test_a_name_that_is_taken_is_refused(bank: Bank) -> None:
    with bank.database.session() as session, pytest.raises(RequestError) as error:
        accounts.add_user(
            session,
            username="wang",
            name="王",
            role=UserRole.COACH,
            unit=accounts.root_unit(session),
            password=PASSWORD,
        )
    assert error.value.code == "taken"
