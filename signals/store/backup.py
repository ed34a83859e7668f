"""A whole service in one tar file: every table as JSON lines, every blob. Also the way from SQLite to PostgreSQL."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, LargeBinary, Table, delete, func, insert, select, text, update

from signals.domain.errors import StoreError
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.models import LoginSession, Meeting, Status, Utc, Worker
from signals.store.tables import METADATA

_LEFT_OUT = {LoginSession.__tablename__, Worker.__tablename__}
"""Logins end and workers begin anew."""
_ROWS = 200


def backup(database: Database, blobs: BlobStore, target: Path) -> None:
    """Writes the tar whole or not at all. The service may go on running. Raises `StoreError`."""
    database.check()
    partial = target.with_name(f".{target.name}.partial")
    try:
        with tarfile.open(partial, "w") as tar:
            with database.engine.connect() as connection:
                _add(tar, "revision", (database.revision()[0] or "").encode())
                for table in _tables():
                    _add_table(tar, connection, table)
            for key in blobs.all_keys():
                with blobs.local(key) as path:
                    tar.add(path, f"blobs/{key}", recursive=False)
        partial.chmod(0o600)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise StoreError("backup", f"无法写入备份 {target.name}", "请检查磁盘空间和文件夹的权限") from None


def restore(database: Database, blobs: BlobStore, source: Path) -> None:
    """Fills an empty service from a backup of the same release. Raises `StoreError`; then the database is as it was."""
    database.upgrade()
    try:
        with tarfile.open(source, "r:") as tar:
            if _read(tar, "revision").decode() != database.revision()[1]:
                raise StoreError("other_release", "备份来自另一个版本", "请用做备份的版本恢复，再升级")
            with database.engine.begin() as connection:
                _require_empty(connection)
                for table in _tables():
                    _fill(tar, connection, table)
                _begin_again(connection)
                _set_sequences(connection)
                _restore_blobs(tar, blobs)
    except (OSError, tarfile.TarError, KeyError, ValueError):
        raise StoreError("bad_backup", "备份文件读不出来或不完整", "请换一份备份") from None


def _tables() -> list[Table]:
    return [t for t in METADATA.sorted_tables if t.name not in _LEFT_OUT]


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _add_table(tar: tarfile.TarFile, connection: Connection, table: Table) -> None:
    with tempfile.TemporaryFile() as lines:
        for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
            lines.write(json.dumps(dict(row), default=_plain, ensure_ascii=False).encode() + b"\n")
        member = tarfile.TarInfo(f"tables/{table.name}.jsonl")
        member.size, member.mode = lines.tell(), 0o600
        lines.seek(0)
        tar.addfile(member, lines)


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise KeyError(name)
    with file:
        return file.read()


def _require_empty(connection: Connection) -> None:
    for table in _tables():
        if connection.scalar(select(func.count()).select_from(table)):
            raise StoreError("not_empty", "目标服务里已有数据，不会覆盖", "请恢复到一个空的数据文件夹或数据库")


def _fill(tar: tarfile.TarFile, connection: Connection, table: Table) -> None:
    file = tar.extractfile(f"tables/{table.name}.jsonl")
    if file is None:
        raise KeyError(table.name)
    rows: list[dict[str, Any]] = []
    with file:
        for line in file:
            rows.append(_typed(table, json.loads(line)))
            if len(rows) == _ROWS:
                connection.execute(insert(table), rows)
                rows = []
    if rows:
        connection.execute(insert(table), rows)


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    for column in table.columns:
        value = row.get(column.name)
        if value is None:
            continue
        if isinstance(column.type, Utc):
            row[column.name] = datetime.fromisoformat(value)
        elif isinstance(column.type, LargeBinary):
            row[column.name] = base64.b64decode(value)
        elif isinstance(column.type, Date):
            row[column.name] = date.fromisoformat(value)
    return row


def _begin_again(connection: Connection) -> None:
    """What was waiting or being worked on is handed to the workers anew."""
    connection.execute(delete(Worker))
    active = Meeting.status.in_([Status.QUEUED, Status.RUNNING])
    connection.execute(
        update(Meeting)
        .where(active)
        .values(status=Status.QUEUED, dispatched=False, claim="", attempt=Meeting.attempt + 1)
    )


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts on where the backup's numbers end; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables():
        column = table.autoincrement_column
        if column is not None:
            top = connection.scalar(select(func.max(column)))
            sequence = f"{table.name}_{column.name}_seq"
            if top:
                connection.execute(text("SELECT setval(:name, :top)"), {"name": sequence, "top": top})


def _restore_blobs(tar: tarfile.TarFile, blobs: BlobStore) -> None:
    for member in tar.getmembers():
        if not member.isfile() or not member.name.startswith("blobs/"):
            continue
        file = tar.extractfile(member)
        assert file is not None  # noqa: S101 a regular file has content
        with file, tempfile.NamedTemporaryFile() as copy:
            while block := file.read(1 << 20):
                copy.write(block)
            copy.flush()
            blobs.put(member.name.removeprefix("blobs/"), Path(copy.name))
