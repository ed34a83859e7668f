"""Full-text search over all transcripts: FTS5 on SQLite, a GIN index on PostgreSQL, both over words cut beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, column, func, literal_column, select, table
from sqlalchemy.orm import Session

from signals.store.derived_models import Fact, Moment, MomentKind, SpokenTurn
from signals.store.models import Meeting, User
from signals.store.overview import Scope, within

_FTS = table("spoken_turns_fts", column("rowid"), column("spoken_turns_fts"))


def search(
    session: Session,
    user: User,
    scope: Scope,
    words: Sequence[str],
    *,
    role: str = "",
    label: str = "",
    page: int = 1,
    size: int = 30,
) -> tuple[list[tuple[SpokenTurn, Meeting]], bool]:
    """One page of the turns that hold all the words, the latest analysed first, and whether there are more.

    `role` is who must have said it, `label` a signal that the turn must carry.
    """
    if not words:
        return [], False
    query: Select[SpokenTurn, Meeting] = (
        select(SpokenTurn, Meeting)
        .join(Fact, Fact.meeting_id == SpokenTurn.meeting_id)
        .join(Meeting, Meeting.id == SpokenTurn.meeting_id)
        .where(*within(Fact, user, scope))
    )
    if session.get_bind().dialect.name == "sqlite":
        phrase = " ".join('"' + word.replace('"', '""') + '"' for word in words)
        query = query.join(_FTS, _FTS.c.rowid == SpokenTurn.id).where(_FTS.c.spoken_turns_fts.op("MATCH")(phrase))
        query = query.order_by(_FTS.c.rowid.desc())
    else:
        query = query.where(_vector().op("@@")(func.plainto_tsquery(literal_column("'simple'"), " ".join(words))))
        query = query.order_by(SpokenTurn.id.desc())
    if role:
        query = query.where(SpokenTurn.role == role)
    if label:
        query = query.where(
            select(Moment.id)
            .where(
                Moment.meeting_id == SpokenTurn.meeting_id,
                Moment.turn == SpokenTurn.turn,
                Moment.kind == MomentKind.HIT,
                Moment.label == label,
            )
            .exists()
        )
    rows = session.execute(query.offset((page - 1) * size).limit(size + 1)).unique()
    found = [(row[0], row[1]) for row in rows]
    return found[:size], len(found) > size


def _vector() -> ColumnElement[str]:
    return func.to_tsvector(literal_column("'simple'"), SpokenTurn.words)
