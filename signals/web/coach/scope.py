"""What a page of the workbench looks at, as it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from sqlalchemy.orm import Session

from signals.domain.coaching import ClientKind
from signals.store.access import visible_people, visible_units
from signals.store.models import Unit, User
from signals.store.overview import Scope

PERIODS = {"30": "近 30 天", "90": "近 90 天", "365": "近一年", "all": "全部", "days": "自选日期"}
_USUAL = "90"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A scope with the period by which it was chosen. `link` gives addresses that keep it."""

    scope: Scope
    period: str

    def link(self, path: str, **changes: object) -> str:
        """The path with this scope in its query; changes set to "" drop a part."""
        scope = self.scope
        parts: dict[str, object] = {
            "period": self.period if self.period != _USUAL else "",
            "since": scope.since if self.period == "days" else "",
            "until": scope.until if self.period == "days" else "",
            "unit": scope.unit_id,
            "owner": scope.owner_id,
            "kind": scope.client_kind,
            "client": scope.client,
        }
        query = {k: str(v) for k, v in (parts | changes).items() if v not in (None, "")}
        return f"{path}?{urlencode(query)}" if query else path

    def between(self, since: date, until: date) -> Wanted:
        """The same part of the bank in other days."""
        return Wanted(replace(self.scope, since=since, until=until), "days")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter offers to a user."""

    units: list[Unit]
    people: list[User]


def wanted(
    period: Annotated[str, Query(max_length=10)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    unit: Annotated[str, Query(max_length=10)] = "",
    owner: Annotated[str, Query(max_length=10)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    client: Annotated[str, Query(max_length=120)] = "",
) -> Wanted:
    """What is not understood leaves nothing out."""
    first, last = _date(since), _date(until)
    if first or last:
        period = "days"
    elif period not in PERIODS:
        period = _USUAL
    if period.isdigit():
        last = None
        first = date.today() - timedelta(days=int(period))
    scope = Scope(
        since=first,
        until=last,
        unit_id=_number(unit),
        owner_id=_number(owner),
        client_kind=kind if kind in set(ClientKind) else "",
        client=client.strip(),
    )
    return Wanted(scope, period)


def choices(session: Session, user: User) -> Choices:
    """Units and managers that the user may see."""
    return Choices(list(session.scalars(visible_units(user))), list(session.scalars(visible_people(user)).unique()))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) < 2**31 else None


WantedDep = Annotated[Wanted, Depends(wanted)]
