"""Figures over many meetings: sums of what `signals.store.index` derived, for one part of the bank and one period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from signals.store.access import seen_by
from signals.store.derived_models import Fact, LabelCount, Moment
from signals.store.models import Meeting, Unit, User, UserRole

LEAST_MEETINGS = 5
"""Meetings below which a person is compared with nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which meetings are looked at; empty fields leave nothing out. Both days are included."""

    since: date | None = None
    until: date | None = None
    unit_id: int | None = None
    """This unit and those below it."""
    owner_id: int | None = None
    client_kind: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of some meetings. Shares 0..1; None where nothing was measured."""

    meetings: int = 0
    seconds: float = 0.0
    signals: int = 0
    objections: int = 0
    taken: int = 0
    missed: int = 0
    open: int = 0
    premature: int = 0
    reaction: float | None = None
    """Median seconds from the opening of a window to the proposal."""
    manager_share: float | None = None
    """Mean over meetings."""
    monologue: float | None = None
    """The longest, seconds."""
    patience: float | None = None
    """Mean over meetings, seconds."""

    @property
    def taken_share(self) -> float | None:
        """Of the windows that closed."""
        return self.taken / (self.taken + self.missed) if self.taken + self.missed else None


@dataclass(frozen=True, slots=True)
class ManagerFigures:
    """One manager's. `compared`: enough meetings to stand beside others."""

    owner_id: int
    name: str
    unit: str
    figures: Figures
    labels: dict[str, int]
    compared: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """`days`: meetings, signals, windows taken and missed by day, earliest first."""

    figures: Figures
    labels: dict[str, int]
    managers: tuple[ManagerFigures, ...]
    days: tuple[tuple[date, int, int, int, int], ...]


def within(
    table: type[Fact | LabelCount | Moment], user: User, scope: Scope, *, in_order: bool = False
) -> list[ColumnElement[bool]]:
    """The conditions under which a derived row is the user's to see and inside the scope.

    With `in_order` they say nothing that an index of units or meetings could answer: where only the first rows of an
    order are wanted, reading in that order and passing some over is faster than finding all rows and sorting them.
    """
    unit_id: ColumnElement[int] = table.unit_id + 0 if in_order else table.unit_id.expression
    meeting_id: ColumnElement[str] = table.meeting_id + "" if in_order else table.meeting_id.expression
    own = user.role is UserRole.MANAGER
    found = [seen_by(user, table.owner_id + 0 if in_order and not own else table.owner_id.expression, unit_id)]
    if scope.since:
        found.append(table.day >= scope.since)
    if scope.until:
        found.append(table.day <= scope.until)
    if scope.owner_id is not None:
        found.append(table.owner_id == scope.owner_id)
    if scope.unit_id is not None:
        top = select(Unit.path).where(Unit.id == scope.unit_id).scalar_subquery()
        found.append(unit_id.in_(select(Unit.id).where(Unit.path.like(top.concat("%")))))
    if scope.client and (table is Fact or table is Moment):
        found.append(table.client.contains(scope.client, autoescape=True))
    if table is Fact and scope.client_kind:
        found.append(Fact.client_kind == scope.client_kind)
    elif scope.client_kind or (table is LabelCount and scope.client):
        chosen = select(Fact.meeting_id).where(*within(Fact, user, scope))
        found.append(meeting_id.in_(chosen))
    return found


def overview(session: Session, user: User, scope: Scope) -> Overview:
    """All figures of a scope. Every sum is over meetings that the user may see."""
    inside = within(Fact, user, scope)
    by_owner = {row.owner_id: row for row in session.execute(_sums().where(*inside).group_by(Fact.owner_id))}
    reactions: defaultdict[int, list[float]] = defaultdict(list)
    for owner_id, seconds in session.execute(
        select(Fact.owner_id, Fact.reaction).where(*inside, Fact.reaction.is_not(None))
    ):
        reactions[owner_id].append(float(seconds or 0.0))
    days = session.execute(
        select(
            Fact.day, func.count(), func.sum(Fact.signals), func.sum(Fact.windows_taken), func.sum(Fact.windows_missed)
        )
        .where(*inside)
        .group_by(Fact.day)
        .order_by(Fact.day)
    ).all()
    counted = session.execute(
        select(LabelCount.owner_id, LabelCount.label, func.sum(LabelCount.count))
        .where(*within(LabelCount, user, scope))
        .group_by(LabelCount.owner_id, LabelCount.label)
    ).all()
    labels: Counter[str] = Counter()
    owned: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for owner_id, label, count in counted:
        labels[label] += count
        owned[owner_id][label] = count
    return Overview(
        _figures(list(by_owner.values()), [x for one in reactions.values() for x in one]),
        dict(labels),
        tuple(_managers(session, by_owner, reactions, owned)),
        tuple((day, *map(int, sums)) for day, *sums in days),  # type: ignore[misc]
    )


def _sums() -> Select[*tuple[Any, ...]]:
    """What `_figures` needs of the meetings of each owner."""
    return select(
        Fact.owner_id,
        func.count().label("meetings"),
        func.sum(Fact.seconds).label("seconds"),
        func.sum(Fact.signals).label("signals"),
        func.sum(Fact.objections).label("objections"),
        func.sum(Fact.windows_taken).label("taken"),
        func.sum(Fact.windows_missed).label("missed"),
        func.sum(Fact.windows_open).label("open"),
        func.sum(Fact.premature).label("premature"),
        func.sum(Fact.manager_share).label("shares"),
        func.count(Fact.manager_share).label("shared"),
        func.max(Fact.manager_monologue).label("monologue"),
        func.sum(Fact.patience).label("patiences"),
        func.count(Fact.patience).label("patient"),
    )


def _managers(
    session: Session,
    by_owner: Mapping[int, Any],
    reactions: Mapping[int, list[float]],
    owned: Mapping[int, dict[str, int]],
) -> list[ManagerFigures]:
    people = {u.id: u for u in session.scalars(select(User).where(User.id.in_(by_owner)))}
    found = [
        ManagerFigures(
            owner_id=id,
            name=people[id].name,
            unit=people[id].unit.name,
            figures=_figures([row], reactions.get(id, [])),
            labels=owned.get(id, {}),
            compared=row.meetings >= LEAST_MEETINGS,
        )
        for id, row in by_owner.items()
    ]
    return sorted(found, key=lambda m: (not m.compared, m.unit, m.name, m.owner_id))


def _figures(rows: Sequence[Any], reactions: Sequence[float]) -> Figures:
    return Figures(
        meetings=sum(r.meetings for r in rows),
        seconds=sum(r.seconds for r in rows),
        signals=int(sum(r.signals for r in rows)),
        objections=int(sum(r.objections for r in rows)),
        taken=int(sum(r.taken for r in rows)),
        missed=int(sum(r.missed for r in rows)),
        open=int(sum(r.open for r in rows)),
        premature=int(sum(r.premature for r in rows)),
        reaction=median(reactions) if reactions else None,
        manager_share=_mean(rows, "shares", "shared"),
        monologue=max((r.monologue for r in rows if r.monologue is not None), default=None),
        patience=_mean(rows, "patiences", "patient"),
    )


def _mean(rows: Sequence[Any], total: str, count: str) -> float | None:
    known = sum(getattr(r, count) for r in rows)
    return float(sum(getattr(r, total) or 0.0 for r in rows) / known) if known else None


ORDERS = ("day", "missed", "signals", "seconds", "monologue")
"""How meetings can be ordered; all largest first."""


def meetings_within(
    session: Session, user: User, scope: Scope, *, verdict: str = "", order: str = "day", page: int = 1, size: int = 50
) -> tuple[list[tuple[Fact, Meeting]], int]:
    """One page of the meetings behind a figure, with how many there are in all."""
    conditions = within(Fact, user, scope)
    if verdict:
        conditions.append(Fact.verdict == verdict)
    total = session.scalar(select(func.count()).select_from(Fact).where(*conditions)) or 0
    columns: dict[str, ColumnElement[Any]] = {
        "missed": Fact.windows_missed.desc(),
        "signals": Fact.signals.desc(),
        "seconds": Fact.seconds.desc(),
        "monologue": func.coalesce(Fact.manager_monologue, 0.0).desc(),
    }
    first = columns.get(order, Fact.day.desc())
    query: Select[Fact, Meeting] = (
        select(Fact, Meeting)
        .join(Meeting, Meeting.id == Fact.meeting_id)
        .where(*conditions)
        .order_by(first, Fact.day.desc(), Fact.meeting_id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return [(row[0], row[1]) for row in session.execute(query).unique()], total
