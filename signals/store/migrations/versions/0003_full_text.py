"""An index over the words of the turns; on SQLite a table of its own that triggers keep in step."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
