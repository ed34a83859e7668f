"""Every table of the database, whichever file describes it."""

from __future__ import annotations

from sqlalchemy import MetaData

from signals.store import models, review_models

METADATA: MetaData = models.Base.metadata
assert review_models.Fact.metadata is METADATA  # noqa: S101 importing it is what enters its tables
