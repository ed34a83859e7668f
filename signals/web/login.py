"""Logging in and out, and changing one's password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from signals.domain.errors import RequestError
from signals.store.accounts import log_in, log_out, set_password
from signals.store.audit import record
from signals.web.access import COOKIE, AnyLogin, Caller, ServiceDep, SessionDep, address
from signals.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/login")
def login_page(request: Request, next: str = "/") -> Response:
    return render(request, "login.j2", next=_inside(next), error=None, username="")


@router.post("/login")
def login(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    username: Annotated[str, Form(max_length=60)],
    password: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form(max_length=200)] = "/",
) -> Response:
    _same_site(request)
    username, there = username.strip(), _inside(next)
    try:
        found = log_in(session, username, password, address(request), service.settings.session_hours)
    except RequestError as error:
        return render(request, "login.j2", status_code=429, next=there, error=error, username=username)
    if found is None:
        record(session, None, "login_failed", username=username, address=address(request))
        wrong = RequestError("wrong", "用户名或密码不对", "请再试一次；忘记密码请联系管理员重设")
        return render(request, "login.j2", status_code=401, next=there, error=wrong, username=username)
    cookie, entry = found
    record(session, entry.user, "login", address=address(request))
    response = RedirectResponse(there, status_code=303)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=service.settings.session_hours * 3600,
        httponly=True,
        secure=service.settings.https,
        samesite="lax",
    )
    return response


@router.post("/logout")
def logout(request: Request, session: SessionDep, caller: AnyLogin) -> Response:
    log_out(session, request.cookies.get(COOKIE, ""))
    record(session, caller.user, "logout", address=caller.address)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/password")
def password_page(request: Request, caller: AnyLogin) -> Response:
    return render(request, "password.j2", caller, error=None)


@router.post("/password")
def change_password(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    caller: AnyLogin,
    old: Annotated[str, Form(max_length=200)],
    new: Annotated[str, Form(max_length=200)],
) -> Response:
    """Ends all logins of the user, this one too: the new password is used at once."""
    found = log_in(session, caller.user.username, old, caller.address, service.settings.session_hours)
    if found is None:
        error = RequestError("wrong", "现在的密码不对", "请再试一次")
        return render(request, "password.j2", caller, status_code=401, error=error)
    if old == new:
        return _refused(request, caller, RequestError("same", "新密码和现在的一样", "请换一个新密码"))
    try:
        set_password(session, caller.user, new)
    except RequestError as error:
        return _refused(request, caller, error)
    record(session, caller.user, "password", address=caller.address)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response


def _refused(request: Request, caller: Caller, error: RequestError) -> Response:
    return render(request, "password.j2", caller, status_code=400, error=error)


def _inside(path: str) -> str:
    """A path of this service; anything that could lead elsewhere becomes the start page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _same_site(request: Request) -> None:
    """There is no login yet whose token could be asked for: the browser says where the form came from."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RequestError("forged", "登录请求不是从本系统的页面发出的", "请直接打开本系统的登录页")
