"""Fills a service with meetings to work with.

    python benchmarks/workbench/many_meetings.py FOLDER [--meetings 100] [--turns 500] [--database postgresql://…]

The words are those of the corpus's meetings, put one after the other until a meeting is as long as asked for; who had it,
when and with whom is drawn at random, the same for the same `--seed`. Tagged by the plain model, judged by the product's
own code. The first of each text is entered as the service enters it, the others are copies of its rows with their own
manager, client and day. Users `head`, `coach` and `m001`, … have the password below.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from signals.api import load_catalogue, load_engines, run
from signals.corrected import judged_by
from signals.domain.coaching import ClientKind
from signals.domain.protocols import Tagger
from signals.domain.report import REPORT_JSON, Report
from signals.pipeline import Request, Unwatched
from signals.settings import Settings
from signals.store.accounts import add_user, unit_at
from signals.store.database import Database
from signals.store.derived_models import Fact, LabelCount, Moment, SpokenTurn
from signals.store.index import day_of, index_meeting
from signals.store.models import Meeting, MeetingKind, Status, User, UserRole, new_id, now
from signals.store.models import Report as StoredReport

PASSWORD = "benchmark-only-1"  # noqa: S105 nobody but this benchmark has it
CORPUS = Path(__file__).parents[2] / "data" / "corpus" / "meetings"
BRANCHES = ("东区分行", "西区分行", "南区分行", "北区分行")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
TRADES = ("机械", "食品", "纺织", "物流", "医院", "学校", "化工", "建材", "电子", "贸易")
_TEMPLATES = 24
_DAYS = 730
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Template:
    """A report that many meetings share, with its turns cut into words."""

    report: Report
    words: list[str]


def corpus_meetings() -> list[list[tuple[str, str]]]:
    """Role and text of the turns of every meeting of the corpus."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["meeting"]].append((row["role"], row["text"]))
    return list(found.values())


def templates(turns: int, chance: random.Random) -> tuple[list[Template], Tagger]:
    """Reports of about so many turns."""
    settings = Settings(plain_tagger=True)
    engines = load_engines(settings, load_catalogue())
    meetings, made = corpus_meetings(), []
    for number in range(_TEMPLATES):
        lines: list[str] = []
        while len(lines) < turns:
            for role, text in chance.choice(meetings):
                lines.append(f"{'客户经理' if role == 'manager' else '客户'}：{text}")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{number}.txt"
            path.write_text("\n".join(lines[:turns]), encoding="utf-8")
            report = run(Request(path=path), settings, Unwatched(), engines)
        made.append(Template(report, engines.tagger.search_words([t.text for t in report.conversation.turns])))
    return made, engines.tagger


def people(session: Session, managers: int) -> list[User]:
    """A head of everything, a coach of it, and the managers in their branches."""
    for name, shown, role in (("head", "总行行长", UserRole.ADMIN), ("coach", "总行教练", UserRole.COACH)):
        add_user(
            session, username=name, name=shown, role=role, unit=unit_at(session, ""), password=PASSWORD, must_change=False
        )  # fmt: skip
    return [
        add_user(
            session,
            username=f"m{number + 1:03}",
            name=f"{SURNAMES[number % len(SURNAMES)]}经理{number // len(SURNAMES) + 1}",
            role=UserRole.MANAGER,
            unit=unit_at(session, f"{BRANCHES[number % 4]}/{number // 4 % 5 + 1}支行"),
            password=PASSWORD,
            must_change=False,
        )
        for number in range(managers)
    ]


def fill(database: Database, meetings: int, turns: int, seed: int, *, managers: int | None = None) -> None:
    """Enters so many meetings of so many turns, held in the two years until today."""
    chance = random.Random(seed)  # noqa: S311 only test data is drawn
    made, tagger = templates(turns, chance)
    catalogue = load_catalogue()
    version = judged_by(tagger, catalogue)
    with database.session() as session:
        owners = [(u.id, u.unit_id) for u in people(session, managers or max(4, min(100, meetings // 20)))]
    first: dict[int, Meeting] = {}
    for begin in range(0, meetings, _BATCH):
        with database.session() as session:
            for number in range(begin, min(meetings, begin + _BATCH)):
                place = chance.randrange(len(made))
                meeting = _meeting(number, chance, *chance.choice(owners))
                session.add(meeting)
                session.flush()
                if place in first:
                    _copy(session, first[place], meeting)
                    continue
                first[place], template = meeting, made[place]
                _report(session, meeting, template.report)
                index_meeting(session, meeting, template.report, catalogue, template.words, version)
        print(f"\r{min(meetings, begin + _BATCH)}/{meetings}", end="", flush=True)
    print()


def _meeting(number: int, chance: random.Random, owner_id: int, unit_id: int) -> Meeting:
    client = f"{chance.choice(SURNAMES)}氏{chance.choice(TRADES)}{chance.randrange(1, 60)}"
    return Meeting(
        id=new_id(), owner_id=owner_id, unit_id=unit_id, title=f"{client} 第{number + 1}次会谈", client=client,
        client_kind=chance.choice(list(ClientKind)), met_on=date.today() - timedelta(days=chance.randrange(_DAYS)),
        attendees="", kind=MeetingKind.TRANSCRIPT, file_name="会谈.txt", sha256=f"{number:064x}", size=1,
        status=Status.DONE, progress=1.0, dispatched=True, finished_at=now(),
    )  # fmt: skip


def _report(session: Session, meeting: Meeting, report: Report) -> None:
    document = REPORT_JSON.dump_json(replace(report, title=meeting.title)).decode()
    verdict = report.closing.verdict.value
    session.add(StoredReport(meeting_id=meeting.id, document=document, verdict=verdict, signals=len(report.hits)))
    session.flush()
    meeting.duration = report.conversation.duration


def _copy(session: Session, of: Meeting, meeting: Meeting) -> None:
    """The rows of a meeting as those of another."""
    later = (day_of(meeting) - day_of(of)).days
    own = {
        "meeting_id": meeting.id, "owner_id": meeting.owner_id, "unit_id": meeting.unit_id, "day": day_of(meeting),
        "client": meeting.client, "client_kind": meeting.client_kind.value if meeting.client_kind else "",
    }  # fmt: skip
    for table in (StoredReport, Fact, LabelCount, Moment, SpokenTurn):
        columns = {c.key: c for c in table.__table__.columns if c.key != "id"}
        rows: dict[str, Any] = {k: literal(own[k], c.type) if k in own else c for k, c in columns.items()}
        if table is Moment:
            rows["place"] = Moment.place - later
        copied = select(*rows.values()).where(columns["meeting_id"] == of.id)
        session.execute(insert(table).from_select(list(rows), copied))
    meeting.duration = of.duration


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--meetings", type=int, default=100)
    parser.add_argument("--turns", type=int, default=500)
    parser.add_argument("--managers", type=int)
    parser.add_argument("--database", default="")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    database = Database(asked.database or Settings(data_dir=asked.folder).database_address)
    database.upgrade()
    fill(database, asked.meetings, asked.turns, asked.seed, managers=asked.managers)
    database.close()


if __name__ == "__main__":
    main()
