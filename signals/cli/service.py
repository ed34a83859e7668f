"""`signals serve`, `worker`, `db …` and `user …`."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from signals.domain.errors import RequestError, SignalsError
from signals.settings import Settings
from signals.store import accounts
from signals.store.audit import record
from signals.store.backup import backup as write_backup
from signals.store.backup import restore as read_backup
from signals.store.blobs import BlobStore
from signals.store.database import Database
from signals.store.models import UserRole

if TYPE_CHECKING:
    from signals.jobs.worker import Worker

_HERE = "(命令行)"


def serve(settings: Settings, *, host: str, port: int, work: bool, proxy: str) -> None:
    """Web service and, unless told otherwise, one worker in the same process."""
    import uvicorn

    from signals.logs import configure
    from signals.web import create_app

    configure()
    app = create_app(settings)
    _prepare(app.state.service.database)
    worker = _started(settings) if work else None
    typer.echo(f"服务已启动：http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}（按 Ctrl-C 停止）")  # noqa: S104
    try:
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxy),
            forwarded_allow_ips=proxy or None,
            timeout_graceful_shutdown=5,
        )
    finally:
        if worker is not None:
            worker.stop()
        _leave()


def worker(settings: Settings) -> None:
    """A worker alone. Ends on SIGTERM or Ctrl-C; what it was at is resumed by another, or by itself when it is back."""
    from signals.logs import configure

    configure()
    _prepare(Database(settings.database_address))
    running = _started(settings)
    typer.echo("工作进程已启动（按 Ctrl-C 停止）")
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()
    running.stop()
    _leave()


def retag(settings: Settings, *, everything: bool, dry_run: bool) -> None:
    """All history anew, with progress and a table of what changed."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
    from rich.table import Table

    from signals.api import load_catalogue, load_tagger
    from signals.jobs.retag import Options
    from signals.jobs.retag import retag as run

    database = _database(settings)
    database.check()
    catalogue = load_catalogue()
    tagger = load_tagger(catalogue, plain=settings.plain_tagger, threads=settings.threads)
    columns = ("重新识别", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        bar = shown.add_task("", total=None)

        def tell(done: int, total: int) -> None:
            shown.update(bar, completed=done, total=total)

        outcome = run(database, tagger, catalogue, Options(everything=everything, write=not dry_run, tell=tell))
    table = Table("标签", "之前", "之后", "新增", "去掉")
    for label, change in sorted(outcome.labels.items()):
        counts = (change.before, change.after, change.gained, change.lost)
        table.add_row(catalogue.label(label).name, *map(str, counts))
    Console().print(table)
    done = "会重新识别" if dry_run else "重新识别了"
    typer.echo(f"{done} {outcome.meetings} 场会谈，{sum(outcome.verdicts.values())} 场的结论有变化")


def upgrade(settings: Settings) -> None:
    database = _database(settings)
    database.upgrade()
    typer.echo(f"数据库已是本版本的结构（{database.revision()[0]}）")


def backup(settings: Settings, *, target: Path) -> None:
    write_backup(_database(settings), BlobStore(settings.blob_address), target)
    typer.echo(f"已备份到 {target.resolve()}（含录音和文字，请妥善保管）")


def restore(settings: Settings, *, source: Path) -> None:
    read_backup(_database(settings), BlobStore(settings.blob_address), source)
    typer.echo("已恢复")


def add(settings: Settings, *, username: str, name: str, role: str, unit: str) -> None:
    database = _database(settings)
    database.upgrade()
    _add(database, username, name, UserRole(role), unit)


def passwd(settings: Settings, *, username: str) -> None:
    password = accounts.one_time_password()
    with _database(settings).session() as session:
        user = accounts.find_user(session, username)
        accounts.set_password(session, user, password, must_change=True)
        record(session, user, "password", detail="reset", address=_HERE)
    typer.echo(f"{username} 的一次性密码：{password}")


def disable(settings: Settings, *, username: str) -> None:
    with _database(settings).session() as session:
        user = accounts.find_user(session, username)
        accounts.disable(session, user)
        record(session, user, "disable", address=_HERE)
    typer.echo(f"已停用 {username}")


def import_users(settings: Settings, *, file: Path) -> None:
    """Every row on its own: what is wrong with one keeps no other from being added."""
    from signals.cli.user_table import read_users

    database = _database(settings)
    database.upgrade()
    failed = 0
    for row in read_users(file):
        try:
            _add(database, row.username, row.name, row.role(), row.unit)
        except SignalsError as error:
            failed += 1
            typer.echo(f"第 {row.number} 行没有添加：{error}", err=True)
    if failed:
        raise RequestError("rows", f"有 {failed} 行没有添加", "请改正后只导入这些行")


def _add(database: Database, username: str, name: str, role: UserRole, unit: str) -> None:
    password = accounts.one_time_password()
    with database.session() as session:
        place = accounts.unit_at(session, unit)
        user = accounts.add_user(session, username=username, name=name, role=role, unit=place, password=password)
        record(session, user, "add_user", detail=role.value, address=_HERE)
    typer.echo(f"已添加 {username}，一次性密码：{password}")


def _database(settings: Settings) -> Database:
    settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(settings.database_address)


def _prepare(database: Database) -> None:
    """Schema of this release, and the admin of a new installation."""
    database.upgrade()
    with database.session() as session:
        password = accounts.first_admin(session)
    if password:
        typer.echo(f"第一次启动：请用用户名 admin、一次性密码 {password} 登录，随即会要求改密码")


def _started(settings: Settings) -> Worker:
    from signals.jobs.worker import Worker

    running = Worker(settings)
    running.start()
    return running


def _leave() -> None:
    """At once: threads that wait for a child would keep the process; what they were at is resumed."""
    os._exit(0)
