"""The connection to SQLite or PostgreSQL, and its schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from signals.domain.errors import StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"
_SCHEMES = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class Database:
    """An engine with its sessions. Opens nothing until it is used."""

    def __init__(self, url: str) -> None:
        """`url`: sqlite:///PATH or postgresql://…"""
        parsed = make_url(url)
        self.url = parsed.set(drivername=_SCHEMES.get(parsed.drivername, parsed.drivername))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True, "pool_size": 10}
        self.engine: Engine = create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back on an error."""
        with self._sessions.begin() as session:
            yield session

    def upgrade(self) -> None:
        """Brings the schema to this release's. Raises `StoreError` when the database can't be reached."""
        from alembic import command

        with _reachable():
            command.upgrade(self._alembic(), "head")

    def revision(self) -> tuple[str | None, str | None]:
        """The database's revision and this release's. Raises `StoreError`."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        with _reachable(), self.engine.connect() as connection:
            there = MigrationContext.configure(connection).get_current_revision()
        return there, ScriptDirectory.from_config(self._alembic()).get_current_head()

    def check(self) -> None:
        """Raises `StoreError` unless the schema is this release's."""
        there, wanted = self.revision()
        if there != wanted:
            raise StoreError("schema", "数据库的结构与本程序版本不符", "请先备份，再运行 signals db upgrade")

    def close(self) -> None:
        self.engine.dispose()

    def _alembic(self) -> Any:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["engine"] = self.engine
        return config


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except DBAPIError:
        raise StoreError("unreachable", "连不上数据库", "请检查 SIGNALS_DATABASE_URL、数据库服务和磁盘空间") from None


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """Takes the write lock at once: a reader that becomes a writer midway fails without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
