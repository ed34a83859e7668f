"""Every table of the database, whichever file describes it."""

from __future__ import annotations

from sqlalchemy import MetaData

from signals.store import derived_models, models, review_models


def is_described(name: str | None, kind: str, *_: object) -> bool:
    """Whether a table or index of the database is one that the models describe: not what full-text search keeps."""
    return not (name or "").startswith({"table": "spoken_turns_fts", "index": "ix_spoken_turns_words"}.get(kind, "-"))


METADATA: MetaData = models.Base.metadata
assert METADATA is review_models.Review.metadata is derived_models.Fact.metadata  # noqa: S101 importing enters tables
