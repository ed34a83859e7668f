"""Work on all history, and an index over the words of the turns: on SQLite a table of its own that triggers keep in step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("claim", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_chores_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chores")),
    )
    if op.get_context().dialect.name != "sqlite":
        op.execute("CREATE INDEX ix_spoken_turns_words ON spoken_turns USING gin (to_tsvector('simple', words))")
        return
    op.execute(
        "CREATE VIRTUAL TABLE spoken_turns_fts USING fts5("
        "words, content='spoken_turns', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute(
        "CREATE TRIGGER spoken_turns_added AFTER INSERT ON spoken_turns BEGIN "
        "INSERT INTO spoken_turns_fts(rowid, words) VALUES (new.id, new.words); END"
    )
    op.execute(
        "CREATE TRIGGER spoken_turns_removed AFTER DELETE ON spoken_turns BEGIN "
        "INSERT INTO spoken_turns_fts(spoken_turns_fts, rowid, words) VALUES ('delete', old.id, old.words); END"
    )
