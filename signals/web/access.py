"""Who asks: the login of a page, the token of a program. Dependencies that the routes name."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from signals.domain.errors import RequestError
from signals.store.accounts import find_login, find_token_user
from signals.store.models import User, UserRole
from signals.web.service import Service

COOKIE = "signals_login"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class LoginNeeded(Exception):
    """A page was asked for by nobody known."""


class PasswordChangeNeeded(Exception):
    """The user still has the one-time password."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what his pages need. `csrf` is empty for a program with a token."""

    user: User
    csrf: str = ""
    address: str = ""


def get_service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(get_service)]


def get_session(service: ServiceDep) -> Iterator[Session]:
    """One transaction a request, committed before the answer is sent."""
    with service.database.session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def address(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else ""


async def given_csrf(request: Request) -> str:
    """The token that came along: scripts send it in a header, plain forms in a field."""
    if request.method in _SAFE or CSRF_HEADER in request.headers:
        return request.headers.get(CSRF_HEADER, "")
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        value = (await request.form()).get("csrf", "")
        return value if isinstance(value, str) else ""
    return ""


CsrfDep = Annotated[str, Depends(given_csrf)]


def page_caller(request: Request, session: SessionDep, csrf: CsrfDep) -> Caller:
    """The logged-in user of a page. Raises `LoginNeeded`, `PasswordChangeNeeded`, and `RequestError` for a forged form."""
    caller = any_login(request, session, csrf)
    if caller.user.must_change_password:
        raise PasswordChangeNeeded
    return caller


def any_login(request: Request, session: SessionDep, csrf: CsrfDep) -> Caller:
    """Also a user who must still change the password."""
    cookie = request.cookies.get(COOKIE, "")
    login = find_login(session, cookie) if cookie else None
    if login is None:
        raise LoginNeeded
    if request.method not in _SAFE:
        check_csrf(csrf, login.csrf)
    return Caller(login.user, login.csrf, address(request))


def check_csrf(given: str, expected: str) -> None:
    """Raises `RequestError` for a request that none of our pages made."""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise RequestError("forged", "页面已过期", "请刷新页面后再试一次")


def api_caller(request: Request, session: SessionDep, csrf: CsrfDep) -> Caller:
    """The user of a token, or of a page's script. Raises `RequestError` "unauthenticated"."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        user = find_token_user(session, token.strip())
        if user is None or user.must_change_password:
            raise unauthenticated()
        return Caller(user, address=address(request))
    try:
        return page_caller(request, session, csrf)
    except (LoginNeeded, PasswordChangeNeeded):
        raise unauthenticated() from None


def upload_caller(request: Request, service: ServiceDep, csrf: CsrfDep) -> Caller:
    """Like `api_caller`, but without a transaction that lasts as long as the upload."""
    with service.database.session() as session:
        return api_caller(request, session, csrf)


def unauthenticated() -> RequestError:
    return RequestError(
        "unauthenticated", "需要登录或有效的访问令牌", "请重新登录；程序请检查 Authorization 头中的令牌"
    )


def admin_caller(caller: PageCaller) -> Caller:
    """An admin's page. Raises `RequestError` "forbidden"."""
    if caller.user.role is not UserRole.ADMIN:
        raise RequestError("forbidden", "只有管理员可以打开这一页", "需要权限请联系管理员")
    return caller


PageCaller = Annotated[Caller, Depends(page_caller)]
AnyLogin = Annotated[Caller, Depends(any_login)]
UploadCaller = Annotated[Caller, Depends(upload_caller)]
ApiCaller = Annotated[Caller, Depends(api_caller)]
AdminCaller = Annotated[Caller, Depends(admin_caller)]
