"""The verbs of the service: serve, worker, push, db …, user …"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

db_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="服务的数据库：升级、备份、恢复。")
user_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="服务的用户：添加、改密码、停用、批量导入。")


class RoleName(StrEnum):
    MANAGER = "manager"
    COACH = "coach"
    BRANCH_HEAD = "branch_head"
    ADMIN = "admin"


DataOption = Annotated[
    Path | None, typer.Option("--data", help="数据文件夹；默认为 SIGNALS_DATA_DIR，否则为用户数据文件夹。")
]
UnitOption = Annotated[str, typer.Option("--unit", help="所属机构，如“东区分行/一支行/甲组”；没有的会建立；空为总行。")]
Username = Annotated[str, typer.Argument(help="用户名。")]


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    app.add_typer(db_app, name="db")
    app.add_typer(user_app, name="user")
    for verb in (serve, worker, push, retag):
        app.command()(verb)


def serve(
    data: DataOption = None,
    host: Annotated[str, typer.Option("--host", help="监听的地址；0.0.0.0 让别的机器也能访问。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口。")] = 8000,
    work: Annotated[
        bool, typer.Option("--work/--no-work", help="是否在本进程里分析；另有 signals worker 时可不分析。")
    ] = True,
    proxy: Annotated[str, typer.Option("--proxy", help="信任其 X-Forwarded-For 的反向代理地址，逗号分隔。")] = "",
) -> None:
    """启动网页服务：上传录音、查看报告、修改和下载。"""
    _run("serve", data, host=host, port=port, work=work, proxy=proxy)


def worker(data: DataOption = None) -> None:
    """只做分析的工作进程；可在多台机器上运行，共用数据库和文件存储。"""
    _run("worker", data)


def push(
    file: Annotated[Path, typer.Argument(help="录音或文字稿。")],
    server: Annotated[str, typer.Option("--server", help="服务的网址，如 https://signals.example。")],
    token: Annotated[
        str,
        typer.Option(
            "--token", envvar="SIGNALS_TOKEN", help="访问令牌，在网页“我的账户”里建立；也可用环境变量 SIGNALS_TOKEN。"
        ),
    ],
    client: Annotated[str, typer.Option("--client", help="客户名称。")] = "",
    title: Annotated[str, typer.Option("--title", help="标题。")] = "",
    date: Annotated[str, typer.Option("--date", help="会谈日期，如 2026-11-20。")] = "",
    speakers: Annotated[str, typer.Option("--speakers", help="说话人数。")] = "",
    wait: Annotated[bool, typer.Option("--wait", help="等到分析完成。")] = False,
) -> None:
    """把录音上传到服务去分析。"""
    from signals.cli import push as verb
    from signals.cli.run import guarded

    with guarded():
        fields = {"client": client, "title": title, "met_on": date, "speakers": speakers}
        verb.push(file, server, token, fields, wait=wait)


def retag(
    data: DataOption = None,
    everything: Annotated[bool, typer.Option("--all", help="已是现在版本的会谈也重新识别。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出会有什么变化，不保存。")] = False,
) -> None:
    """模型、阈值或目录更新后，用保存的文字把历史会谈重新识别一遍；不重新转写，人工修改保留。"""
    _run("retag", data, everything=everything, dry_run=dry_run)


@db_app.command("upgrade")
def db_upgrade(data: DataOption = None) -> None:
    """建立数据库，或升级到本版本的结构。"""
    _run("upgrade", data)


@db_app.command("backup")
def db_backup(target: Annotated[Path, typer.Argument(help="备份文件（tar）。")], data: DataOption = None) -> None:
    """把全部数据和录音备份到一个文件；服务可以继续运行。"""
    _run("backup", data, target=target)


@db_app.command("restore")
def db_restore(source: Annotated[Path, typer.Argument(help="备份文件（tar）。")], data: DataOption = None) -> None:
    """从备份恢复到一个空的服务（也可从 SQLite 换到 PostgreSQL）。"""
    _run("restore", data, source=source)


@user_app.command("add")
def user_add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help="姓名。")] = "",
    role: Annotated[
        RoleName, typer.Option("--role", help="manager 客户经理、coach 教练、branch_head 机构负责人、admin 管理员。")
    ] = RoleName.MANAGER,
    unit: UnitOption = "",
    data: DataOption = None,
) -> None:
    """添加用户，显示一次性密码。"""
    _run("add", data, username=username, name=name, role=role.value, unit=unit)


@user_app.command("passwd")
def user_passwd(username: Username, data: DataOption = None) -> None:
    """重设密码，显示一次性密码。"""
    _run("passwd", data, username=username)


@user_app.command("disable")
def user_disable(username: Username, data: DataOption = None) -> None:
    """停用用户，立即退出登录，令牌作废。"""
    _run("disable", data, username=username)


@user_app.command("import")
def user_import(
    file: Annotated[Path, typer.Argument(help="Excel：用户名、姓名、角色、机构四列，第一行为标题。")],
    data: DataOption = None,
) -> None:
    """从 Excel 批量添加用户，逐行显示一次性密码。"""
    _run("import_users", data, file=file)


def _run(verb: str, data: Path | None, **options: Any) -> None:
    from signals.cli import service
    from signals.cli.run import guarded
    from signals.settings import Settings

    with guarded():
        settings = Settings(data_dir=data) if data else Settings()
        getattr(service, verb)(settings, **options)
