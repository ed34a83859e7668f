"""Figures over many meetings: sums of what `signals.store.index` derived, for one part of the bank and one period."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from signals.store.access import seen_by
from signals.store.derived_models import Fact, LabelCount, Moment
from signals.store.models import Meeting, Unit, User

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


def within(table: type[Fact | LabelCount | Moment], user: User, scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions under which a derived row is the user's to see and inside the scope."""
    found = [seen_by(user, table.owner_id, table.unit_id)]
    if scope.since:
        found.append(table.day >= scope.since)
    if scope.until:
        found.append(table.day <= scope.until)
    if scope.owner_id is not None:
        found.append(table.owner_id == scope.owner_id)
    if scope.unit_id is not None:
        top = select(Unit.path).where(Unit.id == scope.unit_id).scalar_subquery()
        found.append(table.unit_id.in_(select(Unit.id).where(Unit.path.like(top.concat("%")))))
    if scope.client_kind or scope.client:
        chosen = select(Fact.meeting_id)
        if scope.client_kind:
            chosen = chosen.where(Fact.client_kind == scope.client_kind)
        if scope.client:
            chosen = chosen.where(Fact.client.contains(scope.client, autoescape=True))
        found.append(table.meeting_id.in_(chosen))
    return found


def overview(session: Session, user: User, scope: Scope) -> Overview:
    """All figures of a scope. Every sum is over meetings that the user may see."""
    facts = session.execute(
        select(
            Fact.owner_id, Fact.day, Fact.seconds, Fact.signals, Fact.objections, Fact.windows_taken,
            Fact.windows_missed, Fact.windows_open, Fact.premature, Fact.reaction, Fact.manager_share,
            Fact.manager_monologue, Fact.patience,
        ).where(*within(Fact, user, scope))
    ).all()  # fmt: skip
    counted = session.execute(
        select(LabelCount.owner_id, LabelCount.label, func.sum(LabelCount.count))
        .where(*within(LabelCount, user, scope))
        .group_by(LabelCount.owner_id, LabelCount.label)
    ).all()
    by_owner: defaultdict[int, list[Any]] = defaultdict(list)
    days: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in facts:
        by_owner[row.owner_id].append(row)
        day = days[row.day]
        for place, value in enumerate((1, row.signals, row.windows_taken, row.windows_missed)):
            day[place] += value
    labels: Counter[str] = Counter()
    owned: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for owner_id, label, count in counted:
        labels[label] += count
        owned[owner_id][label] = count
    return Overview(
        _figures(facts),
        dict(labels),
        tuple(_managers(session, by_owner, owned)),
        tuple((d, *sums) for d, sums in sorted(days.items())),  # type: ignore[misc]
    )


def _managers(
    session: Session, by_owner: dict[int, list[Any]], owned: dict[int, dict[str, int]]
) -> list[ManagerFigures]:
    people = {u.id: u for u in session.scalars(select(User).where(User.id.in_(by_owner)))}
    found = [
        ManagerFigures(
            id, people[id].name, people[id].unit.name, _figures(rows), owned.get(id, {}), len(rows) >= LEAST_MEETINGS
        )
        for id, rows in by_owner.items()
    ]
    return sorted(found, key=lambda m: (not m.compared, m.unit, m.name, m.owner_id))


def _figures(rows: Sequence[Any]) -> Figures:
    return Figures(
        meetings=len(rows),
        seconds=sum(r.seconds for r in rows),
        signals=sum(r.signals for r in rows),
        objections=sum(r.objections for r in rows),
        taken=sum(r.windows_taken for r in rows),
        missed=sum(r.windows_missed for r in rows),
        open=sum(r.windows_open for r in rows),
        premature=sum(r.premature for r in rows),
        reaction=_known(median, [r.reaction for r in rows]),
        manager_share=_known(_mean, [r.manager_share for r in rows]),
        monologue=_known(max, [r.manager_monologue for r in rows]),
        patience=_known(_mean, [r.patience for r in rows]),
    )


def _known(of: Any, values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(of(known)) if known else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


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
