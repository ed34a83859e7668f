"""Users, the organisation tree, logins and API tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from signals.domain.errors import RequestError
from signals.store.models import ApiToken, Level, LoginFailure, LoginSession, Unit, User, UserRole, now

if TYPE_CHECKING:
    from pwdlib import PasswordHash

SHORTEST_PASSWORD = 10
_FREE_FAILURES = {"user": 5, "from": 30}
"""Failed logins before waiting begins, by kind of key (a whole branch may share one address); from then on the wait
doubles, up to `_LONGEST_WAIT`."""
_LONGEST_WAIT = timedelta(minutes=15)
_FORGET = timedelta(hours=24)


@cache
def _hasher() -> PasswordHash:
    from pwdlib import PasswordHash

    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    """A hash to compare with when there is no such user, so that both cases take as long."""
    return _hasher().hash(secrets.token_urlsafe(16))


def check_password_strength(password: str, username: str) -> None:
    """Raises `RequestError` for a password that is short, of few characters, of digits only or has the user's name."""
    simple = len(set(password)) < 5 or password.isdecimal() or username.lower() in password.lower()
    if len(password) < SHORTEST_PASSWORD or simple:
        raise RequestError(
            "weak_password",
            "密码太简单",
            f"请至少用 {SHORTEST_PASSWORD} 个字符，不要只用数字或重复同一字符，也不要包含用户名",
        )


def find_user(session: Session, username: str) -> User:
    """Raises `RequestError` when there is no such user."""
    user = session.scalars(select(User).where(User.username == username)).one_or_none()
    if user is None:
        raise RequestError("no_user", f"没有用户“{username}”", "请检查用户名")
    return user


def add_user(
    session: Session,
    *,
    username: str,
    name: str,
    role: UserRole,
    unit: Unit,
    password: str,
    must_change: bool = True,
) -> User:
    """Adds a user. Raises `RequestError` for a name that is taken or odd, or a weak password."""
    username = username.strip()
    if not 2 <= len(username) <= 60 or any(c.isspace() or not c.isprintable() for c in username):
        raise RequestError("bad_username", "用户名应为 2 到 60 个字符，不能有空格", "请换一个用户名")
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise RequestError("taken", f"用户名“{username}”已被使用", "请换一个用户名")
    check_password_strength(password, username)
    user = User(
        username=username,
        name=name.strip()[:60] or username,
        role=role,
        unit=unit,
        password_hash=_hasher().hash(password),
        must_change_password=must_change,
    )
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user: User, password: str, *, must_change: bool = False) -> None:
    """Also ends all of the user's logins. Raises `RequestError` for a weak password."""
    check_password_strength(password, user.username)
    user.password_hash = _hasher().hash(password)
    user.must_change_password = must_change
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))


def disable(session: Session, user: User) -> None:
    """The user can't log in any more and his tokens are void. Raises `RequestError` for the last admin."""
    others = select(func.count()).where(User.role == UserRole.ADMIN, User.active, User.id != user.id)
    if user.role is UserRole.ADMIN and not session.scalar(others):
        raise RequestError("last_admin", "不能停用最后一个管理员", "请先添加另一个管理员")
    user.active = False
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    session.execute(delete(ApiToken).where(ApiToken.user_id == user.id))


def root_unit(session: Session) -> Unit:
    """The top of the organisation tree, made when there is none."""
    unit = session.scalars(select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id)).first()
    return unit or add_unit(session, None, "总行", Level.HEAD_OFFICE)


def add_unit(session: Session, parent: Unit | None, name: str, level: Level) -> Unit:
    """A new node below `parent`."""
    unit = Unit(parent_id=parent.id if parent else None, name=name.strip()[:80], level=level)
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    session.flush()
    return unit


def unit_at(session: Session, names: str) -> Unit:
    """The unit at "分行/支行/团队" below the root, made where it is not there yet. Empty is the root."""
    unit = root_unit(session)
    levels = list(Level)
    for depth, name in enumerate([n.strip() for n in names.split("/") if n.strip()], 1):
        found = session.scalars(select(Unit).where(Unit.parent_id == unit.id, Unit.name == name)).one_or_none()
        unit = found or add_unit(session, unit, name, levels[min(depth, len(levels) - 1)])
    return unit


def first_admin(session: Session) -> str | None:
    """Makes the admin of a new installation and returns his one-time password; None when there is an admin already."""
    if session.scalar(select(func.count()).where((User.role == UserRole.ADMIN) | (User.username == "admin"))):
        return None
    password = one_time_password()
    add_user(session, username="admin", name="管理员", role=UserRole.ADMIN, unit=root_unit(session), password=password)
    return password


def one_time_password() -> str:
    """Easy to read out: no letters or digits that look alike."""
    return "-".join("".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4)) for _ in range(4))


def log_in(session: Session, username: str, password: str, address: str, hours: int) -> tuple[str, LoginSession] | None:
    """Cookie and login for the right password; None for the wrong one, which is counted.

    Raises `RequestError` "throttled" when this user or address failed too often lately.
    """
    keys = (f"user:{username[:60]}", f"from:{address[:60]}")
    _check_throttle(session, keys)
    user = session.scalars(select(User).where(User.username == username)).one_or_none()
    right = _hasher().verify(password, user.password_hash if user else _nobody())
    if user is None or not right or not user.active:
        for key in keys:
            _count_failure(session, key)
        return None
    session.execute(delete(LoginFailure).where(LoginFailure.key.in_(keys)))
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now()))
    cookie = secrets.token_urlsafe(32)
    login = LoginSession(
        id=_digest(cookie), user=user, csrf=secrets.token_urlsafe(32), expires_at=now() + timedelta(hours=hours)
    )
    session.add(login)
    session.flush()
    return cookie, login


def find_login(session: Session, cookie: str) -> LoginSession | None:
    """The login of a cookie; None when it is unknown, over, or its user disabled."""
    login = session.get(LoginSession, _digest(cookie))
    return login if login is not None and login.expires_at > now() and login.user.active else None


def log_out(session: Session, cookie: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.id == _digest(cookie)))


def add_token(session: Session, user: User, name: str) -> str:
    """A new API token; it is shown once and only its digest is kept."""
    token = f"sig_{secrets.token_urlsafe(32)}"
    session.add(ApiToken(user_id=user.id, name=name.strip()[:60] or "API", digest=_digest(token)))
    session.flush()
    return token


def find_token_user(session: Session, token: str) -> User | None:
    """The user of an API token; None when it is unknown or its user disabled."""
    found = session.scalars(select(ApiToken).where(ApiToken.digest == _digest(token))).one_or_none()
    if found is None or not found.user.active:
        return None
    found.last_used_at = now()
    return found.user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _check_throttle(session: Session, keys: tuple[str, ...]) -> None:
    for failure in session.scalars(select(LoginFailure).where(LoginFailure.key.in_(keys))):
        over = failure.count - _FREE_FAILURES[failure.key.partition(":")[0]]
        wait = min(_LONGEST_WAIT, timedelta(seconds=2.0 ** min(over, 12))) if over >= 0 else timedelta()
        left = (failure.last_at + wait - now()).total_seconds()
        if left > 0:
            raise RequestError("throttled", "登录失败次数过多", f"请在 {left:.0f} 秒后再试；忘记密码请联系管理员")


def _count_failure(session: Session, key: str) -> None:
    failure = session.get(LoginFailure, key)
    if failure is None:
        session.add(LoginFailure(key=key, count=1, last_at=now()))
        return
    failure.count = failure.count + 1 if now() - failure.last_at < _FORGET else 1
    failure.last_at = now()
