"""Figures over many meetings: what was heard, what became of it, by whom, and where it is going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from signals.report import wording
from signals.store.cards import COACHES
from signals.store.overview import LEAST_MEETINGS, ORDERS, ManagerFigures, Overview, meetings_within, overview
from signals.web.access import PageCaller, ServiceDep, SessionDep
from signals.web.coach.scope import PERIODS, WantedDep, choices
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
_SHADES = 5
_MOST_BARS = 26
_MOST_ROWS = 30
"""Managers on one heat map; more than that nobody reads, and a unit of the bank has fewer."""


@dataclass(frozen=True, slots=True)
class Span:
    """A week or month of the trend. `first`..`last` are included."""

    first: date
    last: date
    meetings: int
    signals: int
    taken: int
    missed: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the heat map: how often, per meeting, and its shade 0..5."""

    count: int
    per_meeting: float
    shade: int


@router.get("/coach")
def page(request: Request, session: SessionDep, service: ServiceDep, caller: PageCaller, wanted: WantedDep) -> Response:
    """The overview."""
    found = overview(session, caller.user, wanted.scope)
    catalogue = service.catalogue
    meetings_of = {m.owner_id: m.figures.meetings for m in found.managers}
    signals = [x for x in catalogue.labels if x.is_signal and found.labels.get(x.id)]
    compared = [m for m in found.managers if m.compared]
    busiest = set(sorted((m.owner_id for m in compared), key=lambda id: -meetings_of[id])[:_MOST_ROWS])
    return render(
        request,
        "coach/overview.j2",
        caller,
        wanted=wanted,
        offered=choices(session, caller.user),
        periods=PERIODS,
        found=found,
        spans=spans(found),
        signals=sorted(signals, key=lambda x: -found.labels[x.id]),
        strategies=[(s, found.labels.get(s.label, 0)) for s in catalogue.strategies],
        questions=[(kind, catalogue.label(kind).name, found.labels.get(kind, 0)) for kind in QUESTIONS],
        heat=heat_map(compared, [x.id for x in signals]),
        mapped=[m for m in compared if m.owner_id in busiest],
        compared=compared,
        least=LEAST_MEETINGS,
    )


QUESTIONS = ("q_open", "q_closed", "q_clarify", "q_lead")


@router.get("/coach/meetings")
def meetings(
    request: Request,
    session: SessionDep,
    caller: PageCaller,
    wanted: WantedDep,
    verdict: str = "",
    order: str = "day",
    page: int = 1,
) -> Response:
    """The meetings behind a figure."""
    verdict = verdict if verdict in {v.value for v in wording.VERDICT} else ""
    order = order if order in ORDERS else "day"
    page = max(1, min(page, 10_000))
    rows, total = meetings_within(session, caller.user, wanted.scope, verdict=verdict, order=order, page=page)
    values: dict[str, Any] = {"rows": rows, "total": total, "page": page, "pages": max(1, -(-total // 50))}
    return render(
        request,
        "coach/meetings.j2",
        caller,
        wanted=wanted,
        offered=choices(session, caller.user),
        periods=PERIODS,
        verdict=verdict,
        order=order,
        may_assign=caller.user.role in COACHES,
        **values,
    )


def spans(found: Overview) -> list[Span]:
    """The days as weeks, or as months where there are many. Empty ones in between are there too."""
    if not found.days:
        return []
    first, last = found.days[0][0], found.days[-1][0]
    weekly = (last - first).days <= 7 * _MOST_BARS
    begin = first - timedelta(days=first.weekday()) if weekly else first.replace(day=1)
    made: list[Span] = []
    while begin <= last:
        after = begin + timedelta(days=7) if weekly else (begin + timedelta(days=32)).replace(day=1)
        inside = [d for d in found.days if begin <= d[0] < after]
        sums = [sum(column) for column in zip(*(d[1:] for d in inside), strict=True)] or [0, 0, 0, 0]
        made.append(Span(begin, after - timedelta(days=1), *sums))
        begin = after
    return made


def heat_map(managers: Sequence[ManagerFigures], labels: Sequence[str]) -> dict[tuple[int, str], Cell]:
    """Signals per meeting by manager and label; the shade says where in its label's row a manager stands."""
    cells: dict[tuple[int, str], Cell] = {}
    for label in labels:
        rates = {m.owner_id: m.labels.get(label, 0) / m.figures.meetings for m in managers}
        most = max(rates.values(), default=0.0)
        for manager in managers:
            rate = rates[manager.owner_id]
            shade = round(_SHADES * rate / most) if most else 0
            cells[manager.owner_id, label] = Cell(manager.labels.get(label, 0), rate, shade)
    return cells
