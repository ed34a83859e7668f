"""What the workbench shows, as Excel, Word and CSV: of the same scope, and of nothing that the viewer may not see."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from signals.domain.catalogue import Catalogue
from signals.domain.errors import RequestError
from signals.report import Cell, CoachingExport, Drawing, Table, rows_as_csv, wording
from signals.store import cards, queue
from signals.store.audit import record
from signals.store.models import User
from signals.store.overview import Figures, Scope, meetings_within, overview
from signals.web.access import PageCaller, ServiceDep, SessionDep
from signals.web.coach.cards import STATUS
from signals.web.coach.names import moment_name
from signals.web.coach.overview import QUESTIONS, spans
from signals.web.coach.scope import WantedDep
from signals.web.downloads import TYPES, Format
from signals.web.pages import CLIENT_KIND, VERDICT

router = APIRouter(include_in_schema=False)
_MOST = 20_000
"""Rows of a sheet."""
_SHOWN = 30
"""Moments in a document for one person."""
_DECIDED = {"accepted": "对", "rejected": "错", "": ""}


@router.get("/coach/export.xlsx")
def workbook(session: SessionDep, service: ServiceDep, caller: PageCaller, wanted: WantedDep) -> Response:
    """Meetings, moments, scorecards and trends, with native charts."""
    made = _export(session, caller.user, wanted.scope, service.catalogue, _MOST)
    record(session, caller.user, "export", detail="coach xlsx", address=caller.address)
    return _file(made.workbook(), f"{made.title}.xlsx", TYPES[Format.XLSX])


@router.get("/coach/export.csv")
def table(session: SessionDep, caller: PageCaller, wanted: WantedDep) -> Response:
    """The meetings as plain rows."""
    part = _meetings(session, caller.user, wanted.scope, _MOST)
    record(session, caller.user, "export", detail="coach csv", address=caller.address)
    return _file(rows_as_csv(part), f"{_title(session, caller.user, wanted.scope)}.csv", "text/csv; charset=utf-8")


@router.get("/coach/export.docx")
def document(session: SessionDep, service: ServiceDep, caller: PageCaller, wanted: WantedDep) -> Response:
    """For a talk with one manager. Raises `RequestError` unless one was chosen."""
    if wanted.scope.owner_id is None:
        raise RequestError("no_manager", "Word 报告是给一位客户经理的", "请先在筛选里选一位客户经理")
    made = _export(session, caller.user, wanted.scope, service.catalogue, _SHOWN)
    record(session, caller.user, "export", detail="coach docx", address=caller.address)
    return _file(made.document(), f"{made.title}.docx", TYPES[Format.DOCX])


def _export(session: Session, user: User, scope: Scope, catalogue: Catalogue, most: int) -> CoachingExport:
    found = overview(session, user, scope)
    over_time = spans(found)
    labels = [(x.name, found.labels[x.id]) for x in catalogue.labels if x.is_signal and found.labels.get(x.id)]
    trend = Table(
        "走势",
        ("从", "到", "会谈", "购买信号", "抓住的时机", "错过的时机"),
        [(s.first, s.last, s.meetings, s.signals, s.taken, s.missed) for s in over_time],
        (12, 12, 8, 10, 12, 12),
    )
    return CoachingExport(
        _title(session, user, scope),
        _figures(found.figures),
        (
            _meetings(session, user, scope, most),
            _moments(session, user, scope, catalogue, most),
            _cards(session, user, scope, most),
            trend,
        ),
        (
            Drawing("购买信号", "处", sorted(labels, key=lambda x: -x[1])),
            Drawing("错过的时机", "个", [(s.first.isoformat(), s.missed) for s in over_time]),
            Drawing("抓住的时机", "个", [(s.first.isoformat(), s.taken) for s in over_time]),
            Drawing("提问", "次", [(catalogue.label(q).name, found.labels.get(q, 0)) for q in QUESTIONS]),
            Drawing("成交策略", "次", [(s.name, found.labels.get(s.label, 0)) for s in catalogue.strategies]),
        ),
    )


def _figures(f: Figures) -> list[tuple[str, str]]:
    return [
        ("会谈（测量）", f"{f.meetings} 场，{wording.length(f.seconds)}"),
        ("购买信号（判断）", f"{f.signals} 处"),
        ("成交时机（判断）", f"抓住 {f.taken} 个，错过 {f.missed} 个，仍开着 {f.open} 个"),
        ("过早提出（判断）", f"{f.premature} 次"),
        ("从出现时机到提出（中位数）", _seconds(f.reaction)),
        ("客户经理说话占比（测量，各场平均）", "—" if f.manager_share is None else wording.percent(f.manager_share)),
        ("最长独白（测量）", _seconds(f.monologue)),
        ("等客户说完再开口（测量，各场平均）", _seconds(f.patience)),
    ]


def _meetings(session: Session, user: User, scope: Scope, most: int) -> Table:
    found, _ = meetings_within(session, user, scope, size=most)
    rows: list[Sequence[Cell]] = [
        (
            fact.day, meeting.title, fact.client,
            CLIENT_KIND[meeting.client_kind] if meeting.client_kind else "", meeting.owner.name, meeting.unit.name,
            VERDICT[fact.verdict], fact.signals, fact.windows_taken, fact.windows_missed,
            None if fact.manager_share is None else round(fact.manager_share, 3), round(fact.seconds / 60, 1),
        )
        for fact, meeting in found
    ]  # fmt: skip
    head = (
        "日期",
        "会谈",
        "客户",
        "客户类型",
        "客户经理",
        "机构",
        "结论（判断）",
        "信号",
        "抓住",
        "错过",
        "说话占比",
        "分钟",
    )
    return Table("会谈", head, rows, (12, 30, 20, 12, 12, 14, 22, 10, 8, 8, 10, 10))


def _moments(session: Session, user: User, scope: Scope, catalogue: Catalogue, most: int) -> Table:
    found, _ = queue.moments(session, user, scope, show="heard", size=most)
    rows: list[Sequence[Cell]] = [
        (
            m.day, meeting.owner.name, m.client, wording.clock(m.start), moment_name(m, catalogue),
            round(m.score, 3), m.quote, _DECIDED[m.decision],
        )
        for m, meeting in found
    ]  # fmt: skip
    head = ("日期", "客户经理", "客户", "时间", "时刻（判断）", "把握", "原话", "教练")
    return Table("时刻", head, rows, (12, 12, 18, 9, 16, 8, 60, 8))


def _cards(session: Session, user: User, scope: Scope, most: int) -> Table:
    found, _ = cards.list_cards(session, user, size=most, owner_id=scope.owner_id)
    rows: list[Sequence[Cell]] = []
    for card in found:
        names = {item["id"]: item["name"] for item in card.rubric.items}
        proposed = {p["item"]: p["score"] for p in card.proposed}
        place = (card.made_at.astimezone().date(), card.meeting.title, card.meeting.owner.name, card.coach.name)
        for item, score in cards.final_scores(card).items():
            reason = card.overrides.get(item, {}).get("reason", "")
            rows.append((*place, STATUS[card.status], names[item], proposed.get(item), score, reason))
    head = ("日期", "会谈", "客户经理", "教练", "状态", "评分项", "机器的分", "算数的分", "教练的理由")
    return Table("评分", head, rows, (12, 26, 12, 12, 16, 14, 10, 10, 40))


def _title(session: Session, user: User, scope: Scope) -> str:
    """With the manager's name where one was chosen whom the viewer may see."""
    owner = session.get(User, scope.owner_id) if scope.owner_id is not None else None
    seen = owner is not None and meetings_within(session, user, scope, size=1)[1] > 0
    name = f"{owner.name} " if owner is not None and seen else ""
    return f"辅导报告 {name}{scope.since or '最早'} 至 {scope.until or '今天'}"


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f} 秒"


def _file(content: bytes, name: str, media_type: str) -> Response:
    ending = name.rpartition(".")[2]
    disposition = f"attachment; filename=\"coach.{ending}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
