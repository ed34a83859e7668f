"""Runs migrations on the engine that `Database` hands over."""

from __future__ import annotations

from alembic import context

from signals.store.tables import METADATA, is_described

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, include_name=is_described)
    with context.begin_transaction():
        context.run_migrations()
