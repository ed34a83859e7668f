"""Users, the organisation tree, the audit trail, and one's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from signals.domain.errors import RequestError, SignalsError
from signals.store import accounts
from signals.store.access import visible_audit, visible_units, visible_users
from signals.store.audit import record
from signals.store.models import ApiToken, Level, Unit, User, UserRole
from signals.web import trail
from signals.web.access import AdminCaller, Caller, PageCaller, ServiceDep, SessionDep
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
_PAGE = 100


@router.get("/users")
def users(request: Request, session: SessionDep, caller: AdminCaller) -> Response:
    return _users(request, session, caller)


def _users(
    request: Request,
    session: Session,
    caller: Caller,
    *,
    error: SignalsError | None = None,
    told: tuple[str, str] | None = None,
    status_code: int = 200,
) -> Response:
    found = session.scalars(visible_users(caller.user)).unique().all()
    units = session.scalars(visible_units(caller.user)).all()
    names = {u.id: u.name for u in units}
    paths = {u.id: " / ".join(names[int(p)] for p in u.path.split("/") if p and int(p) in names) for u in units}
    values = {"users": found, "units": units, "paths": paths, "error": error, "told": told}
    return render(request, "users.j2", caller, status_code=status_code, **values)


@router.post("/users")
def add_user(
    request: Request,
    session: SessionDep,
    caller: AdminCaller,
    username: Annotated[str, Form(max_length=60)],
    name: Annotated[str, Form(max_length=60)],
    role: Annotated[UserRole, Form()],
    unit: Annotated[int, Form()],
) -> Response:
    """Shows the one-time password once."""
    place = _unit(session, caller, unit)
    password = accounts.one_time_password()
    try:
        user = accounts.add_user(session, username=username, name=name, role=role, unit=place, password=password)
    except RequestError as error:
        return _users(request, session, caller, error=error, status_code=400)
    record(session, user, "add_user", detail=f"{role.value} by {caller.user.username}", address=caller.address)
    return _users(request, session, caller, told=(user.username, password))


@router.post("/users/{id}/reset")
def reset(request: Request, session: SessionDep, caller: AdminCaller, id: int) -> Response:
    user = _user(session, caller, id)
    password = accounts.one_time_password()
    accounts.set_password(session, user, password, must_change=True)
    record(session, user, "password", detail=f"reset by {caller.user.username}", address=caller.address)
    return _users(request, session, caller, told=(user.username, password))


@router.post("/users/{id}/disable")
def disable(request: Request, session: SessionDep, caller: AdminCaller, id: int) -> Response:
    user = _user(session, caller, id)
    try:
        accounts.disable(session, user)
    except RequestError as error:
        return _users(request, session, caller, error=error, status_code=409)
    record(session, user, "disable", detail=f"by {caller.user.username}", address=caller.address)
    return RedirectResponse("/users", status_code=303)


@router.post("/units")
def add_unit(
    session: SessionDep,
    caller: AdminCaller,
    parent: Annotated[int, Form()],
    name: Annotated[str, Form(min_length=1, max_length=80)],
) -> Response:
    above = _unit(session, caller, parent)
    levels = list(Level)
    unit = accounts.add_unit(session, above, name, levels[min(levels.index(above.level) + 1, len(levels) - 1)])
    record(session, caller.user, "add_unit", detail=str(unit.id), address=caller.address)
    return RedirectResponse("/users", status_code=303)


@router.post("/units/{id}/retention")
def retention(
    session: SessionDep, caller: AdminCaller, id: int, days: Annotated[str, Form(pattern=r"^\d{0,5}$")] = ""
) -> Response:
    """Days for which a unit's meetings are kept; empty takes the unit above, 0 keeps them."""
    unit = _unit(session, caller, id)
    unit.retention_days = int(days) if days else None
    record(session, caller.user, "retention", detail=f"{unit.id}: {days}", address=caller.address)
    return RedirectResponse("/users", status_code=303)


@router.get("/audit")
def audit(request: Request, session: SessionDep, service: ServiceDep, caller: PageCaller, page: int = 1) -> Response:
    page = max(1, min(page, 10_000))
    query = visible_audit(caller.user).offset((page - 1) * _PAGE).limit(_PAGE + 1)
    found = session.scalars(query).all()
    more = len(found) > _PAGE
    entries = trail.told(session, caller.user, found[:_PAGE], service.catalogue)
    return render(request, "audit.j2", caller, entries=entries, page=page, more=more)


@router.get("/account")
def account(request: Request, session: SessionDep, caller: PageCaller) -> Response:
    return _account(request, session, caller)


def _account(request: Request, session: Session, caller: Caller, token: str = "") -> Response:
    tokens = session.scalars(select(ApiToken).where(ApiToken.user_id == caller.user.id).order_by(ApiToken.id)).all()
    return render(request, "account.j2", caller, tokens=tokens, token=token)


@router.post("/account/tokens")
def add_token(
    request: Request, session: SessionDep, caller: PageCaller, name: Annotated[str, Form(min_length=1, max_length=60)]
) -> Response:
    """Shows the token once."""
    token = accounts.add_token(session, caller.user, name)
    record(session, caller.user, "add_token", address=caller.address)
    return _account(request, session, caller, token)


@router.post("/account/tokens/{id}/delete")
def delete_token(session: SessionDep, caller: PageCaller, id: int) -> Response:
    session.execute(delete(ApiToken).where(ApiToken.id == id, ApiToken.user_id == caller.user.id))
    record(session, caller.user, "delete_token", address=caller.address)
    return RedirectResponse("/account", status_code=303)


def _user(session: Session, caller: Caller, id: int) -> User:
    user = session.scalars(visible_users(caller.user).where(User.id == id)).unique().one_or_none()
    if user is None:
        raise RequestError("not_found", "没有这个用户，或不在您管理的机构内", "请回到用户页")
    return user


def _unit(session: Session, caller: Caller, id: int) -> Unit:
    unit = session.scalars(visible_units(caller.user).where(Unit.id == id)).one_or_none()
    if unit is None:
        raise RequestError("not_found", "没有这个机构，或不在您管理的范围内", "请回到用户页")
    return unit
