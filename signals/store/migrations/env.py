"""Runs migrations on the engine that `Database` hands over."""

from __future__ import annotations

from alembic import context

from signals.store.tables import METADATA

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
